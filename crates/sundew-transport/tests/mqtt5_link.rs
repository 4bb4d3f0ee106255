//! A link in MQTT 5 against a scripted server: what differs from 3.1.1.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mqtt_server;

use mqtt_server::{START, Server, Wire, quiet, with_link};
use sundew_core::{Classify, ErrorKind};
use sundew_transport::link::{Incoming, Link, Port};
use sundew_transport::mqtt::{
    Buffers, Config, ConfigError, Engine, Error, Event, LinkError, MqttLink, Offer, PacketId,
    Quality, Reason, Retain, Session, State, Terms, Timing, Topic, V5, Version,
};

fn config() -> Config<'static, V5> {
    mqtt_server::config().with_protocol(V5::new())
}

/// Logs in at a server that says `properties` about itself.
fn log_in(link: &mut MqttLink<'_, Wire, V5>, server: &Server, properties: &[u8]) {
    quiet(link, START);
    let length = properties.len() as u8;
    server.say(&[&[0x20, 3 + length, 0, 0, length], properties].concat());
    quiet(link, START);
    server.say(&[0x90, 4, 0, 1, 0, 1]);
    quiet(link, START);
    assert!(link.is_up());
    server.heard();
}

/// Returns a message from the server without properties.
fn publish(topic: &str, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut content = vec![0];
    content.extend(payload);
    mqtt_server::publish(topic, Some(id), &content)
}

#[test]
fn a_session_byte_by_byte_on_the_wire() {
    with_link(config(), |link, server| {
        quiet(link, START);
        let mut connect = b"\x10\x1C\0\x04MQTT\x05\x02\0\x3C".to_vec();
        // No session afterwards, no prose, and no packet beyond the 64 bytes of the buffer.
        connect.extend([12, 0x11, 0, 0, 0, 0, 0x17, 0, 0x27, 0, 0, 0, 64]);
        connect.extend(b"\0\x03dev");
        assert_eq!(server.heard(), connect);
        server.say(&[0x20, 3, 0, 0, 0]);
        quiet(link, START);
        assert_eq!(server.heard(), b"\x82\x14\0\x01\0\0\x0Esundew/dev/cmd\x01");
        server.say(&[0x90, 4, 0, 1, 0, 1]);
        quiet(link, START);
        assert_eq!(link.state(), State::Up);
        assert_eq!(link.terms(), Terms::DEFAULT);
        let token = link.send(START, Port::Readings, b"21.5").unwrap();
        assert_eq!(server.heard(), b"\x32\x16\0\x0Dsundew/dev/up\0\x02\x0021.5");
        server.say(&[0x40, 2, 0, 2]);
        assert_eq!(link.poll(START, &mut []), Ok(Some(Incoming::Acknowledged(token))));
        link.send(START, Port::Birth, b"me").unwrap();
        assert_eq!(server.heard(), b"\x33\x17\0\x10sundew/dev/birth\0\x03\0me", "retained");

        server.say(&publish("sundew/dev/cmd", 7, b"on"));
        let mut buffer = [0; 8];
        assert_eq!(link.poll(START, &mut buffer), Ok(Some(Incoming::Command(b"on"))));
        quiet(link, START);
        assert_eq!(server.heard(), [0x40, 2, 0, 7]);
    });
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let mut bytes = vec![0x90, 8, 0, 1, 4, 0x1F, 0, 1, b'r', 1];
    bytes.extend(publish("sundew/dev/cmd", 7, b"first"));
    bytes.extend(publish("elsewhere", 8, b"not ours"));
    bytes.extend(mqtt_server::publish("sundew/dev/cmd", Some(9), b"\x05\x02\0\0\0\x09last"));
    for cut in 0..=bytes.len() {
        with_link(config(), |link, server| {
            quiet(link, START);
            server.say(&[0x20, 3, 0, 0, 0]);
            quiet(link, START);
            server.heard();
            let mut came = Vec::new();
            for part in [&bytes[..cut], &bytes[cut..]] {
                server.say(part);
                let mut buffer = [0; 32];
                loop {
                    match link.poll(START, &mut buffer).expect("link lives") {
                        Some(Incoming::Command(payload)) => came.push(payload.to_vec()),
                        Some(other) => panic!("{other:?}"),
                        None if link.wake_at() == Some(START) => {}
                        None => break,
                    }
                }
            }
            assert_eq!(came, [&b"first"[..], b"last"], "cut at {cut}");
            let acks: Vec<u8> = [7, 8, 9].iter().flat_map(|id| [0x40, 2, 0, *id]).collect();
            assert_eq!(server.heard(), acks);
        });
    }
}

#[test]
fn a_refused_message_does_not_end_the_link() {
    for (code, is_final) in [
        (0x80, false),
        (0x83, false),
        (0x87, false),
        (0x90, true),
        (0x91, false),
        (0x97, false),
        (0x99, true),
    ] {
        with_link(config(), |link, server| {
            log_in(link, server, &[]);
            let token = link.send(START, Port::Readings, b"x").unwrap();
            server.say(&[0x40, 3, 0, 2, code]);
            let came = link.poll(START, &mut []).unwrap().unwrap();
            if is_final {
                assert_eq!(came, Incoming::Rejected(token), "{code:#04x}");
            } else {
                let refused = Incoming::Refused { token, retry_after_ms: None };
                assert_eq!(came, refused, "{code:#04x}");
            }
            assert!(link.is_up());
            let token = link.send(START, Port::Readings, b"x").unwrap();
            server.say(&[0x40, 3, 0, 3, 0x10]);
            let came = link.poll(START, &mut []).unwrap();
            assert_eq!(came, Some(Incoming::Acknowledged(token)), "nobody listens, all the same");
        });
    }
}

#[test]
fn refusals_say_who_must_act() {
    for (code, reason, kind) in [
        (0x84, Reason::Version, ErrorKind::Config),
        (0x86, Reason::BadCredentials, ErrorKind::Config),
        (0x87, Reason::NotAuthorised, ErrorKind::Config),
        (0x89, Reason::Busy, ErrorKind::Peer),
        (0x97, Reason::Quota, ErrorKind::Peer),
        (0x9A, Reason::NoRetain, ErrorKind::Config),
        (0x9D, Reason::Moved, ErrorKind::Config),
        (0x9F, Reason::ConnectionRate, ErrorKind::Peer),
    ] {
        with_link(config(), |link, server| {
            quiet(link, START);
            server.say(&[0x20, 3, 0, code, 0]);
            let error = link.poll(START, &mut []).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::Refused(reason)));
            assert_eq!(error.kind(), kind);
            assert_eq!(link.poll(START, &mut []), Err(LinkError::Mqtt(Error::Ended)));
        });
    }
    for (code, reason, kind) in [
        (0x80, Reason::Unspecified, ErrorKind::Config),
        (0x87, Reason::NotAuthorised, ErrorKind::Config),
        (0x97, Reason::Quota, ErrorKind::Peer),
    ] {
        with_link(config(), |link, server| {
            quiet(link, START);
            server.say(&[0x20, 3, 0, 0, 0]);
            quiet(link, START);
            server.say(&[0x90, 4, 0, 1, 0, code]);
            let error = link.poll(START, &mut []).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::SubscriptionRefused(reason)));
            assert_eq!(error.kind(), kind);
        });
    }
}

#[test]
fn a_server_that_leaves_says_why() {
    for (bytes, reason, kind) in [
        (&[0xE0, 0][..], Reason::Normal, ErrorKind::Peer),
        (&[0xE0, 1, 0x8B], Reason::ShuttingDown, ErrorKind::Peer),
        (&[0xE0, 2, 0x8E, 0], Reason::TakenOver, ErrorKind::Config),
        (&[0xE0, 1, 0x87], Reason::NotAuthorised, ErrorKind::Config),
        (&[0xE0, 1, 0x97], Reason::Quota, ErrorKind::Peer),
        (&[0xE0, 6, 0x9D, 4, 0x1C, 0, 1, b's'], Reason::Moved, ErrorKind::Config),
        (&[0xE0, 1, 0x82], Reason::ProtocolError, ErrorKind::Bug),
    ] {
        with_link(config(), |link, server| {
            log_in(link, server, &[]);
            server.say(bytes);
            let error = link.poll(START, &mut []).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::Disconnected(reason)));
            assert_eq!(error.kind(), kind);
            assert!(!link.is_up());
        });
    }
    // Not before it has accepted the client [MQTT-3.14.0-1].
    with_link(config(), |link, server| {
        quiet(link, START);
        server.say(&[0xE0, 0]);
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::Unexpected));
    });
    // Nor ever in 3.1.1.
    let old = mqtt_server::config().with_protocol(Version::V3_1_1);
    with_link(old, |link, server| {
        quiet(link, START);
        server.say(&[0x20, 2, 0, 0]);
        quiet(link, START);
        server.say(&[0xE0, 0]);
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Peer);
        assert!(matches!(error, LinkError::Mqtt(Error::Malformed(_))));
    });
}

/// MQTT-3.2.2-21.
#[test]
fn the_servers_keep_alive_goes() {
    let timing = Timing { keep_alive_s: 60, answer_ms: 3_000, ..Timing::DEFAULT };
    for (properties, first_ping) in [
        (&[][..], Some(45_000)),
        (&[0x13, 0, 10], Some(7_500)),
        (&[0x13, 0, 100], Some(75_000)),
        (&[0x13, 0, 0], None),
    ] {
        with_link(config().with_timing(timing), |link, server| {
            log_in(link, server, properties);
            assert_eq!(link.wake_at(), first_ping.map(|ms| START.after(ms)));
            if let Some(ms) = first_ping {
                quiet(link, START.after(ms));
                assert_eq!(server.heard(), [0xC0, 0]);
            }
        });
    }
}

/// MQTT-3.2.2-15.
#[test]
fn nothing_larger_than_the_server_takes_is_sent() {
    with_link(config(), |link, server| {
        log_in(link, server, &[0x27, 0, 0, 0, 60]);
        // 60 less the head of a retained birth: 1 + 3 + 2 + 16 + 2 + 1.
        assert_eq!(link.capabilities().payload, 35);
        let error = link.send(START, Port::Readings, &[0; 36]).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::PayloadTooLarge { limit: 35 }));
        link.send(START, Port::Birth, &[0; 35]).unwrap();
        assert!(server.heard().len() <= 60);
    });
    let config = config();
    let mut engine = Engine::new(&config, 64, START);
    let mut out = [0; 64];
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 60]).unwrap();
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x90, 4, 0, 1, 0, 1]).unwrap();
    let topic = Topic::new("t").unwrap();
    // 1 + 1 + 3 + 2 + 1 bytes of head.
    let error = engine.publish(START, topic, 53, Retain::Pass, &mut out).unwrap_err();
    assert_eq!((error, error.kind()), (Error::PacketTooLarge { limit: 60 }, ErrorKind::Config));
    engine.publish(START, topic, 52, Retain::Pass, &mut out).unwrap();
    let acknowledged = Event::Acknowledged(PacketId::new(2).unwrap());
    assert_eq!(engine.receive(&[0x40, 2, 0, 2]).unwrap().event, Some(acknowledged));

    // A server that takes no message at all is told apart before the first.
    with_link(config, |link, server| {
        quiet(link, START);
        server.say(&[0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 24]);
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::PacketTooLarge { limit: 24 }));
    });
}

#[test]
fn what_the_server_does_not_offer_is_not_sent() {
    with_link(config(), |link, server| {
        log_in(link, server, &[0x25, 0]);
        assert_eq!(link.terms().retain, Retain::Pass);
        link.send(START, Port::Birth, b"me").unwrap();
        assert_eq!(server.heard()[0], 0x32, "not retained");
    });
    with_link(config(), |link, server| {
        log_in(link, server, &[0x24, 0]);
        assert_eq!(link.terms().quality, Quality::AtMostOnce);
        let error = link.send(START, Port::Readings, b"x").unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::NotOffered(Offer::Acknowledgement)));
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(server.heard(), b"");
    });
    let config = config();
    let mut engine = Engine::new(&config, 64, START);
    let mut out = [0; 64];
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x20, 7, 0, 0, 4, 0x24, 0, 0x25, 0]).unwrap();
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x90, 4, 0, 1, 0, 0]).unwrap();
    let topic = Topic::new("t").unwrap();
    let retained = engine.publish_once(START, topic, 0, Retain::Keep, &mut out);
    assert_eq!(retained, Err(Error::NotOffered(Offer::Retaining)));
    assert_eq!(engine.publish_once(START, topic, 0, Retain::Pass, &mut out), Ok(6));
    assert_eq!(engine.state(), State::Up, "neither ends the connection");
}

#[test]
fn a_packet_beyond_what_was_told_ends_the_link() {
    with_link(config(), |link, server| {
        log_in(link, server, &[]);
        // 1 + 1 + 16 + 2 + 1 bytes of head, and one byte more than the buffer has.
        server.say(&publish("sundew/dev/cmd", 7, &[b'x'; 44]));
        let error = link.poll(START, &mut [0; 64]).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::TooLarge { bytes: 65 }));
        assert_eq!(error.kind(), ErrorKind::Resource);
    });
    with_link(config(), |link, server| {
        log_in(link, server, &[]);
        server.say(&publish("sundew/dev/cmd", 7, &[b'x'; 43]));
        let came = link.poll(START, &mut [0; 64]).map(|came| came.is_some());
        assert_eq!(came, Ok(true));
    });
}

#[test]
fn a_session_is_asked_for_as_long_as_it_is_kept() {
    let day = V5::new().with_session_expiry_s(86_400);
    let kept = config().with_session(Session::Kept);
    for (config, expiry) in [(kept, [0xFF; 4]), (kept.with_protocol(day), [0, 1, 0x51, 0x80])] {
        with_link(config, |link, server| {
            quiet(link, START);
            assert_eq!(server.heard()[14..18], expiry);
            // Kept for an hour only; and resumed.
            server.say(&[0x20, 8, 1, 0, 5, 0x11, 0, 0, 0x0E, 0x10]);
            quiet(link, START);
            assert_eq!(link.state(), State::Subscribing);
            assert_eq!(link.terms().session_expiry_s, Some(3_600));
        });
    }
    with_link(config(), |link, server| {
        quiet(link, START);
        server.say(&[0x20, 3, 1, 0, 0]);
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::Unexpected), "MQTT-3.2.2-2");
    });
}

#[test]
fn small_buffers_are_refused_before_the_first_byte() {
    let config = config().with_payload_bytes(u16::MAX);
    let (rx, tx) = (config.receive_bytes() as usize, config.transmit_bytes() as usize);
    assert_eq!((rx, tx), (40, 30));
    let server = Server::default();
    for (receive, transmit, expected) in [
        (rx, tx, None),
        (rx - 1, tx, Some(ConfigError::ReceiveBuffer { needed: 40 })),
        (rx, tx - 1, Some(ConfigError::TransmitBuffer { needed: 30 })),
    ] {
        let (mut receive, mut transmit) = (vec![0; receive], vec![0; transmit]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let link = MqttLink::insecure_plaintext(&config, server.wire(), buffers, START);
        assert_eq!(link.as_ref().err(), expected.as_ref());
        // What is said to be enough is enough: for the longest CONNACK and the largest message.
        if let Ok(mut link) = link {
            let all = [
                0x11, 0, 0, 0, 1, 0x13, 0, 9, 0x21, 0, 1, 0x22, 0, 1, 0x24, 1, 0x25, 1, 0x27, 0, 1,
                0xFF, 0xFF, 0x28, 1, 0x29, 1, 0x2A, 1,
            ];
            log_in(&mut link, &server, &all);
            link.send(START, Port::Birth, &vec![0; 65_535]).unwrap();
            assert_eq!(server.heard().len(), 1 + 3 + 65_535 + 18 + 2 + 1);
        }
    }
}
