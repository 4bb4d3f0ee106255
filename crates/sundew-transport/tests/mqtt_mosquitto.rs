//! A link against a real broker: mosquitto, started by the test on a port of its own.
//!
//! Needs the Debian packages `mosquitto` and `mosquitto-clients`; without them the tests fail.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mosquitto;

use std::{thread::sleep, time::Duration};

use mosquitto::{Broker, Clock, Tcp};
use sundew_core::{Classify, ErrorKind, Ticks};
use sundew_transport::link::{Incoming, Link, Port};
use sundew_transport::mqtt::{
    Buffers, Config, DeviceId, Error, LinkError, MqttLink, Refusal, Session, Timing,
};

type TcpLink<'a> = MqttLink<'a, Tcp>;

/// Polls until `done` says so; fails after ten seconds.
fn poll_until<R>(
    link: &mut TcpLink<'_>,
    clock: &Clock,
    mut done: impl FnMut(&TcpLink<'_>, Result<Option<Incoming<'_>>, &LinkError<ErrorKind>>) -> Option<R>,
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

fn until_up(link: &mut TcpLink<'_>, clock: &Clock) {
    poll_until(link, clock, |link, _| link.is_up().then_some(()));
}

fn until_error(link: &mut TcpLink<'_>, clock: &Clock) -> LinkError<ErrorKind> {
    poll_until(link, clock, |_, came| came.err().copied())
}

fn until_command(link: &mut TcpLink<'_>, clock: &Clock) -> Vec<u8> {
    poll_until(link, clock, |_, came| match came {
        Ok(Some(Incoming::Command(payload))) => Some(payload.to_vec()),
        _ => None,
    })
}

fn config(id: &str) -> Config<'_> {
    Config::new(DeviceId::new(id).unwrap()).with_session(Session::Clean)
}

fn with_link<R>(
    config: Config<'_>,
    port: u16,
    scenario: impl FnOnce(&mut TcpLink<'_>, &Clock) -> R,
) -> R {
    let clock = Clock::start();
    let (mut receive, mut transmit) = ([0; 256], [0; 256]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let stream = Tcp::connect(port);
    let mut link =
        MqttLink::insecure_plaintext(&config, stream, buffers, clock.now()).expect("buffers");
    scenario(&mut link, &clock)
}

#[test]
fn readings_go_up_and_commands_come_down() {
    let broker = Broker::start();
    with_link(config("dev"), broker.open_port, |link, clock| {
        until_up(link, clock);
        let watcher = broker.subscribe("sundew/dev/up", 3);
        for payload in ["one", "two", &"long ".repeat(200)] {
            let token = link.send(clock.now(), Port::Readings, payload.as_bytes()).unwrap();
            assert!(link.is_up());
            let acknowledged = poll_until(link, clock, |_, came| {
                came.unwrap().map(|came| came == Incoming::Acknowledged(token))
            });
            assert!(acknowledged);
        }
        assert_eq!(watcher.lines(), ["one", "two", &"long ".repeat(200)]);

        broker.publish("sundew/dev/cmd", "interval=5");
        assert_eq!(until_command(link, clock), b"interval=5");
        let watcher = broker.subscribe("sundew/dev/res", 1);
        link.send(clock.now(), Port::CommandResult, b"done").unwrap();
        assert_eq!(watcher.lines(), ["done"]);
    });
}

#[test]
fn who_comes_later_learns_what_the_device_is() {
    let broker = Broker::start();
    with_link(config("dev"), broker.open_port, |link, clock| {
        until_up(link, clock);
        for payload in ["first boot", "second boot"] {
            let token = link.send(clock.now(), Port::Birth, payload.as_bytes()).unwrap();
            let acknowledged = Incoming::Acknowledged(token);
            poll_until(link, clock, |_, came| (came.unwrap() == Some(acknowledged)).then_some(()));
        }
    });
    assert_eq!(broker.subscribe("sundew/dev/birth", 1).lines(), ["second boot"]);
}

#[test]
fn a_command_given_while_the_device_is_away_arrives() {
    let broker = Broker::start();
    let config = config("sleepy").with_session(Session::Kept);
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

#[test]
fn a_command_without_room_does_not_poison_the_session() {
    let broker = Broker::start();
    let config = config("small").with_session(Session::Kept);
    with_link(config, broker.open_port, until_up);
    broker.publish("sundew/small/cmd", &"x".repeat(20_000));
    broker.publish("sundew/small/cmd", "fits");
    with_link(config, broker.open_port, |link, clock| {
        let bytes = poll_until(link, clock, |_, came| match came {
            Ok(Some(Incoming::Oversized { bytes })) => Some(bytes),
            _ => None,
        });
        assert_eq!(bytes, 20_024);
        assert_eq!(until_command(link, clock), b"fits");
        link.poll(clock.now(), &mut []).unwrap();
    });
    with_link(config, broker.open_port, |link, clock| {
        until_up(link, clock);
        broker.publish("sundew/small/cmd", "next");
        assert_eq!(until_command(link, clock), b"next", "neither comes again");
    });
}

#[test]
fn keep_alive_holds_the_connection() {
    let broker = Broker::start();
    let timing = Timing { keep_alive_s: 1, answer_ms: 1_000, ..Timing::DEFAULT };
    with_link(config("quiet").with_timing(timing), broker.open_port, |link, clock| {
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

#[test]
fn credentials_are_checked_by_the_broker() {
    let broker = Broker::start();
    let right = config("dev").with_credentials("alice", b"right").unwrap();
    with_link(right, broker.password_port, until_up);

    let nobody = config("dev");
    let wrong = nobody.with_credentials("alice", b"wrong").unwrap();
    let stranger = nobody.with_credentials("mallory", b"right").unwrap();
    for config in [wrong, stranger, nobody] {
        let error = with_link(config, broker.password_port, until_error);
        assert_eq!(error, LinkError::Mqtt(Error::Refused(Refusal::NotAuthorised)));
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.kind().is_retryable());
    }
}

#[test]
fn a_killed_broker_is_an_error_of_the_other_side() {
    let mut broker = Broker::start();
    let port = broker.open_port;
    with_link(config("dev"), port, |link, clock| {
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
