//! What a storage call can end with.

use core::fmt;
use embedded_storage::nor_flash::{NorFlashError, NorFlashErrorKind};
use sundew_core::{Classify, ErrorKind};

/// Says why a storage call failed; `E` is the error of the flash driver.
///
/// ```
/// use sundew_core::{Classify, ErrorKind};
/// use sundew_store::Error;
///
/// let error: Error<core::convert::Infallible> = Error::TooLong { needed: 80 };
/// assert_eq!(error.kind(), ErrorKind::Resource);
/// assert_eq!(error.to_string(), "80 bytes do not fit");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reports that the flash driver refused or failed.
    Flash(E),
    /// Reports that the region holds no room for more.
    Full,
    /// Reports stored bytes that fail their check, or a write that does not read back.
    Corrupt,
    /// Reports a value that is longer than the buffer or the store takes.
    TooLong {
        /// Holds the bytes that would have been needed.
        needed: usize,
    },
    /// Reports an offset outside of the region, or a record that was never stored.
    OutOfRange,
    /// Reports a call that needs the store to be opened first.
    NotOpen,
    /// Reports a region that this part of flash cannot hold: past its end, not aligned to its
    /// pages, or with too few of them.
    Region,
    /// Reports a state that was promised not to happen.
    Bug,
}

/// Says why a log or settings gave up, within the crate.
///
/// One byte: what the flash said waits in the [`Bank`](crate::log::nor::bank::Bank), because a
/// large error in each result is dear on small parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Flash,
    Full,
    Corrupt,
    OutOfRange,
    Region,
}

impl<E: fmt::Debug> Classify for Error<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Flash(_) => ErrorKind::Bus,
            Self::Full | Self::TooLong { .. } => ErrorKind::Resource,
            Self::Corrupt => ErrorKind::Corrupt,
            Self::NotOpen | Self::OutOfRange | Self::Region => ErrorKind::Config,
            Self::Bug => ErrorKind::Bug,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
            Self::Full => f.write_str("the region is full"),
            Self::Corrupt => f.write_str("stored bytes fail their check"),
            Self::TooLong { needed } => write!(f, "{needed} bytes do not fit"),
            Self::NotOpen => f.write_str("not opened yet"),
            Self::OutOfRange => f.write_str("no such place in the region"),
            Self::Region => f.write_str("the region does not suit the flash"),
            Self::Bug => f.write_str("a promise of the storage was broken"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

impl<E: NorFlashError> NorFlashError for Error<E> {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Flash(error) => error.kind(),
            Self::OutOfRange => NorFlashErrorKind::OutOfBounds,
            _ => NorFlashErrorKind::Other,
        }
    }
}
