//! The generator of the caller, dressed for the engine, which still asks for `rand_core` 0.6.

use p256::elliptic_curve::rand_core as engine;
use rand_core::CryptoRng;

/// Lends a generator of today to the engine.
pub(super) struct Adapter<'r, R: ?Sized>(pub(super) &'r mut R);

impl<R: CryptoRng + ?Sized> engine::RngCore for Adapter<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), engine::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng + ?Sized> engine::CryptoRng for Adapter<'_, R> {}
