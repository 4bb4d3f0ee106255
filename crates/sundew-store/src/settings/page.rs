//! One page of settings: found, read, written behind what it holds.

use embedded_storage::nor_flash::NorFlash;

use crate::error::Stop;
use crate::log::nor::bank::Bank;
use crate::log::nor::grid::Grid;
use crate::log::nor::item::{MARK, OVERHEAD, Parts, Spot, What};

/// The longest value and its key.
pub(super) const ITEM: usize = 64;

/// Holds the line of a record: what was saved here, and what was copied here from the page before.
const FRESH: u8 = 0;
const COPY: u8 = 1;

/// How often a write is tried further on in the page.
pub(super) const TRIES: u8 = 3;

/// Holds what a page was found to be.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) index: u16,
    /// Grows from page to page; never 0.
    pub(super) number: u32,
    /// Whether a value was saved here, so that all that was copied here is whole.
    pub(super) fresh: bool,
    /// The last mark: the number of the page that is to count.
    pub(super) mark: Option<u32>,
    /// The unit behind the last that is not blank.
    pub(super) end: u16,
    /// Whether that unit is known to be blank: it was not found so, but all before it was written
    /// in this call.
    is_sure: bool,
}

/// Says whether a value is new or was taken over.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    Saved,
    Copied,
}

impl Page {
    /// Names a page of which nothing behind its header was read yet.
    pub(super) const fn blank<F: NorFlash>(index: u16, number: u32) -> Self {
        Self { index, number, fresh: false, mark: None, end: Grid::<F>::HEADER, is_sure: true }
    }

    /// Reads what stands behind the header.
    #[inline(never)]
    pub(super) fn scan<F: NorFlash>(bank: &mut Bank<'_, F>, index: u16, number: u32) -> Self {
        let mut page = Self { is_sure: false, ..Self::blank::<F>(index, number) };
        let mut spot = Spot::new(index, first::<F>(number), page.end);
        while next(bank, &mut spot, Grid::<F>::UNITS, &mut []) {
            match spot.what {
                What::Mark => page.mark = Some(spot.value),
                _ => page.fresh |= spot.line == FRESH,
            }
        }
        page.end = spot.used;
        page
    }

    /// Reads the next value behind `unit` into `bytes`, key first, moves `unit` behind it and
    /// returns its length with the key; `None` behind the last.
    pub(super) fn next<F: NorFlash>(
        &self,
        bank: &mut Bank<'_, F>,
        unit: &mut u16,
        bytes: &mut [u8; ITEM],
    ) -> Option<usize> {
        let mut spot = Spot::new(self.index, first::<F>(self.number), *unit);
        while next(bank, &mut spot, self.end, bytes) {
            *unit = spot.unit.saturating_add(spot.units);
            let len = usize::from(spot.len);
            if spot.what == What::Record && (1..=ITEM).contains(&len) {
                return Some(len);
            }
        }
        None
    }

    /// Copies the newest value of `key` into `bytes`, key first, and returns its length with the
    /// key.
    #[inline(never)]
    pub(super) fn find<F: NorFlash>(
        &self,
        bank: &mut Bank<'_, F>,
        key: u8,
        bytes: &mut [u8; ITEM],
    ) -> Option<usize> {
        let mut unit = Grid::<F>::HEADER;
        let (mut last, mut here) = (None, unit);
        while let Some(len) = self.next(bank, &mut unit, bytes) {
            if bytes.first() == Some(&key) {
                last = Some((here, len));
            }
            here = unit;
        }
        let (mut unit, len) = last?;
        self.next(bank, &mut unit, bytes).filter(|found| *found == len)
    }

    /// Returns whether the page counts whatever other pages say.
    pub(super) const fn is_settled(&self) -> bool {
        self.mark.is_some()
    }

    /// Returns whether values may be appended.
    pub(super) fn is_open(&self) -> bool {
        self.mark.is_none_or(|mark| mark == self.number)
    }

    /// Returns whether so many units can be appended, without those kept for marks.
    pub(super) const fn has_room<F: NorFlash>(&self, units: u16) -> bool {
        fits::<F>(self.free().saturating_add(units))
    }

    /// Returns the unit that the next item goes to.
    const fn free(&self) -> u16 {
        self.end.saturating_add(if self.is_sure { 0 } else { 1 })
    }

    /// Appends a value.
    pub(super) fn append<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        (origin, key, value): (Origin, u8, &[u8]),
    ) -> Result<(), Stop> {
        let line = match origin {
            Origin::Saved => FRESH,
            Origin::Copied => COPY,
        };
        let key = [key];
        self.put(bank, &Parts::record(line, 0, &key, value))
    }

    /// Appends a mark that `number` is the page to count; where it fails, further on.
    ///
    /// # Errors
    ///
    /// Returns [`Stop::Full`] where the page has no more room.
    #[inline(never)]
    pub(super) fn append_mark<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        number: u32,
    ) -> Result<(), Stop> {
        let mut result = Err(Stop::Full);
        for _ in 0..TRIES {
            if self.free().saturating_add(Grid::<F>::units(MARK)) > Grid::<F>::UNITS {
                break;
            }
            result = self.put(bank, &Parts::mark(0, number));
            if result.is_ok() {
                self.mark = Some(number);
                break;
            }
        }
        result
    }

    /// Appends an item.
    ///
    /// The first word behind what is there may be one that a cut left looking blank. It is
    /// programmed whole, so that it never changes again and the next one is the first; where a part
    /// refuses that, nothing is lost but the word.
    fn put<F: NorFlash>(&mut self, bank: &mut Bank<'_, F>, parts: &Parts<'_>) -> Result<(), Stop> {
        if !self.is_sure {
            let _ = bank.fill(self.index, self.end);
        }
        let mut spot = Spot::new(self.index, first::<F>(self.number), self.free());
        let result = bank.append(&mut spot, parts);
        self.end = spot.unit;
        self.is_sure = result.is_ok();
        result
    }
}

/// Returns the place of the first unit of a page.
pub(super) const fn first<F: NorFlash>(number: u32) -> u32 {
    number.wrapping_mul(Grid::<F>::PLACES)
}

/// Goes on to the next item; where the flash fails, what it holds there counts as damaged.
fn next<F: NorFlash>(
    bank: &mut Bank<'_, F>,
    spot: &mut Spot,
    limit: u16,
    bytes: &mut [u8],
) -> bool {
    while spot.unit < limit {
        if let Ok(found) = bank.find(spot, limit, bytes) {
            return found;
        }
        spot.unit += 1;
        spot.used = spot.unit;
    }
    false
}

/// Returns whether a page can hold values up to the unit `end`, without those kept for marks.
pub(super) const fn fits<F: NorFlash>(end: u16) -> bool {
    end <= Grid::<F>::UNITS.saturating_sub(reserve::<F>())
}

/// Returns the units that a value of `len` bytes takes.
pub(super) const fn units_of<F: NorFlash>(len: usize) -> u16 {
    Grid::<F>::units(OVERHEAD + 1 + len)
}

/// Returns the units at the end of a page that are kept for marks: an eighth, but four marks.
const fn reserve<F: NorFlash>() -> u16 {
    let least = 4 * (Grid::<F>::units(MARK) + 1);
    let eighth = Grid::<F>::UNITS / 8;
    if eighth > least { eighth } else { least }
}
