//! Letting go of items.

use embedded_storage::nor_flash::NorFlash;

use super::alloc::Room;
use super::grid::{Grid, later};
use super::item::{MARK_BITS, Parts, Spot};
use super::page::{self, Kind};
use super::{IS_OPEN, Mark, NorLog, walk};
use crate::Error;

impl NorLog {
    #[inline(never)]
    pub(super) fn let_go<F: NorFlash>(
        &mut self,
        flash: &mut F,
        up_to: Mark,
    ) -> Result<(), Error<F::Error>> {
        if !self.has(IS_OPEN) {
            return Err(Error::NotOpen);
        }
        let line = up_to.priority as u8;
        if !later(up_to.place, self.mark(line)) {
            return Ok(());
        }
        if up_to.page >= self.area.pages::<F>() {
            return Err(Error::OutOfRange);
        }
        let header = page::read(flash, self.area, up_to.page, Kind::Log)
            .map_err(Error::Flash)?
            .filter(|header| header.line == line && self.counts(header, up_to.page))
            .ok_or(Error::OutOfRange)?;
        let unit = header.offset::<F>(up_to.place).ok_or(Error::OutOfRange)?;
        let end = self.end_of::<F>(line, up_to.page);
        if unit < Grid::<F>::HEADER || unit >= end {
            return Err(Error::OutOfRange);
        }

        // Behind the last record of a page that takes no more the mark goes to the page's end, and
        // the page is free; behind the last one of all the line is empty. No record is smaller
        // than a mark, in units: a page that takes no mark takes nothing more.
        let mut spot = Spot { page: up_to.page, number: header.number, unit };
        let behind = walk::record_behind(flash, self.area, &mut spot, end, up_to.place, &mut []);
        let is_last = behind.map_err(Error::Flash)?.is_none();
        let is_tail = self.tail(line).page == up_to.page;
        let end = if is_last { header.last_place::<F>() } else { up_to.place };
        let to = if is_tail { up_to.place } else { end };
        // Where the mark finds no room behind the record, no other record does.
        let to_elsewhere = if self.line == line { end } else { to };
        self.note(flash, line, to, to_elsewhere)?;
        if is_last && is_tail {
            self.flags &= !(1 << line);
        }
        Ok(())
    }

    /// Moves the mark of a line on, on flash and then in RAM: to `to`, or to `to_elsewhere` where
    /// the newest page has no room for the mark.
    fn note<F: NorFlash>(
        &mut self,
        flash: &mut F,
        line: u8,
        to: u32,
        to_elsewhere: u32,
    ) -> Result<(), Error<F::Error>> {
        // A mark stores the low bits only. Where an item waited for so long that it has more than
        // those to go, it goes in steps; four of them could be cut away and it would still be right.
        const STEP: u32 = 1 << (MARK_BITS - 3);
        loop {
            let before = self.mark(line);
            let step = to.wrapping_sub(before).min(STEP);
            let mut mark = before.wrapping_add(step);
            if Self::put(self, flash, self.line, &Parts::mark(line, mark))?.is_none() {
                if mark == to {
                    mark = to_elsewhere;
                }
                Self::turn(self, flash, self.line, Room::Note, &Parts::mark(line, mark))?;
            }
            if let Some(slot) = self.marks.get_mut(usize::from(line)) {
                *slot = mark;
            }
            if !later(to, mark) {
                return Ok(());
            }
        }
    }
}
