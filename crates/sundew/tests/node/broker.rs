//! Whatever a broker does wrong is an error that says who must act, and costs no reading.

use std::cell::RefCell;

use embedded_io::{Read, ReadReady, Write};
use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::node::Event;
use sundew::transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Stream};
use sundew_testkit::{LinkError, Side, SimEnd, SimLink};

use crate::bench::{EVERY, Flash, Sensor, open};

/// Speaks plain text, so that the test can write the broker's part by hand.
pub struct Plain<'l>(pub SimEnd<'l, 512>);

#[derive(Debug)]
pub struct Broken(#[allow(dead_code, reason = "shown when a test fails")] LinkError);

impl Classify for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

impl Stream for Plain<'_> {
    type Error = Broken;

    fn ready(&mut self) -> Result<bool, Broken> {
        self.0.read_ready().map_err(Broken)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        self.0.read(buffer).map_err(Broken)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.0.write(bytes).map_err(Broken)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

/// Reads the packets that came to the broker and answers each but a publish; returns the id of the
/// last of those.
pub fn answer(broker: &mut SimEnd<'_, 512>) -> Option<[u8; 2]> {
    let mut published = None;
    while broker.read_ready().unwrap() {
        let mut head = [0; 2];
        broker.read_exact(&mut head[..1]).unwrap();
        let (mut length, mut shift) = (0, 0);
        loop {
            broker.read_exact(&mut head[1..]).unwrap();
            length |= usize::from(head[1] & 0x7F) << shift;
            shift += 7;
            if head[1] < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        broker.read_exact(&mut body).unwrap();
        match head[0] >> 4 {
            1 => broker.write_all(&[0x20, 2, 0, 0]).unwrap(),
            8 => broker.write_all(&[0x90, 3, body[0], body[1], 1]).unwrap(),
            12 => broker.write_all(&[0xD0, 0]).unwrap(),
            3 => {
                let topic = usize::from(body[0]) << 8 | usize::from(body[1]);
                published = Some([body[2 + topic], body[3 + topic]]);
            }
            _ => {}
        }
    }
    published
}

/// Says when the broker begins to misbehave.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    LogIn,
    FirstPublish,
}

#[test]
fn each_fault_of_the_broker_ends_the_link_and_costs_no_reading() {
    let cases: [(At, &[u8], ErrorKind); 9] = [
        (At::LogIn, &[0x20, 2, 0, 4], ErrorKind::Config), // bad user name or password
        (At::LogIn, &[0x20, 2, 0, 5], ErrorKind::Config), // not authorised
        (At::LogIn, &[0x20, 2, 0, 3], ErrorKind::Peer),   // broker unavailable
        (At::LogIn, &[0x20, 2, 0, 99], ErrorKind::Peer),  // no such return code
        (At::LogIn, b"HTTP/1.1 400 Bad Request\r\n", ErrorKind::Peer),
        (At::FirstPublish, &[0x40, 3, 0, 1, 0], ErrorKind::Peer), // one byte too many
        (At::FirstPublish, &[0x40, 2, 0, 0], ErrorKind::Peer),    // no such message
        (At::FirstPublish, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF], ErrorKind::Peer), // endless length
        (At::FirstPublish, &[0x33, 3, 0, 16, b's'], ErrorKind::Peer), // topic past the end
    ];
    for (at, bytes, kind) in cases {
        assert_eq!(fault(at, bytes), kind, "{at:?} {bytes:X?}");
    }
}

/// Runs a node against a broker that says `bytes` and returns who must act; a second, honest broker
/// then gets every reading.
fn fault(at: At, bytes: &[u8]) -> ErrorKind {
    let (flash, mut sensor) = (RefCell::new(Flash::new()), Sensor::default());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let config = Config::new(DeviceId::new("bench").unwrap());
    let (mut recorded, mut delivered, mut end, mut now) = (0, 0, None, 0);
    for is_honest in [false, true] {
        let wire = SimLink::<512>::new();
        let mut broker = wire.far();
        let (mut receive, mut transmit) = ([0; 256], [0; 256]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut link = MqttLink::insecure_plaintext(
            &config,
            Plain(wire.near()),
            buffers,
            Ticks::from_millis(now),
        )
        .unwrap();
        for _ in 0..5 * EVERY {
            let ticks = Ticks::from_millis(now);
            now += 1;
            let step = node.poll(ticks, &mut link, &mut *flash.borrow_mut());
            match step.event {
                Some(Event::Recorded { .. }) => recorded += 1,
                Some(Event::Delivered { records, .. }) => delivered += records,
                Some(Event::LinkLost(error)) => {
                    assert_eq!(end.replace(error.kind()), None, "it ends once");
                    break;
                }
                Some(Event::LinkUp) | None => {}
                other => panic!("{other:?}"),
            }
            if !is_honest && at == At::LogIn {
                if wire.in_flight(Side::Near) > 0 {
                    broker.write_all(bytes).unwrap();
                    let mut heard = [0; 512];
                    broker.read(&mut heard).unwrap();
                }
            } else if let Some(id) = answer(&mut broker) {
                let receipt = [0x40, 2, id[0], id[1]];
                broker.write_all(if is_honest { &receipt } else { bytes }).unwrap();
            }
        }
    }
    assert!(recorded >= 5, "{recorded}");
    assert_eq!(delivered, recorded, "{at:?} {bytes:X?}");
    end.unwrap_or_else(|| panic!("{at:?} {bytes:X?} went unnoticed"))
}
