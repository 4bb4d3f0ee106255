//! MQTT control packets as bytes: what a client sends, and what a server may answer.
//!
//! Read first: OASIS *MQTT Version 3.1.1* (29 October 2014), sections 2 and 3, and OASIS *MQTT
//! Version 5.0* (7 March 2019), whose sections have the same numbers. The numbers in brackets below,
//! such as \[MQTT-2.2.2-2\], are their conformance statements.
//!
//! [`decode`] is strict: everything a server must not send is refused, on the first byte that shows
//! it, so that a peer which speaks something else is told apart from a slow one. What the standard
//! leaves open is taken, such as a remaining length padded with zero groups.

mod decode;
mod encode;
mod five;
mod property;
mod reason;

pub use decode::{Connack, Decoded, Header, Malformed, Packet, Publish, decode};
pub use encode::{
    Connect, Credentials, DISCONNECT, EncodeError, PINGREQ, PublishHead, Subscribe, Will, puback,
};
pub use reason::Reason;

use core::num::NonZeroU16;

/// Numbers a packet that is to be acknowledged; never 0 \[MQTT-2.3.1-1\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketId(NonZeroU16);

impl PacketId {
    /// Is the first number of a connection.
    pub const FIRST: Self = Self(NonZeroU16::MIN);

    /// Returns the number as it stands in a packet, or `None` for 0.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Returns the number.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// Returns the next number; 1 follows 65,535.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Self(number),
            None => Self::FIRST,
        }
    }
}

/// Says how hard a message is tried; "exactly once" is not spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Quality {
    /// Sends once and forgets (`QoS` 0).
    AtMostOnce,
    /// Sends until the other side acknowledges (`QoS` 1).
    AtLeastOnce,
}

impl Quality {
    const fn bits(self) -> u8 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce => 1,
        }
    }
}

/// Says whether the server keeps a message for those who subscribe later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Retain {
    /// Passes the message to present subscribers.
    Pass,
    /// Keeps it as the last known value of its topic.
    Keep,
}

impl Retain {
    const fn bit(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Keep => 1,
        }
    }
}

/// Says what becomes of subscription and waiting messages between two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Session {
    /// Starts from nothing and leaves nothing behind.
    Clean,
    /// Lets the server hold commands while the device is away.
    Kept,
}

/// Packet types with the flags they must carry, shifted as in the first byte (section 2.2).
mod first_byte {
    pub(super) const CONNECT: u8 = 0x10;
    pub(super) const CONNACK: u8 = 0x20;
    pub(super) const PUBLISH: u8 = 0x30;
    pub(super) const PUBACK: u8 = 0x40;
    pub(super) const SUBSCRIBE: u8 = 0x82;
    pub(super) const SUBACK: u8 = 0x90;
    pub(super) const PINGREQ: u8 = 0xC0;
    pub(super) const PINGRESP: u8 = 0xD0;
    pub(super) const DISCONNECT: u8 = 0xE0;
}
