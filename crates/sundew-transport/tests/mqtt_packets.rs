//! Packets against the text of OASIS MQTT Version 3.1.1 (29 October 2014), and against noise.

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
    Connack, Connect, Credentials, DISCONNECT, EncodeError, Header, Malformed, PINGREQ, Packet,
    PacketId, PublishHead, Quality, Reason, Retain, Session, Subscribe, Will, decode, puback,
};
use sundew_transport::mqtt::{Topic, V3_1_1};

fn id(number: u16) -> PacketId {
    PacketId::new(number).unwrap()
}

fn topic(name: &str) -> Topic<'_> {
    Topic::new(name).unwrap()
}

fn one(bytes: &[u8]) -> Packet<'_, ()> {
    let decoded = decode(V3_1_1, bytes).unwrap().expect("whole packet");
    assert_eq!(decoded.length, bytes.len());
    decoded.packet
}

/// Section 3.1.2, figure 3.6: the variable header of the example has user name, password, will with
/// `QoS` 1 and clean session (connect flags `0b1100_1110`) and a keep-alive of 10 seconds.
#[test]
fn connect_of_figure_3_6() {
    let connect = Connect {
        client_id: "c",
        session: Session::Clean,
        keep_alive_s: 10,
        credentials: Some(Credentials { user: "u", password: b"pw" }),
        will: Some(Will {
            topic: topic("w"),
            payload: b"gone",
            quality: Quality::AtLeastOnce,
            retain: Retain::Pass,
        }),
    };
    let mut out = [0; 64];
    let length = connect.encode(V3_1_1, &mut out).unwrap();
    let mut expected = vec![0x10, 29];
    expected.extend([0, 4, b'M', b'Q', b'T', b'T', 4, 0b1100_1110, 0, 10]);
    // Section 3.1.3: client identifier, will topic, will message, user name, password.
    expected.extend(b"\0\x01c\0\x01w\0\x04gone\0\x01u\0\x02pw");
    assert_eq!(out[..length], expected);
    assert_eq!(connect.length(V3_1_1) as usize, length);
}

#[test]
fn connect_flags_follow_section_3_1_2_3() {
    let bare = Connect {
        client_id: "c",
        session: Session::Kept,
        keep_alive_s: 0,
        credentials: None,
        will: None,
    };
    let will = Will {
        topic: topic("w"),
        payload: b"",
        quality: Quality::AtMostOnce,
        retain: Retain::Keep,
    };
    for (connect, flags) in [
        (bare, 0),
        (Connect { session: Session::Clean, ..bare }, 0x02),
        (Connect { will: Some(will), ..bare }, 0x24),
        (Connect { credentials: Some(Credentials { user: "", password: b"" }), ..bare }, 0xC0),
    ] {
        let mut out = [0; 64];
        let length = connect.encode(V3_1_1, &mut out).unwrap();
        assert_eq!(out[9], flags);
        assert_eq!(connect.length(V3_1_1) as usize, length);
    }
}

/// Sections 3.8.2 and 3.8.3: packet identifier 10 of figure 3.21 and the first filter of figure
/// 3.23, "a/b" with requested `QoS` 1.
#[test]
fn subscribe_of_figures_3_21_and_3_23() {
    let subscribe = Subscribe { id: id(10), filter: topic("a/b"), quality: Quality::AtLeastOnce };
    let mut out = [0; 16];
    let length = subscribe.encode(V3_1_1, &mut out).unwrap();
    assert_eq!(out[..length], [0x82, 8, 0, 10, 0, 3, b'a', b'/', b'b', 1]);
    assert_eq!(subscribe.length(V3_1_1) as usize, length);
}

/// Section 3.3.2, figure 3.11: topic "a/b" and packet identifier 10.
#[test]
fn publish_of_figure_3_11() {
    let head = PublishHead {
        topic: topic("a/b"),
        id: Some(id(10)),
        retain: Retain::Keep,
        payload_length: 2,
    };
    let mut out = [0; 16];
    let length = head.encode(V3_1_1, &mut out).unwrap();
    assert_eq!(out[..length], [0x33, 9, 0, 3, b'a', b'/', b'b', 0, 10]);
    assert_eq!(head.length(V3_1_1) as usize, length);

    let bytes = [0x3B, 9, 0, 3, b'a', b'/', b'b', 0, 10, b'h', b'i'];
    let Packet::Publish(message) = one(&bytes) else { panic!() };
    assert_eq!(
        (message.topic, message.id, message.payload),
        (&b"a/b"[..], Some(id(10)), &b"hi"[..])
    );

    let once = PublishHead { id: None, retain: Retain::Pass, payload_length: 0, ..head };
    let length = once.encode(V3_1_1, &mut out).unwrap();
    assert_eq!(out[..length], [0x30, 5, 0, 3, b'a', b'/', b'b']);
    let Packet::Publish(message) = one(&out[..length]) else { panic!() };
    assert_eq!((message.id, message.payload), (None, &b""[..]));
}

/// Sections 3.4, 3.12, 3.13 and 3.14: packets without a choice.
#[test]
fn the_small_ones() {
    assert_eq!(puback(id(0x1234)), [0x40, 2, 0x12, 0x34]);
    assert_eq!(one(&puback(id(0x1234))), Packet::Puback { id: id(0x1234), refused: None });
    assert_eq!(PINGREQ, [0xC0, 0]);
    assert_eq!(one(&[0xD0, 0]), Packet::Pingresp);
    assert_eq!(DISCONNECT, [0xE0, 0]);
}

/// Table 3.1 (section 3.2.2.3).
#[test]
fn return_codes_of_connack() {
    assert_eq!(one(&[0x20, 2, 0, 0]), Packet::Connack(Connack::Fresh(())));
    assert_eq!(one(&[0x20, 2, 1, 0]), Packet::Connack(Connack::Resumed(())));
    for (code, refusal, kind) in [
        (1, Reason::Version, ErrorKind::Config),
        (2, Reason::ClientId, ErrorKind::Config),
        (3, Reason::Unavailable, ErrorKind::Peer),
        (4, Reason::BadCredentials, ErrorKind::Config),
        (5, Reason::NotAuthorised, ErrorKind::Config),
    ] {
        assert_eq!(one(&[0x20, 2, 0, code]), Packet::Connack(Connack::Refused(refusal)));
        assert_eq!(refusal.kind(), kind);
        assert_eq!(decode(V3_1_1, &[0x20, 2, 1, code]), Err(Malformed::Flags), "MQTT-3.2.2-4");
    }
    assert_eq!(decode(V3_1_1, &[0x20, 2, 0, 6]), Err(Malformed::ReturnCode));
    assert_eq!(decode(V3_1_1, &[0x20, 2, 2, 0]), Err(Malformed::Flags));
}

/// Section 3.9.3, figure 3.26: every return code.
#[test]
fn return_codes_of_suback() {
    for (code, granted) in [
        (0, Ok(Quality::AtMostOnce)),
        (1, Ok(Quality::AtLeastOnce)),
        (0x80, Err(Reason::Unspecified)),
    ] {
        assert_eq!(one(&[0x90, 3, 0, 7, code]), Packet::Suback { id: id(7), granted });
    }
    for code in [2, 3, 0x7F, 0x81, 0xFF] {
        assert_eq!(decode(V3_1_1, &[0x90, 3, 0, 7, code]), Err(Malformed::ReturnCode), "{code}");
    }
}

/// Table 2.4 (section 2.2.3): the first and the last length of each number of bytes.
#[test]
fn remaining_lengths_of_table_2_4() {
    for (bytes, value) in [
        (&[3][..], 3),
        (&[0x7F], 127),
        (&[0x80, 0x01], 128),
        (&[0xFF, 0x7F], 16_383),
        (&[0x80, 0x80, 0x01], 16_384),
        (&[0xFF, 0xFF, 0x7F], 2_097_151),
        (&[0x80, 0x80, 0x80, 0x01], 2_097_152),
        (&[0xFF, 0xFF, 0xFF, 0x7F], 268_435_455),
        // Padding is not forbidden in 3.1.1.
        (&[0x83, 0x00], 3),
    ] {
        let packet: Vec<u8> = [0x30].iter().chain(bytes).copied().collect();
        let header = Header::read(V3_1_1, &packet).unwrap().expect("whole header");
        assert_eq!(header.total(), 1 + bytes.len() as u32 + value);
        for cut in 0..packet.len() {
            assert_eq!(Header::read(V3_1_1, &packet[..cut]), Ok(None));
        }
    }
    assert_eq!(Header::read(V3_1_1, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF]), Err(Malformed::Length));
    assert_eq!(Header::read(V3_1_1, &[0x30, 0x80, 0x80, 0x80, 0x80, 0]), Err(Malformed::Length));

    // And the other way, with a payload that brings PUBLISH to each border.
    for (payload_length, bytes) in [
        (124, &[0x7F][..]),
        (125, &[0x80, 0x01]),
        (16_380, &[0xFF, 0x7F]),
        (16_381, &[0x80, 0x80, 1]),
    ] {
        let head =
            PublishHead { topic: topic("t"), id: None, retain: Retain::Pass, payload_length };
        let mut out = [0; 16];
        let length = head.encode(V3_1_1, &mut out).unwrap();
        assert_eq!(out[1..length - 3], *bytes);
        assert_eq!(head.length(V3_1_1) as usize, length);
    }
}

/// Section 2.2, tables 2.1 and 2.2: every first byte, alone.
#[test]
fn a_first_byte_is_enough_to_refuse() {
    for first in 0..=u8::MAX {
        let expected = match first {
            0x20 | 0x40 | 0x90 | 0xD0 | 0x30..=0x33 | 0x3A | 0x3B => Ok(None),
            0x30..=0x3F | 0x21..=0x2F | 0x41..=0x4F | 0x91..=0x9F | 0xD1..=0xDF => {
                Err(Malformed::Flags)
            }
            _ => Err(Malformed::Type),
        };
        assert_eq!(decode(V3_1_1, &[first]), expected, "{first:#04x}");
    }
}

#[test]
fn what_no_server_may_send_is_refused() {
    for (bytes, wrong) in [
        (&[0x20, 3][..], Malformed::Length),
        (&[0x40, 0], Malformed::Length),
        (&[0x90, 2], Malformed::Length),
        (&[0x90, 4], Malformed::Length),
        (&[0xD0, 1], Malformed::Length),
        (&[0x30, 2], Malformed::Length),
        // The topic is longer than the packet: known before the packet is whole.
        (&[0x30, 4, 0, 3], Malformed::Length),
        (&[0x32, 4, 0, 1], Malformed::Length),
        (&[0x30, 3, 0xFF, 0xFF, b'a'], Malformed::Length),
        (&[0x30, 3, 0, 1, b'#'], Malformed::Topic),
        (&[0x30, 3, 0, 1, b'+'], Malformed::Topic),
        (&[0x30, 3, 0, 1, 0], Malformed::Topic),
        (&[0x30, 3, 0, 1, 0xFF], Malformed::Topic),
        // A surrogate, U+D800 [MQTT-1.5.3-1].
        (&[0x30, 5, 0, 3, 0xED, 0xA0, 0x80], Malformed::Topic),
        (&[0x30, 3, 0, 0, b'p'], Malformed::Topic),
        (&[0x32, 5, 0, 1, b't', 0, 0], Malformed::PacketId),
        (&[0x40, 2, 0, 0], Malformed::PacketId),
        (&[0x90, 3, 0, 0, 0], Malformed::PacketId),
    ] {
        let whole_header = bytes.len() >= 2 + usize::from(bytes[1]);
        match decode(V3_1_1, bytes) {
            Err(error) => assert_eq!(error, wrong, "{bytes:02x?}"),
            // `decode` says nothing of a body before it is there.
            Ok(None) if !whole_header => {
                let mut padded = bytes.to_vec();
                padded.resize(2 + usize::from(bytes[1]), b'x');
                assert_eq!(decode(V3_1_1, &padded), Err(wrong), "{padded:02x?}");
            }
            other => panic!("{bytes:02x?}: {other:?}"),
        }
        assert_eq!(wrong.kind(), ErrorKind::Peer);
    }
}

#[test]
fn packet_identifiers_wrap_round_zero() {
    assert_eq!(id(u16::MAX).next(), PacketId::FIRST);
    assert_eq!(PacketId::FIRST.next(), id(2));
    assert_eq!(PacketId::new(0), None);
}

#[test]
fn encoders_name_the_room_they_need() {
    let connect = Connect {
        client_id: "device",
        session: Session::Clean,
        keep_alive_s: 60,
        credentials: None,
        will: None,
    };
    let mut out = [0; 20];
    for room in 0..20 {
        let error = connect.encode(V3_1_1, &mut out[..room]);
        assert_eq!(error, Err(EncodeError::NoRoom { needed: 20 }), "{room}");
    }
    assert_eq!(connect.encode(V3_1_1, &mut out), Ok(20));
    let long = vec![0; 65_536];
    let mut room = vec![0; 70_000];
    let credentials = Some(Credentials { user: "u", password: &long });
    let error = Connect { credentials, ..connect }.encode(V3_1_1, &mut room);
    assert_eq!(error, Err(EncodeError::TooLong));
}

#[test]
fn a_password_is_not_printed() {
    let credentials = Credentials { user: "alice", password: b"secret" };
    assert_eq!(format!("{credentials:?}"), "Credentials(..)");
}

fn server_packet() -> impl Strategy<Value = Vec<u8>> {
    let message =
        ("[a-z/]{1,20}", any::<Option<u16>>(), prop::collection::vec(any::<u8>(), 0..300));
    prop_oneof![
        (0_u8..6).prop_map(|code| vec![0x20, 2, 0, code]),
        (1_u16..).prop_map(|number| puback(id(number)).to_vec()),
        (1_u16.., prop_oneof![Just(0_u8), Just(1), Just(0x80)]).prop_map(|(number, code)| {
            let [high, low] = number.to_be_bytes();
            vec![0x90, 3, high, low, code]
        }),
        Just(vec![0xD0, 0]),
        message.prop_map(|(name, number, payload)| {
            let id = number.and_then(PacketId::new);
            let payload_length = payload.len() as u16;
            let head =
                PublishHead { topic: topic(&name), id, retain: Retain::Pass, payload_length };
            let mut out = vec![0; head.length(V3_1_1) as usize];
            head.encode(V3_1_1, &mut out).unwrap();
            out.extend(payload);
            out
        }),
    ]
}

/// Decodes all that is there; returns how much was left undecided, or the refusal.
fn walk(mut bytes: &[u8]) -> Result<usize, Malformed> {
    while let Some(decoded) = decode(V3_1_1, bytes)? {
        assert!(decoded.length >= 2 && decoded.length <= bytes.len());
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
