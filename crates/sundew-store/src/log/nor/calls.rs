//! The calls of a log on NOR flash.

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;

use super::bank::Bank;
use super::grid::Grid;
use super::item::{self, Parts};
use super::page::Kind;
use super::turn::Room;
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{IS_ERASED_TO_ZERO, IS_OPEN, NorLog};
use crate::Error;
#[cfg(feature = "async")]
use crate::log::LogAsync;
use crate::log::{Appended, Cursor, Draft, Item, LONGEST, Log, Mark, WhenFull};

/// Holds the flags that are down while a call writes. A future may be dropped then, with flash and RAM
/// no longer agreeing: it leaves the log closed.
#[cfg(feature = "async")]
const DOWN_IN_FUTURES: u16 = IS_OPEN;
/// Holds none: a blocking call runs to its end.
const DOWN_IN_CALLS: u16 = 0;

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        capacity(fn, sync),
        borrow(fn, sync),
        opened(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    /// Returns how many items of `len` bytes fit at least into `region`, all of one priority,
    /// however it was used before.
    ///
    /// One page stays free so that a release finds room, and another may be used up by items that
    /// were released. Each further priority in use may take another page. What comes to pass while
    /// it fills goes off: each start burns a unit, and what a cut or a failed write tore takes its
    /// room. 0 says that the region or the item does not suit.
    pub const fn capacity<F: NorFlash>(region: Region, len: usize) -> u32 {
        let pages = region.len() / F::ERASE_SIZE as u32;
        let units = Grid::<F>::units(item::OVERHEAD + len);
        if !Grid::<F>::SUITS || pages < 3 || len > LONGEST {
            return 0;
        }
        let in_a_page = (Grid::<F>::SIGNS - Grid::<F>::HEADER) / units;
        if in_a_page == 0 { 0 } else { (pages - 2) * in_a_page as u32 + 1 }
    }

    const fn borrow<'m, F: NorFlash>(&self, flash: &'m mut F) -> Bank<'m, F> {
        let blank = if self.has(IS_ERASED_TO_ZERO) { 0 } else { 0xFF };
        Bank::new(flash, self.area, Kind::Log, blank)
    }

    /// Borrows the flash for a call that needs the log to be open.
    fn opened<'m, F: NorFlash>(&self, flash: &'m mut F) -> Result<Bank<'m, F>, Error<F::Error>> {
        if self.has(IS_OPEN) { Ok(Self::borrow(self, flash)) } else { Err(Error::NotOpen) }
    }
}

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        Log(sync),
        DOWN(sync = "DOWN_IN_CALLS", async = "DOWN_IN_FUTURES"),
        borrow(fn, sync),
        opened(fn, sync),
        find_all(fn, sync),
        erase_all(fn, sync),
        store(fn, sync),
        first_of_all(fn, sync),
        let_go(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<F: NorFlash> Log<F> for NorLog {
    type Fault = F::Error;

    async fn open(&mut self, memory: &mut F) -> Result<(), Error<F::Error>> {
        let mut bank = Self::borrow(self, memory);
        Self::find_all(self, &mut bank).await.map_err(|stop| bank.told(stop))
    }

    async fn append(
        &mut self,
        memory: &mut F,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<F::Error>> {
        let mut bank = Self::opened(self, memory)?;
        let Draft { priority, tag, head, body } = draft;
        let needed = head.len().saturating_add(body.len());
        let units = Grid::<F>::units(needed.saturating_add(item::OVERHEAD));
        if needed > LONGEST || units > Grid::<F>::SIGNS - Grid::<F>::HEADER {
            return Err(Error::TooLong { needed });
        }
        let line = priority as u8;
        let parts = Parts::record(line, tag, head, body);
        self.flags &= !DOWN;
        let stored = Self::store(self, &mut bank, line, Room::of(when_full), &parts).await;
        self.flags |= DOWN;
        let (place, dropped) = stored.map_err(|stop| bank.told(stop))?;
        Ok(Appended { mark: Mark { priority, page: self.tail(line).page, place }, dropped })
    }

    async fn next<'b>(
        &mut self,
        memory: &mut F,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<F::Error>> {
        let mut bank = Self::opened(self, memory)?;
        let spot = match Self::first_of_all(self, &mut bank, cursor.passed, buffer).await {
            Ok(Some(spot)) => spot,
            Ok(None) => return Ok(None),
            Err(stop) => return Err(bank.told(stop)),
        };
        let needed = usize::from(spot.len);
        let bytes = buffer.get(..needed).ok_or(Error::TooLong { needed })?;
        let mark = spot.mark();
        cursor.passed = Some(mark);
        Ok(Some(Item { mark, tag: spot.tag, bytes }))
    }

    async fn release(&mut self, memory: &mut F, up_to: Mark) -> Result<(), Error<F::Error>> {
        let mut bank = Self::opened(self, memory)?;
        self.flags &= !DOWN;
        let released = Self::let_go(self, &mut bank, up_to).await;
        self.flags |= DOWN;
        released.map_err(|stop| bank.told(stop))
    }

    async fn clear(&mut self, memory: &mut F) -> Result<(), Error<F::Error>> {
        let mut bank = Self::borrow(self, memory);
        Self::erase_all(self, &mut bank).await.map_err(|stop| bank.told(stop))
    }
}
