use core::fmt;

use sundew_core::{Classify, ErrorKind};

use super::{PacketId, Quality, Retain, Session, first_byte};
use crate::mqtt::{Protocol, Topic, bytes};

/// Asks the server to answer, as bytes (section 3.12).
pub const PINGREQ: [u8; 2] = [first_byte::PINGREQ, 0];

/// Takes leave, as bytes (section 3.14).
pub const DISCONNECT: [u8; 2] = [first_byte::DISCONNECT, 0];

/// Returns the packet that acknowledges message `id` (section 3.4).
pub const fn puback(id: PacketId) -> [u8; 4] {
    let [high, low] = id.number().to_be_bytes();
    [first_byte::PUBACK, 2, high, low]
}

/// Describes a CONNECT (section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connect<'a> {
    /// Holds the client identifier.
    pub client_id: &'a str,
    /// Says whether the server keeps the session.
    pub session: Session,
    /// Holds the longest silence of the client in seconds; 0 allows any.
    pub keep_alive_s: u16,
    /// Holds user name and password.
    pub credentials: Option<Credentials<'a>>,
    /// Holds what the server publishes when the connection is lost.
    pub will: Option<Will<'a>>,
}

/// Holds user name and password; `Debug` shows neither.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// Holds the user name.
    pub user: &'a str,
    /// Holds the password.
    pub password: &'a [u8],
}

/// Describes the last will: what the server publishes for a client that got lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Will<'a> {
    /// Holds the topic.
    pub topic: Topic<'a>,
    /// Holds the content.
    pub payload: &'a [u8],
    /// Says how hard the server tries.
    pub quality: Quality,
    /// Says whether the server keeps it.
    pub retain: Retain,
}

/// Describes a SUBSCRIBE with one filter (section 3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Subscribe<'a> {
    /// Holds the number that the answer carries.
    pub id: PacketId,
    /// Holds the filter; without wildcards it is a topic.
    pub filter: Topic<'a>,
    /// Holds the highest quality that is asked for.
    pub quality: Quality,
}

/// Describes a PUBLISH up to its payload, which follows on the wire (section 3.3).
///
/// The payload is written from where it is: no buffer has to hold the whole packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublishHead<'a> {
    /// Holds the topic.
    pub topic: Topic<'a>,
    /// Holds the number to be acknowledged, for `QoS` 1; `None` sends with `QoS` 0.
    pub id: Option<PacketId>,
    /// Says whether the server keeps the message.
    pub retain: Retain,
    /// Holds the size of the payload in bytes.
    pub payload_length: u16,
}

/// Says why a packet was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// Reports a buffer that is too small.
    NoRoom {
        /// Holds the size in bytes that would do.
        needed: u32,
    },
    /// Reports a field that is longer than the 65,535 bytes that MQTT can carry.
    TooLong,
}

impl Classify for EncodeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoRoom { .. } => ErrorKind::Resource,
            Self::TooLong => ErrorKind::Config,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { needed } => write!(f, "buffer is too small, {needed} bytes needed"),
            Self::TooLong => f.write_str("field is longer than 65535 bytes"),
        }
    }
}

impl core::error::Error for EncodeError {}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Credentials<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Credentials(..)");
    }
}

impl Connect<'_> {
    /// Returns the size of the packet in bytes.
    pub fn length<P: Protocol>(&self, protocol: P) -> u32 {
        with_header(self.remaining(protocol))
    }

    /// Writes the packet to the start of `out` and returns its size in bytes.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError`] where `out` or MQTT has no room for it; `out` may have changed.
    pub fn encode<P: Protocol>(&self, protocol: P, out: &mut [u8]) -> Result<usize, EncodeError> {
        let mut writer = Writer::start(out, first_byte::CONNECT, self.remaining(protocol), 0)?;
        writer.field(b"MQTT")?;
        let v5 = protocol.v5();
        // Protocol level 4 is MQTT 3.1.1, level 5 is MQTT 5.0 (section 3.1.2.2).
        let level = if v5.is_some() { 5 } else { 4 };
        let [high, low] = self.keep_alive_s.to_be_bytes();
        writer.bytes(&[level, self.flags(), high, low])?;
        if let Some(v5) = &v5 {
            let expiry = match self.session {
                Session::Clean => 0,
                Session::Kept => v5.session_expiry_s,
            };
            // Session Expiry Interval, Request Problem Information, Maximum Packet Size.
            writer.bytes(&[12, 0x11])?;
            writer.bytes(&expiry.to_be_bytes())?;
            writer.bytes(&[0x17, 0, 0x27])?;
            writer.bytes(&v5.packet_bytes.to_be_bytes())?;
        }
        writer.field(self.client_id.as_bytes())?;
        if let Some(will) = &self.will {
            if let Some(v5) = &v5 {
                // Will Delay Interval.
                writer.bytes(&[5, 0x18])?;
                writer.bytes(&v5.will_delay_s.to_be_bytes())?;
            }
            writer.topic(&will.topic)?;
            writer.field(will.payload)?;
        }
        if let Some(credentials) = &self.credentials {
            writer.field(credentials.user.as_bytes())?;
            writer.field(credentials.password)?;
        }
        Ok(writer.written)
    }

    fn remaining<P: Protocol>(&self, protocol: P) -> u32 {
        let will =
            self.will.map_or(0, |will| will.topic.field_length() + field_length(will.payload));
        let credentials = self.credentials.map_or(0, |credentials| {
            field_length(credentials.user.as_bytes()) + field_length(credentials.password)
        });
        let mut properties = 0;
        if protocol.v5().is_some() {
            properties = PROPERTIES;
            if self.will.is_some() {
                properties += WILL_PROPERTIES;
            }
        }
        10 + properties as u32 + field_length(self.client_id.as_bytes()) + will + credentials
    }

    /// Returns the connect flags (section 3.1.2.3).
    fn flags(&self) -> u8 {
        let session = match self.session {
            Session::Clean => 0x02,
            Session::Kept => 0,
        };
        let will = self
            .will
            .map_or(0, |will| 0x04 | (will.quality.bits() << 3) | (will.retain.bit() << 5));
        session | will | if self.credentials.is_some() { 0xC0 } else { 0 }
    }
}

impl Subscribe<'_> {
    /// Returns the size of the packet in bytes.
    pub fn length<P: Protocol>(&self, protocol: P) -> u32 {
        with_header(self.remaining(protocol))
    }

    /// Writes the packet to the start of `out` and returns its size in bytes.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError`] where `out` or MQTT has no room for it; `out` may have changed.
    pub fn encode<P: Protocol>(&self, protocol: P, out: &mut [u8]) -> Result<usize, EncodeError> {
        let mut writer = Writer::start(out, first_byte::SUBSCRIBE, self.remaining(protocol), 0)?;
        writer.bytes(&self.id.number().to_be_bytes())?;
        writer.no_properties(protocol)?;
        writer.topic(&self.filter)?;
        writer.bytes(&[self.quality.bits()])?;
        Ok(writer.written)
    }

    fn remaining<P: Protocol>(&self, protocol: P) -> u32 {
        3 + no_properties(protocol) + self.filter.field_length()
    }
}

impl PublishHead<'_> {
    /// Returns the size of the head in bytes, without the payload.
    pub fn length<P: Protocol>(&self, protocol: P) -> u32 {
        with_header(self.remaining(protocol)) - u32::from(self.payload_length)
    }

    /// Writes the head to the start of `out` and returns its size in bytes; the payload comes next.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError`] where `out` or MQTT has no room for it; `out` may have changed.
    pub fn encode<P: Protocol>(&self, protocol: P, out: &mut [u8]) -> Result<usize, EncodeError> {
        let quality = if self.id.is_some() { 0b10 } else { 0 };
        let retain = self.retain.bit();
        let first = first_byte::PUBLISH | quality | retain;
        let payload = u32::from(self.payload_length);
        let mut writer = Writer::start(out, first, self.remaining(protocol), payload)?;
        writer.topic(&self.topic)?;
        if let Some(id) = self.id {
            writer.bytes(&id.number().to_be_bytes())?;
        }
        writer.no_properties(protocol)?;
        Ok(writer.written)
    }

    fn remaining<P: Protocol>(&self, protocol: P) -> u32 {
        let id = if self.id.is_some() { 2 } else { 0 };
        self.topic.field_length() + id + no_properties(protocol) + u32::from(self.payload_length)
    }
}

/// Holds the size of the properties of CONNECT and their length (MQTT 5.0, 3.1.2.11).
const PROPERTIES: usize = 13;

/// Holds the size of the properties of a will and their length (MQTT 5.0, 3.1.3.2).
const WILL_PROPERTIES: usize = 6;

/// Returns the size of empty properties, which 3.1.1 does not have.
fn no_properties<P: Protocol>(protocol: P) -> u32 {
    u32::from(protocol.v5().is_some())
}

/// Returns the size of a field on the wire: two bytes of length and the bytes themselves.
fn field_length(bytes: &[u8]) -> u32 {
    2 + u32::try_from(bytes.len()).unwrap_or(u32::MAX / 8)
}

/// Returns the size of a packet with `remaining` bytes after its fixed header (section 2.2.3).
fn with_header(remaining: u32) -> u32 {
    let groups = match remaining {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    };
    1 + groups + remaining
}

struct Writer<'b> {
    room: &'b mut [u8],
    written: usize,
}

impl<'b> Writer<'b> {
    /// Writes the fixed header of a packet of which the last `elsewhere` bytes go another way.
    fn start(
        out: &'b mut [u8],
        first: u8,
        remaining: u32,
        elsewhere: u32,
    ) -> Result<Self, EncodeError> {
        let needed = with_header(remaining) - elsewhere;
        if u32::try_from(out.len()).is_ok_and(|room| room < needed) {
            return Err(EncodeError::NoRoom { needed });
        }
        let mut writer = Self { room: out, written: 0 };
        writer.bytes(&[first])?;
        let mut left = remaining;
        while left >= 0x80 {
            writer.bytes(&[left as u8 | 0x80])?;
            left >>= 7;
        }
        writer.bytes(&[left as u8])?;
        Ok(writer)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let room = core::mem::take(&mut self.room);
        let Some((here, rest)) = room.split_at_mut_checked(bytes.len()) else {
            // The size was checked at the start, so only a field beyond its u16 comes here.
            return Err(EncodeError::TooLong);
        };
        bytes::copy(here, bytes);
        self.room = rest;
        self.written += bytes.len();
        Ok(())
    }

    fn no_properties<P: Protocol>(&mut self, protocol: P) -> Result<(), EncodeError> {
        if protocol.v5().is_some() { self.bytes(&[0]) } else { Ok(()) }
    }

    fn length(&mut self, length: usize) -> Result<(), EncodeError> {
        let length = u16::try_from(length).map_err(|_| EncodeError::TooLong)?;
        self.bytes(&length.to_be_bytes())
    }

    fn field(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.length(bytes.len())?;
        self.bytes(bytes)
    }

    fn topic(&mut self, topic: &Topic<'_>) -> Result<(), EncodeError> {
        self.length(topic.length())?;
        topic.pieces().iter().try_for_each(|piece| self.bytes(piece.as_bytes()))
    }
}
