//! A broker that stalls in the middle of a packet holds nothing up but its own delivery.

use std::cell::RefCell;

use embedded_io::{Read, ReadReady, Write};
use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::node::Event;
use sundew::transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Stream, Timing};
use sundew_testkit::{LinkError, Side, SimEnd, SimLink};

use crate::bench::{EVERY, Flash, Sensor, open, sundew_testkit_rng};

/// Speaks plain text, so that the test can write the broker's part by hand.
struct Plain<'l>(SimEnd<'l, 512>);

#[derive(Debug)]
struct Broken(#[allow(dead_code, reason = "shown when a test fails")] LinkError);

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

/// Reads the packets that came to the broker and answers each; returns the last publish's id.
fn answer(broker: &mut SimEnd<'_, 512>) -> Option<[u8; 2]> {
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

#[test]
fn sampling_goes_on_while_the_broker_stalls_within_a_packet() {
    let wire = SimLink::<512>::new();
    let mut broker = wire.far();
    let timing = Timing { keep_alive_s: 60, login_ms: 5_000, answer_ms: 30_000 };
    let config = Config::new(DeviceId::new("bench").unwrap()).with_timing(timing);
    let (mut receive, mut transmit) = ([0; 256], [0; 256]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let start = Ticks::from_millis(0);
    let mut link =
        MqttLink::insecure_plaintext(&config, Plain(wire.near()), buffers, start).unwrap();

    let (flash, mut sensor) = (RefCell::new(Flash::new()), Sensor::default());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let mut rng = sundew_testkit_rng();
    let (mut recorded, mut delivered, mut stalled_at) = (0, 0, None);
    for now in 0..30 * EVERY {
        let ticks = Ticks::from_millis(now);
        let step = node.poll(ticks, &mut link, &mut *flash.borrow_mut(), &mut rng);
        match step.event {
            Some(Event::Recorded { .. }) => {
                recorded += 1;
                assert_eq!((recorded - 1) * EVERY, now, "a reading came late");
            }
            Some(Event::Delivered { records, .. }) => delivered += records,
            Some(Event::LinkUp) | None => {}
            other => panic!("{other:?}"),
        }
        if let Some(id) = answer(&mut broker) {
            if stalled_at.is_none() {
                // Three of the four bytes of the first acknowledgement, then nothing for 20 s.
                wire.stall_after(Side::Far, 3);
                stalled_at = Some(now);
            }
            broker.write_all(&[0x40, 2, id[0], id[1]]).unwrap();
        }
        if stalled_at.is_some_and(|at| now == at + 20 * EVERY) {
            assert_eq!((recorded, delivered), (21, 0));
            wire.resume(Side::Far);
        }
    }
    assert_eq!((recorded, delivered), (30, 30));
}
