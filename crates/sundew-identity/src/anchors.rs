//! Whom the device trusts, and with what.
//!
//! Read first: SPEC.md for the bytes.

use crate::cbor::{ARRAY, Front, Reader, UNSIGNED, Writer};
#[cfg(feature = "ed25519")]
use crate::cose::Ed25519;
use crate::cose::{Refused, Sign1};
use crate::{Fault, Malformed};

/// Names what an anchor may speak for; the numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum Role {
    /// Vouches for the server that the device talks to.
    Server = 0,
    /// Signs updates.
    Update = 1,
    /// Signs commands.
    Command = 2,
    /// Signs the next set of anchors.
    Anchors = 3,
    /// Signs the time.
    Time = 4,
}

impl Role {
    /// Returns what both sides know of a message for this end and no message carries: the
    /// `external_aad` of its signature. A key with two roles cannot be made to sign for one of them
    /// what was meant for the other.
    ///
    /// Manifests of updates have none, as SUIT wants it.
    pub const fn external(self) -> &'static [u8] {
        match self {
            Self::Server | Self::Update => b"",
            Self::Command => b"sundew command 1",
            Self::Anchors => b"sundew anchors 1",
            Self::Time => b"sundew time 1",
        }
    }
}

/// Holds a set of [`Role`]s.
///
/// ```
/// use sundew_identity::{Role, Roles};
///
/// let roles = Roles::of(&[Role::Update, Role::Command]);
/// assert!(roles.has(Role::Update) && !roles.has(Role::Anchors));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Roles(u32);

impl Roles {
    /// Holds these roles.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |all, role| all | 1 << *role as u32))
    }

    /// Returns whether a role is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u32 != 0
    }
}

/// Names what an anchor is; the numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AnchorKind {
    /// The certificate of an authority, X.509 in DER.
    Certificate,
    /// A public key of Ed25519, 32 bytes.
    Ed25519,
    /// A public key of P-256, 65 bytes, not compressed (SEC 1).
    P256,
    /// The SHA-256 of a public key as it stands in a certificate (SPKI), 32 bytes.
    Pin,
}

impl AnchorKind {
    const fn number(self) -> u32 {
        match self {
            Self::Certificate => 0,
            Self::Ed25519 => 1,
            Self::P256 => 2,
            Self::Pin => 3,
        }
    }

    const fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Certificate),
            1 => Some(Self::Ed25519),
            2 => Some(Self::P256),
            3 => Some(Self::Pin),
            _ => None,
        }
    }

    const fn is_of_len(self, len: usize) -> bool {
        match self {
            Self::Certificate => len > 0,
            Self::Ed25519 | Self::Pin => len == 32,
            Self::P256 => len == 65,
        }
    }
}

/// Is one whom the device trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Anchor<'a> {
    /// Holds what it may speak for.
    pub roles: Roles,
    /// Holds what it is.
    pub kind: AnchorKind,
    /// Holds the name that messages call it by; may be empty.
    pub key_id: &'a [u8],
    /// Holds the certificate, key or hash.
    pub bytes: &'a [u8],
}

/// Holds all whom the device trusts, as they are stored.
///
/// ```
/// use sundew_identity::{Anchor, AnchorKind, Anchors, Role, Roles};
///
/// let factory = Anchor {
///     roles: Roles::of(&[Role::Update, Role::Anchors]),
///     kind: AnchorKind::Ed25519,
///     key_id: b"2026",
///     bytes: &[7; 32],
/// };
/// let mut buffer = [0; 64];
/// let anchors = Anchors::encode(&[factory], &mut buffer).unwrap();
/// assert_eq!(anchors.of(Role::Update).next(), Some(factory));
/// assert_eq!(anchors.of(Role::Server).next(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Anchors<'a>(&'a [u8]);

impl<'a> Anchors<'a> {
    /// Trusts nobody.
    pub const NONE: Self = Self(&[0x80]);

    /// Writes anchors into the front of `buffer`.
    ///
    /// # Errors
    ///
    /// Returns how many bytes would have been needed.
    pub fn encode(anchors: &[Anchor<'_>], buffer: &'a mut [u8]) -> Result<Self, usize> {
        let mut front = Front::new(buffer);
        let mut writer = Writer::new(&mut front);
        writer.head(ARRAY, anchors.len());
        for anchor in anchors {
            writer.head(ARRAY, 4);
            writer.unsigned(UNSIGNED, anchor.roles.0);
            writer.unsigned(UNSIGNED, anchor.kind.number());
            writer.bytes(anchor.key_id);
            writer.bytes(anchor.bytes);
        }
        let needed = front.len();
        buffer.get(..needed).map(Self).ok_or(needed)
    }

    /// Reads anchors: an array, and nothing behind.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, and where. Kinds that are not known here are no fault.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let read = Self::read(&mut reader).and_then(|anchors| reader.end().map(|()| anchors));
        read.map_err(|fault| reader.malformed(fault))
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let start = reader.position();
        for _ in 0..reader.expect(ARRAY)? {
            read_one(reader)?;
        }
        Ok(Self(reader.since(start)))
    }

    pub(crate) const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Returns those that have a role.
    pub fn of(self, role: Role) -> impl Iterator<Item = Anchor<'a>> {
        let mut reader = Reader::new(self.0);
        let mut left = reader.expect(ARRAY).unwrap_or(0);
        core::iter::from_fn(move || {
            while left > 0 {
                left -= 1;
                match read_one(&mut reader) {
                    Ok(Some(anchor)) if anchor.roles.has(role) => return Some(anchor),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            }
            None
        })
    }

    /// Returns the payload of a message, if a key of this role signed it for this end.
    ///
    /// Each key of Ed25519 that has the role is tried, or those of one name where the message names
    /// one. For keys of other kinds and for payloads that lie elsewhere, go through
    /// [`of`](Self::of). Without the feature `ed25519` none is tried.
    ///
    /// *Blocking time*: one signature for each key that is tried.
    ///
    /// # Errors
    ///
    /// Returns [`Refused::Key`] where no key was tried, and what the last one said.
    pub fn verify<'m>(self, role: Role, message: &Sign1<'m>) -> Result<&'m [u8], Refused> {
        let mut verdict = Err(Refused::Key);
        for anchor in self.of(role) {
            let is_called = message.key_id().is_none_or(|key_id| key_id == anchor.key_id);
            if is_called && let Some(checked) = anchor.check(role, message) {
                verdict = checked;
            }
            if verdict.is_ok() {
                break;
            }
        }
        verdict
    }
}

impl Anchor<'_> {
    /// Checks a message, if this is a key that can be checked with.
    #[cfg(feature = "ed25519")]
    fn check<'m>(self, role: Role, message: &Sign1<'m>) -> Option<Result<&'m [u8], Refused>> {
        let (AnchorKind::Ed25519, Ok(key)) = (self.kind, self.bytes.try_into()) else {
            return None;
        };
        Some(message.verify(role.external(), Ed25519::new(key)))
    }

    #[cfg(not(feature = "ed25519"))]
    #[allow(clippy::unused_self, reason = "what the feature checks with")]
    const fn check<'m>(self, _: Role, _: &Sign1<'m>) -> Option<Result<&'m [u8], Refused>> {
        None
    }
}

/// Reads an anchor; `None` where its kind is not known.
fn read_one<'a>(reader: &mut Reader<'a>) -> Result<Option<Anchor<'a>>, Fault> {
    if reader.expect(ARRAY)? != 4 {
        return Err(Fault::Type);
    }
    let roles = Roles(reader.expect(UNSIGNED)?);
    let kind = AnchorKind::of(reader.expect(UNSIGNED)?);
    let key_id = reader.bytes()?;
    let bytes = reader.bytes()?;
    match kind {
        Some(kind) if !kind.is_of_len(bytes.len()) => Err(Fault::Range),
        Some(kind) => Ok(Some(Anchor { roles, kind, key_id, bytes })),
        None => Ok(None),
    }
}
