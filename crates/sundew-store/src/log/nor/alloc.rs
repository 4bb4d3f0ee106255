//! Getting a new page: which one is taken, and what goes to make room.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{Grid, later};
use super::item::{Parts, Spot};
use super::page::{self, Header, Kind};
use super::{
    HAS_FAILED, IN_DOUBT, IS_SURE, MARKS_ONLY, NO_TAIL, NONE, NorLog, Priority, Tail, WAITING,
    WhenFull, walk,
};
use crate::Error;

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

/// How many pages stay free behind each new page of records. One takes the marks when the newest
/// page is full, and the other takes them when that one is: then the first is free again.
const KEPT_FREE: u16 = 2;

/// Pages that can be taken, best first.
const CLASSES: usize = 5;
/// Does not count because the newest page's header says so. The next one will not say it again:
/// then the page would count, and hold room without holding anything.
const PASSED_OVER: usize = 0;
/// Free whatever happens.
const FREE: usize = 1;
/// The newest header, in a page that does not count: it might at another start.
const UNCOUNTED: usize = 2;
/// Free by marks that stand in the newest page behind its header: they might be gone at another
/// start.
const RELEASED: usize = 3;
/// Failed a moment ago.
const FAILED: usize = 4;

/// Says which page to take, and what is left.
struct Choice {
    pages: [u16; CLASSES],
    /// How many pages hold nothing live.
    spare: u16,
    /// The oldest live page of the lowest line.
    victim: Option<(Header, u16)>,
}

impl NorLog {
    /// Erases a page, gives it a header and writes an item into it; then the page counts. Returns
    /// where, and how many items were dropped.
    #[inline(never)]
    pub(super) fn turn<F: NorFlash>(
        &mut self,
        flash: &mut F,
        mut line: u8,
        room: Room,
        parts: &Parts<'_>,
    ) -> Result<(Spot, u16), Error<F::Error>> {
        if self.has(IN_DOUBT) {
            Self::look_again(self, flash)?;
        }
        let newest = self.tail(self.line).page;
        let mut settled = self.marks;
        if newest != NONE {
            // Nothing is erased on the strength of a page that may not count at the next start.
            if !self.has(IS_SURE) {
                Self::put(self, flash, self.line, &Parts::mark(0, self.mark(0)))?;
            }
            if let Ok(Some(header)) = page::read(flash, self.area, newest, Kind::Log) {
                settled = header.marks;
            }
        }

        let ahead = self.ahead.saturating_add(1);
        let number = self.number.wrapping_add(u32::from(ahead));
        let mut marks = self.marks;
        let now = Grid::<F>::place(number, 0).wrapping_sub(1);
        let mut empty = !self.flags & WAITING;
        for (index, mark) in marks.iter_mut().enumerate() {
            if empty & (1 << index) != 0 {
                *mark = now;
            }
        }
        let mut choice = Self::choose(self, flash, &settled, &marks);
        let page = choice.pages.into_iter().find(|page| *page != NONE).ok_or(Error::Full)?;
        choice.spare = choice.spare.saturating_sub(1);

        let mut dropped = 0;
        if choice.spare < KEPT_FREE {
            match (room, choice.victim) {
                (Room::Note, _) => line = MARKS_ONLY,
                (Room::Drop, Some((header, victim))) if header.line <= line => {
                    dropped = Self::count_live(self, flash, &header, victim)?;
                    if let Some(mark) = marks.get_mut(usize::from(header.line)) {
                        *mark = header.last_place::<F>();
                    }
                    if self.tail(header.line).page == victim {
                        empty |= 1 << header.line;
                    }
                }
                _ => return Err(Error::Full),
            }
        }

        self.start = self.next_page::<F>(page);
        self.flags |= HAS_FAILED;
        self.ahead = ahead;
        let at = self.area.at::<F>(page, 0);
        flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;
        let gap = if newest == NONE { u8::MAX } else { ahead.min(0xFF) as u8 };
        let header = Header { number, marks, line, gap };
        page::write(flash, self.area, page, Kind::Log, &header)?;
        let mut tail = Tail { page, unit: Grid::<F>::HEADER };
        let spot = tail.put(flash, self.area, number, parts)?.ok_or(Error::Full)?;

        for (index, slot) in self.tails.iter_mut().enumerate() {
            if index == usize::from(line) {
                *slot = tail;
            } else if empty & (1 << index) != 0 || index == usize::from(MARKS_ONLY) {
                *slot = NO_TAIL;
            }
        }
        self.marks = marks;
        self.number = number;
        self.line = line;
        self.untried &= !(1 << line);
        self.gap = gap;
        self.ahead = 0;
        self.flags = (self.flags & !HAS_FAILED & !(empty & WAITING)) | IS_SURE;
        Ok((spot, dropped))
    }

    /// Opens the log again where a header could not be read: if it can be now, more may be stored
    /// than was known, and if it still cannot, nothing in that page will ever be read.
    fn look_again<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        let Self { number, start, ahead, flags, .. } = *self;
        Self::find_all(self, flash)?;
        // A line of which only damage is left counts as one that waits, until somebody looked.
        for priority in [Priority::Low, Priority::Normal, Priority::High] {
            Self::first_behind(self, flash, priority, None, &mut [])?;
        }
        if number == self.number {
            self.start = start;
            self.ahead = ahead.max(self.ahead);
            self.flags |= flags & (HAS_FAILED | IS_SURE);
        }
        Ok(())
    }

    /// Looks at all pages, in a ring behind the last one taken: so all wear alike, and a bad one
    /// fails once a round.
    #[inline(never)]
    fn choose<F: NorFlash>(
        &mut self,
        flash: &mut F,
        settled: &[u32; 3],
        marks: &[u32; 3],
    ) -> Choice {
        let newest = self.tail(self.line).page;
        let mut choice = Choice { pages: [NONE; CLASSES], spare: 0, victim: None };
        let mut page = self.start;
        for _ in 0..self.area.pages::<F>() {
            let next = self.next_page::<F>(page);
            let mut class = match page::read(flash, self.area, page, Kind::Log) {
                Err(_) | Ok(None) => Some(FREE),
                Ok(Some(header)) if page != newest && !self.counts(&header, page) => {
                    let last = self.number.wrapping_add(u32::from(self.ahead));
                    let is_last = newest != NONE && self.ahead > 0 && header.number == last;
                    Some(if is_last {
                        UNCOUNTED
                    } else if self.passes_over(header.number) {
                        PASSED_OVER
                    } else {
                        FREE
                    })
                }
                Ok(Some(header)) => {
                    let line = usize::from(header.line);
                    let is_behind = |marks: &[u32; 3]| {
                        marks.get(line).is_none_or(|mark| !later(header.last_place::<F>(), *mark))
                    };
                    if is_behind(settled) {
                        Some(FREE)
                    } else if is_behind(marks) {
                        Some(RELEASED)
                    } else {
                        let goes_first = |(other, _): (Header, u16)| {
                            header.line < other.line
                                || (header.line == other.line && later(other.number, header.number))
                        };
                        if choice.victim.is_none_or(goes_first) {
                            choice.victim = Some((header, page));
                        }
                        None
                    }
                }
            };
            if class.is_some() {
                choice.spare += 1;
            }
            if self.has(HAS_FAILED) && next == self.start {
                class = class.map(|_| FAILED);
            }
            if let Some(class) = class
                && page != newest
                && let Some(slot) = choice.pages.get_mut(class)
                && *slot == NONE
            {
                *slot = page;
            }
            page = next;
        }
        choice
    }

    /// Counts what dropping a page loses.
    fn count_live<F: NorFlash>(
        &mut self,
        flash: &mut F,
        header: &Header,
        page: u16,
    ) -> Result<u16, Error<F::Error>> {
        let mut spot = Spot { page, number: header.number, unit: Grid::<F>::HEADER };
        let end = self.end_of::<F>(header.line, page);
        let mut after = self.mark(header.line);
        let mut count = 0;
        loop {
            let found = walk::record_behind(flash, self.area, &mut spot, end, after, &mut []);
            if found.map_err(Error::Flash)?.is_none() {
                return Ok(count);
            }
            after = spot.place::<F>();
            count += 1;
        }
    }
}
