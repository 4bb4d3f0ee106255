//! The profile `chain`: the server is whom the anchor's signature says (RFC 5280, RFC 6125).
//!
//! rustls-webpki builds and checks the path: signatures, dates, basicConstraints, extended key
//! usage, name constraints, unknown critical extensions, names. What it leaves out by design is
//! done here: `keyUsage` of leaf, intermediates and anchor, the path length that the anchor allows,
//! and dates against a mere floor.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;

use embedded_tls::CertificateVerifyRef;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName,
    SignatureVerificationAlgorithm, UnixTime,
};
use sundew_identity::Psk;
use webpki::EndEntityCert;

use super::der::{Certificate, KeyUsage};
use super::error::{Error, Refusal};
use super::keys::{Kind, PublicKey};
use super::verify::{CertTime, MAX_INTERMEDIATES, MAX_SIGNATURES, Proof, Shown, indication};

/// Holds the certificate authority that a device trusts to name its server.
///
/// ```
/// use sundew_transport::tls::{Error, TrustAnchor};
///
/// let provisioned: &[u8] = b"not a certificate";
/// assert_eq!(TrustAnchor::from_der(provisioned).unwrap_err(), Error::BadAnchor);
/// ```
#[derive(Clone, Debug)]
pub struct TrustAnchor<'a> {
    der: CertificateDer<'a>,
    /// How many intermediates its basicConstraints allow: webpki forgets that of an anchor.
    path_length: Option<u8>,
}

impl<'a> TrustAnchor<'a> {
    /// Takes the DER of a CA certificate, as the device record holds it.
    ///
    /// The dates and the signature of the anchor itself are not checked, here or later: it is
    /// trusted because it was provisioned.
    ///
    /// # Errors
    ///
    /// Returns [`Error::BadAnchor`] where the bytes are not one X.509 v3 certificate, where its
    /// basicConstraints do not make it an authority, or where its keyUsage forbids it to sign
    /// certificates: a server's own certificate is no anchor.
    pub fn from_der(der: &'a [u8]) -> Result<Self, Error<Infallible>> {
        let certificate = Certificate::parse(der).map_err(|_| Error::BadAnchor)?;
        if !certificate.is_authority() || !certificate.permits(KeyUsage::CertificateSigning) {
            return Err(Error::BadAnchor);
        }
        let path_length = certificate.path_length();
        let this = Self { der: CertificateDer::from(der), path_length };
        webpki::anchor_from_trusted_cert(&this.der).map_err(|_| Error::BadAnchor)?;
        Ok(this)
    }
}

/// Is the profile of [`Server::chain`](super::Server::chain).
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    pub(super) name: &'a str,
    pub(super) anchor: TrustAnchor<'a>,
    pub(super) time: CertTime,
}

impl Proof for Chain<'_> {
    type Key = PublicKey;

    fn psk(&self) -> Option<Psk<'_>> {
        None
    }

    fn indication(&self) -> Result<Option<&str>, Error<Infallible>> {
        indication(self.name)
    }

    fn check<'c>(
        &self,
        certificates: impl Iterator<Item = &'c [u8]>,
    ) -> Result<PublicKey, Error<Infallible>> {
        let shown = Shown::collect(certificates)?;
        let mut rest: [CertificateDer<'_>; MAX_INTERMEDIATES] =
            core::array::from_fn(|_| CertificateDer::from([].as_slice()));
        for (to, der) in rest.iter_mut().zip(shown.rest()) {
            *to = CertificateDer::from(*der);
        }
        let intermediates = rest.get(..shown.rest().len()).ok_or(Error::Bug)?;
        self.check_path(&CertificateDer::from(shown.leaf), intermediates)?;

        let leaf = Certificate::read(shown.leaf)?;
        leaf.require(KeyUsage::DigitalSignature)?;
        PublicKey::read(&leaf.key_info)
    }

    fn check_signature(
        key: &PublicKey,
        content: &[u8],
        message: &CertificateVerifyRef<'_>,
    ) -> Result<(), Error<Infallible>> {
        key.check_handshake(message.signature_scheme, content, message.signature)
    }
}

impl Chain<'_> {
    fn check_path(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), Refusal> {
        let anchors =
            [webpki::anchor_from_trusted_cert(&self.anchor.der).map_err(|_| Error::BadAnchor)?];
        let end = EndEntityCert::try_from(leaf).map_err(refusal)?;
        let left = AtomicU8::new(MAX_SIGNATURES);
        let p256 = Algorithm { kind: Kind::P256, left: &left };
        #[cfg(feature = "p384")]
        let p384 = Algorithm { kind: Kind::P384, left: &left };
        #[cfg(feature = "ed25519")]
        let ed25519 = Algorithm { kind: Kind::Ed25519, left: &left };
        let algorithms: &[&dyn SignatureVerificationAlgorithm] = &[
            &p256,
            #[cfg(feature = "p384")]
            &p384,
            #[cfg(feature = "ed25519")]
            &ed25519,
        ];
        let mut moment = match self.time {
            CertTime::Now(now) => now,
            CertTime::Floor(floor) => floor,
        };
        // With a floor the moment moves up to each notBefore of the path in turn, so it ends at
        // the first moment at which the whole path is valid, if there is one.
        for _ in 0..=MAX_INTERMEDIATES + 1 {
            let checked = end.verify_for_usage(
                algorithms,
                &anchors,
                intermediates,
                UnixTime::since_unix_epoch(Duration::from_secs(moment)),
                webpki::KeyUsage::server_auth(),
                None,
                None,
            );
            match (checked, self.time) {
                (Ok(path), _) => {
                    let longest = self.anchor.path_length.map_or(usize::MAX, usize::from);
                    if path.intermediate_certificates().count() > longest {
                        return Err(Error::UntrustedIssuer);
                    }
                    for issuer in path.intermediate_certificates() {
                        let issuer = issuer.der();
                        Certificate::read(&issuer)?.require(KeyUsage::CertificateSigning)?;
                    }
                    let name = ServerName::try_from(self.name).map_err(|_| Error::BadServerName)?;
                    return end.verify_is_valid_for_subject_name(&name).map_err(refusal);
                }
                (Err(webpki::Error::CertNotValidYet { not_before, .. }), CertTime::Floor(_))
                    if not_before.as_secs() > moment =>
                {
                    moment = not_before.as_secs();
                }
                (Err(error), _) => return Err(refusal(error)),
            }
        }
        Err(Error::NotYetValid)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the end of the error: used with map_err")]
fn refusal(error: webpki::Error) -> Refusal {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } => Error::Expired,
        E::CertNotValidYet { .. } => Error::NotYetValid,
        E::CertNotValidForName(_) => Error::WrongName,
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => Error::WrongUsage,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Error::UnsupportedAlgorithm,
        E::UnknownIssuer
        | E::InvalidSignatureForPublicKey
        | E::CaUsedAsEndEntity
        | E::EndEntityUsedAsCa
        | E::PathLenConstraintViolated
        | E::NameConstraintViolation
        | E::CertDistrusted
        | E::MaximumPathDepthExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumNameConstraintComparisonsExceeded
        | E::MaximumSignatureChecksExceeded => Error::UntrustedIssuer,
        _ => Error::BadCertificate,
    }
}

/// Checks one kind of signature, and no more than [`MAX_SIGNATURES`] of all kinds together.
#[derive(Debug)]
struct Algorithm<'l> {
    kind: Kind,
    /// An atomic because the trait asks for `Sync`; it is only loaded and stored.
    left: &'l AtomicU8,
}

impl SignatureVerificationAlgorithm for Algorithm<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let left = self.left.load(Ordering::Relaxed).checked_sub(1).ok_or(InvalidSignature)?;
        self.left.store(left, Ordering::Relaxed);
        let key = PublicKey::from_bits(self.kind, public_key).map_err(|_| InvalidSignature)?;
        key.check(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.kind.key_algorithm()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.kind.signature_algorithm()
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};

    use super::*;

    #[test]
    fn a_chain_may_cost_so_many_signatures_and_no_more() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let signature = signature.to_der();
        let point = key.verifying_key().to_encoded_point(false);
        let left = AtomicU8::new(MAX_SIGNATURES);
        let algorithm = Algorithm { kind: Kind::P256, left: &left };
        let check =
            || algorithm.verify_signature(point.as_bytes(), b"message", signature.as_bytes());
        for _ in 0..MAX_SIGNATURES {
            assert!(check().is_ok());
        }
        assert!(check().is_err());
    }
}
