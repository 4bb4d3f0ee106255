//! What asking for the identity can end with.

use crate::{Malformed, NotTaken};
use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Says why the identity could not be had; `E` is the error of the flash driver.
///
/// ```
/// use sundew_core::{Classify, ErrorKind};
/// use sundew_identity::Error;
///
/// let error: Error<core::convert::Infallible> = Error::NotProvisioned;
/// assert_eq!(error.kind(), ErrorKind::Config);
/// assert_eq!(error.to_string(), "the device is not provisioned");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reports that what a factory writes was never written.
    NotProvisioned,
    /// Reports bytes that fail their check, or a setting of the wrong length.
    Corrupt,
    /// Reports that a factory reset was cut, and must be called again.
    ResetUnderWay,
    /// Reports a record that a later version wrote in a way not known here.
    Version {
        /// Holds the version that the record claims.
        found: u16,
    },
    /// Reports a record whose checksum is right and whose content is not.
    Malformed(Malformed),
    /// Reports that a message that would replace the anchors is refused.
    NotTaken(NotTaken),
    /// Reports a seed of 32 equal bytes, which no random source made.
    WeakSeed,
    /// Reports a record that is longer than the buffer, or than 65,535 bytes.
    TooLong {
        /// Holds the bytes that would have been needed.
        needed: usize,
    },
    /// Reports a proof of the time that is too far ahead of the floor to be believed.
    Leap {
        /// Holds how far, in seconds.
        ahead: u32,
    },
    /// Reports a counter that has come to its end: new secrets are due.
    Exhausted,
    /// Reports that the storage beneath failed.
    Storage(sundew_store::Error<E>),
}

impl<E: fmt::Debug> Classify for Error<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotProvisioned
            | Self::ResetUnderWay
            | Self::WeakSeed
            | Self::Exhausted
            | Self::Version { .. } => ErrorKind::Config,
            Self::Corrupt | Self::Malformed(_) => ErrorKind::Corrupt,
            Self::NotTaken(error) => error.kind(),
            Self::Leap { .. } => ErrorKind::Peer,
            Self::TooLong { .. } => ErrorKind::Resource,
            Self::Storage(error) => error.kind(),
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotProvisioned => f.write_str("the device is not provisioned"),
            Self::Corrupt => f.write_str("the identity fails its check"),
            Self::Version { found } => write!(f, "device record of unknown version {found}"),
            Self::ResetUnderWay => f.write_str("a factory reset is under way"),
            Self::Malformed(error) => write!(f, "device record: {error}"),
            Self::NotTaken(error) => write!(f, "new anchors: {error}"),
            Self::Leap { ahead } => write!(f, "a proof of the time is {ahead} s ahead"),
            Self::Exhausted => f.write_str("a counter has come to its end"),
            Self::WeakSeed => f.write_str("the seed is not random"),
            Self::TooLong { needed } => write!(f, "the device record needs {needed} bytes"),
            Self::Storage(error) => write!(f, "identity: {error}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

impl<E> From<sundew_store::Error<E>> for Error<E> {
    fn from(error: sundew_store::Error<E>) -> Self {
        Self::Storage(error)
    }
}
