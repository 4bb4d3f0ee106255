//! What a record is, in memory and as an item of a log (SPEC.md has the bytes).

use crate::class::Effort;
use sundew_store::log::{Item, Mark, Priority};

/// Names one record for ever: which boot of the device wrote it, and as which of that boot.
///
/// A sequence starts at 0 in every boot, so the pair is unique as long as boots are numbered
/// without repeating. Numbers may be left out: of a record that failed to be written, was dropped
/// or was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Position {
    /// Holds the number of the boot.
    pub boot: u16,
    /// Holds the number of the record in that boot.
    pub sequence: u32,
}

/// Says when a record was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Stamp {
    /// Counts seconds since the boot named in the [`Position`], for a clock not set yet.
    SinceBoot(u32),
    /// Counts seconds since 1970-01-01T00:00:00Z.
    Unix(u32),
}

/// Shows one stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Record<'b> {
    /// Holds the record's place in the log, to acknowledge it with.
    pub mark: Mark,
    /// Holds the record's name, for those who collect records.
    pub position: Position,
    /// Holds the time that it was recorded with.
    pub stamp: Stamp,
    /// Holds the line that it waits in.
    pub priority: Priority,
    /// Holds how hard to try to deliver it.
    pub effort: Effort,
    /// Holds the bytes that were recorded.
    pub payload: &'b [u8],
}

/// The bytes before the payload.
pub(crate) const HEADER: usize = 10;

/// Says in the tag that seconds are Unix time. Bit 2 is written as 0 and not read.
const UNIX: u8 = 0b1000;
const EFFORT: u8 = 0b0011;

/// Returns the header and the tag of a record.
pub(crate) fn encode(position: Position, stamp: Stamp, effort: Effort) -> ([u8; HEADER], u8) {
    let (clock, seconds) = match stamp {
        Stamp::SinceBoot(seconds) => (0, seconds),
        Stamp::Unix(seconds) => (UNIX, seconds),
    };
    let [b0, b1] = position.boot.to_le_bytes();
    let [q0, q1, q2, q3] = position.sequence.to_le_bytes();
    let [s0, s1, s2, s3] = seconds.to_le_bytes();
    ([b0, b1, q0, q1, q2, q3, s0, s1, s2, s3], clock | effort as u8)
}

/// Reads a stored item; `None` where it is too short for a record.
pub(crate) fn decode(item: Item<'_>) -> Option<Record<'_>> {
    let (header, payload) = item.bytes.split_first_chunk::<HEADER>()?;
    let [b0, b1, q0, q1, q2, q3, s0, s1, s2, s3] = *header;
    let seconds = u32::from_le_bytes([s0, s1, s2, s3]);
    Some(Record {
        mark: item.mark,
        position: Position {
            boot: u16::from_le_bytes([b0, b1]),
            sequence: u32::from_le_bytes([q0, q1, q2, q3]),
        },
        stamp: if item.tag & UNIX == 0 { Stamp::SinceBoot(seconds) } else { Stamp::Unix(seconds) },
        priority: item.mark.priority(),
        effort: Effort::from_stored(item.tag & EFFORT),
        payload,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_the_one_of_the_spec() {
        let position = Position { boot: 0x0102, sequence: 0x0304_0506 };
        let (header, tag) = encode(position, Stamp::Unix(0x0708_090A), Effort::Once);
        assert_eq!((header, tag), ([2, 1, 6, 5, 4, 3, 0x0A, 9, 8, 7], 0b1010));
        assert_eq!(encode(position, Stamp::SinceBoot(0), Effort::UntilTaken).1, 0);
        assert_eq!(encode(position, Stamp::SinceBoot(0), Effort::Few).1, 1);
    }
}
