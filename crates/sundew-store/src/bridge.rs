//! Lets async `sequential-storage` run on a blocking flash. Private to the family: it goes away
//! with the own log, and may change in any release until then.
//!
//! Why not a `block_on`: it would spin on a future that waits for something else, and it links a
//! waker. The futures here can wait for nothing but [`Immediate`], which is always ready, so one
//! poll is enough and anything else is a bug worth reporting.

use crate::{Error, Partition};
use core::cell::Cell;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash as BlockingNorFlash, ReadNorFlash as BlockingRead,
};
use embedded_storage_async::nor_flash::{
    MultiwriteNorFlash as AsyncMultiwriteNorFlash, NorFlash, ReadNorFlash,
};
use sundew_core::Region;

/// Reports a future that was not ready at its first poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotReady;

/// Polls `future` once.
///
/// # Errors
///
/// Returns [`NotReady`] where it would wait.
pub fn finish<T>(future: impl Future<Output = T>) -> Result<T, NotReady> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(NotReady),
    }
}

/// Polls a future of `sequential-storage` once and translates its error.
///
/// # Errors
///
/// Returns the storage's error, or [`Error::Bug`] where the future would wait.
pub fn finish_storage<T, E>(
    future: impl Future<Output = Result<T, sequential_storage::Error<Error<E>>>>,
) -> Result<T, Error<E>> {
    use sequential_storage::Error as Beneath;
    finish(future).map_err(|NotReady| Error::Bug)?.map_err(|error| match error {
        Beneath::Storage { value } => value,
        Beneath::FullStorage => Error::Full,
        Beneath::Corrupted {} | Beneath::SerializationError(_) => Error::Corrupt,
        Beneath::BufferTooSmall(needed) => Error::TooLong { needed },
        Beneath::ItemTooBig => Error::TooLong { needed: 0 },
        _ => Error::Bug,
    })
}

const NOWHERE: u32 = u32::MAX;

/// Steers what the storage may do and see; shared with an [`Immediate`] by reference, since the
/// storage owns the flash while it iterates.
#[derive(Debug)]
pub struct Reins {
    last_read: Cell<u32>,
    zeroed: Cell<u32>,
    blanked: Cell<u32>,
    erases: Cell<u8>,
}

impl Reins {
    /// Allows `erases` erase calls; those after them are left out, as if done.
    ///
    /// Leaving one out is right only where the storage erases to tidy up, not where it goes on to
    /// write there.
    pub const fn new(erases: u8) -> Self {
        Self {
            last_read: Cell::new(NOWHERE),
            zeroed: Cell::new(NOWHERE),
            blanked: Cell::new(NOWHERE),
            erases: Cell::new(erases),
        }
    }

    /// Returns the offset of the last read.
    pub fn last_read(&self) -> u32 {
        self.last_read.get()
    }

    /// Shows reads that begin at `offset` as zeros: an item header there is no header any more.
    pub fn zero(&self, offset: u32) {
        self.zeroed.set(offset);
    }

    /// Shows reads that begin at `offset` as erased: an end marker there is no marker any more.
    pub fn blank(&self, offset: u32) {
        self.blanked.set(offset);
    }
}

/// Gives a [`Partition`] the async traits; every call is done when its future is first polled.
///
/// Each write is read back: a storage that ANDs new bits into a page that only looks erased would
/// otherwise call a record durable that nobody can read.
#[derive(Debug)]
pub struct Immediate<'f, F> {
    part: Partition<'f, F>,
    reins: &'f Reins,
}

impl<'f, F: BlockingNorFlash> Immediate<'f, F> {
    /// Opens `region` of `flash`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Region`] as [`Partition::new`] does.
    pub fn new(
        flash: &'f mut F,
        region: Region,
        reins: &'f Reins,
    ) -> Result<Self, Error<F::Error>> {
        Ok(Self { part: Partition::new(flash, region)?, reins })
    }

    fn reads_back(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error<F::Error>> {
        // 32 bytes are the longest word that sequential-storage takes.
        let mut buffer = [0; 32];
        let step = buffer.len() / F::READ_SIZE * F::READ_SIZE;
        let mut at = offset;
        for expected in bytes.chunks(step.max(1)) {
            let found = buffer.get_mut(..expected.len()).ok_or(Error::Region)?;
            BlockingRead::read(&mut self.part, at, found)?;
            if found != expected {
                return Err(Error::Corrupt);
            }
            at += expected.len() as u32;
        }
        Ok(())
    }
}

impl<F: BlockingNorFlash> ErrorType for Immediate<'_, F> {
    type Error = Error<F::Error>;
}

impl<F: BlockingNorFlash> ReadNorFlash for Immediate<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.reins.last_read.set(offset);
        BlockingRead::read(&mut self.part, offset, bytes)?;
        if offset == self.reins.zeroed.get() {
            bytes.fill(0);
        }
        if offset == self.reins.blanked.get() {
            bytes.fill(0xFF);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        BlockingRead::capacity(&self.part)
    }
}

impl<F: BlockingNorFlash> NorFlash for Immediate<'_, F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        match self.reins.erases.get().checked_sub(1) {
            Some(left) => {
                self.reins.erases.set(left);
                BlockingNorFlash::erase(&mut self.part, from, to)
            }
            None => Ok(()),
        }
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        BlockingNorFlash::write(&mut self.part, offset, bytes)?;
        self.reads_back(offset, bytes)
    }
}

impl<F: MultiwriteNorFlash> AsyncMultiwriteNorFlash for Immediate<'_, F> {}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_testkit::SimFlash;

    #[test]
    fn a_future_that_waits_is_a_bug_and_not_a_spin() {
        assert_eq!(finish(core::future::pending::<()>()), Err(NotReady));
        assert_eq!(finish(async { 7 }), Ok(7));
    }

    #[test]
    fn a_write_that_does_not_read_back_is_corrupt() {
        let mut flash = SimFlash::<4096, 4096, 4>::new();
        // Damaged behind the simulation's back: the cell still counts as erased.
        flash.image_mut()[5] = 0xF0;
        let reins = Reins::new(0);
        let mut immediate = Immediate::new(&mut flash, Region::new(0, 4096), &reins).unwrap();
        assert_eq!(finish(NorFlash::write(&mut immediate, 0, &[0x11; 4])), Ok(Ok(())));
        let clash = finish(NorFlash::write(&mut immediate, 4, &[0xFF; 4]));
        assert_eq!(clash, Ok(Err(Error::Corrupt)));
    }

    #[test]
    fn erases_past_the_allowance_are_left_out() {
        let mut flash = SimFlash::<8192, 4096, 4>::new();
        let reins = Reins::new(1);
        let mut immediate = Immediate::new(&mut flash, Region::new(0, 8192), &reins).unwrap();
        for page in [0, 4096, 0] {
            finish(NorFlash::erase(&mut immediate, page, page + 4096)).unwrap().unwrap();
        }
        assert_eq!(flash.counters().erases, 1);
    }
}
