//! Letting go of items.

use embedded_storage::nor_flash::NorFlash;

use super::bank::Bank;
use super::grid::{Grid, later};
use super::item::{MARK_BITS, Parts};
use super::turn::Room;
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use super::{Mark, NO_LINE, NorLog};
use crate::error::Stop;

#[maybe_async_cfg::maybe(
    idents(
        NorFlash(sync),
        Bank(sync),
        Grid(sync),
        let_go(fn, sync),
        note(fn, sync),
        first_behind(fn, sync),
        put(fn, sync),
        turn(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl NorLog {
    #[inline(never)]
    pub(super) async fn let_go<F: NorFlash>(
        &mut self,
        bank: &mut Bank<'_, F>,
        up_to: Mark,
    ) -> Result<(), Stop> {
        let line = up_to.priority as u8;
        let before = self.mark(line);
        if !later(up_to.place, before) {
            return Ok(());
        }
        if up_to.page >= bank.pages() {
            return Err(Stop::OutOfRange);
        }
        // Of a page that was announced, by a call that let go of all in it and failed, the header may be
        // gone: it is known by the places, none of which lies in a page to come.
        let page = bank.page(up_to.page, None).await?;
        let unit = Grid::<F>::unit_of(page, up_to.place);
        let is_there = page.line == line
            && self.counts(page)
            && unit >= Grid::<F>::HEADER
            && unit < self.end_of(page, Grid::<F>::SIGNS);
        let end = self.first.wrapping_add(Grid::<F>::PLACES);
        if !is_there && (up_to.page != self.next || !later(end, up_to.place)) {
            return Err(Stop::OutOfRange);
        }

        let waiting = self.flags;
        self.set_mark(line, up_to.place);
        let noted = Self::note(self, bank, up_to).await;
        // Where it is not noted for want of room they are passed by, as long as there is power.
        if !matches!(noted, Ok(()) | Err(Stop::Full)) {
            self.flags |= waiting & (1 << line);
            self.set_mark(line, before);
        }
        noted
    }

    /// Writes the mark of a line, or all marks into the header of a new page.
    async fn note<F: NorFlash>(&mut self, bank: &mut Bank<'_, F>, up_to: Mark) -> Result<(), Stop> {
        let line = up_to.priority as u8;
        // Behind the last record of all the line is empty. Behind the last one of a page that takes
        // no more the mark goes to the page's end, and the page is free.
        let next = Self::first_behind(self, bank, line, Some(up_to), &mut []).await?;
        let mut to = up_to.place;
        if next.is_none_or(|next| next.page != up_to.page) && self.tail(line).page != up_to.page {
            to |= Grid::<F>::PLACES - 1;
            self.set_mark(line, to);
        }
        // A mark stores the low bits only, and a record may wait for longer than those go.
        let end = self.first.wrapping_add(Grid::<F>::PLACES);
        if end.wrapping_sub(to) >> (MARK_BITS - 1) == 0
            && Self::put(self, bank, self.line, &Parts::mark(line, to)).await? != 0
        {
            return Ok(());
        }
        Self::turn(self, bank, self.line, Room::Note, &Parts::mark(NO_LINE, 0)).await.map(drop)
    }
}
