//! What the log on NOR flash costs: bytes written, pages worn, reads at the start; and what
//! trouble costs.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use core::fmt::Debug;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use sundew_core::Region;
use sundew_store::log::{Cursor, Draft, Log, Mark, NorLog, Occupancy, Priority, WhenFull};
use sundew_testkit::{Defect, FlashError, Operation, Rewrite, SimFlash, Worn};

const PAGE: usize = 4096;
/// A record takes 32 bytes with the log's own 6: a page of 512 units has room for 124 behind the 3
/// units of its header and before the 12 that are kept for signs.
const LEN: usize = 26;
const ON_A_PAGE: usize = 124;
type Flash<const PAGES: usize, const SIZE: usize> = Worn<SimFlash<SIZE, PAGE, 8>, PAGES>;

fn flash<const PAGES: usize, const SIZE: usize>() -> Flash<PAGES, SIZE> {
    Worn::new(SimFlash::new().with_rewrite(Rewrite::Refused))
}

fn log(pages: usize) -> NorLog {
    NorLog::new(Region::new(0, (pages * PAGE) as u32))
}

fn append<F: NorFlash>(
    log: &mut NorLog,
    flash: &mut F,
    number: u32,
) -> Result<Mark, sundew_store::Error<F::Error>> {
    let (head, body) = (number.to_le_bytes(), [0x5A; LEN - 4]);
    let draft = Draft { priority: Priority::Normal, tag: 0, head: &head, body: &body };
    log.append(flash, draft, WhenFull::RefuseNew).map(|appended| appended.mark)
}

/// Returns the numbers of what waits.
fn waiting<F: NorFlash<Error: Debug>>(log: &mut NorLog, flash: &mut F) -> Vec<u32> {
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 64], Vec::new());
    while let Some(item) = log.next(flash, &mut cursor, &mut buffer).unwrap() {
        found.push(u32::from_le_bytes(*item.bytes.first_chunk().unwrap()));
    }
    found
}

/// 1.25 is what is allowed. Of a page's 512 units 497 are for records of 4 units, and a mark of 1 for
/// each batch; a page takes 5 more: 3 of header, and a burned one and a sign in the page before.
/// Released one by one that is 5 / 4 and 5 / 99.4 / 4: a little more than is allowed.
#[test]
fn little_more_is_written_than_is_stored() {
    for (batch, allowed) in [(32, 1.25), (8, 1.25), (2, 1.25), (1, 1.263)] {
        let (mut flash, mut log) = (flash::<8, { 8 * PAGE }>(), log(8));
        log.open(&mut flash).unwrap();
        for number in 0..16_000 {
            let mark = append(&mut log, &mut flash, number).unwrap();
            if (number + 1) % batch == 0 {
                log.release(&mut flash, mark).unwrap();
            }
        }
        let words = flash.flash().counters().words;
        let written = f64::from(words) / (16_000.0 * 4.0);
        let of_each = 4.0 + 1.0 / f64::from(batch);
        let derived = (of_each + 5.0 / (497.0 / of_each)) / 4.0;
        println!("released by {batch}: {written:.4} bytes written for each stored");
        assert!(written <= allowed, "{written} where {batch} are released together");
        assert!((written - derived).abs() < 0.001, "{written}, {derived} was derived");
    }
}

#[test]
fn pages_wear_alike() {
    let (mut flash, mut log) = (flash::<8, { 8 * PAGE }>(), log(8));
    log.open(&mut flash).unwrap();
    let mut number = 0;
    while flash.erases().iter().sum::<u32>() < 30 * 8 {
        let before = flash.erases().iter().sum::<u32>();
        let mark = append(&mut log, &mut flash, number).unwrap();
        let between = flash.erases().iter().sum::<u32>();
        // A few wait all the time, and now and then the device starts anew.
        if number % 7 == 0 {
            log.release(&mut flash, mark).unwrap();
        }
        assert!(between <= before + 1 && flash.erases().iter().sum::<u32>() <= between + 1);
        if number % 1000 == 999 {
            log.open(&mut flash).unwrap();
        }
        number += 1;
    }
    let (least, most) = (flash.erases().iter().min(), flash.erases().iter().max());
    println!("erases after 30 laps: {:?}", flash.erases());
    assert!(most.unwrap() - least.unwrap() <= 1, "{:?}", flash.erases());
}

/// Counts reads of headers, and notes the other bytes that are read.
struct Watched<F> {
    flash: F,
    /// How often the header of each page was read.
    headers: Vec<u32>,
    others: u32,
    seen: Vec<bool>,
}

impl<F: NorFlash> Watched<F> {
    fn new(flash: F) -> Self {
        let seen = vec![false; flash.capacity()];
        let headers = vec![0; flash.capacity() / F::ERASE_SIZE];
        Self { flash, headers, others: 0, seen }
    }

    fn forget(&mut self) {
        self.headers.fill(0);
        self.others = 0;
        self.seen.fill(false);
    }

    /// Counts the bytes of a page that were read, but for those of its header.
    fn seen_of(&self, page: usize) -> usize {
        let bytes = self.seen.chunks(F::ERASE_SIZE).nth(page).unwrap();
        bytes.iter().filter(|seen| **seen).count()
    }
}

impl<F: ErrorType> ErrorType for Watched<F> {
    type Error = F::Error;
}

impl<F: NorFlash> ReadNorFlash for Watched<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        if offset.is_multiple_of(F::ERASE_SIZE as u32) {
            assert_eq!(bytes.len(), 32);
            *self.headers.get_mut(offset as usize / F::ERASE_SIZE).unwrap() += 1;
        } else {
            self.others += bytes.len() as u32;
            self.seen
                .iter_mut()
                .skip(offset as usize)
                .take(bytes.len())
                .for_each(|seen| *seen = true);
        }
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity()
    }
}

impl<F: NorFlash> NorFlash for Watched<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        self.flash.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.flash.write(offset, bytes)
    }
}

#[test]
fn opening_reads_each_header_once_and_one_page() {
    const PAGES: usize = 64;
    const PAGE: usize = 512;
    // Of 64 units 3 are header; the last 12 are kept for signs.
    const ON_A_PAGE: usize = 12;
    const SIGNS: usize = 6 * 16;
    let mut flash = Watched::new(SimFlash::<{ PAGES * PAGE }, PAGE, 8>::new());
    let mut log = NorLog::new(Region::new(0, (PAGES * PAGE) as u32));
    log.open(&mut flash).unwrap();
    let mut most = 0;
    for filled in 0..61 * ON_A_PAGE {
        // Behind a page change that failed, and in the first page of all, headers are read twice.
        if filled % 50 == 49 {
            flash.forget();
            log.open(&mut flash).unwrap();
            let newest = (filled - 1) / ON_A_PAGE;
            for (page, headers) in flash.headers.iter().enumerate() {
                // The newest page is read as a whole once it is known, its header included.
                let (allowed_headers, allowed) = match newest.checked_sub(page) {
                    Some(0) => (2, PAGE - 24),
                    Some(1) => (1, SIGNS),
                    _ => (1, 0),
                };
                assert_eq!(*headers, allowed_headers, "{filled}: page {page}, newest {newest}");
                let seen = flash.seen_of(page);
                assert!(seen <= allowed, "{filled}: {seen} bytes of page {page}, newest {newest}");
            }
            // Items are read once; from one sign to the next chunks overlap.
            most = most.max(flash.others);
            assert!(flash.others as usize <= PAGE - 24 + 2 * SIGNS, "{filled}: {}", flash.others);
        }
        append(&mut log, &mut flash, filled as u32).unwrap();
    }
    println!(
        "64 pages of 512: 64 reads of headers and one of the newest, and at most {most} other bytes"
    );
}

#[test]
fn letting_go_of_the_last_one_looks_at_one_page() {
    const PAGES: usize = 64;
    let mut flash = Watched::new(SimFlash::<{ PAGES * 512 }, 512, 8>::new());
    let mut log = NorLog::new(Region::new(0, PAGES as u32 * 512));
    log.open(&mut flash).unwrap();
    append(&mut log, &mut flash, 0).unwrap();
    let mark = append(&mut log, &mut flash, 1).unwrap();
    flash.forget();
    log.release(&mut flash, mark).unwrap();
    assert!(log.is_empty());
    // The mark names the page; it is read to see that it does, and to go on behind it.
    assert_eq!(flash.headers.iter().sum::<u32>(), 2);
}

#[test]
fn a_bad_page_costs_a_failing_call_a_lap_and_no_record() {
    for defect in
        [Defect::EraseFails, Defect::ProgramFails, Defect::EraseIgnored, Defect::ProgramIgnored]
    {
        let (mut flash, mut log) = (flash::<8, { 8 * PAGE }>(), log(8));
        log.open(&mut flash).unwrap();
        let mut due: Vec<(u32, Mark)> = Vec::new();
        let (mut failed, laps) = (0, 10);
        for number in 0..(laps * 7 * ON_A_PAGE) as u32 {
            // Once the pages have been used.
            if number == 1500 {
                flash.flash().break_page(3 * PAGE as u32, defect);
            }
            let mark = loop {
                match append(&mut log, &mut flash, number) {
                    Ok(mark) => break mark,
                    Err(_) => failed += 1,
                }
            };
            due.push((number, mark));
            if due.len() == 200 {
                let (_, mark) = due.drain(..100).next_back().unwrap();
                while log.release(&mut flash, mark).is_err() {
                    failed += 1;
                }
            }
            if number % 300 == 0 {
                let numbers: Vec<u32> = due.iter().map(|(number, _)| *number).collect();
                assert_eq!(waiting(&mut log, &mut flash), numbers, "{defect:?}");
            }
        }
        println!("{defect:?}: {failed} calls failed in {laps} laps");
        assert!(failed <= laps, "{defect:?}: {failed} calls failed in {laps} laps");
    }
}

#[test]
fn reads_that_fail_for_a_while_lose_nothing() {
    const COUNT: u32 = 300;
    for (calls, times) in
        (1..40).step_by(3).flat_map(|calls| [1, 3, 8, 40].map(|times| (calls, times)))
    {
        let name = format!("{times} reads fail behind {calls}");
        let (mut flash, mut log) = (flash::<8, { 8 * PAGE }>(), log(8));
        log.open(&mut flash).unwrap();
        for number in 0..COUNT {
            append(&mut log, &mut flash, number).unwrap();
        }
        // At the start, and then while it is used; what failed is called again.
        flash.flash().fail(Operation::Read, calls, times);
        while let Err(error) = log.open(&mut flash) {
            assert_eq!(error, sundew_store::Error::Flash(FlashError::Injected), "{name}");
        }
        let mut stored = COUNT;
        while stored < COUNT + 200 {
            stored += u32::from(append(&mut log, &mut flash, stored).is_ok());
        }
        flash.flash().fail(Operation::Read, 0, 0);
        let expected: Vec<u32> = (0..stored).collect();
        let found = waiting(&mut log, &mut flash);
        log.open(&mut flash).unwrap();
        let found_later = waiting(&mut log, &mut flash);
        assert_eq!((&found, &found_later), (&expected, &expected), "{name}");
    }
}
