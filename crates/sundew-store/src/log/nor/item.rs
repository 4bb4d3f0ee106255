//! One item's bytes: written, and found again.
//!
//! `[0..4)` CRC-32 over the item's place and what follows, `[4]` what it is, then for a record
//! `[5]` the length of its bytes and the bytes; for a mark `[5..8)` the low bits of a place. Since
//! the place goes into the CRC, bytes that were left over, copied or made up to look like an item
//! are none anywhere else.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{self, Area, CHUNK, Grid};
use crate::Error;
use crate::crc::crc32;

/// Holds the bytes that a record takes beside its own.
pub(crate) const OVERHEAD: usize = 6;
/// Holds the bytes of a mark.
pub(crate) const MARK: usize = 8;
/// Holds the bits of a place that a mark stores.
pub(crate) const MARK_BITS: u32 = 28;

/// The top two bits of the fifth byte: never equal, so that no item looks blank.
const IS_RECORD: u8 = 0x40;
const IS_MARK: u8 = 0x80;

/// Names a unit of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) page: u16,
    /// Holds the number in the page's header.
    pub(crate) number: u32,
    pub(crate) unit: u16,
}

impl Spot {
    pub(crate) const fn place<F: NorFlash>(self) -> u32 {
        Grid::<F>::place(self.number, self.unit)
    }
}

/// Holds what is to be written: the fifth byte of an item, and the bytes behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    kind: u8,
    first: [u8; 3],
    first_len: usize,
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Describes a record of at most 255 bytes.
    pub(crate) const fn record(line: u8, tag: u8, head: &'a [u8], body: &'a [u8]) -> Self {
        let len = (head.len() + body.len()) as u8;
        let kind = IS_RECORD | (line << 4) | (tag & 0xF);
        Self { kind, first: [len, 0, 0], first_len: 1, head, body }
    }

    /// Describes a mark: all of a line are released up to `place`.
    pub(crate) const fn mark(line: u8, place: u32) -> Self {
        let [low, middle, high, top] = place.to_le_bytes();
        let kind = IS_MARK | (line << 4) | (top & 0xF);
        Self { kind, first: [low, middle, high], first_len: 3, head: &[], body: &[] }
    }

    /// Returns the bytes that the item takes.
    pub(crate) const fn len(&self) -> usize {
        5 + self.first_len + self.head.len() + self.body.len()
    }
}

/// Programs an item from `spot` on and moves the spot behind what was programmed, whether or not
/// that went well. The caller has seen to it that it fits.
#[inline(never)]
pub(crate) fn write<F: NorFlash>(
    flash: &mut F,
    area: Area,
    spot: &mut Spot,
    parts: &Parts<'_>,
) -> Result<(), Error<F::Error>> {
    let first = parts.first.get(..parts.first_len).unwrap_or_default();
    let mut crc = crc32(!0, &spot.place::<F>().to_le_bytes());
    for part in [&[parts.kind], first, parts.head, parts.body] {
        crc = crc32(crc, part);
    }
    let [a, b, c, d] = (!crc).to_le_bytes();
    let start = [a, b, c, d, parts.kind];
    let mut bytes = start.iter().chain(first).chain(parts.head).chain(parts.body);
    let mut left = parts.len().next_multiple_of(Grid::<F>::UNIT);
    while left > 0 {
        let mut chunk = [area.blank; CHUNK];
        for (slot, byte) in chunk.iter_mut().zip(&mut bytes) {
            *slot = *byte;
        }
        let used = chunk.get(..left.min(CHUNK)).unwrap_or_default();
        let at = area.at::<F>(spot.page, spot.unit);
        spot.unit += Grid::<F>::units(used.len());
        grid::program(flash, at, used)?;
        left -= used.len();
    }
    Ok(())
}

/// Says what stands at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Nothing, from here on for so many units.
    Blank(u16),
    /// Nothing that holds. If it was an item, it was to take so many units.
    Damaged(u16),
    /// A record.
    Record {
        /// Holds its line in bits 4 and 5, its tag in bits 0 to 3.
        kind: u8,
        len: u8,
        units: u16,
    },
    /// A mark, with the low bits of its place.
    Mark { line: u8, place: u32, units: u16 },
}

/// Looks at a unit, and copies a record's bytes as far as `buffer` goes.
///
/// # Errors
///
/// Returns the flash's error where nothing at all can be read.
#[inline(never)]
pub(crate) fn look<F: NorFlash>(
    flash: &mut F,
    area: Area,
    spot: Spot,
    buffer: &mut [u8],
) -> Result<Slot, F::Error> {
    let room = usize::from(Grid::<F>::UNITS.saturating_sub(spot.unit)) * Grid::<F>::UNIT;
    let mut chunk = [0; CHUNK];
    let mut at = area.at::<F>(spot.page, spot.unit);
    let chunk_len = room.min(CHUNK);
    grid::gather(flash, at, chunk.get_mut(..chunk_len).unwrap_or_default())?;

    let [c0, c1, c2, c3, kind, first, second, third, ..] = chunk;
    let len = match kind & 0xC0 {
        IS_RECORD => OVERHEAD + usize::from(first),
        IS_MARK => MARK,
        _ => 0,
    };
    if len == 0 || len > room {
        let is_blank = chunk.iter().take(chunk_len).all(|byte| *byte == area.blank);
        let units = Grid::<F>::units(chunk_len);
        return Ok(if is_blank { Slot::Blank(units) } else { Slot::Damaged(1) });
    }
    let units = Grid::<F>::units(len);
    let mut crc = crc32(!0, &spot.place::<F>().to_le_bytes());
    let mut slots = buffer.iter_mut();
    let mut left = len;
    let (mut skip, mut skip_more) = (4, 2);
    loop {
        let used = chunk.get(skip..left.min(CHUNK)).unwrap_or_default();
        crc = crc32(crc, used);
        for (byte, slot) in used.iter().skip(skip_more).zip(&mut slots) {
            *slot = *byte;
        }
        (skip, skip_more) = (0, 0);
        left = left.saturating_sub(CHUNK);
        if left == 0 {
            break;
        }
        at += CHUNK as u32;
        let next_len = left.next_multiple_of(Grid::<F>::UNIT).min(CHUNK);
        grid::gather(flash, at, chunk.get_mut(..next_len).unwrap_or_default())?;
    }
    Ok(if !crc != u32::from_le_bytes([c0, c1, c2, c3]) {
        Slot::Damaged(units)
    } else if kind & 0xC0 == IS_RECORD {
        Slot::Record { kind, len: first, units }
    } else {
        Slot::Mark {
            line: (kind >> 4) & 3,
            place: u32::from_le_bytes([first, second, third, kind & 0xF]),
            units,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_testkit::SimFlash;

    const AREA: Area = Area { start: 0, len: 1024, blank: 0xFF };
    const SPOT: Spot = Spot { page: 1, number: 7, unit: 3 };

    fn round_trip<const WORD: usize, const READ: usize>() {
        let mut flash = SimFlash::<1024, 512, WORD, READ>::new();
        let body = [0xA5; 200];
        for len in [0, 1, 2, 3, 25, 26, 27, 58, 59, 200] {
            flash = SimFlash::new();
            let parts = Parts::record(2, 9, b"head", &body[..len]);
            let mut spot = SPOT;
            write(&mut flash, AREA, &mut spot, &parts).unwrap();
            let mut bytes = [0; 255];
            let slot = look(&mut flash, AREA, SPOT, &mut bytes).unwrap();
            let units = spot.unit - SPOT.unit;
            assert_eq!(slot, Slot::Record { kind: 0x69, len: len as u8 + 4, units });
            assert_eq!(&bytes[..4], b"head");
            assert_eq!(&bytes[4..len + 4], &body[..len]);
            assert!(bytes[len + 4..].iter().all(|byte| *byte == 0));
            let elsewhere = Spot { number: 8, ..SPOT };
            let slot = look(&mut flash, AREA, elsewhere, &mut []).unwrap();
            assert_eq!(slot, Slot::Damaged(units));
        }
        let mut spot = SPOT;
        flash.erase_all();
        write(&mut flash, AREA, &mut spot, &Parts::mark(1, 0xFEDC_BA98)).unwrap();
        let slot = look(&mut flash, AREA, SPOT, &mut []).unwrap();
        let units = spot.unit - SPOT.unit;
        assert_eq!(slot, Slot::Mark { line: 1, place: 0x0EDC_BA98, units });
    }

    trait EraseAll {
        fn erase_all(&mut self);
    }

    impl<F: NorFlash> EraseAll for F {
        fn erase_all(&mut self) {
            self.erase(0, self.capacity() as u32).unwrap();
        }
    }

    #[test]
    fn items_are_found_as_they_were_written() {
        round_trip::<1, 1>();
        round_trip::<4, 4>();
        round_trip::<8, 1>();
        round_trip::<16, 4>();
        round_trip::<32, 1>();
    }

    #[test]
    fn no_item_reaches_past_its_page() {
        let mut flash = SimFlash::<1024, 512, 8>::new();
        flash.image_mut()[1016..1024].copy_from_slice(&[1, 2, 3, 4, IS_RECORD, 9, 0, 0]);
        let last = Spot { unit: 63, ..SPOT };
        assert_eq!(look(&mut flash, AREA, last, &mut []).unwrap(), Slot::Damaged(1));
        let before = Spot { unit: 62, ..SPOT };
        assert_eq!(look(&mut flash, AREA, before, &mut []).unwrap(), Slot::Damaged(1));
        let clear = Spot { unit: 58, ..SPOT };
        assert_eq!(look(&mut flash, AREA, clear, &mut []).unwrap(), Slot::Blank(4));
    }
}
