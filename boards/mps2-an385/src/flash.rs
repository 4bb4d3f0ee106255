//! 1 MiB of NOR flash, laid over the PSRAM that the emulator keeps in a file.
//!
//! The AN385 has no flash that QEMU 7.2 emulates, so this driver adds to plain memory what makes it
//! flash: pages that are erased as a whole, words that are programmed after an erase, bits that
//! only go from 1 to 0. Killing the emulator between two words is the power cut. A new file must
//! hold 0xFF, as a new part does.

use core::fmt;
use core::ops::Range;

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use sundew_core::{Classify, ErrorKind};

use crate::memory_map::PSRAM;

/// Holds the capacity in bytes.
pub const CAPACITY: u32 = 1 << 20;
/// Holds the size of a page in bytes.
pub const PAGE: u32 = 4_096;
/// Holds the size of a word in bytes.
pub const WORD: u32 = 4;

const _: () = assert!(PSRAM.len_bytes() == CAPACITY as usize);

/// Says why an operation was refused; the flash is unchanged but for what `Dirty` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Reports a write that would set a cleared bit; the words before `offset` are written.
    Dirty {
        /// Holds the offset of the word that needs an erase first.
        offset: u32,
    },
    /// Reports an offset or length that is no multiple of the word, or of the page for an erase.
    Unaligned,
    /// Reports an operation that reaches past the end, or one that ends before it starts.
    OutOfBounds,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dirty { offset } => write!(formatter, "flash word {offset:#x} is not erased"),
            Self::Unaligned => formatter.write_str("flash access is not aligned"),
            Self::OutOfBounds => formatter.write_str("flash access is out of bounds"),
        }
    }
}

impl core::error::Error for Error {}

impl NorFlashError for Error {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Dirty { .. } => NorFlashErrorKind::Other,
            Self::Unaligned => NorFlashErrorKind::NotAligned,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
        }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            // Foreign bytes in a page that was thought erased.
            Self::Dirty { .. } => ErrorKind::Corrupt,
            Self::Unaligned | Self::OutOfBounds => ErrorKind::Config,
        }
    }
}

/// Drives the flash: words of 4 bytes, pages of 4 KiB.
///
/// # Blocking time
///
/// None in the emulator. A W25Q part behind the same calls takes 0.7 ms for 256 bytes and up to
/// 400 ms for a page erase.
#[non_exhaustive]
pub struct Flash;

impl Flash {
    pub(crate) const fn new() -> Self {
        Self
    }

    /// Sets all bits of a range within one page, as an erase does that loses its power there.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Unaligned`] and [`Error::OutOfBounds`].
    pub fn erase_in_part(&mut self, range: Range<u32>) -> Result<(), Error> {
        let len = range.end.checked_sub(range.start).ok_or(Error::OutOfBounds)?;
        check_bounds(range.start, len as usize)?;
        if !range.start.is_multiple_of(WORD) || !range.end.is_multiple_of(WORD) {
            return Err(Error::Unaligned);
        }
        for offset in range.step_by(WORD as usize) {
            PSRAM.write(offset as usize, u32::MAX);
        }
        Ok(())
    }
}

impl ErrorType for Flash {
    type Error = Error;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        check_bounds(offset, bytes.len())?;
        for (at, byte) in (offset as usize..).zip(bytes) {
            *byte = (PSRAM.read(at) >> (at % 4 * 8)) as u8;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        CAPACITY as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD as usize;
    const ERASE_SIZE: usize = PAGE as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        if !from.is_multiple_of(PAGE) || !to.is_multiple_of(PAGE) {
            return Err(Error::Unaligned);
        }
        self.erase_in_part(from..to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        check_bounds(offset, bytes.len())?;
        let (words, rest) = bytes.as_chunks::<4>();
        if !offset.is_multiple_of(WORD) || !rest.is_empty() {
            return Err(Error::Unaligned);
        }
        for (at, word) in (offset..).step_by(WORD as usize).zip(words) {
            let new = u32::from_le_bytes(*word);
            if PSRAM.read(at as usize) & new != new {
                return Err(Error::Dirty { offset: at });
            }
            // A word in one store: a killed emulator leaves it old or new, never torn.
            PSRAM.write(at as usize, new);
        }
        Ok(())
    }
}

/// The trait lets a second write AND with the first; where that would lose a bit that was to be 1,
/// this part says so instead.
impl MultiwriteNorFlash for Flash {}

fn check_bounds(offset: u32, len_bytes: usize) -> Result<(), Error> {
    let end = (offset as usize).checked_add(len_bytes).ok_or(Error::OutOfBounds)?;
    if end > CAPACITY as usize { Err(Error::OutOfBounds) } else { Ok(()) }
}
