//! Cuts the power at every step of a run of records, acknowledgements and reopenings.
//!
//! Whatever was recorded and not acknowledged is there afterwards, in order; what was acknowledged
//! does not come back, except by the very call that was cut.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use core::ops::ControlFlow;
use sundew_core::Region;
use sundew_queue::legacy::Queue;
use sundew_queue::{Error, Position, Priority, Stamp, WhenFull};
use sundew_testkit::{FlashError, SimFlash, Torn};

type Flash = SimFlash<1024, 256, 4>;
type Small = Queue<32>;

const REGION: Region = Region::new(0, 1024);
const TORN: [Torn; 4] = [Torn::Before, Torn::FirstHalf, Torn::Bits(0x5A), Torn::Whole];

/// What the outside knows.
#[derive(Default)]
struct Model {
    /// Records that `record` returned for.
    recorded: Vec<Position>,
    /// How many of them an `ack` returned for.
    acked: usize,
    /// How many an `ack` that was cut may have removed.
    acking: usize,
    boot: u16,
}

fn payload(position: Position) -> [u8; 9] {
    let mut payload = [0xFF; 9];
    payload[0] = position.boot as u8;
    payload[1..5].copy_from_slice(&position.sequence.to_le_bytes());
    payload
}

fn open(
    flash: &mut Flash,
    model: &mut Model,
    when_full: WhenFull,
) -> Result<Small, Error<FlashError>> {
    // A boot that got its number was a boot, even if the power failed at once.
    model.boot += 1;
    let mut queue = Small::new(REGION, when_full);
    queue.open(flash, model.boot)?;
    Ok(queue)
}

fn stored(flash: &mut Flash, queue: &mut Small) -> Vec<Position> {
    let mut found = Vec::new();
    let mut scratch = [0; 32];
    let visited = queue.visit(flash, &mut scratch, |record| {
        assert_eq!(record.payload, payload(record.position));
        found.push(record.position);
        ControlFlow::Continue(())
    });
    visited.unwrap();
    found
}

fn record(
    flash: &mut Flash,
    queue: &mut Small,
    model: &mut Model,
    next: &mut u32,
) -> Result<(), Error<FlashError>> {
    let expected = Position { boot: model.boot, sequence: *next };
    let stamp = Stamp::SinceBoot(*next);
    let position = queue.record(flash, stamp, Priority::Normal, &payload(expected))?;
    assert_eq!(position, expected);
    model.recorded.push(position);
    *next += 1;
    Ok(())
}

/// Records more than it acknowledges, then less, over several boots: the log wraps.
fn work(
    flash: &mut Flash,
    model: &mut Model,
    when_full: WhenFull,
) -> Result<(), Error<FlashError>> {
    for (records, acks) in [(7, 4), (9, 9), (5, 3), (8, 11), (6, 5)] {
        let mut queue = open(flash, model, when_full)?;
        let mut next = 0;
        for _ in 0..records {
            record(flash, &mut queue, model, &mut next)?;
        }
        let waiting = stored_or_err(flash, &mut queue)?;
        if let Some(up_to) = waiting.get(acks - 1).or(waiting.last()) {
            let end = model.recorded.iter().position(|position| position == up_to).unwrap() + 1;
            model.acking = end;
            queue.ack(flash, *up_to)?;
            model.acked = end;
        }
    }
    Ok(())
}

fn stored_or_err(flash: &mut Flash, queue: &mut Small) -> Result<Vec<Position>, Error<FlashError>> {
    let mut found = Vec::new();
    queue.visit(flash, &mut [0; 32], |record| {
        found.push(record.position);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Opens after a cut and checks what is there against what the outside knows.
fn check(flash: &mut Flash, model: &mut Model, when_full: WhenFull, at: &str) -> Small {
    flash.power_on();
    let mut queue = open(flash, model, when_full).unwrap();
    let found = stored(flash, &mut queue);
    assert_eq!(queue.len() as usize, found.len(), "{at}");
    if when_full == WhenFull::RefuseNew {
        let counters = queue.counters();
        assert_eq!((counters.missing, counters.unreadable), (0, 0), "{at}");
    }
    // A record whose call was cut may be there, behind all others.
    let known: Vec<_> =
        found.iter().copied().filter(|position| model.recorded.contains(position)).collect();
    assert!(found.len() - known.len() <= 1, "{at}: invented {found:?}");
    assert_eq!(known[..], found[..known.len()], "{at}: order");
    let oldest = model.recorded.len() - known.len();
    assert_eq!(known[..], model.recorded[oldest..], "{at}: a hole");
    assert!(oldest >= model.acked, "{at}: an acknowledged record came back");
    if when_full == WhenFull::RefuseNew {
        assert!(oldest <= model.acking.max(model.acked), "{at}: a record is lost");
    }
    model.acked = oldest;
    model.recorded.extend(found.get(known.len()));
    queue
}

fn steps(when_full: WhenFull) -> u32 {
    let mut flash = Flash::new();
    let mut model = Model::default();
    work(&mut flash, &mut model, when_full).unwrap();
    assert!(flash.counters().erases >= 4, "the log must wrap");
    flash.counters().steps()
}

#[test]
fn every_cut_keeps_what_was_recorded() {
    let steps = steps(WhenFull::RefuseNew);
    for torn in TORN {
        for step in 0..steps {
            let at = format!("{torn:?} at step {step}");
            let mut flash = Flash::new();
            let mut model = Model::default();
            flash.cut_after(step, torn);
            let cut = work(&mut flash, &mut model, WhenFull::RefuseNew);
            assert_eq!(cut, Err(Error::Flash(FlashError::PowerLost)), "{at}");
            let mut queue = check(&mut flash, &mut model, WhenFull::RefuseNew, &at);
            // Room for as many as ever: nothing leaks.
            let last = stored(&mut flash, &mut queue).last().copied();
            if let Some(last) = last {
                queue.ack(&mut flash, last).unwrap();
            }
            for round in 0..3 {
                let mut taken = 0;
                let mut last = None;
                while let Ok(position) =
                    queue.record(&mut flash, Stamp::Unix(1), Priority::High, &[7; 20])
                {
                    taken += 1;
                    last = Some(position);
                }
                assert!(taken >= 15, "{at}: only {taken} in round {round}");
                assert_eq!(queue.ack(&mut flash, last.unwrap()), Ok(taken), "{at}");
            }
        }
    }
}

#[test]
fn a_second_and_third_cut_keep_it_too() {
    let steps = steps(WhenFull::RefuseNew);
    for first in (0..steps).step_by(5) {
        for second in (0..60).step_by(3) {
            let torn = TORN[((first + second) % 4) as usize];
            let at = format!("{torn:?} at steps {first}, {second}");
            let mut flash = Flash::new();
            let mut model = Model::default();
            flash.cut_after(first, Torn::FirstHalf);
            work(&mut flash, &mut model, WhenFull::RefuseNew).unwrap_err();
            check(&mut flash, &mut model, WhenFull::RefuseNew, &at);
            flash.cut_after(second, torn);
            if work(&mut flash, &mut model, WhenFull::RefuseNew).is_ok() {
                continue;
            }
            // The third falls into what opening mends, where it mends.
            flash.power_on();
            flash.cut_after(0, Torn::FirstHalf);
            let _ = open(&mut flash, &mut model, WhenFull::RefuseNew);
            check(&mut flash, &mut model, WhenFull::RefuseNew, &at);
        }
    }
}

#[test]
fn dropping_the_oldest_loses_nothing_else() {
    let fill = |flash: &mut Flash, model: &mut Model| {
        for _ in 0..3 {
            let mut queue = open(flash, model, WhenFull::DropOldest)?;
            let mut next = 0;
            for _ in 0..30 {
                record(flash, &mut queue, model, &mut next)?;
            }
        }
        Ok(())
    };
    let mut flash = Flash::new();
    fill(&mut flash, &mut Model::default()).unwrap();
    let steps = flash.counters().steps();
    for torn in TORN {
        for step in 0..steps {
            let at = format!("{torn:?} at step {step}");
            let mut flash = Flash::new();
            let mut model = Model::default();
            flash.cut_after(step, torn);
            let cut: Result<(), Error<FlashError>> = fill(&mut flash, &mut model);
            cut.unwrap_err();
            let recorded = model.recorded.len();
            let mut queue = check(&mut flash, &mut model, WhenFull::DropOldest, &at);
            let kept = stored(&mut flash, &mut queue).len();
            // Four pages hold 7 records each; at most one page is being reused.
            assert!(kept >= recorded.min(14), "{at}: {kept} of {recorded}");
        }
    }
}
