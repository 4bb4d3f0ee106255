//! A log on `sequential-storage`, for parts whose words may be programmed twice.

mod item;
mod ring;
mod walk;

use self::item::{Buffer, HEADER, Head, decode, encode, is_later, unmask};
use self::ring::{Depth, Ring};
use self::walk::{Room, Step, push, walk};
use super::{Appended, Cursor, Draft, Item, LONGEST, Log, Mark, Occupancy, Priority, WhenFull};
use crate::bridge::Reins;
use crate::{Error, Partition};
use embedded_storage::nor_flash::{MultiwriteNorFlash, NorFlash};
use sundew_core::Region;

/// Keeps items in one line on `sequential-storage` 8, for a device whose flash holds such a log
/// already or whose vendor trusts that crate more than this family's own log.
///
/// `ITEM` is the longest stored item in bytes, with 6 bytes of header; it must not shrink between
/// firmware versions: longer items of an older one are passed over.
///
/// # What it cannot do
///
/// - It releases an item by a second write to its first word: parts with ECC or write-once words
///   refuse that, which is why it asks for [`MultiwriteNorFlash`].
/// - It survives words and erases that a cut left half done, as long as they read the same each
///   time. Words that read differently from boot to boot, and words that read as an error, stop it
///   with [`Error::Flash`] or cost items; only [`clear`](Log::clear) mends the latter.
/// - Items of all priorities share each page. [`WhenFull::DropOldest`] drops the oldest page
///   whatever it holds, and answers [`Error::Full`] where that would drop a higher priority than the
///   new one's.
/// - [`open`](Log::open) reads every item, and writes or erases where a cut or damage left the pages
///   out of order. A reader finds its next item by reading all before it.
/// - A mark is worth nothing after the next `open`: an emptied log numbers from 0 again.
///
/// *RAM*: 20 bytes, and within a call `ITEM` and about 900 bytes of stack.
///
/// *Blocking time*: one erase at most in a call where the pages are in order; after damage each
/// page that contradicts the others, once.
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::log::{
///     Cursor, Draft, Log, Occupancy, Priority, SequentialLog, WhenFull,
/// };
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let mut log: SequentialLog = SequentialLog::new(Region::new(0, 8192));
/// log.open(&mut flash)?;
/// let draft = Draft { priority: Priority::High, tag: 0, head: b"", body: b"flood" };
/// log.append(&mut flash, draft, WhenFull::RefuseNew)?;
///
/// let mut buffer = [0; 32];
/// let item = log.next(&mut flash, &mut Cursor::default(), &mut buffer)?.unwrap();
/// assert_eq!(item.bytes, b"flood");
/// log.release(&mut flash, item.mark)?;
/// assert!(log.is_empty());
/// # Ok::<(), sundew_store::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Debug, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SequentialLog<const ITEM: usize = 128> {
    region: Region,
    /// The place of the next item.
    next: u32,
    /// Bit n: items of priority n may wait.
    waiting: u8,
    is_open: bool,
}

impl<const ITEM: usize> SequentialLog<ITEM> {
    /// Keeps items in `region`, of at least two pages; nothing is read before
    /// [`open`](Log::open).
    pub const fn new(region: Region) -> Self {
        Self { region, next: 0, waiting: 0, is_open: false }
    }

    /// Returns the longest item in bytes: what `ITEM` and a page leave.
    pub const fn longest<F: NorFlash>() -> usize {
        let word = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };
        if word == 0 {
            return 0;
        }
        // A page holds a mark at either end and, before each item, 8 bytes of its own header.
        let page = F::ERASE_SIZE.saturating_sub(2 * word + 8_usize.div_ceil(word) * word);
        let item = if ITEM < page { ITEM } else { page };
        let longest = (item / word * word).saturating_sub(HEADER);
        if longest < LONGEST { longest } else { LONGEST }
    }
}

impl<F: MultiwriteNorFlash, const ITEM: usize> Log<F> for SequentialLog<ITEM> {
    type Fault = F::Error;

    fn open(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        if self.region.len() / 2 < F::ERASE_SIZE as u32 || ITEM <= HEADER {
            return Err(Error::Region);
        }
        self.is_open = false;
        self.mend(flash, Depth::Marks)?;
        let (mut waiting, mut newest) = (0, None);
        self.walk(flash, &Reins::new(0), &mut |item| {
            if let Some((Head { mark, .. }, _)) = decode(item) {
                waiting |= bit(mark.priority);
                if newest.is_none_or(|newest| is_later(mark.place, newest)) {
                    newest = Some(mark.place);
                }
            }
            Step::Keep
        })?;
        self.next = newest.map_or(0, |place| place.wrapping_add(1));
        self.waiting = waiting;
        self.is_open = true;
        Ok(())
    }

    fn append(
        &mut self,
        flash: &mut F,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<F::Error>> {
        self.ensure()?;
        let needed = draft.head.len().saturating_add(draft.body.len());
        if needed > Self::longest::<F>() {
            return Err(Error::TooLong { needed });
        }
        let place = self.next;
        let mut buffer = Buffer([0; ITEM]);
        let item = encode(&draft, place, &mut buffer.0).ok_or(Error::Bug)?;
        let appended = self.write(flash, item, draft.priority, when_full);
        if !matches!(appended, Err(Error::Full)) {
            // After an error perhaps it is stored all the same: the place must not be given again.
            self.next = place.wrapping_add(1);
            self.waiting |= bit(draft.priority);
        }
        let mark = Mark { priority: draft.priority, page: 0, place };
        appended.map(|dropped| Appended { mark, dropped })
    }

    fn next<'b>(
        &mut self,
        flash: &mut F,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<F::Error>> {
        self.ensure()?;
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            let after = match cursor.passed {
                Some(passed) if passed.priority < priority => continue,
                Some(passed) if passed.priority == priority => Some(passed.place),
                _ => None,
            };
            if self.waiting & bit(priority) == 0 {
                continue;
            }
            if let Some((head, len)) = self.find(flash, priority, after, buffer)? {
                let bytes = buffer.get(..len).ok_or(Error::TooLong { needed: len })?;
                cursor.passed = Some(head.mark);
                return Ok(Some(Item { mark: head.mark, tag: head.tag, bytes }));
            }
            if after.is_none() {
                self.waiting &= !bit(priority);
            }
        }
        Ok(None)
    }

    fn release(&mut self, flash: &mut F, up_to: Mark) -> Result<(), Error<F::Error>> {
        self.ensure()?;
        if !is_later(self.next, up_to.place) {
            return Err(Error::OutOfRange);
        }
        let mut left = false;
        self.walk(flash, &Reins::new(1), &mut |item| match decode(item) {
            Some((Head { mark, .. }, _)) if mark.priority != up_to.priority => Step::Keep,
            Some((Head { mark, .. }, _)) if is_later(mark.place, up_to.place) => {
                left = true;
                Step::Stop
            }
            // Another layout in front of what goes would never be released.
            _ => Step::Remove,
        })?;
        if !left {
            self.waiting &= !bit(up_to.priority);
        }
        Ok(())
    }

    fn clear(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        let mut part = Partition::new(flash, self.region)?;
        part.erase(0, self.region.len())?;
        self.waiting = 0;
        Ok(())
    }
}

impl<const ITEM: usize> Occupancy for SequentialLog<ITEM> {
    fn is_empty(&self) -> bool {
        self.waiting == 0
    }
}

impl<const ITEM: usize> SequentialLog<ITEM> {
    /// Appends where there is room, else as the policy says, and returns how many items that cost.
    ///
    /// A write that fails is tried once more, since the storage then goes on behind that place.
    /// Where that fails too, the ring is mended in depth, to go on in a page that is really free.
    fn write<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        item: &[u8],
        priority: Priority,
        when_full: WhenFull,
    ) -> Result<u16, Error<F::Error>> {
        for depth in [Depth::Marks, Depth::Cells] {
            match self.write_once(flash, item, priority, when_full) {
                Err(Error::Flash(_) | Error::Corrupt) => self.mend(flash, depth)?,
                other => return other,
            }
        }
        self.write_once(flash, item, priority, when_full)
    }

    fn write_once<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        item: &[u8],
        priority: Priority,
        when_full: WhenFull,
    ) -> Result<u16, Error<F::Error>> {
        match push(flash, self.region, item, Room::Free) {
            Err(Error::Full) => {}
            other => return other.map(|()| 0),
        }
        // Released pages are erased in passing; nothing is removed here.
        self.walk(flash, &Reins::new(1), &mut |_| Step::Stop)?;
        match (push(flash, self.region, item, Room::Free), when_full) {
            (Err(Error::Full), WhenFull::DropOldest) => {}
            (other, _) => return other.map(|()| 0),
        }
        let dropped = self.oldest_page(flash, priority)?;
        push(flash, self.region, item, Room::Taken)?;
        Ok(dropped)
    }

    /// Counts the items of the oldest page, or refuses it where one is above `priority`.
    fn oldest_page<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        priority: Priority,
    ) -> Result<u16, Error<F::Error>> {
        let reins = Reins::new(0);
        let (mut oldest, mut count, mut refused) = (None, 0_u16, false);
        self.walk(flash, &reins, &mut |item| {
            let page = reins.last_read() / F::ERASE_SIZE as u32;
            if *oldest.get_or_insert(page) != page {
                return Step::Stop;
            }
            if let Some((Head { mark, .. }, _)) = decode(item) {
                refused |= mark.priority > priority;
                count = count.saturating_add(1);
            }
            Step::Keep
        })?;
        if refused { Err(Error::Full) } else { Ok(count) }
    }

    /// Copies the first item of a line behind `after` to the front of `buffer`, and returns its
    /// length in bytes.
    fn find<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        priority: Priority,
        after: Option<u32>,
        buffer: &mut [u8],
    ) -> Result<Option<(Head, usize)>, Error<F::Error>> {
        let mut found = None;
        self.walk(flash, &Reins::new(0), &mut |item| match decode(item) {
            Some((head, stored))
                if head.mark.priority == priority
                    && after.is_none_or(|after| is_later(head.mark.place, after)) =>
            {
                // Where it does not fit, the caller sees by the length.
                let _ = unmask(stored, buffer);
                found = Some((head, stored.len()));
                Step::Stop
            }
            _ => Step::Keep,
        })?;
        Ok(found)
    }

    fn walk<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        reins: &Reins,
        each: &mut dyn FnMut(&mut [u8]) -> Step,
    ) -> Result<u32, Error<F::Error>> {
        let mut buffer = Buffer([0; ITEM]);
        walk(flash, self.region, reins, &mut buffer.0, ITEM, each)
    }

    fn mend<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        depth: Depth,
    ) -> Result<(), Error<F::Error>> {
        let mut buffer = Buffer([0; ITEM]);
        Ring::new(flash, self.region, &mut buffer.0)?.mend(depth)
    }

    const fn ensure<E>(&self) -> Result<(), Error<E>> {
        if self.is_open { Ok(()) } else { Err(Error::NotOpen) }
    }
}

/// Returns the bit of a line in `waiting`.
const fn bit(priority: Priority) -> u8 {
    1 << priority as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_takes_the_ram_that_its_docs_say() {
        assert!(size_of::<SequentialLog>() <= 20);
    }
}
