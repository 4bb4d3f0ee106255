//! Damaged flash: passed over, never a panic, and never in the way of the rest.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use proptest::prelude::*;
use sundew_core::Region;
use sundew_queue::{
    Cursor, Error, LONGEST_PAYLOAD, Mark, Position, Priority, Queue, Stamp, WhenFull,
};
use sundew_store::log::NorLog;
use sundew_testkit::{Defect, FlashError, Operation, SimFlash};

const SIZE: usize = 8 * PAGE;
const PAGE: usize = 360;
/// A record of 20 bytes takes 36; a page has 216 behind its header and before the 120 of its signs.
const ON_A_PAGE: usize = 6;
type Flash = SimFlash<SIZE, PAGE, 4>;
type Small = Queue<NorLog>;

fn queue(when_full: WhenFull) -> Small {
    Queue::new(NorLog::new(Region::new(0, SIZE as u32)), when_full)
}

/// A queue of two boots with `count` records each; the pages are as regular use leaves them.
fn filled(count: u32) -> (Flash, Small) {
    let mut flash = Flash::new();
    let mut queue = queue(WhenFull::RefuseNew);
    for boot in 1..=2 {
        queue.open(&mut flash, boot).unwrap();
        for _ in 0..count {
            record(&mut flash, &mut queue).unwrap();
        }
    }
    (flash, queue)
}

fn record(flash: &mut Flash, queue: &mut Small) -> Result<Position, Error<FlashError>> {
    queue.record(flash, Stamp::Unix(1_700_000_000), Priority::Normal, &[0xFF; 20])
}

fn stored(flash: &mut Flash, queue: &mut Small) -> Vec<(Position, Mark)> {
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 64], Vec::new());
    while let Some(record) = queue.peek(flash, &mut cursor, &mut buffer).unwrap() {
        assert_eq!(record.payload, [0xFF; 20]);
        found.push((record.position, record.mark));
    }
    found
}

fn positions(flash: &mut Flash, queue: &mut Small) -> Vec<Position> {
    stored(flash, queue).into_iter().map(|(position, _)| position).collect()
}

/// Uses the queue until every page was reused, and checks that it works as a new one does.
fn drain_and_reuse(flash: &mut Flash, queue: &mut Small) {
    for _ in 0..3 {
        if let Some((_, last)) = stored(flash, queue).pop() {
            queue.ack(flash, last).unwrap();
        }
        assert_eq!(stored(flash, queue), []);
        assert!(queue.is_empty());
        let mut taken = 0;
        let end = loop {
            match record(flash, queue) {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(end, Error::Full, "after {taken} records");
        assert!(taken >= capacity(), "only {taken} records fit");
        assert_eq!(stored(flash, queue).len(), taken);
    }
}

fn capacity() -> usize {
    NorLog::capacity::<Flash>(Region::new(0, SIZE as u32), 30) as usize
}

fn offset_of(flash: &Flash, position: Position) -> usize {
    let mut header = position.boot.to_le_bytes().to_vec();
    header.extend(position.sequence.to_le_bytes());
    header.extend(1_700_000_000_u32.to_le_bytes());
    flash.image().windows(10).position(|window| window == header).unwrap()
}

#[test]
fn a_damaged_record_is_passed_over() {
    // The log's item header is the 6 bytes before ours: its CRC, then kind and length.
    for (name, shift) in
        [("payload", 15_i32), ("header", 5), ("crc", -6), ("kind", -2), ("length", -1)]
    {
        let (mut flash, mut queue) = filled(10);
        let before = stored(&mut flash, &mut queue);
        let (victim, _) = before[4];
        let at = offset_of(&flash, victim);
        flash.image_mut()[at.wrapping_add_signed(shift as isize)] ^= 0x14;

        let left: Vec<_> = before.into_iter().filter(|(position, _)| *position != victim).collect();
        assert_eq!(stored(&mut flash, &mut queue), left, "{name}");
        queue.open(&mut flash, 3).unwrap();
        assert_eq!(stored(&mut flash, &mut queue), left, "{name}");
        // What lies behind it can be acknowledged.
        queue.ack(&mut flash, left[7].1).unwrap();
        assert_eq!(stored(&mut flash, &mut queue), left[8..], "{name}");
        drain_and_reuse(&mut flash, &mut queue);
    }
}

#[test]
fn a_page_of_noise_or_zeros_costs_only_what_was_on_it() {
    let fills: [fn(usize) -> u8; 4] = [
        |_| 0,
        |at| (at as u32).wrapping_mul(0x9E37_79B9).rotate_left(9) as u8,
        |_| 0xFF,
        |at| if at % PAGE < PAGE / 2 { 0x00 } else { 0xFF },
    ];
    for (number, fill) in fills.iter().enumerate() {
        for page in 0..SIZE / PAGE {
            let (mut flash, mut queue) = filled(17);
            let before = positions(&mut flash, &mut queue);
            let image = flash.image_mut();
            for (at, byte) in image.iter_mut().enumerate().skip(page * PAGE).take(PAGE) {
                *byte = fill(at);
            }
            // Cells that do not remember having been erased, as after damage.
            let mut flash = Flash::from_image(flash.image());
            queue.open(&mut flash, 3).unwrap();
            let after = positions(&mut flash, &mut queue);
            let gone = before.iter().filter(|position| !after.contains(position)).count();
            assert!(gone <= ON_A_PAGE, "fill {number} on page {page}: {gone} gone");
            assert!(after.iter().all(|position| before.contains(position)));
            record(&mut flash, &mut queue).unwrap();
            drain_and_reuse(&mut flash, &mut queue);
        }
    }
}

#[test]
fn two_damaged_pages_are_no_dead_end_either() {
    for first in 0..SIZE / PAGE {
        for second in first + 1..SIZE / PAGE {
            let (flash, mut queue) = filled(17);
            let mut image = *flash.image();
            image[first * PAGE..][..PAGE].fill(0);
            // Behind a header that holds, nothing that does.
            image[second * PAGE + 24..][..PAGE - 24].fill(0xEE);
            let mut flash = Flash::from_image(&image);
            queue.open(&mut flash, 3).unwrap();
            drain_and_reuse(&mut flash, &mut queue);
        }
    }
}

#[test]
fn each_fault_has_its_error() {
    let (mut flash, mut queue) = filled(3);
    let mut record_of = |len: usize| {
        queue.record(&mut flash, Stamp::Unix(0), Priority::Low, &vec![0; len]).map(drop)
    };
    // Of those 216 the item takes 6 and the record 10.
    assert_eq!(record_of(200), Ok(()));
    assert!(matches!(record_of(201), Err(Error::TooLong { .. })));
    assert!(matches!(record_of(LONGEST_PAYLOAD + 1), Err(Error::TooLong { .. })));
    let mut buffer = [0; 29];
    let short = queue.peek(&mut flash, &mut Cursor::default(), &mut buffer);
    assert_eq!(short, Err(Error::TooLong { needed: 30 }));
    let mut closed = self::queue(WhenFull::RefuseNew);
    assert_eq!(record(&mut flash, &mut closed), Err(Error::NotOpen));
    for region in [Region::new(0, PAGE as u32), Region::new(0, 2 * SIZE as u32)] {
        let mut queue = Queue::new(NorLog::new(region), WhenFull::RefuseNew);
        assert_eq!(queue.open(&mut flash, 1), Err(Error::Region), "{region:?}");
    }
}

#[test]
fn a_full_queue_refuses_counts_and_keeps() {
    let (mut flash, mut queue) = filled(0);
    let mut taken = 0;
    while record(&mut flash, &mut queue).is_ok() {
        taken += 1;
    }
    assert_eq!(taken, 7 * ON_A_PAGE, "one page of eight is kept free");
    assert_eq!(capacity(), 6 * ON_A_PAGE + 1, "one page may be used up but for one record");
    assert_eq!(record(&mut flash, &mut queue), Err(Error::Full));
    assert_eq!(queue.counters().refused, 2);
    let waiting = stored(&mut flash, &mut queue);
    assert_eq!(waiting.len(), taken);
    // Refused records take no number, so that nobody misses one later.
    queue.ack(&mut flash, waiting[9].1).unwrap();
    assert_eq!(record(&mut flash, &mut queue).unwrap().sequence, taken as u32);
}

#[test]
fn what_was_dropped_is_counted() {
    let mut flash = Flash::new();
    let mut queue = queue(WhenFull::DropOldest);
    queue.open(&mut flash, 1).unwrap();
    for _ in 0..100 {
        record(&mut flash, &mut queue).unwrap();
        let counters = queue.counters();
        assert_eq!(Ok(counters.recorded - counters.dropped), queue.count(&mut flash));
    }
    let waiting = stored(&mut flash, &mut queue);
    assert_eq!(waiting.last().unwrap().0.sequence, 99);
    assert!((6 * ON_A_PAGE..=7 * ON_A_PAGE).contains(&waiting.len()));
}

#[test]
fn lower_priorities_make_room_and_higher_ones_do_not() {
    let mut flash = Flash::new();
    let mut queue = queue(WhenFull::DropOldest);
    queue.open(&mut flash, 1).unwrap();
    let count = |flash: &mut Flash, queue: &mut Small, wanted: Priority| {
        let (mut cursor, mut buffer, mut count) = (Cursor::default(), [0; 64], 0);
        while let Some(record) = queue.peek(flash, &mut cursor, &mut buffer).unwrap() {
            count += usize::from(record.priority == wanted);
        }
        count
    };
    let mut fill = |queue: &mut Small, priority, times| {
        for _ in 0..times {
            let _ = queue.record(&mut flash, Stamp::Unix(0), priority, &[1; 20]);
        }
        [Priority::Low, Priority::Normal, Priority::High]
            .map(|priority| count(&mut flash, queue, priority))
    };
    let page = ON_A_PAGE;
    assert_eq!(fill(&mut queue, Priority::Low, 2 * page), [2 * page, 0, 0]);
    assert_eq!(fill(&mut queue, Priority::Normal, 5 * page), [2 * page, 5 * page, 0]);
    // Nothing but low ones go, as long as there are any.
    assert_eq!(fill(&mut queue, Priority::High, 2 * page), [0, 5 * page, 2 * page]);
    assert_eq!(fill(&mut queue, Priority::High, 4 * page), [0, page, 6 * page]);
    assert_eq!(fill(&mut queue, Priority::High, 9 * page), [0, 0, 7 * page]);
    let refused = queue.counters().refused;
    assert_eq!(fill(&mut queue, Priority::Normal, 3), [0, 0, 7 * page]);
    assert_eq!(queue.counters().refused, refused + 3);
}

#[test]
fn a_write_that_fails_once_is_made_elsewhere() {
    for call in 0..2 {
        let (mut flash, mut queue) = filled(2);
        queue.record(&mut flash, Stamp::Unix(0), Priority::High, &[7; 4]).unwrap();
        flash.fail(Operation::Write, call, 1);
        queue.record(&mut flash, Stamp::Unix(0), Priority::High, &[7; 40]).unwrap();
        assert_eq!(queue.count(&mut flash), Ok(6), "{call}");
        queue.open(&mut flash, 3).unwrap();
        assert_eq!(queue.count(&mut flash), Ok(6), "{call}");
    }
}

#[test]
fn a_flash_that_fails_is_an_error_and_nothing_is_lost() {
    let (mut flash, mut queue) = filled(3);
    // Words that refuse are passed over until the page ends, those of its signs, too.
    flash.fail(Operation::Write, 0, 2 * PAGE as u32 / 4);
    assert_eq!(record(&mut flash, &mut queue), Err(Error::Flash(FlashError::Injected)));
    flash.fail(Operation::Write, 0, 0);
    assert_eq!(stored(&mut flash, &mut queue).len(), 6);
    // The failed record's number is not given again.
    assert_eq!(record(&mut flash, &mut queue).unwrap(), Position { boot: 2, sequence: 4 });
    let last = stored(&mut flash, &mut queue).pop().unwrap().1;
    flash.fail(Operation::Write, 0, 2 * PAGE as u32 / 4);
    assert_eq!(queue.ack(&mut flash, last), Err(Error::Flash(FlashError::Injected)));
    flash.fail(Operation::Write, 0, 0);
    queue.ack(&mut flash, last).unwrap();
    queue.open(&mut flash, 3).unwrap();
    assert_eq!(stored(&mut flash, &mut queue), []);
}

#[test]
fn a_page_that_died_costs_a_call_and_no_record() {
    for defect in
        [Defect::EraseFails, Defect::ProgramFails, Defect::EraseIgnored, Defect::ProgramIgnored]
    {
        for page in 0..SIZE / PAGE {
            let (mut flash, mut queue) = filled(17);
            let before = positions(&mut flash, &mut queue);
            flash.break_page((page * PAGE) as u32, defect);
            assert_eq!(positions(&mut flash, &mut queue), before);
            for (_, mark) in stored(&mut flash, &mut queue) {
                // The first may end in an error; the next goes on elsewhere.
                if queue.ack(&mut flash, mark).is_err() {
                    queue.ack(&mut flash, mark).unwrap();
                }
            }
            let mut failed = 0;
            for _ in 0..200 {
                failed += usize::from(record(&mut flash, &mut queue).is_err());
                if let Some((_, mark)) = stored(&mut flash, &mut queue).pop() {
                    failed += usize::from(queue.ack(&mut flash, mark).is_err());
                }
            }
            assert!(failed <= 20, "{defect:?} page {page}: {failed} calls of 400 failed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn noise_everywhere_is_survived(
        seed in prop::collection::vec(any::<u8>(), SIZE),
        keep in prop::collection::vec(any::<bool>(), SIZE / PAGE),
    ) {
        let (flash, mut queue) = filled(17);
        let mut image = *flash.image();
        for (page, keep) in keep.iter().enumerate() {
            if !keep {
                image[page * PAGE..][..PAGE].copy_from_slice(&seed[page * PAGE..][..PAGE]);
            }
        }
        let mut flash = Flash::from_image(&image);
        queue.open(&mut flash, 3).unwrap();
        drain_and_reuse(&mut flash, &mut queue);
    }

    #[test]
    fn flipped_bits_cost_at_most_a_page_each(
        flips in prop::collection::vec(0..SIZE * 8, 1..12),
    ) {
        let (mut flash, mut queue) = filled(17);
        let before = positions(&mut flash, &mut queue);
        let mut image = *flash.image();
        for flip in &flips {
            image[flip / 8] ^= 1 << (flip % 8);
        }
        let mut flash = Flash::from_image(&image);
        queue.open(&mut flash, 3).unwrap();
        let after = positions(&mut flash, &mut queue);
        prop_assert!(after.iter().all(|position| before.contains(position)));
        prop_assert!(before.len() - after.len() <= flips.len() * ON_A_PAGE);
        drain_and_reuse(&mut flash, &mut queue);
    }
}
