//! Signs: which page comes next, said before it is erased.
//!
//! A sign is a mark of no line; its value is a page's index and, from bit 16 on, a nonce, and in
//! settings the number of a page. Signs stand in the last units of a page, where nothing else does.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::Grid;
use super::item::{MARK, Parts, Spot, What};
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{IS_ANNOUNCED, IS_SETTLED, NO_LINE, NONE, NorLog};
use crate::error::Stop;

/// Holds what the signs of a page say.
pub(super) struct Signs {
    /// The unit behind the last of them.
    pub(super) end: u16,
    /// The page that the last one names, or [`NONE`].
    pub(super) next: u16,
    /// Its nonce.
    pub(super) nonce: u8,
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync), settle(fn, sync), announce(fn, sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    /// Settles, before the first write since the log was opened, whether what a page change may
    /// have left counts.
    #[inline(never)]
    pub(super) async fn settle<F: NorFlash>(&mut self, bank: &mut Bank<'_, F>) -> Result<(), Stop> {
        if self.has(IS_SETTLED) {
            return Ok(());
        }
        if self.next != NONE {
            let _ = Self::announce(self, bank, self.next).await?;
        } else if self.previous != NONE {
            // Where it fails, nothing is lost: no later sign is there, as far as anyone can see.
            let first = bank.page(self.previous, None).await?.first;
            let mut unit = bank.signs(self.previous, first).await?.end;
            let value = value(self.newest(), self.nonce);
            let _ = bank.sign(self.previous, first, &mut unit, value).await;
        }
        self.flags |= IS_SETTLED;
        Ok(())
    }

    /// Says that `page` comes next: nothing that stands in it counts from now on. Returns whether that
    /// is said; there may be no room.
    #[inline(never)]
    pub(super) async fn announce<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        page: u16,
    ) -> Result<bool, Stop> {
        let newest = self.newest();
        if newest == NONE || (self.next == page && self.has(IS_ANNOUNCED)) {
            return Ok(true);
        }
        let nonce = self.nonce.wrapping_add(1);
        let mut has_failed = false;
        let is_said = loop {
            match bank.sign(newest, self.first, &mut self.signs, value(page, nonce)).await {
                Ok(is_said) => break is_said,
                Err(_) => has_failed = true,
            }
        };
        if is_said {
            self.nonce = nonce;
        } else if has_failed {
            // What was refused may stand there after all: what is read last counts.
            let signs = bank.signs(newest, self.first).await?;
            if signs.next != NONE {
                self.nonce = signs.nonce;
            }
        }
        self.next = page;
        self.flags |= IS_ANNOUNCED;
        Ok(is_said)
    }
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<F: NorFlash> Bank<'_, F> {
    /// Reads the signs of a page.
    #[inline(never)]
    pub(super) async fn signs(&mut self, page: u16, first: u32) -> Result<Signs, Stop> {
        let mut spot = Spot::new(page, first, Grid::<F>::SIGNS);
        let (mut next, mut nonce) = (NONE, 0);
        while self.find(&mut spot, Grid::<F>::UNITS, &mut []).await? {
            if spot.what == What::Mark {
                let [low, high, last, _] = spot.value.to_le_bytes();
                (next, nonce) = (u16::from_le_bytes([low, high]), last);
            }
        }
        Ok(Signs { end: spot.used, next, nonce })
    }

    /// Writes a sign into a page, from `unit` on; `false` where there is no room.
    #[inline(never)]
    async fn sign(
        &mut self,
        page: u16,
        first: u32,
        unit: &mut u16,
        value: u32,
    ) -> Result<bool, Stop> {
        self.burn(page, unit, Grid::<F>::UNITS).await;
        if *unit + Grid::<F>::units(MARK) > Grid::<F>::UNITS {
            return Ok(false);
        }
        let mut spot = Spot::new(page, first, *unit);
        let written = self.append(&mut spot, &Parts::mark(NO_LINE, value)).await;
        *unit = spot.unit;
        written.map(|()| true)
    }

    /// Programs all bits of the first units behind what was found, until
    /// [`BURNED`](Grid::BURNED) have taken them.
    ///
    /// Power may have been lost while one was being programmed: then it may look blank today, and
    /// not tomorrow, and nobody can tell. If it takes all bits it holds no item at any start; only
    /// behind it is anything written that must last.
    ///
    /// The length of an item that does not hold may have been torn, too, and be another tomorrow. So
    /// where words take a second programming all units that it says to take are burned, however many,
    /// and its first one first, or the last alone might make it whole. Elsewhere they are passed
    /// over: what is written across one that was torn is refused there, and written again.
    #[inline(never)]
    pub(crate) async fn burn(&mut self, page: u16, unit: &mut u16, limit: u16) {
        let mut spot = Spot::new(page, 0, *unit);
        let is_torn = self.look(&mut spot, &mut []).await.is_ok() && spot.what == What::Damaged;
        let torn = if is_torn { *unit + spot.units } else { 0 };
        if is_torn {
            let takes_again = Grid::<F>::BURNED > 1 && self.is_blank(&[0xFF]);
            let has_taken = takes_again && *unit < limit && self.fill(page, *unit).await;
            *unit = if has_taken { *unit + 1 } else { torn };
        }
        let mut left = Grid::<F>::BURNED;
        while *unit < limit && left > 0 {
            let has_taken = self.fill(page, *unit).await;
            *unit += 1;
            left -= u16::from(has_taken && *unit > torn);
        }
    }
}

/// Returns the value of a sign.
const fn value(page: u16, nonce: u8) -> u32 {
    (nonce as u32) << 16 | page as u32
}
