//! Finding what waits.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{Area, Grid, later};
use super::item::{self, Slot, Spot};
use super::page::{self, Header, Kind};
use super::{IN_DOUBT, MARKS_ONLY, Mark, NONE, NorLog, Priority};
use crate::Error;

/// Names a record that was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) spot: Spot,
    pub(super) kind: u8,
    pub(super) len: u8,
}

impl NorLog {
    /// Reads the first record of a line behind what was released, and behind `passed`.
    #[inline(never)]
    pub(super) fn first_behind<F: NorFlash>(
        &mut self,
        flash: &mut F,
        priority: Priority,
        passed: Option<Mark>,
        buffer: &mut [u8],
    ) -> Result<Option<Found>, Error<F::Error>> {
        let line = priority as u8;
        if !self.has(1 << line) {
            return Ok(None);
        }
        let mark = self.mark(line);
        let mut after = mark;
        let mut candidate = None;
        if let Some(passed) = passed
            && passed.priority == priority
        {
            if later(passed.place, mark) {
                after = passed.place;
            }
            // Most often the next one stands in the same page.
            if passed.page < self.area.pages::<F>()
                && let Ok(Some(header)) = page::read(flash, self.area, passed.page, Kind::Log)
                && header.line == line
                && self.counts(&header, passed.page)
                && header.offset::<F>(after).is_some()
            {
                candidate = Some((passed.page, header));
            }
        }
        let mut behind = None;
        loop {
            if candidate.is_none() {
                candidate = Self::page_behind(self, flash, line, behind, after)?;
            }
            let Some((page, header)) = candidate.take() else { break };
            let unit = header.offset::<F>(after).unwrap_or(0).max(Grid::<F>::HEADER);
            let mut spot = Spot { page, number: header.number, unit };
            let end = self.end_of::<F>(line, page);
            let found = record_behind(flash, self.area, &mut spot, end, after, buffer);
            if let Some((kind, len)) = found.map_err(Error::Flash)? {
                return Ok(Some(Found { spot, kind, len }));
            }
            behind = Some((header.number, page));
        }
        if after == mark {
            self.flags &= !(1 << line);
        }
        Ok(None)
    }

    /// Returns the unit behind the last that was written in a page.
    pub(super) fn end_of<F: NorFlash>(&self, line: u8, page: u16) -> u16 {
        let tail = self.tail(line);
        if tail.page == page { tail.unit.min(Grid::<F>::UNITS) } else { Grid::<F>::UNITS }
    }

    /// Returns whether what a page holds is part of the log: not what stands in pages that never
    /// came to count.
    pub(super) fn counts(&self, header: &Header, page: u16) -> bool {
        let newest = self.tail(self.line).page;
        let is_ahead =
            later(header.number, self.number) || (header.number == self.number && page > newest);
        newest != NONE && !is_ahead && header.line < MARKS_ONLY && !self.passes_over(header.number)
    }

    /// Returns whether a number lies in the gap before the newest page.
    pub(super) const fn passes_over(&self, number: u32) -> bool {
        page::in_gap(self.number, self.gap, number)
    }

    /// Finds the first page of a line behind one, of those that reach past a place.
    #[inline(never)]
    fn page_behind<F: NorFlash>(
        &mut self,
        flash: &mut F,
        line: u8,
        behind: Option<(u32, u16)>,
        after: u32,
    ) -> Result<Option<(u16, Header)>, Error<F::Error>> {
        let mut first: Option<(u16, Header)> = None;
        for page in 0..self.area.pages::<F>() {
            let header = match page::read(flash, self.area, page, Kind::Log) {
                Ok(header) => header,
                Err(_) if self.has(IN_DOUBT) => continue,
                Err(error) => {
                    // Said once; a header that stays unreadable must not keep all others back.
                    self.flags |= IN_DOUBT;
                    return Err(Error::Flash(error));
                }
            };
            let Some(header) = header else { continue };
            let is_behind = behind.is_none_or(|(number, at)| {
                later(header.number, number) || (header.number == number && page > at)
            });
            // Of two pages with one number the first one stays.
            let is_first = first.is_none_or(|(_, first)| later(first.number, header.number));
            if header.line == line
                && is_behind
                && is_first
                && later(header.last_place::<F>(), after)
                && self.counts(&header, page)
            {
                first = Some((page, header));
            }
        }
        Ok(first)
    }
}

impl Header {
    /// Returns the unit that a place names, where it lies in this page.
    pub(super) fn offset<F: NorFlash>(&self, place: u32) -> Option<u16> {
        let offset = place.wrapping_sub(Grid::<F>::place(self.number, 0));
        (offset < Grid::<F>::PLACES).then_some(offset as u16)
    }
}

/// Finds the next record of a page from a spot on, later than a place, and moves the spot to it.
#[inline(never)]
pub(super) fn record_behind<F: NorFlash>(
    flash: &mut F,
    area: Area,
    spot: &mut Spot,
    end: u16,
    after: u32,
    buffer: &mut [u8],
) -> Result<Option<(u8, u8)>, F::Error> {
    while spot.unit < end {
        spot.unit += match slot(flash, area, *spot, buffer)? {
            Slot::Record { kind, len, .. } if later(spot.place::<F>(), after) => {
                return Ok(Some((kind, len)));
            }
            Slot::Record { units, .. } | Slot::Mark { units, .. } | Slot::Blank(units) => units,
            Slot::Damaged(_) => 1,
        };
    }
    Ok(None)
}

/// Looks at a unit. What cannot be read is damaged, as long as the page's header can be read: else
/// it is the flash that fails, and nothing is known about what stands there.
pub(super) fn slot<F: NorFlash>(
    flash: &mut F,
    area: Area,
    spot: Spot,
    buffer: &mut [u8],
) -> Result<Slot, F::Error> {
    item::look(flash, area, spot, buffer).or_else(|_| {
        page::read(flash, area, spot.page, Kind::Log)?;
        Ok(Slot::Damaged(1))
    })
}
