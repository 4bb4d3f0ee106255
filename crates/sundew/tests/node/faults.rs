//! Faults are events that say who must act; the node goes on.

use std::cell::RefCell;

use sundew::core::{Classify, ErrorKind};
use sundew::node::Event;
use sundew_testkit::Operation;

use crate::bench::{EVERY, Flash, Sensor, TestLink, open, recorded, run};

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
    link.incoming.extend(std::iter::repeat_n(crate::bench::In::Ack, 400));
    run(&mut node, &mut link, &flash, 400 * EVERY, EVERY - 1);
    assert!(link.readings().len() >= 2 * kept);
}

#[test]
fn a_corrupt_flash_opens_and_records() {
    let flash = RefCell::new(Flash::new());
    let mut noise = 1_u32;
    for byte in flash.borrow_mut().image_mut().iter_mut() {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (noise >> 24) as u8;
    }
    let (mut sensor, mut link) = (Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 5 * EVERY);
    assert!(!recorded(&events).is_empty(), "{events:?}");
}
