//! Who the server has to be, and what proves it: one type for each profile.

use core::convert::Infallible;

use embedded_tls::CertificateVerifyRef;
use rustls_pki_types::ServerName;
use sundew_identity::Psk;

use super::chain::{Chain, TrustAnchor};
use super::error::{Error, Refusal};
use super::pin::Pinned;
use super::shared_key::SharedKey;

/// Caps how many intermediate certificates a server may send.
pub const MAX_INTERMEDIATES: usize = 4;

/// Caps the signature checks of one chain. The longest chain needs 5; without a cap a server that
/// is nobody yet could cause 65 (every order of 4 intermediates under the anchor's name) for each
/// of 6 moments under a floor, at some 15 million instructions each on a Cortex-M0.
pub(super) const MAX_SIGNATURES: u8 = 16;

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

/// Says who the server of a session is and why it would be believed: `P` is the profile.
///
/// There is one constructor for each profile and no other; a firmware that uses one of them does
/// not carry the code of the others. What each of them checks, beside the proof that the server
/// holds the key (its signature over this very handshake, or records and `Finished` under the
/// shared key):
///
/// | | [`psk`](Server::psk) | [`pin`](Server::pin) | [`chain`](Server::chain) |
/// |---|---|---|---|
/// | believed because of | the key of this device | the hash of a public key | a signature of the anchor |
/// | name: DNS or IP address, in `subjectAltName` | no: who has the key is the server | yes | yes |
/// | `keyUsage` and extended key usage of the server | - | yes | yes |
/// | dates, against the clock or the floor | - | of all up to the pinned one | of all below the anchor |
/// | signatures of certificates | - | of all below the pinned one | of all |
/// | `basicConstraints`, path length, `keyUsage`, extended key usage of issuers | - | yes | yes |
/// | name constraints | - | an issuer that has them is refused | obeyed |
/// | critical extensions that are not known | - | refused | refused |
/// | certificates that lead nowhere | any certificate is refused | passed over | passed over |
///
/// In the profile `pin`, a server whose own key is pinned may call itself an authority (as
/// self-signed certificates often do), and nobody needs to have signed its certificate.
#[derive(Clone, Debug)]
pub struct Server<P> {
    pub(super) proof: P,
}

impl<'a> Server<SharedKey<'a>> {
    /// Expects a server that has the key of this device, and no certificate.
    ///
    /// The key is mixed into an ephemeral key exchange (`psk_dhe_ke`): what was recorded stays
    /// secret if the key is lost. Whoever has the key can be this server and this device, so
    /// no two devices share one. A handshake is refused that the server did with a certificate
    /// instead; the key has to have 16 bytes and the identity 1 to 128.
    pub const fn psk(key: Psk<'a>) -> Self {
        Self { proof: SharedKey { psk: key } }
    }
}

impl<'a> Server<Pinned<'a>> {
    /// Expects the server called `name` (DNS name or IP address, without port), whose public key,
    /// or that of an authority in the chain that it sends, is one of `pins`.
    ///
    /// A pin is the SHA-256 of the `SubjectPublicKeyInfo` in DER. Have two, the second one of a key
    /// that is not in use yet: a device with one pin is lost with that key.
    pub const fn pin(name: &'a str, pins: &'a [[u8; 32]], time: CertTime) -> Self {
        Self { proof: Pinned { name, pins, time } }
    }
}

impl<'a> Server<Chain<'a>> {
    /// Expects the server called `name` (DNS name or IP address, without port) to have a
    /// certificate that leads to `anchor`.
    pub const fn chain(name: &'a str, anchor: TrustAnchor<'a>, time: CertTime) -> Self {
        Self { proof: Chain { name, anchor, time } }
    }
}

/// Is one of the three ways to believe a server: [`SharedKey`], [`Pinned`], [`Chain`].
///
/// It is sealed: nobody adds a way that checks less.
pub trait Profile: Proof {}

impl Profile for SharedKey<'_> {}
impl Profile for Pinned<'_> {}
impl Profile for Chain<'_> {}

/// Is what guard and ledger ask a profile.
pub trait Proof {
    /// Is the key that a server signs the handshake with; there is none where it signs nothing, and
    /// no code for it.
    type Key;

    /// Returns the key that is offered in the `ClientHello`. Where there is one, the server has to
    /// take it and to send no certificate.
    fn psk(&self) -> Option<Psk<'_>>;

    /// Returns the name to ask for in the `ClientHello`.
    ///
    /// # Errors
    ///
    /// The profile was made with something that cannot be.
    fn indication(&self) -> Result<Option<&str>, Error<Infallible>>;

    /// Checks the certificates of a server, its own first, and returns its key.
    ///
    /// # Errors
    ///
    /// The certificates prove nothing.
    fn check<'c>(
        &self,
        certificates: impl Iterator<Item = &'c [u8]>,
    ) -> Result<Self::Key, Error<Infallible>>;

    /// Checks the signature of a `CertificateVerify` over `content`.
    ///
    /// # Errors
    ///
    /// It is none of this key.
    fn check_signature(
        key: &Self::Key,
        content: &[u8],
        message: &CertificateVerifyRef<'_>,
    ) -> Result<(), Error<Infallible>>;
}

/// Checks certificates as a session would, for the fuzzer: there is no other way around a handshake.
///
/// # Errors
///
/// The certificates prove nothing.
#[cfg(fuzzing)]
pub fn check_certificates<'c, P: Profile>(
    server: &Server<P>,
    certificates: impl Iterator<Item = &'c [u8]>,
) -> Result<(), Error<Infallible>> {
    server.proof.check(certificates).map(drop)
}

/// Returns the name to ask for: addresses are not sent (RFC 6066 section 3).
pub(super) fn indication(name: &str) -> Result<Option<&str>, Refusal> {
    match ServerName::try_from(name) {
        // The engine would send the final dot, which RFC 6066 forbids.
        Ok(ServerName::DnsName(_)) if !name.ends_with('.') => Ok(Some(name)),
        Ok(ServerName::IpAddress(_)) => Ok(None),
        _ => Err(Error::BadServerName),
    }
}

/// Collects the certificates of a server: its own, and those that may lead from it.
pub(super) struct Shown<'c> {
    pub(super) leaf: &'c [u8],
    rest: [&'c [u8]; MAX_INTERMEDIATES],
    count: usize,
}

impl<'c> Shown<'c> {
    pub(super) fn collect(mut all: impl Iterator<Item = &'c [u8]>) -> Result<Self, Refusal> {
        let leaf = all.next().ok_or(Error::MissingCertificate)?;
        let mut this = Self { leaf, rest: [&[]; MAX_INTERMEDIATES], count: 0 };
        for der in all {
            *this.rest.get_mut(this.count).ok_or(Error::TooManyCertificates)? = der;
            this.count += 1;
        }
        Ok(this)
    }

    /// Returns all but the server's own.
    pub(super) fn rest(&self) -> &[&'c [u8]] {
        self.rest.get(..self.count).unwrap_or_default()
    }
}
