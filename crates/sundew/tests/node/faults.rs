//! Faults are events that say who must act; the node goes on.

use std::cell::RefCell;

use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::node::{Event, Node};
use sundew::sensors::Mounted;
use sundew::sensors::sht4x::{self, Sht4x};
use sundew::transport::link::Delivery;
use sundew_testkit::{BusError, Operation, SimBus, SimClock, SimSht4x, Word};

use crate::bench::{
    AIR, CONFIG, EVERY, Flash, HUMIDITY, In, Sensor, TestLink, open, recorded, run,
};

#[test]
fn a_sensor_that_is_absent_is_reported_at_each_turn() {
    let (flash, mut link) = (RefCell::new(Flash::new()), TestLink::new());
    let mut sensor = Sensor { fails: Some(ErrorKind::Bus), ..Sensor::default() };
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 3 * EVERY);
    let fault = |(_, event): &&(u32, _)| {
        matches!(event, Event::SensorFault { task: 0, error: ErrorKind::Bus })
    };
    assert_eq!(events.iter().filter(fault).count(), 3, "{events:?}");
    node.application_mut().fails = None;
    let events = run(&mut node, &mut link, &flash, 3 * EVERY, EVERY);
    assert_eq!(recorded(&events).len(), 1);
}

#[test]
fn a_flash_that_fails_is_reported_and_the_node_goes_on() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.up = false;
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, EVERY);
    flash.borrow_mut().fail(Operation::Write, 0, 50); // more than the queue tries
    let events = run(&mut node, &mut link, &flash, EVERY, EVERY);
    let [(_, Event::StorageFault(error))] = &events[..] else { panic!("{events:?}") };
    assert_eq!(error.kind(), ErrorKind::Bus);
    flash.borrow_mut().fail(Operation::Write, 0, 0);
    let events = run(&mut node, &mut link, &flash, 2 * EVERY, EVERY);
    assert_eq!(recorded(&events).len(), 1);
}

#[test]
fn a_full_flash_refuses_what_is_new_and_keeps_what_is_old() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.up = false;
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 400 * EVERY);
    let kept = recorded(&events).len();
    let full = events.iter().filter_map(|(_, event)| match event {
        Event::StorageFault(error) => Some(error.kind()),
        _ => None,
    });
    let full: Vec<_> = full.collect();
    assert!(kept > 50 && !full.is_empty(), "{kept} kept, {} refused", full.len());
    assert!(full.iter().all(|kind| *kind == ErrorKind::Resource));
    assert_eq!(kept + full.len(), 400);
    // All that was reported as recorded arrives, in order.
    link.up = true;
    link.incoming.extend(std::iter::repeat_n(In::Ack, 400));
    run(&mut node, &mut link, &flash, 400 * EVERY, EVERY - 1);
    assert!(link.readings().len() >= 2 * kept);
}

#[test]
fn a_corrupt_flash_opens_records_and_delivers() {
    for seed in 1..=20_u32 {
        let flash = RefCell::new(Flash::new());
        let mut noise = seed;
        for byte in flash.borrow_mut().image_mut().iter_mut() {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (noise >> 24) as u8;
        }
        let (mut sensor, mut link) = (Sensor::default(), TestLink::new());
        let mut node = open(&mut sensor, &flash, 1, 0);
        link.delivery = Delivery::Unconfirmed;
        let events = run(&mut node, &mut link, &flash, 0, 5 * EVERY);
        let recorded = recorded(&events).len();
        assert!(recorded > 0, "noise {seed}: {events:?}");
        assert!(link.readings().len() >= 2 * recorded, "noise {seed}");
        assert!(node.queue().is_empty(), "noise {seed}");
    }
}

/// The path of a fault of a real part, from the wire to the event: absent, silent in the middle,
/// and with bytes that fail their check. Each costs its own reading and no other.
#[test]
fn each_fault_of_the_sensor_is_an_event_and_costs_one_reading() {
    let clock = SimClock::new();
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let driver = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
    let sensor = Mounted::new(driver, [&AIR, &HUMIDITY]).unwrap();
    let (mut flash, mut link) = (Flash::new(), TestLink::new());
    let start = Ticks::from_millis(0);
    let mut node: Node<'_, _, 1, 256> =
        Node::open(CONFIG, "bench/", sensor, 1, start, &mut flash).unwrap();
    link.delivery = Delivery::Unconfirmed;
    let mut turn = |break_it: &dyn Fn()| {
        loop {
            let now = Ticks::from_millis(clock.millis());
            let step = node.poll(now, &mut link, &mut flash);
            clock.advance_millis(step.wake_at.since(now));
            match step.event {
                Some(Event::SensorFault { error, .. }) => return Err(error.kind()),
                Some(Event::Recorded { .. }) => {
                    break_it();
                    return Ok(());
                }
                _ => {}
            }
        }
    };
    assert_eq!(turn(&|| part.unplug()), Ok(()));
    assert_eq!(turn(&|| ()), Err(ErrorKind::Bus), "absent");
    part.plug();
    assert_eq!(turn(&|| bus.fail(1, 1, BusError::DataNack)), Ok(()));
    assert_eq!(turn(&|| ()), Err(ErrorKind::Bus), "does not acknowledge");
    assert_eq!(turn(&|| part.break_crc(Some(Word::Humidity))), Ok(()));
    assert_eq!(turn(&|| ()), Err(ErrorKind::Bus), "wrong checksum");
    part.break_crc(None);
    assert_eq!(turn(&|| ()), Ok(()));
}
