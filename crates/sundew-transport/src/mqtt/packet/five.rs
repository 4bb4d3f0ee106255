//! What differs in the packets of an MQTT 5 server.

use super::decode::{Kind, read_id};
use super::property::{Home, Properties, id, split};
use super::reason::Carrier;
use super::{Connack, Malformed, Packet, Quality, Reason, Retain};
use crate::mqtt::Terms;
use crate::mqtt::protocol::sealed::Remember;

/// Returns whether a packet can have so many bytes behind its fixed header.
pub(super) const fn allows(kind: Kind, remaining: u32) -> bool {
    match kind {
        // Flags and a code: a server that speaks only 3.1.1 refuses like that.
        Kind::Connack | Kind::Puback => remaining >= 2,
        Kind::Pingresp => remaining == 0,
        // Number, no properties and a code per filter; or a topic of one byte at least, since none is
        // replaced by an alias, and no properties.
        Kind::Suback | Kind::Publish { .. } => remaining >= 4,
        Kind::Disconnect => true,
    }
}

/// Reads all but PUBLISH, which differs by its properties only.
pub(super) fn read<'b, M: Remember>(kind: Kind, body: &[u8]) -> Result<Packet<'b, M>, Malformed> {
    match (kind, body) {
        // Refused by a 3.1.1 server (3.1.1, section 3.1.2.2): code 1, version.
        (Kind::Connack, [0, 1]) => Ok(Packet::Connack(Connack::Refused(Reason::Version))),
        (Kind::Connack, [flags, code, properties @ ..]) => {
            read_connack(*flags, *code, properties).map(Packet::Connack)
        }
        // Without a code it is 0, and without properties they are none (section 3.4.2.1).
        (Kind::Puback, [high, low, rest @ ..]) => {
            let id = read_id(*high, *low)?;
            let refused = match read_tail(Home::Answer, rest)? {
                // Taken, the second time with the remark that nobody listens.
                0x00 | 0x10 => None,
                code => Some(Reason::read(code, Carrier::Puback)?),
            };
            Ok(Packet::Puback { id, refused })
        }
        (Kind::Suback, [high, low, rest @ ..]) => {
            let id = read_id(*high, *low)?;
            let (properties, codes) = split(Home::Answer, rest)?;
            properties.check()?;
            let granted = match *codes {
                [0] => Ok(Quality::AtMostOnce),
                [1] => Ok(Quality::AtLeastOnce),
                [code] => Err(Reason::read(code, Carrier::Suback)?),
                // A code per filter: we ask for one.
                _ => return Err(Malformed::Length),
            };
            Ok(Packet::Suback { id, granted })
        }
        (Kind::Disconnect, rest) => {
            Ok(Packet::Disconnect(match read_tail(Home::Disconnect, rest)? {
                0 => Reason::Normal,
                code => Reason::read(code, Carrier::Disconnect)?,
            }))
        }
        (Kind::Pingresp, []) => Ok(Packet::Pingresp),
        _ => Err(Malformed::Length),
    }
}

/// Reads a reason code and properties, both of which may be left out at the end.
fn read_tail(home: Home, tail: &[u8]) -> Result<u8, Malformed> {
    let Some((&code, rest)) = tail.split_first() else { return Ok(0) };
    if !rest.is_empty() {
        check_end(home, rest)?.check()?;
    }
    Ok(code)
}

/// Takes the properties with which a packet ends.
fn check_end(home: Home, bytes: &[u8]) -> Result<Properties<'_>, Malformed> {
    match split(home, bytes)? {
        (properties, []) => Ok(properties),
        _ => Err(Malformed::Length),
    }
}

fn read_connack<M: Remember>(flags: u8, code: u8, rest: &[u8]) -> Result<Connack<M>, Malformed> {
    let mut terms = Terms::DEFAULT;
    let mut properties = check_end(Home::Connack, rest)?;
    while let Some((id, value)) = properties.next()? {
        match id {
            id::SESSION_EXPIRY => terms.session_expiry_s = Some(value),
            id::SERVER_KEEP_ALIVE => terms.keep_alive_s = Some(value as u16),
            id::MAXIMUM_QOS if value == 0 => terms.quality = Quality::AtMostOnce,
            id::RETAIN_AVAILABLE if value == 0 => terms.retain = Retain::Pass,
            id::MAXIMUM_PACKET => terms.packet_bytes = value,
            _ => {}
        }
    }
    match (flags, code) {
        (0, 0) => Ok(Connack::Fresh(M::remember(terms))),
        (1, 0) => Ok(Connack::Resumed(M::remember(terms))),
        // A refusal never announces a session [MQTT-3.2.2-6].
        (0, code) => Reason::read(code, Carrier::Connack).map(Connack::Refused),
        _ => Err(Malformed::Flags),
    }
}
