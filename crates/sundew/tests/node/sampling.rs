//! The schedule is kept, whatever the link does.

use std::cell::RefCell;

use sundew::codec::Time::Unix;
use sundew::codec::senml::PackDecoder;
use sundew::core::Ticks;
use sundew::node::Event;
use sundew::units::Timestamp;

use crate::bench::{EVERY, Flash, In, Sensor, TestLink, open, recorded, run, waiting};

#[test]
fn sampling_goes_on_while_an_acknowledgement_is_awaited() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 20 * EVERY);
    assert_eq!(link.sent.len(), 1, "one message is in flight and never acknowledged");
    assert_eq!(recorded(&events).len(), 20, "every reading is taken all the same");
    let times: Vec<u32> = events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Recorded { .. }))
        .map(|(time, _)| *time)
        .collect();
    assert!(times.iter().enumerate().all(|(i, time)| *time == i as u32 * EVERY), "{times:?}");
    assert_eq!(waiting(&mut node, &flash), 20);
}

#[test]
fn sampling_goes_on_without_a_link() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.up = false;
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 5 * EVERY);
    assert_eq!(recorded(&events).len(), 5);
    link.up = true;
    link.incoming.push_back(In::Ack);
    run(&mut node, &mut link, &flash, 5 * EVERY, 1);
    assert_eq!(link.readings().len(), 2 * 5 + 2, "with the reading of that moment");
}

#[test]
fn a_sensor_that_warms_up_is_read_when_it_is_warm() {
    let (flash, mut link) = (RefCell::new(Flash::new()), TestLink::new());
    let mut sensor = Sensor { warm_up: 30, ..Sensor::default() };
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 2 * EVERY);
    let times: Vec<u32> = events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Recorded { .. }))
        .map(|(time, _)| *time)
        .collect();
    assert_eq!(times, [30, EVERY + 30]);
}

#[test]
fn readings_get_the_time_as_soon_as_it_is_known() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.up = false;
    let mut node = open(&mut sensor, &flash, 3, 0);
    let events = run(&mut node, &mut link, &flash, 0, 2 * EVERY);
    let Event::Recorded { time, .. } = events[1].1 else { panic!("{events:?}") };
    assert_eq!(time, Timestamp::SinceBoot { boot: 3, seconds: 1 });

    node.set_clock(Ticks::from_millis(2 * EVERY), 1_700_000_002);
    link.up = true;
    run(&mut node, &mut link, &flash, 2 * EVERY, 1);
    let (_, payload) = link.sent.first().expect("a message");
    let times: Vec<_> = PackDecoder::new(payload).map(|record| record.unwrap().time).collect();
    let first = 1_700_000_000;
    assert_eq!(times[..4], [Unix(first), Unix(first), Unix(first + 1), Unix(first + 1)]);
}
