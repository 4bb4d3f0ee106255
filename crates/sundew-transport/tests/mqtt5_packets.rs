//! Packets against the text of OASIS MQTT Version 5.0 (7 March 2019), and against noise.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

use proptest::prelude::*;
use sundew_core::{Classify, ErrorKind};
use sundew_transport::mqtt::packet::{
    Connack, Connect, Credentials, Header, Malformed, Packet, PacketId, PublishHead, Quality,
    Reason, Retain, Session, Subscribe, Will, decode, puback,
};
use sundew_transport::mqtt::{Terms, Topic, V3_1_1, V5, Version};

const FIVE: V5 = V5::new();

fn id(number: u16) -> PacketId {
    PacketId::new(number).unwrap()
}

fn one(bytes: &[u8]) -> Packet<'_> {
    let decoded = decode(FIVE, bytes).unwrap().expect("whole packet");
    assert_eq!(decoded.length, bytes.len());
    decoded.packet
}

/// Returns a packet with `head`, then the properties and their length, then `tail`.
fn packet(first: u8, head: &[u8], properties: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut body = head.to_vec();
    body.extend(variable(properties.len()));
    body.extend(properties);
    body.extend(tail);
    let mut bytes = vec![first];
    bytes.extend(variable(body.len()));
    bytes.extend(body);
    bytes
}

fn variable(mut left: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let more = if left >= 0x80 { 0x80 } else { 0 };
        bytes.push((left % 0x80) as u8 | more);
        left /= 0x80;
        if left == 0 {
            return bytes;
        }
    }
}

fn connack(properties: &[u8]) -> Vec<u8> {
    packet(0x20, &[0, 0], properties, &[])
}

fn publish(properties: &[u8]) -> Vec<u8> {
    packet(0x30, b"\0\x01t", properties, b"hi")
}

#[test]
fn connect_of_section_3_1() {
    let mut connect = Connect {
        client_id: "c",
        session: Session::Kept,
        keep_alive_s: 10,
        credentials: Some(Credentials { user: "u", password: b"pw" }),
        will: Some(Will {
            topic: Topic::new("w").unwrap(),
            payload: b"gone",
            quality: Quality::AtLeastOnce,
            retain: Retain::Keep,
        }),
    };
    let five = FIVE.with_session_expiry_s(86_400).with_will_delay_s(30).with_packet_bytes(256);
    let mut out = [0; 80];
    let length = connect.encode(five, &mut out).unwrap();
    let mut expected = vec![0x10, 48];
    expected.extend(b"\0\x04MQTT\x05\xEC\0\x0A");
    expected.extend([12, 0x11, 0, 1, 0x51, 0x80, 0x17, 0, 0x27, 0, 0, 1, 0]);
    expected.extend(b"\0\x01c");
    expected.extend([5, 0x18, 0, 0, 0, 30]);
    expected.extend(b"\0\x01w\0\x04gone\0\x01u\0\x02pw");
    assert_eq!(out[..length], expected);
    assert_eq!(connect.length(five) as usize, length);

    // A clean session ends with its connection.
    connect = Connect { session: Session::Clean, will: None, credentials: None, ..connect };
    let length = connect.encode(five, &mut out).unwrap();
    assert_eq!(out[9..19], [0x02, 0, 10, 12, 0x11, 0, 0, 0, 0, 0x17]);
    assert_eq!(length, 28);
    assert_eq!(connect.length(five) as usize, length);
    let both = connect.encode(Version::V3_1_1, &mut out).unwrap();
    assert_eq!((both, connect.encode(V3_1_1, &mut out)), (15, Ok(15)));
}

#[test]
fn what_a_client_sends_has_empty_properties() {
    let mut out = [0; 32];
    let topic = Topic::new("t").unwrap();
    let subscribe = Subscribe { id: id(7), filter: topic, quality: Quality::AtLeastOnce };
    let length = subscribe.encode(FIVE, &mut out).unwrap();
    assert_eq!(out[..length], [0x82, 7, 0, 7, 0, 0, 1, b't', 1]);
    assert_eq!(subscribe.length(FIVE) as usize, length);
    for (id, expected) in
        [(Some(id(7)), &[0x32, 8, 0, 1, b't', 0, 7, 0][..]), (None, &[0x30, 6, 0, 1, b't', 0])]
    {
        let head = PublishHead { topic, id, retain: Retain::Pass, payload_length: 2 };
        let length = head.encode(FIVE, &mut out).unwrap();
        assert_eq!(out[..length], *expected);
        assert_eq!(head.length(FIVE) as usize, length);
        // And a server's reads the same.
        let mut whole = out[..length].to_vec();
        whole.extend(b"hi");
        let Packet::Publish(message) = one(&whole) else { panic!() };
        assert_eq!((message.topic, message.id, message.payload), (&b"t"[..], id, &b"hi"[..]));
    }
}

#[test]
fn terms_of_connack() {
    assert_eq!(one(&connack(&[])), Packet::Connack(Connack::Fresh(Terms::DEFAULT)));
    let resumed = packet(0x20, &[1, 0], &[], &[]);
    assert_eq!(one(&resumed), Packet::Connack(Connack::Resumed(Terms::DEFAULT)));
    let properties = [
        0x11, 0, 0, 0, 9, 0x21, 0, 20, 0x24, 0, 0x25, 0, 0x27, 0, 0, 1, 0, 0x12, 0, 1, b'c', 0x22,
        0, 0, 0x1F, 0, 1, b'r', 0x26, 0, 1, b'k', 0, 0, 0x26, 0, 0, 0, 0, 0x28, 1, 0x29, 1, 0x2A,
        0, 0x13, 1, 2, 0x1C, 0, 1, b's',
    ];
    let Packet::Connack(Connack::Fresh(terms)) = one(&connack(&properties)) else { panic!() };
    assert_eq!(terms.session_expiry_s, Some(9));
    assert_eq!(terms.keep_alive_s, Some(0x0102));
    assert_eq!(terms.packet_bytes, 256);
    assert_eq!((terms.quality, terms.retain), (Quality::AtMostOnce, Retain::Pass));
    // A server of 3.1.1 refuses like that (3.1.1, section 3.2.2.3); nothing else is so short.
    assert_eq!(one(&[0x20, 2, 0, 1]), Packet::Connack(Connack::Refused(Reason::Version)));
    assert_eq!(decode(FIVE, &[0x20, 2, 0, 0]), Err(Malformed::Length));
}

/// Tables of 3.2.2.2, 3.4.2.1, 3.9.3 and 3.14.2.1: every code in every packet.
#[test]
fn reason_codes_by_packet() {
    let connack = [
        0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
        0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
    ];
    let puback = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
    let suback = [0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2];
    let disconnect = [
        0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96,
        0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    ];
    for code in 1..=u8::MAX {
        let read = |bytes: &[u8]| match decode(FIVE, bytes) {
            Ok(Some(decoded)) => match decoded.packet {
                Packet::Connack(Connack::Refused(reason))
                | Packet::Puback { refused: Some(reason), .. }
                | Packet::Suback { granted: Err(reason), .. }
                | Packet::Disconnect(reason) => Some(reason as u8),
                _ => None,
            },
            Err(error) => {
                assert_eq!(error, Malformed::ReturnCode, "{bytes:02x?}");
                None
            }
            Ok(None) => panic!("whole packet"),
        };
        let expected = |allowed: &[u8]| allowed.contains(&code).then_some(code);
        assert_eq!(read(&[0x20, 3, 0, code, 0]), expected(&connack), "CONNACK {code:#04x}");
        assert_eq!(read(&[0x40, 3, 0, 7, code]), expected(&puback), "PUBACK {code:#04x}");
        assert_eq!(read(&[0x40, 4, 0, 7, code, 0]), expected(&puback), "PUBACK {code:#04x}");
        assert_eq!(read(&[0x90, 4, 0, 7, 0, code]), expected(&suback), "SUBACK {code:#04x}");
        assert_eq!(read(&[0xE0, 1, code]), expected(&disconnect), "DISCONNECT {code:#04x}");
        assert_eq!(read(&[0xE0, 2, code, 0]), expected(&disconnect), "DISCONNECT {code:#04x}");
        let bytes = [0x20, 3, 1, code, 0];
        let resumed = decode(FIVE, &bytes);
        assert_eq!(resumed, Err(Malformed::Flags), "MQTT-3.2.2-6");
    }
    for taken in [&[0x40, 2, 0, 7][..], &[0x40, 3, 0, 7, 0], &[0x40, 4, 0, 7, 0x10, 0]] {
        assert_eq!(one(taken), Packet::Puback { id: id(7), refused: None });
    }
    assert_eq!(one(&puback_bytes()), Packet::Puback { id: id(7), refused: None });
    for (code, quality) in [(0, Quality::AtMostOnce), (1, Quality::AtLeastOnce)] {
        let granted = Packet::Suback { id: id(7), granted: Ok(quality) };
        assert_eq!(one(&[0x90, 4, 0, 7, 0, code]), granted);
    }
    assert_eq!(one(&[0xE0, 0]), Packet::Disconnect(Reason::Normal));
}

fn puback_bytes() -> [u8; 4] {
    puback(id(7))
}

#[test]
fn reasons_say_who_must_act() {
    for (reason, kind) in [
        (Reason::BadCredentials, ErrorKind::Config),
        (Reason::NotAuthorised, ErrorKind::Config),
        (Reason::Banned, ErrorKind::Config),
        (Reason::TakenOver, ErrorKind::Config),
        (Reason::Moved, ErrorKind::Config),
        (Reason::Quota, ErrorKind::Peer),
        (Reason::Busy, ErrorKind::Peer),
        (Reason::UseAnother, ErrorKind::Peer),
        (Reason::ShuttingDown, ErrorKind::Peer),
        (Reason::ProtocolError, ErrorKind::Bug),
    ] {
        assert_eq!(reason.kind(), kind, "{reason}");
    }
    assert!(Reason::PayloadFormat.is_final() && Reason::TopicName.is_final());
    assert!(!Reason::Quota.is_final() && !Reason::NotAuthorised.is_final());
}

/// A value of each property of table 2-4, its identifier in front.
const PROPERTIES: [&[u8]; 27] = [
    &[0x01, 1],
    &[0x02, 0, 0, 0, 1],
    &[0x03, 0, 1, b'x'],
    &[0x08, 0, 1, b'x'],
    &[0x09, 0, 2, 0, 0xFF],
    &[0x0B, 1],
    &[0x11, 0, 0, 0, 1],
    &[0x12, 0, 1, b'x'],
    &[0x13, 0, 1],
    &[0x15, 0, 1, b'x'],
    &[0x16, 0, 1, b'x'],
    &[0x17, 1],
    &[0x18, 0, 0, 0, 1],
    &[0x19, 1],
    &[0x1A, 0, 1, b'x'],
    &[0x1C, 0, 1, b'x'],
    &[0x1F, 0, 1, b'x'],
    &[0x21, 0, 1],
    &[0x22, 0, 1],
    &[0x23, 0, 1],
    &[0x24, 1],
    &[0x25, 1],
    &[0x26, 0, 1, b'k', 0, 1, b'v'],
    &[0x27, 0, 0, 0, 1],
    &[0x28, 1],
    &[0x29, 1],
    &[0x2A, 1],
];

/// Makes one of the packets with properties that a server sends.
type Home = fn(&[u8]) -> Vec<u8>;

/// Table 2-4 by packet, less what answers a request that this client never makes (15, 16, 1A), a
/// topic alias (23), and what a server must not send (11 in DISCONNECT).
const HOMES: [(Home, &[u8]); 5] = [
    (
        connack,
        &[0x11, 0x12, 0x13, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A],
    ),
    (publish, &[0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x26]),
    (|properties| packet(0x40, &[0, 7, 0], properties, &[]), &[0x1F, 0x26]),
    (|properties| packet(0x90, &[0, 7], properties, &[1]), &[0x1F, 0x26]),
    (|properties| packet(0xE0, &[0], properties, &[]), &[0x1C, 0x1F, 0x26]),
];

#[test]
fn each_property_has_its_packets() {
    for (home, allowed) in HOMES {
        for property in PROPERTIES {
            let read = decode(FIVE, &home(property)).map(|decoded| decoded.expect("whole").length);
            if allowed.contains(&property[0]) {
                assert_eq!(read, Ok(home(property).len()), "{property:02x?}");
            } else {
                assert_eq!(read, Err(Malformed::Property), "{property:02x?}");
            }
        }
        for id in (0..=u8::MAX).filter(|id| PROPERTIES.iter().all(|known| known[0] != *id)) {
            let bytes = home(&[id, 0, 0, 0, 0]);
            let read = decode(FIVE, &bytes);
            assert_eq!(read, Err(Malformed::Property), "{id:#04x}");
        }
    }
}

/// Section 2.2.2.2: only user properties, and subscription identifiers in PUBLISH, may come again.
#[test]
fn a_property_comes_once() {
    for (home, allowed) in HOMES {
        for property in PROPERTIES.iter().filter(|property| allowed.contains(&property[0])) {
            let twice = decode(FIVE, &home(&property.repeat(2))).map(|decoded| decoded.is_some());
            let expected = match property[0] {
                0x26 | 0x0B => Ok(true),
                _ => Err(Malformed::Duplicate),
            };
            assert_eq!(twice, expected, "{property:02x?}");
        }
        // All of them at once, in either order.
        let mut all: Vec<&[u8]> = PROPERTIES.to_vec();
        all.retain(|property| allowed.contains(&property[0]));
        for _ in 0..2 {
            assert!(decode(FIVE, &home(&all.concat())).unwrap().is_some());
            all.reverse();
        }
    }
}

#[test]
fn a_property_cut_anywhere_is_refused() {
    for (home, allowed) in HOMES {
        for property in PROPERTIES.iter().filter(|property| allowed.contains(&property[0])) {
            for cut in 1..property.len() {
                let bytes = home(&property[..cut]);
                let read = decode(FIVE, &bytes);
                assert_eq!(read, Err(Malformed::Length), "{:02x?}", &property[..cut]);
            }
        }
    }
}

#[test]
fn impossible_values_are_refused() {
    for (home, property) in [
        (connack as Home, &[0x24, 2][..]),
        (connack, &[0x25, 0xFF]),
        (connack, &[0x21, 0, 0]),
        (connack, &[0x27, 0, 0, 0, 0]),
        (connack, &[0x1F, 0, 1, 0]),
        (connack, &[0x1F, 0, 1, 0xFF]),
        (connack, &[0x26, 0, 1, b'k', 0, 2, 0xED, 0xA0]),
        (publish, &[0x01, 2]),
        (publish, &[0x0B, 0]),
    ] {
        assert_eq!(decode(FIVE, &home(property)), Err(Malformed::Property), "{property:02x?}");
    }
    for (bytes, wrong) in [
        // Padded lengths [MQTT-1.5.5-1], of a packet, of properties, of an identifier.
        (&[0xD0, 0x80, 0][..], Malformed::Length),
        (&[0x20, 4, 0, 0, 0x80, 0], Malformed::Length),
        (&[0x30, 7, 0, 1, b't', 3, 0x0B, 0x81, 0], Malformed::Length),
        // Properties longer than the packet, and followed by more.
        (&[0x20, 3, 0, 0, 1], Malformed::Length),
        (&[0x20, 4, 0, 0, 0, 0], Malformed::Length),
        (&[0x40, 5, 0, 7, 0, 0, 0], Malformed::Length),
        (&[0xE0, 3, 0, 0, 0], Malformed::Length),
        (&[0x90, 5, 0, 7, 0, 1, 1], Malformed::Length),
        (&[0x30, 4, 0, 1, b't', 1], Malformed::Length),
        (&[0x30, 4, 0, 2, b't', b'u'], Malformed::Length),
        // A topic alias in place of a topic, which none was promised.
        (&[0x30, 6, 0, 0, 3, 0x23, 0, 1], Malformed::Topic),
        (&[0x40, 2, 0, 0], Malformed::PacketId),
        (&[0x90, 4, 0, 0, 0, 1], Malformed::PacketId),
        (&[0x20, 3, 2, 0, 0], Malformed::Flags),
        (&[0x90, 4, 0, 7, 0, 2], Malformed::ReturnCode),
        // AUTH, which only an exchange that this client never starts would bring.
        (&[0xF0, 2, 0x18, 0], Malformed::Type),
        (&[0xE1, 0], Malformed::Flags),
    ] {
        assert_eq!(decode(FIVE, bytes), Err(wrong), "{bytes:02x?}");
    }
    assert_eq!(Header::read(V3_1_1, &[0xE0, 0]), Err(Malformed::Type), "5 only");
}

fn server_packet() -> impl Strategy<Value = Vec<u8>> {
    let some = prop::sample::subsequence(PROPERTIES.to_vec(), 0..27);
    (prop::sample::select(HOMES.to_vec()), some).prop_map(|((home, allowed), mut some)| {
        some.retain(|property| allowed.contains(&property[0]));
        home(&some.concat())
    })
}

/// Decodes all that is there; returns how much was left undecided, or the refusal.
fn walk(mut bytes: &[u8]) -> Result<usize, Malformed> {
    while let Some(decoded) = decode(FIVE, bytes)? {
        assert!(decoded.length >= 2 && decoded.length <= bytes.len());
        assert_eq!(decode(Version::V5(FIVE), bytes), Ok(Some(decoded)), "chosen at run time");
        bytes = &bytes[decoded.length..];
    }
    Ok(bytes.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = walk(&bytes);
    }

    #[test]
    fn valid_streams_are_read_to_the_end(
        packets in prop::collection::vec(server_packet(), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let stream = packets.concat();
        prop_assert_eq!(walk(&stream), Ok(0));
        // Any start of a valid stream is valid too: a cut is waited out, never refused.
        let cut = cut.index(stream.len() + 1);
        prop_assert!(walk(&stream[..cut]).is_ok());
    }

    #[test]
    fn mutated_streams_never_panic(
        packets in prop::collection::vec(server_packet(), 1..8),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut stream = packets.concat();
        for (at, byte) in changes {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        let _ = walk(&stream);
    }
}
