//! Finding what waits.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::{Grid, later};
use super::item::Spot;
use super::page::Page;
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{Mark, NO_LINE, NONE, NorLog, Priority};
use crate::error::Stop;

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        first_of_all(fn, sync),
        first_behind(fn, sync),
        oldest(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    /// Reads the first record that waits, higher lines first, behind `passed`.
    pub(super) async fn first_of_all<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        passed: Option<Mark>,
        buffer: &mut [u8],
    ) -> Result<Option<Spot>, Stop> {
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            if passed.is_some_and(|mark| mark.priority < priority) {
                continue;
            }
            let line = priority as u8;
            let found = Self::first_behind(self, bank, line, passed, buffer).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Reads the first record of a line behind what was released, and behind `passed`.
    #[inline(never)]
    pub(super) async fn first_behind<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        line: u8,
        passed: Option<Mark>,
        buffer: &mut [u8],
    ) -> Result<Option<Spot>, Stop> {
        if !self.has(1 << line) {
            return Ok(None);
        }
        let mark = self.mark(line);
        let mut after = mark;
        // Most often the next one stands in the same page.
        let mut hint = NONE;
        if let Some(passed) = passed
            && passed.priority as u8 == line
            && !later(mark, passed.place)
        {
            after = passed.place;
            hint = passed.page;
        }
        let is_first = after == mark;
        loop {
            let page = Self::oldest(self, bank, line, after, hint).await?;
            if page.is_none() {
                break;
            }
            let mut unit = Grid::<F>::unit_of(page, after);
            if unit == NONE {
                unit = Grid::<F>::HEADER;
            }
            let mut spot = Spot::new(page.index, page.first, unit);
            let end = self.end_of(page, Grid::<F>::SIGNS);
            if bank.find_record(&mut spot, end, after, buffer).await? {
                return Ok(Some(spot));
            }
            // Behind the last page of a line no other needs to be looked for.
            if page.index == self.tail(line).page {
                break;
            }
            after = Grid::<F>::last_place(page);
            hint = NONE;
        }
        if is_first {
            self.flags &= !(1 << line);
        }
        Ok(None)
    }

    /// Finds the first page of a line that reaches past a place; `hint` is looked at first.
    #[inline(never)]
    pub(super) async fn oldest<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        line: u8,
        after: u32,
        hint: u16,
    ) -> Result<Page, Stop> {
        let mut first = Page::NONE;
        let pages = bank.pages();
        let mut index = if hint < pages { hint } else { 0 };
        for _ in 0..pages {
            let page = bank.page(index, None).await?;
            if page.line == line
                && self.counts(page)
                && later(Grid::<F>::last_place(page), after)
                && (first.is_none()
                    || later(first.first, page.first)
                    || (first.first == page.first && page.is_later(first)))
            {
                first = page;
                if hint == index && Grid::<F>::unit_of(page, after) != NONE {
                    break;
                }
            }
            index = bank.next_page(index);
        }
        Ok(first)
    }
}

impl NorLog {
    /// Returns the unit that the records of a page end before; `signs` is where signs begin.
    pub(super) fn end_of(&self, page: Page, signs: u16) -> u16 {
        let tail = self.tail(page.line);
        if tail.page == page.index { tail.unit } else { signs }
    }

    /// Returns whether what a page holds is part of the log: not what stands in the next one, or in
    /// one that never came to count.
    pub(super) fn counts(&self, page: Page) -> bool {
        let newest = self.newest();
        newest != NONE
            && page.line != NO_LINE
            && (page.index == newest
                || (page.index != self.next && !page.is_none() && later(self.first, page.first)))
    }
}

impl Spot {
    /// Names the record that was found here.
    pub(super) const fn mark(&self) -> Mark {
        let priority = match self.line {
            0 => Priority::Low,
            1 => Priority::Normal,
            _ => Priority::High,
        };
        Mark { priority, page: self.page, place: self.place() }
    }
}
