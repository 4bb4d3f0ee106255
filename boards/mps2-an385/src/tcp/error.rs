//! Why there is no connection.

use core::fmt;

use sundew_core::{Classify, ErrorKind};

/// Says why there is no connection, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Reports that the other side refused: nothing listens there.
    Refused,
    /// Reports that nothing answered for 20 s.
    NoAnswer,
    /// Reports that the other side ended the connection without closing it, or fell silent.
    Reset,
    /// Reports that the wait hook gave up.
    GaveUp,
    /// Reports a call without a connection, or after [`Tcp::close`](super::Tcp::close).
    NotConnected,
    /// Reports an address or port that cannot be connected to.
    Unaddressable,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Refused => "the connection was refused",
            Self::NoAnswer => "nothing answered",
            Self::Reset => "the connection was lost",
            Self::GaveUp => "the wait for a connection was given up",
            Self::NotConnected => "there is no connection",
            Self::Unaddressable => "the address cannot be connected to",
        })
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::Refused => embedded_io::ErrorKind::ConnectionRefused,
            Self::Reset => embedded_io::ErrorKind::ConnectionReset,
            Self::GaveUp | Self::NoAnswer => embedded_io::ErrorKind::TimedOut,
            Self::NotConnected => embedded_io::ErrorKind::NotConnected,
            Self::Unaddressable => embedded_io::ErrorKind::AddrNotAvailable,
        }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused => ErrorKind::Peer,
            Self::NoAnswer | Self::Reset | Self::GaveUp => ErrorKind::Bus,
            Self::NotConnected | Self::Unaddressable => ErrorKind::Config,
        }
    }
}
