//! What the log on NOR flash does with a page that wore out where no other page is free.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers fail as the tests do")]

use sundew_core::Region;
use sundew_store::log::{Cursor, Draft, Log, Mark, NorLog, Priority, WhenFull};
use sundew_testkit::{Defect, SimFlash};

const PAGE: usize = 256;
const DEFECTS: [Defect; 4] =
    [Defect::EraseFails, Defect::ProgramFails, Defect::EraseIgnored, Defect::ProgramIgnored];

type Flash = SimFlash<{ 4 * PAGE }, PAGE, 8>;

fn opened(flash: &mut Flash) -> NorLog {
    let mut log = NorLog::new(Region::new(0, 4 * PAGE as u32));
    log.open(flash).unwrap();
    log
}

fn waiting(log: &mut NorLog, flash: &mut Flash) -> Vec<(u8, Mark)> {
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 64], Vec::new());
    while let Some(item) = log.next(flash, &mut cursor, &mut buffer).unwrap() {
        found.push((item.bytes.first().copied().unwrap(), item.mark));
    }
    found
}

/// Appends an item of two units, of 17 that a page has; returns what was dropped for it.
fn append(log: &mut NorLog, flash: &mut Flash, id: u8, when_full: WhenFull) -> usize {
    let draft = Draft { priority: Priority::Normal, tag: 0, head: &[id], body: &[id; 8] };
    for _ in 0..3 {
        if let Ok(appended) = log.append(flash, draft, when_full) {
            return usize::from(appended.dropped);
        }
    }
    panic!("{id} is refused again and again");
}

/// Without looking past the page that has failed, each try takes it again.
#[test]
fn the_oldest_go_where_the_page_they_stand_in_is_bad() {
    for (bad, defect) in (0..4).flat_map(|bad| DEFECTS.map(|defect| (bad, defect))) {
        let mut flash = Flash::new();
        let mut log = opened(&mut flash);
        let mut kept = Vec::new();
        for id in 0..200 {
            if id == 30 {
                flash.break_page(bad * PAGE as u32, defect);
            }
            let dropped = append(&mut log, &mut flash, id, WhenFull::DropOldest);
            kept.push(id);
            kept.drain(..dropped);
            // What was being written when the page failed may be there as well.
            let mut found: Vec<_> = waiting(&mut log, &mut flash).iter().map(|at| at.0).collect();
            found.dedup();
            assert_eq!(found, kept, "{defect:?} of page {bad}");
        }
    }
}

/// Without the places of the page that was to go, a release is refused once that page has failed,
/// and what it let go of is there again when another one is taken.
#[test]
fn what_is_released_with_a_bad_page_stays_released() {
    for defect in DEFECTS {
        let mut flash = Flash::new();
        let mut log = opened(&mut flash);
        let draft = Draft { priority: Priority::High, tag: 0, head: &[], body: &[77; 9] };
        let high = log.append(&mut flash, draft, WhenFull::RefuseNew).unwrap().mark;
        // Eight items and the mark that lets go of them fill a page, thrice.
        for id in 0..24 {
            append(&mut log, &mut flash, id, WhenFull::RefuseNew);
            if id % 8 == 7 {
                let last = waiting(&mut log, &mut flash).pop().unwrap().1;
                log.release(&mut flash, last).unwrap();
            }
        }
        // The page with the high one is the next to be taken, for its own mark.
        flash.break_page(0, defect);
        log.release(&mut flash, high).unwrap_err();
        log.release(&mut flash, high).unwrap();
        assert_eq!(waiting(&mut log, &mut flash), [], "{defect:?}");
        append(&mut log, &mut flash, 99, WhenFull::RefuseNew);
        let mut log = opened(&mut flash);
        let found: Vec<_> = waiting(&mut log, &mut flash).iter().map(|at| at.0).collect();
        assert_eq!(found, [99], "{defect:?}");
    }
}
