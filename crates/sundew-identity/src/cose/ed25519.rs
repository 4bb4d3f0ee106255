//! Ed25519 in software.

use super::{Algorithm, Check, Refused, Verifier};
use ed25519_compact::{Error, PublicKey, Signature, VerifyingState};

/// Is a public key of Ed25519 (RFC 8032), checked in software.
///
/// It takes messages of algorithm -19 only, which RFC 9864 made for Ed25519 alone. The older -8
/// names any Edwards curve; a fleet whose tools cannot write -19 yet wraps this in a [`Verifier`]
/// of its own that says so.
///
/// Keys and signatures of small order and numbers that are not reduced are refused.
///
/// *RAM*: 6.7 KB of stack (measured on thumbv6m), of which some 560 bytes stay while a signature is
/// on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ed25519([u8; 32]);

impl Ed25519 {
    /// Takes the 32 bytes of a public key; they are looked at when a signature is checked.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl Verifier for Ed25519 {
    type Check<'s> = VerifyingState;

    fn algorithm(&self) -> Algorithm {
        Algorithm::ED25519
    }

    fn begin<'s>(self, signature: &'s [u8]) -> Result<VerifyingState, Refused>
    where
        Self: 's,
    {
        let signature = signature.try_into().map_err(|_| Refused::Signature)?;
        let begun = PublicKey::new(self.0).verify_incremental(&Signature::new(signature));
        begun.map_err(|error| match error {
            Error::InvalidPublicKey | Error::WeakPublicKey => Refused::Key,
            _ => Refused::Signature,
        })
    }
}

impl Check for VerifyingState {
    fn absorb(&mut self, piece: &[u8]) {
        Self::absorb(self, piece);
    }

    fn finish(self) -> Result<(), Refused> {
        self.verify().map_err(|_| Refused::Signature)
    }
}
