//! What every log keeps to, whatever memory it stands on.
//!
//! A log keeps items in three priorities, each first in, first out, until they are released. What
//! the items mean is the business of those above: `sundew-queue` keeps records in one.

mod eeprom;
pub(crate) mod nor;
mod place;
mod ram;
#[cfg(feature = "sequential-storage")]
mod sequential;

pub use eeprom::EepromLog;
pub use nor::NorLog;
pub use place::{Cursor, Mark, Priority};
pub use ram::RamLog;
#[cfg(feature = "sequential-storage")]
pub use sequential::SequentialLog;

use crate::Error;

/// Says what a full log does with one more item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WhenFull {
    /// Refuses it with [`Error::Full`]: what is stored stays.
    RefuseNew,
    /// Makes room: the oldest items of the lowest priority go, but none above the new one's.
    DropOldest,
}

/// Holds an item to be appended, in two parts so that nobody has to copy them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Draft<'a> {
    /// Holds the line that the item queues in.
    pub priority: Priority,
    /// Holds four bits (0 to 15) that are stored beside the bytes, free for the caller.
    pub tag: u8,
    /// Holds the first bytes.
    pub head: &'a [u8],
    /// Holds the bytes that follow; both together are at most [`LONGEST`] bytes.
    pub body: &'a [u8],
}

/// Holds the length in bytes of the longest item.
pub const LONGEST: usize = 255;

/// Shows a stored item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Item<'b> {
    /// Holds the item's name, with its priority, to release it by.
    pub mark: Mark,
    /// Holds the four bits that were stored beside the bytes.
    pub tag: u8,
    /// Holds the bytes, head and body in one.
    pub bytes: &'b [u8],
}

/// Says what appending took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Appended {
    /// Holds the name of the new item.
    pub mark: Mark,
    /// Counts the items that were dropped to make room.
    pub dropped: u16,
}

/// Keeps items in order on a memory of type `M`, which each call borrows.
///
/// All calls are bounded: none but [`clear`](Self::clear) erases more than one page, and none waits
/// for anything but the memory. Power may be lost at any moment; the next [`open`](Self::open) finds every item whose
/// `append` returned and that was not released or dropped, and none whose release returned.
///
/// *Cancel safety* (of the async form): a future of [`next`](Self::next) may be dropped, nothing has
/// changed. Dropped at any other call, it has done its work, all of it or nothing, as if power had
/// failed, and has left the log closed: [`Error::NotOpen`] until [`open`](Self::open) is called
/// again. The driver must bear that its futures are dropped, too: what it has begun must be over
/// before its next call has an effect.
#[maybe_async_cfg::maybe(
    sync(self = "Log", keep_self),
    async(
        self = "LogAsync",
        feature = "async",
        inner(expect(async_fn_in_trait, reason = "for one executor of one core: no Send needed"))
    )
)]
pub trait Log<M>: Occupancy {
    /// Is the error of the memory's driver.
    type Fault;

    /// Reads what is stored. Writes and erases nothing.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] where the memory does not suit, [`Error::Flash`] where it fails.
    async fn open(&mut self, memory: &mut M) -> Result<(), Error<Self::Fault>>;

    /// Stores an item; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`], [`Error::Full`], [`Error::NotOpen`], and [`Error::Flash`] or
    /// [`Error::Corrupt`] where the item could not be written: trying again goes on elsewhere.
    async fn append(
        &mut self,
        memory: &mut M,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Result<Appended, Error<Self::Fault>>;

    /// Reads the item behind `cursor` into `buffer` and moves the cursor over it; `None` behind
    /// the last. Higher priorities come first.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `buffer` is too short (the cursor stays),
    /// [`Error::NotOpen`], and [`Error::Flash`].
    async fn next<'b>(
        &mut self,
        memory: &mut M,
        cursor: &mut Cursor,
        buffer: &'b mut [u8],
    ) -> Result<Option<Item<'b>>, Error<Self::Fault>>;

    /// Lets go of all items of one priority up to and with `up_to`, durably.
    ///
    /// Releasing twice does no harm.
    ///
    /// # Errors
    ///
    /// Returns [`Error::OutOfRange`] for a mark that was not given out, [`Error::NotOpen`],
    /// [`Error::Flash`] or [`Error::Corrupt`]; and [`Error::Full`] where there is no room to note
    /// it: the items are passed by until the next open, and may come again after it.
    async fn release(&mut self, memory: &mut M, up_to: Mark) -> Result<(), Error<Self::Fault>>;

    /// Forgets all items, for a device that changes hands.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] or [`Error::Flash`].
    async fn clear(&mut self, memory: &mut M) -> Result<(), Error<Self::Fault>>;
}

/// Knows whether anything waits, without the memory: apart from [`Log`], because that is one trait
/// for each type of memory. Of a closed log it knows nothing.
pub trait Occupancy {
    /// Returns whether no item is known to wait.
    ///
    /// It may be wrong in one way: where damage ate the last items, it says `false` until a cursor
    /// has found none.
    fn is_empty(&self) -> bool;
}
