//! What a record is, in memory and on flash.

use crate::{Position, Priority, Stamp};

/// Shows one stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Record<'a> {
    /// Holds the name of the record, to acknowledge it with.
    pub position: Position,
    /// Holds the time that it was recorded with.
    pub stamp: Stamp,
    /// Holds the priority that it was recorded with.
    pub priority: Priority,
    /// Holds the bytes that were recorded.
    pub payload: &'a [u8],
}

/// The bytes before the payload.
pub(crate) const HEADER: usize = 12;

/// The version of the layout, the first byte of each record.
const VERSION: u8 = 1;

/// Each stored payload byte is its exclusive or with this. The log beneath takes eight aligned FF
/// for the end of a page: padding of FF in a payload could hide what lies behind it, should the
/// item header in front be damaged. So the run that does is an unlikely one, of 5A.
const MASK: u8 = 0xA5;

const UNIX: u8 = 0x80;
const PRIORITY: u8 = 0x0F;

impl Record<'_> {
    /// Writes the record to the front of `item` and returns its length, or `None` where it does
    /// not fit.
    pub(crate) fn encode(&self, item: &mut [u8]) -> Option<usize> {
        let len = HEADER.checked_add(self.payload.len())?;
        let (header, body) = item.get_mut(..len)?.split_first_chunk_mut::<HEADER>()?;
        let (clock, seconds) = match self.stamp {
            Stamp::SinceBoot(seconds) => (0, seconds),
            Stamp::Unix(seconds) => (UNIX, seconds),
        };
        let [b0, b1] = self.position.boot.to_le_bytes();
        let [q0, q1, q2, q3] = self.position.sequence.to_le_bytes();
        let [s0, s1, s2, s3] = seconds.to_le_bytes();
        let flags = clock | self.priority as u8;
        *header = [VERSION, flags, b0, b1, q0, q1, q2, q3, s0, s1, s2, s3];
        for (stored, byte) in body.iter_mut().zip(self.payload) {
            *stored = byte ^ MASK;
        }
        Some(len)
    }
}

/// Reads a stored record, unmasking its payload in place; `None` where the layout is unknown.
pub(crate) fn decode(item: &mut [u8]) -> Option<Record<'_>> {
    let (header, body) = item.split_first_chunk_mut::<HEADER>()?;
    let [VERSION, flags, b0, b1, q0, q1, q2, q3, s0, s1, s2, s3] = *header else { return None };
    let priority = match flags & !UNIX {
        0 => Priority::Low,
        1 => Priority::Normal,
        2 => Priority::High,
        // A later version may know more levels; all that this one drops are other flag bits.
        other if other & !PRIORITY == 0 => Priority::High,
        _ => return None,
    };
    let seconds = u32::from_le_bytes([s0, s1, s2, s3]);
    let stamp = if flags & UNIX == 0 { Stamp::SinceBoot(seconds) } else { Stamp::Unix(seconds) };
    let position = Position {
        boot: u16::from_le_bytes([b0, b1]),
        sequence: u32::from_le_bytes([q0, q1, q2, q3]),
    };
    for byte in body.iter_mut() {
        *byte ^= MASK;
    }
    Some(Record { position, stamp, priority, payload: body })
}

/// Orders positions by age as seen from `boot`: boots wrap, the current one is the newest.
pub(crate) const fn age_key(position: Position, boot: u16) -> (u16, u32) {
    (position.boot.wrapping_sub(boot).wrapping_sub(1), position.sequence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECORD: Record<'_> = Record {
        position: Position { boot: 0x0102, sequence: 0x0304_0506 },
        stamp: Stamp::Unix(0x0708_090A),
        priority: Priority::High,
        payload: &[0xFF, 0x00],
    };

    #[test]
    fn the_layout_is_the_one_of_the_spec() {
        let mut item = [0; 14];
        assert_eq!(RECORD.encode(&mut item), Some(14));
        assert_eq!(item, [1, 0x82, 2, 1, 6, 5, 4, 3, 0x0A, 9, 8, 7, 0x5A, 0xA5]);
        assert_eq!(decode(&mut item), Some(RECORD));
        assert_eq!(RECORD.encode(&mut [0; 13]), None);
    }

    #[test]
    fn an_unknown_version_or_flag_is_no_record() {
        let mut item = [0; 14];
        RECORD.encode(&mut item).unwrap();
        let change = |at: usize, value: u8| {
            let mut item = item;
            item[at] = value;
            decode(&mut item).is_some()
        };
        assert!(!change(0, 0) && !change(0, 2) && !change(1, 0x12) && !change(1, 0x42));
        assert!(change(1, 0x8F), "an unknown priority is still a record");
        assert_eq!(decode(&mut item[..11]), None);
    }

    #[test]
    fn boots_are_ordered_across_their_wrap() {
        let key = |boot, sequence| age_key(Position { boot, sequence }, 1);
        assert!(key(0xFFFE, 9) < key(0xFFFF, 0));
        assert!(key(0xFFFF, 9) < key(0, 0));
        assert!(key(0, 9) < key(1, 0));
        assert!(key(1, 0) < key(1, 1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record_or_none(mut item in prop::collection::vec(any::<u8>(), 0..40)) {
            let stored = item.clone();
            if let Some(record) = decode(&mut item) {
                let mut again = [0; 40];
                let len = record.encode(&mut again).unwrap();
                // The one thing not kept is a priority that this version does not know.
                prop_assert_eq!(&again[2..len], &stored[2..]);
            }
        }
    }
}
