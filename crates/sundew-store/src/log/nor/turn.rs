//! Getting a new page: which one is taken, and what goes to make room.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::{Grid, later};
use super::item::{Parts, Spot};
use super::page::{Marks, Page};
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{
    FAILED, IS_ANNOUNCED, IS_SETTLED, NO_LINE, NO_TAIL, NONE, NorLog, Tail, UNTRIED, WAITING,
    WhenFull,
};
use crate::error::Stop;

/// Says what a new page is for, and how far one may go to get it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// For a mark: takes what is kept free for it.
    Note,
    /// For a record that is refused where there is no room.
    Refuse,
    /// For a record that others make room for.
    Drop,
}

impl Room {
    pub(super) const fn of(when_full: WhenFull) -> Self {
        match when_full {
            WhenFull::RefuseNew => Self::Refuse,
            WhenFull::DropOldest => Self::Drop,
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        turn(fn, sync),
        free_pages(fn, sync),
        find_victim(fn, sync),
        count_live(fn, sync),
        oldest(fn, sync),
        settle(fn, sync),
        announce(fn, sync),
        put(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    /// Erases a page, gives it a header and writes an item into it: then it is the newest. Returns
    /// the item's place, and how many others were dropped.
    #[inline(never)]
    pub(super) async fn turn<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        mut line: u8,
        room: Room,
        parts: &Parts<'_>,
    ) -> Result<(u32, u16), Stop> {
        // A page that failed may have a header: its places are not given again.
        let failed = self.flags >> FAILED;
        let first = self.first.wrapping_add(Grid::<F>::PLACES * (u32::from(failed) + 1));
        let mut marks = self.marks;
        let mut waiting = self.flags & WAITING;
        for (index, mark) in marks.iter_mut().enumerate() {
            if waiting & (1 << index) == 0 {
                *mark = first.wrapping_sub(1);
            }
        }
        let (mut index, free) = Self::free_pages(self, bank, &marks).await?;
        let mut dropped = 0;
        // Where the search came round to a page that has failed, it would fail again.
        let is_bad = index == self.next && index != self.start;
        // One page stays free: for marks, when the newest page is full.
        if free < 2 + u16::from(is_bad) {
            match room {
                Room::Note => line = NO_LINE,
                Room::Refuse => return Err(Stop::Full),
                Room::Drop => {
                    let victim = Self::find_victim(self, bank, line).await?;
                    if victim.is_none() {
                        return Err(Stop::Full);
                    }
                    dropped = Self::count_live(self, bank, victim).await?;
                    // What stood in a page that was to go before and failed goes with it.
                    if is_bad {
                        let failed = bank.page(index, None).await?;
                        let is_line = !failed.is_none() && failed.line == victim.line;
                        if is_line && later(self.first, failed.first) {
                            dropped += Self::count_live(self, bank, failed).await?;
                        }
                    }
                    if let Some(mark) = marks.get_mut(usize::from(victim.line)) {
                        *mark = Grid::<F>::last_place(victim);
                    }
                    if self.tail(victim.line).page == victim.index {
                        waiting &= !(1 << victim.line);
                    }
                    if (index == NONE || is_bad) && victim.index != self.newest() {
                        index = victim.index;
                    }
                }
            }
        }
        // A mark is kept in RAM then.
        if index == NONE || (is_bad && room == Room::Note) {
            return Err(Stop::Full);
        }
        self.start = bank.next_page(index);
        Self::settle(self, bank).await?;
        let _ = Self::announce(self, bank, index).await?;
        self.set_failed(failed + 1);
        bank.erase(index).await?;
        let gap = failed as u8 + 1;
        bank.head(Page { first, index, line, nonce: self.nonce, gap }, &marks).await?;
        let mut tail = Tail { page: index, unit: Grid::<F>::HEADER };
        let place = Tail::put(&mut tail, bank, first, parts).await?;

        for old in 0..=NO_LINE {
            if waiting & (1 << old) == 0 {
                self.set_tail(old, NO_TAIL);
            }
        }
        self.set_tail(line, tail);
        self.marks = marks;
        self.first = first;
        self.line = line;
        self.next = NONE;
        self.signs = Grid::<F>::SIGNS;
        self.flags &= !(WAITING | IS_ANNOUNCED | (UNTRIED << line));
        self.flags |= waiting | IS_SETTLED;
        self.set_failed(0);
        Ok((place, dropped))
    }

    /// Returns the first page that holds nothing that waits, in a ring behind the last one taken, so
    /// that all wear alike and a bad one fails once a round; and how many there are, the newest
    /// among them.
    #[inline(never)]
    async fn free_pages<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        marks: &Marks,
    ) -> Result<(u16, u16), Stop> {
        let newest = self.newest();
        let (mut chosen, mut free) = (NONE, 0);
        let mut index = self.start;
        for _ in 0..bank.pages() {
            let page = bank.page(index, None).await?;
            let mark = marks.get(usize::from(page.line)).copied().unwrap_or(0);
            if !self.counts(page) || !later(Grid::<F>::last_place(page), mark) {
                free += 1;
                if chosen == NONE && index != newest {
                    chosen = index;
                }
            }
            index = bank.next_page(index);
        }
        Ok((chosen, free))
    }

    /// Finds the oldest page of the lowest line in which something waits, none above `line`.
    async fn find_victim<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        line: u8,
    ) -> Result<Page, Stop> {
        for lower in 0..=line {
            if self.has(1 << lower) {
                let page = Self::oldest(self, bank, lower, self.mark(lower), NONE).await?;
                if !page.is_none() {
                    return Ok(page);
                }
            }
        }
        Ok(Page::NONE)
    }

    /// Counts what dropping a page loses.
    async fn count_live<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        page: Page,
    ) -> Result<u16, Stop> {
        let mut spot = Spot::new(page.index, page.first, Grid::<F>::HEADER);
        let end = self.end_of(page, Grid::<F>::SIGNS);
        let after = self.mark(page.line);
        let mut count = 0;
        while bank.find_record(&mut spot, end, after, &mut []).await? {
            count += 1;
        }
        Ok(count)
    }
}
