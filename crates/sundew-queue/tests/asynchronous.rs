//! The async calls of the queue do what the blocking ones do, and none that is dropped costs a
//! record or lets two have one name.

#![cfg(feature = "async")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use sundew_core::Region;
use sundew_queue::{Cursor, Error, NorLog, Position, Priority, Queue, RamLog, Stamp, WhenFull};
use sundew_testkit::{FlashError, Rewrite, SimFlash, Slow, Torn, poll_at_most};

type Flash = SimFlash<1280, 256, 8>;

const PRIORITIES: [Priority; 4] =
    [Priority::Normal, Priority::High, Priority::Normal, Priority::Low];

fn opened(flash: &mut Flash) -> Queue {
    let mut queue = Queue::new(NorLog::new(Region::new(0, 1280)), WhenFull::DropOldest);
    queue.open(flash, 1).unwrap();
    queue
}

fn done<T>(future: impl Future<Output = T>) -> T {
    poll_at_most(u32::MAX, future).unwrap()
}

#[test]
fn either_face_leaves_the_same_bytes() {
    let (mut flash, mut other) = (Flash::new(), Flash::new());
    let (mut queue, mut awaited) = (opened(&mut flash), opened(&mut other));
    let (mut buffer, mut other_buffer) = ([0; 64], [0; 64]);
    for turn in 0..200_u32 {
        let slow = &mut Slow::new(&mut other, Torn::Before);
        let priority = PRIORITIES[turn as usize % 4];
        let payload = &turn.to_le_bytes().repeat(5)[..turn as usize % 19];
        let stamp = Stamp::Unix(turn);
        assert_eq!(
            queue.record(&mut flash, stamp, priority, payload),
            done(awaited.record_async(slow, stamp, priority, payload))
        );
        if turn % 5 == 0 {
            let (mut cursor, mut other_cursor) = (Cursor::default(), Cursor::default());
            let record = queue.peek(&mut flash, &mut cursor, &mut buffer).unwrap();
            let same = done(awaited.peek_async(slow, &mut other_cursor, &mut other_buffer));
            assert_eq!(record, same.unwrap());
            let mark = record.unwrap().mark;
            queue.ack(&mut flash, mark).unwrap();
            done(awaited.ack_async(slow, mark)).unwrap();
        }
        if turn % 37 == 0 {
            assert_eq!(queue.count(&mut flash), done(awaited.count_async(slow)));
            done(awaited.open_async(slow, 1 + turn as u16)).unwrap();
            queue.open(&mut flash, 1 + turn as u16).unwrap();
        }
        assert_eq!(queue.counters(), awaited.counters());
        assert!(flash.image() == other.image(), "turn {turn}");
    }
    done(awaited.clear_async(&mut other)).unwrap();
    queue.clear(&mut flash).unwrap();
    assert!(flash.image() == other.image());
    assert!(queue.is_empty() && awaited.is_empty());
}

/// Returns the names and payloads of all that wait, oldest first in each priority.
fn stored(queue: &mut Queue, flash: &mut Flash) -> Vec<(Position, u8)> {
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 64], Vec::new());
    while let Some(record) = queue.peek(flash, &mut cursor, &mut buffer).unwrap() {
        found.push((record.position, record.payload[0]));
    }
    found
}

#[test]
fn a_record_that_is_dropped_is_there_or_not_and_shares_its_name_with_none() {
    let mut came_through = 0;
    for torn in [Torn::Before, Torn::FirstHalf, Torn::Metastable, Torn::Whole] {
        for polls in 1.. {
            let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
            let mut queue = opened(&mut flash);
            let now = Stamp::SinceBoot(0);
            let mut expected = Vec::new();
            for byte in 0..6 {
                let position = queue.record(&mut flash, now, Priority::Normal, &[byte; 20]);
                expected.push((position.unwrap(), byte));
            }
            // A page holds three: this one needs a new one.
            let mut slow = Slow::new(&mut flash, torn);
            let recorded = queue.record_async(&mut slow, now, Priority::Normal, &[6; 20]);
            if poll_at_most(polls, recorded).is_some() {
                break;
            }
            let closed: Result<_, Error<FlashError>> = Err(Error::NotOpen);
            assert_eq!(queue.record(&mut flash, now, Priority::Normal, &[9]), closed);
            queue.open(&mut flash, 1).unwrap();
            let position = queue.record(&mut flash, now, Priority::Normal, &[7; 20]).unwrap();
            expected.push((position, 7));

            let mut found = stored(&mut queue, &mut flash);
            came_through += found.iter().filter(|(_, byte)| *byte == 6).count();
            assert!(found.iter().is_sorted_by(|(a, _), (b, _)| a.sequence < b.sequence));
            found.retain(|(_, byte)| *byte != 6);
            assert_eq!(found, expected, "{torn:?} after {polls}");
        }
    }
    assert!(came_through > 0, "no record was stored whose future was dropped");
}

#[test]
fn an_ack_that_is_dropped_is_all_or_nothing() {
    for torn in [Torn::Before, Torn::FirstHalf, Torn::Metastable, Torn::Whole] {
        for polls in 1.. {
            let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
            let mut queue = opened(&mut flash);
            for byte in 0..5 {
                let now = Stamp::SinceBoot(0);
                queue.record(&mut flash, now, Priority::Normal, &[byte; 20]).unwrap();
            }
            let (mut cursor, mut buffer) = (Cursor::default(), [0; 64]);
            let peek = |_| queue.peek(&mut flash, &mut cursor, &mut buffer).unwrap().unwrap().mark;
            let third = (0..3).map(peek).last().unwrap();
            let mut slow = Slow::new(&mut flash, torn);
            let is_done = poll_at_most(polls, queue.ack_async(&mut slow, third)).is_some();
            queue.open(&mut flash, 1).unwrap();
            let left: Vec<u8> =
                stored(&mut queue, &mut flash).into_iter().map(|(_, byte)| byte).collect();
            if is_done {
                assert_eq!(left, [3, 4]);
                break;
            }
            assert!(left == [3, 4] || left == [0, 1, 2, 3, 4], "{torn:?} after {polls}: {left:?}");
        }
    }
}

#[test]
fn a_queue_in_ram_never_waits() {
    let mut queue = Queue::new(RamLog::<128>::new(), WhenFull::RefuseNew);
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 64]);
    let work = async {
        queue.open_async(&mut (), 1).await?;
        queue.record_async(&mut (), Stamp::Unix(3), Priority::High, b"flood").await?;
        let mark = queue.peek_async(&mut (), &mut cursor, &mut buffer).await?.unwrap().mark;
        queue.ack_async(&mut (), mark).await
    };
    assert_eq!(poll_at_most(1, work), Some(Ok(())));
    assert!(queue.is_empty());
}
