//! A log that breaks a promise where the run is to break on purpose.

use sundew_queue::{Cursor, Error, Mark, WhenFull};
use sundew_store::log::{Appended, Draft, Item, Log, Occupancy};

/// Passes every call to the log that it holds, except where a mutant says otherwise.
#[derive(Clone)]
pub(crate) struct Broken<L> {
    pub(crate) log: L,
    /// Says whether the run has the mutant of this name.
    pub(crate) mutant: fn(&str) -> bool,
}

impl<L: Occupancy> Occupancy for Broken<L> {
    fn is_empty(&self) -> bool {
        self.log.is_empty()
    }
}

impl<M, L: Log<M>> Log<M> for Broken<L> {
    type Fault = L::Fault;

    fn open(&mut self, memory: &mut M) -> Result<(), Error<L::Fault>> {
        self.log.open(memory)
    }

    fn append(
        &mut self,
        memory: &mut M,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<L::Fault>> {
        let when_full =
            if (self.mutant)("drop-silently") { WhenFull::DropOldest } else { when_full };
        let appended = self.log.append(memory, draft, when_full)?;
        Ok(if (self.mutant)("drop-silently") {
            Appended { dropped: 0, ..appended }
        } else {
            appended
        })
    }

    fn next<'b>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<L::Fault>> {
        let item = self.log.next(memory, cursor, buffer)?;
        let is_hit = item.is_some_and(|item| item.bytes.len() > 40);
        assert!(!(self.mutant)("panic-on-record") || !is_hit, "the mutant panics on 40 bytes");
        Ok(item)
    }

    fn release(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<L::Fault>> {
        if (self.mutant)("forget-ack") { Ok(()) } else { self.log.release(memory, up_to) }
    }

    fn clear(&mut self, memory: &mut M) -> Result<(), Error<L::Fault>> {
        self.log.clear(memory)
    }
}
