//! The log for memory that is written byte by byte.

mod line;
mod slot;

use super::{Appended, Cursor, Draft, Item, Log, Mark, Occupancy, Priority, WhenFull};
use crate::Error;
use crate::crc::crc32;
use embedded_storage::{ReadStorage, Storage};
use line::Line;
use slot::{HEAD, Head, check_start, is_after};
use sundew_core::Region;

/// Keeps items in EEPROM or FRAM, one in each slot of `SLOT` bytes.
///
/// Pick it for memory that takes single bytes without an erase, such as the 1 KiB in an ATmega328P
/// or a part on I2C: up to some hundred slots, since most calls look at the head of each one. Flash
/// with pages is for the NOR log, and what need not outlive a power failure for
/// [`RamLog`](super::RamLog).
///
/// An item takes a slot, whatever its length: its bytes and [`OVERHEAD`](Self::OVERHEAD) more. As
/// many items wait as there are slots, and what is dropped where all are taken is one item, the
/// oldest of the lowest priority. Nothing needs to be kept free: a release is written into the slot
/// of the item that it names.
///
/// *Wear*: slots are taken in turn, the one written longest ago first. In one turn over all of them
/// each byte is written once, and the first 10 of a slot once more where a release names its item.
/// So 31 slots on cells for 100,000 writes take 1.5 million items released one by one, and up to
/// twice as many released some at a time. No byte is written more often than others.
///
/// *A worn byte* makes each try at its slot fail, one in each turn; the next try goes elsewhere. What a
/// slot held whose first byte no longer changes stays in it, and may come again at each start.
///
/// *The driver* must write every byte that it is told to, even one that reads so already: a byte
/// that a power cut left between two values may read so today and not tomorrow. Where a part may
/// lose more than the byte being written (writes by page, error correction over words), slots must
/// start and end where such a page does.
///
/// *Blocking time* is that of the memory. An ATmega328P takes 3.4 ms for a byte: 34 ms for a
/// release, 143 ms for an item of 32 bytes, 3.5 s to clear 1 KiB.
///
/// *RAM*: 44 bytes, and 16 for a buffer on the stack.
///
/// ```
/// use sundew_core::Region;
/// use sundew_store::log::{Cursor, Draft, EepromLog, Log, Occupancy, Priority, WhenFull};
/// use sundew_testkit::SimEeprom;
///
/// let mut eeprom = SimEeprom::<1024>::new();
/// let mut log = EepromLog::<32>::new(Region::new(32, 992)); // 31 slots
/// log.open(&mut eeprom)?;
/// let draft = Draft { priority: Priority::Normal, tag: 0, head: b"21.5", body: b" Cel" };
/// log.append(&mut eeprom, draft, WhenFull::DropOldest)?;
///
/// let mut buffer = [0; 22];
/// let item = log.next(&mut eeprom, &mut Cursor::default(), &mut buffer)?.unwrap();
/// assert_eq!(item.bytes, b"21.5 Cel");
/// log.release(&mut eeprom, item.mark)?;
/// assert!(log.is_empty());
/// # Ok::<(), sundew_store::Error<sundew_testkit::EepromError>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EepromLog<const SLOT: usize> {
    region: Region,
    /// How many there are; 0 says: not open.
    slots: u16,
    /// The slot that was written last, or tried.
    last: u16,
    /// Its place. That of any slot differs from it by as much as the slots do, modulo `slots`: so
    /// no two slots ever have the same.
    newest: u32,
    /// Slots before this one are known to hold items or were tried since opening.
    known: u16,
    /// Items dropped for one that could not be written then.
    dropped: u16,
    lines: [Line; 3],
}

/// How far behind the newest item a torn one can be: as many places as appends and slots.
const FARTHEST: u32 = u16::MAX as u32;

/// What is read at once.
const CHUNK: usize = 16;

type Outcome<T, S> = Result<T, Error<<S as ReadStorage>::Error>>;

impl<const SLOT: usize> EepromLog<SLOT> {
    /// Holds the bytes of a slot that no item gets.
    pub const OVERHEAD: usize = HEAD;

    /// Holds the length in bytes of the longest item.
    pub const LONGEST: usize = {
        assert!(SLOT > HEAD, "a slot holds more than its head");
        if SLOT - HEAD < super::LONGEST { SLOT - HEAD } else { super::LONGEST }
    };

    const CHECK: u32 = check_start(SLOT);

    /// Keeps items in `region`; nothing is read before [`open`](Log::open).
    ///
    /// What is left of the region behind its last whole slot is not used.
    pub const fn new(region: Region) -> Self {
        let line = Line { released: u32::MAX, newest: u32::MAX };
        Self { region, slots: 0, last: 0, newest: u32::MAX, known: 0, dropped: 0, lines: [line; 3] }
    }
}

impl<const SLOT: usize> Occupancy for EepromLog<SLOT> {
    fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.is_empty())
    }
}

impl<S: Storage, const SLOT: usize> Log<S> for EepromLog<SLOT> {
    type Fault = S::Error;

    /// Reads every slot once.
    #[inline(never)]
    fn open(&mut self, memory: &mut S) -> Outcome<(), S> {
        self.reset(memory)?;
        let mut found = false;
        for slot in 0..self.slots {
            let head = self.head(memory, slot)?;
            let Some(priority) = self.priority(memory, slot, &head)? else { continue };
            let place = head.place;
            if !found {
                // Older and newer ones lie less than this apart.
                let before = place.wrapping_sub(1 << 30);
                self.lines = [Line { released: before, newest: before }; 3];
                self.newest = before;
                found = true;
            }
            if is_after(place, self.newest) {
                self.newest = place;
                self.last = slot;
            }
            let line = self.line_mut(priority);
            let known = if head.is_released() { &mut line.released } else { &mut line.newest };
            if is_after(place, *known) {
                *known = place;
            }
        }
        for line in &mut self.lines {
            if is_after(line.released, line.newest) {
                line.newest = line.released;
            }
        }
        // What a cut tore may be whole again at the next start, above all a release of the newest
        // item: new places lie behind all that may come back. Other rubbish must not lead far away.
        for slot in 0..self.slots {
            let place = self.head(memory, slot)?.place;
            let far = found && place.wrapping_sub(self.newest) > FARTHEST;
            if is_after(place, self.newest) && !far {
                self.newest = place;
                self.last = slot;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn append(
        &mut self,
        memory: &mut S,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Outcome<Appended, S> {
        let needed = draft.head.len().saturating_add(draft.body.len());
        if needed > Self::LONGEST {
            return Err(Error::TooLong { needed });
        }
        let priority = draft.priority;
        let slot = self.choose(memory, priority, when_full)?;
        // Taken even where it cannot be written: the next try goes on elsewhere.
        let place = self.newest.wrapping_add(u32::from(self.steps_to(slot)));
        self.newest = place;
        self.last = slot;
        let line = self.line_mut(priority);
        if line.is_empty() {
            // Else a line at rest would fall behind by more than places can tell.
            *line = Line { released: place.wrapping_sub(1), newest: place.wrapping_sub(1) };
        }
        let head = Head::item(place, priority, draft.tag, needed as u8);
        self.write(memory, slot, head, [draft.head, draft.body])?;
        self.line_mut(priority).newest = place;
        let dropped = core::mem::take(&mut self.dropped);
        Ok(Appended { mark: Mark { priority, page: slot, place }, dropped })
    }

    #[inline(never)]
    fn next<'b>(
        &mut self,
        memory: &mut S,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Outcome<Option<Item<'b>>, S> {
        self.check_open()?;
        for priority in [Priority::High, Priority::Normal, Priority::Low] {
            let Line { released, newest } = *self.line(priority);
            let mut behind = released;
            match cursor.passed {
                Some(passed) if passed.priority < priority => continue,
                Some(passed) if passed.priority == priority && is_after(passed.place, behind) => {
                    behind = passed.place;
                }
                _ => {}
            }
            if let Some((slot, head)) = self.oldest(memory, priority, behind)? {
                let needed = usize::from(head.len);
                let bytes = buffer.get_mut(..needed).ok_or(Error::TooLong { needed })?;
                memory.read(self.offset(slot) + HEAD as u32, bytes).map_err(Error::Flash)?;
                let mark = Mark { priority, page: slot, place: head.place };
                cursor.passed = Some(mark);
                return Ok(Some(Item { mark, tag: head.tag(), bytes }));
            }
            if behind == released {
                // What it counted on was dropped or is damaged.
                self.line_mut(priority).released = newest;
            }
        }
        Ok(None)
    }

    #[inline(never)]
    fn release(&mut self, memory: &mut S, up_to: Mark) -> Outcome<(), S> {
        self.check_open()?;
        let Mark { priority, page, place } = up_to;
        let Line { released, newest } = *self.line(priority);
        if is_after(place, newest) || page >= self.slots {
            return Err(Error::OutOfRange);
        }
        if !is_after(place, released) {
            return Ok(());
        }
        // Where the item itself is damaged, the last before it stands for it.
        let mut target = None;
        let named = self.head(memory, page)?;
        if named.place == place && self.priority(memory, page, &named)? == Some(priority) {
            target = Some((page, place));
        }
        let mut behind = released;
        while target.is_none_or(|(_, found)| found != place) {
            match self.oldest(memory, priority, behind)? {
                Some((slot, head)) if !is_after(head.place, place) => {
                    behind = head.place;
                    target = Some((slot, behind));
                }
                _ => break,
            }
        }
        if let Some((slot, place)) = target {
            self.write(memory, slot, Head::released(place, priority), [&[], &[]])?;
        }
        self.line_mut(priority).released = place;
        Ok(())
    }

    /// Overwrites every byte: items first and then what says that others were released, since power
    /// may fail meanwhile.
    fn clear(&mut self, memory: &mut S) -> Outcome<(), S> {
        self.reset(memory)?;
        for slot in 0..self.slots {
            let head = self.head(memory, slot)?;
            if !head.is_released() || self.priority(memory, slot, &head)?.is_none() {
                self.wipe(memory, slot)?;
            }
        }
        for slot in 0..self.slots {
            let head = self.head(memory, slot)?;
            if self.priority(memory, slot, &head)?.is_some() {
                self.wipe(memory, slot)?;
            }
        }
        Ok(())
    }
}

/// What slots hold.
impl<const SLOT: usize> EepromLog<SLOT> {
    /// Becomes what the log is where no slot holds anything.
    fn reset<S: Storage>(&mut self, memory: &S) -> Outcome<(), S> {
        *self = Self::new(self.region);
        let fits = self.region.end().is_some_and(|end| {
            u32::try_from(memory.capacity()).map_or(true, |capacity| capacity >= end)
        });
        let slots = u16::try_from(self.region.len() / SLOT as u32).unwrap_or(u16::MAX);
        if !fits || slots == 0 {
            return Err(Error::Region);
        }
        self.slots = slots;
        self.last = slots - 1;
        Ok(())
    }

    fn check_open<E>(&self) -> Result<(), Error<E>> {
        if self.slots == 0 { Err(Error::NotOpen) } else { Ok(()) }
    }

    fn offset(&self, slot: u16) -> u32 {
        self.region.start() + u32::from(slot) * SLOT as u32
    }

    /// Returns how far a slot lies ahead of the last one: 1 to `slots`.
    fn steps_to(&self, slot: u16) -> u16 {
        if slot > self.last { slot - self.last } else { self.slots - (self.last - slot) }
    }

    fn line(&self, priority: Priority) -> &Line {
        let [low, normal, high] = &self.lines;
        match priority {
            Priority::Low => low,
            Priority::Normal => normal,
            Priority::High => high,
        }
    }

    fn line_mut(&mut self, priority: Priority) -> &mut Line {
        let [low, normal, high] = &mut self.lines;
        match priority {
            Priority::Low => low,
            Priority::Normal => normal,
            Priority::High => high,
        }
    }

    /// Reads what stands at a head's place, whether it is one or not.
    fn head<S: Storage>(&self, memory: &mut S, slot: u16) -> Outcome<Head, S> {
        let mut bytes = [0; HEAD];
        memory.read(self.offset(slot), &mut bytes).map_err(Error::Flash)?;
        Ok(Head::from_bytes(bytes))
    }

    /// Returns the priority of what the slot holds; `None` where its check fails.
    fn priority<S: Storage>(
        &self,
        memory: &mut S,
        slot: u16,
        head: &Head,
    ) -> Outcome<Option<Priority>, S> {
        let Some(priority) = head.priority() else { return Ok(None) };
        let mut left = usize::from(head.len);
        if left > Self::LONGEST {
            return Ok(None);
        }
        let mut check = crc32(Self::CHECK, &head.checked_bytes());
        let mut offset = self.offset(slot) + HEAD as u32;
        let mut chunk = [0; CHUNK];
        while left > 0 {
            let Some(bytes) = chunk.get_mut(..left.min(CHUNK)) else { break };
            memory.read(offset, bytes).map_err(Error::Flash)?;
            check = crc32(check, bytes);
            left -= bytes.len();
            offset += bytes.len() as u32;
        }
        Ok(Some(priority).filter(|_| check == head.check))
    }

    /// Finds the first item of a line behind a place.
    #[inline(never)]
    fn oldest<S: Storage>(
        &self,
        memory: &mut S,
        priority: Priority,
        behind: u32,
    ) -> Outcome<Option<(u16, Head)>, S> {
        let mut oldest: Option<(u16, Head)> = None;
        if behind == self.line(priority).newest {
            return Ok(None);
        }
        let mut slot = self.last;
        // From the slot that is written next, the first to fit is nearly always the oldest.
        for _ in 0..self.slots {
            slot = if slot + 1 < self.slots { slot + 1 } else { 0 };
            let head = self.head(memory, slot)?;
            if head.priority() == Some(priority)
                && !head.is_released()
                && is_after(head.place, behind)
                && oldest.is_none_or(|(_, other)| is_after(other.place, head.place))
                && self.priority(memory, slot, &head)?.is_some()
            {
                oldest = Some((slot, head));
            }
        }
        Ok(oldest)
    }

    /// Finds the slot to write next.
    ///
    /// First those without an item that were not tried since opening: a cut may have torn them, and
    /// they may hold at the next start what they held before. Nothing that says that this was
    /// released may go earlier. Then the one written longest ago, for the same reason: what says
    /// that others are released is younger than they are.
    #[inline(never)]
    fn choose<S: Storage>(
        &mut self,
        memory: &mut S,
        priority: Priority,
        when_full: WhenFull,
    ) -> Outcome<u16, S> {
        self.check_open()?;
        let mut free: Option<(u32, u16)> = None;
        let mut victim: Option<(Priority, u32, u16)> = None;
        // Where the last attempt ended: any other goes first, if need be by dropping an item.
        let mut failed = None;
        for slot in 0..self.slots {
            let head = self.head(memory, slot)?;
            let gone = head.is_released()
                || head.priority().is_none_or(|p| !is_after(head.place, self.line(p).released));
            let mut age = self.newest.wrapping_sub(head.place);
            let is_known = slot < self.known;
            let is_last = is_known && slot == self.last;
            if is_last && head.place != self.newest {
                failed = Some(slot);
                continue;
            }
            if is_known && free.is_some_and(|(oldest, _)| !gone || age <= oldest) {
                continue;
            }
            match self.priority(memory, slot, &head)? {
                None if !is_known => {
                    self.known = slot + 1;
                    return Ok(slot);
                }
                None if is_last => {
                    failed = Some(slot);
                    continue;
                }
                None => age = u32::from(self.slots - self.steps_to(slot)),
                Some(_) if gone => {}
                Some(p) => {
                    if victim
                        .is_none_or(|(lowest, oldest, _)| p < lowest || p == lowest && age > oldest)
                    {
                        victim = Some((p, age, slot));
                    }
                    continue;
                }
            }
            if free.is_none_or(|(oldest, _)| age > oldest) {
                free = Some((age, slot));
            }
        }
        self.known = self.slots;
        match (free, victim) {
            (Some((_, slot)), _) => Ok(slot),
            (None, Some((lowest, age, slot)))
                if when_full == WhenFull::DropOldest && lowest <= priority =>
            {
                self.dropped = self.dropped.saturating_add(1);
                self.line_mut(lowest).released = self.newest.wrapping_sub(age);
                Ok(slot)
            }
            _ => failed.ok_or(Error::Full),
        }
    }

    /// Writes a slot from its start, so that what it held is broken before anything else changes,
    /// and reads it back.
    #[inline(never)]
    fn write<S: Storage>(
        &self,
        memory: &mut S,
        slot: u16,
        mut head: Head,
        body: [&[u8]; 2],
    ) -> Outcome<(), S> {
        head.check = crc32(Self::CHECK, &head.checked_bytes());
        for part in body {
            head.check = crc32(head.check, part);
        }
        let mut offset = self.offset(slot);
        memory.write(offset, &head.to_bytes()).map_err(Error::Flash)?;
        offset += HEAD as u32;
        for part in body {
            if !part.is_empty() {
                memory.write(offset, part).map_err(Error::Flash)?;
                offset += part.len() as u32;
            }
        }
        let is_there =
            self.head(memory, slot)? == head && self.priority(memory, slot, &head)?.is_some();
        if is_there { Ok(()) } else { Err(Error::Corrupt) }
    }

    fn wipe<S: Storage>(&self, memory: &mut S, slot: u16) -> Outcome<(), S> {
        let (mut offset, mut left) = (self.offset(slot), SLOT);
        while left > 0 {
            let bytes = [0xFF; CHUNK];
            let Some(bytes) = bytes.get(..left.min(CHUNK)) else { break };
            memory.write(offset, bytes).map_err(Error::Flash)?;
            offset += bytes.len() as u32;
            left -= bytes.len();
        }
        Ok(())
    }
}
