//! What is under test: a memory, a log on it, and whether the queue stands on that.

use core::hash::Hash;

use sundew_core::Region;
use sundew_queue::{Queue, WhenFull};
use sundew_store::log::{EepromLog, LONGEST, Log, NorLog, SequentialLog};
use sundew_testkit::{Erased, Rewrite, SimEeprom, SimFlash};

use crate::keeper::{Bare, Keeper};
use crate::part::{Part, View, Watched};

/// Is a memory with a log on it.
pub(crate) trait Store: Sync {
    type Memory: Watched;
    type Log: Log<Self::Memory, Fault: core::fmt::Debug> + Clone + Hash + Send + Sync;

    /// Returns the memory as it leaves the factory.
    fn memory(&self) -> Self::Memory;

    fn log(&self) -> Self::Log;

    /// Returns how many items of `len` bytes the log promises to take where nothing waits and one
    /// page or slot is worn out, or none is.
    fn room(&self, len: usize, wear: Wear) -> usize;
}

/// Says whether a page or slot is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wear {
    None,
    OnePage,
}

/// Is what records are kept by, and the memory that it stands on.
pub(crate) trait Backend: Sync {
    type Memory: Watched;
    type Keeper: Keeper<Self::Memory>;

    fn memory(&self) -> Self::Memory;
    fn keeper(&self, when_full: WhenFull) -> Self::Keeper;

    /// Does what [`Store::room`] does, for records of `len` bytes of payload.
    fn room(&self, len: usize, wear: Wear) -> usize;
}

/// Is a log without a queue: its items are small, so that more of them fit into what can be
/// searched.
pub(crate) struct Alone<S>(pub(crate) S);

impl<S: Store> Backend for Alone<S> {
    type Memory = S::Memory;
    type Keeper = Bare<S::Log>;

    fn memory(&self) -> S::Memory {
        self.0.memory()
    }

    fn keeper(&self, when_full: WhenFull) -> Self::Keeper {
        Bare::new(self.0.log(), when_full)
    }

    fn room(&self, len: usize, wear: Wear) -> usize {
        self.0.room(len, wear)
    }
}

/// Is a queue on the log.
pub(crate) struct Queued<S>(pub(crate) S);

/// What the queue writes in front of each payload.
const HEADER: usize = LONGEST - sundew_queue::LONGEST_PAYLOAD;

impl<S: Store> Backend for Queued<S> {
    type Memory = S::Memory;
    type Keeper = Queue<S::Log>;

    fn memory(&self) -> S::Memory {
        self.0.memory()
    }

    fn keeper(&self, when_full: WhenFull) -> Self::Keeper {
        Queue::new(self.0.log(), when_full)
    }

    fn room(&self, len: usize, wear: Wear) -> usize {
        self.0.room(len + HEADER, wear)
    }
}

/// Is the NOR log on a flash of `SIZE` bytes.
pub(crate) struct Nor<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    pub(crate) erased: Erased,
    pub(crate) rewrite: Rewrite,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Store
    for Nor<SIZE, PAGE, WORD, READ>
{
    type Memory = Part<SIZE, PAGE, WORD, READ>;
    type Log = NorLog;

    fn memory(&self) -> Self::Memory {
        let flash = SimFlash::new().with_erased(self.erased).with_rewrite(self.rewrite);
        Part::new(flash, self.erased.byte(), View::NorLog)
    }

    fn log(&self) -> NorLog {
        let log = NorLog::new(Region::new(0, SIZE as u32));
        if self.erased == Erased::Zeros { log.erased_to_zero() } else { log }
    }

    fn room(&self, len: usize, wear: Wear) -> usize {
        let lost = if wear == Wear::None { 0 } else { PAGE };
        NorLog::capacity::<Self::Memory>(Region::new(0, (SIZE - lost) as u32), len) as usize
    }
}

/// Is the log for memory written byte by byte, on `SIZE` bytes of it.
pub(crate) struct Eeprom<const SIZE: usize, const SLOT: usize>;

impl<const SIZE: usize, const SLOT: usize> Store for Eeprom<SIZE, SLOT> {
    type Memory = SimEeprom<SIZE>;
    type Log = EepromLog<SLOT>;

    fn memory(&self) -> Self::Memory {
        SimEeprom::new()
    }

    fn log(&self) -> Self::Log {
        EepromLog::new(Region::new(0, SIZE as u32))
    }

    fn room(&self, len: usize, wear: Wear) -> usize {
        let lost = usize::from(wear != Wear::None);
        if len <= EepromLog::<SLOT>::LONGEST { (SIZE / SLOT).saturating_sub(lost) } else { 0 }
    }
}

/// Is the log on `sequential-storage`, which programs words twice.
pub(crate) struct Sequential<const SIZE: usize, const PAGE: usize, const WORD: usize>;

/// What `sequential-storage` writes in front of each item, and the log behind that.
const SEQUENTIAL_HEADERS: usize = 8 + 6;

impl<const SIZE: usize, const PAGE: usize, const WORD: usize> Store
    for Sequential<SIZE, PAGE, WORD>
{
    type Memory = Part<SIZE, PAGE, WORD, 1>;
    type Log = SequentialLog<32>;

    fn memory(&self) -> Self::Memory {
        let flash = SimFlash::new().with_rewrite(Rewrite::ClearsBits);
        Part::new(flash, Erased::Ones.byte(), View::Bytes).with_rewrites()
    }

    fn log(&self) -> Self::Log {
        SequentialLog::new(Region::new(0, SIZE as u32))
    }

    /// One page stays free, and another one may be half used up.
    fn room(&self, len: usize, wear: Wear) -> usize {
        let lost = if wear == Wear::None { 2 } else { 3 };
        let item = (SEQUENTIAL_HEADERS + len).next_multiple_of(WORD);
        (SIZE / PAGE).saturating_sub(lost) * ((PAGE - 2 * WORD) / item)
    }
}
