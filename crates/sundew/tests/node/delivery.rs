//! What was recorded arrives, and leaves the flash only then.

use std::cell::RefCell;

use sundew::core::{ErrorKind, Ticks};
use sundew::node::profile::{Compact, Profile, Senml, Tiny};
use sundew::node::{Event, Node};
use sundew::transport::link::Delivery;
use sundew::units::{ChannelId, Sample};
use sundew_testkit::Torn;

use crate::bench::{
    BARE_CONFIG, BenchEvent, CONFIG, EVERY, Flash, In, Sensor, TestLink, Values, open, open_as,
    recorded, run, waiting,
};

#[test]
fn what_is_acknowledged_leaves_the_flash() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    link.incoming.extend([In::Ack]);
    let events = run(&mut node, &mut link, &flash, 0, 10);
    let delivered = |(_, event): &(u32, _)| matches!(event, Event::Delivered { records: 1, .. });
    assert!(events.iter().any(delivered), "{events:?}");
    assert!(node.queue().is_empty());
}

#[test]
fn what_was_in_flight_when_the_link_died_is_sent_again() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, 10);
    assert_eq!(link.sent.len(), 1);
    link.incoming.push_back(In::Die(ErrorKind::Peer));
    let events = run(&mut node, &mut link, &flash, 10, 10);
    assert!(matches!(events[..], [(_, Event::LinkLost(ErrorKind::Peer))]), "{events:?}");
    link.up = true;
    run(&mut node, &mut link, &flash, 500, 10);
    let readings = link.readings();
    assert_eq!(readings[..2], readings[2..4]);
    assert_eq!(waiting(&mut node, &flash), 1);
}

#[test]
fn a_batch_fills_the_payload_and_keeps_samples_whole() {
    for payload in [90_u16, 91, 99, 105, 128, 180, 200, 256] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        (link.up, link.payload) = (false, payload);
        let mut node = open(&mut sensor, &flash, 1, 0);
        let events = run(&mut node, &mut link, &flash, 0, 12 * EVERY);
        link.up = true;
        link.incoming.extend(std::iter::repeat_n(In::Ack, 20));
        run(&mut node, &mut link, &flash, 12 * EVERY, 500);
        let readings = link.readings();
        assert_eq!(readings.len(), 2 * (recorded(&events).len() + 1), "payload {payload}");
        assert!(node.queue().is_empty(), "payload {payload}");
        for (_, payload) in &link.sent {
            let count = sundew::codec::senml::PackDecoder::new(payload).count();
            assert_eq!(count % 2, 0, "both values of a sample travel together");
        }
        let sequences: Vec<u32> = readings.iter().map(|reading| reading.1).collect();
        assert!(sequences.is_sorted(), "oldest first");
    }
}

#[test]
fn a_link_that_is_too_narrow_is_reported_once_and_nothing_is_lost() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.payload = 20;
    let mut node = open(&mut sensor, &flash, 1, 0);
    let events = run(&mut node, &mut link, &flash, 0, 3 * EVERY);
    let narrow = |(_, event): &&(u32, _)| matches!(event, Event::LinkTooNarrow { payload: 20 });
    assert_eq!(events.iter().filter(narrow).count(), 1, "{events:?}");
    assert_eq!((recorded(&events).len(), waiting(&mut node, &flash)), (3, 3));
    // A wider link takes them all.
    let mut wide = TestLink::new();
    link.up = false;
    run(&mut node, &mut link, &flash, 3 * EVERY, 1);
    wide.incoming.push_back(In::Ack);
    run(&mut node, &mut wide, &flash, 3 * EVERY + 1, 10);
    assert!(node.queue().is_empty());
}

/// A network that lets a radio send faster widens its frames while the link stays up.
#[test]
fn a_link_that_takes_more_later_gets_what_waited() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.payload = 20;
    let mut node = open(&mut sensor, &flash, 1, 0);
    let narrow = |(_, event): &&(u32, _)| matches!(event, Event::LinkTooNarrow { .. });
    for (payload, reports) in [(20, 1), (11, 0), (20, 0), (21, 1)] {
        link.payload = payload;
        let events = run(&mut node, &mut link, &flash, 0, 10);
        assert_eq!(events.iter().filter(narrow).count(), reports, "payload {payload}");
    }
    link.payload = 256;
    link.incoming.push_back(In::Ack);
    run(&mut node, &mut link, &flash, 10, 10);
    assert!(node.queue().is_empty());
}

#[test]
fn a_batch_that_is_rejected_for_good_makes_way() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    link.incoming.push_back(In::Reject);
    let events = run(&mut node, &mut link, &flash, 0, 10);
    assert!(events.iter().any(|(_, event)| matches!(event, Event::Rejected { .. })), "{events:?}");
    assert!(node.queue().is_empty());
}

#[test]
fn a_link_without_acknowledgements_delivers_by_sending() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.delivery = Delivery::Unconfirmed;
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, 3 * EVERY);
    assert_eq!(link.readings().len(), 6);
    assert!(node.queue().is_empty());
}

/// The guarantee of the README: whatever the node reported as recorded arrives, wherever the power
/// is cut. Every flash step of a whole life (record, send, acknowledge, let go) is cut once, in
/// four ways. Words that read as an ECC fault afterwards are beyond `sequential-storage`.
#[test]
fn nothing_recorded_is_lost_wherever_the_power_is_cut() {
    cut_everywhere(Senml, 256, TestLink::senml_values);
    cut_everywhere(Compact, 256, TestLink::compact_values);
    // Each record goes in two parts: only the last one may free it.
    cut_everywhere(Tiny, 7, TestLink::tiny_values);
}

fn cut_everywhere<P: Profile>(profile: P, payload: u16, values: Values) {
    for torn in [Torn::Before, Torn::FirstHalf, Torn::Bits(0x55), Torn::Whole] {
        let cut = |step: &u32| cut_at(profile, payload, values, *step, torn);
        let steps = (0..10_000).take_while(cut).count();
        assert!(steps > 40, "{profile:?}, {torn:?}: only {steps} steps were cut");
    }
}

/// Lives, is cut at a step, lives again; returns whether the first life was long enough for that.
fn cut_at<P: Profile>(profile: P, payload: u16, values: Values, step: u32, torn: Torn) -> bool {
    let flash = RefCell::new(Flash::new());
    flash.borrow_mut().cut_after(step, torn);
    let (mut sensor, mut link) = (Sensor::default(), TestLink::new());
    link.payload = payload;
    let mut reported = Vec::new();
    let (config, start) = (CONFIG.profile(profile), Ticks::from_millis(0));
    let opened = Node::open(config, "bench/", &mut sensor, 1, start, &mut *flash.borrow_mut());
    if let Ok(mut node) = opened {
        link.incoming.extend([In::Ack, In::Ack, In::Ack]);
        reported = samples(&run(&mut node, &mut link, &flash, 0, 6 * EVERY));
    }
    let was_cut = !flash.borrow().is_powered();
    assert!(was_cut || reported.len() == 6 * 2);

    flash.borrow_mut().power_on();
    let mut sensor = Sensor { value: 1_000, ..Sensor::default() };
    let mut node = open_as(profile, &mut sensor, &flash, 2, 0);
    link.incoming.extend(std::iter::repeat_n(In::Ack, 20));
    run(&mut node, &mut link, &flash, 0, 500);
    let arrived = values(&link);
    for value in &reported {
        assert!(arrived.contains(value), "cut at {step}, {profile:?}, {torn:?}: {value:?} is lost");
    }
    was_cut
}

/// Returns what was recorded, value by value.
fn samples(events: &[(u32, BenchEvent)]) -> Vec<(ChannelId, i32)> {
    let samples = events.iter().filter_map(|(_, event)| match event {
        Event::Recorded { sample, .. } => Some(*sample),
        _ => None,
    });
    let values = |sample: Sample| -> Vec<_> { sample.values().map(|(id, m, _)| (id, m)).collect() };
    samples.flat_map(values).collect()
}

#[test]
fn records_that_cannot_be_read_are_told_apart_from_delivered_ones() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.up = false;
    let mut node = open(&mut sensor, &flash, 1, 0);
    run(&mut node, &mut link, &flash, 0, 2 * EVERY);
    let mut sensor = Sensor { fails: Some(ErrorKind::Bus), ..Sensor::default() };
    let start = Ticks::from_millis(0);
    let mut node =
        Node::open(BARE_CONFIG, "bench/", &mut sensor, 2, start, &mut *flash.borrow_mut()).unwrap();
    link.up = true;
    let events = run(&mut node, &mut link, &flash, 0, 10);
    let given_up = |(_, event): &(u32, _)| matches!(event, Event::Unreadable { records: 2, .. });
    assert!(events.iter().any(given_up), "{events:?}");
    assert!(!events.iter().any(|(_, event)| matches!(event, Event::Delivered { .. })));
    assert!(link.sent.is_empty() && node.queue().is_empty());
}

/// A broker that takes the log-in and drops the device at its first message must not be asked as
/// often as one that was away for a moment.
#[test]
fn the_pauses_grow_until_something_is_delivered() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let mut pauses = Vec::new();
    let (mut now, mut lost_at) = (Ticks::from_millis(0), None);
    while pauses.len() < 40 {
        let step = node.poll(now, &mut link, &mut *flash.borrow_mut());
        match step.event {
            Some(Event::LinkUp) => link.incoming.push_back(In::Die(ErrorKind::Peer)),
            Some(Event::LinkLost(_)) => lost_at = Some(now),
            _ if step.need_link => {
                pauses.extend(lost_at.take().map(|lost_at| now.since(lost_at)));
                link.up = true;
            }
            _ => {}
        }
        now = step.wake_at;
    }
    assert!(pauses.iter().all(|pause| *pause <= 400), "{pauses:?}");
    assert!(pauses.iter().skip(4).any(|pause| *pause > 200), "they never grew: {pauses:?}");
}

/// A moment that has passed lies ahead again 24.8 days later: it must not be kept.
#[test]
fn a_link_is_wanted_at_once_after_a_month_without_trouble() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    node.link_failed(Ticks::from_millis(0));
    let mut poll = |link: &mut TestLink, day: u32| {
        let now = Ticks::from_millis(day.wrapping_mul(86_400_000));
        link.incoming.push_back(In::Ack);
        for _ in 0..50 {
            let step = node.poll(now, link, &mut *flash.borrow_mut());
            if step.wake_at != now {
                return (step.need_link, step.wake_at.since(now));
            }
        }
        panic!("the node never sleeps on day {day}");
    };
    for day in 1..30 {
        poll(&mut link, day);
    }
    link.up = false; // the board dropped it
    let (need_link, sleep) = poll(&mut link, 30);
    assert!(need_link, "a link is wanted on day 30");
    assert!(sleep >= EVERY / 2, "and the board may sleep while it brings one up: {sleep} ms");
}
