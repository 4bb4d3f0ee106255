//! A log on NOR flash.
//!
//! Nothing is programmed twice, nothing that waits is ever erased, and nothing is copied. Items are
//! appended to pages of one priority each; what is released or dropped is a *mark* that is
//! appended too, or stands in the header of the next page. `SPEC.md` has the bytes.
//!
//! Power may be lost in any word, again and again, and what was being written may read as one thing
//! today and as another tomorrow. Hence these rules:
//!
//! - A page counts once an item stands in it. A header alone may be gone at the next start; and a
//!   page whose item comes and goes is not the first choice to be erased.
//! - Two pages are kept free. Dropping takes one of them and notes the drop in its header; the
//!   dropped page is erased when yet another is needed. So a torn erase brings back only what was
//!   released, and a page that holds something live was never half erased.
//! - The page to be erased is chosen by what the newest page's header says, not by marks behind it:
//!   those might be gone at the next start.
//! - A word that was torn may look blank. The first such unit behind what was found is programmed
//!   with all bits before anything is written behind it.
//!
//! What no log on such flash can know is whether *everything* in a page wavers: where each single
//! item of the newest page was torn, all showed at one start and none does at the next, what was
//! released may come again.

mod alloc;
pub(crate) mod grid;
pub(crate) mod item;
mod open;
pub(crate) mod page;
mod release;
mod walk;

use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;

use super::{Appended, Cursor, Draft, Item, LONGEST, Log, Mark, Occupancy, Priority, WhenFull};
use crate::Error;
use alloc::Room;
use grid::{Area, Grid};
use item::{Parts, Spot};

/// Keeps items on NOR flash, in a region of at least three pages.
///
/// Pick it for any flash with pages: words of up to 32 bytes, with or without ECC, programmed once,
/// erased to ones or (see [`erased_to_zero`](Self::erased_to_zero)) to zeros. Two pages stay free:
/// [`capacity`](Self::capacity) says what fits. Where all is taken, the oldest page of the lowest
/// priority is dropped as a whole. A page has at most 32,768 units; a unit is a word, a read or
/// 4 bytes, whichever is the coarsest.
///
/// *RAM*: 52 bytes, and buffers of 32 on the stack.
///
/// *Blocking time* is that of the flash: one page to erase in a call at most, except in
/// [`clear`](Log::clear).
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
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
#[derive(Clone, Debug, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NorLog {
    area: Area,
    /// The last released place of each line.
    marks: [u32; 3],
    /// The newest page of each line, and of marks.
    tails: [Tail; 4],
    /// The number of the newest page that counts.
    number: u32,
    /// The page to be looked at first when one is needed.
    start: u16,
    /// How many numbers were given to pages that do not count (yet).
    ahead: u16,
    /// The line of the newest page.
    line: u8,
    /// Its gap.
    gap: u8,
    flags: u8,
    /// The lines, one bit each, whose last page was not written since the log was opened.
    untried: u8,
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
/// The line of pages that hold marks only.
const MARKS_ONLY: u8 = 3;

/// The bits 0 to 2 of the flags say in which lines items may wait.
const WAITING: u8 = 7;
const IS_OPEN: u8 = 8;
/// Something was written into the newest page since the last open: it counts for ever.
const IS_SURE: u8 = 16;
/// The last attempt to get a new page failed, on the page before `start`.
const HAS_FAILED: u8 = 32;
/// A page's header could not be read; it may have been a passing trouble.
const IN_DOUBT: u8 = 64;

impl NorLog {
    /// Keeps items in `region`, on flash whose erased bytes read as 0xFF.
    pub const fn new(region: Region) -> Self {
        Self {
            area: Area { start: region.start(), len: region.len(), blank: 0xFF },
            marks: [0; 3],
            tails: [NO_TAIL; 4],
            number: 0,
            start: 0,
            ahead: 0,
            line: MARKS_ONLY,
            gap: 0,
            flags: 0,
            untried: 0,
        }
    }

    /// Says that erased bytes read as 0x00, as those of the STM32L0 and L1 do.
    #[must_use]
    pub const fn erased_to_zero(mut self) -> Self {
        self.area.blank = 0;
        self
    }

    /// Returns how many items of `len` bytes fit at least into `region`, all of one priority,
    /// however it was used before.
    ///
    /// Two pages stay free so that a release always finds room and no page that holds anything is
    /// ever erased, and a third may be half used up by items that were released. Each further
    /// priority in use may take another page. What comes to pass while it fills goes off: each
    /// start burns a unit, and what a cut or a failed write tore takes its room. 0 says that the region or the item does not suit.
    pub const fn capacity<F: NorFlash>(region: Region, len: usize) -> u32 {
        let pages = region.len() / F::ERASE_SIZE as u32;
        let units = Grid::<F>::units(item::OVERHEAD + len);
        if !Grid::<F>::SUITS || pages < 3 || len > LONGEST {
            return 0;
        }
        let in_a_page = (Grid::<F>::UNITS - Grid::<F>::HEADER) / units;
        if in_a_page == 0 { 0 } else { (pages - 3) * in_a_page as u32 + 1 }
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn mark(&self, line: u8) -> u32 {
        self.marks.get(usize::from(line)).copied().unwrap_or(0)
    }

    fn tail(&self, line: u8) -> Tail {
        self.tails.get(usize::from(line)).copied().unwrap_or(NO_TAIL)
    }

    /// Writes an item behind the last one of a line; `None` where there is no room.
    #[inline(never)]
    fn put<F: NorFlash>(
        &mut self,
        flash: &mut F,
        line: u8,
        parts: &Parts<'_>,
    ) -> Result<Option<Spot>, Error<F::Error>> {
        let mut tail = self.tail(line);
        if !tail.has_room::<F>(parts) {
            return Ok(None);
        }
        let mut number = self.number;
        if line != self.line {
            match page::read(flash, self.area, tail.page, page::Kind::Log) {
                Ok(Some(header)) => number = header.number,
                _ => return Ok(None),
            }
        }
        if self.untried & (1 << line) != 0 {
            tail.try_out(flash, self.area);
            self.untried &= !(1 << line);
        }
        let written = tail.put(flash, self.area, number, parts);
        if let Some(slot) = self.tails.get_mut(usize::from(line)) {
            *slot = tail;
        }
        if line == self.line && matches!(written, Ok(Some(_))) {
            self.flags |= IS_SURE;
        }
        written
    }
}

impl Tail {
    fn has_room<F: NorFlash>(self, parts: &Parts<'_>) -> bool {
        let end = self.unit.saturating_add(Grid::<F>::units(parts.len()));
        self.page != NONE && end <= Grid::<F>::UNITS
    }

    /// Programs all bits of the first unit behind what was found.
    ///
    /// Power may have been lost while it was being programmed: then it may look blank, today, and
    /// nobody can tell. If it takes all bits it is one that holds no item at any start; if it does
    /// not, the one behind it may be such a unit, too. Only behind one that was tried out is
    /// anything written that must last.
    fn try_out<F: NorFlash>(&mut self, flash: &mut F, area: Area) {
        const ATTEMPTS: u8 = 8;
        let full = [!area.blank; grid::CHUNK];
        let (unit, _) = full.split_at(const { Grid::<F>::SAFE_UNIT });
        for _ in 0..ATTEMPTS {
            if self.unit >= Grid::<F>::UNITS {
                return;
            }
            let at = area.at::<F>(self.page, self.unit);
            self.unit += 1;
            if grid::program(flash, at, unit).is_ok() {
                return;
            }
        }
        self.unit = Grid::<F>::UNITS;
    }

    /// Writes an item, and once more behind the first attempt where that fails: a word may be bad,
    /// or be programmed though it looks blank. A page in which both fail is closed.
    fn put<F: NorFlash>(
        &mut self,
        flash: &mut F,
        area: Area,
        number: u32,
        parts: &Parts<'_>,
    ) -> Result<Option<Spot>, Error<F::Error>> {
        let mut outcome = Ok(None);
        for _ in 0..2 {
            if !self.has_room::<F>(parts) {
                break;
            }
            let begin = Spot { page: self.page, number, unit: self.unit };
            let mut spot = begin;
            let written = item::write(flash, area, &mut spot, parts);
            self.unit = spot.unit;
            match written {
                Ok(()) => return Ok(Some(begin)),
                Err(error) => outcome = Err(error),
            }
        }
        self.unit = Grid::<F>::UNITS;
        outcome
    }
}

impl<F: NorFlash> Log<F> for NorLog {
    type Fault = F::Error;

    fn open(&mut self, memory: &mut F) -> Result<(), Error<F::Error>> {
        Self::find_all(self, memory)
    }

    fn append(
        &mut self,
        memory: &mut F,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<F::Error>> {
        if !self.has(IS_OPEN) {
            return Err(Error::NotOpen);
        }
        let needed = draft.head.len().saturating_add(draft.body.len());
        let units = Grid::<F>::units(needed.saturating_add(item::OVERHEAD));
        if needed > LONGEST || units > Grid::<F>::UNITS - Grid::<F>::HEADER {
            return Err(Error::TooLong { needed });
        }
        let line = draft.priority as u8;
        let parts = Parts::record(line, draft.tag, draft.head, draft.body);
        let (spot, dropped) = match Self::put(self, memory, line, &parts)? {
            Some(spot) => (spot, 0),
            None => Self::turn(self, memory, line, Room::of(when_full), &parts)?,
        };
        self.flags |= 1 << line;
        let place = spot.place::<F>();
        Ok(Appended { mark: Mark { priority: draft.priority, page: spot.page, place }, dropped })
    }

    fn next<'b>(
        &mut self,
        memory: &mut F,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<F::Error>> {
        if !self.has(IS_OPEN) {
            return Err(Error::NotOpen);
        }
        let mut passed = cursor.passed;
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            if passed.is_some_and(|mark| mark.priority < priority) {
                continue;
            }
            let Some(found) = Self::first_behind(self, memory, priority, passed.take(), buffer)?
            else {
                continue;
            };
            let len = usize::from(found.len);
            let bytes = buffer.get(..len).ok_or(Error::TooLong { needed: len })?;
            let mark = Mark { priority, page: found.spot.page, place: found.spot.place::<F>() };
            cursor.passed = Some(mark);
            return Ok(Some(Item { mark, tag: found.kind & 0xF, bytes }));
        }
        Ok(None)
    }

    fn release(&mut self, memory: &mut F, up_to: Mark) -> Result<(), Error<F::Error>> {
        Self::let_go(self, memory, up_to)
    }

    fn clear(&mut self, memory: &mut F) -> Result<(), Error<F::Error>> {
        Self::erase_all(self, memory)
    }
}

impl Occupancy for NorLog {
    fn is_empty(&self) -> bool {
        !self.has(WAITING)
    }
}
