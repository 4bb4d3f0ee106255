//! A message with one signature.

use super::headers::Headers;
use super::{Algorithm, Check, Refused, Verifier};
use crate::cbor::{ARRAY, BYTES, Head, Reader, TAG};
use crate::{Fault, Malformed};

/// Is the tag of a message with one signature (RFC 9052 section 2).
pub(super) const SIGN1: u32 = 18;
/// Begins what is signed: an array of four, of which the first says what it is.
pub(super) const CONTEXT: &[u8] = b"\x84\x6ASignature1";

/// Shows the parts of a message of which nothing is believed yet.
///
/// ```
/// use sundew_identity::cose::{Ed25519, Refused, Sign1};
/// # use ed25519_compact::{KeyPair, Seed};
/// # use sundew_identity::cose::{Algorithm, Signer, sign};
/// # struct Factory(KeyPair);
/// # impl Signer for Factory {
/// #     fn algorithm(&self) -> Algorithm { Algorithm::ED25519 }
/// #     fn sign(&mut self, parts: &[&[u8]], to: &mut [u8]) -> Result<usize, Refused> {
/// #         to[..64].copy_from_slice(self.0.sk.sign(parts.concat(), None).as_ref());
/// #         Ok(64)
/// #     }
/// # }
/// # let mut factory = Factory(KeyPair::from_seed(Seed::new([7; 32])));
/// # let public: [u8; 32] = *factory.0.pk;
/// # let mut buffer = [0; 128];
/// # let len = sign(&mut factory, b"f1", b"reboot", b"command", &mut buffer).unwrap();
/// # let message = &buffer[..len];
/// let signed = Sign1::parse(message)?;
/// assert_eq!(signed.key_id(), Some(&b"f1"[..])); // a hint, no proof
/// assert_eq!(signed.verify(b"command", Ed25519::new(public)), Ok(&b"reboot"[..]));
/// assert_eq!(signed.verify(b"update", Ed25519::new(public)), Err(Refused::Signature));
/// # Ok::<(), sundew_identity::Malformed>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign1<'a> {
    protected: &'a [u8],
    algorithm: Algorithm,
    key_id: Option<&'a [u8]>,
    payload: Option<&'a [u8]>,
    signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Finds the parts of a message: the tag 18, an array of four, nothing before or behind.
    ///
    /// Every part must be in the deterministic form of CBOR. The algorithm must be there and be
    /// protected. Headers that are not known here are passed over, unless they are critical.
    ///
    /// # Errors
    ///
    /// Returns the [`Fault`] that was met first, and where.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(message);
        Self::read(&mut reader).map_err(|fault| reader.malformed(fault))
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        if reader.head()? != (TAG, SIGN1) {
            return Err(Fault::Tag);
        }
        match reader.expect(ARRAY)? {
            4 => {}
            0..4 => return Err(Fault::Missing),
            _ => return Err(Fault::Trailing),
        }
        let mut inner = reader.nested()?;
        let start = inner.position();
        let protected = reader.since(start);
        let Headers { algorithm, key_id } = Headers::read(&mut inner, reader)?;
        let payload = reader.bytes_or_null()?;
        let signature = reader.bytes()?;
        if signature.is_empty() {
            return Err(Fault::Missing);
        }
        reader.end()?;
        Ok(Self { protected, algorithm, key_id, payload, signature })
    }

    /// Returns the algorithm that the message claims.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the name of the key that the message claims, to find the key by.
    pub const fn key_id(&self) -> Option<&'a [u8]> {
        self.key_id
    }

    /// Returns the length in bytes of the payload, or `None` where it lies elsewhere.
    pub const fn payload_len(&self) -> Option<usize> {
        match self.payload {
            Some(payload) => Some(payload.len()),
            None => None,
        }
    }

    /// Returns the payload, if this key signed it for this end.
    ///
    /// `external` is the `external_aad` of RFC 9052 section 4.3.
    ///
    /// *Blocking time*: one signature; with [`Ed25519`](super::Ed25519) 14 million instructions on
    /// a Cortex-M0 and 190 million cycles on an AVR.
    ///
    /// # Errors
    ///
    /// Returns why the message is refused.
    pub fn verify<V: Verifier>(&self, external: &[u8], key: V) -> Result<&'a [u8], Refused> {
        let payload = self.payload.ok_or(Refused::Detached)?;
        let mut check = self.check(external, payload.len(), key)?;
        check.absorb(payload);
        check.finish()?;
        Ok(payload)
    }

    /// Begins to check a payload of `len` bytes that lies elsewhere.
    ///
    /// # Errors
    ///
    /// Returns why the message is refused already.
    pub fn begin<V: Verifier>(
        &self,
        external: &[u8],
        len: usize,
        key: V,
    ) -> Result<Piecewise<V::Check<'a>>, Refused> {
        if self.payload.is_some() {
            return Err(Refused::Attached);
        }
        Ok(Piecewise { check: self.check(external, len, key)?, missing: Some(len) })
    }

    /// Begins to check all of what is signed but the payload (RFC 9052 section 4.4).
    fn check<V: Verifier>(
        &self,
        external: &[u8],
        len: usize,
        key: V,
    ) -> Result<V::Check<'a>, Refused> {
        if key.algorithm() != self.algorithm {
            return Err(Refused::Algorithm);
        }
        let mut check = key.begin(self.signature)?;
        check.absorb(CONTEXT);
        for part in [self.protected, external] {
            check.absorb(head(part.len()).as_bytes());
            check.absorb(part);
        }
        check.absorb(head(len).as_bytes());
        Ok(check)
    }
}

/// Returns the begin of a byte string.
pub(super) fn head(len: usize) -> Head {
    Head::new(BYTES, u32::try_from(len).unwrap_or(u32::MAX))
}

/// Checks a payload that comes piece by piece.
///
/// ```
/// # use ed25519_compact::{KeyPair, Seed};
/// # let factory = KeyPair::from_seed(Seed::new([7; 32]));
/// # let public: [u8; 32] = *factory.pk;
/// # let signed = [b"\x84\x6ASignature1\x43\xA1\x01\x32\x40\x46", &b"reboot"[..]].concat();
/// # let mut message = b"\xD2\x84\x43\xA1\x01\x32\xA0\xF6\x58\x40".to_vec();
/// # message.extend_from_slice(factory.sk.sign(signed, None).as_ref());
/// use sundew_identity::cose::{Ed25519, Sign1};
///
/// let signed = Sign1::parse(&message).unwrap();
/// assert_eq!(signed.payload_len(), None);
/// let mut check = signed.begin(b"", 6, Ed25519::new(public))?;
/// check.absorb(b"reb");
/// check.absorb(b"oot");
/// assert_eq!(check.finish(), Ok(()));
/// # Ok::<(), sundew_identity::cose::Refused>(())
/// ```
#[derive(Debug)]
pub struct Piecewise<C> {
    check: C,
    /// `None` once there were too many.
    missing: Option<usize>,
}

impl<C: Check> Piecewise<C> {
    /// Takes the next piece of the payload.
    pub fn absorb(&mut self, piece: &[u8]) {
        self.missing = self.missing.and_then(|missing| missing.checked_sub(piece.len()));
        if self.missing.is_some() {
            self.check.absorb(piece);
        }
    }

    /// Says whether the signature is right; nothing of the payload may be believed before.
    ///
    /// # Errors
    ///
    /// Returns [`Refused::Length`] where more or fewer bytes came than were announced, and what the
    /// key says.
    pub fn finish(self) -> Result<(), Refused> {
        if self.missing == Some(0) { self.check.finish() } else { Err(Refused::Length) }
    }
}
