//! What an answer, a request or a download can end with.

use core::fmt;

use sundew_core::{Classify, ErrorKind};

/// Says why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Reports a first line that is not one of HTTP/1.1.
    BadStatusLine,
    /// Reports a status other than 206.
    Status(u16),
    /// Reports that the file is another than it was.
    Changed,
    /// Reports a header line that is none: its end, its name or a byte in it.
    BadField,
    /// Reports a header line that matters and does not fit the buffer, or a name that does not.
    LineTooLong,
    /// Reports more than [`HEAD_BYTES`](super::HEAD_BYTES) before the body.
    HeadTooLong,
    /// Reports a header field that may come once and came twice.
    Repeated,
    /// Reports a Content-Length that is missing, no number, or not that of the range.
    BadLength,
    /// Reports a Content-Range that is missing or not what was asked for.
    BadRange,
    /// Reports chunks or compression, which were not asked for.
    Encoded,
    /// Reports bytes behind the body.
    Surplus,
}

/// Says why a request cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// Reports a host that is empty or has bytes that no host has.
    Host,
    /// Reports a path that does not begin with `/` or has bytes that no path has.
    Path,
    /// Reports a range without bytes, or past 2^32.
    Range,
    /// Reports a buffer without room for the request.
    NoRoom,
}

/// Says why a download ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DownloadError<E> {
    /// Passes on the error of the session.
    Transport(E),
    /// Reports that the server closed the session before the answer was whole.
    Closed,
    /// Passes on what is wrong with the answer.
    Http(Error),
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::LineTooLong => ErrorKind::Resource,
            // What asks again later may be served; what is not there will not be.
            Self::Status(408 | 425 | 429 | 500..) => ErrorKind::Peer,
            Self::Status(_) => ErrorKind::Config,
            _ => ErrorKind::Peer,
        }
    }
}

impl Classify for RequestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoRoom => ErrorKind::Resource,
            _ => ErrorKind::Config,
        }
    }
}

impl<E: Classify> Classify for DownloadError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Transport(error) => error.kind(),
            Self::Closed => ErrorKind::Peer,
            Self::Http(error) => error.kind(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadStatusLine => f.write_str("answer is not HTTP/1.1"),
            Self::Status(status) => write!(f, "server answers {status}"),
            Self::Changed => f.write_str("file has changed"),
            Self::BadField => f.write_str("header line is malformed"),
            Self::LineTooLong => f.write_str("header line does not fit the buffer"),
            Self::HeadTooLong => f.write_str("header is too long"),
            Self::Repeated => f.write_str("header field came twice"),
            Self::BadLength => f.write_str("length is not that of the range"),
            Self::BadRange => f.write_str("range is not what was asked for"),
            Self::Encoded => f.write_str("body is encoded"),
            Self::Surplus => f.write_str("bytes behind the body"),
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "not a host",
            Self::Path => "not a path",
            Self::Range => "not a range",
            Self::NoRoom => "no room for the request",
        })
    }
}

impl<E: fmt::Display> fmt::Display for DownloadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Closed => f.write_str("server closed the connection"),
            Self::Http(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}
impl core::error::Error for RequestError {}
impl<E: fmt::Debug + fmt::Display> core::error::Error for DownloadError<E> {}

impl<E> From<Error> for DownloadError<E> {
    fn from(error: Error) -> Self {
        Self::Http(error)
    }
}
