//! One page of settings: found, read, written behind what it holds.

use embedded_storage::nor_flash::NorFlash;

use crate::Error;
use crate::log::nor::grid::{self, Area, CHUNK, Grid};
use crate::log::nor::item::{self, MARK, OVERHEAD, Parts, Slot, Spot};

/// The longest value and its key.
pub(super) const ITEM: usize = 64;

/// Holds bits 4 and 5 of a record's fifth byte: what was saved here, and what was copied here
/// from the page before.
const LINE: u8 = 0x30;
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
    pub(super) fn scan<F: NorFlash>(flash: &mut F, area: Area, index: u16, number: u32) -> Self {
        let mut page = Self { is_sure: false, ..Self::blank::<F>(index, number) };
        let mut unit = page.end;
        while unit < Grid::<F>::UNITS {
            let units = match item::look(flash, area, Spot { page: index, number, unit }, &mut []) {
                Ok(Slot::Blank(units)) => {
                    unit = unit.saturating_add(units);
                    continue;
                }
                Ok(Slot::Record { kind, units, .. }) => {
                    page.fresh |= kind & LINE == FRESH << 4;
                    units
                }
                Ok(Slot::Mark { place, units, .. }) => {
                    page.mark = Some(place);
                    units
                }
                Ok(Slot::Damaged(_)) | Err(_) => 1,
            };
            unit = unit.saturating_add(units);
            page.end = unit;
        }
        page
    }

    /// Reads the next value behind `unit` into `bytes`, key first, moves `unit` behind it and
    /// returns its length with the key; `None` behind the last.
    pub(super) fn next<F: NorFlash>(
        &self,
        flash: &mut F,
        area: Area,
        unit: &mut u16,
        bytes: &mut [u8; ITEM],
    ) -> Option<usize> {
        while *unit < self.end {
            let spot = Spot { page: self.index, number: self.number, unit: *unit };
            let (units, found) = match item::look(flash, area, spot, bytes) {
                Ok(Slot::Record { len, units, .. }) => (units, usize::from(len)),
                Ok(Slot::Mark { units, .. } | Slot::Blank(units)) => (units, 0),
                Ok(Slot::Damaged(_)) | Err(_) => (1, 0),
            };
            *unit = unit.saturating_add(units);
            if (1..=ITEM).contains(&found) {
                return Some(found);
            }
        }
        None
    }

    /// Copies the newest value of `key` into `bytes`, key first, and returns its length with the
    /// key.
    #[inline(never)]
    pub(super) fn find<F: NorFlash>(
        &self,
        flash: &mut F,
        area: Area,
        key: u8,
        bytes: &mut [u8; ITEM],
    ) -> Option<usize> {
        let mut unit = Grid::<F>::HEADER;
        let (mut last, mut here) = (None, unit);
        while let Some(len) = self.next(flash, area, &mut unit, bytes) {
            if bytes.first() == Some(&key) {
                last = Some((here, len));
            }
            here = unit;
        }
        let (mut unit, len) = last?;
        self.next(flash, area, &mut unit, bytes).filter(|found| *found == len)
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
        flash: &mut F,
        area: Area,
        (origin, key, value): (Origin, u8, &[u8]),
    ) -> Result<(), Error<F::Error>> {
        let line = match origin {
            Origin::Saved => FRESH,
            Origin::Copied => COPY,
        };
        let key = [key];
        self.put(flash, area, &Parts::record(line, 0, &key, value))
    }

    /// Appends a mark that `number` is the page to count; where it fails, further on.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where the page has no more room.
    #[inline(never)]
    pub(super) fn append_mark<F: NorFlash>(
        &mut self,
        flash: &mut F,
        area: Area,
        number: u32,
    ) -> Result<(), Error<F::Error>> {
        let mut result = Err(Error::Full);
        for _ in 0..TRIES {
            if self.free().saturating_add(Grid::<F>::units(MARK)) > Grid::<F>::UNITS {
                break;
            }
            result = self.put(flash, area, &Parts::mark(0, number));
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
    fn put<F: NorFlash>(
        &mut self,
        flash: &mut F,
        area: Area,
        parts: &Parts<'_>,
    ) -> Result<(), Error<F::Error>> {
        let filled = [!area.blank; CHUNK];
        if let (false, Some(unit)) = (self.is_sure, filled.get(..Grid::<F>::UNIT)) {
            let _ = grid::program(flash, area.at::<F>(self.index, self.end), unit);
        }
        let mut spot = Spot { page: self.index, number: self.number, unit: self.free() };
        let result = item::write(flash, area, &mut spot, parts);
        self.end = spot.unit;
        self.is_sure = result.is_ok();
        result
    }
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
