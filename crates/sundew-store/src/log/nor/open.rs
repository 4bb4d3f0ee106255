//! What opening finds, and clearing leaves.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{Area, Grid, later};
use super::item::{MARK_BITS, Slot, Spot};
use super::page::{self, Header, Kind};
use super::{IN_DOUBT, IS_OPEN, MARKS_ONLY, NO_TAIL, NONE, NorLog, Tail, walk};
use crate::Error;

/// Says what a page holds.
#[derive(Clone, Copy)]
struct Contents {
    /// The unit behind the last one that does not look blank.
    used: u16,
    has_item: bool,
    /// The place of the last record.
    last: Option<u32>,
}

impl NorLog {
    #[inline(never)]
    pub(super) fn find_all<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        self.forget();
        if !self.suits(flash) {
            return Err(Error::Region);
        }
        // A page counts once an item stands in it: a header alone may be cut short, and be there
        // at one start and not at the next.
        let mut top = None;
        let mut before = None;
        let (newest, page, contents) = loop {
            let Some((header, page)) = Self::find_tails(self, flash, before, None)? else {
                self.number = top.unwrap_or(0);
                self.flags |= IS_OPEN;
                return Ok(());
            };
            let top = *top.get_or_insert(header.number);
            self.marks = header.marks;
            let marks = Some(&mut self.marks);
            let contents = contents(flash, self.area, page, header.number, marks)?;
            if contents.has_item {
                self.ahead = top.wrapping_sub(header.number) as u16;
                break (header, page, contents);
            }
            before = Some((header.number, page));
        };
        if newest.gap > 1 {
            Self::find_tails(self, flash, before, Some(&newest))?;
        }
        // Headers were read twice, and need not have been readable both times.
        if let Some(tail) = self.tails.get_mut(usize::from(newest.line)) {
            *tail = Tail { page, unit: Grid::<F>::UNITS };
        }
        self.number = newest.number;
        self.line = newest.line;
        self.gap = newest.gap;
        self.start = self.next_page::<F>(page);
        for line in 0..=MARKS_ONLY {
            let tail = self.tail(line);
            if tail.page == page {
                self.judge_tail::<F>(line, page, newest.number, contents, true);
            } else if tail.page != NONE
                && line != MARKS_ONLY
                && let Some(header) =
                    page::read(flash, self.area, tail.page, Kind::Log).map_err(Error::Flash)?
            {
                let contents = self::contents(flash, self.area, tail.page, header.number, None)?;
                self.judge_tail::<F>(line, tail.page, header.number, contents, false);
            }
        }
        self.flags |= IS_OPEN;
        Ok(())
    }

    #[inline(never)]
    pub(super) fn erase_all<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        // The newest page goes last: it knows what was released in the others.
        let newest = self.tail(self.line).page;
        let mut page = if newest == NONE { 0 } else { newest };
        self.forget();
        if !self.suits(flash) {
            return Err(Error::Region);
        }
        let mut outcome = Ok(());
        for _ in 0..self.area.pages::<F>() {
            page = self.next_page::<F>(page);
            let at = self.area.at::<F>(page, 0);
            if let Err(error) = flash.erase(at, at + F::ERASE_SIZE as u32) {
                outcome = Err(Error::Flash(error));
            }
        }
        if outcome.is_ok() {
            self.flags |= IS_OPEN;
        }
        outcome
    }
}

impl NorLog {
    /// Returns to the state before the first open.
    fn forget(&mut self) {
        *self = Self { area: self.area, ..Self::new(sundew_core::Region::new(0, 0)) };
    }

    fn suits<F: NorFlash>(&self, flash: &F) -> bool {
        let page = F::ERASE_SIZE as u32;
        let Area { start, len, .. } = self.area;
        // A 16-bit usize cannot say the capacity of a larger part; the driver checks it there.
        let ends = start.checked_add(len).is_some_and(|end| {
            usize::try_from(end).map_or(usize::BITS < 32, |end| end <= flash.capacity())
        });
        let pages = len / page;
        Grid::<F>::SUITS
            && ends
            && start.is_multiple_of(page)
            && len.is_multiple_of(page)
            && (3..0x8000).contains(&pages)
            && pages * Grid::<F>::PLACES <= 1 << 28
    }

    /// Returns the page that follows, in a ring.
    pub(super) fn next_page<F: NorFlash>(&self, page: u16) -> u16 {
        if page + 1 < self.area.pages::<F>() { page + 1 } else { 0 }
    }

    /// Finds the newest page of each line, and of all, of those before a page and not passed over.
    #[inline(never)]
    fn find_tails<F: NorFlash>(
        &mut self,
        flash: &mut F,
        before: Option<(u32, u16)>,
        newest: Option<&Header>,
    ) -> Result<Option<(Header, u16)>, Error<F::Error>> {
        self.tails = [NO_TAIL; 4];
        let mut numbers = [0; 4];
        let mut found: Option<(Header, u16)> = None;
        let mut failed = None;
        let mut is_lost = true;
        for page in 0..self.area.pages::<F>() {
            let header = match page::read(flash, self.area, page, Kind::Log) {
                Ok(header) => header,
                Err(error) => {
                    self.flags |= IN_DOUBT;
                    failed = Some(error);
                    continue;
                }
            };
            is_lost = false;
            let Some(header) = header else { continue };
            let number = header.number;
            let is_before = before
                .is_none_or(|(limit, at)| later(limit, number) || (limit == number && page < at));
            if !is_before || newest.is_some_and(|newest| newest.passed_over(number)) {
                continue;
            }
            // Of two pages with one number the one behind is the later.
            let line = usize::from(header.line);
            if let (Some(tail), Some(last)) = (self.tails.get_mut(line), numbers.get_mut(line))
                && (tail.page == NONE || !later(*last, number))
            {
                *tail = Tail { page, unit: Grid::<F>::UNITS };
                *last = number;
            }
            if found.is_none_or(|(last, _)| !later(last.number, number)) {
                found = Some((header, page));
            }
        }
        match failed {
            Some(error) if is_lost => Err(Error::Flash(error)),
            _ => Ok(found),
        }
    }

    /// Decides whether a line may wait, and whether its last page can be written on.
    ///
    /// Any other than the newest can only where something live stands in it. Such a page is never
    /// erased; one that holds nothing live may be half erased, and look whole only today.
    fn judge_tail<F: NorFlash>(
        &mut self,
        line: u8,
        page: u16,
        number: u32,
        contents: Contents,
        is_newest: bool,
    ) {
        let mark = self.mark(line);
        let is_live = contents.last.is_some_and(|last| later(last, mark));
        if line != MARKS_ONLY && (is_live || later(Grid::<F>::place(number, 0), mark)) {
            self.flags |= 1 << line;
        }
        if is_live || is_newest {
            self.untried |= 1 << line;
            let unit = contents.used;
            if let Some(tail) = self.tails.get_mut(usize::from(line)) {
                *tail = Tail { page, unit };
            }
        }
    }
}

/// Reads a page from end to end; moves `marks` on by what it notes.
#[inline(never)]
fn contents<F: NorFlash>(
    flash: &mut F,
    area: Area,
    page: u16,
    number: u32,
    mut marks: Option<&mut [u32; 3]>,
) -> Result<Contents, Error<F::Error>> {
    let mut spot = Spot { page, number, unit: Grid::<F>::HEADER };
    let mut contents = Contents { used: spot.unit, has_item: false, last: None };
    while spot.unit < Grid::<F>::UNITS {
        let slot = walk::slot(flash, area, spot, &mut []).map_err(Error::Flash)?;
        let (units, taken) = match slot {
            Slot::Blank(units) => (units, 0),
            // Behind its first word an item may have been programmed with what looks blank.
            Slot::Damaged(units) => (1, units),
            Slot::Record { units, .. } => {
                contents.has_item = true;
                contents.last = Some(spot.place::<F>());
                (units, units)
            }
            Slot::Mark { line, place, units } => {
                contents.has_item = true;
                let mark = marks.as_mut().and_then(|marks| marks.get_mut(usize::from(line)));
                if let Some(mark) = mark {
                    let step = place.wrapping_sub(*mark) % (1 << MARK_BITS);
                    if step < 1 << (MARK_BITS - 1) {
                        *mark = mark.wrapping_add(step);
                    }
                }
                (units, units)
            }
        };
        if taken > 0 {
            contents.used = contents.used.max(spot.unit + taken);
        }
        spot.unit += units;
    }
    Ok(contents)
}
