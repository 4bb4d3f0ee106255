//! Damaged flash: skipped, counted, never a panic, and never in the way of the rest.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use core::ops::ControlFlow;
use proptest::prelude::*;
use sundew_core::Region;
use sundew_queue::legacy::Queue;
use sundew_queue::{Error, Position, Priority, Stamp, WhenFull};
use sundew_testkit::{FlashError, Operation, Rewrite, SimFlash};

const SIZE: usize = 2048;
const PAGE: usize = 256;
type Flash = SimFlash<SIZE, PAGE, 4>;
type Small = Queue<48>;

const REGION: Region = Region::new(0, SIZE as u32);

/// A queue of two boots with `count` records each; the pages are as regular use leaves them.
fn filled(count: u32) -> (Flash, Small) {
    let mut flash = Flash::new();
    let mut queue = Small::new(REGION, WhenFull::RefuseNew);
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

fn stored(flash: &mut Flash, queue: &mut Small) -> Vec<Position> {
    let mut found = Vec::new();
    let visited = queue.visit(flash, &mut [0; 48], |record| {
        assert_eq!(record.payload, [0xFF; 20]);
        found.push(record.position);
        ControlFlow::Continue(())
    });
    visited.unwrap();
    found
}

/// Uses the queue until every page was reused twice, and checks that it works as a new one does.
fn drain_and_reuse(flash: &mut Flash, queue: &mut Small) {
    for _ in 0..3 {
        let waiting = stored(flash, queue);
        if let Some(last) = waiting.last() {
            assert_eq!(queue.ack(flash, *last).unwrap() as usize, waiting.len());
        }
        assert!(queue.is_empty());
        assert_eq!(stored(flash, queue), []);
        let mut taken = 0;
        let end = loop {
            match record(flash, queue) {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(end, Error::Full, "after {taken} records");
        assert!(taken >= 30, "only {taken} records fit");
        assert_eq!(stored(flash, queue).len(), taken);
    }
}

fn offset_of(flash: &Flash, position: Position) -> usize {
    let Position { boot, sequence } = position;
    let mut header = vec![1, 0x81];
    header.extend(boot.to_le_bytes());
    header.extend(sequence.to_le_bytes());
    flash.image().windows(8).position(|window| window == header).unwrap()
}

#[test]
fn a_damaged_record_is_skipped_and_counted() {
    // The item header of the log is the 8 bytes before ours: its CRC, then length and check.
    for (name, shift) in [("payload", 15_i32), ("header", 5), ("crc", -7), ("length", -4)] {
        let (mut flash, mut queue) = filled(10);
        let victim = Position { boot: 1, sequence: 4 };
        let at = offset_of(&flash, victim);
        flash.image_mut()[at.wrapping_add_signed(shift as isize)] ^= 0x14;

        // In the same session the pass itself notices.
        let found = stored(&mut flash, &mut queue);
        assert_eq!(found.len(), 19, "{name}");
        assert!(!found.contains(&victim), "{name}");
        assert_eq!((queue.len(), queue.counters().missing), (19, 1), "{name}");
        // After a restart the hole in the numbers tells.
        queue.open(&mut flash, 3).unwrap();
        assert_eq!((queue.len(), queue.counters().missing), (19, 1), "{name}");
        // What lies behind it can be acknowledged.
        let waiting = stored(&mut flash, &mut queue);
        assert_eq!(queue.ack(&mut flash, waiting[7]), Ok(8), "{name}");
        assert_eq!(stored(&mut flash, &mut queue), waiting[8..], "{name}");
        drain_and_reuse(&mut flash, &mut queue);
    }
}

#[test]
fn a_page_of_noise_or_zeros_costs_only_what_was_on_it() {
    let fills: [fn(usize) -> u8; 4] = [
        |_| 0,
        |at| (at as u32).wrapping_mul(0x9E37_79B9).rotate_left(9) as u8,
        |at| if at.is_multiple_of(PAGE) { 0xFF } else { 0x5A },
        |at| if at % PAGE < PAGE / 2 { 0x00 } else { 0xFF },
    ];
    for (number, fill) in fills.iter().enumerate() {
        for page in 0..SIZE / PAGE {
            let (mut flash, mut queue) = filled(20);
            let before = stored(&mut flash, &mut queue);
            let image = flash.image_mut();
            for (at, byte) in image.iter_mut().enumerate().skip(page * PAGE).take(PAGE) {
                *byte = fill(at);
            }
            // Cells that do not remember having been erased, as after damage.
            let mut flash = Flash::from_image(flash.image());
            queue.open(&mut flash, 3).unwrap();
            let after = stored(&mut flash, &mut queue);
            let gone = before.iter().filter(|position| !after.contains(position)).count();
            assert!(gone <= 6, "fill {number} on page {page}: {gone} gone, a page holds 6");
            assert!(after.iter().all(|position| before.contains(position)));
            assert_eq!(queue.len() as usize, after.len());
            record(&mut flash, &mut queue).unwrap();
            drain_and_reuse(&mut flash, &mut queue);
        }
    }
}

#[test]
fn two_damaged_pages_are_no_dead_end_either() {
    for first in 0..SIZE / PAGE {
        for second in first + 1..SIZE / PAGE {
            let (flash, mut queue) = filled(24);
            let mut image = *flash.image();
            image[first * PAGE..][..PAGE].fill(0);
            // Looks like the page in use.
            image[second * PAGE..][..PAGE].fill(0xEE);
            image[second * PAGE..][..4].fill(0);
            image[(second + 1) * PAGE - 4..][..4].fill(0xFF);
            let mut flash = Flash::from_image(&image);
            queue.open(&mut flash, 3).unwrap();
            drain_and_reuse(&mut flash, &mut queue);
        }
    }
}

#[test]
fn each_fault_has_its_error() {
    let (mut flash, mut queue) = filled(3);
    let longest = Small::longest_payload::<Flash>();
    assert_eq!(longest, 36);
    let mut record_of = |len: usize| {
        queue.record(&mut flash, Stamp::Unix(0), Priority::Low, &vec![0; len]).map(drop)
    };
    assert_eq!(record_of(longest), Ok(()));
    assert_eq!(record_of(longest + 1), Err(Error::TooLong { needed: longest + 1 }));
    let short = queue.visit(&mut flash, &mut [0; 8], |_| ControlFlow::Continue(()));
    assert_eq!(short, Err(Error::TooLong { needed: 32 }));
    let future = Position { boot: 2, sequence: 4 };
    assert_eq!(queue.ack(&mut flash, future), Err(Error::OutOfRange));
    let mut closed = Small::new(REGION, WhenFull::RefuseNew);
    assert_eq!(record(&mut flash, &mut closed), Err(Error::NotOpen));
    let mut one_page = Small::new(Region::new(0, PAGE as u32), WhenFull::RefuseNew);
    assert_eq!(one_page.open(&mut flash, 1), Err(Error::Region));
    let mut outside = Small::new(Region::new(0, 2 * SIZE as u32), WhenFull::RefuseNew);
    assert_eq!(outside.open(&mut flash, 1), Err(Error::Region));
}

#[test]
fn a_full_queue_refuses_counts_and_keeps() {
    let (mut flash, mut queue) = filled(0);
    let mut taken = 0;
    while record(&mut flash, &mut queue).is_ok() {
        taken += 1;
    }
    assert_eq!(taken, 48, "eight pages of six");
    assert_eq!(record(&mut flash, &mut queue), Err(Error::Full));
    assert_eq!(queue.counters().refused, 2);
    let waiting = stored(&mut flash, &mut queue);
    assert_eq!(waiting.len(), 48);
    // Refused records take no number, so that no hole is counted later.
    queue.ack(&mut flash, waiting[9]).unwrap();
    assert_eq!(record(&mut flash, &mut queue).unwrap().sequence, 48);
    queue.open(&mut flash, 9).unwrap();
    assert_eq!(queue.counters().missing, 0);
}

#[test]
fn what_was_dropped_is_counted() {
    let mut flash = Flash::new();
    let mut queue = Small::new(REGION, WhenFull::DropOldest);
    queue.open(&mut flash, 1).unwrap();
    for _ in 0..100 {
        record(&mut flash, &mut queue).unwrap();
        let counters = queue.counters();
        assert_eq!(counters.recorded - counters.dropped, queue.len());
    }
    let waiting = stored(&mut flash, &mut queue);
    assert_eq!(waiting.len(), queue.len() as usize);
    assert_eq!(queue.counters().missing, 0);
    assert_eq!(waiting.last().unwrap().sequence, 99);
    assert!((42..=48).contains(&waiting.len()));
}

#[test]
fn a_write_that_fails_once_is_made_elsewhere() {
    for call in 0..3 {
        let (mut flash, mut queue) = filled(3);
        flash.fail(Operation::Write, call, 1);
        record(&mut flash, &mut queue).unwrap();
        assert_eq!(stored(&mut flash, &mut queue).len(), 7, "{call}");
        queue.open(&mut flash, 3).unwrap();
        assert_eq!((queue.len(), queue.counters().missing), (7, 0), "{call}");
    }
}

#[test]
fn a_flash_that_fails_is_an_error_and_nothing_is_lost() {
    let (mut flash, mut queue) = filled(3);
    flash.fail(Operation::Write, 0, 9);
    assert_eq!(record(&mut flash, &mut queue), Err(Error::Flash(FlashError::Injected)));
    flash.fail(Operation::Write, 0, 0);
    flash.fail(Operation::Read, 0, 1);
    let read = queue.visit(&mut flash, &mut [0; 48], |_| ControlFlow::Continue(()));
    assert_eq!(read, Err(Error::Flash(FlashError::Injected)));
    assert_eq!(stored(&mut flash, &mut queue).len(), 6);
    // The failed record's number is not given again.
    assert_eq!(record(&mut flash, &mut queue).unwrap(), Position { boot: 2, sequence: 4 });
    flash.fail(Operation::Write, 2, 1);
    let last = Position { boot: 2, sequence: 4 };
    assert_eq!(queue.ack(&mut flash, last), Err(Error::Flash(FlashError::Injected)));
    assert_eq!(stored(&mut flash, &mut queue).len(), 5);
    assert_eq!(queue.len(), 5);
    assert_eq!(queue.ack(&mut flash, last), Ok(5));
}

#[test]
fn write_once_flash_is_told_and_not_hidden() {
    let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
    let mut queue = Small::new(REGION, WhenFull::RefuseNew);
    queue.open(&mut flash, 1).unwrap();
    let position = record(&mut flash, &mut queue).unwrap();
    let refused = queue.ack(&mut flash, position);
    assert!(matches!(refused, Err(Error::Flash(FlashError::NotErased { .. }))), "{refused:?}");
    assert_eq!(stored(&mut flash, &mut queue), [position]);
}

#[test]
fn a_record_of_a_later_layout_is_passed_over() {
    let (mut flash, mut queue) = filled(0);
    let mut big = Queue::<96>::new(REGION, WhenFull::RefuseNew);
    big.open(&mut flash, 1).unwrap();
    big.record(&mut flash, Stamp::Unix(1), Priority::Low, &[0; 80]).unwrap();
    queue.open(&mut flash, 2).unwrap();
    assert_eq!((queue.len(), queue.counters().unreadable), (0, 1));
    drain_and_reuse(&mut flash, &mut queue);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn noise_everywhere_is_survived(
        seed in prop::collection::vec(any::<u8>(), SIZE),
        keep in prop::collection::vec(any::<bool>(), SIZE / PAGE),
    ) {
        let (flash, mut queue) = filled(22);
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
        let (mut flash, mut queue) = filled(22);
        let before = stored(&mut flash, &mut queue);
        let mut image = *flash.image();
        for flip in &flips {
            image[flip / 8] ^= 1 << (flip % 8);
        }
        let mut flash = Flash::from_image(&image);
        queue.open(&mut flash, 3).unwrap();
        let after = stored(&mut flash, &mut queue);
        prop_assert!(after.iter().all(|position| before.contains(position)));
        prop_assert!(before.len() - after.len() <= flips.len() * 6);
        drain_and_reuse(&mut flash, &mut queue);
    }
}
