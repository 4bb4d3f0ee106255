//! What can be wrong with bytes, and where.

use core::fmt;

/// Says why something was not encoded or not decoded; each decode error names the byte.
///
/// ```
/// use sundew_codec::{Error, senml::PackDecoder};
///
/// let cut_short = [0x81, 0xA1, 0x00]; // one record, one field, its name missing
/// let error = PackDecoder::new(&cut_short).next().unwrap().unwrap_err();
/// assert_eq!(error, Error::Truncated { position: 3 });
/// assert_eq!(error.position(), Some(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Reports that what is to be encoded does not fit the buffer.
    Full {
        /// Holds the bytes that the whole would take.
        needed: usize,
    },
    /// Reports a number that its field, or the format, cannot hold.
    Range {
        /// Holds the offset of the number.
        position: usize,
    },
    /// Reports bytes that are not of the format.
    Syntax {
        /// Holds the offset of the offending item.
        position: usize,
    },
    /// Reports that the bytes end within an item.
    Truncated {
        /// Holds the offset at which the missing bytes belong.
        position: usize,
    },
    /// Reports something that is well formed and must be understood, but is not: a later version,
    /// a label that ends in `_`, a float to be added to, or nesting past the limit.
    Unsupported {
        /// Holds the offset of the item.
        position: usize,
    },
}

impl Error {
    /// Returns whether a larger buffer, or fewer records, would help.
    pub const fn is_full(self) -> bool {
        matches!(self, Self::Full { .. })
    }

    /// Returns the offset of the byte at fault; `None` where the buffer was too small.
    pub const fn position(self) -> Option<usize> {
        match self {
            Self::Full { .. } => None,
            Self::Range { position }
            | Self::Syntax { position }
            | Self::Truncated { position }
            | Self::Unsupported { position } => Some(position),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { needed } => write!(f, "the buffer is too small: {needed} bytes needed"),
            Self::Range { position } => write!(f, "number out of range at byte {position}"),
            Self::Syntax { position } => write!(f, "malformed at byte {position}"),
            Self::Truncated { position } => write!(f, "cut short at byte {position}"),
            Self::Unsupported { position } => write!(f, "not supported at byte {position}"),
        }
    }
}

impl core::error::Error for Error {}
