//! What ends a connection.

use core::fmt;

use sundew_core::{Classify, ErrorKind};

use super::packet::{EncodeError, Malformed, Reason};

/// Says why the engine gave a connection up or did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Reports that the server refused the client.
    Refused(Reason),
    /// Reports that the server refused the subscription to the device's commands.
    SubscriptionRefused(Reason),
    /// Reports that the server ended the connection, which only MQTT 5 can say.
    Disconnected(Reason),
    /// Reports a message that needs what this MQTT 5 server does not offer.
    NotOffered(Offer),
    /// Reports a packet larger than this MQTT 5 server takes.
    PacketTooLarge {
        /// Holds the largest size in bytes.
        limit: u32,
    },
    /// Reports bytes that are no MQTT of a server.
    Malformed(Malformed),
    /// Reports a packet that is well-formed but answers nothing that was asked.
    Unexpected,
    /// Reports a packet whose topic alone is larger than the receive buffer.
    TooLarge {
        /// Holds the size of the packet in bytes.
        bytes: u32,
    },
    /// Reports an answer that did not come in time.
    TimedOut(Duty),
    /// Reports a message given before the log-in is complete.
    NotUp,
    /// Reports a message given while another awaits its acknowledgement.
    WindowFull,
    /// Reports a payload beyond what the link's capabilities say.
    PayloadTooLarge {
        /// Holds the largest size in bytes.
        limit: u16,
    },
    /// Reports a packet that cannot be encoded.
    Encode(EncodeError),
    /// Reports a call after the connection has ended.
    Ended,
}

/// Names what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Duty {
    /// Waits for the answers to CONNECT and SUBSCRIBE.
    LogIn,
    /// Waits for the acknowledgement of a message.
    Acknowledgement,
    /// Waits for the answer to a ping.
    KeepAlive,
}

/// Names what a server of MQTT 5 may do without (MQTT 5.0, 3.2.2.3.4 and 3.2.2.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Offer {
    /// Acknowledges messages (`QoS` 1).
    Acknowledgement,
    /// Keeps messages for those who subscribe later.
    Retaining,
}

/// Says why an [`MqttLink`](super::MqttLink) is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LinkError<E> {
    /// Passes on the error of the stream.
    Transport(E),
    /// Reports that the other side has closed the stream.
    Closed,
    /// Passes on the error of the engine.
    Mqtt(Error),
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            // As with a wrong password: the rights on the server and the device do not fit. 3.1.1
            // never says more than this.
            Self::SubscriptionRefused(Reason::Unspecified)
            | Self::NotOffered(_)
            | Self::PacketTooLarge { .. } => ErrorKind::Config,
            Self::Refused(reason)
            | Self::SubscriptionRefused(reason)
            | Self::Disconnected(reason) => reason.kind(),
            Self::Malformed(_) | Self::Unexpected | Self::TimedOut(_) => ErrorKind::Peer,
            Self::TooLarge { .. } | Self::PayloadTooLarge { .. } | Self::WindowFull => {
                ErrorKind::Resource
            }
            // The same call on the next connection is in order.
            Self::NotUp | Self::Ended => ErrorKind::Bus,
            Self::Encode(error) => error.kind(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => reason.fmt(f),
            Self::SubscriptionRefused(Reason::Unspecified) => {
                f.write_str("server refuses the subscription")
            }
            Self::SubscriptionRefused(reason) => write!(f, "no subscription: {reason}"),
            Self::Disconnected(reason) => write!(f, "disconnected: {reason}"),
            Self::NotOffered(Offer::Acknowledgement) => {
                f.write_str("server acknowledges no messages")
            }
            Self::NotOffered(Offer::Retaining) => f.write_str("server retains no messages"),
            Self::PacketTooLarge { limit } => write!(f, "server takes up to {limit} bytes"),
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Unexpected => f.write_str("packet out of turn"),
            Self::TooLarge { bytes } => write!(f, "topic of a {bytes} byte packet has no room"),
            Self::TimedOut(Duty::LogIn) => f.write_str("log-in timed out"),
            Self::TimedOut(Duty::Acknowledgement) => f.write_str("acknowledgement timed out"),
            Self::TimedOut(Duty::KeepAlive) => f.write_str("ping timed out"),
            Self::NotUp => f.write_str("not logged in yet"),
            Self::WindowFull => f.write_str("another message is in flight"),
            Self::PayloadTooLarge { limit } => write!(f, "payload exceeds {limit} bytes"),
            Self::Encode(error) => error.fmt(f),
            Self::Ended => f.write_str("connection has ended"),
        }
    }
}

impl core::error::Error for Error {}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl<E: Classify> Classify for LinkError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Transport(error) => error.kind(),
            Self::Closed => ErrorKind::Peer,
            Self::Mqtt(error) => error.kind(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Closed => f.write_str("server closed the connection"),
            Self::Mqtt(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for LinkError<E> {}

impl<E> From<Error> for LinkError<E> {
    fn from(error: Error) -> Self {
        Self::Mqtt(error)
    }
}
