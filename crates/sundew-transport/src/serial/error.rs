//! What can be wrong with a frame, and with a line.

use core::fmt;

use sundew_core::{Classify, ErrorKind};

/// Says why what came in is no frame to act on. It is dropped, and nothing else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FrameError {
    /// Reports more bytes between two delimiters than the buffer or any frame has.
    TooLong,
    /// Reports fewer bytes than any frame has.
    TooShort,
    /// Reports bytes that are not stuffed as frames are.
    Misplaced,
    /// Reports a frame of another guard, or of a kind that is not known.
    Foreign,
    /// Reports a frame that noise or somebody has changed, or that was made with another key.
    Altered,
    /// Reports a frame of another device.
    OtherDevice,
    /// Reports a frame that goes the other way: the line has an echo, or somebody is one.
    WrongWay,
    /// Reports a message of which the number is too old to tell whether it was taken.
    TooOld,
    /// Reports a message of a port that is not known.
    UnknownPort,
}

/// Says why a frame cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SealError {
    /// Reports a payload beyond what any frame carries.
    TooLarge,
    /// Reports a buffer without room for the frame.
    NoRoom {
        /// Holds the bytes that it needs.
        needed: usize,
    },
    /// Reports that the numbers set aside are used up: reserve more.
    NumbersUsedUp,
    /// Reports a number that was not taken, so that there is nothing to acknowledge.
    NotTaken,
}

/// Says why a [`SerialLink`](super::SerialLink) is dead, or did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LinkError<E> {
    /// Passes on the error of the line.
    Line(E),
    /// Reports that the line has ended.
    Closed,
    /// Reports that the other side did not answer, however often it was asked.
    TimedOut,
    /// Reports a message given while another awaits its acknowledgement.
    Busy,
    /// Reports a message that cannot be put into a frame.
    Seal(SealError),
}

impl Classify for FrameError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong | Self::TooShort | Self::Misplaced | Self::Altered => ErrorKind::Corrupt,
            _ => ErrorKind::Peer,
        }
    }
}

impl Classify for SealError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge | Self::NoRoom { .. } | Self::NumbersUsedUp => ErrorKind::Resource,
            Self::NotTaken => ErrorKind::Bug,
        }
    }
}

impl<E: fmt::Debug> Classify for LinkError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Line(_) | Self::Closed => ErrorKind::Bus,
            Self::TimedOut => ErrorKind::Peer,
            Self::Busy => ErrorKind::Resource,
            Self::Seal(error) => error.kind(),
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "frame is too long",
            Self::TooShort => "frame is too short",
            Self::Misplaced => "frame is not stuffed",
            Self::Foreign => "frame is of another kind",
            Self::Altered => "frame was altered",
            Self::OtherDevice => "frame is of another device",
            Self::WrongWay => "frame goes the other way",
            Self::TooOld => "frame is too old",
            Self::UnknownPort => "frame is for an unknown port",
        })
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("payload fits no frame"),
            Self::NoRoom { needed } => write!(f, "frame needs {needed} bytes"),
            Self::NumbersUsedUp => f.write_str("numbers are used up"),
            Self::NotTaken => f.write_str("no such message was taken"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(error) => error.fmt(f),
            Self::Closed => f.write_str("line has ended"),
            Self::TimedOut => f.write_str("nobody answers"),
            Self::Busy => f.write_str("another message is in flight"),
            Self::Seal(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FrameError {}
impl core::error::Error for SealError {}
impl<E: fmt::Debug + fmt::Display> core::error::Error for LinkError<E> {}

impl<E> From<SealError> for LinkError<E> {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}
