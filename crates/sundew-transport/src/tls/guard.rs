//! Who the server is: the engine asks, this answers, and nothing is believed before.

use core::cell::Cell;
use core::convert::Infallible;

use embedded_tls::{
    CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider, CryptoRngCore,
    TlsError, TlsVerifier,
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::inspect::{Finding, Suite};
use super::rng::Adapter;
use super::verify::Proof;

/// Says how far the server has come in proving who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Has shown nothing.
    Nothing,
    /// Has shown a chain that leads to the anchor and is for its name.
    Certificate,
    /// Has taken the shared key. That it has it too shows in each record that the cipher opens, and
    /// in `Finished`; what the engine makes of a certificate is refused.
    SharedKey,
    /// Has signed this handshake with the key of that chain, or finished it under the shared key.
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

    /// Expects no certificate: the filter lets no `ServerHello` pass that does not take the key.
    pub(super) fn expect_shared_key(&self) {
        if self.progress.get() == Progress::Nothing {
            self.progress.set(Progress::SharedKey);
        }
    }

    /// Takes note that the engine has checked `Finished`, which under a shared key is the proof.
    pub(super) fn finished(&self) {
        if self.progress.get() == Progress::SharedKey {
            self.progress.set(Progress::Verified);
        }
    }

    /// Returns whether the engine may answer a server's flight.
    ///
    /// Under a shared key the engine itself has to be trusted that it checks `Finished` before it
    /// sends its own; what is known here is that a record has gone through its cipher before.
    pub(super) fn may_answer(&self, is_in_flight: bool) -> bool {
        self.is_verified()
            || is_in_flight
                && self.progress.get() == Progress::SharedKey
                && self.verdict.get().is_none()
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
pub(super) struct Guard<'g, P: Proof, R: ?Sized> {
    rng: &'g mut R,
    verifier: Verifier<'g, P>,
}

impl<'g, P: Proof, R: ?Sized> Guard<'g, P, R> {
    pub(super) fn new(server: &'g P, findings: &'g Findings, rng: &'g mut R) -> Self {
        if server.psk().is_some() {
            findings.expect_shared_key();
        }
        Self { rng, verifier: Verifier { server, findings, shown: None } }
    }
}

impl<P: Proof, R: CryptoRng + ?Sized> CryptoProvider for Guard<'_, P, R> {
    type CipherSuite = Suite;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        Adapter(&mut *self.rng)
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Suite>, TlsError> {
        Ok(&mut self.verifier)
    }
}

struct Verifier<'g, P: Proof> {
    server: &'g P,
    findings: &'g Findings,
    shown: Option<Shown<P::Key>>,
}

/// Holds what `CertificateVerify` is checked with.
struct Shown<K> {
    key: K,
    transcript: [u8; 32],
}

impl<P: Proof> Verifier<'_, P> {
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
        self.shown = Some(Shown { key, transcript: transcript.clone().finalize().into() });
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
        let Shown { key, transcript } = self.shown.take().ok_or(Error::Bug)?;
        let content = signed_content(&transcript);
        P::check_signature(&key, &content, message)?;
        self.findings.progress.set(Progress::Verified);
        Ok(())
    }
}

impl<P: Proof> TlsVerifier<Suite> for Verifier<'_, P> {
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
    use embedded_tls::SignatureScheme;

    use super::super::Server;
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
        let server = Server::chain("broker.test", anchor, super::super::CertTime::Floor(0)).proof;
        let findings = Findings::new();
        let mut verifier = Verifier { server: &server, findings: &findings, shown: None };
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

    /// The inspector has refused such a flight before; the guard does not count on it.
    #[test]
    fn under_a_shared_key_no_certificate_counts() {
        let psk = sundew_identity::Psk { identity: b"device", key: &[7; 16] };
        let server = Server::psk(psk).proof;
        let findings = Findings::new();
        let mut rng = ();
        let mut guard = Guard::new(&server, &findings, &mut rng);
        assert!(!findings.may_answer(false), "to nothing there is no answer");
        assert!(findings.may_answer(true));
        assert!(!findings.is_verified());
        let nothing = CertificateRef::with_context(&[]);
        let found = guard.verifier.certificate(&Sha256::new(), &nothing);
        assert_eq!(found, Err(Error::OutOfOrder));
        let signature = CertificateVerifyRef {
            signature_scheme: SignatureScheme::EcdsaSecp256r1Sha256,
            signature: &[],
        };
        assert!(TlsVerifier::verify_signature(&mut guard.verifier, signature).is_err());
        findings.finished();
        assert!(findings.require_verified().is_err(), "what was refused stays refused");

        let findings = Findings::new();
        findings.finished();
        assert!(!findings.is_verified(), "without a shared key Finished proves nothing");
        findings.expect_shared_key();
        findings.finished();
        assert_eq!(findings.require_verified(), Ok(()));
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
