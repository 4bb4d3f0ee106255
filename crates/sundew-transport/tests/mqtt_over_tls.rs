//! A link over a TLS session with mosquitto: every layer of this crate at once.
//!
//! Needs the Debian packages `mosquitto` and `mosquitto-clients`; without them the tests fail.

#![cfg(feature = "tls")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mosquitto;
mod tls_support;

use std::{thread::sleep, time::Duration};

use mosquitto::{Broker, Clock};
use sundew_core::{Classify, ErrorKind};
use sundew_transport::link::{Incoming, Link, Port};
use sundew_transport::mqtt::{Buffers, Config, DeviceId, LinkError, MqttLink, Session, Stream};
use sundew_transport::tls;
use tls_support::certificates::{Identity, authority, self_signed, server, signed};
use tls_support::{SocketError, now, with_session};

type Failure = LinkError<tls::Error<SocketError>>;

const NAME: &str = "broker.test";

fn broker() -> (Broker, Identity) {
    let ca = self_signed(authority("ca"));
    let leaf = signed(server(NAME), &ca);
    (Broker::start_tls(&leaf.certificate.pem(), &leaf.key.serialize_pem()), ca)
}

fn config(session: Session) -> Config<'static> {
    Config::new(DeviceId::new("dev").unwrap()).with_session(session)
}

/// Opens a session with a record buffer of 1,024 bytes and hands out what came until `wanted`.
fn run(
    (broker, ca): &(Broker, Identity),
    session: Session,
    mut step: impl FnMut(&mut dyn Up, Option<Incoming<'_>>) -> bool,
) -> Result<(), Failure> {
    let clock = Clock::start();
    let config = config(session);
    let mut outcome = Ok(());
    with_session(broker.tls_port, (NAME, ca.der(), now()), |session| {
        let (mut receive, mut transmit) = ([0; 256], [0; 256]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut link = MqttLink::new(&config, session, buffers, clock.now()).expect("buffers");
        let mut buffer = [0; 128];
        let end = clock.now().after(10_000);
        loop {
            assert!(!clock.now().has_reached(end), "nothing came in ten seconds");
            match link.poll(clock.now(), &mut buffer) {
                Ok(came) => {
                    let idle = came.is_none();
                    if step(&mut (&mut link, &clock), came) {
                        return Ok(());
                    }
                    if idle {
                        sleep(Duration::from_millis(1));
                    }
                }
                Err(error) => {
                    outcome = Err(error);
                    return Ok(());
                }
            }
        }
    })
    .expect("TLS session");
    outcome
}

/// Is what a step may do with a link, whatever it runs over.
trait Up {
    fn is_up(&self) -> bool;
    fn send(&mut self, payload: &[u8]);
}

impl<T: Stream> Up for (&mut MqttLink<'_, T>, &Clock) {
    fn is_up(&self) -> bool {
        self.0.is_up()
    }

    fn send(&mut self, payload: &[u8]) {
        self.0.send(self.1.now(), Port::Readings, payload).expect("link is up");
    }
}

fn until_up(up: &mut dyn Up, _: Option<Incoming<'_>>) -> bool {
    up.is_up()
}

#[test]
fn readings_and_commands_pass_a_verified_session() {
    let broker = broker();
    let mut watcher = None;
    let long = "long ".repeat(200);
    let mut payloads = ["21.5", &long].into_iter();
    let (mut in_flight, mut commanded) = (false, false);
    run(&broker, Session::Clean, |link, came| {
        match came {
            Some(Incoming::Command(payload)) => {
                assert_eq!(payload, b"interval=5");
                return true;
            }
            Some(other) => {
                assert!(matches!(other, Incoming::Acknowledged(_)), "{other:?}");
                in_flight = false;
            }
            None => {}
        }
        if link.is_up() && !in_flight && !commanded {
            watcher.get_or_insert_with(|| broker.0.subscribe("sundew/dev/up", 2));
            if let Some(payload) = payloads.next() {
                link.send(payload.as_bytes());
                in_flight = true;
            } else {
                broker.0.publish("sundew/dev/cmd", "interval=5");
                commanded = true;
            }
        }
        false
    })
    .expect("link lives");
    assert_eq!(watcher.expect("subscribed").lines(), ["21.5", &long]);
}

/// A command larger than a TLS record buffer cannot be skipped: there is no session without its
/// record. A kept session then brings it again and again, until a clean one ends it, which is what
/// `Config::after_failure` is for.
#[test]
fn a_clean_session_frees_from_a_command_larger_than_a_record() {
    let broker = broker();
    run(&broker, Session::Kept, until_up).expect("link lives");
    broker.0.publish("sundew/dev/cmd", &"x".repeat(20_000));
    for _ in 0..2 {
        let error = run(&broker, Session::Kept, |_, _| false).expect_err("no room");
        assert!(
            matches!(error, LinkError::Transport(tls::Error::RecordTooLong { .. })),
            "{error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Resource);
    }
    run(&broker, Session::Clean, until_up).expect("link lives");
    run(&broker, Session::Kept, until_up).expect("link lives");
}

#[test]
fn a_killed_broker_is_noticed_below_tls() {
    let (mut broker, ca) = broker();
    let port = broker.tls_port;
    let clock = Clock::start();
    let config = config(Session::Clean);
    with_session(port, (NAME, ca.der(), now()), |session| {
        let (mut receive, mut transmit) = ([0; 256], [0; 256]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut link = MqttLink::new(&config, session, buffers, clock.now()).expect("buffers");
        while !link.is_up() {
            link.poll(clock.now(), &mut []).expect("link lives");
        }
        broker.kill();
        let end = clock.now().after(10_000);
        let error = loop {
            assert!(!clock.now().has_reached(end), "nothing is noticed");
            if let Err(error) = link.poll(clock.now(), &mut []) {
                break error;
            }
        };
        assert!(error.kind().is_retryable(), "{error:?}");
        Ok(())
    })
    .expect("TLS session");
}

/// The async face of link and session over a real broker: logged in, delivered, acknowledged.
#[cfg(feature = "async")]
#[test]
fn the_async_link_delivers_over_the_async_session() {
    use sundew_transport::link::LinkAsync;
    use sundew_transport::tls::{Server, SessionAsync, TrustAnchor, WireAsync};
    use tls_support::asynch::SocketAsync;

    let (broker, ca) = broker();
    let clock = Clock::start();
    let watcher = broker.subscribe("sundew/dev/up", 1);
    let config = config(Session::Clean);
    let server = Server::chain(NAME, TrustAnchor::from_der(ca.der()).unwrap(), now());
    let (mut staging, mut tls_in, mut tls_out) = ([0; 1024], [0; 4096], [0; 512]);
    let (mut receive, mut transmit) = ([0; 256], [0; 256]);
    let mut wire = WireAsync::new(SocketAsync::connect(broker.tls_port), &mut staging);
    let acknowledged = tls_support::asynch::run(Duration::from_secs(10), async {
        let buffers = tls::Buffers::new(&mut tls_in, &mut tls_out);
        let session =
            SessionAsync::open(&mut wire, buffers, &server, &mut tls_support::rng()).await.unwrap();
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut link = MqttLink::new(&config, session, buffers, clock.now()).unwrap();
        while !LinkAsync::is_up(&link) {
            LinkAsync::poll(&mut link, clock.now(), &mut []).await.unwrap();
        }
        let sent = LinkAsync::send(&mut link, clock.now(), Port::Readings, b"21.5").await.unwrap();
        loop {
            let came = LinkAsync::poll(&mut link, clock.now(), &mut []).await.unwrap();
            if let Some(Incoming::Acknowledged(token)) = came {
                return token == sent;
            }
        }
    });
    assert_eq!(acknowledged, Some(true));
    assert_eq!(watcher.lines(), ["21.5"]);
}
