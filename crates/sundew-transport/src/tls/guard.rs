//! Who the server is: the engine asks, this answers, and nothing is believed before.

use core::cell::Cell;
use core::convert::Infallible;

use embedded_tls::{
    CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider, CryptoRngCore,
    SignatureScheme, TlsError, TlsVerifier,
};
use p256::ecdsa::VerifyingKey;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::inspect::{Finding, Suite};
use super::rng::Adapter;
use super::verify::{Server, check_signature};

/// Says how far the server has come in proving who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Has shown nothing.
    Nothing,
    /// Has shown a chain that leads to the anchor and is for its name.
    Certificate,
    /// Has signed this handshake with the key of that chain.
    Verified,
}

/// Holds what guard and filter know of one session; both look here before they let a byte pass.
#[derive(Debug)]
pub(super) struct Findings {
    progress: Cell<Progress>,
    verdict: Cell<Option<Error<Infallible>>>,
}

impl Findings {
    pub(super) const fn new() -> Self {
        Self { progress: Cell::new(Progress::Nothing), verdict: Cell::new(None) }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// Lets a session begin only where the flag says so; that the engine is content is not enough.
    pub(super) fn require_verified(&self) -> Result<(), Error<Infallible>> {
        if self.is_verified() {
            return Ok(());
        }
        Err(self.verdict().unwrap_or(Error::MissingCertificate))
    }

    /// Returns whether the server is verified and nothing was refused: the fail-closed flag.
    pub(super) fn is_verified(&self) -> bool {
        self.progress.get() == Progress::Verified && self.verdict.get().is_none()
    }

    /// Returns the first refusal.
    pub(super) fn verdict(&self) -> Option<Error<Infallible>> {
        self.verdict.get()
    }

    /// Notes a refusal; the first one stays.
    pub(super) fn refuse(&self, error: Error<Infallible>) {
        if self.verdict.get().is_none() {
            self.verdict.set(Some(error));
        }
    }
}

/// Gives the engine its randomness and its verifier, and no key to sign with.
///
/// The engine's other verifiers cannot be reached from here: a session has this one or none.
pub(super) struct Guard<'g, R: ?Sized> {
    rng: &'g mut R,
    verifier: Verifier<'g>,
}

impl<'g, R: ?Sized> Guard<'g, R> {
    pub(super) fn new(server: &'g Server<'g>, findings: &'g Findings, rng: &'g mut R) -> Self {
        Self { rng, verifier: Verifier { server, findings, proof: None } }
    }
}

impl<R: CryptoRng + ?Sized> CryptoProvider for Guard<'_, R> {
    type CipherSuite = Suite;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        Adapter(&mut *self.rng)
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Suite>, TlsError> {
        Ok(&mut self.verifier)
    }
}

struct Verifier<'g> {
    server: &'g Server<'g>,
    findings: &'g Findings,
    proof: Option<Proof>,
}

/// Holds what `CertificateVerify` is checked with.
struct Proof {
    key: VerifyingKey,
    transcript: [u8; 32],
}

impl Verifier<'_> {
    fn certificate(
        &mut self,
        transcript: &Sha256,
        message: &CertificateRef<'_>,
    ) -> Result<(), Error<Infallible>> {
        if let [CertificateEntryRef::X509(entry)] = *message.entries
            && let Some(finding) = Finding::read(entry)
        {
            return Err(finding.into());
        }
        if self.findings.progress() != Progress::Nothing {
            return Err(Error::OutOfOrder);
        }
        let entries = message.entries.iter().map(|entry| match entry {
            // The engine never makes the other kind; as X.509 it would not parse.
            CertificateEntryRef::X509(der) | CertificateEntryRef::RawPublicKey(der) => *der,
        });
        let key = self.server.check(entries)?;
        self.proof = Some(Proof { key, transcript: transcript.clone().finalize().into() });
        self.findings.progress.set(Progress::Certificate);
        Ok(())
    }

    fn signature(&mut self, message: &CertificateVerifyRef<'_>) -> Result<(), Error<Infallible>> {
        if self.findings.progress() != Progress::Certificate {
            return Err(match self.findings.progress() {
                Progress::Nothing => Error::MissingCertificate,
                _ => Error::OutOfOrder,
            });
        }
        let proof = self.proof.take().ok_or(Error::Bug)?;
        if message.signature_scheme != SignatureScheme::EcdsaSecp256r1Sha256 {
            return Err(Error::UnsupportedAlgorithm);
        }
        check_signature(&proof.key, &signed_content(&proof.transcript), message.signature)?;
        self.findings.progress.set(Progress::Verified);
        Ok(())
    }
}

impl TlsVerifier<Suite> for Verifier<'_> {
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), TlsError> {
        Ok(()) // The name comes from `Server`, whether or not the engine sends it.
    }

    fn verify_certificate(
        &mut self,
        transcript: &Sha256,
        message: CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        self.certificate(transcript, &message).map_err(|error| {
            self.findings.refuse(error);
            TlsError::InvalidCertificate
        })
    }

    fn verify_signature(&mut self, message: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        self.signature(&message).map_err(|error| {
            self.findings.refuse(error);
            TlsError::InvalidSignature
        })
    }
}

/// Returns what the server signs (RFC 8446 section 4.4.3).
fn signed_content(transcript: &[u8; 32]) -> [u8; 130] {
    const CONTEXT: &[u8; 34] = b"TLS 1.3, server CertificateVerify\0";
    let mut content = [0x20; 130];
    let (head, hash) = content.split_at_mut(98);
    hash.copy_from_slice(transcript);
    if let Some((_, context)) = head.split_at_mut_checked(64) {
        context.copy_from_slice(CONTEXT);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_content_is_that_of_the_rfc() {
        // The example of RFC 8446 section 4.4.3, with 32 bytes of 01 for the hash.
        let content = signed_content(&[1; 32]);
        assert_eq!(content[..64], [0x20; 64]);
        assert_eq!(&content[64..97], b"TLS 1.3, server CertificateVerify");
        assert_eq!(content[97], 0);
        assert_eq!(content[98..], [1; 32]);
    }

    /// The inspector has refused such a flight before; the guard does not count on it.
    #[test]
    fn the_guard_keeps_the_order_by_itself() {
        let anchor = include_bytes!("guard/authority.der");
        let anchor = super::super::TrustAnchor::from_der(anchor).unwrap();
        let server = Server::new("broker.test", anchor, super::super::CertTime::Floor(0));
        let findings = Findings::new();
        let mut verifier = Verifier { server: &server, findings: &findings, proof: None };
        let signature = CertificateVerifyRef {
            signature_scheme: SignatureScheme::EcdsaSecp256r1Sha256,
            signature: &[],
        };
        assert_eq!(verifier.signature(&signature), Err(Error::MissingCertificate));
        let nothing = CertificateRef::with_context(&[]);
        assert_eq!(
            verifier.certificate(&Sha256::new(), &nothing),
            Err(Error::MissingCertificate),
            "an empty Certificate message is none"
        );
        for progress in [Progress::Certificate, Progress::Verified] {
            findings.progress.set(progress);
            assert_eq!(verifier.certificate(&Sha256::new(), &nothing), Err(Error::OutOfOrder));
        }
        assert_eq!(verifier.signature(&signature), Err(Error::OutOfOrder), "a second one");
        assert!(TlsVerifier::verify_signature(&mut verifier, signature).is_err());
        assert!(!findings.is_verified(), "and the session stays shut");
    }

    #[test]
    fn the_first_refusal_stays_and_closes() {
        let findings = Findings::new();
        findings.progress.set(Progress::Verified);
        assert!(findings.is_verified());
        assert_eq!(findings.require_verified(), Ok(()));
        findings.refuse(Error::OutOfOrder);
        findings.refuse(Error::Bug);
        assert!(!findings.is_verified());
        assert_eq!(findings.verdict(), Some(Error::OutOfOrder));
        assert_eq!(findings.require_verified(), Err(Error::OutOfOrder));
        assert_eq!(Findings::new().require_verified(), Err(Error::MissingCertificate));
    }
}
