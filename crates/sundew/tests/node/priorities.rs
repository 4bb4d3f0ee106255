//! What matters most goes first, and what was lost is told.

use std::cell::RefCell;

use sundew::core::{ErrorKind, Ticks};
use sundew::node::{Application, Config, Event, Losses, Node, Task};
use sundew::queue::{Class, Effort, Priority, WhenFull};
use sundew::units::{Channel, ChannelId, Dec, Device, Kind, Quantity, Sample};

use crate::bench::{AIR, Flash, HUMIDITY, In, QUEUE, SETTINGS, TestLink, run_any};

const COUNT: Kind = Kind::CounterSinceBoot { modulus: 1 << 31 };
static DROPPED: Channel =
    Channel::new(ChannelId(20), "dropped", Quantity::Count, 0).with_kind(COUNT);
static REFUSED: Channel =
    Channel::new(ChannelId(21), "refused", Quantity::Count, 0).with_kind(COUNT);
static UNREADABLE: Channel =
    Channel::new(ChannelId(22), "unreadable", Quantity::Count, 0).with_kind(COUNT);
static DEVICE: Device = Device::new("bench", 1, &[AIR, HUMIDITY, DROPPED, REFUSED, UNREADABLE]);
const LOSSES: Losses = Losses { dropped: &DROPPED, refused: &REFUSED, unreadable: &UNREADABLE };

/// Gives the air's temperature as task 0, and an alarm of humidity as task 1.
#[derive(Debug, Default)]
struct Pair {
    value: i32,
}

impl Application for &mut Pair {
    type Error = ErrorKind;

    fn start(&mut self, _: usize) -> Result<u32, ErrorKind> {
        Ok(0)
    }

    fn read(&mut self, task: usize, sample: &mut Sample) -> Result<(), ErrorKind> {
        self.value += 1;
        let channel = if task == 0 { &AIR } else { &HUMIDITY };
        sample.push(channel, self.value).map_err(|_| ErrorKind::Bug)
    }
}

fn config(when_full: WhenFull) -> Config<2> {
    let alarm = Class { priority: Priority::High, effort: Effort::UntilTaken };
    let tasks = [Task::every_millis(1_000), Task::every_millis(5_000).class(alarm)];
    Config::new(&DEVICE, tasks, QUEUE, SETTINGS).when_full(when_full).losses(LOSSES)
}

#[test]
fn alarms_go_before_readings_that_are_older() {
    let flash = RefCell::new(Flash::new());
    let (mut sensors, mut link) = (Pair::default(), TestLink::new());
    let start = Ticks::from_millis(0);
    let mut node: Node<'_, _, 2, 256> = Node::open(
        config(WhenFull::RefuseNew),
        "bench/",
        &mut sensors,
        1,
        start,
        &mut *flash.borrow_mut(),
    )
    .unwrap();
    link.up = false;
    run_any(&mut node, &mut link, &flash, 0, 10_000);
    link.up = true;
    link.incoming.extend(std::iter::repeat_n(In::Ack, 20));
    run_any(&mut node, &mut link, &flash, 10_000, 500);
    let names: Vec<String> = link.readings().into_iter().map(|reading| reading.2).collect();
    let alarms = names.iter().take_while(|name| name.ends_with("humidity")).count();
    assert_eq!(alarms, 3, "at 0, 5 and 10 s: {names:?}");
    assert!(names.iter().skip(alarms).filter(|name| name.ends_with("air")).count() >= 10);
}

/// A collector must learn from the device itself how many readings it will never get.
#[test]
fn what_the_queue_lost_becomes_a_reading() {
    for when_full in [WhenFull::RefuseNew, WhenFull::DropOldest] {
        let flash = RefCell::new(Flash::new());
        let (mut sensors, mut link) = (Pair::default(), TestLink::new());
        let start = Ticks::from_millis(0);
        let mut node: Node<'_, _, 2, 256> = Node::open(
            config(when_full),
            "bench/",
            &mut sensors,
            1,
            start,
            &mut *flash.borrow_mut(),
        )
        .unwrap();
        link.up = false;
        let events = run_any(&mut node, &mut link, &flash, 0, 600_000);
        let taken = |(_, event): &&(u32, _)| matches!(event, Event::Recorded { .. });
        let recorded = events.iter().filter(taken).count();
        link.up = true;
        link.incoming.extend(std::iter::repeat_n(In::Ack, 500));
        run_any(&mut node, &mut link, &flash, 600_000, 900);
        let counters = node.queue().counters();
        let lost =
            if when_full == WhenFull::RefuseNew { counters.refused } else { counters.dropped };
        assert!(lost > 100, "{when_full:?}: {counters:?}");
        let readings = link.readings();
        let told = |name: &str| {
            let told = readings.iter().rev().find(|reading| reading.2.ends_with(name));
            told.map(|reading| reading.3)
        };
        let count = |value: u32| Some(Dec::new(i32::try_from(value).unwrap(), 0));
        assert_eq!(told("dropped"), count(counters.dropped), "{when_full:?}");
        assert_eq!(told("refused"), count(counters.refused), "{when_full:?}");
        let arrived = readings
            .iter()
            .filter(|reading| reading.2.ends_with("air") || reading.2.ends_with("humidity"));
        let expected = match when_full {
            WhenFull::RefuseNew => recorded,
            _ => recorded - counters.dropped as usize,
        };
        assert!(arrived.count() >= expected, "{when_full:?}");
    }
}
