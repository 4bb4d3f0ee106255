//! The header that each page starts with.
//!
//! It is laid out as a record: its bytes are the page's first place, the marks, the nonce and the gap,
//! its tag is the unit's length as a power of two, and what stands for the place of its page in the
//! CRC is the version and the kind of the page. So a page of another version, another store or other
//! words has no header that holds.

use embedded_storage::nor_flash::NorFlash;

use super::NONE;
use super::bank::Bank;
use super::grid::{Grid, later};
use super::item::{OVERHEAD, Parts, Spot, What};
#[cfg(feature = "async")]
use super::{BankAsync, GridAsync, NorFlashAsync};
use crate::error::Stop;

/// Holds the bytes behind the item's own.
const BODY: usize = 18;
/// Holds the bytes of a header, before it is filled up to whole units.
pub(crate) const LEN: usize = OVERHEAD + BODY;
/// Numbers the format of headers and items.
const VERSION: u32 = 1;

/// Says which store a page belongs to; the numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Marks pages of a log of items.
    Log = 1,
    /// Marks pages of settings.
    Settings = 2,
}

/// Names a page, or none: then the index is [`NONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Holds the place of its first unit: the number of the page times [`Grid::PLACES`].
    pub(crate) first: u32,
    pub(crate) index: u16,
    /// Holds the line that the page's records queue in; 3 for a page that holds none.
    pub(crate) line: u8,
    /// Holds what the sign says that announced the page.
    pub(crate) nonce: u8,
    /// Holds how many pages lie between its places and those of the page that was the newest before,
    /// this one counted: more than one where others failed.
    pub(crate) gap: u8,
}

/// Holds the last released place of each line.
pub(crate) type Marks = [u32; 3];

impl Page {
    pub(crate) const NONE: Self = Self { first: 0, index: NONE, line: 0, nonce: 0, gap: 0 };

    pub(crate) const fn is_none(self) -> bool {
        self.index == NONE
    }

    /// Returns whether it comes after another.
    ///
    /// Two pages can have the same places where more than 15 in a row failed when they were written:
    /// then the one that was announced last counts.
    pub(crate) fn is_later(self, other: Self) -> bool {
        later(self.first, other.first)
            || (self.first == other.first && (self.nonce.wrapping_sub(other.nonce) as i8) > 0)
    }
}

#[maybe_async_cfg::maybe(
    idents(NorFlash(sync), Bank(sync), Grid(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<F: NorFlash> Bank<'_, F> {
    const TAG: u8 = Grid::<F>::UNIT.trailing_zeros() as u8;

    /// Reads the header of a page, and the marks in it; no page where none holds.
    #[inline(never)]
    pub(crate) async fn page(
        &mut self,
        index: u16,
        marks: Option<&mut Marks>,
    ) -> Result<Page, Stop> {
        let mut body = [0; BODY];
        let mut spot = self.head_of(index);
        self.look(&mut spot, &mut body).await?;
        if spot.what != What::Record || usize::from(spot.len) != BODY || spot.tag != Self::TAG {
            return Ok(Page::NONE);
        }
        let ([first, words @ ..], [nonce, gap]) = body.as_chunks() else { return Ok(Page::NONE) };
        for (mark, word) in marks.into_iter().flatten().zip(words) {
            *mark = u32::from_le_bytes(*word);
        }
        Ok(Page {
            first: u32::from_le_bytes(*first),
            index,
            line: spot.line,
            nonce: *nonce,
            gap: *gap,
        })
    }

    /// Programs the header of a page that was just erased.
    #[inline(never)]
    pub(crate) async fn head(&mut self, page: Page, marks: &Marks) -> Result<(), Stop> {
        let [low, normal, high] = *marks;
        let words = [page.first, low, normal, high].map(u32::to_le_bytes);
        let rest = [page.nonce, page.gap];
        let parts = Parts::record(page.line, Self::TAG, words.as_flattened(), &rest);
        self.append(&mut self.head_of(page.index), &parts).await
    }

    const fn head_of(&self, index: u16) -> Spot {
        Spot::new(index, (VERSION << 8) | self.kind as u32, 0)
    }
}
