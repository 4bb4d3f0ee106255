//! Columns: a first number, and the steps from one to the next.
//!
//! The steps are written as the smallest of them and, for each, how far it is above that, all in
//! the same number of bits: as many as the bytes have for each. Readings of 23 steps with 9 bits
//! take 26 bytes, where byte varints would take 2 bytes each. All arithmetic is modulo `2^32`, so
//! that any two numbers have a step.

use crate::{
    bits::{BitReader, un_zig_zag},
    cbor::{Reader, major},
};

/// Says what a column needs. At most [`MAX_ROWS`](super::MAX_ROWS) numbers are looked at.
#[derive(Clone, Copy, Default)]
pub(super) struct Survey {
    pub(super) first: i32,
    pub(super) count: u16,
    pub(super) smallest: i32,
    pub(super) width: u8,
    pub(super) packed_len: u16,
    largest: i32,
    last: i32,
}

impl Survey {
    /// Looks at the next number.
    pub(super) fn add(&mut self, number: i32) {
        let step = number.wrapping_sub(self.last);
        if self.count == 0 {
            self.first = number;
        } else if self.count == 1 {
            (self.smallest, self.largest) = (step, step);
        } else {
            self.smallest = self.smallest.min(step);
            self.largest = self.largest.max(step);
        }
        self.last = number;
        self.count += 1;
    }

    /// Finds how many bits the steps take, after the last number.
    pub(super) fn weigh(&mut self) {
        let steps = self.count.saturating_sub(1);
        let mut above = self.largest.wrapping_sub(self.smallest) as u32;
        // No leading_zeros(): a library function where the core has no instruction for it.
        let mut bits = 0;
        while above > 0 {
            above >>= 1;
            bits += steps; // 1,023 steps of 32 bits are 32,736
        }
        self.packed_len = bits.div_ceil(8);
        self.width = width_in(steps, self.packed_len);
    }

    /// Returns the step where all are the same.
    pub(super) fn step(&self) -> Option<i32> {
        (self.width == 0).then_some(self.smallest)
    }
}

/// Returns how many bits each of `steps` has in `len` bytes, 32 at most.
fn width_in(steps: u16, len: u16) -> u8 {
    let available = u32::from(len) * 8;
    let mut width = 0;
    let mut taken = u32::from(steps);
    // A loop of at most 32 rounds is smaller than a division where the core has none.
    while width < 32 && taken <= available && steps > 0 {
        taken += u32::from(steps);
        width += 1;
    }
    width
}

/// Walks along a column.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Cursor<'a> {
    pub(super) number: u32,
    smallest: u32,
    /// Holds how many bits say how far a step is above the smallest; 0 where all are the same.
    width: u8,
    above: BitReader<'a>,
}

impl<'a> Cursor<'a> {
    /// Walks along numbers that are one step apart.
    pub(super) const fn even(first: u32, step: i32) -> Self {
        Self { number: first, smallest: step as u32, width: 0, above: BitReader::new(&[]) }
    }

    /// Returns whether all steps are the same, and this one.
    pub(super) fn is_even(&self, step: i32) -> bool {
        self.width == 0 && self.smallest == step as u32
    }

    /// Goes on to the next number.
    pub(super) fn advance(&mut self) {
        // Behind the last number there is no step.
        let above = self.above.take(self.width).unwrap_or(0);
        self.number = self.number.wrapping_add(self.smallest).wrapping_add(above);
    }

    /// Reads the numbers of a channel, all `count` of them, from the item whose head was read.
    pub(super) fn values(reader: &mut Reader<'a>, count: u16) -> Option<Self> {
        match reader.major {
            major::BYTES if count > 1 => {
                let content = reader.content()?;
                let (first, rest) = varint(reader, content)?;
                let cursor = Self::packed(reader, first as u32, rest, count)?;
                // All the same would have been an integer.
                if cursor.is_even(0) {
                    return reader.syntax();
                }
                Some(cursor)
            }
            major::UNSIGNED | major::NEGATIVE => match reader.integer() {
                Some(number) => Some(Self::even(number as u32, 0)),
                None => reader.range(),
            },
            _ => reader.syntax(),
        }
    }

    /// Reads the steps behind a first number.
    pub(super) fn steps(reader: &mut Reader<'a>, first: u32, count: u16) -> Option<Self> {
        reader.head()?;
        if reader.major != major::BYTES {
            let step = Self::values(reader, 1)?;
            return Some(Self::even(first, step.number as i32));
        }
        let content = reader.content()?;
        let cursor = Self::packed(reader, first, content, count)?;
        // Even steps would have been an integer.
        if cursor.width == 0 { reader.syntax() } else { Some(cursor) }
    }

    fn packed(reader: &mut Reader<'a>, first: u32, bytes: &'a [u8], count: u16) -> Option<Self> {
        let (smallest, packed) = varint(reader, bytes)?;
        let steps = count.saturating_sub(1);
        let Ok(len) = u16::try_from(packed.len()) else { return reader.syntax() };
        let width = width_in(steps, len);
        let taken = usize::from(width) * usize::from(steps);
        // No byte more than the steps take.
        if !is_filled(packed, taken) {
            return reader.syntax();
        }
        let above = BitReader::new(packed);
        Some(Self { number: first, smallest: smallest as u32, width, above })
    }
}

/// Returns whether bytes hold a number of bits: no byte more, and 0 in the rest of the last one.
pub(super) fn is_filled(bytes: &[u8], bits: usize) -> bool {
    let spare = bits % 8;
    bits.div_ceil(8) == bytes.len()
        && (spare == 0 || bytes.last().is_some_and(|last| last >> spare == 0))
}

fn varint<'a>(reader: &mut Reader<'a>, bytes: &'a [u8]) -> Option<(i32, &'a [u8])> {
    let mut content = BitReader::new(bytes);
    match content.varint() {
        Some(folded) => Some((un_zig_zag(folded), bytes.get(content.position()..)?)),
        None => reader.syntax(),
    }
}
