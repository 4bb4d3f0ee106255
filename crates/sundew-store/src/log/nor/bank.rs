//! The flash below a log or settings, read and programmed in aligned chunks.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{CHUNK, Grid};
use super::page::Kind;
#[cfg(feature = "async")]
use super::{GridAsync, NorFlashAsync};
use crate::Error;
use crate::error::Stop;

/// Stands for bytes that cannot be read; as the fifth byte of an item it means nothing.
const UNREADABLE: u8 = 0x3C;

/// Says which pages of the flash are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Area {
    /// Holds the offset of the first page in bytes.
    pub(crate) start: u32,
    /// Holds the length in bytes.
    pub(crate) len: u32,
}

/// Borrows the flash for one call.
#[maybe_async_cfg::maybe(idents(NorFlash(sync)), sync(keep_self), async(feature = "async"))]
pub(crate) struct Bank<'m, F: NorFlash> {
    flash: &'m mut F,
    area: Area,
    /// Holds what the flash said last, where it failed.
    error: Option<F::Error>,
    /// Says whose pages these are.
    pub(super) kind: Kind,
    /// Holds what an erased byte reads as.
    blank: u8,
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<'m, F: NorFlash> Bank<'m, F> {
    pub(crate) const fn new(flash: &'m mut F, area: Area, kind: Kind, blank: u8) -> Self {
        Self { flash, area, error: None, kind, blank }
    }

    /// Tells the caller why the call ends.
    pub(crate) fn told(self, stop: Stop) -> Error<F::Error> {
        match stop {
            Stop::Flash => self.error.map_or(Error::Bug, Error::Flash),
            Stop::Full => Error::Full,
            Stop::Corrupt => Error::Corrupt,
            Stop::OutOfRange => Error::OutOfRange,
            Stop::Region => Error::Region,
        }
    }

    /// Keeps what the flash says.
    fn heard<T>(&mut self, result: Result<T, F::Error>) -> Result<T, Stop> {
        result.map_err(|error| {
            self.error = Some(error);
            Stop::Flash
        })
    }

    /// Returns whether so many bytes read as erased.
    pub(super) fn is_blank(&self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| *byte == self.blank)
    }

    /// Returns a chunk of erased bytes.
    pub(super) const fn blank_chunk(&self) -> [u8; CHUNK] {
        [self.blank; CHUNK]
    }

    /// Returns the offset of a unit in bytes.
    pub(crate) fn at(&self, page: u16, unit: u16) -> u32 {
        let into = u32::from(unit) * Grid::<F>::UNIT as u32;
        self.area.start + u32::from(page) * F::ERASE_SIZE as u32 + into
    }

    /// Returns the number of pages.
    pub(crate) const fn pages(&self) -> u16 {
        (self.area.len / F::ERASE_SIZE as u32) as u16
    }

    /// Returns the page that follows, in a ring.
    pub(crate) const fn next_page(&self, page: u16) -> u16 {
        if page + 1 < self.pages() { page + 1 } else { 0 }
    }

    /// Returns whether the flash has these pages, and words and pages that suit.
    pub(crate) fn suits(&self) -> bool {
        let page = F::ERASE_SIZE as u32;
        let Area { start, len } = self.area;
        // A 16-bit usize cannot say the capacity of a larger part; the driver checks it there.
        let ends = start.checked_add(len).is_some_and(|end| {
            usize::try_from(end).map_or(usize::BITS < 32, |end| end <= self.flash.capacity())
        });
        Grid::<F>::SUITS
            && ends
            && start.is_multiple_of(page)
            && len.is_multiple_of(page)
            && len / page < 0x8000
    }

    /// Erases a page.
    pub(crate) async fn erase(&mut self, page: u16) -> Result<(), Stop> {
        let at = self.at(page, 0);
        let result = self.flash.erase(at, at + F::ERASE_SIZE as u32).await;
        self.heard(result)
    }

    /// Programs whole units.
    pub(super) async fn program(&mut self, page: u16, unit: u16, bytes: &[u8]) -> Result<(), Stop> {
        let result = self.flash.write(self.at(page, unit), bytes).await;
        self.heard(result)
    }

    /// Programs all bits of a unit; returns whether it took them.
    pub(crate) async fn fill(&mut self, page: u16, unit: u16) -> bool {
        let mut bytes = [!self.blank; CHUNK];
        let (unit_bytes, _) = bytes.split_at_mut(Grid::<F>::SAFE_UNIT);
        let at = self.at(page, unit);
        self.flash.write(at, unit_bytes).await.is_ok()
            && self.flash.read(at, unit_bytes).await.is_ok()
            && unit_bytes.iter().all(|byte| *byte == !self.blank)
    }

    /// Reads at most [`CHUNK`] bytes, and unit by unit where that fails: one word that cannot be
    /// read must not hide its neighbours. What cannot be read looks like no item, and not blank.
    ///
    /// # Errors
    ///
    /// Returns [`Stop::Flash`] where it is the flash that fails, not the bytes.
    #[inline(never)]
    pub(super) async fn gather(&mut self, mut at: u32, bytes: &mut [u8]) -> Result<(), Stop> {
        if !self.read(at, bytes).await? {
            for unit in bytes.chunks_mut(Grid::<F>::UNIT) {
                if !self.read(at, unit).await? {
                    unit.fill(UNREADABLE);
                }
                at += Grid::<F>::UNIT as u32;
            }
        }
        Ok(())
    }

    /// Reads, and returns whether these bytes can be read: else others can, by the same driver.
    ///
    /// A torn word with error correction and a stumbling bus look the same from here, and the
    /// difference is whether what was recorded still stands there. Not all pages begin with a torn
    /// word: what was begun is taken up first.
    #[inline(never)]
    async fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<bool, Stop> {
        let first = self.flash.read(at, bytes).await;
        if first.is_ok() {
            return Ok(true);
        }
        for page in 0..self.pages() {
            let start = self.at(page, 0);
            let unit = bytes.get_mut(..Grid::<F>::UNIT).unwrap_or_default();
            if self.flash.read(start, unit).await.is_ok() {
                return Ok(self.flash.read(at, bytes).await.is_ok()
                    || self.flash.read(at, bytes).await.is_ok());
            }
        }
        self.heard(first).map(|()| false)
    }
}
