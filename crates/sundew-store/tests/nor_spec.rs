//! The bytes that `SPEC.md` explains are those that the log on NOR flash writes, and opens.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

mod spec;

use sundew_core::Region;
use sundew_store::log::{Cursor, Draft, Log, NorLog, Priority, WhenFull};
use sundew_testkit::SimFlash;

const SIZE: usize = 768;
type Flash = SimFlash<SIZE, 256, 8>;

fn told() -> [u8; SIZE] {
    spec::example("NOR log")
}

fn log() -> NorLog {
    NorLog::new(Region::new(0, SIZE as u32))
}

/// Returns what the example of the specification writes.
fn written() -> Flash {
    let mut flash = Flash::new();
    let mut log = log();
    log.open(&mut flash).unwrap();
    let mut append = |log: &mut NorLog, priority, tag, body| {
        let draft = Draft { priority, tag, head: &[], body };
        log.append(&mut flash, draft, WhenFull::RefuseNew).unwrap().mark
    };
    let tick = append(&mut log, Priority::Normal, 0, b"tick");
    append(&mut log, Priority::Normal, 0, b"tock");
    append(&mut log, Priority::High, 5, b"flooded!");
    log.release(&mut flash, tick).unwrap();
    flash
}

#[test]
fn the_example_is_what_is_written() {
    spec::check(written().image(), &told());
}

#[test]
fn the_example_opens() {
    let mut flash = Flash::from_image(&told());
    let mut log = log();
    log.open(&mut flash).unwrap();
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 16]);
    let mut next = || {
        let item = log.next(&mut flash, &mut cursor, &mut buffer).unwrap()?;
        Some((item.mark.priority(), item.tag, item.bytes.to_vec()))
    };
    assert_eq!(next(), Some((Priority::High, 5, b"flooded!".to_vec())));
    assert_eq!(next(), Some((Priority::Normal, 0, b"tock".to_vec())));
    assert_eq!(next(), None);
}
