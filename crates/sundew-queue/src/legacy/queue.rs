//! The queue: record, visit, acknowledge.

use super::counters::{Census, Counters};
use super::log::{Room, Step, append, walk};
use super::record::{HEADER, Record, age_key, decode};
use super::ring::{Depth, Ring};
use crate::{Position, Priority, Stamp, WhenFull};
use core::ops::ControlFlow;
use embedded_storage::nor_flash::MultiwriteNorFlash;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::bridge::Reins;

/// Keeps records on flash until they are acknowledged.
///
/// `ITEM` is the longest stored record in bytes, its 12 bytes of header included; a buffer of that
/// size is on the stack while a call runs. It must not shrink between firmware versions: longer
/// records of an older one are passed over and counted.
///
/// Each call borrows the flash, which must allow programming a word twice
/// ([`MultiwriteNorFlash`]): that is how a record is marked as acknowledged.
///
/// *RAM*: 44 bytes, and within a call `ITEM` and about 900 bytes of stack (sum of the frames on
/// thumbv6m at opt-level z).
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
///
/// ```
/// use core::ops::ControlFlow;
/// use sundew_core::Region;
/// use sundew_queue::legacy::Queue;
/// use sundew_queue::{Priority, Stamp, WhenFull};
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let mut queue: Queue = Queue::new(Region::new(0, 8192), WhenFull::RefuseNew);
/// queue.open(&mut flash, 1)?;
/// queue.record(&mut flash, Stamp::SinceBoot(5), Priority::Normal, b"21.5 Cel")?;
/// let last = queue.record(&mut flash, Stamp::SinceBoot(9), Priority::Normal, b"21.6 Cel")?;
///
/// let mut scratch = [0; 128];
/// let mut sent = 0;
/// queue.visit(&mut flash, &mut scratch, |record| {
///     assert!(record.payload.ends_with(b"Cel"));
///     sent += 1;
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!((sent, queue.len()), (2, 2));
/// queue.ack(&mut flash, last)?;
/// assert!(queue.is_empty());
/// # Ok::<(), sundew_queue::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Queue<const ITEM: usize = 128> {
    region: Region,
    when_full: WhenFull,
    boot: u16,
    next: u32,
    len: u32,
    known: Known,
    counters: Counters,
}

/// Whether `len` is what the flash holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Known {
    NotOpen,
    /// A call failed half way: count again before the next.
    Unsure,
    /// A page of records was erased to make room, so a count tells how many went.
    Dropping,
    Exact,
}

impl<const ITEM: usize> Queue<ITEM> {
    /// Keeps records in `region`, of at least two pages; nothing is read before
    /// [`open`](Self::open).
    pub const fn new(region: Region, when_full: WhenFull) -> Self {
        Self {
            region,
            when_full,
            boot: 0,
            next: 0,
            len: 0,
            known: Known::NotOpen,
            counters: Counters {
                recorded: 0,
                acknowledged: 0,
                dropped: 0,
                refused: 0,
                missing: 0,
                unreadable: 0,
            },
        }
    }

    /// Reads what is stored, mends what a power cut or damage left, and starts numbering for
    /// `boot`.
    ///
    /// A boot number must not come twice, or numbers of acknowledged records may. Where records of
    /// the same boot are still stored, numbering goes on behind them.
    ///
    /// *Blocking time*: reads every record once. Erases nothing where the pages are in order, at
    /// most one page after a power cut, and pages that damage put out of order.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] where the region does not suit the flash and [`Error::Flash`]
    /// where the driver fails.
    pub fn open<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        boot: u16,
    ) -> Result<(), Error<F::Error>> {
        if self.region.len() / 2 < F::ERASE_SIZE as u32 || ITEM < HEADER {
            return Err(Error::Region);
        }
        self.known = Known::NotOpen;
        self.boot = boot;
        self.counters = Counters::default();
        self.mend(flash, Depth::Marks)?;
        let mut found = Census::default();
        self.count(flash, &mut found)?;
        self.next = found.next_of(boot);
        self.counters.missing = found.missing;
        self.counters.unreadable = found.unreadable;
        Ok(())
    }

    /// Stores `payload`; it is durable when this returns, and names its place.
    ///
    /// *Blocking time*: reads the marks of all pages and the item headers of one, then writes the
    /// record and reads it back. Erases at most one page; where records are dropped, those left
    /// are read to count them. Only where a write fails twice, pages that are free and not blank
    /// are read and erased, too.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where the payload is longer than
    /// [`longest_payload`](Self::longest_payload), [`Error::Full`] where there is no room and
    /// nothing may be dropped, [`Error::NotOpen`], and [`Error::Flash`] or [`Error::Corrupt`] where
    /// the record could not be written in three places: it is then not stored, or (where the driver
    /// failed after all was written) stored under a number that no other record gets.
    pub fn record<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        stamp: Stamp,
        priority: Priority,
        payload: &[u8],
    ) -> Result<Position, Error<F::Error>> {
        self.ensure(flash)?;
        if payload.len() > Self::longest_payload::<F>() {
            return Err(Error::TooLong { needed: payload.len() });
        }
        let position = Position { boot: self.boot, sequence: self.next };
        let after = self.next.checked_add(1).ok_or(Error::Full)?;
        let mut buffer = Buffer([0; ITEM]);
        let record = Record { position, stamp, priority, payload };
        let len = record.encode(&mut buffer.0).ok_or(Error::Bug)?;
        let item = buffer.0.get(..len).ok_or(Error::Bug)?;

        match self.append(flash, item) {
            Ok(()) => {}
            Err(Error::Full) => {
                self.counters.refused = self.counters.refused.saturating_add(1);
                return Err(Error::Full);
            }
            Err(error) => {
                // Perhaps it is stored after all: the number must not be given again.
                self.next = after;
                if self.known == Known::Exact {
                    self.known = Known::Unsure;
                }
                return Err(error);
            }
        }
        self.next = after;
        self.len += 1;
        self.counters.recorded = self.counters.recorded.saturating_add(1);
        // The record is durable, so a count that fails here is left to the next call.
        if self.known != Known::Exact {
            let _ = self.recount(flash);
        }
        Ok(position)
    }

    /// Shows each stored record to `each`, oldest first, until it breaks or none is left.
    ///
    /// Writes and erases nothing. `scratch` holds one stored record at a time.
    ///
    /// *Blocking time*: reads each record once, up to where `each` breaks.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `scratch` is shorter than a record that is stored (`ITEM`
    /// bytes always suffice), [`Error::NotOpen`], and [`Error::Flash`] where the driver fails.
    pub fn visit<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        scratch: &mut [u8],
        mut each: impl FnMut(Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error<F::Error>> {
        self.ensure(flash)?;
        let reins = Reins::new(0);
        let longest = scratch.len().max(ITEM);
        let mut seen = 0;
        let mut complete = true;
        walk(flash, self.region, &reins, scratch, longest, &mut |item| {
            let Some(record) = decode(item) else { return Step::Keep };
            seen += 1;
            if each(record).is_break() {
                complete = false;
                return Step::Stop;
            }
            Step::Keep
        })?;
        if complete {
            self.settle(seen);
        }
        Ok(())
    }

    /// Removes the oldest records up to and with `up_to`, and returns how many that were.
    ///
    /// A position that is stored no more removes what is older than it, so that acknowledging
    /// twice does no harm.
    ///
    /// *Blocking time*: reads the records up to `up_to` twice, writes an item header for each
    /// and erases at most one page; what is left over is erased by later calls.
    ///
    /// # Errors
    ///
    /// Returns [`Error::OutOfRange`] for a position that was not given out yet,
    /// [`Error::NotOpen`], and [`Error::Flash`] or [`Error::Corrupt`] where the driver fails or a
    /// mark does not read back: some of the oldest records are gone then, none that `up_to` does
    /// not cover.
    pub fn ack<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        up_to: Position,
    ) -> Result<u32, Error<F::Error>> {
        self.ensure(flash)?;
        if up_to.boot == self.boot && up_to.sequence >= self.next {
            return Err(Error::OutOfRange);
        }
        // Damage can bend the order, so the place counts and not the number alone.
        let (boot, mut ahead, mut stored) = (self.boot, 0_u32, false);
        self.walk(flash, 0, &mut |item| {
            match decode(item).map(|record| record.position) {
                Some(position) if position == up_to => stored = true,
                Some(_) => ahead += 1,
                None => {}
            }
            if stored { Step::Stop } else { Step::Keep }
        })?;
        let mut left = if stored { ahead + 1 } else { u32::MAX };
        let mut removed = 0;
        self.known = Known::Unsure;
        self.walk(flash, 1, &mut |item| {
            let covered = match decode(item).map(|record| record.position) {
                Some(position) => stored || age_key(position, boot) <= age_key(up_to, boot),
                // In front of a record that goes, or of nothing: it would never be acknowledged.
                None => return if left > 0 { Step::Remove } else { Step::Stop },
            };
            if left == 0 || !covered {
                return Step::Stop;
            }
            left -= 1;
            removed += 1;
            Step::Remove
        })?;
        self.known = Known::Exact;
        self.len = self.len.saturating_sub(removed);
        self.counters.acknowledged = self.counters.acknowledged.saturating_add(removed);
        Ok(removed)
    }

    /// Erases all records, for a device that changes hands.
    ///
    /// *Blocking time*: one erase per page.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] or [`Error::Flash`].
    pub fn clear<F: MultiwriteNorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        if self.known != Known::NotOpen {
            self.known = Known::Unsure;
        }
        let mut part = sundew_store::Partition::new(flash, self.region)?;
        embedded_storage::nor_flash::NorFlash::erase(&mut part, 0, self.region.len())?;
        if self.known == Known::Unsure {
            self.known = Known::Exact;
        }
        self.len = 0;
        Ok(())
    }

    /// Returns how many records are stored: exact after [`open`](Self::open), except between a call
    /// that failed and the next.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Returns whether no record is stored.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns what happened to records since the queue was opened.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Returns the longest payload in bytes: what `ITEM` and a page leave.
    pub const fn longest_payload<F: MultiwriteNorFlash>() -> usize {
        let word = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };
        if word == 0 {
            return 0;
        }
        // A page holds a mark at either end and, before each item, 8 bytes of its own header.
        let page = F::ERASE_SIZE.saturating_sub(2 * word + 8_usize.div_ceil(word) * word);
        let item = if ITEM < page { ITEM } else { page };
        (item / word * word).saturating_sub(HEADER)
    }
}

/// Holds one item; some drivers take only word-aligned buffers.
#[repr(align(4))]
struct Buffer<const ITEM: usize>([u8; ITEM]);

impl<const ITEM: usize> Queue<ITEM> {
    /// Appends where there is room, else as the policy says.
    ///
    /// A write that fails is tried once more, since the log then goes on behind that place. Where
    /// that fails too, the ring is mended in depth, to go on in a page that is really free.
    fn append<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        item: &[u8],
    ) -> Result<(), Error<F::Error>> {
        for depth in [Depth::Marks, Depth::Cells] {
            match self.append_once(flash, item) {
                Err(Error::Flash(_) | Error::Corrupt) => self.mend(flash, depth)?,
                other => return other,
            }
        }
        self.append_once(flash, item)
    }

    fn append_once<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        item: &[u8],
    ) -> Result<(), Error<F::Error>> {
        match append(flash, self.region, item, Room::Free) {
            Err(Error::Full) => {}
            other => return other,
        }
        // Acknowledged pages are erased in passing; nothing is removed here.
        self.walk(flash, 1, &mut |_| Step::Stop)?;
        match (append(flash, self.region, item, Room::Free), self.when_full) {
            (Err(Error::Full), WhenFull::DropOldest) => {}
            (other, _) => return other,
        }
        self.known = Known::Dropping;
        append(flash, self.region, item, Room::Taken)
    }

    fn ensure<F: MultiwriteNorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        match self.known {
            Known::Exact => Ok(()),
            Known::NotOpen => Err(Error::NotOpen),
            Known::Unsure | Known::Dropping => self.recount(flash),
        }
    }

    fn recount<F: MultiwriteNorFlash>(&mut self, flash: &mut F) -> Result<(), Error<F::Error>> {
        let (before, known) = (self.len, self.known);
        self.mend(flash, Depth::Marks)?;
        self.count(flash, &mut Census::default())?;
        if known == Known::Dropping {
            let dropped = before.saturating_sub(self.len);
            self.counters.dropped = self.counters.dropped.saturating_add(dropped);
        }
        Ok(())
    }

    fn count<F: MultiwriteNorFlash>(
        &mut self,
        flash: &mut F,
        found: &mut Census,
    ) -> Result<(), Error<F::Error>> {
        let boot = self.boot;
        let fakes = self.walk(flash, 0, &mut |item| {
            match decode(item) {
                Some(record) => found.see(record.position, boot),
                None => found.unreadable += 1,
            }
            Step::Keep
        })?;
        found.unreadable += fakes;
        self.len = found.records;
        self.known = Known::Exact;
        Ok(())
    }

    /// Compares what a complete pass saw with what must be there.
    fn settle(&mut self, seen: u32) {
        let lost = self.len.saturating_sub(seen);
        self.counters.missing = self.counters.missing.saturating_add(lost);
        self.len = seen;
    }

    fn walk<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        erases: u8,
        each: &mut dyn FnMut(&mut [u8]) -> Step,
    ) -> Result<u32, Error<F::Error>> {
        let mut buffer = Buffer([0; ITEM]);
        walk(flash, self.region, &Reins::new(erases), &mut buffer.0, ITEM, each)
    }

    fn mend<F: MultiwriteNorFlash>(
        &self,
        flash: &mut F,
        depth: Depth,
    ) -> Result<(), Error<F::Error>> {
        let mut buffer = Buffer([0; ITEM]);
        Ring::new(flash, self.region, self.boot, &mut buffer.0)?.mend(depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_takes_the_ram_that_its_docs_say() {
        assert_eq!(size_of::<Queue>(), 44);
    }
}
