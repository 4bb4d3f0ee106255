//! A log in RAM, for devices without a memory to spare or records not worth one.

#[cfg(feature = "async")]
use super::LogAsync;
use super::{Appended, Cursor, Draft, Item, LONGEST, Log, Mark, Occupancy, Priority, WhenFull};
use crate::Error;
use core::convert::Infallible;

/// Keeps items in `N` bytes of its own: they live until the power fails.
///
/// An item takes its length and 6 bytes. Opening again keeps what is stored. Whatever memory a
/// call lends is left alone, so that the log fits in where another one was.
///
/// *RAM*: `N` bytes and 8 more (6 on AVR).
///
/// *Cancel safety*: the futures of `LogAsync` (feature `async`) never wait.
///
/// *Blocking time*: none but that of moving up to `N` bytes together, once for each item that is
/// dropped, once for a release.
///
/// ```
/// use sundew_store::log::{Cursor, Draft, Log, Occupancy, Priority, RamLog, WhenFull};
///
/// let mut log = RamLog::<64>::new();
/// log.open(&mut ())?;
/// let draft = Draft { priority: Priority::Normal, tag: 0, head: b"21.5", body: b" Cel" };
/// log.append(&mut (), draft, WhenFull::RefuseNew)?;
///
/// let mut buffer = [0; 16];
/// let item = log.next(&mut (), &mut Cursor::default(), &mut buffer)?.unwrap();
/// assert_eq!(item.bytes, b"21.5 Cel");
/// log.release(&mut (), item.mark)?;
/// assert!(log.is_empty());
/// # Ok::<(), sundew_store::Error<core::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RamLog<const N: usize> {
    /// The items in the order they came, without gaps.
    bytes: [u8; N],
    used: usize,
    /// The place of the next item; never 0, so that 0 says: not open.
    next: u32,
}

/// The bytes before an item: its length, its priority and tag, its place.
const HEADER: usize = 6;

impl<const N: usize> RamLog<N> {
    /// Keeps nothing yet.
    pub const fn new() -> Self {
        Self { bytes: [0; N], used: 0, next: 0 }
    }
}

impl<const N: usize> Default for RamLog<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Occupancy for RamLog<N> {
    fn is_empty(&self) -> bool {
        self.used == 0
    }
}

#[maybe_async_cfg::maybe(idents(Log(sync)), sync(keep_self), async(keep_self, feature = "async"))]
impl<M, const N: usize> Log<M> for RamLog<N> {
    type Fault = Infallible;

    async fn open(&mut self, _: &mut M) -> Result<(), Error<Infallible>> {
        self.next = self.next.max(1);
        Ok(())
    }

    async fn append(
        &mut self,
        _: &mut M,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<Infallible>> {
        let mark = Mark { priority: draft.priority, page: 0, place: self.opened()? };
        let len = draft.head.len().saturating_add(draft.body.len());
        if len > LONGEST || len > N.saturating_sub(HEADER) {
            return Err(Error::TooLong { needed: len });
        }
        let dropped = self.make_room(HEADER + len, draft.priority, when_full)?;
        let [p0, p1, p2, p3] = mark.place.to_le_bytes();
        let flags = (draft.priority as u8) << 4 | draft.tag & 0x0F;
        let header = [len as u8, flags, p0, p1, p2, p3];
        let new = header.iter().chain(draft.head).chain(draft.body);
        for (stored, byte) in self.bytes.iter_mut().skip(self.used).zip(new) {
            *stored = *byte;
        }
        self.used += HEADER + len;
        self.next = self.next.checked_add(1).unwrap_or(1);
        Ok(Appended { mark, dropped })
    }

    async fn next<'b>(
        &mut self,
        _: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<Infallible>> {
        self.opened()?;
        let passed = cursor.passed;
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            let behind = |mark: Mark| match passed {
                Some(passed) if passed.priority == priority => !is_covered(mark, passed),
                Some(passed) => priority < passed.priority,
                None => true,
            };
            let found =
                self.items().find(|item| item.mark.priority == priority && behind(item.mark));
            if let Some(item) = found {
                let needed = item.bytes.len();
                let bytes = buffer.get_mut(..needed).ok_or(Error::TooLong { needed })?;
                bytes.copy_from_slice(item.bytes);
                cursor.passed = Some(item.mark);
                return Ok(Some(Item { mark: item.mark, tag: item.tag, bytes }));
            }
        }
        Ok(None)
    }

    async fn release(&mut self, _: &mut M, up_to: Mark) -> Result<(), Error<Infallible>> {
        let next = self.opened()?;
        if !is_covered(up_to, Mark { place: next.wrapping_sub(1), ..up_to }) {
            return Err(Error::OutOfRange);
        }
        self.remove(|mark| mark.priority == up_to.priority && is_covered(mark, up_to));
        Ok(())
    }

    async fn clear(&mut self, _: &mut M) -> Result<(), Error<Infallible>> {
        self.used = 0;
        Ok(())
    }
}

struct Stored<'a> {
    mark: Mark,
    tag: u8,
    bytes: &'a [u8],
}

impl<const N: usize> RamLog<N> {
    /// Returns the place of the next item.
    fn opened(&self) -> Result<u32, Error<Infallible>> {
        if self.next == 0 { Err(Error::NotOpen) } else { Ok(self.next) }
    }

    fn item_at(&self, at: usize) -> Option<Stored<'_>> {
        let (header, rest) = self.bytes.get(at..self.used)?.split_first_chunk::<HEADER>()?;
        let [len, flags, p0, p1, p2, p3] = *header;
        let priority = match flags >> 4 {
            0 => Priority::Low,
            1 => Priority::Normal,
            _ => Priority::High,
        };
        let mark = Mark { priority, page: 0, place: u32::from_le_bytes([p0, p1, p2, p3]) };
        Some(Stored { mark, tag: flags & 0x0F, bytes: rest.get(..usize::from(len))? })
    }

    fn items(&self) -> impl Iterator<Item = Stored<'_>> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let item = self.item_at(at)?;
            at += HEADER + item.bytes.len();
            Some(item)
        })
    }

    /// Makes room for `needed` bytes, and counts the items that went for it: none where it would
    /// not be enough.
    fn make_room(
        &mut self,
        needed: usize,
        priority: Priority,
        when_full: WhenFull,
    ) -> Result<u16, Error<Infallible>> {
        let mut droppable = 0;
        if when_full == WhenFull::DropOldest {
            let lower = self.items().filter(|item| item.mark.priority <= priority);
            droppable = lower.map(|item| HEADER + item.bytes.len()).sum();
        }
        if N - self.used + droppable < needed {
            return Err(Error::Full);
        }
        let mut dropped = 0;
        while N - self.used < needed {
            // The first of those that are equal, so the oldest.
            let victim = self.items().map(|item| item.mark).min_by_key(|mark| mark.priority);
            self.remove(|mark| Some(mark) == victim);
            dropped += 1;
        }
        Ok(dropped)
    }

    fn remove(&mut self, is_gone: impl Fn(Mark) -> bool) {
        let (mut from, mut to) = (0, 0);
        while let Some(item) = self.item_at(from) {
            let (len, gone) = (HEADER + item.bytes.len(), is_gone(item.mark));
            if !gone {
                for offset in 0..len {
                    let byte = self.bytes.get(from + offset).copied().unwrap_or(0);
                    if let Some(slot) = self.bytes.get_mut(to + offset) {
                        *slot = byte;
                    }
                }
                to += len;
            }
            from += len;
        }
        self.used = to;
    }
}

/// Says whether releasing `up_to` lets go of `mark`, of the same priority; places wrap.
const fn is_covered(mark: Mark, up_to: Mark) -> bool {
    up_to.place.wrapping_sub(mark.place) as i32 >= 0
}

#[cfg(test)]
mod tests {
    extern crate std;

    // By name: with both faces in scope no method is found.
    use super::{Appended, Cursor, Draft, Error, Infallible, Log, Mark};
    use super::{Occupancy, Priority, RamLog, WhenFull};
    use std::vec::Vec;

    type Small = RamLog<64>;

    fn append(
        log: &mut Small,
        priority: Priority,
        byte: u8,
    ) -> Result<Appended, Error<Infallible>> {
        let draft = Draft { priority, tag: byte & 7, head: &[byte; 4], body: &[byte; 6] };
        log.append(&mut (), draft, WhenFull::DropOldest)
    }

    /// Returns the first byte of each item, checked against the others.
    fn stored(log: &mut Small) -> Vec<u8> {
        let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 10], Vec::new());
        while let Some(item) = log.next(&mut (), &mut cursor, &mut buffer).unwrap() {
            let byte = item.bytes[0];
            assert_eq!((item.bytes, item.tag), (&[byte; 10][..], byte & 7));
            found.push(byte);
        }
        found
    }

    fn opened() -> Small {
        let mut log = Small::new();
        assert_eq!(append(&mut log, Priority::Low, 0), Err(Error::NotOpen));
        log.open(&mut ()).unwrap();
        log
    }

    #[test]
    fn higher_priorities_come_first_and_each_in_order() {
        let mut log = opened();
        let order = [Priority::Low, Priority::High, Priority::Normal, Priority::High];
        let marks: Vec<_> =
            (0..4).map(|at| append(&mut log, order[usize::from(at)], at).unwrap().mark).collect();
        assert_eq!(stored(&mut log), [1, 3, 2, 0]);
        log.release(&mut (), marks[1]).unwrap();
        log.release(&mut (), marks[1]).unwrap();
        assert_eq!(stored(&mut log), [3, 2, 0]);
        let ahead = Mark { place: marks[3].place + 1, ..marks[3] };
        assert_eq!(log.release(&mut (), ahead), Err(Error::OutOfRange));
    }

    #[test]
    fn the_oldest_of_the_lowest_go_and_none_above_the_new_one() {
        let mut log = opened();
        for (byte, priority) in
            [Priority::Normal, Priority::Low, Priority::High, Priority::Low].into_iter().enumerate()
        {
            assert_eq!(append(&mut log, priority, byte as u8).unwrap().dropped, 0);
        }
        // Four of 16 bytes fill it.
        assert_eq!(append(&mut log, Priority::Low, 4).unwrap().dropped, 1);
        assert_eq!(stored(&mut log), [2, 0, 3, 4]);
        append(&mut log, Priority::High, 5).unwrap();
        append(&mut log, Priority::High, 6).unwrap();
        assert_eq!(stored(&mut log), [2, 5, 6, 0]);
        assert_eq!(append(&mut log, Priority::Low, 7), Err(Error::Full));
        append(&mut log, Priority::High, 7).unwrap();
        append(&mut log, Priority::High, 8).unwrap();
        assert_eq!(stored(&mut log), [5, 6, 7, 8]);
    }

    #[test]
    fn a_cursor_goes_on_behind_what_was_released_or_dropped() {
        let mut log = opened();
        for byte in 0..4 {
            append(&mut log, Priority::Normal, byte).unwrap();
        }
        let (mut cursor, mut buffer) = (Cursor::default(), [0; 10]);
        let first = log.next(&mut (), &mut cursor, &mut buffer).unwrap().unwrap().mark;
        append(&mut log, Priority::Normal, 4).unwrap();
        log.release(&mut (), first).unwrap();
        let short = log.next(&mut (), &mut cursor, &mut buffer[..9]);
        assert_eq!(short, Err(Error::TooLong { needed: 10 }));
        let next = log.next(&mut (), &mut cursor, &mut buffer).unwrap().unwrap();
        assert_eq!(next.bytes[0], 1);
    }

    #[test]
    fn places_wrap_and_lengths_are_kept_to() {
        let mut log = opened();
        log.next = u32::MAX - 1;
        let marks: Vec<_> =
            (0..4).map(|byte| append(&mut log, Priority::High, byte).unwrap().mark).collect();
        assert_eq!(marks[2].place, 1);
        log.release(&mut (), marks[1]).unwrap();
        assert_eq!(stored(&mut log), [2, 3]);
        let long =
            |len| Draft { priority: Priority::Low, tag: 0, head: &[], body: &[0; 300][..len] };
        for (len, fits) in [(58, false), (26, true), (300, false)] {
            let taken = log.append(&mut (), long(len), WhenFull::RefuseNew);
            assert_eq!(taken.is_ok(), fits, "{len}: {taken:?}");
        }
        assert_eq!(
            log.append(&mut (), long(59), WhenFull::RefuseNew),
            Err(Error::TooLong { needed: 59 })
        );
    }

    #[test]
    fn opening_again_keeps_what_is_stored_and_clearing_does_not() {
        let mut log = opened();
        append(&mut log, Priority::Low, 1).unwrap();
        log.open(&mut ()).unwrap();
        assert_eq!(stored(&mut log), [1]);
        Log::<()>::clear(&mut log, &mut ()).unwrap();
        assert!(log.is_empty());
    }
}
