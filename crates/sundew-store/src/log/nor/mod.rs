//! A log on NOR flash.
//!
//! Nothing is programmed twice but what a cut tore, and that with all bits; nothing that waits is
//! ever erased, and nothing is copied. Items are appended to pages of one priority each; what is
//! released is a *mark* that is appended, too, to the page with the greatest number, the *newest*.
//! Its header holds the marks of all before it, so that no other page must be kept for them.
//! `SPEC.md` has the bytes.
//!
//! Power may be lost in any word, again and again, and what was being written may read as one thing
//! today and as another tomorrow: a word until it is erased, a page whose erase was cut until it is
//! erased whole. What is whole is known to those who wrote it, until they lose power, and follows
//! from what was written behind it, because nothing is written before what it needs is whole. Hence:
//!
//! - A page is announced before it is erased: by a *sign* in the newest page, which names it and a
//!   nonce. From then on nothing counts that stood in it. A page with the next number counts when
//!   an item stands in it and its nonce is that of the last sign: nobody has begun to erase it since.
//! - Who finds a sign and no such page signs once more, with another nonce, before anything else is
//!   written: what was begun may show tomorrow, and will not count. Who finds such a page repeats
//!   its sign first: a sign behind it may show tomorrow.
//! - Marks are exact: what is written behind one in a page is later than what it releases. Only a
//!   header releases whole pages, of lines in which nothing waits or that are dropped, and then they
//!   are not written on any more.
//! - A word that was torn may look blank. The first such unit behind what was found is programmed
//!   with all bits, *burned*, before anything is written behind it. Where words take a second
//!   programming, so is an item that was torn, as far as it was to go: its length may waver.
//! - A sign that does not show yet may name the last page of another line. Before a start writes on
//!   in such a page, a sign says that none comes next.
//!
//! What no log on such flash can have is a settled place for every try. Signs have a part of the
//! page that nothing else takes, with room for six. Where one change of pages was cut five times in
//! a row (four, where a sign says that none comes next), so that its words waver, the next try
//! believes what it sees. Where a word takes a second programming, so many cuts in a row as units
//! are burned, and one more, can hide one behind the other. And the very first page of all is
//! announced by none.
//!
//! One source makes both faces. What borrows the driver ([`Bank`](bank::Bank)) or divides its pages
//! ([`Grid`](grid::Grid)) is a type for each; what works on the state in RAM, which both share, is a
//! function for each, so it is called by its path: `Self::put(self, ..)`, because the macro renames
//! paths and not methods. Nor does it look into `let .. else`: no call stands there.

pub(crate) mod bank;
mod calls;
pub(crate) mod grid;
pub(crate) mod item;
mod open;
pub(crate) mod page;
mod put;
mod release;
mod sign;
mod turn;
mod walk;

use core::hash::{Hash, Hasher};

#[cfg(feature = "async")]
pub(crate) use embedded_storage_async::nor_flash::NorFlash as NorFlashAsync;
use sundew_core::Region;

use super::{Mark, Occupancy, Priority, WhenFull};
use bank::Area;
#[cfg(feature = "async")]
pub(crate) use bank::BankAsync;
#[cfg(feature = "async")]
pub(crate) use grid::GridAsync;
use page::Marks;

/// Keeps items on NOR flash, in a region of at least three pages.
///
/// Pick it for any flash with pages: words of up to 32 bytes, with or without ECC, programmed once,
/// erased to ones or (see [`erased_to_zero`](Self::erased_to_zero)) to zeros. One page stays free:
/// [`capacity`](Self::capacity) says what fits. Where all is taken, the oldest page of the lowest
/// priority is dropped as a whole. A page has at most 32,768 units; a unit is a word, a read or
/// 4 bytes, whichever is the coarsest.
///
/// *RAM*: 52 bytes, and buffers of 32 on the stack.
///
/// *Blocking time* is that of the flash: one page to erase in a call at most, except in
/// [`clear`](super::Log::clear).
///
/// *Cancel safety*: blocking calls run to their end; power may fail within any of them. With feature
/// `async` the log also has the calls of `LogAsync`, on the same state: one that is dropped while it
/// may write leaves the log closed, so that nothing is written behind half an item. Opening again
/// finds all that was promised.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::log::{Cursor, Draft, Log, NorLog, Occupancy, Priority, WhenFull};
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<16384, 4096, 8>::new();
/// let region = Region::new(0, 16384);
/// let mut log = NorLog::new(region);
/// log.open(&mut flash)?;
/// let draft = Draft { priority: Priority::High, tag: 0, head: b"flo", body: b"od" };
/// log.append(&mut flash, draft, WhenFull::DropOldest)?;
///
/// // The power fails here. After it:
/// let mut log = NorLog::new(region);
/// log.open(&mut flash)?;
/// let mut buffer = [0; 16];
/// let item = log.next(&mut flash, &mut Cursor::default(), &mut buffer)?.unwrap();
/// assert_eq!(item.bytes, b"flood");
/// log.release(&mut flash, item.mark)?;
/// assert!(log.is_empty());
/// # Ok::<(), sundew_store::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NorLog {
    area: Area,
    /// The last released place of each line.
    marks: Marks,
    /// The place of the newest page's first unit.
    first: u32,
    /// The newest page of each line, and of those without records.
    tails: [Tail; 4],
    /// The page before the newest, until that is settled.
    previous: u16,
    /// The page that was announced: nothing counts that stands in it.
    next: u16,
    /// The page to be looked at first when one is needed.
    start: u16,
    /// The unit in the newest page behind the last sign.
    signs: u16,
    flags: u16,
    /// The nonce of the last sign, or of the newest page where it has none.
    nonce: u8,
    /// The line of the newest page.
    line: u8,
}

/// Says where a page can be written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Tail {
    page: u16,
    unit: u16,
}

/// Stands for no page.
const NONE: u16 = u16::MAX;
const NO_TAIL: Tail = Tail { page: NONE, unit: NONE };
/// The line of pages that hold no records.
pub(crate) const NO_LINE: u8 = 3;

/// The bits 0 to 2 of the flags say in which lines items may wait.
const WAITING: u16 = 7;
/// The bits 4 to 7 say which tails were not written since the log was opened.
const UNTRIED: u16 = 1 << 4;
const IS_OPEN: u16 = 1 << 8;
/// The last page change was settled since the log was opened.
const IS_SETTLED: u16 = 1 << 9;
/// The next page was announced since the log was opened.
const IS_ANNOUNCED: u16 = 1 << 10;
const IS_ERASED_TO_ZERO: u16 = 1 << 11;
/// From this bit on the flags say how many pages in a row failed after the newest.
const FAILED: u16 = 12;

impl NorLog {
    /// Keeps items in `region`, on flash whose erased bytes read as 0xFF.
    pub const fn new(region: Region) -> Self {
        Self {
            area: Area { start: region.start(), len: region.len() },
            marks: [0; 3],
            first: 0,
            tails: [NO_TAIL; 4],
            previous: NONE,
            next: NONE,
            start: 0,
            signs: 0,
            flags: 0,
            nonce: 0,
            line: NO_LINE,
        }
    }

    /// Says that erased bytes read as 0x00, as those of the STM32L0 and L1 do.
    #[must_use]
    pub const fn erased_to_zero(mut self) -> Self {
        self.flags |= IS_ERASED_TO_ZERO;
        self
    }

    const fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Notes how many pages failed after the newest; beyond 15 places are given again.
    fn set_failed(&mut self, failed: u16) {
        self.flags = self.flags & ((1 << FAILED) - 1) | failed.min(15) << FAILED;
    }

    fn mark(&self, line: u8) -> u32 {
        self.marks.get(usize::from(line)).copied().unwrap_or(0)
    }

    fn set_mark(&mut self, line: u8, place: u32) {
        if let Some(mark) = self.marks.get_mut(usize::from(line)) {
            *mark = place;
        }
    }

    fn tail(&self, line: u8) -> Tail {
        self.tails.get(usize::from(line)).copied().unwrap_or(NO_TAIL)
    }

    /// Returns the page with the greatest number.
    fn newest(&self) -> u16 {
        self.tail(self.line).page
    }

    fn set_tail(&mut self, line: u8, tail: Tail) {
        if let Some(slot) = self.tails.get_mut(usize::from(line)) {
            *slot = tail;
        }
    }
}

/// Hashes what decides how the log goes on, with like flash: not the places that it has come to, nor
/// the last nonce, which the flash knows, too. A search of all states would never end otherwise.
impl Hash for NorLog {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { area, marks, first, tails, previous, next, start, signs, flags, nonce: _, line } =
            self;
        (area, tails, previous, next, start, signs, flags, line).hash(hasher);
        marks.map(|mark| first.wrapping_sub(mark)).hash(hasher);
    }
}

impl Occupancy for NorLog {
    fn is_empty(&self) -> bool {
        !self.has(WAITING)
    }
}
