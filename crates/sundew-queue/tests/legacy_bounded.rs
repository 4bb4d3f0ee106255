//! What a call costs at most, in flash operations.

use core::ops::ControlFlow;
use sundew_core::Region;
use sundew_queue::legacy::Queue;
use sundew_queue::{Priority, Stamp, WhenFull};
use sundew_testkit::{FlashCounters, SimFlash};

const SIZE: usize = 65_536;
type Flash = SimFlash<SIZE, 4096, 4>;

const REGION: Region = Region::new(0, SIZE as u32);

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
        let (mut recording, mut acking) = (Most::default(), Most::default());
        let mut flash = Box::new(Flash::new());
        let mut queue: Queue = Queue::new(REGION, when_full);
        queue.open(&mut *flash, 1).unwrap();
        // Bursts that leave the queue empty, half full and overflowing.
        for burst in [50, 400, 900, 1_600, 30, 2_000, 700] {
            for number in 0..burst {
                let before = flash.counters();
                let _ = queue.record(&mut *flash, Stamp::Unix(number), Priority::Normal, &[3; 32]);
                recording.note(before, flash.counters());
            }
            let keep = burst % 7;
            while queue.len() > keep {
                let batch = (queue.len() - keep).min(100 + burst / 3);
                let mut up_to = None;
                let mut seen = 0;
                let before = flash.counters();
                let visited = queue.visit(&mut *flash, &mut [0; 128], |record| {
                    seen += 1;
                    up_to = Some(record.position);
                    if seen < batch { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                });
                visited.unwrap();
                let after = flash.counters();
                assert_eq!((before.writes, before.erases), (after.writes, after.erases));
                assert_eq!(queue.ack(&mut *flash, up_to.unwrap()), Ok(batch));
                acking.note(after, flash.counters());
            }
        }
        println!("{when_full:?}: record {recording:?}, ack {acking:?}");
        assert_eq!((recording.erases, acking.erases), (1, 1), "{when_full:?}");
        // Two words of item header, 11 of record, at most two page marks.
        assert!(recording.words <= 15, "{recording:?}");
    }
}

#[test]
fn opening_reads_each_record_once_and_writes_nothing() {
    let mut flash = Box::new(Flash::new());
    let mut queue: Queue = Queue::new(REGION, WhenFull::RefuseNew);
    queue.open(&mut *flash, 1).unwrap();
    let fresh = flash.counters();
    while queue.record(&mut *flash, Stamp::Unix(1), Priority::Normal, &[3; 32]).is_ok() {}
    let full = flash.counters();
    let per_record = (full.bytes_read - fresh.bytes_read) / queue.len();
    queue.open(&mut *flash, 2).unwrap();
    let opened = flash.counters();
    println!(
        "{} records of 32 bytes; {} words written for each, {per_record} bytes read; \
         open reads {} bytes in {} calls",
        queue.len(),
        (full.words - fresh.words) / queue.len(),
        opened.bytes_read - full.bytes_read,
        opened.reads - full.reads,
    );
    assert_eq!((full.writes, full.erases), (opened.writes, opened.erases));
    assert!(opened.bytes_read - full.bytes_read < SIZE as u32 + 1_024);
}
