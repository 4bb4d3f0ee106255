//! A link against a scripted server over a stream in memory: fragments, garbage, refusals, room.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mqtt_server;

use mqtt_server::{START, Server, Wire, config, log_in, publish, quiet, with_link};
use sundew_core::{Classify, ErrorKind};
use sundew_transport::link::{Delivery, Downlink, Incoming, Link, MaybeDown, NoLink, NotUp, Port};
use sundew_transport::mqtt::{
    Buffers, ConfigError, Engine, Error, LinkError, Malformed, MqttLink, Quality, Reason, Retain,
    Session, State, Topic, Will,
};

#[test]
fn a_session_byte_by_byte_on_the_wire() {
    let config = config().with_credentials("u", b"p").unwrap();
    with_link(config, |link, server| {
        assert_eq!(link.state(), State::Connecting);
        quiet(link, START);
        let connect = b"\x10\x15\0\x04MQTT\x04\xC2\0\x3C\0\x03dev\0\x01u\0\x01p";
        assert_eq!(server.heard(), connect);
        assert!(!link.is_up());
        assert_eq!(link.send(START, Port::Readings, b"x"), Err(LinkError::Mqtt(Error::NotUp)));

        server.say(&[0x20, 2, 0, 0]);
        quiet(link, START);
        assert_eq!(link.state(), State::Subscribing);
        assert_eq!(server.heard(), b"\x82\x13\0\x01\0\x0Esundew/dev/cmd\x01");
        assert!(!link.is_up());

        server.say(&[0x90, 3, 0, 1, 1]);
        quiet(link, START);
        assert_eq!(link.state(), State::Up);
        let token = link.send(START, Port::Readings, b"21.5").unwrap();
        assert_eq!(server.heard(), b"\x32\x15\0\x0Dsundew/dev/up\0\x0221.5");
        assert!(link.is_up(), "a message in flight is no reason to be down");
        let second = link.send(START, Port::Readings, b"x");
        assert_eq!(second, Err(LinkError::Mqtt(Error::WindowFull)));

        server.say(&[0x40, 2, 0, 2]);
        assert_eq!(link.poll(START, &mut []), Ok(Some(Incoming::Acknowledged(token))));
        assert!(link.is_up());
        link.send(START, Port::CommandResult, b"ok").unwrap();
        assert_eq!(server.heard(), b"\x32\x14\0\x0Esundew/dev/res\0\x03ok");
        server.say(&[0x40, 2, 0, 3]);
        link.poll(START, &mut []).unwrap();
        link.send(START, Port::Birth, b"me").unwrap();
        assert_eq!(server.heard(), b"\x33\x16\0\x10sundew/dev/birth\0\x04me", "retained");
        assert_eq!(link.capabilities().payload, 1_024);
        assert_eq!(link.capabilities().delivery, Delivery::Acknowledged);
        assert_eq!(link.capabilities().downlink, Downlink::Any);
    });
}

/// What the server says after SUBSCRIBE, in one stream.
fn busy_server() -> Vec<u8> {
    let mut bytes = vec![0x90, 3, 0, 1, 1];
    bytes.extend(publish("sundew/dev/cmd", Some(7), b"first"));
    bytes.extend(publish("sundew/dev/cmd", None, b"second"));
    bytes.extend(publish("elsewhere", Some(8), b"not ours"));
    bytes.extend(publish("sundew/dev/cmd", Some(9), b""));
    bytes.extend(publish("sundew/dev/cmd", Some(10), &[b'x'; 300]));
    bytes.extend(publish("sundew/dev/cmd", Some(11), b"last"));
    bytes
}

/// Polls until nothing more comes and returns what did.
fn drain(link: &mut MqttLink<'_, Wire>) -> Vec<String> {
    let mut came = Vec::new();
    let mut buffer = [0; 32];
    loop {
        match link.poll(START, &mut buffer).expect("link lives") {
            Some(Incoming::Command(payload)) => {
                came.push(String::from_utf8(payload.to_vec()).unwrap());
            }
            Some(other) => came.push(format!("{other:?}")),
            None if link.wake_at() == Some(START) => {}
            None => return came,
        }
    }
}

fn check_busy(came: &[String], server: &Server) {
    let expected = ["first", "second", "", "Oversized { bytes: 321 }", "last"];
    assert_eq!(came, expected);
    let acks: Vec<u8> = [7, 8, 9, 10, 11].iter().flat_map(|id| [0x40, 2, 0, *id]).collect();
    assert_eq!(server.heard(), acks);
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let bytes = busy_server();
    for cut in 0..=bytes.len() {
        with_link(config(), |link, server| {
            quiet(link, START);
            server.say(&[0x20, 2, 0, 0]);
            quiet(link, START);
            server.heard();
            server.say(&bytes[..cut]);
            let mut came = drain(link);
            server.say(&bytes[cut..]);
            came.extend(drain(link));
            check_busy(&came, server);
        });
    }
}

#[test]
fn a_trickle_of_any_width_changes_nothing() {
    for width in 1..=70 {
        with_link(config(), |link, server| {
            server.at_most_per_read(width);
            quiet(link, START);
            server.say(&[0x20, 2, 0, 0]);
            quiet(link, START);
            server.heard();
            let mut came = Vec::new();
            for chunk in busy_server().chunks(width) {
                server.say(chunk);
                came.extend(drain(link));
            }
            check_busy(&came, server);
        });
    }
}

#[test]
fn a_command_is_acknowledged_after_the_node_had_it() {
    with_link(config(), |link, server| {
        log_in(link, server);
        for duplicate in [0, 0x08] {
            let mut bytes = publish("sundew/dev/cmd", Some(7), b"on");
            bytes[0] |= duplicate;
            server.say(&bytes);
            let mut buffer = [0; 8];
            let command = link.poll(START, &mut buffer);
            assert_eq!(command, Ok(Some(Incoming::Command(b"on"))));
            assert_eq!(server.heard(), b"", "the node is not done with it");
            quiet(link, START);
            assert_eq!(server.heard(), [0x40, 2, 0, 7], "a duplicate is acknowledged too");
        }
    });
}

#[test]
fn a_command_without_room_is_reported_and_not_sent_again() {
    // The receive buffer is 64 bytes, the head of the packet 20.
    for (payload, room, oversized) in [
        (8, 8, None),
        (9, 8, Some(29)),
        (44, 64, None),
        (45, 64, Some(65)),
        (20_000, 64, Some(20_022)),
    ] {
        with_link(config(), |link, server| {
            log_in(link, server);
            let content = vec![b'p'; payload];
            server.say(&publish("sundew/dev/cmd", Some(7), &content));
            let mut buffer = vec![0; room];
            let came = loop {
                if let Some(came) = link.poll(START, &mut buffer).unwrap() {
                    break match came {
                        Incoming::Oversized { bytes } => Some(bytes),
                        Incoming::Command(payload) => {
                            assert_eq!(payload, content);
                            None
                        }
                        other => panic!("{other:?}"),
                    };
                }
                assert_eq!(link.wake_at(), Some(START), "there is more to read");
            };
            assert_eq!(came, oversized, "{payload} bytes");
            quiet(link, START);
            assert_eq!(server.heard(), [0x40, 2, 0, 7]);
        });
    }
}

#[test]
fn a_topic_without_room_ends_the_link() {
    with_link(config(), |link, server| {
        log_in(link, server);
        server.say(&publish(&"t".repeat(80), Some(7), b"x"));
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::TooLarge { bytes: 87 }));
        assert_eq!(error.kind(), ErrorKind::Resource);
    });
}

#[test]
fn refusals_say_who_must_act() {
    for (code, refusal, kind) in [
        (1, Reason::Version, ErrorKind::Config),
        (2, Reason::ClientId, ErrorKind::Config),
        (3, Reason::Unavailable, ErrorKind::Peer),
        (4, Reason::BadCredentials, ErrorKind::Config),
        (5, Reason::NotAuthorised, ErrorKind::Config),
    ] {
        with_link(config(), |link, server| {
            quiet(link, START);
            server.say(&[0x20, 2, 0, code]);
            let error = link.poll(START, &mut []).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::Refused(refusal)));
            assert_eq!(error.kind(), kind);
            assert_eq!(link.state(), State::Closed);
            let again = link.poll(START, &mut []);
            assert_eq!(again, Err(LinkError::Mqtt(Error::Ended)), "dead is dead");
            assert_eq!(link.wake_at(), None);
        });
    }
    with_link(config(), |link, server| {
        quiet(link, START);
        server.say(&[0x20, 2, 0, 0]);
        quiet(link, START);
        server.say(&[0x90, 3, 0, 1, 0x80]);
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::SubscriptionRefused(Reason::Unspecified)));
        assert_eq!(error.kind(), ErrorKind::Config);
    });
}

#[test]
fn what_is_out_of_turn_ends_the_link() {
    let command = publish("sundew/dev/cmd", Some(7), b"on");
    let suback = [0x90, 3, 0, 1, 1];
    let steps: [&[u8]; 3] = [&[], &[0x20, 2, 0, 0], &suback];
    let wrong: [(usize, &[u8]); 12] = [
        (0, &suback),
        (0, &command),
        (0, &[0xD0, 0]),
        (0, &[0x40, 2, 0, 1]),
        // A resumed session where a clean one was asked for [MQTT-3.2.2-1].
        (0, &[0x20, 2, 1, 0]),
        (1, &[0x20, 2, 0, 0]),
        (1, &[0x90, 3, 0, 2, 1]),
        (1, &[0xD0, 0]),
        (2, &[0x20, 2, 0, 0]),
        (2, &suback),
        (2, &[0x40, 2, 0, 1]),
        (2, &[0xD0, 0]),
    ];
    for (step, bytes) in wrong {
        with_link(config(), |link, server| {
            for said in &steps[..=step] {
                server.say(said);
                quiet(link, START);
            }
            server.say(bytes);
            let error = link.poll(START, &mut [0; 8]).unwrap_err();
            assert_eq!(error, LinkError::Mqtt(Error::Unexpected), "{bytes:02x?} in step {step}");
            assert_eq!(error.kind(), ErrorKind::Peer);
        });
    }
}

#[test]
fn a_kept_session_may_be_resumed_and_speak_first() {
    with_link(config().with_session(Session::Kept), |link, server| {
        quiet(link, START);
        assert_eq!(server.heard()[9], 0, "connect flags");
        let mut bytes = vec![0x20, 2, 1, 0];
        bytes.extend(publish("sundew/dev/cmd", Some(3), b"waited"));
        server.say(&bytes);
        let mut buffer = [0; 8];
        assert_eq!(link.poll(START, &mut buffer), Ok(Some(Incoming::Command(b"waited"))));
        quiet(link, START);
        assert_eq!(server.heard()[..2], [0x82, 19], "SUBSCRIBE came before");
        server.say(&[0x90, 3, 0, 1, 0]);
        quiet(link, START);
        assert!(link.is_up());
    });
}

#[test]
fn garbage_ends_the_link_in_every_state() {
    for step in 0..3 {
        for first in 0..=u8::MAX {
            with_link(config(), |link, server| {
                quiet(link, START);
                for said in [&[0x20, 2, 0, 0][..], &[0x90, 3, 0, 1, 1]].iter().take(step) {
                    server.say(said);
                    quiet(link, START);
                }
                server.say(&[first, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]);
                let error = link.poll(START, &mut [0; 64]).unwrap_err();
                let LinkError::Mqtt(Error::Malformed(_)) = error else { panic!("{error:?}") };
                assert_eq!(error.kind(), ErrorKind::Peer);
                let ended = link.send(START, Port::Readings, b"");
                assert_eq!(ended, Err(LinkError::Mqtt(Error::Ended)));
            });
        }
    }
    with_link(config(), |link, server| {
        log_in(link, server);
        server.say(&publish("sundew/+/cmd", None, b""));
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::Malformed(Malformed::Topic)));
    });
}

#[test]
fn a_closed_or_broken_stream_is_told_apart() {
    with_link(config(), |link, server| {
        log_in(link, server);
        server.close();
        let error = link.poll(START, &mut []).unwrap_err();
        assert_eq!(error, LinkError::Closed);
        assert_eq!(error.kind(), ErrorKind::Peer);
        assert!(!link.is_up());
        assert_eq!(link.poll(START, &mut []), Err(LinkError::Mqtt(Error::Ended)));
    });
    with_link(config(), |link, server| {
        log_in(link, server);
        server.break_off();
        let error = link.send(START, Port::Readings, b"x").unwrap_err();
        assert_eq!(error, LinkError::Transport(ErrorKind::Bus));
        assert!(!link.is_up());
        assert_eq!(link.poll(START, &mut []), Err(LinkError::Mqtt(Error::Ended)));
    });
}

#[test]
fn the_engine_forgets_no_acknowledgement() {
    let config = config();
    let mut engine = Engine::new(&config, 64, START);
    let mut out = [0; 64];
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x20, 2, 0, 0]).unwrap();
    engine.transmit(START, &mut out).unwrap();
    let (first, second) = (publish("a", Some(7), b""), publish("a", Some(8), b""));
    assert_eq!(engine.receive(&first).unwrap().consumed, first.len());
    let waits = engine.receive(&second).unwrap();
    assert_eq!((waits.consumed, waits.event), (0, None), "until the first is acknowledged");
    for (id, next) in [(7, &second), (8, &first)] {
        assert_eq!(engine.transmit(START, &mut out), Ok(4));
        assert_eq!(out[..4], [0x40, 2, 0, id]);
        assert_eq!(engine.receive(next).unwrap().consumed, next.len());
    }
    // QoS 0 waits for the log-in, but not for the message in flight.
    let topic = Topic::new("t").unwrap();
    let early = engine.publish_once(START, topic, 0, Retain::Pass, &mut out);
    assert_eq!(early, Err(Error::NotUp));
    engine.transmit(START, &mut out).unwrap();
    engine.receive(&[0x90, 3, 0, 1, 1]).unwrap();
    engine.publish(START, topic, 0, Retain::Pass, &mut out).unwrap();
    assert_eq!(engine.publish_once(START, topic, 2, Retain::Keep, &mut out), Ok(5));
    assert_eq!(out[..5], [0x31, 5, 0, 1, b't']);
    assert_eq!(engine.disconnect(), [0xE0, 0]);
    assert_eq!(engine.receive(&first), Err(Error::Ended));
}

#[test]
fn a_message_is_the_same_in_one_piece_or_two() {
    // The transmit buffer is 64 bytes and the head 19: from 46 bytes on there are two writes.
    for length in [0, 1, 45, 46, 1_024] {
        with_link(config(), |link, server| {
            log_in(link, server);
            let payload = vec![b'p'; length];
            link.send(START, Port::Readings, &payload).unwrap();
            assert_eq!(server.heard(), publish("sundew/dev/up", Some(2), &payload));
        });
    }
    with_link(config(), |link, server| {
        log_in(link, server);
        let error = link.send(START, Port::Readings, &[0; 1_025]).unwrap_err();
        assert_eq!(error, LinkError::Mqtt(Error::PayloadTooLarge { limit: 1_024 }));
        assert_eq!(error.kind(), ErrorKind::Resource);
        assert!(link.is_up(), "the link has nothing to do with it");
    });
}

#[test]
fn packet_identifiers_start_again_after_the_last() {
    with_link(config(), |link, server| {
        log_in(link, server);
        let mut expected = 2_u16;
        for _ in 0..70_000 {
            let token = link.send(START, Port::Readings, b"").unwrap();
            assert_eq!(token.0, expected);
            let [high, low] = expected.to_be_bytes();
            server.say(&[0x40, 2, high, low]);
            assert_eq!(link.poll(START, &mut []), Ok(Some(Incoming::Acknowledged(token))));
            server.heard();
            expected = expected.checked_add(1).unwrap_or(1);
        }
    });
}

#[test]
fn small_buffers_are_refused_before_the_first_byte() {
    let will = Will {
        topic: Topic::new("gone").unwrap(),
        payload: b"dev",
        quality: Quality::AtLeastOnce,
        retain: Retain::Keep,
    };
    for config in [
        config(),
        config().with_credentials("user", &[b'p'; 40]).unwrap(),
        config().with_will(will),
    ] {
        let config = config.with_payload_bytes(u16::MAX);
        let (rx, tx) = (config.receive_bytes() as usize, config.transmit_bytes() as usize);
        let server = Server::default();
        for (receive, transmit, expected) in [
            (rx, tx, None),
            (rx - 1, tx, Some(ConfigError::ReceiveBuffer { needed: rx as u32 })),
            (rx, tx - 1, Some(ConfigError::TransmitBuffer { needed: tx as u32 })),
        ] {
            let (mut receive, mut transmit) = (vec![0; receive], vec![0; transmit]);
            let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
            let link = MqttLink::insecure_plaintext(&config, server.wire(), buffers, START);
            assert_eq!(link.as_ref().err(), expected.as_ref());
            // What is said to be enough is enough, up to the largest message on the longest topic.
            if let Ok(mut link) = link {
                server.heard();
                log_in(&mut link, &server);
                let largest = vec![0; 65_535];
                link.send(START, Port::Birth, &largest).unwrap();
                let mut expected = publish("sundew/dev/birth", Some(2), &largest);
                expected[0] |= 1; // retained
                assert_eq!(server.heard(), expected);
            }
        }
    }
}

#[test]
fn no_link_is_a_link_that_is_down() {
    let mut none: Option<MqttLink<'_, Wire>> = None;
    assert!(!none.is_up());
    assert_eq!(none.capabilities().payload, 0);
    assert_eq!(none.poll(START, &mut []), Ok(None));
    assert_eq!(none.send(START, Port::Readings, b""), Err(MaybeDown::NotUp));
    assert_eq!(none.wake_at(), None);
    assert_eq!(NoLink.send(START, Port::Readings, b""), Err(NotUp));

    let server = Server::default();
    let (mut receive, mut transmit) = ([0; 64], [0; 64]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let config = config();
    let mut some = MqttLink::insecure_plaintext(&config, server.wire(), buffers, START).ok();
    assert_eq!(some.poll(START, &mut []), Ok(None));
    server.say(&[0x20, 2, 0, 5]);
    let error = some.poll(START, &mut []).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(Reason::NotAuthorised.to_string(), "client is not authorised");
}

#[test]
fn debug_shows_no_password() {
    let password = [0xA1, 0xA2, 0xA3];
    with_link(config().with_credentials("user", &password).unwrap(), |link, server| {
        quiet(link, START);
        let heard = server.heard();
        assert!(
            heard.windows(3).any(|bytes| bytes == password),
            "it was sent, and staged for that"
        );
        let text = format!("{link:?}");
        assert!(text.contains("AwaitConnack") && !text.contains("161, 162"), "{text}");
    });
}
