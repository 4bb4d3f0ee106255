//! Which page counts, and how the next one takes over.
//!
//! One page counts. A value is appended to it, until it is full; then the values go to the next
//! page, and the new one behind them. What makes this safe for flash whose torn words, and torn
//! pages, may read in one way today and in another tomorrow, is the *sign*: an item that names the
//! number of the page that is to count. Signs stand in the last units of a page, which nothing else
//! takes: a word of a value that is torn can look like the first of one of any length, and must not
//! cover them.
//!
//! 1. A sign with the new number is written into the old page. From then on no value is appended to
//!    it.
//! 2. Only then the next page is erased and written. It counts while the old page's last sign names
//!    it and a value stands in it that was saved, not copied: all before that value is whole.
//! 3. Then a sign with its own number is written into it: it counts for itself.
//!
//! What a cut leaves of step 2 is given up by a sign with another number, before the page is erased
//! again: a page whose erase was cut may look whole again, and would be believed else. What a cut
//! leaves of step 3 is confirmed by the sign of step 1 once more, and then done, before anything is
//! appended.

use embedded_storage::nor_flash::NorFlash;

use super::page::{ITEM, Origin, Page, TRIES, first, units_of};
use crate::error::Stop;
use crate::log::nor::bank::Bank;
use crate::log::nor::grid::Grid;
use crate::log::nor::page;

/// Borrows the flash for one call.
pub(super) struct Store<'f, F: NorFlash> {
    pub(super) bank: Bank<'f, F>,
}

/// Holds which page counts.
struct Found {
    /// The page that counts.
    page: Page,
    /// The page whose sign says so, where it does not for itself.
    by: Option<Page>,
}

impl<F: NorFlash> Store<'_, F> {
    /// Copies the newest value of `key` into `bytes`, key first, and returns its length with the
    /// key.
    pub(super) fn load(&mut self, key: u8, bytes: &mut [u8; ITEM]) -> Option<usize> {
        let found = self.survey()?;
        found.page.find(&mut self.bank, key, bytes)
    }

    pub(super) fn save(&mut self, key: u8, value: &[u8]) -> Result<(), Stop> {
        let Some(Found { mut page, mut by }) = self.survey() else {
            return self.first(key, value);
        };
        if !page.is_settled() {
            // At each start from now on it counts by another's word, whether its own shows or not.
            if let Some(by) = &mut by {
                let _ = by.append_sign(&mut self.bank, page.number);
            }
            match page.append_sign(&mut self.bank, page.number) {
                Err(stop) if by.is_some() && stop != Stop::Full => return Err(stop),
                // Without a page before it no other one can count instead.
                _ => {}
            }
        }
        if page.is_open() {
            for _ in 0..TRIES {
                if page.append(&mut self.bank, (Origin::Saved, key, value)).is_ok() {
                    return Ok(());
                }
            }
        }
        self.turn(page, key, value)
    }

    /// Finds the page that counts.
    fn survey(&mut self) -> Option<Found> {
        let mut below = u32::MAX;
        let mut doubtful = None;
        while let Some((index, number)) = self.newest(below) {
            let page = Page::scan(&mut self.bank, index, number);
            if let Some(sign) = page.sign {
                return Some(match self.named(&page, sign) {
                    Some(later) => Found { page: later, by: Some(page) },
                    None => Found { page, by: None },
                });
            }
            if page.fresh && doubtful.is_none() {
                doubtful = Some(page);
            }
            below = number;
        }
        // The first page of all, whose sign a cut has left in doubt.
        doubtful.map(|page| Found { page, by: None })
    }

    /// Finds the page that the last sign of another names.
    fn named(&mut self, page: &Page, sign: u32) -> Option<Page> {
        if sign == page.number {
            return None;
        }
        let (index, number) = self.newest(sign.saturating_add(1))?;
        let later = Page::scan(&mut self.bank, index, number);
        (number == sign && later.fresh).then_some(later)
    }

    /// Finds the header with the greatest number below `below`.
    #[inline(never)]
    fn newest(&mut self, below: u32) -> Option<(u16, u32)> {
        let mut newest = None;
        for index in 0..self.bank.pages() {
            if let Ok(page) = self.bank.page(index, None)
                && !page.is_none()
            {
                let number = page.first / Grid::<F>::PLACES;
                if number < below && newest.is_none_or(|(_, best)| best < number) {
                    newest = Some((index, number));
                }
            }
        }
        newest
    }

    /// Saves the first value of all, behind what an earlier try may have left: that may count
    /// tomorrow.
    fn first(&mut self, key: u8, value: &[u8]) -> Result<(), Stop> {
        let last = self.bank.pages().saturating_sub(1);
        let (mut index, mut number) = self.newest(u32::MAX).unwrap_or((last, 0));
        let mut result = Err(Stop::Region);
        for _ in 0..self.bank.pages() {
            index = self.bank.next_page(index);
            number = number.saturating_add(1);
            result = self.build(Page::blank::<F>(index, number), None, key, value);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Moves to the next page that takes it, and saves there.
    fn turn(&mut self, mut page: Page, key: u8, value: &[u8]) -> Result<(), Stop> {
        let mut end = Grid::<F>::HEADER.saturating_add(units_of::<F>(value.len()));
        self.each(&page, &mut |_, copy| {
            end = end.saturating_add(units_of::<F>(copy.len().saturating_sub(1)));
            Ok(())
        })?;
        if end > Grid::<F>::SIGNS {
            return Err(Stop::Full);
        }
        let mut number = page.sign.map_or(page.number, |sign| sign.max(page.number));
        let mut index = page.index;
        let mut result = Err(Stop::Region);
        for _ in 1..self.bank.pages() {
            index = self.bank.next_page(index);
            number = number.saturating_add(1);
            let _ = page.append_sign(&mut self.bank, number);
            result = self.build(Page::blank::<F>(index, number), Some(&page), key, value);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Erases a page and writes all values to it, the saved one last.
    fn build(
        &mut self,
        mut page: Page,
        from: Option<&Page>,
        key: u8,
        value: &[u8],
    ) -> Result<(), Stop> {
        let Page { index, number, .. } = page;
        self.bank.erase(index)?;
        let first = first::<F>(number);
        self.bank.head(page::Page { first, index, line: 0, nonce: 0, gap: 0 }, &[0; 3])?;
        if let Some(from) = from {
            // The old value of the saved key, too: the new one may be torn, and come and go.
            self.each(from, &mut |bank, copy| match copy {
                [key, value @ ..] => page.append(bank, (Origin::Copied, *key, value)),
                [] => Ok(()),
            })?;
        }
        page.append(&mut self.bank, (Origin::Saved, key, value))?;
        page.append_sign(&mut self.bank, number)
    }

    /// Shows the newest value of each key, key first.
    #[expect(clippy::type_complexity, reason = "one copy of the walk for both of its users")]
    fn each(
        &mut self,
        page: &Page,
        each: &mut dyn FnMut(&mut Bank<'_, F>, &[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut bytes = [0; ITEM];
        let mut seen = [0_u8; 32];
        let mut unit = Grid::<F>::HEADER;
        while page.next(&mut self.bank, &mut unit, &mut bytes).is_some() {
            let [key, ..] = bytes;
            let Some(group) = seen.get_mut(usize::from(key / 8)) else { continue };
            let bit = 1 << (key % 8);
            if *group & bit != 0 {
                continue;
            }
            *group |= bit;
            // What was read a moment ago is there still, but for a bus that stumbles.
            let len = page.find(&mut self.bank, key, &mut bytes).ok_or(Stop::Corrupt)?;
            each(&mut self.bank, bytes.get(..len).unwrap_or_default())?;
        }
        Ok(())
    }
}
