//! What a link does at a real broker, of any make and in any version of MQTT.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{thread::sleep, time::Duration};

use sundew_core::{Classify, ErrorKind, Ticks};
use sundew_transport::link::{Incoming, Link, Port, Token};
use sundew_transport::mqtt::{
    Buffers, Config, DeviceId, Engine, Error, Event, LinkError, MqttLink, Protocol, Quality,
    Reason, Retain, Session, State, Stream, Timing, Topic, Will,
};

use crate::mosquitto::{Broker, Clock, Tcp};

type TcpLink<'a, P> = MqttLink<'a, Tcp, P>;

/// Polls until `done` says so; fails after ten seconds.
fn poll_until<P: Protocol, R>(
    link: &mut TcpLink<'_, P>,
    clock: &Clock,
    mut done: impl FnMut(
        &TcpLink<'_, P>,
        Result<Option<Incoming<'_>>, &LinkError<ErrorKind>>,
    ) -> Option<R>,
) -> R {
    let mut buffer = [0; 256];
    let end = clock.now().after(10_000);
    loop {
        let now = clock.now();
        assert!(!now.has_reached(end), "nothing came in ten seconds");
        let came = link.poll(now, &mut buffer);
        let idle = matches!(came, Ok(None));
        // The state after this very poll; an event borrows the buffer, not the link.
        let result = match &came {
            Ok(event) => done(link, Ok(*event)),
            Err(error) => done(link, Err(error)),
        };
        if let Some(result) = result {
            return result;
        }
        assert!(came.is_ok(), "link died: {came:?}");
        if idle {
            sleep(Duration::from_millis(1));
        }
    }
}

pub(crate) fn until_up<P: Protocol>(link: &mut TcpLink<'_, P>, clock: &Clock) {
    poll_until(link, clock, |link, _| link.is_up().then_some(()));
}

pub(crate) fn until_error<P: Protocol>(
    link: &mut TcpLink<'_, P>,
    clock: &Clock,
) -> LinkError<ErrorKind> {
    poll_until(link, clock, |_, came| came.err().copied())
}

fn until_command<P: Protocol>(link: &mut TcpLink<'_, P>, clock: &Clock) -> Vec<u8> {
    poll_until(link, clock, |_, came| match came {
        Ok(Some(Incoming::Command(payload))) => Some(payload.to_vec()),
        _ => None,
    })
}

/// Polls until the message is acknowledged.
fn until_acknowledged<P: Protocol>(link: &mut TcpLink<'_, P>, clock: &Clock, token: Token) {
    poll_until(link, clock, |_, came| {
        (came.unwrap() == Some(Incoming::Acknowledged(token))).then_some(())
    });
}

pub(crate) fn config<P: Protocol>(id: &str, protocol: P) -> Config<'_, P> {
    let config = Config::new(DeviceId::new(id).unwrap()).with_session(Session::Clean);
    config.with_protocol(protocol)
}

pub(crate) fn with_link<P: Protocol, R>(
    config: Config<'_, P>,
    port: u16,
    scenario: impl FnOnce(&mut TcpLink<'_, P>, &Clock) -> R,
) -> R {
    let clock = Clock::start();
    let (mut receive, mut transmit) = ([0; 256], [0; 256]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let stream = Tcp::connect(port);
    let mut link =
        MqttLink::insecure_plaintext(&config, stream, buffers, clock.now()).expect("buffers");
    scenario(&mut link, &clock)
}

pub(crate) fn readings_go_up_and_commands_come_down<P: Protocol>(broker: &Broker, protocol: P) {
    with_link(config("dev", protocol), broker.open_port, |link, clock| {
        until_up(link, clock);
        let watcher = broker.subscribe("sundew/dev/up", 3);
        for payload in ["one", "two", &"long ".repeat(200)] {
            let token = link.send(clock.now(), Port::Readings, payload.as_bytes()).unwrap();
            assert!(link.is_up());
            until_acknowledged(link, clock, token);
        }
        assert_eq!(watcher.lines(), ["one", "two", &"long ".repeat(200)]);

        broker.publish("sundew/dev/cmd", "interval=5");
        assert_eq!(until_command(link, clock), b"interval=5");
        let watcher = broker.subscribe("sundew/dev/res", 1);
        link.send(clock.now(), Port::CommandResult, b"done").unwrap();
        assert_eq!(watcher.lines(), ["done"]);
    });
}

pub(crate) fn who_comes_later_learns_what_the_device_is<P: Protocol>(broker: &Broker, protocol: P) {
    with_link(config("dev", protocol), broker.open_port, |link, clock| {
        until_up(link, clock);
        for payload in ["first boot", "second boot"] {
            let token = link.send(clock.now(), Port::Birth, payload.as_bytes()).unwrap();
            until_acknowledged(link, clock, token);
        }
    });
    assert_eq!(broker.subscribe("sundew/dev/birth", 1).lines(), ["second boot"]);
}

pub(crate) fn a_command_given_while_the_device_is_away_arrives<P: Protocol>(
    broker: &Broker,
    protocol: P,
) {
    let config = config("sleepy", protocol).with_session(Session::Kept);
    with_link(config, broker.open_port, until_up);
    broker.publish("sundew/sleepy/cmd", "wake");
    with_link(config, broker.open_port, |link, clock| {
        assert_eq!(until_command(link, clock), b"wake");
        until_up(link, clock);
        // Another poll sends the acknowledgement.
        link.poll(clock.now(), &mut []).unwrap();
    });
    with_link(config, broker.open_port, |link, clock| {
        until_up(link, clock);
        broker.publish("sundew/sleepy/cmd", "second");
        assert_eq!(until_command(link, clock), b"second", "the first was acknowledged");
    });
}

/// Says whether a broker sends what does not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reports {
    Oversized,
    Nothing,
}

pub(crate) fn a_command_without_room_does_not_poison_the_session<P: Protocol>(
    broker: &Broker,
    protocol: P,
    reports: Reports,
) {
    let config = config("small", protocol).with_session(Session::Kept);
    with_link(config, broker.open_port, until_up);
    broker.publish("sundew/small/cmd", &"x".repeat(20_000));
    broker.publish("sundew/small/cmd", "fits");
    with_link(config, broker.open_port, |link, clock| {
        // An MQTT 5 server knows the size of the buffer, and sends nothing that does not fit.
        if reports == Reports::Oversized {
            let bytes = poll_until(link, clock, |_, came| match came {
                Ok(Some(Incoming::Oversized { bytes })) => Some(bytes),
                _ => None,
            });
            assert_eq!(bytes, 20_024);
        }
        assert_eq!(until_command(link, clock), b"fits");
        link.poll(clock.now(), &mut []).unwrap();
    });
    with_link(config, broker.open_port, |link, clock| {
        until_up(link, clock);
        broker.publish("sundew/small/cmd", "next");
        assert_eq!(until_command(link, clock), b"next", "neither comes again");
    });
}

pub(crate) fn keep_alive_holds_the_connection<P: Protocol>(broker: &Broker, protocol: P) {
    let timing = Timing { keep_alive_s: 1, answer_ms: 1_000, ..Timing::DEFAULT };
    with_link(config("quiet", protocol).with_timing(timing), broker.open_port, |link, clock| {
        until_up(link, clock);
        // Mosquitto drops a silent client after 1.5 s.
        let end = clock.now().after(4_000);
        poll_until(link, clock, |_, came| {
            came.expect("link lives");
            clock.now().has_reached(end).then_some(())
        });
        assert!(link.is_up());
    });
}

pub(crate) fn credentials_are_checked_by_the_broker<P: Protocol>(broker: &Broker, protocol: P) {
    let right = config("dev", protocol).with_credentials("alice", b"right").unwrap();
    with_link(right, broker.password_port, until_up);

    let nobody = config("dev", protocol);
    let wrong = nobody.with_credentials("alice", b"wrong").unwrap();
    let stranger = nobody.with_credentials("mallory", b"right").unwrap();
    for config in [wrong, stranger, nobody] {
        let error = with_link(config, broker.password_port, until_error);
        assert_eq!(error, LinkError::Mqtt(Error::Refused(Reason::NotAuthorised)));
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.kind().is_retryable());
    }
}

pub(crate) fn a_killed_broker_is_an_error_of_the_other_side<P: Protocol>(
    broker: &mut Broker,
    protocol: P,
) {
    let port = broker.open_port;
    with_link(config("dev", protocol), port, |link, clock| {
        until_up(link, clock);
        broker.kill();
        let error = until_error(link, clock);
        assert!(
            matches!(error, LinkError::Closed | LinkError::Transport(ErrorKind::Bus)),
            "{error:?}"
        );
        assert!(error.kind().is_retryable());
        assert!(!link.is_up());
        let again: Result<_, _> = link.poll(Ticks::default(), &mut []);
        assert_eq!(again, Err(LinkError::Mqtt(Error::Ended)));
    });
}

pub(crate) fn a_will_is_published_when_the_device_is_lost<P: Protocol>(
    broker: &Broker,
    protocol: P,
) {
    let watcher = broker.subscribe("gone", 1);
    let will = Will {
        topic: Topic::new("gone").unwrap(),
        payload: b"dev",
        quality: Quality::AtLeastOnce,
        retain: Retain::Keep,
    };
    // Dropped without a DISCONNECT.
    with_link(config("dev", protocol).with_will(will), broker.open_port, until_up);
    assert_eq!(watcher.lines(), ["dev"]);
    assert_eq!(broker.subscribe("gone", 1).lines(), ["dev"], "retained");
}

/// A reset after a command, before its acknowledgement; and a reading of which nobody knows.
pub(crate) fn what_was_in_flight_comes_again<P: Protocol>(broker: &Broker, protocol: P) {
    let config = config("torn", protocol).with_session(Session::Kept);
    with_link(config, broker.open_port, until_up);
    broker.publish("sundew/torn/cmd", "first");
    broker.publish("sundew/torn/cmd", "second");
    for _ in 0..2 {
        with_link(config, broker.open_port, |link, clock| {
            assert_eq!(until_command(link, clock), b"first", "nobody has acknowledged it");
        });
    }
    let watcher = broker.subscribe("sundew/torn/up", 2);
    with_link(config, broker.open_port, |link, clock| {
        assert_eq!(until_command(link, clock), b"first");
        assert_eq!(until_command(link, clock), b"second");
        until_up(link, clock);
        link.send(clock.now(), Port::Readings, b"reading").unwrap();
    });
    with_link(config, broker.open_port, |link, clock| {
        until_up(link, clock);
        let token = link.send(clock.now(), Port::Readings, b"reading").unwrap();
        until_acknowledged(link, clock, token);
    });
    assert_eq!(watcher.lines(), ["reading", "reading"], "twice is better than never");
}

/// `QoS` 0 both ways, by an engine and a socket of our own.
pub(crate) fn messages_that_nobody_acknowledges<P: Protocol>(broker: &Broker, protocol: P) {
    let config = config("once", protocol);
    let clock = Clock::start();
    let mut engine = Engine::new(&config, 256, clock.now());
    let mut stream = Tcp::connect(broker.open_port);
    let (mut input, mut held, mut out) = ([0; 256], 0, [0; 256]);
    let mut watcher = None;
    let mut came = Vec::new();
    let end = clock.now().after(10_000);
    while came.is_empty() {
        assert!(!clock.now().has_reached(end), "nothing came in ten seconds");
        let written = engine.transmit(clock.now(), &mut out).unwrap();
        send(&mut stream, &out[..written]);
        if engine.state() == State::Up && watcher.is_none() {
            watcher = Some(broker.subscribe("sundew/once/up", 1));
            let topic = config.id().readings();
            let head = engine.publish_once(clock.now(), topic, 4, Retain::Pass, &mut out).unwrap();
            send(&mut stream, &out[..head]);
            send(&mut stream, b"21.5");
            broker.publish_once("sundew/once/cmd", "now");
        }
        if stream.ready().unwrap() {
            held += stream.read(&mut input[held..]).unwrap();
        }
        let received = engine.receive(&input[..held]).unwrap();
        if let Some(Event::Message { topic, payload }) = received.event {
            assert_eq!(topic, b"sundew/once/cmd");
            came = payload.to_vec();
        }
        let consumed = received.consumed;
        input.copy_within(consumed..held, 0);
        held -= consumed;
    }
    assert_eq!(came, b"now");
    assert_eq!(engine.transmit(clock.now(), &mut out), Ok(0), "nothing to acknowledge");
    assert_eq!(watcher.unwrap().lines(), ["21.5"]);
    send(&mut stream, &engine.disconnect());
}

fn send(stream: &mut Tcp, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let written = stream.write(bytes).unwrap();
        bytes = &bytes[written..];
    }
}
