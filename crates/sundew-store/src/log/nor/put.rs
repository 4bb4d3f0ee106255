//! Writing an item behind the last one.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::Grid;
use super::item::{Parts, Spot};
use super::turn::Room;
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{NONE, NorLog, Tail, UNTRIED};
use crate::error::Stop;

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        put(fn, sync),
        store(fn, sync),
        settle(fn, sync),
        announce(fn, sync),
        turn(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    /// Stores a record; returns its place and how many others were dropped.
    pub(super) async fn store<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        line: u8,
        room: Room,
        parts: &Parts<'_>,
    ) -> Result<(u32, u16), Stop> {
        let mut dropped = 0;
        let mut place = Self::put(self, bank, line, parts).await?;
        if place == 0 {
            (place, dropped) = Self::turn(self, bank, line, room, parts).await?;
        }
        if !self.has(1 << line) {
            // Nothing waits before the first one: no page before it is kept for the line.
            self.flags |= 1 << line;
            self.set_mark(line, place.wrapping_sub(1));
        }
        Ok((place, dropped))
    }

    /// Writes an item behind the last one of a line and returns its place, or 0 where there is no
    /// room: places of items are not 0, because a page begins with its header.
    #[inline(never)]
    pub(super) async fn put<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        line: u8,
        parts: &Parts<'_>,
    ) -> Result<u32, Stop> {
        let mut tail = self.tail(line);
        let mut first = self.first;
        let end = Grid::<F>::SIGNS - Grid::<F>::units(parts.len());
        if tail.unit > end {
            return Ok(0);
        }
        if line != self.line {
            first = bank.page(tail.page, None).await?.first;
        }
        let is_untried = self.has(UNTRIED << line);
        if is_untried {
            bank.burn(tail.page, &mut tail.unit, Grid::<F>::SIGNS).await;
            self.flags &= !(UNTRIED << line);
            self.set_tail(line, tail);
            if tail.unit > end {
                return Ok(0);
            }
        }
        Self::settle(self, bank).await?;
        // A sign that does not show today may name this page: a later one says that none comes next.
        // Only the first sign of a page does, so that the others are left for the next change.
        if is_untried
            && line != self.line
            && self.next == NONE
            && (self.signs > Grid::<F>::SIGNS + Grid::<F>::BURNED
                || !Self::announce(self, bank, NONE).await?)
        {
            self.set_tail(line, Tail { unit: Grid::<F>::SIGNS, ..tail });
            return Ok(0);
        }
        let written = Tail::put(&mut tail, bank, first, parts).await;
        self.set_tail(line, tail);
        written
    }
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync), put(fn, sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl Tail {
    /// Writes an item, and once more behind the first attempt where that fails: a word may be bad,
    /// or be programmed though it looks blank. A page in which both fail is closed.
    #[inline(never)]
    pub(super) async fn put<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        first: u32,
        parts: &Parts<'_>,
    ) -> Result<u32, Stop> {
        let mut outcome = Ok(0);
        for _ in 0..2 {
            if self.unit + Grid::<F>::units(parts.len()) > Grid::<F>::SIGNS {
                return outcome;
            }
            let mut spot = Spot::new(self.page, first, self.unit);
            let place = spot.place();
            let written = bank.append(&mut spot, parts).await;
            self.unit = spot.unit;
            outcome = written.map(|()| place);
            if outcome.is_ok() {
                return outcome;
            }
        }
        self.unit = Grid::<F>::SIGNS;
        outcome
    }
}
