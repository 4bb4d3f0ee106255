//! What can go wrong with a session, and who must act.

use core::convert::Infallible;
use core::fmt;

use sundew_core::{Classify, ErrorKind};

/// Says why a session was refused or has ended; the session is dead after any of them.
///
/// Whatever the other side or someone on the line can cause is [`ErrorKind::Peer`],
/// [`ErrorKind::Bus`] or, where a record claims to be longer than its buffer or the keys are used
/// up, [`ErrorKind::Resource`]: never [`ErrorKind::Config`] or [`ErrorKind::Bug`], so that nobody can
/// talk a device out of trying again. The length of a record is not authenticated before the whole
/// of it is there, so anybody on the line can claim one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reports an error of the socket below.
    Io(E),
    /// Reports that the wait hook gave up on the peer.
    TimedOut,
    /// Reports that the connection ended without the peer's `close_notify`: bytes may be missing.
    CutOff,
    /// Reports that the peer closed the session, or that this session has failed before.
    Closed,
    /// Reports the description of an alert that the peer sent (RFC 8446 section 6).
    PeerAlert(u8),
    /// Reports a certificate that is not for the name of the server.
    WrongName,
    /// Reports that no chain of valid signatures leads to the trust anchor or to a pinned key.
    UntrustedIssuer,
    /// Reports a certificate whose validity has ended.
    Expired,
    /// Reports a certificate whose validity has not begun.
    NotYetValid,
    /// Reports a certificate whose key usage or extended key usage forbids a TLS server or issuer.
    WrongUsage,
    /// Reports a certificate that is malformed or has an unknown critical extension.
    BadCertificate,
    /// Reports a key or signature of a kind that this build does not check: it checks ECDSA with
    /// P-256 and SHA-256, with the feature `p384` that with P-384 and SHA-384, with the feature
    /// `ed25519` Ed25519.
    UnsupportedAlgorithm,
    /// Reports more intermediate certificates than [`MAX_INTERMEDIATES`](super::MAX_INTERMEDIATES).
    TooManyCertificates,
    /// Reports that `CertificateVerify` or `Finished` does not fit the handshake.
    BadSignature,
    /// Reports a server that went on without sending its `Certificate`.
    MissingCertificate,
    /// Reports a server that went on without proving that it holds the certificate's key.
    MissingSignature,
    /// Reports a server that did not take the shared key, and offers a certificate instead.
    PskNotTaken,
    /// Reports a handshake message in the wrong place.
    OutOfOrder,
    /// Reports an extension that was not asked for.
    UnsolicitedExtension,
    /// Reports a `ServerHello` that is not TLS 1.3 or chooses what was not offered.
    Incompatible,
    /// Reports a handshake message that the engine cannot read.
    Handshake,
    /// Reports a handshake message that was split over records, which the engine cannot join.
    SplitMessage,
    /// Reports a record of a type, version or length that is not legal at its place.
    IllegalRecord,
    /// Reports a record that fails its authentication.
    BadRecord,
    /// Reports a record that does not fit the buffer it is meant for.
    RecordTooLong {
        /// Holds the buffer length that would do, in bytes.
        needed: u16,
    },
    /// Reports a server that asked for new keys, which this engine cannot make.
    KeyUpdate,
    /// Reports that the keys have sealed as many records as they may: open a new session.
    KeysUsedUp,
    /// Reports bytes that are no certificate of a certificate authority, or no pin at all.
    BadAnchor,
    /// Reports a shared key of fewer than 16 bytes, or an identity that is not 1 to 128 bytes long.
    BadPsk,
    /// Reports a server name that is neither a DNS name nor an IP address.
    BadServerName,
    /// Reports a transmit buffer that is too small.
    BufferTooSmall {
        /// Holds the buffer length that would do, in bytes.
        needed: u16,
    },
    /// Reports a state that cannot happen: please report it.
    Bug,
}

/// Is why a server is refused, where no socket is involved.
pub(super) type Refusal = Error<Infallible>;

impl Error<Infallible> {
    /// Changes the type of the socket's error, of which there is none.
    pub(super) fn widen<E>(self) -> Error<E> {
        self.map_io(|never| match never {})
    }
}

impl<E> Error<E> {
    fn map_io<T>(self, map: impl FnOnce(E) -> T) -> Error<T> {
        match self {
            Self::Io(error) => Error::Io(map(error)),
            Self::TimedOut => Error::TimedOut,
            Self::CutOff => Error::CutOff,
            Self::Closed => Error::Closed,
            Self::PeerAlert(description) => Error::PeerAlert(description),
            Self::WrongName => Error::WrongName,
            Self::UntrustedIssuer => Error::UntrustedIssuer,
            Self::Expired => Error::Expired,
            Self::NotYetValid => Error::NotYetValid,
            Self::WrongUsage => Error::WrongUsage,
            Self::BadCertificate => Error::BadCertificate,
            Self::UnsupportedAlgorithm => Error::UnsupportedAlgorithm,
            Self::TooManyCertificates => Error::TooManyCertificates,
            Self::BadSignature => Error::BadSignature,
            Self::MissingCertificate => Error::MissingCertificate,
            Self::MissingSignature => Error::MissingSignature,
            Self::PskNotTaken => Error::PskNotTaken,
            Self::OutOfOrder => Error::OutOfOrder,
            Self::UnsolicitedExtension => Error::UnsolicitedExtension,
            Self::Incompatible => Error::Incompatible,
            Self::Handshake => Error::Handshake,
            Self::SplitMessage => Error::SplitMessage,
            Self::IllegalRecord => Error::IllegalRecord,
            Self::BadRecord => Error::BadRecord,
            Self::RecordTooLong { needed } => Error::RecordTooLong { needed },
            Self::KeyUpdate => Error::KeyUpdate,
            Self::KeysUsedUp => Error::KeysUsedUp,
            Self::BadAnchor => Error::BadAnchor,
            Self::BadPsk => Error::BadPsk,
            Self::BadServerName => Error::BadServerName,
            Self::BufferTooSmall { needed } => Error::BufferTooSmall { needed },
            Self::Bug => Error::Bug,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Io(_) => "the socket failed",
            Self::TimedOut => "the peer took too long",
            Self::CutOff => "the connection ended without a close_notify",
            Self::Closed => "the session is closed",
            Self::PeerAlert(_) => "the peer sent an alert",
            Self::WrongName => "the certificate is for another name",
            Self::UntrustedIssuer => "the certificate leads to nobody who is trusted",
            Self::Expired => "a certificate has expired",
            Self::NotYetValid => "a certificate is not valid yet",
            Self::WrongUsage => "a certificate is not meant for this use",
            Self::BadCertificate => "a certificate is malformed",
            Self::UnsupportedAlgorithm => "a certificate uses an unsupported algorithm",
            Self::TooManyCertificates => "the server sent too many certificates",
            Self::BadSignature => "the server's signature over the handshake is wrong",
            Self::MissingCertificate => "the server left out its certificate",
            Self::MissingSignature => "the server left out its signature",
            Self::PskNotTaken => "the server did not take the shared key",
            Self::UnsolicitedExtension => "an extension was not asked for",
            Self::OutOfOrder => "a handshake message is in the wrong place",
            Self::Incompatible => "the server chose what was not offered",
            Self::Handshake => "a handshake message is malformed",
            Self::SplitMessage => "a handshake message is split over records",
            Self::IllegalRecord => "a record is not legal here",
            Self::BadRecord => "a record fails its authentication",
            Self::RecordTooLong { .. } => "a record does not fit its buffer",
            Self::KeyUpdate => "the server asked for new keys",
            Self::KeysUsedUp => "the keys have sealed enough records",
            Self::BadAnchor => "the trust anchor is no authority's certificate",
            Self::BadPsk => "the shared key or its identity is too short or too long",
            Self::BadServerName => "the server name is no DNS name or IP address",
            Self::BufferTooSmall { .. } => "the transmit buffer is too small",
            Self::Bug => "a state that cannot happen",
        }
    }
}

impl<E: fmt::Debug> Classify for Error<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(_) | Self::TimedOut | Self::CutOff | Self::IllegalRecord | Self::BadRecord => {
                ErrorKind::Bus
            }
            Self::RecordTooLong { .. } | Self::KeysUsedUp => ErrorKind::Resource,
            Self::BadAnchor | Self::BadPsk | Self::BadServerName | Self::BufferTooSmall { .. } => {
                ErrorKind::Config
            }
            Self::Bug => ErrorKind::Bug,
            _ => ErrorKind::Peer,
        }
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

impl<E: fmt::Debug> embedded_io::Error for Error<E> {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::TimedOut => embedded_io::ErrorKind::TimedOut,
            Self::CutOff => embedded_io::ErrorKind::ConnectionAborted,
            Self::Closed => embedded_io::ErrorKind::NotConnected,
            Self::BadAnchor | Self::BadPsk | Self::BadServerName | Self::BufferTooSmall { .. } => {
                embedded_io::ErrorKind::InvalidInput
            }
            Self::Io(_) | Self::Bug => embedded_io::ErrorKind::Other,
            _ => embedded_io::ErrorKind::InvalidData,
        }
    }
}
