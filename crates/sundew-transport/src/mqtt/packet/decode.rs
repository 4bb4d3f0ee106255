use core::{fmt, num::NonZeroU16};

use sundew_core::{Classify, ErrorKind};

use super::property::{Home, split};
use super::{PacketId, Quality, Reason, first_byte, five};
use crate::mqtt::protocol::sealed::Remember;
use crate::mqtt::{Protocol, Terms, bytes};

/// Reads the packet at the start of `input`; `None` where its end is not there yet.
///
/// # Errors
///
/// Returns [`Malformed`] for bytes that no server may send to a client that subscribes with `QoS` 1
/// and, in MQTT 5, has asked for nothing but what [`V5`](crate::mqtt::V5) says.
///
/// ```
/// use sundew_transport::mqtt::V3_1_1;
/// use sundew_transport::mqtt::packet::{Packet, decode};
///
/// let bytes = [0x30, 5, 0, 1, b't', b'h', b'i', 0xD0];
/// let decoded = decode(V3_1_1, &bytes).unwrap().unwrap();
/// assert_eq!(decoded.length, 7);
/// let Packet::Publish(message) = decoded.packet else { panic!() };
/// assert_eq!((message.topic, message.payload), (&b"t"[..], &b"hi"[..]));
/// ```
pub fn decode<P: Protocol>(
    protocol: P,
    input: &[u8],
) -> Result<Option<Decoded<'_, P::Memory>>, Malformed> {
    match Header::read(protocol, input)? {
        Some(header) => header.decode(protocol, input),
        None => Ok(None),
    }
}

/// Holds a packet and the number of bytes it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decoded<'b, M = Terms> {
    /// Holds the packet.
    pub packet: Packet<'b, M>,
    /// Holds its size in bytes.
    pub length: usize,
}

/// Holds a packet of a server; `M` is the [`Memory`](Protocol::Memory) of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Packet<'b, M = Terms> {
    /// Answers CONNECT (section 3.2).
    Connack(Connack<M>),
    /// Carries a message (section 3.3).
    Publish(Publish<'b>),
    /// Answers a message with `QoS` 1 (section 3.4).
    Puback {
        /// Holds the number of the message.
        id: PacketId,
        /// Holds why the server did not take it, which only MQTT 5 can say; `None` where it did.
        refused: Option<Reason>,
    },
    /// Answers a SUBSCRIBE with one filter (section 3.9).
    Suback {
        /// Holds the number of the SUBSCRIBE.
        id: PacketId,
        /// Holds what the server grants, or why it refuses the subscription.
        granted: Result<Quality, Reason>,
    },
    /// Answers PINGREQ (section 3.13).
    Pingresp,
    /// Ends the connection (MQTT 5.0, 3.14).
    Disconnect(Reason),
}

/// Holds the server's answer to CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Connack<M = Terms> {
    /// Accepts a client that the server had forgotten.
    Fresh(M),
    /// Accepts a client whose session the server has kept.
    Resumed(M),
    /// Refuses the client.
    Refused(Reason),
}

impl<M: Remember> Connack<M> {
    fn read(flags: u8, code: u8) -> Result<Self, Malformed> {
        let terms = M::remember(Terms::DEFAULT);
        match (flags, code) {
            (0, 0) => Ok(Self::Fresh(terms)),
            (1, 0) => Ok(Self::Resumed(terms)),
            // A refusal never announces a session [MQTT-3.2.2-4].
            (0, code) => Reason::of_return_code(code).map(Self::Refused),
            _ => Err(Malformed::Flags),
        }
    }
}

/// Holds a message from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Publish<'b> {
    /// Holds the topic: UTF-8, no wildcard, no NUL, not empty.
    pub topic: &'b [u8],
    /// Holds the number to acknowledge, where the message was sent with `QoS` 1.
    pub id: Option<PacketId>,
    /// Holds the content.
    pub payload: &'b [u8],
}

/// Says what is wrong with received bytes: the server, or what is between, is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Malformed {
    /// Reports a packet type that is reserved or that a server may not send to this client.
    Type,
    /// Reports reserved flags that are set, or a `QoS` that was not asked for \[MQTT-2.2.2-2\].
    Flags,
    /// Reports a remaining length that is malformed or impossible for its packet type.
    Length,
    /// Reports an empty topic, or one with a wildcard, a NUL or broken UTF-8 \[MQTT-3.3.2-2\].
    Topic,
    /// Reports packet identifier 0 \[MQTT-2.3.1-1\].
    PacketId,
    /// Reports a return code or reason code that the standard reserves, or does not allow there.
    ReturnCode,
    /// Reports a property that is unknown, that this packet must not have, or that has an impossible
    /// value (MQTT 5.0, 2.2.2.2).
    Property,
    /// Reports a property that came twice in one packet (MQTT 5.0, 2.2.2.2).
    Duplicate,
}

impl Classify for Malformed {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Peer
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type => "unexpected packet type",
            Self::Flags => "wrong packet flags",
            Self::Length => "wrong packet length",
            Self::Topic => "malformed topic",
            Self::PacketId => "packet identifier 0",
            Self::ReturnCode => "reserved return code",
            Self::Property => "wrong property",
            Self::Duplicate => "property came twice",
        })
    }
}

impl core::error::Error for Malformed {}

/// Holds the fixed header of a packet (section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    kind: Kind,
    length: u8,
    remaining: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Kind {
    Connack,
    Publish {
        quality: Quality,
    },
    Puback,
    Suback,
    Pingresp,
    /// Comes in MQTT 5 only.
    Disconnect,
}

impl Header {
    /// Reads the header at the start of `input`; `None` where its end is not there yet.
    ///
    /// # Errors
    ///
    /// Returns [`Malformed`] for a wrong type, wrong flags or a length that the type cannot have.
    pub fn read<P: Protocol>(protocol: P, input: &[u8]) -> Result<Option<Self>, Malformed> {
        let Some((&first, rest)) = input.split_first() else { return Ok(None) };
        let is_five = protocol.v5().is_some();
        let kind = Kind::read(first, is_five)?;
        let Some((remaining, groups)) = read_variable(rest, is_five)? else { return Ok(None) };
        let allowed = if is_five { five::allows(kind, remaining) } else { kind.allows(remaining) };
        let header = Self { kind, length: 1 + groups, remaining };
        if allowed { Ok(Some(header)) } else { Err(Malformed::Length) }
    }

    /// Returns the size of the whole packet in bytes: at most 268,435,460.
    pub const fn total(&self) -> u32 {
        self.remaining + self.length as u32
    }

    /// Reads the packet that this header, at the start of `input`, begins.
    pub(crate) fn decode<P: Protocol>(
        self,
        protocol: P,
        input: &[u8],
    ) -> Result<Option<Decoded<'_, P::Memory>>, Malformed> {
        let Some(body) = self.body(input) else { return Ok(None) };
        let is_five = protocol.v5().is_some();
        let packet = match (self.kind, body) {
            (kind, body) if is_five && !matches!(kind, Kind::Publish { .. }) => {
                five::read(kind, body)?
            }
            (Kind::Connack, &[flags, code]) => Packet::Connack(Connack::read(flags, code)?),
            (Kind::Puback, &[high, low]) => {
                Packet::Puback { id: read_id(high, low)?, refused: None }
            }
            (Kind::Suback, &[high, low, code]) => {
                Packet::Suback { id: read_id(high, low)?, granted: read_grant(code)? }
            }
            (Kind::Publish { .. }, body) => {
                // A head that is not whole within the whole body claims a longer topic than there is.
                let Some((mut message, head)) = self.publish_head(body)? else {
                    return Err(Malformed::Length);
                };
                message.payload = body.get(head..).ok_or(Malformed::Length)?;
                if is_five {
                    let (properties, payload) = split(Home::Publish, message.payload)?;
                    properties.check()?;
                    message.payload = payload;
                }
                Packet::Publish(message)
            }
            (Kind::Pingresp, &[]) => Packet::Pingresp,
            _ => return Err(Malformed::Length),
        };
        Ok(Some(Decoded { packet, length: usize::from(self.length) + body.len() }))
    }

    fn body(self, input: &[u8]) -> Option<&[u8]> {
        let remaining = usize::try_from(self.remaining).ok()?;
        input.get(usize::from(self.length)..)?.get(..remaining)
    }

    /// Reads topic and number of a PUBLISH too large to be held; `None` where they are not there yet.
    pub(crate) fn publish_head_of(self, input: &[u8]) -> Result<Option<Publish<'_>>, Malformed> {
        let body = input.get(usize::from(self.length)..).unwrap_or_default();
        Ok(self.publish_head(body)?.map(|(message, _)| message))
    }

    /// Reads the variable header of a PUBLISH and returns its size; the payload is left empty.
    fn publish_head(self, body: &[u8]) -> Result<Option<(Publish<'_>, usize)>, Malformed> {
        let Kind::Publish { quality } = self.kind else { return Err(Malformed::Type) };
        let Some((&[high, low], rest)) = body.split_first_chunk() else { return Ok(None) };
        let topic_length = u16::from_be_bytes([high, low]);
        let id_length = 2 * quality.bits();
        let head = 2 + u32::from(topic_length) + u32::from(id_length);
        if head > self.remaining {
            return Err(Malformed::Length);
        }
        let Some((topic, rest)) = rest.split_at_checked(usize::from(topic_length)) else {
            return Ok(None);
        };
        let id = match (quality, rest) {
            (Quality::AtMostOnce, _) => None,
            (Quality::AtLeastOnce, &[high, low, ..]) => Some(read_id(high, low)?),
            (Quality::AtLeastOnce, _) => return Ok(None),
        };
        let topic = read_topic(topic)?;
        let head = 2 + usize::from(topic_length) + usize::from(id_length);
        Ok(Some((Publish { topic, id, payload: &[] }, head)))
    }
}

impl Kind {
    fn read(first: u8, is_five: bool) -> Result<Self, Malformed> {
        let kind = match first & 0xF0 {
            first_byte::CONNACK => Self::Connack,
            first_byte::PUBACK => Self::Puback,
            first_byte::SUBACK => Self::Suback,
            first_byte::PINGRESP => Self::Pingresp,
            first_byte::DISCONNECT if is_five => Self::Disconnect,
            first_byte::PUBLISH => {
                // Bits: 3 duplicate, 2..1 QoS, 0 retain. QoS 0 is never a duplicate [MQTT-3.3.1-2].
                return match first & 0b1110 {
                    0b0000 => Ok(Self::Publish { quality: Quality::AtMostOnce }),
                    0b0010 | 0b1010 => Ok(Self::Publish { quality: Quality::AtLeastOnce }),
                    _ => Err(Malformed::Flags),
                };
            }
            _ => return Err(Malformed::Type),
        };
        match first & 0x0F {
            0 => Ok(kind),
            _ => Err(Malformed::Flags),
        }
    }

    const fn allows(self, remaining: u32) -> bool {
        match self {
            Self::Connack | Self::Puback => remaining == 2,
            // Two bytes of identifier and a code per filter [MQTT-3.8.4-5]: we ask for one.
            Self::Suback => remaining == 3,
            Self::Pingresp => remaining == 0,
            Self::Publish { .. } => remaining >= 3,
            Self::Disconnect => false,
        }
    }
}

/// Reads a remaining length, or another variable byte integer, and its size; `None` where its end is
/// not there yet. MQTT 5 allows no padding \[MQTT-1.5.5-1\].
pub(super) fn read_variable(bytes: &[u8], is_five: bool) -> Result<Option<(u32, u8)>, Malformed> {
    let (mut value, mut shift, mut length) = (0, 0, 0);
    for &byte in bytes {
        value |= u32::from(byte & 0x7F) << shift;
        length += 1;
        if byte & 0x80 == 0 {
            let is_padded = is_five && byte == 0 && length > 1;
            return if is_padded { Err(Malformed::Length) } else { Ok(Some((value, length))) };
        }
        shift += 7;
        // Four groups are the most (section 2.2.3); a fourth that goes on can only be garbage.
        if shift == 28 {
            return Err(Malformed::Length);
        }
    }
    Ok(None)
}

pub(super) fn read_id(high: u8, low: u8) -> Result<PacketId, Malformed> {
    NonZeroU16::new(u16::from_be_bytes([high, low])).map(PacketId).ok_or(Malformed::PacketId)
}

fn read_grant(code: u8) -> Result<Result<Quality, Reason>, Malformed> {
    match code {
        0 => Ok(Ok(Quality::AtMostOnce)),
        1 => Ok(Ok(Quality::AtLeastOnce)),
        0x80 => Ok(Err(Reason::Unspecified)),
        // 2 would be more than the 1 that was asked for.
        _ => Err(Malformed::ReturnCode),
    }
}

fn read_topic(topic: &[u8]) -> Result<&[u8], Malformed> {
    let forbidden = topic.iter().any(|byte| matches!(byte, b'+' | b'#' | 0));
    if topic.is_empty() || forbidden || !bytes::is_utf8(topic) {
        return Err(Malformed::Topic);
    }
    Ok(topic)
}
