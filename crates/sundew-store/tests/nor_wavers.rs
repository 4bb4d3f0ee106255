//! What the log on NOR flash does where a word reads as one thing today and as another tomorrow:
//! act by act.
//!
//! Each scene ends at 42 readings, and where there is one names the rule that it fails without.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{Appended, Cursor, Draft, Log, Mark, NorLog, Priority, WhenFull};
use sundew_testkit::{FlashError, Reading, Rewrite, SimFlash, Torn};

const HIGH: Priority = Priority::High;
const NORMAL: Priority = Priority::Normal;
const LOW: Priority = Priority::Low;

/// Of 32 units 3 are header, 17 are for items and the last 12 for signs.
const PAGE: usize = 256;
const PAGES: usize = 4;
/// Takes 16 of a page's 17 units.
const LONG: usize = 121;
/// Takes 14, and leaves room for a burned one and a mark.
const MOST: usize = 105;
/// Takes all of them.
const FULL: usize = 129;
/// Takes 2 units.
const SHORT: usize = 9;
/// The steps of a change of pages: a burned unit, a sign, an erase, three words of header, items.
const OF_SIGN: u32 = 1;
const OF_ERASE: u32 = 2;
const OF_HEADER: u32 = 5;
const OF_LONG: u32 = 5 + 16;

type Flash<const WORD: usize> = SimFlash<{ PAGES * PAGE }, PAGE, WORD>;

#[derive(Clone)]
struct Device<const WORD: usize> {
    flash: Flash<WORD>,
    log: NorLog,
}

impl<const WORD: usize> Device<WORD> {
    fn new(rewrite: Rewrite) -> Self {
        let mut flash = Flash::new().with_rewrite(rewrite);
        let mut log = NorLog::new(Region::new(0, (PAGES * PAGE) as u32));
        log.open(&mut flash).unwrap();
        Self { flash, log }
    }

    /// Loses power, and starts where wavering words read so.
    fn start(&mut self, reading: Reading) {
        self.flash.power_off();
        self.flash.power_on_reading(reading);
        self.log = NorLog::new(Region::new(0, (PAGES * PAGE) as u32));
        self.log.open(&mut self.flash).unwrap();
    }

    fn try_append(
        &mut self,
        line: Priority,
        id: u8,
        len: usize,
    ) -> Result<Appended, Error<FlashError>> {
        let draft = Draft { priority: line, tag: 0, head: &[id], body: &[id; FULL][1..len] };
        self.log.append(&mut self.flash, draft, WhenFull::DropOldest)
    }

    fn append(&mut self, line: Priority, id: u8, len: usize) -> Mark {
        self.try_append(line, id, len).unwrap().mark
    }

    /// Appends, and loses power in a step; the word or page that it hits wavers from then on.
    fn append_is_cut(&mut self, line: Priority, id: u8, len: usize, step: u32) {
        self.flash.cut_after(step, Torn::Metastable);
        self.try_append(line, id, len).unwrap_err();
        assert!(!self.flash.is_powered());
        assert!(self.flash.is_metastable());
    }

    fn release(&mut self, mark: Mark) {
        self.log.release(&mut self.flash, mark).unwrap();
    }

    fn waiting(&self) -> Vec<u8> {
        let (mut log, mut flash) = (self.log.clone(), self.flash.clone());
        let (mut cursor, mut buffer, mut ids) = (Cursor::default(), [0; 255], Vec::new());
        while let Some(item) = log.next(&mut flash, &mut cursor, &mut buffer).unwrap() {
            assert!(item.bytes.iter().all(|byte| *byte == item.bytes[0]));
            ids.push(item.bytes[0]);
        }
        ids
    }

    /// Starts at every reading, one after the other: these wait, and perhaps those.
    fn ends(mut self, sure: &[u8], perhaps: &[u8]) {
        for reading in readings() {
            self.start(reading);
            let found = self.waiting();
            for id in sure {
                assert!(found.contains(id), "{id} is lost at {reading:?}: {found:?}");
            }
            for id in &found {
                let may_be = sure.contains(id) || perhaps.contains(id);
                assert!(may_be, "{id} came again at {reading:?}: {found:?}");
            }
        }
        // It goes on to work: what is stored now stands, whatever the next start reads.
        let mark = self.append(HIGH, 99, SHORT);
        self.start(Reading::Old);
        assert!(self.waiting().contains(&99));
        self.release(mark);
        self.start(Reading::New);
        assert!(!self.waiting().contains(&99));
    }
}

fn readings() -> impl Iterator<Item = Reading> {
    [Reading::Old, Reading::New].into_iter().chain((0..40).map(Reading::Mixed))
}

/// Runs a scene on flash that refuses what is programmed twice, and on flash that takes it.
fn on_all(scene: impl Fn(Device<8>)) {
    scene(Device::new(Rewrite::Refused));
    scene(Device::new(Rewrite::ClearsBits));
}

/// Without `settle` the new page counts once its first item shows, with the marks in its header:
/// what was released since comes again.
#[test]
fn a_first_item_that_does_not_show_and_a_release() {
    on_all(|mut device| {
        let first = device.append(NORMAL, 1, MOST);
        device.append_is_cut(NORMAL, 2, LONG, OF_LONG);
        device.start(Reading::Old);
        assert_eq!(device.waiting(), [1]);
        device.release(first);
        device.ends(&[], &[2]);
    });
}

/// Without `settle` the header of the new page, once that counts, says that nothing waits in a line
/// in which nothing did then: what was stored there since is lost.
#[test]
fn a_first_item_that_does_not_show_and_a_record() {
    on_all(|mut device| {
        let low = device.append(LOW, 1, SHORT);
        device.append(NORMAL, 2, LONG);
        device.release(low);
        device.append_is_cut(NORMAL, 3, LONG, OF_LONG);
        device.start(Reading::Old);
        assert_eq!(device.waiting(), [2]);
        device.append(LOW, 4, SHORT);
        device.ends(&[2, 4], &[3]);
    });
}

/// An item that shows counts, as long as it does; what was stored behind it stays.
#[test]
fn a_first_item_that_shows_and_records() {
    on_all(|mut device| {
        let first = device.append(NORMAL, 1, LONG);
        device.append_is_cut(NORMAL, 2, SHORT, OF_HEADER + 2);
        device.start(Reading::New);
        assert_eq!(device.waiting(), [1, 2]);
        device.append(NORMAL, 3, SHORT);
        device.append(LOW, 4, SHORT);
        device.release(first);
        device.ends(&[3, 4], &[2]);
    });
}

/// Without the second half of `settle`, which repeats the sign of a page that counts, that page
/// counts no longer once the sign behind shows: what was released and stored since is undone.
#[test]
fn a_sign_wavers_behind_a_page_that_counts() {
    on_all(|mut device| {
        let first = device.append(NORMAL, 1, LONG);
        device.append_is_cut(NORMAL, 2, SHORT, OF_HEADER + 2);
        device.start(Reading::Old);
        assert_eq!(device.waiting(), [1]);
        // The sign that settles it is cut, too.
        device.append_is_cut(LOW, 3, SHORT, OF_SIGN);
        let mut shown = 0;
        for reading in readings() {
            let mut device = device.clone();
            device.start(reading);
            if device.waiting() == [1, 2] {
                shown += 1;
                device.release(first);
                device.append(NORMAL, 4, SHORT);
                device.ends(&[4], &[2]);
            }
        }
        assert!(shown > 4, "the page counts in {shown} readings");
    });
}

/// A page that was announced by a sign that does not show is written on, and nothing in it counts once
/// the sign shows.
#[test]
fn a_sign_wavers_and_a_record_goes_to_the_page_that_it_names() {
    on_all(|mut device| {
        let high = device.append(HIGH, 1, SHORT);
        let normal = device.append(NORMAL, 2, LONG);
        device.release(normal);
        device.append(NORMAL, 3, FULL);
        device.append(NORMAL, 4, FULL);
        // The next page in the ring is that of the high one, and there is no room for a mark.
        device.flash.cut_after(OF_SIGN, Torn::Metastable);
        device.log.release(&mut device.flash, high).unwrap_err();
        device.start(Reading::Old);
        assert_eq!(device.waiting(), [1, 3, 4]);
        device.append(HIGH, 5, SHORT);
        device.ends(&[3, 4, 5], &[1]);
    });
}

/// What a page held whose erase was cut was released or dropped: it does not come again, and what is
/// stored next stands, whether the page looks whole or erased.
#[test]
fn an_erase_that_was_cut_looks_whole() {
    on_all(|mut device| {
        device.append(LOW, 1, SHORT);
        device.append(HIGH, 2, LONG);
        device.append(HIGH, 3, LONG);
        // One page is kept free: the low ones go, and their page with them, once it is its turn.
        device.append(HIGH, 4, LONG);
        device.start(Reading::Old);
        assert_eq!(device.waiting(), [2, 3, 4]);
        device.append_is_cut(HIGH, 5, LONG, OF_ERASE);
        device.start(Reading::Old);
        let waiting = device.waiting();
        assert!(waiting.ends_with(&[3, 4]));
        device.append(HIGH, 6, SHORT);
        device.ends(&[3, 4, 6], &[2]);
    });
}

/// A page with a header and no item counts at no start, whether the header shows or not.
#[test]
fn a_header_wavers() {
    for step in OF_ERASE + 1..=OF_HEADER {
        for reading in [Reading::Old, Reading::New] {
            on_all(|mut device| {
                let low = device.append(LOW, 1, SHORT);
                let first = device.append(NORMAL, 2, MOST);
                device.release(low);
                device.append_is_cut(NORMAL, 3, LONG, step);
                device.start(reading);
                assert_eq!(device.waiting(), [2]);
                device.release(first);
                device.append(LOW, 4, SHORT);
                device.ends(&[4], &[]);
            });
        }
    }
}

/// Without the unit that is burned the item behind begins in the mark, where that looks blank.
#[test]
fn a_mark_wavers_and_releases_come_after() {
    for reading in [Reading::Old, Reading::New] {
        on_all(|mut device| {
            let marks = [1, 2, 3, 4].map(|id| device.append(NORMAL, id, SHORT));
            device.flash.cut_after(0, Torn::Metastable);
            device.log.release(&mut device.flash, marks[0]).unwrap_err();
            device.start(reading);
            let waits = [1, 2, 3, 4];
            let behind = usize::from(reading == Reading::New);
            assert_eq!(device.waiting(), waits[behind..]);
            device.release(marks[1]);
            device.append(NORMAL, 5, SHORT);
            device.clone().ends(&[3, 4, 5], &[]);
            device.start(Reading::Old);
            device.release(marks[2]);
            device.ends(&[4, 5], &[]);
        });
    }
}

/// With one unit burned where words of 4 bytes are programmed twice, that is the first of two that
/// look blank, and the next item begins in the second.
#[test]
fn a_record_wavers_and_the_unit_burned_behind_it() {
    record_and_burn(Device::<8>::new(Rewrite::Refused));
    record_and_burn(Device::<4>::new(Rewrite::ClearsBits));
}

fn record_and_burn<const WORD: usize>(mut device: Device<WORD>) {
    let first = device.append(NORMAL, 1, SHORT);
    device.append_is_cut(NORMAL, 2, SHORT, 0);
    device.start(Reading::New);
    device.append_is_cut(NORMAL, 3, SHORT, 0);
    device.start(Reading::Old);
    device.release(first);
    device.append(NORMAL, 4, SHORT);
    device.ends(&[4], &[2, 3]);
}

/// Where what the length says is passed over and not burned, a unit behind it is torn as it is burned,
/// looks blank at a start when the length is another one, and a record is written across it.
#[test]
fn a_length_wavers_and_a_unit_burned_behind_it() {
    // The first word is the CRC, the second one holds the length; a start burns 20 units, then signs.
    for step in 0..24 {
        let mut device = Device::<4>::new(Rewrite::ClearsBits);
        device.append(NORMAL, 1, SHORT);
        device.append_is_cut(NORMAL, 2, 60, 1);
        device.start(Reading::New);
        device.flash.cut_after(step, Torn::Metastable);
        let _ = device.try_append(NORMAL, 3, SHORT);
        device.start(Reading::Old);
        device.append(NORMAL, 4, 70);
        device.ends(&[1, 4], &[2, 3]);
    }
}

/// A page has room for six signs: five cuts in one change of pages, each of which wavers, leave one
/// to settle them. Without `settle`, or where a page with a header alone counts, a record is lost.
#[test]
fn five_changes_of_pages_are_cut_in_a_row() {
    for step in [OF_SIGN, OF_HEADER, OF_LONG] {
        on_all(|mut device| {
            let low = device.append(LOW, 1, SHORT);
            let first = device.append(NORMAL, 2, MOST);
            device.release(low);
            for _ in 0..5 {
                device.append_is_cut(NORMAL, 3, LONG, step);
                device.start(Reading::Old);
                assert_eq!(device.waiting(), [2]);
            }
            device.release(first);
            device.append(LOW, 4, SHORT);
            device.ends(&[4], &[3]);
        });
    }
}
