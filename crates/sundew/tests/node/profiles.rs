//! Each profile delivers all that was recorded, in frames that its link takes.

use std::cell::RefCell;
use std::collections::BTreeSet;

use sundew::codec::descriptor::Descriptor;
use sundew::codec::tiny::{self, Carrier};
use sundew::codec::{Answer, Command, Entry, Time, compact};
use sundew::core::{ErrorKind, Region, Ticks};
use sundew::node::profile::{Compact, Profile, Tiny};
use sundew::node::{CommandError, Config, Event, Node, Refusal, Task};
use sundew::transport::link::{Delivery, Port};
use sundew::units::{ChannelId, Device};

use crate::bench::{
    AIR, BARE_CONFIG, BenchNode, DEVICE, EVERY, Flash, HUMIDITY, INTERVAL, In, Sensor, TestLink,
    open_as, recorded, run, waiting,
};

/// Opens a node that speaks `profile` on a flash of its own, and lets it record for `seconds`
/// without a link.
fn after_an_outage<'s, P: Profile>(
    profile: P,
    sensor: &'s mut Sensor,
    flash: &RefCell<Flash>,
    link: &mut TestLink,
    seconds: u32,
) -> BenchNode<'static, 's, P> {
    let mut node = open_as(profile, sensor, flash, 1, 0);
    link.up = false;
    let events = run(&mut node, link, flash, 0, seconds * EVERY);
    assert_eq!(recorded(&events).len() as u32, seconds);
    link.up = true;
    node
}

/// Asserts that values 1 to `count` of both channels are there, and nothing else.
fn assert_complete(entries: &[Entry], count: i32) {
    let values = |channel: ChannelId| {
        let of_it = entries.iter().filter(|entry| entry.channel == channel);
        of_it.map(|entry| entry.mantissa).collect::<BTreeSet<_>>()
    };
    assert_eq!(values(AIR.id()), (1..=count).collect());
    assert_eq!(values(HUMIDITY.id()), (1..=count).map(|value| 2 * value).collect());
    assert!(entries.iter().all(|entry| [AIR.id(), HUMIDITY.id()].contains(&entry.channel)));
}

#[test]
fn an_outage_leaves_as_one_columnar_frame() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = after_an_outage(Compact, &mut sensor, &flash, &mut link, 30);
    node.set_clock(Ticks::from_millis(30 * EVERY), 1_700_000_030);
    link.incoming.push_back(In::Ack);
    let events = run(&mut node, &mut link, &flash, 30 * EVERY, EVERY / 2);

    let (frame, others) = (link.frames().next().unwrap(), link.frames().skip(1).count());
    assert_eq!(others, 0, "31 records left in one frame");
    assert!(frame.len() < 64, "{} bytes", frame.len());
    let delivered = |(_, event): &(u32, _)| matches!(event, Event::Delivered { records: 31, .. });
    assert!(events.iter().any(delivered), "{events:?}");
    assert!(node.queue().is_empty());

    let entries = link.compact_entries();
    assert_eq!(entries.len(), 62);
    assert_complete(&entries, 31);
    for entry in entries {
        let origin = entry.origin.unwrap();
        let value = if entry.channel == AIR.id() { 1 } else { 2 } * (origin.sequence as i32 + 1);
        assert_eq!((origin.boot, entry.mantissa), (1, value));
        assert_eq!(entry.time, Time::Unix(1_700_000_000 + origin.sequence));
    }
}

#[test]
fn a_narrow_link_gets_several_columnar_frames() {
    for payload in [24, 40, 64] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        link.payload = payload;
        let mut node = after_an_outage(Compact, &mut sensor, &flash, &mut link, 40);
        link.incoming.extend(std::iter::repeat_n(In::Ack, 60));
        run(&mut node, &mut link, &flash, 40 * EVERY, EVERY / 2);
        assert_complete(&link.compact_entries(), 41);
        assert!(node.queue().is_empty(), "payload {payload}");
    }
}

/// Runs a node of a sensor that gives a channel twice, and returns what came out of its link.
fn sent_twice<P: Profile>(profile: P) -> TestLink {
    let mut sensor = Sensor { repeats: Some(100), ..Sensor::default() };
    let (flash, mut link) = (RefCell::new(Flash::new()), TestLink::new());
    let mut node = open_as(profile, &mut sensor, &flash, 1, 0);
    link.incoming.extend([In::Ack, In::Ack]);
    run(&mut node, &mut link, &flash, 0, EVERY / 2);
    assert!(node.queue().is_empty());
    link
}

#[test]
fn a_channel_twice_in_a_record_arrives_twice() {
    let (columns, packed) = (sent_twice(Compact), sent_twice(Tiny));
    assert_eq!((columns.sent.len(), packed.sent.len()), (1, 2));
    for entries in [columns.compact_entries(), packed.tiny_entries()] {
        let origin = entries[0].origin.unwrap();
        assert!(entries.iter().all(|entry| entry.origin == Some(origin)));
        let mut values: Vec<_> = entries.iter().map(|entry| entry.mantissa).collect();
        values.sort_unstable();
        assert_eq!(values, [1, 2, 100]);
    }
}

/// Records of two boots cannot stand in one frame: they must not stand in each other's way either.
#[test]
fn what_a_restart_left_goes_before_in_a_frame_of_its_own() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    after_an_outage(Compact, &mut sensor, &flash, &mut link, 5);
    let mut sensor = Sensor { value: 5, ..Sensor::default() };
    let mut node = open_as(Compact, &mut sensor, &flash, 2, 0);
    link.incoming.extend([In::Ack, In::Ack]);
    run(&mut node, &mut link, &flash, 0, EVERY / 2);
    let entries = link.compact_entries();
    assert_complete(&entries, 6);
    let boots: Vec<_> = entries.iter().map(|entry| entry.origin.unwrap().boot).collect();
    assert!(boots.is_sorted() && boots.contains(&1) && boots.contains(&2), "{boots:?}");
    assert_eq!(entries[0].time, Time::SinceBoot(0), "of boot 1, whose clock nobody knows");
    assert!(node.queue().is_empty());
}

#[test]
fn a_radio_gets_each_value_whatever_its_frame_takes() {
    for (payload, frames_of_a_record) in [(8, 2), (11, 1), (12, 1), (20, 1), (51, 1)] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        (link.payload, link.delivery) = (payload, Delivery::Unconfirmed);
        let mut node = after_an_outage(Tiny, &mut sensor, &flash, &mut link, 24);
        run(&mut node, &mut link, &flash, 24 * EVERY, EVERY / 2);
        let entries = link.tiny_entries();
        assert_eq!(entries.len(), 50, "each value once");
        assert_complete(&entries, 25);
        // The last record is of now, which takes no header.
        assert_eq!(link.sent.len(), 24 * frames_of_a_record + 1, "payload {payload}");
        assert!(node.queue().is_empty());
        // The age always travels, the place in the queue where it costs no further frame: with 11
        // bytes only the last record has room, since it has no age; with 8 a record takes two frames
        // anyway, and one of them has.
        let placed = entries.iter().filter(|entry| entry.origin.is_some()).count();
        match payload {
            8 => assert_eq!(placed, 24),
            11 => assert_eq!(placed, 2),
            _ => assert_eq!(placed, entries.len()),
        }
        assert_eq!(entries[0].time, Time::FromNow(-24));
    }
}

#[test]
fn a_wide_radio_frame_has_the_exact_time_and_a_narrow_one_an_age() {
    for (payload, time) in [(51, Time::Unix(1_700_000_000)), (11, Time::FromNow(-3))] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        link.payload = payload;
        let mut node = after_an_outage(Tiny, &mut sensor, &flash, &mut link, 3);
        node.set_clock(Ticks::from_millis(3 * EVERY), 1_700_000_003);
        run(&mut node, &mut link, &flash, 3 * EVERY, 10);
        assert_eq!(link.tiny_entries()[0].time, time, "payload {payload}");
    }
}

#[test]
fn a_clock_that_was_set_back_makes_no_record_younger() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    (link.up, link.payload) = (false, 11);
    let mut node = open_as(Tiny, &mut sensor, &flash, 1, 0);
    node.set_clock(Ticks::from_millis(0), 1_700_000_000);
    run(&mut node, &mut link, &flash, 0, 10);
    node.set_clock(Ticks::from_millis(10), 1_600_000_000);
    link.up = true;
    run(&mut node, &mut link, &flash, 10, 10);
    assert_eq!(link.tiny_entries()[0].time, Time::Unix(1_700_000_000));
}

/// The network may change the data rate, and with it the payload, at any time.
#[test]
fn a_payload_that_changes_within_a_record_costs_no_value() {
    for payloads in [[8, 51, 8], [8, 4, 8], [51, 8, 7], [7, 8, 51]] {
        let (flash, mut sensor, mut link) =
            (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
        link.payload = 8;
        let mut node = after_an_outage(Tiny, &mut sensor, &flash, &mut link, 6);
        for step in 0..40 {
            link.payload = payloads[step % 3];
            link.incoming.push_back(In::Ack);
            run(&mut node, &mut link, &flash, 6 * EVERY + 10 * step as u32, 10);
        }
        assert_eq!(link.tiny_entries().len(), 14, "each value once, {payloads:?}");
        assert_complete(&link.tiny_entries(), 7);
        assert!(node.queue().is_empty(), "{payloads:?}");
    }
}

/// A record leaves the flash with the last of its values, not with the first.
#[test]
fn a_record_in_parts_is_kept_until_the_last_part_is_acknowledged() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.payload = 8;
    let mut node = after_an_outage(Tiny, &mut sensor, &flash, &mut link, 1);
    link.incoming.push_back(In::Ack);
    let events = run(&mut node, &mut link, &flash, EVERY, 10);
    let delivered = |(_, event): &(u32, _)| matches!(event, Event::Delivered { records: 1, .. });
    assert_eq!((link.sent.len(), waiting(&mut node, &flash)), (2, 2));
    assert!(!events.iter().any(delivered), "{events:?}");

    // The second part is lost with its link, and goes again; the first does not.
    link.incoming.push_back(In::Die(ErrorKind::Peer));
    run(&mut node, &mut link, &flash, EVERY + 10, 10);
    link.up = true;
    run(&mut node, &mut link, &flash, EVERY + 500, 10);
    assert_eq!((link.sent.len(), waiting(&mut node, &flash)), (3, 2));
    assert_eq!(link.sent[1], link.sent[2]);
    assert_ne!(link.sent[0], link.sent[1]);

    link.incoming.push_back(In::Ack);
    let events = run(&mut node, &mut link, &flash, EVERY + 510, 10);
    assert!(events.iter().any(delivered), "{events:?}");
    assert_eq!(waiting(&mut node, &flash), 1);
}

#[test]
fn a_part_that_is_rejected_for_good_gives_its_record_up() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.payload = 7;
    let mut node = open_as(Tiny, &mut sensor, &flash, 1, 0);
    link.incoming.push_back(In::Reject);
    let events = run(&mut node, &mut link, &flash, 0, 10);
    let rejected = |(_, event): &(u32, _)| matches!(event, Event::Rejected { records: 1, .. });
    assert!(events.iter().any(rejected), "{events:?}");
    assert!(node.queue().is_empty());
}

#[test]
fn values_whose_channels_are_gone_do_not_block_those_behind() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    after_an_outage(Tiny, &mut sensor, &flash, &mut link, 2);
    let mut sensor = Sensor { fails: Some(ErrorKind::Bus), ..Sensor::default() };
    let now = Ticks::from_millis(0);
    let config = BARE_CONFIG.profile(Tiny);
    let mut node =
        Node::open(config, "bench/", &mut sensor, 2, now, &mut *flash.borrow_mut()).unwrap();
    let events = run(&mut node, &mut link, &flash, 0, 10);
    let given_up = |(_, event): &(u32, _)| matches!(event, Event::Unreadable { records: 2, .. });
    assert!(events.iter().any(given_up), "{events:?}");
    assert!(link.sent.is_empty() && node.queue().is_empty());
}

/// Compact frames name the table they are by: who kept the older descriptor reads all of it.
#[test]
fn columns_of_an_older_firmware_travel_under_its_number() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    after_an_outage(Compact, &mut sensor, &flash, &mut link, 2);
    let mut sensor = Sensor { fails: Some(ErrorKind::Bus), ..Sensor::default() };
    let now = Ticks::from_millis(0);
    let config = BARE_CONFIG.profile(Compact);
    let mut node =
        Node::open(config, "bench/", &mut sensor, 2, now, &mut *flash.borrow_mut()).unwrap();
    link.incoming.push_back(In::Ack);
    run(&mut node, &mut link, &flash, 0, 10);
    assert_eq!(Descriptor::parse(&link.births[0]).unwrap().version(), 2);
    assert_eq!(compact::decode(link.frames().next().unwrap()).unwrap().schema(), 1);
    assert_complete(&link.compact_entries(), 2);
    assert!(node.queue().is_empty());
}

static UNFIT: Device = Device::new("bench", tiny::MAX_SCHEMA + 1, DEVICE.channels());

#[test]
fn a_table_that_tiny_frames_cannot_name_loses_no_record() {
    assert!(!tiny::fits(&UNFIT));
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let (queue, settings) = (Region::new(0, 0x2000), Region::new(0x2000, 0x1000));
    let config = Config::new(&UNFIT, [Task::every_millis(EVERY)], queue, settings).profile(Tiny);
    let now = Ticks::from_millis(0);
    let mut node =
        Node::open(config, "bench/", &mut sensor, 1, now, &mut *flash.borrow_mut()).unwrap();
    let events = run(&mut node, &mut link, &flash, 0, 3 * EVERY);
    let narrow = |(_, event): &&(u32, _)| matches!(event, Event::LinkTooNarrow { .. });
    assert_eq!(events.iter().filter(narrow).count(), 1, "{events:?}");
    assert_eq!((link.sent.len(), waiting(&mut node, &flash)), (0, 3));
}

#[test]
fn commands_by_channel_id_are_checked_and_answered() {
    let cases = [
        (Command::new(7, INTERVAL.id(), 2), Ok(())),
        (Command::new(7, ChannelId(77), 2), Err(Refusal::UnknownChannel)),
        (Command::new(7, AIR.id(), 5), Err(Refusal::ReadOnly)),
        (Command::new(7, INTERVAL.id(), 36_001), Err(Refusal::OutOfRange)),
        (Command::new(7, INTERVAL.id(), 2).expiring(1_700_000_000), Err(Refusal::Expired)),
    ];
    for (command, outcome) in cases {
        let answer = match outcome {
            Ok(()) => Answer::done(7, INTERVAL.id(), 2),
            Err(refusal) => Answer::failed(7, u16::from(refusal.number())),
        };
        let mut bytes = [0; 32];
        let len = compact::encode_command(&command, &mut bytes).unwrap();
        let answers = answers_to(Compact, &bytes[..len]);
        let decoded: Vec<_> =
            answers.iter().map(|bytes| compact::decode_answer(bytes).unwrap()).collect();
        assert_eq!(decoded, [answer], "{command:?}");

        let len = tiny::encode_command(&command, Carrier::Frame, &mut bytes).unwrap();
        let answers = answers_to(Tiny, &bytes[..len]);
        let decode = |bytes: &Vec<u8>| tiny::decode_answer(Carrier::Frame, bytes).unwrap();
        assert_eq!(answers.iter().map(decode).collect::<Vec<_>>(), [answer], "{command:?}");
    }
}

fn answers_to<P: Profile>(profile: P, command: &[u8]) -> Vec<Vec<u8>> {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    link.payload = 20;
    let mut node = open_as(profile, &mut sensor, &flash, 1, 0);
    node.set_clock(Ticks::from_millis(0), 1_700_000_000);
    link.incoming.extend([In::Ack, In::Command(command.to_vec()), In::Ack]);
    run(&mut node, &mut link, &flash, 0, 50);
    let answers = link.sent.into_iter().filter(|(port, _)| *port == Port::CommandResult);
    answers.map(|(_, payload)| payload).collect()
}

#[test]
fn a_command_of_another_profile_is_none() {
    let (flash, mut sensor, mut link) =
        (RefCell::new(Flash::new()), Sensor::default(), TestLink::new());
    let mut node = open_as(Compact, &mut sensor, &flash, 1, 0);
    link.incoming.extend([In::Ack, In::Command(b"\x81\xA1\x00\x60".to_vec())]);
    let events = run(&mut node, &mut link, &flash, 0, 50);
    let malformed = |(_, event): &(u32, _)| matches!(event, Event::NoCommand(CommandError::Malformed(error)) if error.position() == Some(0));
    assert!(events.iter().any(malformed), "{events:?}");
}
