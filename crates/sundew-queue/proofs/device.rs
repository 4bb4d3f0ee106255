//! A device that records and acknowledges by a script, as the explorer sees it.

use core::fmt;

use sundew_queue::{Cursor, Error, Mark, Priority, WhenFull};
use sundew_testkit::Torn;
use sundew_testkit::explore::{Memory, Stop, System};

use crate::backend::{Backend, Wear};
use crate::keeper::Keeper;
use crate::part::Watched;
use crate::promise::{Deed, Id, Lines, PRIORITIES, Promises};

/// Is what the device does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Records so many bytes.
    Record(Priority, usize),
    /// Acknowledges the so many oldest of a line, or as many as there are.
    Ack(Priority, usize),
}

/// Is a device, and what befalls it apart from cuts.
pub(crate) struct Device<'a, B: Backend> {
    backend: &'a B,
    pub(crate) script: Vec<Act>,
    /// How much of the script is over, without a cut, before the device is looked at.
    pub(crate) from: u16,
    when_full: WhenFull,
    /// The payload in bytes by which room is measured.
    len: usize,
    /// Whether a page or a slot is worn out or may become so.
    pub(crate) wear: Wear,
    /// How often the memory is filled before all of its room must be there again: starts and cuts
    /// use up some that comes back when its page is erased.
    pub(crate) laps: usize,
    /// For each act the read within it that fails, if any does.
    ///
    /// A write that could not be read back is done again, so that records may be there twice.
    pub(crate) failing_reads: Vec<Option<u32>>,
}

/// Refills end here, so that a log which never says that it is full ends them, too.
const MOST: usize = 4096;

/// Holds the records that wait with their marks, by line as [`Lines`].
type Marked = [Vec<(Id, Mark)>; 3];

/// Holds what the device keeps in RAM.
#[derive(Clone, Hash)]
pub(crate) struct Running<K> {
    queue: K,
    /// What waits, as the device must see it until it loses power.
    seen: Lines,
    /// What may wait or not.
    doubtful: Vec<Id>,
}

impl<B: Backend> System for Device<'_, B> {
    type Memory = B::Memory;
    type Live = Running<B::Keeper>;
    type Model = Promises;

    fn start(&self) -> (B::Memory, Promises) {
        let (mut memory, mut promises) = (self.backend.memory(), Promises::none());
        // What goes wrong here goes wrong at the first start, too, and is told there.
        if self.from > 0
            && let Ok(mut running) = self.open(&mut memory, &mut promises)
        {
            while promises.begun < self.from
                && self.operate(0, &mut running, &mut memory, &mut promises).is_ok()
            {}
        }
        (memory, promises)
    }

    fn open(&self, memory: &mut B::Memory, promises: &mut Promises) -> Result<Self::Live, Stop> {
        let running = self.boot(memory, promises)?;
        self.refill(memory.clone())?;
        Ok(running)
    }

    fn choices(&self, promises: &Promises) -> usize {
        usize::from(usize::from(promises.begun) < self.script.len())
    }

    fn operate(
        &self,
        _choice: usize,
        running: &mut Self::Live,
        memory: &mut B::Memory,
        promises: &mut Promises,
    ) -> Result<(), Stop> {
        let begun = promises.begun;
        promises.begun += 1;
        match self.script.get(usize::from(begun)) {
            Some(Act::Record(priority, len)) => {
                self.record(running, memory, promises, (*priority, begun, *len))?;
            }
            Some(Act::Ack(priority, count)) => {
                self.ack(running, memory, promises, (*priority, *count))?;
            }
            None => return Err(Stop::violation("the script has ended")),
        }
        let found = self.found(&mut running.queue, memory)?;
        let Running { seen: wanted, doubtful, .. } = running;
        let is_sure = |id: &&Id| !doubtful.contains(id);
        if !found.iter().flatten().filter(is_sure).eq(wanted.iter().flatten()) {
            return Err(Stop::violation(format!("{wanted:?} must wait, {found:?} do")));
        }
        promises.check(&found)
    }
}

impl<'a, B: Backend> Device<'a, B> {
    /// Describes a device that nothing befalls but cuts.
    pub(crate) const fn new(
        backend: &'a B,
        script: Vec<Act>,
        when_full: WhenFull,
        len: usize,
    ) -> Self {
        Self {
            backend,
            script,
            from: 0,
            when_full,
            len,
            wear: Wear::None,
            laps: 0,
            failing_reads: Vec::new(),
        }
    }

    /// Opens what is stored and compares it with what was promised.
    pub(crate) fn boot(
        &self,
        memory: &mut B::Memory,
        promises: &mut Promises,
    ) -> Result<Running<B::Keeper>, Stop> {
        let mut queue = self.backend.keeper(self.when_full);
        // A boot in which nothing was begun may share its number: no record has it.
        watched(memory, "open", |memory| queue.open(memory, promises.begun + 1))?
            .map_err(Stop::failed)?;
        let seen = self.found(&mut queue, memory)?;
        promises.check(&seen)?;
        if memory.readings() == 1 {
            promises.settle(&seen, B::Memory::GRAIN);
        }
        Ok(Running { queue, seen, doubtful: Vec::new() })
    }

    fn record(
        &self,
        running: &mut Running<B::Keeper>,
        memory: &mut B::Memory,
        promises: &mut Promises,
        (priority, id, len): (Priority, Id, usize),
    ) -> Result<(), Stop> {
        let may_drop = self.when_full == WhenFull::DropOldest;
        let before = may_drop.then(|| (running.queue.clone(), memory.clone()));
        let payload = payload(id, len);
        let deed = Deed::Record(priority, id);
        promises.begin(deed);
        let dropped = running.queue.dropped();
        memory.fail_read(self.failing_read(id));
        let recorded = persistently(memory, "record", |memory| {
            running.queue.record(memory, priority, &payload)
        })?;
        memory.fail_read(None);
        let Running { queue, seen, doubtful } = running;
        if !memory.is_powered() {
            // What would have been dropped had power stayed may be gone without being told.
            if let Some((mut queue, mut memory)) = before {
                memory.cut_after(u32::MAX, Torn::Before);
                let _ = persistently(&mut memory, "record", |memory| {
                    queue.record(memory, priority, &payload)
                })?;
                if let Some((line, id)) = victims(seen, priority, queue.dropped() - dropped)? {
                    promises.loosen(line, id);
                }
            }
            return Err(Stop::PowerLost);
        }
        match recorded {
            Ok(_) => {
                let told = queue.dropped() - dropped;
                if let Some((line, up_to)) = victims(seen, priority, told)? {
                    promises.gone(line, up_to);
                    at(seen, line).retain(|id| *id > up_to);
                }
                promises.done(deed);
                at(seen, priority).push(id);
                Ok(())
            }
            Err(Error::Full) => {
                let may_drop = PRIORITIES.into_iter().filter(|line| *line <= priority);
                let is_wrong = may_drop.into_iter().any(|line| !at(seen, line).is_empty());
                if self.when_full == WhenFull::DropOldest && is_wrong {
                    return Err(Stop::violation("refused a record, with others to drop"));
                }
                if self.wear == Wear::None {
                    promises.refused(deed);
                } else {
                    doubtful.push(id);
                }
                Ok(())
            }
            Err(error) if self.is_due_to_wear(&error) => {
                // A part that reports a failure may have written all of it.
                doubtful.push(id);
                Ok(())
            }
            Err(error) => Err(Stop::failed(error)),
        }
    }

    fn ack(
        &self,
        running: &mut Running<B::Keeper>,
        memory: &mut B::Memory,
        promises: &mut Promises,
        (priority, count): (Priority, usize),
    ) -> Result<(), Stop> {
        let mut lines = self.walk(&mut running.queue, memory)?;
        let line = at(&mut lines, priority);
        let Some((up_to, mark)) = line.iter().take(count).next_back().copied() else {
            return Ok(());
        };
        let deed = Deed::Ack(priority, up_to);
        promises.begin(deed);
        // It was begun with the act before.
        memory.fail_read(self.failing_read(promises.begun - 1));
        let acked = persistently(memory, "ack", |memory| running.queue.ack(memory, mark))?;
        memory.fail_read(None);
        match acked {
            Ok(()) => promises.done(deed),
            Err(Error::Full) => promises.refused(deed),
            Err(error) if self.is_due_to_wear(&error) => {
                promises.refused(deed);
                return Ok(());
            }
            Err(error) => return Err(Stop::failed(error)),
        }
        at(&mut running.seen, priority).retain(|id| *id > up_to);
        Ok(())
    }

    /// Tries on a copy that all that waits can go, and that there is room then, twice.
    pub(crate) fn refill(&self, mut memory: B::Memory) -> Result<(), Stop> {
        let mut queue = self.backend.keeper(WhenFull::RefuseNew);
        queue.open(&mut memory, 0).map_err(Stop::failed)?;
        for round in 0..2 {
            for line in self.walk(&mut queue, &mut memory)? {
                let Some((_, mark)) = line.last().copied() else { continue };
                let acked = persistently(&mut memory, "ack", |memory| queue.ack(memory, mark))?;
                // Where nothing is left to note it in, it is passed by until the next start.
                if self.wear == Wear::None || !matches!(acked, Err(Error::Full)) {
                    acked.map_err(Stop::failed)?;
                }
            }
            let (mut written, mut failed) = (Vec::new(), None);
            for id in 0..MOST as Id {
                let payload = payload(id, self.len);
                let recorded = persistently(&mut memory, "record", |memory| {
                    queue.record(memory, Priority::Normal, &payload)
                })?;
                match recorded {
                    Ok(_) => written.push(id),
                    Err(Error::Full) => break,
                    Err(error) if self.is_due_to_wear(&error) => {
                        failed = Some(id);
                        break;
                    }
                    Err(error) => return Err(Stop::failed(error)),
                }
            }
            let (fit, room) = (written.len(), self.backend.room(self.len, self.wear));
            if fit < room && round >= self.laps {
                return Err(Stop::violation(format!("room leaked: {fit} fit of {room}")));
            }
            let [low, normal, high] = self.walk(&mut queue, &mut memory)?;
            let is_same = normal.iter().map(|at| at.0).filter(|id| Some(*id) != failed).eq(written);
            if !is_same || !low.is_empty() || !high.is_empty() {
                return Err(Stop::violation("a drained queue is not what was put in again"));
            }
        }
        Ok(())
    }

    /// Returns who waits.
    fn found(&self, queue: &mut B::Keeper, memory: &mut B::Memory) -> Result<Lines, Stop> {
        let lines = self.walk(queue, memory)?;
        Ok(lines.map(|line| line.into_iter().map(|(id, _)| id).collect()))
    }

    /// Returns who waits, and by which mark; of a record that is there twice, the later one.
    fn walk(&self, queue: &mut B::Keeper, memory: &mut B::Memory) -> Result<Marked, Stop> {
        let mut lines = walk::<B>(queue, memory)?;
        if !self.failing_reads.is_empty() || self.wear != Wear::None {
            for line in &mut lines {
                line.reverse();
                line.dedup_by_key(|(id, _)| *id);
                line.reverse();
            }
        }
        Ok(lines)
    }

    fn failing_read(&self, act: u16) -> Option<u32> {
        self.failing_reads.get(usize::from(act)).copied().flatten()
    }

    /// Returns whether nothing better could be said: what is left to write on is worn out.
    fn is_due_to_wear<E>(&self, error: &Error<E>) -> bool {
        self.wear != Wear::None && matches!(error, Error::Flash(_) | Error::Corrupt)
    }
}

impl<K> fmt::Debug for Running<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen.fmt(f)
    }
}

/// Makes one call and holds it to what every call promises.
fn watched<M: Watched, T>(
    memory: &mut M,
    call: &str,
    run: impl FnOnce(&mut M) -> T,
) -> Result<T, Stop> {
    let before = (memory.erased(), memory.programmed_twice());
    let result = run(memory);
    let erased = memory.erased() - before.0;
    let most = if call == "open" { memory.erases_in_open() } else { 1 };
    if erased > most {
        return Err(Stop::violation(format!("{call} erased {erased} pages")));
    }
    if memory.programmed_twice() > before.1 {
        return Err(Stop::violation(format!("{call} programmed a word twice")));
    }
    Ok(result)
}

/// Makes a call again where it could not write, as its contract says: a word may refuse that looked
/// blank, and the page it stood in may have been full then.
fn persistently<M: Watched, E>(
    memory: &mut M,
    call: &str,
    mut run: impl FnMut(&mut M) -> Result<(), Error<E>>,
) -> Result<Result<(), Error<E>>, Stop> {
    for _ in 0..2 {
        let result = watched(memory, call, &mut run)?;
        if !memory.is_powered() || !matches!(result, Err(Error::Flash(_) | Error::Corrupt)) {
            return Ok(result);
        }
    }
    watched(memory, call, run)
}

/// Reads all that waits: who and by which mark, with every byte checked.
fn walk<B: Backend>(queue: &mut B::Keeper, memory: &mut B::Memory) -> Result<Marked, Stop> {
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 255]);
    let mut lines = [const { Vec::new() }; 3];
    let mut last = Priority::High;
    while let Some((mark, found)) =
        queue.next(memory, &mut cursor, &mut buffer).map_err(Stop::failed)?
    {
        let id = found.first_chunk().map(|bytes| Id::from_le_bytes(*bytes));
        let id = id.ok_or_else(|| Stop::violation("a record shorter than any"))?;
        if found != payload(id, found.len()) {
            return Err(Stop::violation(format!("{id} has other bytes: {found:?}")));
        }
        if mark.priority() > last {
            return Err(Stop::violation("a higher priority after a lower one"));
        }
        last = mark.priority();
        let line = at(&mut lines, mark.priority());
        line.push((id, mark));
        if line.len() > MOST {
            return Err(Stop::violation("more waits than fits"));
        }
    }
    Ok(lines)
}

/// Returns which records `dropped` stands for: the oldest of the lowest line that may be dropped.
fn victims(
    seen: &mut Lines,
    priority: Priority,
    dropped: u32,
) -> Result<Option<(Priority, Id)>, Stop> {
    if dropped == 0 {
        return Ok(None);
    }
    for line in PRIORITIES.into_iter().filter(|line| *line <= priority) {
        let waiting = at(seen, line);
        if let Some(last) = waiting.get(dropped as usize - 1) {
            return Ok(Some((line, *last)));
        }
        if !waiting.is_empty() {
            break;
        }
    }
    Err(Stop::violation(format!("{dropped} dropped for {priority:?}, of {seen:?}")))
}

fn payload(id: Id, len: usize) -> Vec<u8> {
    let mut bytes = id.to_le_bytes().to_vec();
    bytes.resize_with(len.max(2), || (id as u8).wrapping_mul(73) ^ 0x5A);
    bytes
}

fn at<T>(lines: &mut [T; 3], priority: Priority) -> &mut T {
    let [low, normal, high] = lines;
    match priority {
        Priority::Low => low,
        Priority::Normal => normal,
        Priority::High => high,
    }
}
