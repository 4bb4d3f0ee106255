//! What opening finds, and clearing leaves.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::{Grid, later};
use super::item::{MARK_BITS, Spot, What};
use super::page::Page;
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{IS_ERASED_TO_ZERO, IS_OPEN, NO_LINE, NO_TAIL, NONE, NorLog, Tail, UNTRIED};
use crate::error::Stop;

/// Holds the pages with the greatest numbers, below a limit.
struct Last {
    /// Of all, and of those before it.
    newest: Page,
    previous: Page,
    /// Of each line, and of those without records.
    tails: [Page; 4],
}

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        find_all(fn, sync),
        erase_all(fn, sync),
        accept(fn, sync),
        find(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    #[inline(never)]
    pub(super) async fn find_all<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
    ) -> Result<(), Stop> {
        self.forget();
        if !bank.suits() || bank.pages() < 3 {
            return Err(Stop::Region);
        }
        let mut greatest = None;
        let mut last = Last { newest: Page::NONE, previous: Page::NONE, tails: [Page::NONE; 4] };
        loop {
            let before = last.newest;
            Last::find(&mut last, bank).await?;
            let newest = last.newest;
            let greatest = *greatest.get_or_insert(newest.first);
            if newest.is_none() || Self::accept(self, bank, &last).await? {
                if !newest.is_none() {
                    let places = greatest.wrapping_sub(newest.first);
                    self.set_failed((places / Grid::<F>::PLACES).min(15) as u16);
                }
                self.flags |= IS_OPEN;
                return Ok(());
            }
            // Before the first page that counts nothing is announced. What was begun then may show
            // yet: its number is passed over, and the one behind it, so that it precedes none.
            if before.is_none() {
                self.first = newest.first.wrapping_add(Grid::<F>::PLACES);
                self.start = bank.next_page(newest.index);
            }
        }
    }

    #[inline(never)]
    pub(super) async fn erase_all<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
    ) -> Result<(), Stop> {
        // The newest page goes last: it knows what was released in the others.
        let mut page = if self.newest() == NONE { 0 } else { self.newest() };
        self.forget();
        if !bank.suits() {
            return Err(Stop::Region);
        }
        let mut outcome = Ok(());
        for _ in 0..bank.pages() {
            page = bank.next_page(page);
            outcome = bank.erase(page).await.and(outcome);
        }
        if outcome.is_ok() {
            self.flags |= IS_OPEN;
        }
        outcome
    }

    /// Opens the log with a page as its newest, if that counts.
    #[inline(never)]
    async fn accept<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        last: &Last,
    ) -> Result<bool, Stop> {
        let Last { newest, previous, tails } = last;
        bank.page(newest.index, Some(&mut self.marks)).await?;
        let signs = bank.signs(newest.index, newest.first).await?;
        // Not what another page was looked at for before this one.
        self.previous = NONE;
        let before = newest.first.wrapping_sub(Grid::<F>::PLACES * u32::from(newest.gap));
        let mut previous = *previous;
        if newest.gap > 1 {
            previous = Page::NONE;
            for index in 0..bank.pages() {
                let page = bank.page(index, None).await?;
                if page.first == before && !page.is_none() {
                    previous = page;
                }
            }
        }
        if !previous.is_none() && previous.first == before && previous.index != signs.next {
            let announced = bank.signs(previous.index, before).await?;
            if announced.next != NONE && announced.nonce != newest.nonce {
                return Ok(false);
            }
            self.previous = previous.index;
        }
        // Its own line first: the marks that stand in it decide over the others.
        for index in 0..4 {
            let line = (newest.line + index) & 3;
            let Some(tail) = tails.get(usize::from(line)) else { continue };
            let is_newest = index == 0;
            let is_released = !is_newest && !later(Grid::<F>::last_place(*tail), self.mark(line));
            if tail.is_none()
                || tail.index == signs.next
                || is_released
                || (line == NO_LINE && !is_newest)
            {
                continue;
            }
            let mut spot = Spot::new(tail.index, tail.first, Grid::<F>::HEADER);
            let first = spot.place();
            let mut record = first;
            let mut has_item = is_newest && signs.next != NONE;
            while bank.find(&mut spot, Grid::<F>::SIGNS, &mut []).await? {
                has_item = true;
                let place = spot.place();
                if spot.what == What::Record {
                    record = place;
                } else if is_newest && spot.line != NO_LINE {
                    let back = place.wrapping_sub(spot.value) % (1 << MARK_BITS);
                    self.set_mark(spot.line, place.wrapping_sub(back));
                }
            }
            if is_newest && !has_item {
                return Ok(false);
            }
            // Where the mark lies before this page, others before it may hold something, too.
            let mark = self.mark(line);
            if line != NO_LINE && (later(record, mark) || later(first, mark)) {
                self.flags |= 1 << line;
            }
            self.flags |= UNTRIED << line;
            // A page with a header alone may be one that failed.
            let unit = if has_item { spot.used } else { Grid::<F>::SIGNS };
            self.set_tail(line, Tail { page: tail.index, unit });
        }
        self.first = newest.first;
        self.line = newest.line;
        self.signs = signs.end;
        self.next = signs.next;
        (self.nonce, self.start) = if signs.next == NONE {
            (newest.nonce, bank.next_page(newest.index))
        } else {
            (signs.nonce, signs.next)
        };
        Ok(true)
    }
}

impl NorLog {
    /// Returns to the state before the first open.
    fn forget(&mut self) {
        self.flags &= IS_ERASED_TO_ZERO;
        self.tails = [NO_TAIL; 4];
        self.line = NO_LINE;
        (self.previous, self.next) = (NONE, NONE);
        (self.first, self.start) = (0, 0);
    }
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), find(fn, sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl Last {
    /// Finds the pages that come before the newest one of these, or all where there is none.
    #[inline(never)]
    async fn find<F: NorFlash>(&mut self, bank: &mut Bank<'_, F>) -> Result<(), Stop> {
        let before = self.newest;
        self.newest = Page::NONE;
        self.previous = Page::NONE;
        self.tails = [Page::NONE; 4];
        for index in 0..bank.pages() {
            let page = bank.page(index, None).await?;
            if page.is_none() || !(before.is_none() || before.is_later(page)) {
                continue;
            }
            if let Some(tail) = self.tails.get_mut(usize::from(page.line)) {
                page.keep_later(tail);
            }
            let newest = self.newest;
            if newest.is_none() || page.is_later(newest) {
                self.newest = page;
                if newest.first != page.first {
                    self.previous = newest;
                }
            } else if newest.first != page.first {
                page.keep_later(&mut self.previous);
            }
        }
        Ok(())
    }
}

impl Page {
    /// Takes the place of another that is not later.
    #[inline(never)]
    fn keep_later(self, other: &mut Self) {
        if other.is_none() || self.is_later(*other) {
            *other = self;
        }
    }
}
