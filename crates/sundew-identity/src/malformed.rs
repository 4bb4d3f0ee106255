//! What is wrong with bytes that somebody sent.

use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Says what is wrong with a message or a record, and where.
///
/// ```
/// use sundew_identity::cose::Sign1;
/// use sundew_identity::{Fault, Malformed};
///
/// let refused = Sign1::parse(&[0xD1, 0x84]).unwrap_err();
/// assert_eq!(refused, Malformed { fault: Fault::Tag, position: 1 });
/// assert_eq!(refused.to_string(), "wrong tag before byte 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Malformed {
    /// Holds what is wrong.
    pub fault: Fault,
    /// Holds how many bytes were read when it was seen.
    pub position: usize,
}

/// Names what is wrong with bytes that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end too early.
    Truncated,
    /// Something follows.
    Trailing,
    /// There is another type than there must be, or one that is not read here.
    Type,
    /// A number or a length could have been written in fewer bytes.
    NotShortest,
    /// A length is not told ahead.
    Indefinite,
    /// A number is beyond what it may be.
    Range,
    /// A text that is read is not UTF-8.
    NotText,
    /// A key of a map comes twice, in a message also once in each of its two maps of headers.
    Duplicate,
    /// A key of a map comes after a greater one.
    Order,
    /// Arrays and maps lie deeper in each other than is read here.
    Depth,
    /// Something that must be there is missing.
    Missing,
    /// There is another tag than there must be, or none.
    Tag,
    /// A header that must be protected is not.
    Unprotected,
    /// A header is critical that is not known here, or the list of such headers is wrong.
    Critical,
}

impl Fault {
    /// Returns what is wrong in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Truncated => "end",
            Self::Trailing => "trailing bytes",
            Self::Type => "wrong type",
            Self::NotShortest => "number not in its shortest form",
            Self::Indefinite => "length not told",
            Self::Range => "number out of range",
            Self::NotText => "text not in UTF-8",
            Self::Duplicate => "key twice",
            Self::Order => "key out of order",
            Self::Depth => "nested too deep",
            Self::Missing => "something missing",
            Self::Tag => "wrong tag",
            Self::Unprotected => "header not protected",
            Self::Critical => "critical header not known",
        }
    }
}

impl Classify for Malformed {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Corrupt
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} before byte {}", self.fault.text(), self.position)
    }
}

impl core::error::Error for Malformed {}
