//! One page of settings: found, read, written behind what it holds.

use embedded_storage::nor_flash::NorFlash;

use crate::error::Stop;
use crate::log::nor::NO_LINE;
use crate::log::nor::bank::Bank;
use crate::log::nor::grid::Grid;
use crate::log::nor::item::{OVERHEAD, Parts, Spot, What};

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
    /// The last sign: the number of the page that is to count.
    pub(super) sign: Option<u32>,
    values: Tail,
    signs: Tail,
}

/// Is where a page can be written on.
#[derive(Clone, Copy)]
struct Tail {
    /// The unit behind the last item.
    unit: u16,
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
        let values = Tail { unit: Grid::<F>::HEADER, is_sure: true };
        let signs = Tail { unit: Grid::<F>::SIGNS, is_sure: true };
        Self { index, number, fresh: false, sign: None, values, signs }
    }

    /// Reads what stands behind the header.
    #[inline(never)]
    pub(super) fn scan<F: NorFlash>(bank: &mut Bank<'_, F>, index: u16, number: u32) -> Self {
        let mut page = Self::blank::<F>(index, number);
        let Self { fresh, sign, values, signs, .. } = &mut page;
        for (tail, end) in [(values, Grid::<F>::SIGNS), (signs, Grid::<F>::UNITS)] {
            let mut spot = Spot::new(index, first::<F>(number), tail.unit);
            while next(bank, &mut spot, end, &mut []) {
                match spot.what {
                    What::Mark => *sign = Some(spot.value),
                    _ => *fresh |= spot.line == FRESH,
                }
            }
            *tail = Tail { unit: spot.used, is_sure: false };
        }
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
        while next(bank, &mut spot, self.values.unit, bytes) {
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
        self.sign.is_some()
    }

    /// Returns whether values may be appended.
    pub(super) fn is_open(&self) -> bool {
        self.sign.is_none_or(|sign| sign == self.number)
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
        let spot = Spot::new(self.index, first::<F>(self.number), 0);
        self.values.put(bank, spot, Grid::<F>::SIGNS, &Parts::record(line, 0, &[key], value))
    }

    /// Appends a sign that `number` is the page to count; where it fails, further on.
    #[inline(never)]
    pub(super) fn append_sign<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        number: u32,
    ) -> Result<(), Stop> {
        let spot = Spot::new(self.index, first::<F>(self.number), 0);
        let sign = Parts::mark(NO_LINE, number);
        let mut result = Ok(());
        for _ in 0..TRIES {
            let written = self.signs.put(bank, spot, Grid::<F>::UNITS, &sign);
            if written.is_ok() {
                self.sign = Some(number);
                return written;
            }
            // The first failure tells why.
            result = result.and(written);
        }
        result
    }
}

impl Tail {
    /// Appends an item before the unit `end`.
    ///
    /// The first words behind what is there may be such that a cut left looking blank. They are
    /// burned, so that they never change again and the item stands behind them.
    ///
    /// # Errors
    ///
    /// Returns [`Stop::Full`] where there is no room, and nothing was tried.
    #[inline(never)]
    fn put<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        spot: Spot,
        end: u16,
        parts: &Parts<'_>,
    ) -> Result<(), Stop> {
        let last = end.saturating_sub(Grid::<F>::units(parts.len()));
        if self.unit > last {
            return Err(Stop::Full);
        }
        if !self.is_sure {
            bank.burn(spot.page, &mut self.unit, end);
        }
        if self.unit > last {
            return Err(Stop::Corrupt);
        }
        let mut spot = Spot { unit: self.unit, ..spot };
        let result = bank.append(&mut spot, parts);
        *self = Self { unit: spot.unit, is_sure: result.is_ok() };
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

/// Returns the units that a value of `len` bytes takes.
pub(super) const fn units_of<F: NorFlash>(len: usize) -> u16 {
    Grid::<F>::units(OVERHEAD + 1 + len)
}
