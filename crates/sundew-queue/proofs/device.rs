//! A device that records and acknowledges by a script, as the explorer sees it.

use sundew_queue::{Cursor, Error, Mark, Priority, WhenFull};
use sundew_testkit::explore::{Memory, Stop, System};

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

/// Is what is under test, and the memory that it stands on.
pub(crate) trait Backend: Sync {
    type Memory: Watched;
    type Keeper: Keeper<Self::Memory>;

    fn memory(&self) -> Self::Memory;
    fn keeper(&self, when_full: WhenFull) -> Self::Keeper;
}

pub(crate) struct Device<B: Backend> {
    pub(crate) backend: B,
    pub(crate) script: Vec<Act>,
    /// How much of the script is over, without a cut, before the device is looked at.
    pub(crate) from: u16,
    pub(crate) when_full: WhenFull,
    /// The payload in bytes by which room is measured.
    pub(crate) len: usize,
    /// How many such records must fit again, whatever happened before.
    pub(crate) room: usize,
}

/// Refills end here, so that a log which never says that it is full ends them, too.
const MOST: usize = 4096;

/// Holds what the device keeps in RAM.
#[derive(Clone, Hash)]
pub(crate) struct Running<K> {
    queue: K,
    /// What waits, as the device must see it until it loses power.
    seen: Lines,
}

impl<B: Backend> System for Device<B> {
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
        let mut queue = self.backend.keeper(self.when_full);
        // A boot in which nothing was begun may share its number: no record has it.
        watched(memory, "open", |memory| queue.open(memory, promises.begun + 1))?
            .map_err(Stop::failed)?;
        let seen =
            walk::<B>(&mut queue, memory)?.map(|line| line.into_iter().map(|at| at.0).collect());
        promises.check(&seen)?;
        if memory.readings() == 1 {
            promises.settle(&seen);
        }
        self.refill(memory.clone())?;
        Ok(Running { queue, seen })
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
                Self::ack(running, memory, promises, (*priority, *count))?;
            }
            None => return Err(Stop::violation("the script has ended")),
        }
        let found = walk::<B>(&mut running.queue, memory)?;
        let found = found.map(|line| line.into_iter().map(|at| at.0).collect::<Vec<_>>());
        if found != running.seen {
            let wanted = &running.seen;
            return Err(Stop::violation(format!("{wanted:?} must wait, {found:?} do")));
        }
        promises.check(&found)
    }
}

impl<B: Backend> Device<B> {
    fn record(
        &self,
        running: &mut Running<B::Keeper>,
        memory: &mut B::Memory,
        promises: &mut Promises,
        (priority, id, len): (Priority, Id, usize),
    ) -> Result<(), Stop> {
        let before = (running.queue.clone(), memory.clone());
        let payload = payload(id, len);
        let deed = Deed::Record(priority, id);
        promises.begin(deed);
        let dropped = running.queue.dropped();
        let recorded = persistently(memory, "record", |memory| {
            running.queue.record(memory, priority, &payload)
        })?;
        let Running { queue, seen } = running;
        if !memory.is_powered() {
            // What would have been dropped had power stayed may be gone without being told.
            let (mut queue, mut memory) = before;
            memory.cut_after(u32::MAX, first_tear(&memory)?);
            let _ = queue.record(&mut memory, priority, &payload);
            if let Some((line, id)) = victims(seen, priority, queue.dropped() - dropped)? {
                promises.loosen(line, id);
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
                promises.refused(deed);
                Ok(())
            }
            Err(error) => Err(Stop::failed(error)),
        }
    }

    fn ack(
        running: &mut Running<B::Keeper>,
        memory: &mut B::Memory,
        promises: &mut Promises,
        (priority, count): (Priority, usize),
    ) -> Result<(), Stop> {
        let mut lines = walk::<B>(&mut running.queue, memory)?;
        let line = at(&mut lines, priority);
        let Some((up_to, mark)) = line.iter().take(count).next_back().copied() else {
            return Ok(());
        };
        let deed = Deed::Ack(priority, up_to);
        promises.begin(deed);
        let acked = persistently(memory, "ack", |memory| running.queue.ack(memory, mark))?;
        match acked {
            Ok(()) => promises.done(deed),
            Err(Error::Full) => promises.refused(deed),
            Err(error) => return Err(Stop::failed(error)),
        }
        at(&mut running.seen, priority).retain(|id| *id > up_to);
        Ok(())
    }

    /// Tries on a copy that all that waits can go, and that there is room then, twice.
    fn refill(&self, mut memory: B::Memory) -> Result<(), Stop> {
        let mut queue = self.backend.keeper(WhenFull::RefuseNew);
        queue.open(&mut memory, 0).map_err(Stop::failed)?;
        for _ in 0..2 {
            for line in walk::<B>(&mut queue, &mut memory)? {
                let Some((_, mark)) = line.last().copied() else { continue };
                let acked = persistently(&mut memory, "ack", |memory| queue.ack(memory, mark))?;
                acked.map_err(Stop::failed)?;
            }
            let mut written = Vec::new();
            for id in 0..MOST as Id {
                let payload = payload(id, self.len);
                let recorded = persistently(&mut memory, "record", |memory| {
                    queue.record(memory, Priority::Normal, &payload)
                })?;
                match recorded {
                    Ok(_) => written.push(id),
                    Err(Error::Full) => break,
                    Err(error) => return Err(Stop::failed(error)),
                }
            }
            if written.len() < self.room {
                let (fit, room) = (written.len(), self.room);
                return Err(Stop::violation(format!("room leaked: {fit} fit of {room}")));
            }
            let [low, normal, high] = walk::<B>(&mut queue, &mut memory)?;
            let is_same = normal.iter().map(|at| at.0).eq(written);
            if !is_same || !low.is_empty() || !high.is_empty() {
                return Err(Stop::violation("a drained queue is not what was put in again"));
            }
        }
        Ok(())
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
    if erased > 1 {
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
fn walk<B: Backend>(
    queue: &mut B::Keeper,
    memory: &mut B::Memory,
) -> Result<[Vec<(Id, Mark)>; 3], Stop> {
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 64]);
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

fn first_tear<M: Watched>(memory: &M) -> Result<M::Tear, Stop> {
    let tear = memory.tears().into_iter().next();
    tear.ok_or_else(|| Stop::violation("a memory without tears"))
}

fn at<T>(lines: &mut [T; 3], priority: Priority) -> &mut T {
    let [low, normal, high] = lines;
    match priority {
        Priority::Low => low,
        Priority::Normal => normal,
        Priority::High => high,
    }
}
