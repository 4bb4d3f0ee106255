//! What a call costs at most, and what a queue holds, in flash operations.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;
use sundew_queue::{Cursor, Error, Mark, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::NorLog;
use sundew_testkit::{FlashCounters, FlashError, SimFlash};

const SIZE: usize = 65_536;
const PAGE: usize = 4_096;
/// Words of 8 bytes, programmed once: what most parts with error correction have.
type Flash = SimFlash<SIZE, PAGE, 8>;

fn flash() -> Box<Flash> {
    Box::new(Flash::new().with_rewrite(sundew_testkit::Rewrite::Refused))
}

fn queue(when_full: WhenFull) -> Queue<NorLog> {
    Queue::new(NorLog::new(Region::new(0, SIZE as u32)), when_full)
}

/// A record takes 32 bytes with its header of 10 and the log's of 6.
const PAYLOAD: [u8; 16] = [3; 16];

fn record<F: NorFlash<Error = FlashError>>(
    queue: &mut Queue<NorLog>,
    flash: &mut F,
    priority: Priority,
) -> Result<(), Error<FlashError>> {
    queue.record(flash, Stamp::Unix(1), priority, &PAYLOAD).map(drop)
}

/// Lets a reader pass some records, and returns the last.
fn pass<F: NorFlash<Error = FlashError>>(
    queue: &mut Queue<NorLog>,
    flash: &mut F,
    cursor: &mut Cursor,
    count: u32,
) -> Option<Mark> {
    let mut last = None;
    for _ in 0..count {
        let mut buffer = [0; 64];
        let found = queue.peek(flash, cursor, &mut buffer).unwrap();
        last = found.map(|record| record.mark).or(last);
    }
    last
}

/// The most of each kind over all calls of one method.
#[derive(Debug, Default)]
struct Most {
    erases: u32,
    words: u32,
    reads: u32,
    bytes_read: u32,
}

impl Most {
    fn note(&mut self, before: FlashCounters, after: FlashCounters) {
        self.erases = self.erases.max(after.erases - before.erases);
        self.words = self.words.max(after.words - before.words);
        self.reads = self.reads.max(after.reads - before.reads);
        self.bytes_read = self.bytes_read.max(after.bytes_read - before.bytes_read);
    }
}

#[test]
fn no_call_erases_more_than_one_page() {
    for when_full in [WhenFull::RefuseNew, WhenFull::DropOldest] {
        let (mut recording, mut peeking, mut acking) =
            (Most::default(), Most::default(), Most::default());
        let (mut flash, mut queue) = (flash(), queue(when_full));
        queue.open(&mut *flash, 1).unwrap();
        // Bursts that leave the queue empty, half full and overflowing.
        for (burst, priority) in [50, 400, 900, 1_600, 30, 2_000, 700, 2_500].into_iter().zip(
            [Priority::Normal, Priority::Low, Priority::Normal, Priority::High].into_iter().cycle(),
        ) {
            for _ in 0..burst {
                let before = flash.counters();
                let _ = record(&mut queue, &mut *flash, priority);
                recording.note(before, flash.counters());
            }
            let mut left = queue.count(&mut *flash).unwrap();
            let mut cursor = Cursor::default();
            while left > burst % 7 {
                let before = flash.counters();
                let mark = pass(&mut queue, &mut *flash, &mut cursor, 1).unwrap();
                peeking.note(before, flash.counters());
                if left.is_multiple_of(20) {
                    let before = flash.counters();
                    queue.ack(&mut *flash, mark).unwrap();
                    acking.note(before, flash.counters());
                }
                left -= 1;
            }
        }
        println!("{when_full:?}: record {recording:?}, peek {peeking:?}, ack {acking:?}");
        assert_eq!((recording.erases, peeking.erases, acking.erases), (1, 0, 1), "{when_full:?}");
        // Four words of record; and of a page a burned one, a sign and three of header.
        assert!(recording.words <= 9, "{recording:?}");
        // A mark; or a page with one.
        assert!(acking.words <= 6, "{acking:?}");
        assert_eq!(peeking.words, 0);
    }
}

#[test]
fn what_the_docs_say_of_room_and_writes() {
    let (mut flash, mut queue) = (flash(), queue(WhenFull::RefuseNew));
    queue.open(&mut *flash, 1).unwrap();
    let mut room = 0;
    while record(&mut queue, &mut *flash, Priority::Normal).is_ok() {
        room += 1;
    }
    // 124 to a page, behind its header and before the 96 bytes of its signs; one of 16 is kept free.
    println!("room for {room} records");
    assert_eq!(room, 15 * 124);
    assert_eq!(NorLog::capacity::<Flash>(Region::new(0, SIZE as u32), 26), 14 * 124 + 1);

    for batch in [1, 2, 8, 32] {
        queue.clear(&mut *flash).unwrap();
        let before = flash.counters();
        let rounds = 20_000 / batch;
        for _ in 0..rounds {
            for _ in 0..batch {
                record(&mut queue, &mut *flash, Priority::Normal).unwrap();
            }
            let mut cursor = Cursor::default();
            let mark = pass(&mut queue, &mut *flash, &mut cursor, batch).unwrap();
            queue.ack(&mut *flash, mark).unwrap();
        }
        let (words, records) = (flash.counters().words - before.words, rounds * batch);
        let written = f64::from(words) * 8.0 / (f64::from(records) * 32.0);
        let erases = flash.counters().erases - before.erases;
        println!("acks of {batch}: {written:.3} bytes written for each, {erases} erases");
        // Singly each takes five words of a page's 497, and the page takes five more.
        let limit = if batch == 1 { 1.263 } else { 1.25 };
        assert!(written <= limit, "{written} for acks of {batch}");
    }
}

#[test]
fn opening_reads_each_header_and_one_page() {
    const PAGES: usize = 64;
    const SIGNS: usize = 4 * 32;
    let mut flash = Box::new(SimFlash::<{ PAGES * PAGE }, PAGE, 8>::new());
    let log = || NorLog::new(Region::new(0, (PAGES * PAGE) as u32));
    let mut queue = Queue::new(log(), WhenFull::RefuseNew);
    queue.open(&mut *flash, 1).unwrap();
    while record(&mut queue, &mut *flash, Priority::Normal).is_ok() {}
    let full = flash.counters();
    let mut queue = Queue::new(log(), WhenFull::RefuseNew);
    queue.open(&mut *flash, 2).unwrap();
    let opened = flash.counters();
    assert_eq!((full.writes, full.erases), (opened.writes, opened.erases));
    let (reads, bytes) = (opened.reads - full.reads, opened.bytes_read - full.bytes_read);
    println!("64 pages: {reads} reads of {bytes} bytes");
    // 64 headers and one page, and what says whether it counts: its header again, its signs again,
    // and those of the page before. A chunk of 32 is read for each sign, and for each burned unit.
    assert!(bytes <= (PAGES * 32 + PAGE + 32 + 2 * SIGNS) as u32, "{bytes} bytes read");
}
