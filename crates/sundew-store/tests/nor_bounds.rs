//! What the log on NOR flash holds, whatever happened before.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers fail as the tests do"
)]

#[allow(dead_code, reason = "only the dice are used")]
mod nor_model;

use embedded_storage::nor_flash::NorFlash;
use nor_model::Dice;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{
    Appended, Cursor, Draft, Log, Mark, NorLog, Occupancy, Priority, WhenFull,
};
use sundew_testkit::{Operation, Rewrite, SimFlash, Torn};

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

/// Lives that end between a page's sign and its first item leave pages that do not count. They
/// must not come to count, and take room, once a newer page is opened.
fn page_changes_that_were_cut_take_no_room<const SIZE: usize>() {
    const PAGE: usize = 384;
    // Of 48 units 3 are header and 12 are kept for signs; an item takes 2.
    const ON_A_PAGE: usize = 16;
    let region = Region::new(0, SIZE as u32);
    // A burned unit and a sign, an erase, three words of header, two of the item; and before, in
    // some lives, two that settle, and one that is burned in the page before.
    for (cuts, step) in (0..8).flat_map(|cuts| (0..11).map(move |step| (cuts, step))) {
        let name = format!("{cuts} cuts at {step}");
        let mut flash = SimFlash::<SIZE, PAGE, 8>::new();
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
        let full = (SIZE / PAGE - 1) * ON_A_PAGE;
        assert!(marks.len() + 2 * cuts >= full, "{name}: {} of {full}", marks.len());
        for mark in marks {
            assert_eq!(log.release(&mut flash, mark), Ok(()), "{name}");
        }
    }
}

#[test]
fn page_changes_that_were_cut_take_no_room_of_five_or_eight_pages() {
    page_changes_that_were_cut_take_no_room::<1920>();
    page_changes_that_were_cut_take_no_room::<3072>();
}

/// One page stays free; and one more may be used up but for the last item, where what it holds was
/// released.
#[test]
fn what_the_docs_say_of_room() {
    const SIZE: usize = 5 * 256;
    type Flash = SimFlash<SIZE, 256, 8>;
    // Of 32 units 3 are header and 12 are kept for signs; an item of 9 bytes takes 2.
    const ON_A_PAGE: usize = 8;
    let region = Region::new(0, SIZE as u32);
    let capacity = NorLog::capacity::<Flash>(region, 9) as usize;
    assert_eq!(capacity, 3 * ON_A_PAGE + 1);
    assert_eq!(NorLog::capacity::<Flash>(region, 8 * 17 - 6), 3 + 1);
    assert_eq!(NorLog::capacity::<Flash>(region, 8 * 17 - 5), 0);

    let (mut least, mut most) = (usize::MAX, 0);
    for history in 0..200 {
        let mut flash = Flash::new();
        let mut log = NorLog::new(region);
        log.open(&mut flash).unwrap();
        for _ in 0..history {
            let mark = append(&mut log, &mut flash).unwrap().mark;
            log.release(&mut flash, mark).unwrap();
        }
        while append(&mut log, &mut flash).is_ok() {}
        let count = marks(&mut log, &mut flash).len();
        (least, most) = (least.min(count), most.max(count));
    }
    println!("after 0 to 199 that came and went {least} to {most} fit, {capacity} are promised");
    assert_eq!(most, 4 * ON_A_PAGE);
    assert!(least >= capacity);
}

/// Writes, erases and reads that fail for a while: calls return errors, and once all is released
/// there is as much room as ever.
#[test]
fn failing_calls_take_no_room_for_good() {
    capacity_holds::<1280, 256, 8, 1>();
    capacity_holds::<768, 256, 4, 1>();
    capacity_holds::<1152, 384, 16, 4>();
}

const FAILING: [Operation; 3] = [Operation::Write, Operation::Erase, Operation::Read];

fn capacity_holds<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>() {
    let region = Region::new(0, SIZE as u32);
    let capacity = NorLog::capacity::<SimFlash<SIZE, PAGE, WORD, READ>>(region, 9) as usize;
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut flash = SimFlash::<SIZE, PAGE, WORD, READ>::new().with_rewrite(Rewrite::Refused);
        let mut log = NorLog::new(region);
        log.open(&mut flash).unwrap();
        for _ in 0..100 {
            flash.fail(FAILING[dice.roll(3) as usize], dice.roll(12), dice.roll(4));
            match append(&mut log, &mut flash) {
                Ok(Appended { mark, .. }) if dice.roll(3) == 0 => {
                    let _ = log.release(&mut flash, mark);
                }
                _ => {}
            }
            for operation in FAILING {
                flash.fail(operation, 0, 0);
            }
            if dice.roll(10) == 0 {
                log.open(&mut flash).unwrap();
            }
        }
        for round in 0..3 {
            if let Some(mark) = marks(&mut log, &mut flash).pop() {
                assert_eq!(log.release(&mut flash, mark), Ok(()), "seed {seed}");
            }
            assert_eq!(marks(&mut log, &mut flash), [], "seed {seed}");
            assert!(log.is_empty(), "seed {seed}");
            let end = loop {
                if let Err(end) = append(&mut log, &mut flash) {
                    break end;
                }
            };
            assert_eq!(end, Error::Full, "seed {seed}, round {round}");
            let count = marks(&mut log, &mut flash).len();
            assert!(count >= capacity, "seed {seed}, round {round}: {count} of {capacity}");
        }
    }
}

/// In a region of three pages there is one to drop for each that stays free, whoever took them.
#[test]
fn the_highest_are_never_refused_while_lower_ones_wait() {
    tiny::<768, 256, 8, 1>();
    tiny::<576, 192, 4, 1>();
    tiny::<1152, 384, 16, 4>();
}

fn tiny<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>() {
    let region = Region::new(0, SIZE as u32);
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let mut flash = SimFlash::<SIZE, PAGE, WORD, READ>::new().with_rewrite(Rewrite::Refused);
        let mut log = NorLog::new(region);
        log.open(&mut flash).unwrap();
        for turn in 0..200 {
            let name = format!("seed {seed}, turn {turn}");
            let lines = [Priority::Low, Priority::Normal, Priority::High];
            let priority = lines[dice.roll(3) as usize];
            let waiting = marks(&mut log.clone(), &mut flash);
            let draft = Draft { priority, tag: 0, head: &[], body: &[7; 40] };
            match log.append(&mut flash, draft, WhenFull::DropOldest) {
                Ok(_) => {}
                Err(Error::Full) => assert!(
                    waiting.iter().all(|mark| mark.priority() > priority),
                    "{name}: {priority:?} is refused, and {waiting:?} wait"
                ),
                Err(error) => panic!("{name}: {error}"),
            }
            let waiting = marks(&mut log.clone(), &mut flash);
            if dice.roll(4) == 0 && !waiting.is_empty() {
                let mark = waiting[dice.roll(waiting.len() as u32) as usize];
                assert_eq!(log.release(&mut flash, mark), Ok(()), "{name}");
            }
            if dice.roll(8) == 0 {
                log.open(&mut flash).unwrap();
            }
        }
    }
}

/// A change of pages was cut behind the header, and then the signs rotted: the page before is the
/// newest again, and is not to be taken for its own predecessor.
#[test]
fn the_page_that_counts_again_is_not_announced_by_itself() {
    const PAGE: usize = 384;
    let region = Region::new(0, 3 * PAGE as u32);
    let mut flash = SimFlash::<{ 3 * PAGE }, PAGE, 8>::new();
    let mut log = NorLog::new(region);
    log.open(&mut flash).unwrap();
    append(&mut log, &mut flash).unwrap();
    // The first of another priority: a burned unit and a sign, an erase, three words of header.
    flash.cut_after(6, Torn::Before);
    let draft = Draft { priority: Priority::High, tag: 0, head: &[], body: &[7; 9] };
    log.append(&mut flash, draft, WhenFull::RefuseNew).unwrap_err();
    flash.power_on();
    flash.image_mut()[PAGE - 96..PAGE].fill(0xFF);
    for stored in 1..4 {
        let mut log = NorLog::new(region);
        log.open(&mut flash).unwrap();
        assert_eq!(marks(&mut log, &mut flash).len(), stored);
        append(&mut log, &mut flash).unwrap();
    }
}
