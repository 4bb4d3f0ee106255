//! What is under test: the queue, or the log below it alone.

use core::fmt::Debug;
use core::hash::Hash;

use sundew_queue::{Cursor, Error, Mark, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::{Draft, Log};

/// Keeps records; the same calls for a queue and for a log without one.
pub(crate) trait Keeper<M>: Clone + Hash + Send + Sync {
    type Fault: Debug;

    fn open(&mut self, memory: &mut M, boot: u16) -> Result<(), Error<Self::Fault>>;

    fn record(
        &mut self,
        memory: &mut M,
        priority: Priority,
        payload: &[u8],
    ) -> Result<(), Error<Self::Fault>>;

    /// Counts the records that were dropped since the start.
    fn dropped(&self) -> u32;

    fn next<'b>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<(Mark, &'b [u8])>, Error<Self::Fault>>;

    fn ack(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<Self::Fault>>;
}

/// Is a log alone.
#[derive(Clone, Hash)]
pub(crate) struct Bare<L> {
    log: L,
    when_full: WhenFull,
    dropped: u32,
}

impl<L> Bare<L> {
    pub(crate) const fn new(log: L, when_full: WhenFull) -> Self {
        Self { log, when_full, dropped: 0 }
    }
}

impl<M, L: Log<M, Fault: Debug> + Clone + Hash + Send + Sync> Keeper<M> for Bare<L> {
    type Fault = L::Fault;

    fn open(&mut self, memory: &mut M, _boot: u16) -> Result<(), Error<L::Fault>> {
        self.log.open(memory)
    }

    fn record(
        &mut self,
        memory: &mut M,
        priority: Priority,
        payload: &[u8],
    ) -> Result<(), Error<L::Fault>> {
        let draft = Draft { priority, tag: 5, head: &[], body: payload };
        let appended = self.log.append(memory, draft, self.when_full)?;
        self.dropped += u32::from(appended.dropped);
        Ok(())
    }

    fn dropped(&self) -> u32 {
        self.dropped
    }

    fn next<'b>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<(Mark, &'b [u8])>, Error<L::Fault>> {
        let item = self.log.next(memory, cursor, buffer)?;
        Ok(item.map(|item| (item.mark, item.bytes)))
    }

    fn ack(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<L::Fault>> {
        self.log.release(memory, up_to)
    }
}

impl<M, L: Log<M, Fault: Debug> + Clone + Hash + Send + Sync> Keeper<M> for Queue<L> {
    type Fault = L::Fault;

    fn open(&mut self, memory: &mut M, boot: u16) -> Result<(), Error<L::Fault>> {
        Self::open(self, memory, boot)
    }

    fn record(
        &mut self,
        memory: &mut M,
        priority: Priority,
        payload: &[u8],
    ) -> Result<(), Error<L::Fault>> {
        Self::record(self, memory, Stamp::SinceBoot(7), priority, payload).map(drop)
    }

    fn dropped(&self) -> u32 {
        self.counters().dropped
    }

    fn next<'b>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<(Mark, &'b [u8])>, Error<L::Fault>> {
        let record = self.peek(memory, cursor, buffer)?;
        Ok(record.map(|record| (record.mark, record.payload)))
    }

    fn ack(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<L::Fault>> {
        Self::ack(self, memory, up_to)
    }
}
