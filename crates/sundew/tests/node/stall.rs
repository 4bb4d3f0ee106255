//! A broker that stalls in the middle of a packet holds nothing up but its own delivery.

use std::cell::RefCell;

use embedded_io::Write;
use sundew::core::Ticks;
use sundew::node::Event;
use sundew::transport::mqtt::{Buffers, Config, DeviceId, MqttLink, Timing};
use sundew_testkit::{Side, SimLink};

use crate::bench::{EVERY, Flash, Sensor, open};
use crate::broker::{Plain, answer};

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
    let (mut recorded, mut delivered, mut stalled_at) = (0, 0, None);
    for now in 0..30 * EVERY {
        let ticks = Ticks::from_millis(now);
        let step = node.poll(ticks, &mut link, &mut *flash.borrow_mut());
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
