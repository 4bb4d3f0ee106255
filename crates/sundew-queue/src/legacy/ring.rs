//! Brings the pages back into an order that the log beneath can work with.
//!
//! `sequential-storage` marks a page at its start when it is taken into use and at its end when it
//! is full, and expects the ring to read: free pages, full pages, the one in use. It mends an
//! interrupted erase by itself, but damage can leave orders that it never gets out of: a free page
//! between full ones hides what lies behind it, two pages in use stop appends, and so do pages
//! that are all full. Here is what it leaves undone; two short reads a page where all is well.

use super::log::{Step, walk};
use super::record::{age_key, decode};
use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash, ReadNorFlash};
use sundew_core::Region;
use sundew_store::bridge::Reins;
use sundew_store::{Error, Partition};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    InUse,
    Full,
    /// Marked at its end only: an erase that was interrupted, or damage.
    Torn,
}

/// Says what to believe when looking for something to mend.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Believes marks that are in a regular order.
    Marks,
    /// Believes no mark of a free page before each of its cells was read: writes failed.
    Cells,
}

/// The longest word that the log takes.
const WORD: usize = 32;

pub(crate) struct Ring<'a, F> {
    flash: &'a mut F,
    region: Region,
    /// The current boot, from which age is told.
    boot: u16,
    buffer: &'a mut [u8],
}

impl<'a, F: MultiwriteNorFlash> Ring<'a, F> {
    pub(crate) fn new(
        flash: &'a mut F,
        region: Region,
        boot: u16,
        buffer: &'a mut [u8],
    ) -> Result<Self, Error<F::Error>> {
        if Self::word() > WORD || F::ERASE_SIZE < 2 * Self::word() {
            return Err(Error::Region);
        }
        Partition::new(flash, region)?;
        Ok(Self { flash, region, boot, buffer })
    }

    /// Mends the ring where it needs it. Safe to be cut anywhere: the next call goes on.
    pub(crate) fn mend(&mut self, depth: Depth) -> Result<(), Error<F::Error>> {
        if depth == Depth::Marks && self.is_regular()? {
            return Ok(());
        }
        let pages = self.pages();
        let mut newest = None;
        for page in 0..pages {
            let key = self.newest_on(page)?;
            if key.is_some() && newest.is_none_or(|(_, best)| key > best) {
                newest = Some((page, key));
            }
        }
        let Some((newest, _)) = newest else { return self.free(0, pages) };
        // What holds records lies between the oldest such page and the newest; all else is free.
        let mut oldest = self.next(newest);
        while oldest != newest && self.newest_on(oldest)?.is_none() {
            oldest = self.next(oldest);
        }
        let mut page = self.next(newest);
        while page != oldest {
            self.free(page, 1)?;
            page = self.next(page);
        }
        while page != newest {
            self.fill(page)?;
            page = self.next(page);
        }
        if matches!(self.state(newest)?, State::Torn | State::Free) {
            self.mark(newest, End::Start)?;
        }
        let next = self.next(newest);
        if depth == Depth::Cells && self.state(next)? == State::Free {
            // What is left of the page in use refused a record twice.
            self.fill(newest)?;
        }
        self.make_room(oldest, newest)
    }

    /// Frees a page where all of them are full: one without records, else the oldest.
    fn make_room(&mut self, oldest: u32, newest: u32) -> Result<(), Error<F::Error>> {
        if self.next(newest) != oldest || self.state(newest)? != State::Full {
            return Ok(());
        }
        let mut page = oldest;
        while page != newest {
            if self.newest_on(page)?.is_none() {
                return self.free(page, 1);
            }
            page = self.next(page);
        }
        self.free(oldest, 1)
    }

    fn is_regular(&mut self) -> Result<bool, Error<F::Error>> {
        let (mut in_use, mut full, mut full_before_free) = (0_u32, 0_u32, 0_u32);
        let mut before = self.state(self.pages() - 1)?;
        for page in 0..self.pages() {
            let state = self.state(page)?;
            match state {
                State::Torn => return Ok(false),
                State::InUse => in_use += 1,
                State::Full => full += 1,
                State::Free if before == State::Full => full_before_free += 1,
                State::Free => {}
            }
            before = state;
        }
        Ok(match in_use {
            0 => full == 0 || full_before_free == 1,
            1 => full_before_free == 0,
            _ => false,
        })
    }

    /// Returns how new the newest readable record of a page is.
    fn newest_on(&mut self, page: u32) -> Result<Option<(u16, u32)>, Error<F::Error>> {
        let part = Region::new(self.region.start() + page * Self::page(), Self::page());
        let reins = Reins::new(0);
        // Whatever its marks, the page is shown as the one in use of a log of its own.
        reins.zero(0);
        reins.blank(Self::page() - F::READ_SIZE as u32);
        let mut newest = None;
        let (boot, longest) = (self.boot, self.buffer.len());
        walk(self.flash, part, &reins, self.buffer, longest, &mut |item| {
            let key = decode(item).map(|record| age_key(record.position, boot));
            newest = newest.max(key);
            Step::Keep
        })?;
        Ok(newest)
    }

    fn state(&mut self, page: u32) -> Result<State, Error<F::Error>> {
        let start = page * Self::page();
        let first = self.is_marked(start)?;
        let last = self.is_marked(start + Self::page() - F::READ_SIZE as u32)?;
        Ok(match (first, last) {
            (false, false) => State::Free,
            (true, false) => State::InUse,
            (true, true) => State::Full,
            (false, true) => State::Torn,
        })
    }

    fn is_marked(&mut self, at: u32) -> Result<bool, Error<F::Error>> {
        let mut word = [0; WORD];
        let word = word.get_mut(..F::READ_SIZE).ok_or(Error::Region)?;
        Partition::new(self.flash, self.region)?.read(at, word)?;
        // As the log beneath counts, so that both see the same state.
        Ok(word.iter().map(|byte| byte.count_zeros()).sum::<u32>() >= 4)
    }

    /// Tells a page that was erased from one that only lost its marks.
    fn is_blank(&mut self, page: u32) -> Result<bool, Error<F::Error>> {
        let mut word = [0; WORD];
        let word = word.get_mut(..Self::word()).ok_or(Error::Region)?;
        let start = page * Self::page();
        let mut part = Partition::new(self.flash, self.region)?;
        for at in (start..start + Self::page()).step_by(word.len()) {
            part.read(at, word)?;
            if word.iter().any(|byte| *byte != 0xFF) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fill(&mut self, page: u32) -> Result<(), Error<F::Error>> {
        match self.state(page)? {
            State::Full => Ok(()),
            State::InUse => self.mark(page, End::Last),
            State::Torn => self.mark(page, End::Start),
            State::Free => {
                self.mark(page, End::Start)?;
                self.mark(page, End::Last)
            }
        }
    }

    fn mark(&mut self, page: u32, end: End) -> Result<(), Error<F::Error>> {
        let zeros = [0; WORD];
        let word = zeros.get(..Self::word()).ok_or(Error::Region)?;
        let at = match end {
            End::Start => 0,
            End::Last => Self::page() - Self::word() as u32,
        };
        Partition::new(self.flash, self.region)?.write(page * Self::page() + at, word)
    }

    fn free(&mut self, first: u32, count: u32) -> Result<(), Error<F::Error>> {
        for page in first..first + count {
            if self.state(page)? != State::Free || !self.is_blank(page)? {
                let start = page * Self::page();
                Partition::new(self.flash, self.region)?.erase(start, start + Self::page())?;
            }
        }
        Ok(())
    }

    fn next(&self, page: u32) -> u32 {
        if page + 1 < self.pages() { page + 1 } else { 0 }
    }

    fn pages(&self) -> u32 {
        (self.region.len() / Self::page()).max(1)
    }

    const fn page() -> u32 {
        F::ERASE_SIZE as u32
    }

    const fn word() -> usize {
        if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE }
    }
}

#[derive(Clone, Copy)]
enum End {
    Start,
    Last,
}
