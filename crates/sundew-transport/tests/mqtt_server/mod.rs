//! The far end of a stream in memory, played by the test.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use sundew_core::{ErrorKind, Ticks};
use sundew_transport::link::Link;
use sundew_transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Protocol, Session, Stream};

/// Lies five seconds before the wrap of the clock.
pub(crate) const START: Ticks = Ticks::from_millis(u32::MAX - 5_000);

pub(crate) fn config() -> Config<'static> {
    Config::new(DeviceId::new("dev").unwrap()).with_session(Session::Clean)
}

/// Holds the memory of a link and runs a scenario in it.
pub(crate) fn with_link<P: Protocol, R>(
    config: Config<'_, P>,
    scenario: impl FnOnce(&mut MqttLink<'_, Wire, P>, &Server) -> R,
) -> R {
    let server = Server::default();
    let (mut receive, mut transmit) = ([0; 64], [0; 64]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let mut link =
        MqttLink::insecure_plaintext(&config, server.wire(), buffers, START).expect("buffers");
    scenario(&mut link, &server)
}

/// Polls without an event, which is what most polls do.
pub(crate) fn quiet<P: Protocol>(link: &mut MqttLink<'_, Wire, P>, now: Ticks) {
    assert_eq!(link.poll(now, &mut [0; 64]), Ok(None));
}

pub(crate) fn log_in(link: &mut MqttLink<'_, Wire>, server: &Server) {
    quiet(link, START);
    server.say(&[0x20, 2, 0, 0]);
    quiet(link, START);
    server.say(&[0x90, 3, 0, 1, 1]);
    quiet(link, START);
    assert!(link.is_up());
    server.heard();
}

/// Says and hears bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server(Rc<RefCell<Pipe>>);

/// Is the device's end.
#[derive(Debug)]
pub(crate) struct Wire(Rc<RefCell<Pipe>>);

#[derive(Debug, Default)]
struct Pipe {
    down: VecDeque<u8>,
    up: Vec<u8>,
    unflushed: Vec<u8>,
    per_read: Option<usize>,
    closed: bool,
    broken: bool,
}

impl Server {
    pub(crate) fn wire(&self) -> Wire {
        Wire(Rc::clone(&self.0))
    }

    pub(crate) fn say(&self, bytes: &[u8]) {
        self.0.borrow_mut().down.extend(bytes);
    }

    /// Returns what has come since the last call; only what was flushed counts.
    pub(crate) fn heard(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut().up)
    }

    pub(crate) fn unread(&self) -> usize {
        self.0.borrow().down.len()
    }

    pub(crate) fn at_most_per_read(&self, bytes: usize) {
        self.0.borrow_mut().per_read = Some(bytes);
    }

    pub(crate) fn close(&self) {
        self.0.borrow_mut().closed = true;
    }

    pub(crate) fn break_off(&self) {
        self.0.borrow_mut().broken = true;
    }
}

impl Pipe {
    fn check(&self) -> Result<(), ErrorKind> {
        if self.broken { Err(ErrorKind::Bus) } else { Ok(()) }
    }
}

impl Stream for Wire {
    type Error = ErrorKind;

    fn ready(&mut self) -> Result<bool, ErrorKind> {
        let pipe = self.0.borrow();
        pipe.check().map(|()| pipe.closed || !pipe.down.is_empty())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let mut pipe = self.0.borrow_mut();
        pipe.check()?;
        assert!(!buffer.is_empty());
        assert!(pipe.closed || !pipe.down.is_empty(), "read would block");
        let count = buffer.len().min(pipe.down.len()).min(pipe.per_read.unwrap_or(usize::MAX));
        for (to, from) in buffer.iter_mut().zip(pipe.down.drain(..count)) {
            *to = from;
        }
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let mut pipe = self.0.borrow_mut();
        pipe.check()?;
        assert!(!bytes.is_empty());
        // Three at a time, so that whoever forgets to go on is found out.
        let count = bytes.len().min(3);
        pipe.unflushed.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        let mut pipe = self.0.borrow_mut();
        pipe.check()?;
        let unflushed = std::mem::take(&mut pipe.unflushed);
        pipe.up.extend(unflushed);
        Ok(())
    }
}

/// Returns a PUBLISH as a server or a client sends it.
pub(crate) fn publish(topic: &str, id: Option<u16>, payload: &[u8]) -> Vec<u8> {
    let mut body = (topic.len() as u16).to_be_bytes().to_vec();
    body.extend(topic.as_bytes());
    body.extend(id.iter().flat_map(|id| id.to_be_bytes()));
    body.extend(payload);
    let mut packet = vec![if id.is_some() { 0x32 } else { 0x30 }];
    let mut left = body.len();
    while left >= 0x80 {
        packet.push((left % 0x80) as u8 | 0x80);
        left /= 0x80;
    }
    packet.push(left as u8);
    packet.extend(body);
    packet
}
