//! Cuts the power in each of the first 24 steps of the boots of one run of records, acks and
//! reboots, in ten ways, and at pairs of steps. That is a sample: not all of the run's steps are
//! reached, and each boot is cut at the same one.
//!
//! The harness checks that what was recorded and not acknowledged is there afterwards, in order, and
//! that what was acknowledged does not come back. All states that any number of cuts can reach are
//! searched by `cargo prove queue-closure`.

mod harness;

use harness::{Clock, Operation, PARTS, run_on};
use sundew_queue::{Class, Priority, WhenFull};
use sundew_testkit::Torn;

const TORN: [Torn; 10] = [
    Torn::Before,
    Torn::FirstHalf,
    Torn::LastHalf,
    Torn::Bits(0x5A),
    Torn::Random(7),
    Torn::Programmed,
    Torn::Erased,
    Torn::Unreadable,
    Torn::Metastable,
    Torn::Whole,
];

/// Records more than it acknowledges, then less, over several boots and lines: the log wraps.
fn script() -> Vec<Operation<Torn>> {
    let mut operations = Vec::new();
    for (records, acks, priority) in [
        (7, 4, Priority::Normal),
        (3, 3, Priority::High),
        (9, 9, Priority::Normal),
        (4, 2, Priority::Low),
        (8, 11, Priority::Normal),
        (5, 9, Priority::Normal),
    ] {
        let class = Class::from(priority);
        operations.extend((0..records).map(|len| Operation::Record(class, Clock::Unix, len * 3)));
        operations.extend([Operation::Peek].repeat(acks));
        operations.push(Operation::Ack(0));
        operations.push(Operation::Reboot);
    }
    operations
}

fn cut_at(first: u16, second: Option<u16>, torn: Torn, when_full: WhenFull, part: usize) {
    let cut = |steps| Operation::Cut(steps, torn);
    // A reboot forgets a cut that has not come, so each boot is cut at the same step.
    let boots = script();
    let boots = boots.split_inclusive(|operation| matches!(operation, Operation::Reboot));
    let mut operations = Vec::new();
    for (number, boot) in boots.enumerate() {
        let again = second.filter(|_| number.is_multiple_of(2));
        operations.push(cut(again.unwrap_or(first)));
        operations.extend_from_slice(boot);
    }
    let _told = Told(format!("part {part}, {when_full:?}, {torn:?} at {first}, {second:?}"));
    run_on(part, when_full, operations.into_iter(), |_| false);
}

/// Says which run it was that failed.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("failed: {}", self.0);
        }
    }
}

#[test]
fn a_cut_in_each_boot_keeps_what_was_recorded() {
    for part in 0..PARTS {
        for when_full in [WhenFull::RefuseNew, WhenFull::DropOldest] {
            for torn in TORN {
                for step in 0..24 {
                    cut_at(step, None, torn, when_full, part);
                }
            }
        }
    }
}

#[test]
fn cuts_at_two_different_steps_keep_it_too() {
    for part in 0..PARTS {
        for torn in TORN {
            for first in (1..22).step_by(5) {
                for second in [0, 2, 3] {
                    cut_at(first, Some(second), torn, WhenFull::DropOldest, part);
                }
            }
        }
    }
}
