//! Whether a chain of certificates proves the server's name (RFC 5280, RFC 6125).
//!
//! rustls-webpki builds and checks the path: signatures, dates, basicConstraints, extended key
//! usage, name constraints, unknown critical extensions, names. What it leaves out by design is
//! done here: `keyUsage` of leaf, intermediates and anchor, the path length that the anchor allows,
//! and dates against a mere floor.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU8, Ordering};
use core::time::Duration;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName,
    SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use webpki::EndEntityCert;

use super::der::{Certificate, KeyUsage};
use super::error::Error;

/// Caps how many intermediate certificates a server may send.
pub const MAX_INTERMEDIATES: usize = 4;

/// Caps the signature checks of one chain. The longest chain needs 5; without a cap a server that
/// is nobody yet could cause 65 (every order of 4 intermediates under the anchor's name) for each
/// of 6 moments under a floor, at some 15 million instructions each on a Cortex-M0.
const MAX_SIGNATURES: u8 = 16;

type Refusal = Error<Infallible>;

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

/// Says what is known of the time that certificates are checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CertTime {
    /// Holds the present in Unix seconds: every certificate has to be valid now.
    Now(u64),
    /// Holds a time in Unix seconds that has surely passed, such as that of the build.
    ///
    /// The chain has to be valid at one moment at or after the floor. So a certificate that ended
    /// before the floor is refused; one that ended since then is not noticed, and none is refused
    /// for being too new. A floor stops old stolen keys, not yesterday's.
    Floor(u64),
}

/// Names the server of a session and says why it would be believed.
///
/// All three parts are needed: there is no session with an unnamed or unverified server.
#[derive(Clone, Debug)]
pub struct Server<'a> {
    name: &'a str,
    anchor: TrustAnchor<'a>,
    time: CertTime,
}

impl<'a> Server<'a> {
    /// Expects the server called `name` (DNS name or IP address, without port) to have a
    /// certificate that leads to `anchor`.
    pub fn new(name: &'a str, anchor: TrustAnchor<'a>, time: CertTime) -> Self {
        Self { name, anchor, time }
    }

    /// Returns the name to ask for in the `ClientHello`: addresses are not sent (RFC 6066
    /// section 3).
    pub(super) fn indication(&self) -> Result<Option<&'a str>, Refusal> {
        match ServerName::try_from(self.name) {
            // The engine would send the final dot, which RFC 6066 forbids.
            Ok(ServerName::DnsName(_)) if !self.name.ends_with('.') => Ok(Some(self.name)),
            Ok(ServerName::IpAddress(_)) => Ok(None),
            _ => Err(Error::BadServerName),
        }
    }

    /// Checks the certificates of a server, its own first, and returns its key.
    pub(super) fn check<'c>(
        &self,
        mut certificates: impl Iterator<Item = &'c [u8]>,
    ) -> Result<VerifyingKey, Refusal> {
        let leaf = CertificateDer::from(certificates.next().ok_or(Error::MissingCertificate)?);
        let mut rest: [CertificateDer<'_>; MAX_INTERMEDIATES] =
            core::array::from_fn(|_| CertificateDer::from([].as_slice()));
        let mut count = 0;
        for der in certificates {
            *rest.get_mut(count).ok_or(Error::TooManyCertificates)? = CertificateDer::from(der);
            count += 1;
        }
        let intermediates = rest.get(..count).ok_or(Error::Bug)?;
        self.check_path(&leaf, intermediates)?;

        let leaf = parse(&leaf)?;
        require_usage(&leaf, KeyUsage::DigitalSignature)?;
        let point = leaf.key(&alg_id::ECDSA_P256).ok_or(Error::UnsupportedAlgorithm)?;
        VerifyingKey::from_sec1_bytes(point).map_err(|_| Error::BadCertificate)
    }

    fn check_path(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), Refusal> {
        let anchors =
            [webpki::anchor_from_trusted_cert(&self.anchor.der).map_err(|_| Error::BadAnchor)?];
        let end = EndEntityCert::try_from(leaf).map_err(refusal)?;
        let algorithm = EcdsaP256Sha256::new();
        let mut moment = match self.time {
            CertTime::Now(now) => now,
            CertTime::Floor(floor) => floor,
        };
        // With a floor the moment moves up to each notBefore of the path in turn, so it ends at
        // the first moment at which the whole path is valid, if there is one.
        for _ in 0..=MAX_INTERMEDIATES + 1 {
            let checked = end.verify_for_usage(
                &[&algorithm],
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
                        require_usage(&parse(&issuer.der())?, KeyUsage::CertificateSigning)?;
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

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Refusal> {
    Certificate::parse(der).map_err(|_| Error::BadCertificate)
}

fn require_usage(certificate: &Certificate<'_>, usage: KeyUsage) -> Result<(), Refusal> {
    if certificate.permits(usage) { Ok(()) } else { Err(Error::WrongUsage) }
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

/// Checks ECDSA signatures with P-256 and SHA-256, the one kind that a path may hold, and no more
/// than [`MAX_SIGNATURES`] of them.
#[derive(Debug)]
struct EcdsaP256Sha256 {
    /// An atomic because the trait asks for `Sync`; it is only loaded and stored.
    left: AtomicU8,
}

impl EcdsaP256Sha256 {
    const fn new() -> Self {
        Self { left: AtomicU8::new(MAX_SIGNATURES) }
    }
}

impl SignatureVerificationAlgorithm for EcdsaP256Sha256 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let left = self.left.load(Ordering::Relaxed).checked_sub(1).ok_or(InvalidSignature)?;
        self.left.store(left, Ordering::Relaxed);
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        check_signature(&key, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

/// Checks a DER signature over the SHA-256 of `message`.
pub(super) fn check_signature(
    key: &VerifyingKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let signature = Signature::from_der(signature).map_err(|_| Error::BadSignature)?;
    key.verify(message, &signature).map_err(|_| Error::BadSignature)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer;

    use super::*;

    #[test]
    fn a_chain_may_cost_so_many_signatures_and_no_more() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let signature = signature.to_der();
        let point = key.verifying_key().to_encoded_point(false);
        let algorithm = EcdsaP256Sha256::new();
        let check =
            || algorithm.verify_signature(point.as_bytes(), b"message", signature.as_bytes());
        for _ in 0..MAX_SIGNATURES {
            assert!(check().is_ok());
        }
        assert!(check().is_err());
    }

    #[test]
    fn no_signature_bytes_panic() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let signature = signature.to_der();
        let der = signature.as_bytes();
        for end in 0..der.len() {
            assert!(check_signature(key.verifying_key(), b"message", &der[..end]).is_err());
        }
        for bit in 0..der.len() * 8 {
            let mut changed = [0; 80];
            let changed = &mut changed[..der.len()];
            changed.copy_from_slice(der);
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(check_signature(key.verifying_key(), b"message", changed).is_err(), "{bit}");
        }
    }
}
