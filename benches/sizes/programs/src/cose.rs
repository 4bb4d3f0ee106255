//! `cose`: a signed message is taken apart and shown to a key. `cose-ed25519`: to a real one.

use core::hint::black_box;

use sundew_identity::cose::Sign1;

/// What the release machine would have sent; made by `cbor2` and OpenSSL.
static MESSAGE: &[u8] = include_bytes!("signed.cose");
const END: &[u8] = b"sizes";
const LEN: usize = 64;

#[cfg(feature = "cose-ed25519")]
#[inline(never)]
pub(crate) fn ed25519() -> bool {
    use sundew_identity::cose::Ed25519;

    // Of the private key of 32 bytes of 7.
    let key = [
        0xEA, 0x4A, 0x6C, 0x63, 0xE2, 0x9C, 0x52, 0x0A, 0xBE, 0xF5, 0x50, 0x7B, 0x13, 0x2E, 0xC5,
        0xF9, 0x95, 0x47, 0x76, 0xAE, 0xBE, 0xBE, 0x7B, 0x92, 0x42, 0x1E, 0xEA, 0x69, 0x14, 0x46,
        0xD2, 0x2C,
    ];
    let Ok(signed) = Sign1::parse(black_box(MESSAGE)) else { return false };
    signed.verify(END, Ed25519::new(black_box(key))).is_ok_and(|payload| payload.len() == LEN)
}

#[cfg(not(feature = "cose-ed25519"))]
#[inline(never)]
pub(crate) fn envelope() -> bool {
    let Ok(signed) = Sign1::parse(black_box(MESSAGE)) else { return false };
    signed.verify(END, element::Element).is_ok_and(|payload| payload.len() == LEN)
}

/// Stands for a secure element that hashes by itself: what is left is this crate's part.
#[cfg(not(feature = "cose-ed25519"))]
mod element {
    use core::hint::black_box;

    use sundew_identity::cose::{Algorithm, Check, Refused, Verifier};

    pub(super) struct Element;
    pub(super) struct Sum(u8);

    impl Verifier for Element {
        type Check<'s> = Sum;

        fn algorithm(&self) -> Algorithm {
            Algorithm::ED25519
        }

        fn begin<'s>(self, signature: &'s [u8]) -> Result<Sum, Refused>
        where
            Self: 's,
        {
            if signature.len() == 64 { Ok(Sum(0)) } else { Err(Refused::Signature) }
        }
    }

    impl Check for Sum {
        fn absorb(&mut self, piece: &[u8]) {
            self.0 = black_box(piece).iter().fold(self.0, |sum, byte| sum.wrapping_add(*byte));
        }

        fn finish(self) -> Result<(), Refused> {
            if black_box(self.0) == EXPECTED { Ok(()) } else { Err(Refused::Signature) }
        }
    }

    /// The sum of all that is signed.
    const EXPECTED: u8 = 211;
}
