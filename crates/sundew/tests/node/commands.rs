//! Commands are carried out once, within bounds, and answered.

use std::cell::RefCell;

use sundew::codec::senml::{PackEncoder, Record};
use sundew::core::Ticks;
use sundew::node::{CommandError, Event, Refusal};
use sundew::units::Dec;

use crate::bench::{AIR, EVERY, Flash, INTERVAL, In, Sensor, TestLink, open, recorded, run};

fn pack(record: &Record<'_>) -> In {
    let mut payload = [0; 128];
    let mut pack = PackEncoder::new(&mut payload, "");
    pack.push(record).unwrap();
    In::Command(pack.finish().to_vec())
}

#[test]
fn an_interval_is_set_answered_and_kept() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let command = pack(&Record::of(&INTERVAL, 2).with_id(41)); // 0.2 s
    link.incoming.extend([In::Ack, command.clone(), In::Ack, command, In::Ack]);
    let events = run(&mut node, &mut link, &flash, 0, EVERY);
    let done = |(_, event): &&(u32, _)| {
        matches!(event, Event::Command { id: 41, mantissa: 2, outcome: Ok(()), .. })
    };
    assert_eq!(events.iter().filter(done).count(), 2, "{events:?}");
    assert_eq!(link.results(), [(41, 0), (41, 0)], "a repetition is answered again");
    assert!(recorded(&events).len() >= 5, "{events:?}");

    let mut sensor = Sensor::default();
    let mut node = open(&mut sensor, &flash, 2, 0);
    let events = run(&mut node, &mut TestLink::new(), &flash, 0, EVERY);
    assert_eq!(recorded(&events).len(), 4, "at 200, 400, 600 and 800 ms, after a restart too");
}

#[test]
fn each_refusal_has_its_number() {
    let valid = Record::of(&INTERVAL, 2);
    let fine = Record::new("interval").with_value(Dec::new(25, -2));
    let cases = [
        (Record::new("nothing").with_value(Dec::new(1, 0)), Refusal::UnknownChannel),
        (Record::of(&AIR, 5), Refusal::ReadOnly),
        (Record::of(&INTERVAL, 0), Refusal::OutOfRange),
        (Record::of(&INTERVAL, 36_001), Refusal::OutOfRange),
        (fine, Refusal::OutOfRange),
        (Record::new("interval").with_value(Dec::new(2, 0)).with_unit("min"), Refusal::WrongUnit),
        (valid.expiring(1_700_000_000), Refusal::Expired),
    ];
    for (id, (record, refusal)) in (1..).zip(cases) {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        let mut node = open(&mut sensor, &flash, 1, 0);
        node.set_clock(Ticks::from_millis(0), 1_700_000_000);
        link.incoming.extend([In::Ack, pack(&record.with_id(id))]);
        let events = run(&mut node, &mut link, &flash, 0, 50);
        let refused = |(_, event): &(u32, _)| matches!(event, Event::Command { outcome: Err(other), .. } if *other == refusal);
        assert!(events.iter().any(refused), "{refusal:?}: {events:?}");
        assert_eq!(link.results(), [(id, u16::from(refusal.number()))]);
    }
}

#[test]
fn an_expiry_needs_a_clock() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let command = pack(&Record::of(&INTERVAL, 2).with_id(5).expiring(u32::MAX));
    link.incoming.extend([In::Ack, command]);
    run(&mut node, &mut link, &flash, 0, 50);
    assert_eq!(link.results(), [(5, u16::from(Refusal::ClockUnknown.number()))]);
}

#[test]
fn what_is_no_command_is_reported_and_not_answered() {
    let no_id = pack(&Record::of(&INTERVAL, 2));
    for payload in [In::Command(b"\xFFgarbage".to_vec()), In::Command(vec![0x80]), no_id] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        let mut node = open(&mut sensor, &flash, 1, 0);
        link.incoming.extend([In::Ack, payload]);
        let events = run(&mut node, &mut link, &flash, 0, 50);
        assert!(events.iter().any(|(_, event)| matches!(event, Event::NoCommand(_))), "{events:?}");
        assert_eq!(link.results(), []);
    }
}

#[test]
fn a_command_that_is_too_long_is_reported() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    link.incoming.extend([In::Ack, In::TooLong(70_000)]);
    let events = run(&mut node, &mut link, &flash, 0, 50);
    let reported = |(_, event): &(u32, _)| matches!(event, Event::CommandTooLong { bytes: 70_000 });
    assert!(events.iter().any(reported), "{events:?}");
}

#[test]
fn a_pack_of_several_commands_is_refused_whole() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let mut payload = [0; 128];
    let mut pack = PackEncoder::new(&mut payload, "");
    pack.push(&Record::of(&INTERVAL, 2).with_id(1)).unwrap();
    pack.push(&Record::of(&INTERVAL, 3).with_id(2)).unwrap();
    link.incoming.extend([In::Ack, In::Command(pack.finish().to_vec())]);
    let events = run(&mut node, &mut link, &flash, 0, 50);
    let refused = |(_, event): &(u32, _)| matches!(event, Event::NoCommand(CommandError::Several));
    assert!(events.iter().any(refused), "{events:?}");
    assert_eq!(link.results(), []);
}

/// What came in at once is dealt with at once: the bytes are no longer in the socket, so nothing
/// would wake the board for the second command.
#[test]
fn commands_that_come_together_are_answered_without_a_sleep() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open(&mut sensor, &flash, 1, 0);
    let command = |id| pack(&Record::of(&INTERVAL, 36_000).with_id(id));
    link.incoming.extend([In::Ack, command(1), In::Ack, command(2), In::Ack]);
    let now = Ticks::from_millis(0);
    let mut calls = 0;
    while node.poll(now, &mut link, &mut *flash.borrow_mut()).wake_at == now {
        calls += 1;
        assert!(calls < 50, "the node never sleeps");
    }
    assert_eq!(link.results(), [(1, 0), (2, 0)]);
    assert!(link.incoming.is_empty());
}
