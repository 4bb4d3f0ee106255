//! The keys of servers and authorities, and what each kind signs with.
//!
//! One kind of signature belongs to one kind of key, in certificates and in `CertificateVerify`
//! alike: a server cannot choose a weaker one for its key.

use embedded_tls::SignatureScheme;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use rustls_pki_types::{AlgorithmIdentifier, alg_id};

use super::der::KeyInfo;
use super::error::{Error, Refusal};

/// Names a kind of key together with its one kind of signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ECDSA with P-256 and SHA-256.
    P256,
    /// ECDSA with P-384 and SHA-384.
    #[cfg(feature = "p384")]
    P384,
    /// Ed25519, the pure one.
    #[cfg(feature = "ed25519")]
    Ed25519,
}

impl Kind {
    /// Lists what this build can check.
    pub(super) const ALL: &'static [Self] = &[
        Self::P256,
        #[cfg(feature = "p384")]
        Self::P384,
        #[cfg(feature = "ed25519")]
        Self::Ed25519,
    ];

    /// Returns what stands before such a key in a certificate.
    pub(super) const fn key_algorithm(self) -> AlgorithmIdentifier {
        match self {
            Self::P256 => alg_id::ECDSA_P256,
            #[cfg(feature = "p384")]
            Self::P384 => alg_id::ECDSA_P384,
            #[cfg(feature = "ed25519")]
            Self::Ed25519 => alg_id::ED25519,
        }
    }

    /// Returns what stands before a signature of such a key in a certificate.
    pub(super) const fn signature_algorithm(self) -> AlgorithmIdentifier {
        match self {
            Self::P256 => alg_id::ECDSA_SHA256,
            #[cfg(feature = "p384")]
            Self::P384 => alg_id::ECDSA_SHA384,
            #[cfg(feature = "ed25519")]
            Self::Ed25519 => alg_id::ED25519,
        }
    }

    fn scheme(self) -> SignatureScheme {
        match self {
            Self::P256 => SignatureScheme::EcdsaSecp256r1Sha256,
            #[cfg(feature = "p384")]
            Self::P384 => SignatureScheme::EcdsaSecp384r1Sha384,
            #[cfg(feature = "ed25519")]
            Self::Ed25519 => SignatureScheme::Ed25519,
        }
    }
}

/// Is the public key of a server or an authority.
#[derive(Clone, Debug)]
pub struct PublicKey(Inner);

#[derive(Clone, Debug)]
enum Inner {
    P256(VerifyingKey),
    #[cfg(feature = "p384")]
    P384(p384::ecdsa::VerifyingKey),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519_compact::PublicKey),
}

impl PublicKey {
    /// Reads the key of a certificate.
    pub(super) fn read(info: &KeyInfo<'_>) -> Result<Self, Refusal> {
        let kind = Kind::ALL.iter().find(|kind| kind.key_algorithm().as_ref() == info.algorithm);
        Self::from_bits(*kind.ok_or(Error::UnsupportedAlgorithm)?, info.bits)
    }

    /// Reads the bits of a key of a known kind.
    pub(super) fn from_bits(kind: Kind, bits: &[u8]) -> Result<Self, Refusal> {
        let malformed = || Error::BadCertificate;
        Ok(Self(match kind {
            Kind::P256 => {
                Inner::P256(VerifyingKey::from_sec1_bytes(bits).map_err(|_| malformed())?)
            }
            #[cfg(feature = "p384")]
            Kind::P384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(bits);
                Inner::P384(key.map_err(|_| malformed())?)
            }
            #[cfg(feature = "ed25519")]
            Kind::Ed25519 => {
                let bytes = bits.try_into().map_err(|_| malformed())?;
                Inner::Ed25519(ed25519_compact::PublicKey::new(bytes))
            }
        }))
    }

    pub(super) fn kind(&self) -> Kind {
        match self.0 {
            Inner::P256(_) => Kind::P256,
            #[cfg(feature = "p384")]
            Inner::P384(_) => Kind::P384,
            #[cfg(feature = "ed25519")]
            Inner::Ed25519(_) => Kind::Ed25519,
        }
    }

    /// Checks the signature of a `CertificateVerify` over `content`.
    pub(super) fn check_handshake(
        &self,
        scheme: SignatureScheme,
        content: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        if scheme != self.kind().scheme() {
            return Err(Error::UnsupportedAlgorithm);
        }
        self.check(content, signature)
    }

    /// Checks a signature over `message` as it stands in certificates and on the wire.
    pub(super) fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let wrong = || Error::BadSignature;
        match &self.0 {
            Inner::P256(key) => {
                let signature = Signature::from_der(signature).map_err(|_| wrong())?;
                key.verify(message, &signature).map_err(|_| wrong())
            }
            #[cfg(feature = "p384")]
            Inner::P384(key) => {
                let signature = p384::ecdsa::Signature::from_der(signature).map_err(|_| wrong())?;
                key.verify(message, &signature).map_err(|_| wrong())
            }
            #[cfg(feature = "ed25519")]
            Inner::Ed25519(key) => {
                let bytes = signature.try_into().map_err(|_| wrong())?;
                let signature = ed25519_compact::Signature::new(bytes);
                key.verify(message, &signature).map_err(|_| wrong())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer;

    use super::*;

    #[test]
    fn no_signature_bytes_panic() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let signature = signature.to_der();
        let der = signature.as_bytes();
        let key = PublicKey(Inner::P256(*key.verifying_key()));
        assert!(key.check(b"message", der).is_ok());
        for end in 0..der.len() {
            assert!(key.check(b"message", &der[..end]).is_err());
        }
        for bit in 0..der.len() * 8 {
            let mut changed = [0; 80];
            let changed = &mut changed[..der.len()];
            changed.copy_from_slice(der);
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.check(b"message", changed).is_err(), "{bit}");
        }
    }

    #[test]
    fn a_key_signs_in_its_own_way_only() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let signature = signature.to_der();
        let key = PublicKey(Inner::P256(*key.verifying_key()));
        let check = |scheme| key.check_handshake(scheme, b"message", signature.as_bytes());
        assert_eq!(check(SignatureScheme::EcdsaSecp256r1Sha256), Ok(()));
        assert_eq!(check(SignatureScheme::Ed25519), Err(Error::UnsupportedAlgorithm));
        assert_eq!(check(SignatureScheme::EcdsaSecp384r1Sha384), Err(Error::UnsupportedAlgorithm));
    }
}
