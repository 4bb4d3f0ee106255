//! Whether a `ServerHello` is TLS 1.3 and chooses only what was offered (RFC 8446 section 4.1.3).
//!
//! The engine reads the key share and no more, so the rest is checked here, before it sees a byte.

use super::error::Refusal;

/// Reports a hello that is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unacceptable {
    /// Is not TLS 1.3, or chooses what was not offered.
    Incompatible,
    /// Goes on without the shared key.
    WithoutPsk,
}

use Unacceptable::Incompatible;

impl From<Unacceptable> for Refusal {
    fn from(reason: Unacceptable) -> Self {
        match reason {
            Incompatible => Self::Incompatible,
            Unacceptable::WithoutPsk => Self::PskNotTaken,
        }
    }
}

/// Says what the server has to prove itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Sends its certificate and signs the handshake.
    Certificate,
    /// Takes the one key that was offered, and sends no certificate.
    SharedKey,
}

const SERVER_HELLO: u8 = 2;
const LEGACY_VERSION: [u8; 2] = [3, 3];
const TLS_1_3: &[u8] = &[3, 4];
const AES_128_GCM_SHA256: [u8; 2] = [0x13, 0x01];
const SUPPORTED_VERSIONS: u16 = 43;
const PRE_SHARED_KEY: u16 = 41;
const KEY_SHARE: u16 = 51;
/// Group secp256r1, 65 bytes, an uncompressed point (RFC 8446 section 4.2.8.2).
const P256_SHARE: [u8; 5] = [0x00, 0x17, 0x00, 0x41, 0x04];
const P256_SHARE_LEN: usize = 69;

/// The random of a `HelloRetryRequest`: SHA-256 of that word (RFC 8446 section 4.1.3).
const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// Checks the content of the record that answers our `ClientHello`.
///
/// What was offered: TLS 1.3 alone, one suite, one share on P-256, no session id, and one key or
/// none. A `HelloRetryRequest` could only ask for a group that we do not have.
pub(super) fn check(record: &[u8], evidence: Evidence) -> Result<(), Unacceptable> {
    let mut hello = Reader(record);
    let [SERVER_HELLO, length @ ..] = hello.array::<4>()? else { return Err(Incompatible) };
    let [0, high, low] = length else { return Err(Incompatible) };
    if usize::from(u16::from_be_bytes([high, low])) != hello.0.len() {
        return Err(Incompatible);
    }
    require(hello.array()? == LEGACY_VERSION)?;
    require(hello.array()? != RETRY)?;
    require(hello.array()? == [0])?; // legacy_session_id_echo: ours was empty
    require(hello.array()? == AES_128_GCM_SHA256)?;
    require(hello.array()? == [0])?; // legacy_compression_method
    let length = hello.number()?;
    require(usize::from(length) == hello.0.len())?;
    let (mut version_seen, mut share_seen, mut key_seen) = (false, false, false);
    while !hello.0.is_empty() {
        let kind = hello.number()?;
        let length = hello.number()?;
        let data = hello.slice(length.into())?;
        let (seen, legal) = match kind {
            SUPPORTED_VERSIONS => (&mut version_seen, data == TLS_1_3),
            KEY_SHARE => {
                (&mut share_seen, data.starts_with(&P256_SHARE) && data.len() == P256_SHARE_LEN)
            }
            // The first of the one key that was offered.
            PRE_SHARED_KEY if evidence == Evidence::SharedKey => (&mut key_seen, data == [0, 0]),
            _ => return Err(Incompatible),
        };
        require(legal && !core::mem::replace(seen, true))?;
    }
    require(version_seen && share_seen)?;
    if evidence == Evidence::SharedKey && !key_seen {
        return Err(Unacceptable::WithoutPsk);
    }
    Ok(())
}

fn require(condition: bool) -> Result<(), Unacceptable> {
    if condition { Ok(()) } else { Err(Incompatible) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unacceptable> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Incompatible)?;
        self.0 = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u16, Unacceptable> {
        self.array().map(u16::from_be_bytes)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Unacceptable> {
        let (slice, rest) = self.0.split_at_checked(length).ok_or(Incompatible)?;
        self.0 = rest;
        Ok(slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENSIONS: usize = 44;

    fn hello() -> [u8; 123] {
        let mut hello = [0x55; 123];
        hello[..6].copy_from_slice(&[2, 0, 0, 119, 3, 3]);
        hello[38..46].copy_from_slice(&[0, 0x13, 0x01, 0, 0, 79, 0, 43]);
        hello[46..50].copy_from_slice(&[0, 2, 3, 4]);
        hello[50..59].copy_from_slice(&[0, 51, 0, 69, 0x00, 0x17, 0x00, 0x41, 4]);
        hello
    }

    #[test]
    fn only_the_hello_that_was_asked_for_passes() {
        assert_eq!(check(&hello(), Evidence::Certificate), Ok(()));
        // Every byte outside the server's random and its point has one legal value.
        for at in (0..6).chain(38..59) {
            let mut changed = hello();
            changed[at] ^= 1;
            assert_eq!(check(&changed, Evidence::Certificate), Err(Incompatible), "byte {at}");
        }
        for end in 0..123 {
            assert_eq!(
                check(&hello()[..end], Evidence::Certificate),
                Err(Incompatible),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn a_retry_request_and_a_doubled_extension_are_refused() {
        let mut retry = hello();
        retry[6..38].copy_from_slice(&RETRY);
        assert_eq!(check(&retry, Evidence::Certificate), Err(Incompatible));

        let mut doubled = [0; 129];
        doubled[..123].copy_from_slice(&hello());
        doubled[123..].copy_from_slice(&[0, 43, 0, 2, 3, 4]);
        doubled[3] += 6;
        doubled[EXTENSIONS - 1] += 6;
        assert_eq!(check(&doubled, Evidence::Certificate), Err(Incompatible));
    }

    #[test]
    fn the_key_that_was_offered_has_to_be_taken_and_no_other() {
        let with_key = |extension: [u8; 6]| {
            let mut longer = [0; 129];
            longer[..123].copy_from_slice(&hello());
            longer[123..].copy_from_slice(&extension);
            longer[3] += 6;
            longer[EXTENSIONS - 1] += 6;
            longer
        };
        let taken = with_key([0, 41, 0, 2, 0, 0]);
        assert_eq!(check(&taken, Evidence::SharedKey), Ok(()));
        assert_eq!(check(&taken, Evidence::Certificate), Err(Incompatible), "none was offered");
        let second = with_key([0, 41, 0, 2, 0, 1]);
        assert_eq!(check(&second, Evidence::SharedKey), Err(Incompatible));
        assert_eq!(check(&hello(), Evidence::SharedKey), Err(Unacceptable::WithoutPsk));
    }
}
