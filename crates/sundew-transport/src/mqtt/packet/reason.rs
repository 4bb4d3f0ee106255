use core::fmt;

use sundew_core::{Classify, ErrorKind};

use super::Malformed;

/// Says why a server refuses or leaves; the numbers are those of MQTT 5.0, section 2.4.
///
/// The five return codes of 3.1.1 are here by what they mean (3.1.1, section 3.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum Reason {
    /// The server ends the connection and says no more.
    Normal = 0x00,
    /// The server does not say why.
    Unspecified = 0x80,
    /// The server takes what it got for malformed.
    MalformedPacket = 0x81,
    /// The server takes what it got for a breach of the protocol.
    ProtocolError = 0x82,
    /// The packet is valid, and this server does not accept it.
    Implementation = 0x83,
    /// The server does not speak this version of MQTT.
    Version = 0x84,
    /// The server does not allow the client identifier.
    ClientId = 0x85,
    /// The user name or password is wrong.
    BadCredentials = 0x86,
    /// The client is not allowed to do this; mosquitto 2 says it for a wrong password too.
    NotAuthorised = 0x87,
    /// The server is there but does not serve now.
    Unavailable = 0x88,
    /// The server is busy.
    Busy = 0x89,
    /// The client was banned by a person.
    Banned = 0x8A,
    /// The server is going down.
    ShuttingDown = 0x8B,
    /// The server wants another way of authentication.
    AuthenticationMethod = 0x8C,
    /// The server has heard nothing for one and a half times the keep-alive.
    KeepAlive = 0x8D,
    /// Somebody else has logged in with the same client identifier.
    TakenOver = 0x8E,
    /// The server does not accept the topic filter.
    TopicFilter = 0x8F,
    /// The server does not accept the topic.
    TopicName = 0x90,
    /// The number of the packet is still in use.
    PacketIdInUse = 0x91,
    /// The client has sent more messages than may be in flight.
    ReceiveMaximum = 0x93,
    /// The client has used a topic alias that it may not.
    TopicAlias = 0x94,
    /// The packet is larger than the server takes.
    PacketTooLarge = 0x95,
    /// The client sends too often.
    MessageRate = 0x96,
    /// A quota is used up.
    Quota = 0x97,
    /// A person has closed the connection.
    Administrative = 0x98,
    /// The payload is not of the format that was announced.
    PayloadFormat = 0x99,
    /// The server keeps no retained messages.
    NoRetain = 0x9A,
    /// The server does not take messages of this quality.
    NoQuality = 0x9B,
    /// The client should use another server for now.
    UseAnother = 0x9C,
    /// The client should use another server from now on.
    Moved = 0x9D,
    /// The server has no shared subscriptions.
    NoSharedSubscriptions = 0x9E,
    /// The client connects too often.
    ConnectionRate = 0x9F,
    /// The connection was allowed for some time, which is over.
    ConnectTime = 0xA0,
    /// The server has no subscription identifiers.
    NoSubscriptionIds = 0xA1,
    /// The server has no subscriptions with wildcards.
    NoWildcards = 0xA2,
}

/// Names a packet that carries a reason; each allows some of them.
#[derive(Clone, Copy)]
pub(super) enum Carrier {
    /// Table of section 3.2.2.2.
    Connack,
    /// Table of section 3.4.2.1.
    Puback,
    /// Table of section 3.9.3.
    Suback,
    /// Table of section 3.14.2.1, as far as a server sends it.
    Disconnect,
}

impl Reason {
    /// Reads the return code of a 3.1.1 server that refuses CONNECT (3.1.1, section 3.2.2.3).
    pub(super) fn of_return_code(code: u8) -> Result<Self, Malformed> {
        match code {
            1 => Ok(Self::Version),
            2 => Ok(Self::ClientId),
            3 => Ok(Self::Unavailable),
            4 => Ok(Self::BadCredentials),
            5 => Ok(Self::NotAuthorised),
            _ => Err(Malformed::ReturnCode),
        }
    }

    /// Reads a reason code that is no success.
    pub(super) fn read(code: u8, carrier: Carrier) -> Result<Self, Malformed> {
        // One bit for each of 0x80 to 0x9F, and of 0xA0 to 0xBF.
        let (low, high) = match carrier {
            Carrier::Connack => (bits(CONNACK), 0),
            Carrier::Puback => (bits(PUBACK), 0),
            Carrier::Suback => (bits(SUBACK), 0b110),
            Carrier::Disconnect => (bits(DISCONNECT), 0b111),
        };
        let allowed = match code & 0xE0 {
            0x80 => low,
            0xA0 => high,
            _ => 0,
        };
        if allowed >> (code & 0x1F) & 1 == 0 {
            return Err(Malformed::ReturnCode);
        }
        Self::of(code).ok_or(Malformed::ReturnCode)
    }

    /// Returns whether the same message will never be taken, by anybody's doing.
    ///
    /// Missing rights are not among it, nor is a quota: both can be mended while the queue keeps what
    /// was recorded.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::TopicName | Self::PayloadFormat)
    }

    const fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x80 => Self::Unspecified,
            0x81 => Self::MalformedPacket,
            0x82 => Self::ProtocolError,
            0x83 => Self::Implementation,
            0x84 => Self::Version,
            0x85 => Self::ClientId,
            0x86 => Self::BadCredentials,
            0x87 => Self::NotAuthorised,
            0x88 => Self::Unavailable,
            0x89 => Self::Busy,
            0x8A => Self::Banned,
            0x8B => Self::ShuttingDown,
            0x8C => Self::AuthenticationMethod,
            0x8D => Self::KeepAlive,
            0x8E => Self::TakenOver,
            0x8F => Self::TopicFilter,
            0x90 => Self::TopicName,
            0x91 => Self::PacketIdInUse,
            0x93 => Self::ReceiveMaximum,
            0x94 => Self::TopicAlias,
            0x95 => Self::PacketTooLarge,
            0x96 => Self::MessageRate,
            0x97 => Self::Quota,
            0x98 => Self::Administrative,
            0x99 => Self::PayloadFormat,
            0x9A => Self::NoRetain,
            0x9B => Self::NoQuality,
            0x9C => Self::UseAnother,
            0x9D => Self::Moved,
            0x9E => Self::NoSharedSubscriptions,
            0x9F => Self::ConnectionRate,
            0xA0 => Self::ConnectTime,
            0xA1 => Self::NoSubscriptionIds,
            0xA2 => Self::NoWildcards,
            _ => return None,
        })
    }
}

const CONNACK: &[u8] = &[
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99,
    0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
];
const PUBACK: &[u8] = &[0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const SUBACK: &[u8] = &[0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E];
const DISCONNECT: &[u8] = &[
    0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
    0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F,
];

/// Makes a mask while compiling: on AVR a table would live in RAM.
const fn bits(codes: &[u8]) -> u32 {
    let (mut mask, mut codes) = (0, codes);
    while let [code, rest @ ..] = codes {
        mask |= 1 << (*code & 0x1F);
        codes = rest;
    }
    mask
}

impl Classify for Reason {
    /// Returns [`ErrorKind::Peer`] for what passes by itself, [`ErrorKind::Bug`] where the server
    /// blames our bytes, and [`ErrorKind::Config`] for everything else.
    ///
    /// A wrong password stays wrong: what was provisioned and what the server expects differ, and
    /// only a person can mend that. The caller should go on trying at its longest delay
    /// and not every second, since the mend may happen on the server. The same goes for two devices
    /// of one name, which would throw each other out for ever, and for a server that has moved.
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Normal
            | Self::Unspecified
            | Self::Implementation
            | Self::Unavailable
            | Self::Busy
            | Self::ShuttingDown
            | Self::KeepAlive
            | Self::PacketIdInUse
            | Self::MessageRate
            | Self::Quota
            | Self::Administrative
            | Self::UseAnother
            | Self::ConnectionRate
            | Self::ConnectTime => ErrorKind::Peer,
            Self::MalformedPacket
            | Self::ProtocolError
            | Self::ReceiveMaximum
            | Self::TopicAlias => ErrorKind::Bug,
            _ => ErrorKind::Config,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "server ends the connection",
            Self::Unspecified => "server does not say why",
            Self::MalformedPacket => "server calls a packet malformed",
            Self::ProtocolError => "server reports a protocol error",
            Self::Implementation => "server does not accept this",
            Self::Version => "server does not speak this version of MQTT",
            Self::ClientId => "server refuses the client identifier",
            Self::BadCredentials => "user name or password is wrong",
            Self::NotAuthorised => "client is not authorised",
            Self::Unavailable => "server is unavailable",
            Self::Busy => "server is busy",
            Self::Banned => "client is banned",
            Self::ShuttingDown => "server is shutting down",
            Self::AuthenticationMethod => "server wants another authentication method",
            Self::KeepAlive => "server has heard nothing for too long",
            Self::TakenOver => "another client has taken the session over",
            Self::TopicFilter => "server refuses the topic filter",
            Self::TopicName => "server refuses the topic",
            Self::PacketIdInUse => "packet identifier is in use",
            Self::ReceiveMaximum => "too many messages in flight",
            Self::TopicAlias => "topic alias is invalid",
            Self::PacketTooLarge => "packet is too large for the server",
            Self::MessageRate => "messages come too often",
            Self::Quota => "quota is used up",
            Self::Administrative => "a person closed the connection",
            Self::PayloadFormat => "payload has another format",
            Self::NoRetain => "server retains nothing",
            Self::NoQuality => "server does not take this QoS",
            Self::UseAnother => "another server serves for now",
            Self::Moved => "server has moved",
            Self::NoSharedSubscriptions => "server has no shared subscriptions",
            Self::ConnectionRate => "connections come too often",
            Self::ConnectTime => "connection was allowed for a time",
            Self::NoSubscriptionIds => "server has no subscription identifiers",
            Self::NoWildcards => "server has no wildcards",
        })
    }
}

impl core::error::Error for Reason {}
