//! Who must act on an error.

use core::fmt;

/// Names who must act on an error; every error type of the family maps to one.
///
/// The kind decides what the node does next (try again, drop the link, refuse the value) and what
/// an operator is told, without the generic code knowing the error type itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// Reports a fault of the wiring, the part or the line: worth another try, then a technician.
    Bus,
    /// Reports that the other side misbehaved or refused: its operator must act.
    Peer,
    /// Reports that a buffer, the flash or a budget of this device is too small or full.
    Resource,
    /// Reports stored or received bytes that fail their check.
    Corrupt,
    /// Reports a setting that can never work: the firmware's author must act.
    Config,
    /// Reports a state that the crate promised could not happen: please report it.
    Bug,
}

impl ErrorKind {
    /// Returns whether the same call may succeed later with nothing changed by hand.
    ///
    /// ```
    /// use sundew_core::ErrorKind;
    /// assert!(ErrorKind::Bus.is_retryable());
    /// assert!(!ErrorKind::Config.is_retryable());
    /// ```
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Bus | Self::Peer | Self::Resource)
    }

    /// Returns the kind as one lower-case word for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Peer => "peer",
            Self::Resource => "resource",
            Self::Corrupt => "corrupt",
            Self::Config => "config",
            Self::Bug => "bug",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl core::error::Error for ErrorKind {}

/// Maps an error type to the [`ErrorKind`] that says who must act.
///
/// ```
/// use sundew_core::{Classify, ErrorKind};
///
/// #[derive(Debug)]
/// enum FanError {
///     Stalled,
///     TooFast,
/// }
///
/// impl Classify for FanError {
///     fn kind(&self) -> ErrorKind {
///         match self {
///             Self::Stalled => ErrorKind::Bus,
///             Self::TooFast => ErrorKind::Config,
///         }
///     }
/// }
/// assert_eq!(FanError::TooFast.kind(), ErrorKind::Config);
/// ```
pub trait Classify: fmt::Debug {
    /// Returns who must act on this error.
    fn kind(&self) -> ErrorKind;
}

impl Classify for core::convert::Infallible {
    fn kind(&self) -> ErrorKind {
        match *self {}
    }
}

impl Classify for ErrorKind {
    fn kind(&self) -> ErrorKind {
        *self
    }
}
