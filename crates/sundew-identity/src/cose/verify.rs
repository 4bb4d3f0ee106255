//! What a key must be able to do.

use super::Algorithm;
use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Is a key that signatures are checked by.
///
/// The whole of the signature is there before the first byte of what was signed, as Ed25519 wants it
/// and hash-based algorithms do; ECDSA wants it at the end, and may keep the reference until then. A
/// secure element implements it for `&mut` of its driver: hash in [`Check::absorb`], and ask it in
/// [`Check::finish`].
pub trait Verifier {
    /// Is one signature on its way.
    type Check<'s>: Check
    where
        Self: 's;

    /// Returns the one algorithm that this key is for.
    fn algorithm(&self) -> Algorithm;

    /// Begins to check a signature.
    ///
    /// # Errors
    ///
    /// Returns why it is refused already.
    fn begin<'s>(self, signature: &'s [u8]) -> Result<Self::Check<'s>, Refused>
    where
        Self: 's;
}

/// Is one signature on its way.
pub trait Check {
    /// Takes the next piece of what was signed.
    fn absorb(&mut self, piece: &[u8]);

    /// Says whether the signature is right.
    ///
    /// # Errors
    ///
    /// Returns why it is refused.
    fn finish(self) -> Result<(), Refused>;
}

/// Says why a signature is refused, or could not be made.
///
/// ```
/// use sundew_identity::cose::Refused;
///
/// assert_eq!(Refused::Signature.to_string(), "the signature is wrong");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refused {
    /// The message claims another algorithm than the key's.
    Algorithm,
    /// The payload lies elsewhere, and was expected in the message.
    Detached,
    /// The payload lies in the message, and was expected elsewhere.
    Attached,
    /// More or fewer bytes came than were announced.
    Length,
    /// The key is none, or one that anybody can sign for.
    Key,
    /// The signature is wrong.
    Signature,
    /// The part that holds the key does not answer.
    Unavailable,
    /// The buffer is too short.
    Room {
        /// Holds the bytes that would have been needed.
        needed: usize,
    },
}

impl Classify for Refused {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Key => ErrorKind::Config,
            Self::Unavailable => ErrorKind::Bus,
            Self::Room { .. } => ErrorKind::Resource,
            _ => ErrorKind::Corrupt,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "the key is for another algorithm",
            Self::Detached => "the payload is not in the message",
            Self::Attached => "the payload is in the message",
            Self::Length => "the payload has another length",
            Self::Key => "the key is weak or none",
            Self::Signature => "the signature is wrong",
            Self::Unavailable => "the holder of the key does not answer",
            Self::Room { needed } => return write!(f, "the message needs {needed} bytes"),
        })
    }
}

impl core::error::Error for Refused {}
