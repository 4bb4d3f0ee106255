//! The profile `pin`: the server is who has a key that was named, or whom such a key vouches for.
//!
//! The path is short and goes one way: from the server's certificate, issuer by issuer, to the
//! first one whose key is pinned. There is no search back, no cross-signing and no policy, which is
//! why this is small; whatever it does not understand is refused.

use core::convert::Infallible;

use embedded_tls::CertificateVerifyRef;
use rustls_pki_types::{IpAddr, ServerName};
use sha2::{Digest, Sha256};
use sundew_identity::Psk;

use super::der::{Certificate, KeyUsage};
use super::error::{Error, Refusal};
use super::keys::PublicKey;
use super::verify::{CertTime, MAX_SIGNATURES, Proof, Shown, indication};

/// The tag of a name that is one of DNS.
const DNS: u8 = 0x82;
/// The tag of a name that is an address.
const ADDRESS: u8 = 0x87;

/// Is the profile of [`Server::pin`](super::Server::pin).
#[derive(Clone, Debug)]
pub struct Pinned<'a> {
    pub(super) name: &'a str,
    pub(super) pins: &'a [[u8; 32]],
    pub(super) time: CertTime,
}

impl Proof for Pinned<'_> {
    type Key = PublicKey;

    fn psk(&self) -> Option<Psk<'_>> {
        None
    }

    fn indication(&self) -> Result<Option<&str>, Error<Infallible>> {
        if self.pins.is_empty() {
            return Err(Error::BadAnchor);
        }
        indication(self.name)
    }

    fn check<'c>(
        &self,
        certificates: impl Iterator<Item = &'c [u8]>,
    ) -> Result<PublicKey, Error<Infallible>> {
        let shown = Shown::collect(certificates)?;
        let leaf = Certificate::read(shown.leaf)?;
        self.follow(leaf, shown.rest())?;
        leaf.require(KeyUsage::DigitalSignature)?;
        if !self.names(&leaf)? {
            return Err(Error::WrongName);
        }
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

impl Pinned<'_> {
    /// Goes from the server's certificate to one whose key is pinned.
    fn follow(&self, leaf: Certificate<'_>, rest: &[&[u8]]) -> Result<(), Refusal> {
        let mut moment = Moment::new(self.time);
        let mut left = MAX_SIGNATURES;
        let mut current = leaf;
        // As many steps as there are certificates, so that a circle ends.
        for below in 0..=rest.len() {
            if current.has_unknown_critical {
                return Err(Error::BadCertificate);
            }
            if !current.serves().map_err(|_| Error::BadCertificate)? {
                return Err(Error::WrongUsage);
            }
            moment.narrow(current.validity().map_err(|_| Error::BadCertificate)?)?;
            if self.is_pinned(&current) {
                return Ok(());
            }
            if below == 0 && leaf.is_authority() {
                return Err(Error::UntrustedIssuer);
            }
            current = issuer(&current, below, rest, &mut left)?;
        }
        Err(Error::UntrustedIssuer)
    }

    fn is_pinned(&self, certificate: &Certificate<'_>) -> bool {
        let hash: [u8; 32] = Sha256::digest(certificate.key_info.der).into();
        self.pins.contains(&hash)
    }

    fn names(&self, leaf: &Certificate<'_>) -> Result<bool, Refusal> {
        let name = ServerName::try_from(self.name).map_err(|_| Error::BadServerName)?;
        let found = match &name {
            ServerName::DnsName(name) => {
                let name = name.as_ref().as_bytes();
                leaf.has_name(|tag, shown| tag == DNS && stands_for(shown, name))
            }
            ServerName::IpAddress(IpAddr::V4(address)) => {
                leaf.has_name(|tag, shown| tag == ADDRESS && shown == address.as_ref())
            }
            ServerName::IpAddress(IpAddr::V6(address)) => {
                leaf.has_name(|tag, shown| tag == ADDRESS && shown == address.as_ref())
            }
            _ => return Err(Error::BadServerName),
        };
        found.map_err(|_| Error::BadCertificate)
    }
}

/// Returns the certificate that issued `subject`, which stands over `below` intermediates.
fn issuer<'c>(
    subject: &Certificate<'_>,
    below: usize,
    rest: &[&'c [u8]],
    left: &mut u8,
) -> Result<Certificate<'c>, Refusal> {
    let mut reason = Error::UntrustedIssuer;
    for der in rest {
        let candidate = Certificate::read(der)?;
        if candidate.subject != subject.issuer || !candidate.is_authority() {
            continue;
        }
        let longest = candidate.path_length().map_or(usize::MAX, usize::from);
        if below > longest || candidate.limits_names {
            continue;
        }
        let key = match PublicKey::read(&candidate.key_info) {
            Ok(key) => key,
            Err(error) => {
                reason = error;
                continue;
            }
        };
        if key.kind().signature_algorithm().as_ref() != subject.signature_algorithm {
            continue;
        }
        *left = left.checked_sub(1).ok_or(Error::UntrustedIssuer)?;
        if key.check(subject.signed, subject.signature).is_err() {
            continue;
        }
        match candidate.require(KeyUsage::CertificateSigning) {
            Ok(()) => return Ok(candidate),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

/// Holds the moments at which everything so far is valid.
struct Moment {
    earliest: u64,
    latest: u64,
    is_now: bool,
}

impl Moment {
    fn new(time: CertTime) -> Self {
        match time {
            CertTime::Now(now) => Self { earliest: now, latest: now, is_now: true },
            CertTime::Floor(floor) => Self { earliest: floor, latest: u64::MAX, is_now: false },
        }
    }

    fn narrow(&mut self, (begin, end): (u64, u64)) -> Result<(), Refusal> {
        if self.is_now && begin > self.latest {
            return Err(Error::NotYetValid);
        }
        self.earliest = self.earliest.max(begin);
        self.latest = self.latest.min(end);
        if self.earliest > self.latest { Err(Error::Expired) } else { Ok(()) }
    }
}

/// Returns whether a name in a certificate stands for `name` (RFC 6125 section 6.4): as it is, or
/// with a whole first label that is `*` and two more at least.
fn stands_for(shown: &[u8], name: &[u8]) -> bool {
    if shown.eq_ignore_ascii_case(name) {
        return true;
    }
    let [b'*', b'.', domain @ ..] = shown else { return false };
    let mut parts = name.splitn(2, |byte| *byte == b'.');
    let first = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    !first.is_empty() && domain.contains(&b'.') && domain.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_whole_first_label() {
        for (shown, name) in [
            ("broker.test", "broker.test"),
            ("Broker.TEST", "broker.test"),
            ("*.broker.test", "eu.broker.test"),
        ] {
            assert!(stands_for(shown.as_bytes(), name.as_bytes()), "{shown} {name}");
        }
        for (shown, name) in [
            ("*.broker.test", "broker.test"),
            ("*.broker.test", "a.eu.broker.test"),
            ("*.broker.test", ".broker.test"),
            ("*.test", "broker.test"),
            ("*", "broker"),
            ("b*.broker.test", "be.broker.test"),
            ("eu.*.test", "eu.broker.test"),
            ("", "broker.test"),
            ("broker.test.", "broker.test"),
            ("broker.test\0", "broker.test"),
        ] {
            assert!(!stands_for(shown.as_bytes(), name.as_bytes()), "{shown} {name}");
        }
    }

    #[test]
    fn all_certificates_share_one_moment() {
        let mut floor = Moment::new(CertTime::Floor(10));
        assert_eq!(floor.narrow((20, 30)), Ok(()));
        assert_eq!(floor.narrow((5, 25)), Ok(()));
        assert_eq!(floor.narrow((26, 40)), Err(Error::Expired));
        assert_eq!(Moment::new(CertTime::Floor(10)).narrow((0, 9)), Err(Error::Expired));
        assert_eq!(Moment::new(CertTime::Now(10)).narrow((11, 12)), Err(Error::NotYetValid));
        assert_eq!(Moment::new(CertTime::Now(10)).narrow((8, 9)), Err(Error::Expired));
        assert_eq!(Moment::new(CertTime::Now(10)).narrow((10, 10)), Ok(()));
    }
}
