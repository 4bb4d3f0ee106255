//! The log on `sequential-storage` keeps what `log::Log` promises, as far as its docs say.

#![cfg(feature = "sequential-storage")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use proptest::prelude::*;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{Cursor, Draft, Log, Mark, Occupancy, Priority, SequentialLog, WhenFull};
use sundew_testkit::{FlashError, Operation, SimFlash, Torn};

const SIZE: usize = 1024;
type Flash = SimFlash<SIZE, 256, 4>;
type Small = SequentialLog<48>;

const REGION: Region = Region::new(0, SIZE as u32);
const TORN: [Torn; 4] = [Torn::Before, Torn::FirstHalf, Torn::Bits(0x5A), Torn::Whole];
const LINES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

fn append(
    flash: &mut Flash,
    log: &mut Small,
    priority: Priority,
    number: u16,
    when_full: WhenFull,
) -> Result<(Mark, u16), Error<FlashError>> {
    let head = number.to_le_bytes();
    let body = [0xFF; 20];
    let draft = Draft { priority, tag: (number % 16) as u8, head: &head, body: &body };
    log.append(flash, draft, when_full).map(|appended| (appended.mark, appended.dropped))
}

fn stored(flash: &mut Flash, log: &mut Small) -> Vec<(Priority, u16, Mark)> {
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 22]);
    let mut found = Vec::new();
    while let Some(item) = log.next(flash, &mut cursor, &mut buffer).unwrap() {
        let number = u16::from_le_bytes([item.bytes[0], item.bytes[1]]);
        assert_eq!((item.tag, &item.bytes[2..]), ((number % 16) as u8, &[0xFF; 20][..]));
        found.push((item.mark.priority(), number, item.mark));
    }
    found
}

fn names(found: &[(Priority, u16, Mark)]) -> Vec<(Priority, u16)> {
    found.iter().map(|(priority, number, _)| (*priority, *number)).collect()
}

fn opened(flash: &mut Flash) -> Small {
    let mut log = Small::new(REGION);
    log.open(flash).unwrap();
    log
}

#[test]
fn higher_lines_come_first_and_each_is_first_in_first_out() {
    let mut flash = Flash::new();
    let mut log = opened(&mut flash);
    let order = [(Priority::Low, 1), (Priority::High, 2), (Priority::Normal, 3)];
    for (priority, number) in order.into_iter().chain([(Priority::High, 4)]) {
        append(&mut flash, &mut log, priority, number, WhenFull::RefuseNew).unwrap();
    }
    let expected =
        [(Priority::High, 2), (Priority::High, 4), (Priority::Normal, 3), (Priority::Low, 1)];
    for _ in 0..2 {
        let found = stored(&mut flash, &mut log);
        assert_eq!(names(&found), expected);
        log = opened(&mut flash);
    }
    // Releasing the last of a line keeps the others.
    let found = stored(&mut flash, &mut log);
    log.release(&mut flash, found[1].2).unwrap();
    log.release(&mut flash, found[1].2).unwrap();
    assert_eq!(names(&stored(&mut flash, &mut log)), expected[2..]);
    for (_, _, mark) in &found {
        log.release(&mut flash, *mark).unwrap();
    }
    assert!(log.is_empty() && opened(&mut flash).is_empty());
}

#[test]
fn a_full_log_refuses_or_drops_its_oldest_page_but_no_higher_line() {
    let mut flash = Flash::new();
    let mut log = opened(&mut flash);
    let mut fit = 0;
    while append(&mut flash, &mut log, Priority::Normal, fit, WhenFull::RefuseNew).is_ok() {
        fit += 1;
    }
    assert!(fit >= 15, "{fit}");
    let drop = WhenFull::DropOldest;
    let refused = append(&mut flash, &mut log, Priority::Low, fit, drop);
    assert_eq!(refused.unwrap_err(), Error::Full);
    let before = stored(&mut flash, &mut log);
    let (_, dropped) = append(&mut flash, &mut log, Priority::High, fit, drop).unwrap();
    assert!(dropped > 0);
    let after = stored(&mut flash, &mut log);
    assert_eq!(after[0].1, fit);
    assert_eq!(names(&after[1..]), names(&before[usize::from(dropped)..]));
}

#[test]
fn each_fault_has_its_error() {
    let mut flash = Flash::new();
    let mut log = Small::new(REGION);
    let add = |flash: &mut Flash, log: &mut Small| {
        append(flash, log, Priority::Normal, 7, WhenFull::RefuseNew)
    };
    assert_eq!(add(&mut flash, &mut log).unwrap_err(), Error::NotOpen);
    assert_eq!(Small::new(Region::new(0, 256)).open(&mut flash), Err(Error::Region));
    log.open(&mut flash).unwrap();
    let longest = [0; 43];
    let draft = Draft { priority: Priority::Low, tag: 0, head: &[], body: &longest };
    let long = log.append(&mut flash, draft, WhenFull::RefuseNew);
    assert_eq!(long.unwrap_err(), Error::TooLong { needed: 43 });
    let (mark, _) = add(&mut flash, &mut log).unwrap();
    let mut cursor = Cursor::default();
    let short = log.next(&mut flash, &mut cursor, &mut [0; 21]).unwrap_err();
    assert_eq!((short, cursor), (Error::TooLong { needed: 22 }, Cursor::default()));
    assert!(log.next(&mut flash, &mut cursor, &mut [0; 22]).unwrap().is_some());
    let mut other_flash = Flash::new();
    let mut other = opened(&mut other_flash);
    assert_eq!(other.release(&mut other_flash, mark), Err(Error::OutOfRange));
    flash.fail(Operation::Write, 0, 20);
    assert_eq!(add(&mut flash, &mut log).unwrap_err(), Error::Flash(FlashError::Injected));
    flash.fail(Operation::Write, 0, 0);
    add(&mut flash, &mut log).unwrap();
    log.clear(&mut flash).unwrap();
    assert!(log.is_empty() && stored(&mut flash, &mut log).is_empty());
    add(&mut flash, &mut log).unwrap();
    assert_eq!(stored(&mut flash, &mut log).len(), 1);
}

#[derive(Default)]
struct Model {
    waiting: Vec<(Priority, u16)>,
    next: u16,
    /// What a call under way when power was lost may have added, or taken away.
    doubtful: Vec<(Priority, u16)>,
}

/// Records and releases in a pattern that wraps the region more than twice.
fn work(
    flash: &mut Flash,
    log: &mut Small,
    model: &mut Model,
    rounds: u16,
) -> Result<(), Error<FlashError>> {
    for _ in 0..rounds {
        let (number, priority) = (model.next, LINES[usize::from(model.next) % 3]);
        model.next += 1;
        model.doubtful = vec![(priority, number)];
        append(flash, log, priority, number, WhenFull::RefuseNew)?;
        model.waiting.push((priority, number));
        if number % 5 == 4 {
            let found = stored(flash, log);
            let (priority, up_to, mark) = found[found.len() / 2];
            let covered = |(line, number): &(Priority, u16)| *line == priority && *number <= up_to;
            model.doubtful = model.waiting.iter().copied().filter(covered).collect();
            log.release(flash, mark)?;
            model.waiting.retain(|item| !covered(item));
        }
        while model.waiting.len() > 8 {
            let (priority, number, mark) = stored(flash, log)[0];
            model.doubtful = vec![(priority, number)];
            log.release(flash, mark)?;
            model.waiting.retain(|item| *item != (priority, number));
        }
        model.doubtful.clear();
    }
    Ok(())
}

fn check(flash: &mut Flash, log: &mut Small, model: &mut Model, at: &str) {
    let found = names(&stored(flash, log));
    assert!(found.is_sorted_by_key(|(line, number)| (core::cmp::Reverse(*line), *number)), "{at}");
    for item in &model.waiting {
        assert!(found.contains(item) || model.doubtful.contains(item), "{at}: {item:?} is lost");
    }
    for item in &found {
        let known = model.waiting.contains(item) || model.doubtful.contains(item);
        assert!(known, "{at}: {item:?} came back");
    }
    model.waiting = found;
    model.doubtful.clear();
}

#[test]
fn cuts_keep_what_waits_and_bring_nothing_back() {
    let mut flash = Flash::new();
    let mut log = opened(&mut flash);
    work(&mut flash, &mut log, &mut Model::default(), 60).unwrap();
    let steps = flash.counters().steps();
    assert!(flash.counters().erases >= 8, "the log must wrap twice");
    for (torn_at, torn) in TORN.into_iter().enumerate() {
        for first in (0..steps).skip(torn_at).step_by(3) {
            let mut flash = Flash::new();
            let mut model = Model::default();
            let mut log = opened(&mut flash);
            // A second cut follows, and a whole run.
            for (cut, rounds) in [(Some(first), 60), (Some(first % 23), 8), (None, 12)] {
                let at = format!("{torn:?} {first} {cut:?}");
                if let Some(cut) = cut {
                    flash.cut_after(cut, torn);
                }
                let _ = work(&mut flash, &mut log, &mut model, rounds);
                flash.power_on();
                log = opened(&mut flash);
                check(&mut flash, &mut log, &mut model, &at);
            }
        }
    }
}

proptest! {
    #[test]
    fn noise_never_panics(
        image in prop::collection::vec(any::<u8>(), SIZE),
        blank in 0..SIZE,
    ) {
        let mut image: [u8; SIZE] = image.try_into().unwrap();
        image[blank / 256 * 256..].fill(0xFF);
        let mut flash = Flash::from_image(&image);
        let mut log = Small::new(REGION);
        if log.open(&mut flash).is_ok() {
            let _ = append(&mut flash, &mut log, Priority::Low, 1, WhenFull::DropOldest);
            let _ = log.next(&mut flash, &mut Cursor::default(), &mut [0; 64]);
        }
        log.clear(&mut flash).unwrap();
        log.open(&mut flash).unwrap();
        append(&mut flash, &mut log, Priority::Low, 1, WhenFull::RefuseNew).unwrap();
    }
}
