//! The queue: record, peek, acknowledge.

use crate::class::Class;
use crate::counters::Counters;
use crate::record::{HEADER, Position, Record, Stamp, decode, encode};
use sundew_store::Error;
#[cfg(feature = "async")]
use sundew_store::log::LogAsync;
use sundew_store::log::{Cursor, Draft, LONGEST, Log, Mark, NorLog, Occupancy, WhenFull};

/// Keeps records in a log until they are acknowledged.
///
/// Each call borrows the memory that the log `L` stands on. Records wait in three lines, one for
/// each priority: higher ones are read first, and each is first in, first out.
///
/// *RAM*: 12 bytes and the log's; 64 bytes with [`NorLog`].
///
/// *Blocking time*: that of the log; no call but [`clear`](Self::clear) erases more than one page.
///
/// *Cancel safety*: blocking calls run to their end; power may fail within any of them. With feature
/// `async` each has a twin, such as `record_async`, on the same queue. Futures that only read may be
/// dropped. Dropped at another call, they leave the log closed, as `LogAsync` says, and all calls
/// return [`Error::NotOpen`] until the queue is opened again, in the same boot.
///
/// A reader's [`Cursor`] goes on behind what is in flight, so that several batches may be on their
/// way at once. Acknowledging one batch releases it and all that is older in its line, so acks must
/// come in the order of the batches; a reader that lost one starts over with a new cursor:
///
/// ```
/// use sundew_queue::{Cursor, Priority, Queue, RamLog, Stamp, WhenFull};
///
/// let mut queue = Queue::new(RamLog::<256>::new(), WhenFull::RefuseNew);
/// let memory = &mut (); // the RAM log needs none
/// queue.open(memory, 1)?;
/// for payload in [b"21.5 Cel", b"21.6 Cel", b"21.7 Cel"] {
///     queue.record(memory, Stamp::SinceBoot(5), Priority::Normal, payload)?;
/// }
///
/// let (mut reader, mut buffer) = (Cursor::default(), [0; 64]);
/// let first = queue.peek(memory, &mut reader, &mut buffer)?.unwrap().mark;
/// let second = queue.peek(memory, &mut reader, &mut buffer)?.unwrap().mark;
/// queue.ack(memory, first)?; // while the second is still in flight
/// assert_eq!(queue.peek(memory, &mut reader, &mut buffer)?.unwrap().payload, b"21.7 Cel");
///
/// // The second was lost on its way: once more from the oldest.
/// let mut reader = Cursor::default();
/// assert_eq!(queue.peek(memory, &mut reader, &mut buffer)?.unwrap().mark, second);
/// # Ok::<(), sundew_queue::Error<core::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Queue<L = NorLog> {
    log: L,
    next: u32,
    boot: u16,
    // 16 and 8 bits each: with the NOR log beneath, the queue is to fit 64 bytes.
    dropped: u16,
    refused: u16,
    unreadable: u8,
    when_full: WhenFull,
}

/// Holds the length in bytes of the longest payload: what the record's header leaves of an item.
pub const LONGEST_PAYLOAD: usize = LONGEST - HEADER;

impl<L> Queue<L> {
    /// Keeps records in `log`; nothing is read before [`open`](Self::open).
    pub const fn new(log: L, when_full: WhenFull) -> Self {
        Self { log, when_full, boot: 0, next: 0, dropped: 0, refused: 0, unreadable: 0 }
    }
}

// Calls between these are written `Self::name(self, ..)`: the macro renames paths, not methods.
#[maybe_async_cfg::maybe(
    idents(
        Log(sync),
        open(fn, sync),
        record(fn, sync),
        peek(fn, sync),
        ack(fn, sync),
        count(fn, sync),
        clear(fn, sync),
    ),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<L> Queue<L> {
    /// Reads what is stored, and numbers records for `boot` from now on.
    ///
    /// A boot number must not come twice, or numbers of delivered records may, which collectors
    /// take for repetitions. A queue that is opened again in the same boot goes on in its numbers.
    ///
    /// *Cancel safety* (of the async form): the queue is not open; open it again.
    ///
    /// # Errors
    ///
    /// Returns what [`Log::open`] does.
    pub async fn open<M>(&mut self, memory: &mut M, boot: u16) -> Result<(), Error<L::Fault>>
    where
        L: Log<M>,
    {
        self.log.open(memory).await?;
        if boot != self.boot {
            self.boot = boot;
            self.next = 0;
            self.dropped = 0;
            self.refused = 0;
            self.unreadable = 0;
        }
        Ok(())
    }

    /// Stores `payload`; it is durable when this returns, and has the name that is returned.
    ///
    /// *Cancel safety* (of the async form): the record is stored or not, under a number that no other
    /// record gets; what was dropped to make room may not be counted. Open the queue again.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where the payload is longer than [`LONGEST_PAYLOAD`] or than the
    /// log takes, [`Error::Full`] where there is no room and nothing may be dropped,
    /// [`Error::NotOpen`], and [`Error::Flash`] or [`Error::Corrupt`] where the record could not be
    /// written. It is then not stored, or (where the driver failed after all was written) stored
    /// under a number that no other record gets; trying again goes on elsewhere.
    pub async fn record<M>(
        &mut self,
        memory: &mut M,
        stamp: Stamp,
        class: impl Into<Class>,
        payload: &[u8],
    ) -> Result<Position, Error<L::Fault>>
    where
        L: Log<M>,
    {
        let Class { priority, effort } = class.into();
        let sequence = self.next;
        let position = Position { boot: self.boot, sequence };
        let (head, tag) = encode(position, stamp, effort);
        let draft = Draft { priority, tag, head: &head, body: payload };
        // It is taken before, because a future that is dropped may have stored it.
        self.next = sequence.saturating_add(1);
        match self.log.append(memory, draft, self.when_full).await {
            Ok(appended) => {
                self.dropped = self.dropped.saturating_add(appended.dropped);
                Ok(position)
            }
            Err(error) => {
                match error {
                    // Perhaps it is stored after all: the number must not be given again.
                    Error::Flash(_) | Error::Corrupt => {}
                    Error::Full => {
                        self.refused = self.refused.saturating_add(1);
                        self.next = sequence;
                    }
                    _ => self.next = sequence,
                }
                Err(error)
            }
        }
    }

    /// Reads the record behind `cursor` into `buffer` and moves the cursor over it; `None` behind
    /// the last.
    ///
    /// Writes and erases nothing.
    ///
    /// *Cancel safety* (of the async form): the cursor stays, and nothing has changed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `buffer` is shorter than the record with its header of 10
    /// bytes (the cursor stays), [`Error::Corrupt`] for an item that no version of this crate wrote
    /// (it is counted and the cursor has passed it: go on), [`Error::NotOpen`], and
    /// [`Error::Flash`] where the driver fails.
    pub async fn peek<'b, M>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Record<'b>>, Error<L::Fault>>
    where
        L: Log<M>,
    {
        let item = self.log.next(memory, cursor, buffer).await?;
        let Some(item) = item else { return Ok(None) };
        let decoded = decode(item);
        if decoded.is_none() {
            self.unreadable = self.unreadable.saturating_add(1);
            return Err(Error::Corrupt);
        }
        Ok(decoded)
    }

    /// Lets go of the records of one priority up to and with `up_to`, durably.
    ///
    /// Acknowledging twice does no harm.
    ///
    /// *Cancel safety* (of the async form): all of them are let go of, or none. Open the queue again.
    ///
    /// # Errors
    ///
    /// Returns [`Error::OutOfRange`] for a mark that was not given out, [`Error::NotOpen`],
    /// [`Error::Flash`] or [`Error::Corrupt`]; and [`Error::Full`] where there is no room to note
    /// it: the records are passed by until the next open, and may come again after it.
    pub async fn ack<M>(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<L::Fault>>
    where
        L: Log<M>,
    {
        self.log.release(memory, up_to).await
    }

    /// Counts the records that wait, by reading all of them.
    ///
    /// *RAM*: the longest item, 255 bytes, on the stack.
    ///
    /// *Cancel safety* (of the async form): nothing has changed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotOpen`], and [`Error::Flash`] where the driver fails.
    pub async fn count<M>(&mut self, memory: &mut M) -> Result<u32, Error<L::Fault>>
    where
        L: Log<M>,
    {
        let (mut cursor, mut buffer, mut waiting) = (Cursor::default(), [0; LONGEST], 0_u32);
        loop {
            match Self::peek(self, memory, &mut cursor, &mut buffer).await {
                Ok(Some(_)) => waiting = waiting.saturating_add(1),
                Ok(None) => return Ok(waiting),
                Err(Error::Corrupt) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Forgets all records, for a device that changes hands; numbers and counters go on.
    ///
    /// *Cancel safety* (of the async form): some may be gone. Open the queue and
    /// clear it again.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] or [`Error::Flash`].
    pub async fn clear<M>(&mut self, memory: &mut M) -> Result<(), Error<L::Fault>>
    where
        L: Log<M>,
    {
        self.log.clear(memory).await
    }
}

impl<L> Queue<L> {
    /// Returns what happened to records in this boot.
    pub const fn counters(&self) -> Counters {
        Counters {
            recorded: self.next,
            dropped: self.dropped as u32,
            refused: self.refused as u32,
            unreadable: self.unreadable as u32,
        }
    }

    /// Returns the log that holds the records.
    pub const fn log(&self) -> &L {
        &self.log
    }
}

impl<L: Occupancy> Queue<L> {
    /// Returns whether no record is known to wait.
    ///
    /// It may be wrong in one way: where damage ate the last records, it says `false` until a
    /// reader has found none.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_takes_the_ram_that_its_docs_say() {
        assert_eq!(size_of::<Queue<()>>(), 12);
        assert!(size_of::<Queue>() <= 64, "{} bytes", size_of::<Queue>());
    }
}
