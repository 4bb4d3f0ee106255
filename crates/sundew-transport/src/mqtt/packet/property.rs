//! The properties of MQTT 5 that a server sends (MQTT 5.0, 2.2.2).

use super::Malformed;
use super::decode::read_variable;
use crate::mqtt::bytes;

/// Names a packet with properties; each allows some of them (table 2-4).
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Home {
    Connack = 0x08,
    Publish = 0x10,
    /// PUBACK and SUBACK allow the same.
    Answer = 0x20,
    Disconnect = 0x40,
}

/// Identifiers whose values are asked for.
pub(super) mod id {
    pub(in super::super) const SESSION_EXPIRY: u8 = 0x11;
    pub(in super::super) const SERVER_KEEP_ALIVE: u8 = 0x13;
    pub(in super::super) const MAXIMUM_QOS: u8 = 0x24;
    pub(in super::super) const RETAIN_AVAILABLE: u8 = 0x25;
    pub(in super::super) const MAXIMUM_PACKET: u8 = 0x27;
}

const SUBSCRIPTION_ID: u8 = 0x0B;
const RECEIVE_MAXIMUM: u8 = 0x21;
const USER: u8 = 0x26;

/// How a value is written (table 2-4; section 1.5): the size of a number, or one of the others.
mod form {
    /// A byte that is 0 or 1: all bytes that a server sends are such.
    pub(super) const FLAG: u8 = 1;
    pub(super) const TWO: u8 = 2;
    pub(super) const FOUR: u8 = 4;
    pub(super) const VARIABLE: u8 = 0;
    pub(super) const BINARY: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const PAIR: u8 = 7;
    /// The bits that hold one of these; those of [`Home`](super::Home) are above.
    pub(super) const MASK: u8 = 7;
}

/// Reads the properties of one packet, each once.
pub(super) struct Properties<'b> {
    rest: &'b [u8],
    home: Home,
    seen: u32,
}

/// Takes the properties off the start of `body`, and returns what follows them.
pub(super) fn split(home: Home, body: &[u8]) -> Result<(Properties<'_>, &[u8]), Malformed> {
    let (length, groups) = read_variable(body, true)?.ok_or(Malformed::Length)?;
    let body = body.get(usize::from(groups)..).unwrap_or_default();
    let length = usize::try_from(length).map_err(|_| Malformed::Length)?;
    let (rest, body) = body.split_at_checked(length).ok_or(Malformed::Length)?;
    Ok((Properties { rest, home, seen: 0 }, body))
}

impl Properties<'_> {
    /// Returns the next identifier and its value, where that is a number.
    pub(super) fn next(&mut self) -> Result<Option<(u8, u32)>, Malformed> {
        // An identifier is a variable integer, and none that exists takes two bytes.
        let Some((&id, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        let rule = rule(id);
        if rule & self.home as u8 == 0 {
            return Err(Malformed::Property);
        }
        // Among those of one packet the lowest five bits differ.
        let bit = 1 << (id & 0x1F);
        // A user property may come often, and a message fit more than one subscription.
        if self.seen & bit != 0 && id != USER && id != SUBSCRIPTION_ID {
            return Err(Malformed::Duplicate);
        }
        self.seen |= bit;
        let form = rule & form::MASK;
        let value = match form {
            form::VARIABLE => {
                let (value, length) = read_variable(self.rest, true)?.ok_or(Malformed::Length)?;
                self.rest = self.rest.get(usize::from(length)..).unwrap_or_default();
                value
            }
            form::BINARY => self.field(Content::Any)?,
            form::TEXT => self.field(Content::Text)?,
            form::PAIR => self.field(Content::Text)? | self.field(Content::Text)?,
            width => self.number(width)?,
        };
        let fits = match id {
            SUBSCRIPTION_ID | RECEIVE_MAXIMUM | id::MAXIMUM_PACKET => value != 0,
            _ => form != form::FLAG || value <= 1,
        };
        if fits { Ok(Some((id, value))) } else { Err(Malformed::Property) }
    }

    /// Checks all that are left.
    pub(super) fn check(mut self) -> Result<(), Malformed> {
        while self.next()?.is_some() {}
        Ok(())
    }

    fn number(&mut self, width: u8) -> Result<u32, Malformed> {
        let mut value = 0;
        for _ in 0..width {
            let (byte, rest) = self.rest.split_first().ok_or(Malformed::Length)?;
            self.rest = rest;
            value = value << 8 | u32::from(*byte);
        }
        Ok(value)
    }

    /// Reads past a field, for which 0 stands as its value.
    fn field(&mut self, content: Content) -> Result<u32, Malformed> {
        let length = self.number(2)? as usize;
        let (field, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Length)?;
        self.rest = rest;
        match content {
            Content::Text if !bytes::is_text(field) => Err(Malformed::Property),
            _ => Ok(0),
        }
    }
}

#[derive(Clone, Copy)]
enum Content {
    /// UTF-8 without NUL (section 1.5.4).
    Text,
    Any,
}

/// Returns the form of a property and the packets in which a server may send it to this client.
///
/// Not among them, though table 2-4 has them: what answers a request that this client never makes
/// (Response Information, Authentication Method and Data), a Topic Alias, which it has forbidden, and
/// a Session Expiry Interval in DISCONNECT \[MQTT-3.14.2-2\].
const fn rule(id: u8) -> u8 {
    const CONNACK: u8 = Home::Connack as u8;
    const PUBLISH: u8 = Home::Publish as u8;
    const ANSWER: u8 = Home::Answer as u8;
    const DISCONNECT: u8 = Home::Disconnect as u8;
    match id {
        // Payload Format Indicator.
        0x01 => form::FLAG | PUBLISH,
        // Message Expiry Interval.
        0x02 => form::FOUR | PUBLISH,
        // Content Type, Response Topic.
        0x03 | 0x08 => form::TEXT | PUBLISH,
        // Correlation Data.
        0x09 => form::BINARY | PUBLISH,
        SUBSCRIPTION_ID => form::VARIABLE | PUBLISH,
        id::SESSION_EXPIRY | id::MAXIMUM_PACKET => form::FOUR | CONNACK,
        // Assigned Client Identifier.
        0x12 => form::TEXT | CONNACK,
        // Beside these two: Topic Alias Maximum.
        id::SERVER_KEEP_ALIVE | RECEIVE_MAXIMUM | 0x22 => form::TWO | CONNACK,
        // Server Reference.
        0x1C => form::TEXT | CONNACK | DISCONNECT,
        // Reason String.
        0x1F => form::TEXT | CONNACK | ANSWER | DISCONNECT,
        // Beside these two: Wildcard Subscription, Subscription Identifier and Shared Subscription
        // Available.
        id::MAXIMUM_QOS | id::RETAIN_AVAILABLE | 0x28..=0x2A => form::FLAG | CONNACK,
        USER => form::PAIR | CONNACK | PUBLISH | ANSWER | DISCONNECT,
        _ => 0,
    }
}
