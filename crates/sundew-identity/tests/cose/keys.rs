//! Keys that are not the crate's own, to show that its traits take them.

use ed25519_compact::{KeyPair, Seed};
use p256::ecdsa::signature::DigestVerifier;
use sha2::{Digest, Sha256};
use sundew_identity::cose::{Algorithm, Check, Ed25519, Refused, Signer, Verifier};

/// Signs by Ed25519, and claims any algorithm.
pub(crate) struct Factory(pub(crate) KeyPair, pub(crate) Algorithm);

impl Factory {
    pub(crate) fn new(seed: u8) -> Self {
        Self(KeyPair::from_seed(Seed::new([seed; 32])), Algorithm::ED25519)
    }

    pub(crate) fn public(&self) -> Ed25519 {
        Ed25519::new(*self.0.pk)
    }
}

impl Signer for Factory {
    fn algorithm(&self) -> Algorithm {
        self.1
    }

    fn sign(&mut self, parts: &[&[u8]], signature: &mut [u8]) -> Result<usize, Refused> {
        let made = self.0.sk.sign(parts.concat(), None);
        let to = signature.get_mut(..made.len()).ok_or(Refused::Room { needed: made.len() })?;
        to.copy_from_slice(made.as_ref());
        Ok(made.len())
    }
}

/// Takes the deprecated number of Ed25519, as a fleet with older tools would.
pub(crate) struct Eddsa(pub(crate) Ed25519);

impl Verifier for Eddsa {
    type Check<'s> = <Ed25519 as Verifier>::Check<'s>;

    fn algorithm(&self) -> Algorithm {
        Algorithm::EDDSA
    }

    fn begin<'s>(self, signature: &'s [u8]) -> Result<Self::Check<'s>, Refused>
    where
        Self: 's,
    {
        self.0.begin(signature)
    }
}

/// Stands for a secure element: it is borrowed, hashes outside and is asked at the end.
pub(crate) struct Element {
    pub(crate) key: p256::ecdsa::VerifyingKey,
    pub(crate) asked: u32,
}

pub(crate) struct Asking<'s> {
    element: &'s mut Element,
    signature: &'s [u8],
    hash: Sha256,
}

impl Verifier for &mut Element {
    type Check<'s>
        = Asking<'s>
    where
        Self: 's;

    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }

    fn begin<'s>(self, signature: &'s [u8]) -> Result<Asking<'s>, Refused>
    where
        Self: 's,
    {
        Ok(Asking { element: self, signature, hash: Sha256::new() })
    }
}

impl Check for Asking<'_> {
    fn absorb(&mut self, piece: &[u8]) {
        self.hash.update(piece);
    }

    fn finish(self) -> Result<(), Refused> {
        self.element.asked += 1;
        let signature =
            p256::ecdsa::Signature::from_slice(self.signature).map_err(|_| Refused::Signature)?;
        let verified = self.element.key.verify_digest(self.hash, &signature);
        verified.map_err(|_| Refused::Signature)
    }
}
