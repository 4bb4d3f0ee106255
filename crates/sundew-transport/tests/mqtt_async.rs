//! The async face of a link: the same bytes, and no future that may not be dropped.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod mqtt_server;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};

use mqtt_server::{START, Server, Wire, config, publish};
use sundew_core::ErrorKind;
use sundew_transport::link::{Incoming, LinkAsync, NoLink, Port};
use sundew_transport::mqtt::{Buffers, Error, LinkError, MqttLink, Stream, StreamAsync};

/// Makes each call of a [`Wire`] wait for so many polls before it does anything.
struct Slow {
    wire: Wire,
    polls: usize,
}

impl Slow {
    async fn wait(&self) {
        let mut left = self.polls;
        poll_fn(|_| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            Poll::Pending
        })
        .await;
    }
}

impl StreamAsync for Slow {
    type Error = ErrorKind;

    fn ready(&mut self) -> Result<bool, ErrorKind> {
        self.wire.ready()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        while !self.wire.ready()? {
            yield_once().await;
        }
        self.wire.read(buffer)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        self.wire.write(bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait().await;
        self.wire.flush()
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|_| {
        let poll = if yielded { Poll::Ready(()) } else { Poll::Pending };
        yielded = true;
        poll
    })
    .await;
}

/// Polls a future so many times, then drops it.
fn run<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// Runs a whole session in which each `poll` is dropped after `patience` polls of its future, and
/// each call of the stream takes `polls`.
fn session(polls: usize, patience: usize) {
    let server = Server::default();
    let (mut receive, mut transmit) = ([0; 64], [0; 64]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let slow = Slow { wire: server.wire(), polls };
    let config = config();
    let mut link = MqttLink::insecure_plaintext(&config, slow, buffers, START).unwrap();
    let mut heard = Vec::new();
    let mut poll = |link: &mut MqttLink<'_, Slow>, until: &[u8]| {
        for _ in 0..1_000 {
            let mut buffer = [0; 64];
            if let Some(came) = run(link.poll(START, &mut buffer), patience)
                && let Some(came) = came.expect("link lives")
            {
                return Some(format!("{came:?}"));
            }
            heard.extend(server.heard());
            if !until.is_empty() && heard.ends_with(until) {
                return None;
            }
        }
        panic!("nothing happens")
    };
    poll(&mut link, b"\0\x03dev");
    server.say(&[0x20, 2, 0, 0]);
    poll(&mut link, b"/cmd\x01");
    server.say(&[0x90, 3, 0, 1, 1]);
    server.say(&publish("sundew/dev/cmd", Some(7), b"on"));
    assert_eq!(poll(&mut link, &[]).unwrap(), "Command([111, 110])");
    poll(&mut link, &[0x40, 2, 0, 7]);
    let token = run(link.send(START, Port::Readings, b"21.5"), 1_000).unwrap().unwrap();
    server.say(&[0x40, 2, 0, 2]);
    let acknowledged = poll(&mut link, &[]).unwrap();
    assert_eq!(acknowledged, format!("{:?}", Incoming::Acknowledged(token)));
    let mut expected = b"\x10\x0F\0\x04MQTT\x04\x02\0\x3C\0\x03dev".to_vec();
    expected.extend(b"\x82\x13\0\x01\0\x0Esundew/dev/cmd\x01");
    expected.extend(b"\x40\x02\0\x07");
    expected.extend(publish("sundew/dev/up", Some(2), b"21.5"));
    heard.extend(server.heard());
    assert_eq!(heard, expected);
}

#[test]
fn a_dropped_poll_loses_nothing() {
    for polls in 0..3 {
        // Fewer polls than a call of the stream takes would never get anywhere.
        for patience in polls + 1..40 {
            session(polls, patience);
        }
    }
}

#[test]
fn a_dropped_send_ends_the_link() {
    for patience in 1..=9 {
        let server = Server::default();
        let (mut receive, mut transmit) = ([0; 64], [0; 64]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let slow = Slow { wire: server.wire(), polls: 1 };
        let config = config();
        let mut link = MqttLink::insecure_plaintext(&config, slow, buffers, START).unwrap();
        for said in [&[][..], &[0x20, 2, 0, 0], &[0x90, 3, 0, 1, 1]] {
            server.say(said);
            while run(link.poll(START, &mut []), 50).is_some() {}
        }
        assert!(link.is_up());
        // 23 bytes, three at a time, and a flush: nine waits.
        assert_eq!(run(link.send(START, Port::Readings, b"21.5"), patience), None);
        assert!(!link.is_up());
        let ended = Some(Err(LinkError::Mqtt(Error::Ended)));
        assert_eq!(run(link.poll(START, &mut []), 50), ended, "half a packet is on the wire");
    }
}

#[test]
fn a_message_waits_for_the_packet_that_a_dropped_poll_began() {
    for patience in 1..=4 {
        let server = Server::default();
        let (mut receive, mut transmit) = ([0; 64], [0; 64]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let slow = Slow { wire: server.wire(), polls: 1 };
        let config = config();
        let mut link = MqttLink::insecure_plaintext(&config, slow, buffers, START).unwrap();
        for said in [&[][..], &[0x20, 2, 0, 0], &[0x90, 3, 0, 1, 1]] {
            server.say(said);
            while run(link.poll(START, &mut []), 50).is_some() {}
        }
        server.say(&publish("sundew/dev/cmd", Some(7), b""));
        let command = run(link.poll(START, &mut []), 50);
        assert_eq!(command, Some(Ok(Some(Incoming::Command(b"")))));
        server.heard();
        assert_eq!(run(link.poll(START, &mut []), patience), None);
        run(link.send(START, Port::Readings, b"21.5"), 50).unwrap().unwrap();
        let mut expected = vec![0x40, 2, 0, 7];
        expected.extend(publish("sundew/dev/up", Some(2), b"21.5"));
        assert_eq!(server.heard(), expected, "dropped after {patience}");
    }
}

#[test]
fn no_link_waits_for_ever() {
    assert_eq!(run(NoLink.poll(START, &mut []), 100), None);
    let mut none: Option<NoLink> = None;
    assert_eq!(run(none.poll(START, &mut []), 100), None);
}
