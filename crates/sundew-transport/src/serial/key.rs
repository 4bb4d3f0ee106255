//! The seal: Ascon-AEAD128 (NIST SP 800-232).

use core::fmt;

use ascon_aead::aead::inout::InOutBuf;
use ascon_aead::aead::{AeadInOut, KeyInit};
use ascon_aead::{AsconAead128, AsconAead128Nonce, AsconAead128Tag};

use super::frame::HEADER;
use super::guard::Guard;

/// Seals frames with a key that one device and its gateway share, and nobody else.
///
/// Ascon-AEAD128 of the crate `ascon-aead`: of the ciphers measured the smallest and fastest on an 8-bit
/// part. The nonce is the header (kind, device, number) and zeros, so that a number must never come twice
/// under one key: numbers come from [`FrameNumbers`](sundew_identity::FrameNumbers). The key is wiped when
/// it is dropped; the copies that the cipher makes on the stack are not (`ascon-aead` 0.6 does not
/// compile with its feature `zeroize` alone).
///
/// *RAM*: 16 bytes.
#[derive(Clone)]
pub struct Key([u8; 16]);

impl Key {
    /// Takes the key from the device record.
    pub const fn new(key: [u8; 16]) -> Self {
        Self(key)
    }

    fn cipher(&self) -> AsconAead128 {
        AsconAead128::new(&self.0.into())
    }
}

impl Guard for Key {
    const FAMILY: u8 = 0x20;
    const BYTES: usize = 16;

    fn protect(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &mut [u8]) {
        // An error would be a body of 2^64 bytes. The trailer of zeros that it leaves opens nothing.
        if let Ok(tag) =
            self.cipher().encrypt_inout_detached(&nonce(header), &[], InOutBuf::from(body))
        {
            super::copy(trailer, &tag);
        }
    }

    fn check(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &[u8]) -> bool {
        let Ok(tag) = <[u8; 16]>::try_from(trailer) else { return false };
        let tag = AsconAead128Tag::from(tag);
        self.cipher()
            .decrypt_inout_detached(&nonce(header), &[], InOutBuf::from(body), &tag)
            .is_ok()
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Debug for Key {
    /// Writes nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Key {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Key(..)");
    }
}

fn nonce(header: &[u8; HEADER]) -> AsconAead128Nonce {
    let mut nonce = [0; 16];
    super::copy(&mut nonce, header);
    nonce.into()
}
