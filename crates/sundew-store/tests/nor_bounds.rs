//! What the log on NOR flash holds, whatever happened before.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{Appended, Cursor, Draft, Log, Mark, NorLog, Priority, WhenFull};
use sundew_testkit::{SimFlash, Torn};

/// Appends an item of nine bytes.
fn append<F: NorFlash>(log: &mut NorLog, flash: &mut F) -> Result<Appended, Error<F::Error>> {
    let draft = Draft { priority: Priority::Normal, tag: 0, head: &[], body: &[7; 9] };
    log.append(flash, draft, WhenFull::RefuseNew)
}

fn marks<F: NorFlash>(log: &mut NorLog, flash: &mut F) -> Vec<Mark> {
    let (mut cursor, mut buffer, mut marks) = (Cursor::default(), [0; 64], Vec::new());
    while let Some(item) = log.next(flash, &mut cursor, &mut buffer).unwrap() {
        marks.push(item.mark);
    }
    marks
}

/// Lives that end between a page's header and its first item leave pages that do not count. They
/// must not come to count, and take room, once a newer page is opened.
fn page_changes_that_were_cut_take_no_room<const SIZE: usize>() {
    const ON_A_PAGE: usize = 14;
    let region = Region::new(0, SIZE as u32);
    // An erase, three words of header, two of the item; and before, in some lives, one that tries
    // out the page before.
    for (cuts, step) in (0..8).flat_map(|cuts| (0..8).map(move |step| (cuts, step))) {
        let name = format!("{cuts} cuts at {step}");
        let mut flash = SimFlash::<SIZE, 256, 8>::new();
        let mut log = NorLog::new(region);
        log.open(&mut flash).unwrap();
        for _ in 0..ON_A_PAGE {
            append(&mut log, &mut flash).unwrap();
        }
        for _ in 0..cuts {
            flash.cut_after(step, Torn::FirstHalf);
            let _ = append(&mut log, &mut flash);
            flash.power_off();
            flash.power_on();
            log = NorLog::new(region);
            log.open(&mut flash).unwrap();
        }
        flash.cut_after(u32::MAX, Torn::Before);
        while append(&mut log, &mut flash).is_ok() {}
        let marks = marks(&mut log, &mut flash);
        // A life burns a unit of the page that it goes on in, and what was cut takes up to two.
        let full = (SIZE / 256 - 2) * ON_A_PAGE;
        assert!(marks.len() + 2 * cuts >= full, "{name}: {} of {full}", marks.len());
        for mark in marks {
            assert_eq!(log.release(&mut flash, mark), Ok(()), "{name}");
        }
    }
}

#[test]
fn page_changes_that_were_cut_take_no_room_of_five_or_eight_pages() {
    page_changes_that_were_cut_take_no_room::<1280>();
    page_changes_that_were_cut_take_no_room::<2048>();
}
