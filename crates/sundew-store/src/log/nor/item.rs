//! One item's bytes: written, and found again.
//!
//! `[0..4)` CRC-32 over the item's place and what follows, `[4]` what it is, then for a record
//! `[5]` the length of its bytes and the bytes; for a mark `[5..8)` the low bits of a value. Since
//! the place goes into the CRC, bytes that were left over, copied or made up to look like an item
//! are none anywhere else.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::{CHUNK, Grid, later};
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use crate::crc::crc32;
use crate::error::Stop;

/// Holds the bytes that a record takes beside its own.
pub(crate) const OVERHEAD: usize = 6;
/// Holds the bytes of a mark.
pub(crate) const MARK: usize = 8;
/// Holds the bits that a mark stores.
pub(crate) const MARK_BITS: u32 = 28;

/// The top two bits of the fifth byte: never equal, so that no item looks blank.
const IS_RECORD: u8 = 0x40;
const IS_MARK: u8 = 0x80;

/// Says what stands at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Nothing, from here on for the units told.
    Blank,
    /// Nothing that holds. If it was an item, it was to take the units told.
    Damaged,
    Record,
    Mark,
}

/// Names a unit of a page, on the way through it, and holds what was found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Holds the place of the page's first unit.
    pub(crate) first: u32,
    /// Holds the low bits of a mark's value.
    pub(crate) value: u32,
    pub(crate) page: u16,
    pub(crate) unit: u16,
    /// Holds how many units it takes.
    pub(crate) units: u16,
    /// Holds the unit that can be written from, after [`Bank::burn`]: behind the last one that was
    /// found to be written, or where what does not hold says that it takes more units than show.
    pub(crate) used: u16,
    /// Holds the unit behind all that was written or may have been.
    pub(crate) reach: u16,
    pub(crate) what: What,
    pub(crate) line: u8,
    pub(crate) tag: u8,
    /// Holds the length of a record's bytes.
    pub(crate) len: u8,
}

impl Spot {
    pub(crate) const fn new(page: u16, first: u32, unit: u16) -> Self {
        let (value, what) = (0, What::Blank);
        let (used, reach) = (unit, unit);
        Self { first, value, page, unit, units: 0, used, reach, what, line: 0, tag: 0, len: 0 }
    }

    pub(crate) const fn place(&self) -> u32 {
        self.first.wrapping_add(self.unit as u32)
    }
}

/// Holds what is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// Holds the item's first bytes, with room for the CRC before them.
    start: [u8; MARK],
    start_len: u8,
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Describes a record of at most 255 bytes.
    pub(crate) const fn record(line: u8, tag: u8, head: &'a [u8], body: &'a [u8]) -> Self {
        let len = (head.len() + body.len()) as u8;
        let kind = IS_RECORD | (line << 4) | (tag & 0xF);
        let start = [0, 0, 0, 0, kind, len, 0, 0];
        Self { start, start_len: OVERHEAD as u8, head, body }
    }

    /// Describes a mark, by the low bits of `value`.
    pub(crate) const fn mark(line: u8, value: u32) -> Self {
        let [low, middle, high, top] = value.to_le_bytes();
        let kind = IS_MARK | (line << 4) | (top & 0xF);
        let start = [0, 0, 0, 0, kind, low, middle, high];
        Self { start, start_len: MARK as u8, head: &[], body: &[] }
    }

    /// Returns the bytes that the item takes.
    pub(crate) const fn len(&self) -> usize {
        self.start_len as usize + self.head.len() + self.body.len()
    }
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<F: NorFlash> Bank<'_, F> {
    /// Looks at a unit, and copies a record's bytes as far as `buffer` goes.
    #[inline(never)]
    pub(crate) async fn look(&mut self, spot: &mut Spot, buffer: &mut [u8]) -> Result<(), Stop> {
        // What stands among the signs says nothing of the last units before them.
        let end = if spot.unit < Grid::<F>::SIGNS { Grid::<F>::SIGNS } else { Grid::<F>::UNITS };
        let room = usize::from(end.saturating_sub(spot.unit)) * Grid::<F>::UNIT;
        let mut chunk = [0; CHUNK];
        let mut at = self.at(spot.page, spot.unit);
        let first_len = room.min(CHUNK);
        let first = chunk.get_mut(..first_len).unwrap_or_default();
        self.gather(at, first).await?;
        let is_blank = self.is_blank(first);

        let [c0, c1, c2, c3, kind, low, middle, high, ..] = chunk;
        spot.line = (kind >> 4) & 3;
        spot.tag = kind & 0xF;
        spot.len = low;
        spot.value = u32::from_le_bytes([low, middle, high, kind & 0xF]);
        // No item begins in a burned unit, whatever the CRC of a torn one behind it looks like.
        let is_burned = self.is_blank(&[!c0, !c1, !c2, !c3]);
        let (what, len) = match kind & 0xC0 {
            _ if is_burned => (What::Damaged, 0),
            IS_RECORD => (What::Record, OVERHEAD + usize::from(low)),
            IS_MARK => (What::Mark, MARK),
            _ => (What::Damaged, 0),
        };
        // Among signs none is longer than a mark, whatever a torn CRC looks like.
        let is_sign = spot.unit >= Grid::<F>::SIGNS;
        let longest = if is_sign { MARK } else { room };
        spot.what = What::Damaged;
        spot.units = 1;
        if len == 0 || len > room.min(longest) {
            if is_blank {
                spot.what = What::Blank;
                spot.units = Grid::<F>::units(first_len);
            }
            return Ok(());
        }
        spot.units = Grid::<F>::units(len);
        let mut crc = crc32(!0, &spot.place().to_le_bytes());
        let mut slots = buffer.iter_mut();
        let mut left = len;
        // What the CRC covers of the first chunk, and what of that is the record's own.
        let (mut covered, mut own) = (4, 2);
        loop {
            let used = chunk.get(covered..left.min(CHUNK)).unwrap_or_default();
            crc = crc32(crc, used);
            for (byte, slot) in used.get(own..).unwrap_or_default().iter().zip(&mut slots) {
                *slot = *byte;
            }
            left = left.saturating_sub(CHUNK);
            if left == 0 {
                break;
            }
            (covered, own) = (0, 0);
            at += CHUNK as u32;
            let next_len = left.next_multiple_of(Grid::<F>::UNIT).min(CHUNK);
            self.gather(at, chunk.get_mut(..next_len).unwrap_or_default()).await?;
        }
        if !crc == u32::from_le_bytes([c0, c1, c2, c3]) {
            spot.what = what;
        }
        Ok(())
    }

    /// Moves the spot behind what was found there, and on to the next item before `limit`; returns
    /// whether there is one.
    #[inline(never)]
    pub(crate) async fn find(
        &mut self,
        spot: &mut Spot,
        limit: u16,
        buffer: &mut [u8],
    ) -> Result<bool, Stop> {
        if spot.units > 0 {
            spot.unit += spot.units;
            (spot.used, spot.reach) = (spot.unit, spot.unit);
            spot.units = 0;
        }
        while spot.unit < limit {
            self.look(spot, buffer).await?;
            match spot.what {
                What::Record | What::Mark => return Ok(true),
                What::Blank => spot.unit += spot.units,
                What::Damaged => {
                    // Behind its first word an item may have been programmed with what looks blank.
                    let end = spot.unit + spot.units;
                    if end > spot.reach {
                        spot.reach = end;
                        spot.used = if spot.units == 1 { end } else { spot.unit };
                    }
                    spot.unit += 1;
                }
            }
            spot.units = 0;
        }
        Ok(false)
    }

    /// Goes on to the next record whose place is later than `after`, as [`find`](Self::find) does.
    #[inline(never)]
    pub(crate) async fn find_record(
        &mut self,
        spot: &mut Spot,
        limit: u16,
        after: u32,
        buffer: &mut [u8],
    ) -> Result<bool, Stop> {
        while self.find(spot, limit, buffer).await? {
            if spot.what == What::Record && later(spot.place(), after) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes an item at a spot, moves the spot behind what was programmed, and sees that the item
    /// is found. The caller has seen to it that it fits.
    pub(crate) async fn append(&mut self, spot: &mut Spot, parts: &Parts<'_>) -> Result<(), Stop> {
        let mut begin = *spot;
        self.write(spot, parts).await?;
        self.look(&mut begin, &mut []).await?;
        if matches!(begin.what, What::Record | What::Mark) { Ok(()) } else { Err(Stop::Corrupt) }
    }

    #[inline(never)]
    async fn write(&mut self, spot: &mut Spot, parts: &Parts<'_>) -> Result<(), Stop> {
        let Parts { mut start, start_len, head, body } = *parts;
        let mut crc = crc32(!0, &spot.place().to_le_bytes());
        let (_, checked) = start.split_at(4);
        for part in [checked.get(..usize::from(start_len) - 4).unwrap_or_default(), head, body] {
            crc = crc32(crc, part);
        }
        for (slot, byte) in start.iter_mut().zip((!crc).to_le_bytes()) {
            *slot = byte;
        }
        let mut chunk = self.blank_chunk();
        let (mut used, mut left) = (0, parts.len());
        for part in [start.get(..usize::from(start_len)).unwrap_or_default(), head, body] {
            for byte in part {
                if let Some(slot) = chunk.get_mut(used) {
                    *slot = *byte;
                }
                used += 1;
                left -= 1;
                if used < CHUNK && left > 0 {
                    continue;
                }
                let unit = spot.unit;
                let units = Grid::<F>::units(used);
                spot.unit += units;
                let whole = chunk.get(..usize::from(units) * Grid::<F>::UNIT);
                self.program(spot.page, unit, whole.unwrap_or_default()).await?;
                chunk = self.blank_chunk();
                used = 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::bank::Area;
    use super::super::page::Kind;
    use super::*;
    use sundew_testkit::SimFlash;

    const SPOT: Spot = Spot::new(1, 7, 3);

    fn bank<F: NorFlash>(flash: &mut F) -> Bank<'_, F> {
        Bank::new(flash, Area { start: 0, len: 1024 }, Kind::Log, 0xFF)
    }

    fn look<F: NorFlash>(flash: &mut F, mut spot: Spot, bytes: &mut [u8]) -> Spot {
        bank(flash).look(&mut spot, bytes).unwrap();
        spot
    }

    fn round_trip<const WORD: usize, const READ: usize>() {
        let body = [0xA5; 200];
        for len in [0, 1, 2, 3, 25, 26, 27, 58, 59, 200] {
            let mut flash = SimFlash::<2048, 1024, WORD, READ>::new();
            let parts = Parts::record(2, 9, b"head", &body[..len]);
            let mut spot = SPOT;
            bank(&mut flash).append(&mut spot, &parts).unwrap();
            let mut bytes = [0; 255];
            let found = look(&mut flash, SPOT, &mut bytes);
            assert_eq!((found.what, found.line, found.tag), (What::Record, 2, 9));
            assert_eq!((found.len, found.units), (len as u8 + 4, spot.unit - SPOT.unit));
            assert_eq!(&bytes[..4], b"head");
            assert_eq!(&bytes[4..len + 4], &body[..len]);
            assert!(bytes[len + 4..].iter().all(|byte| *byte == 0));
            let elsewhere = look(&mut flash, Spot { first: 8, ..SPOT }, &mut []);
            assert_eq!((elsewhere.what, elsewhere.units), (What::Damaged, found.units));
        }
        let mut flash = SimFlash::<2048, 1024, WORD, READ>::new();
        let mut spot = SPOT;
        bank(&mut flash).append(&mut spot, &Parts::mark(1, 0xFEDC_BA98)).unwrap();
        let found = look(&mut flash, SPOT, &mut []);
        assert_eq!((found.what, found.line, found.value), (What::Mark, 1, 0x0EDC_BA98));
        assert_eq!(found.units, spot.unit - SPOT.unit);
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
        let mut at = |unit| {
            let found = look(&mut flash, Spot::new(1, 7, unit), &mut []);
            (found.what, found.units)
        };
        assert_eq!(at(63), (What::Damaged, 1));
        assert_eq!(at(62), (What::Damaged, 1));
        assert_eq!(at(58), (What::Blank, 4));
    }
}
