//! 32 MiB of parallel NOR flash: two Intel parts of 16 bits side by side.
//!
//! Read first: Intel `StrataFlash` Embedded Memory (P30) datasheet, "Write Operations" and "Command
//! Codes". Every command is given to both parts at once, so it stands twice in a word. QEMU keeps
//! the bytes in a file, written at the end of each buffer, word or erase: killing the emulator
//! leaves what was finished. It has no block locks; a P30 wants its blocks unlocked once after
//! power-on, which is not done here.

use core::fmt;
use core::ops::Range;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use sundew_core::{Classify, ErrorKind};

use crate::memory_map::FLASH;

/// Holds the capacity in bytes.
pub const CAPACITY: u32 = FLASH.len_bytes() as u32;
/// Holds the size of a page in bytes: what one erase takes in both parts.
pub const PAGE: u32 = 256 * 1_024;
/// Holds the size of a word in bytes, twice what the parts could do: a page then has 32,768 words,
/// the most that a log of `sundew-store` counts.
pub const WORD: u32 = 8;

/// What the parts program at least: 16 bits in each.
const CELL: u32 = 4;

/// Fills of the two buffers, of 64 bytes each, do not cross a multiple of this. A long buffer pays:
/// QEMU maps its memory anew at each change between commands and reading, twice a fill. With 32
/// bytes a record of 261 bytes took 5 ms.
const BUFFER: u32 = 128;

const PROGRAM_BUFFER: u32 = both(0xE8);
const ERASE: u32 = both(0x20);
const CONFIRM: u32 = both(0xD0);
const READ_IDENTITY: u32 = both(0x90);
const READ_ARRAY: u32 = both(0xFF);
const CLEAR_STATUS: u32 = both(0x50);

const STATUS_READY: u32 = both(0x80);
/// Erase failed, program failed, voltage too low, block locked.
const STATUS_FAULTS: u32 = both(0x3A);

/// Intel, and the device code that QEMU was built with.
const IDENTITY: [u32; 2] = [both(0x89), both(0x18)];

/// A block erase takes at most 4 s, a look at the status over 50 ns.
const LOOKS: u32 = 80_000_000;

/// Tells that no flash answers: QEMU was started without `-drive if=pflash,unit=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Absent;

/// Says why an operation was refused or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Reports a write that would set a cleared bit; the words before `offset` may be written.
    Dirty {
        /// Holds the offset of what needs an erase first.
        offset: u32,
    },
    /// Reports what a part says of an operation that did not succeed.
    Part {
        /// Holds the status of both parts, 16 bits each.
        status: u32,
    },
    /// Reports an offset or length that is no multiple of the word, or of the page for an erase.
    Unaligned,
    /// Reports an operation that reaches past the end, or one that ends before it starts.
    OutOfBounds,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dirty { offset } => write!(formatter, "flash at {offset:#x} is not erased"),
            Self::Part { status } => write!(formatter, "the flash parts say {status:#010x}"),
            Self::Unaligned => formatter.write_str("flash access is not aligned"),
            Self::OutOfBounds => formatter.write_str("flash access is out of bounds"),
        }
    }
}

impl core::error::Error for Error {}

impl NorFlashError for Error {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Dirty { .. } | Self::Part { .. } => NorFlashErrorKind::Other,
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
            Self::Part { .. } => ErrorKind::Bus,
            Self::Unaligned | Self::OutOfBounds => ErrorKind::Config,
        }
    }
}

/// Drives the flash: words of 8 bytes, pages of 256 KiB.
///
/// # Blocking time
///
/// In QEMU some 0.2 ms a buffer. A P30 takes 0.1 ms for a word (at most 0.4 ms),
/// 0.9 ms for a buffer (at most 4 ms) and 0.8 s for an erase (at most 4 s); code must not run from
/// the same part meanwhile, so on `virt` it runs from RAM.
#[non_exhaustive]
pub struct Flash;

impl Flash {
    pub(crate) fn start() -> Result<Self, Absent> {
        FLASH.write(0, READ_IDENTITY);
        let identity = [FLASH.read(0), FLASH.read(CELL as usize)];
        FLASH.write(0, READ_ARRAY);
        if identity == IDENTITY { Ok(Self) } else { Err(Absent) }
    }

    /// Sets all bits of a range within one page, as an erase does that loses its power there.
    ///
    /// Only the emulator can: programming overwrites in it where a part could but clear bits.
    ///
    /// # Errors
    ///
    /// As [`NorFlash::write`].
    pub fn erase_in_part(&mut self, range: Range<u32>) -> Result<(), Error> {
        let len = range.end.checked_sub(range.start).ok_or(Error::OutOfBounds)?;
        check_bounds(range.start, len as usize)?;
        if !range.start.is_multiple_of(WORD) || !range.end.is_multiple_of(WORD) {
            return Err(Error::Unaligned);
        }
        let mut at = range.start;
        while at < range.end {
            let len = (BUFFER - at % BUFFER).min(range.end - at);
            let ones = [[0xFF; 4]; (BUFFER / CELL) as usize];
            fill_buffer(at, ones.get(..(len / CELL) as usize).unwrap_or(&ones))?;
            at += len;
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
            *byte = FLASH.read_byte(at);
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
        let len = to.checked_sub(from).ok_or(Error::OutOfBounds)?;
        check_bounds(from, len as usize)?;
        if !from.is_multiple_of(PAGE) || !to.is_multiple_of(PAGE) {
            return Err(Error::Unaligned);
        }
        for page in (from..to).step_by(PAGE as usize) {
            FLASH.write(page as usize, ERASE);
            FLASH.write(page as usize, CONFIRM);
            finish(page)?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        check_bounds(offset, bytes.len())?;
        if !offset.is_multiple_of(WORD) || !bytes.len().is_multiple_of(WORD as usize) {
            return Err(Error::Unaligned);
        }
        let (mut at, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            // Up to the next multiple of the buffer.
            let room = (BUFFER - at % BUFFER) as usize;
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            let (cells, _) = now.as_chunks::<4>();
            program(at, cells)?;
            (at, rest) = (at + now.len() as u32, later);
        }
        Ok(())
    }
}

/// Programs cells that share a buffer.
fn program(offset: u32, cells: &[[u8; 4]]) -> Result<(), Error> {
    for (at, cell) in (offset..).step_by(CELL as usize).zip(cells) {
        // QEMU's parts overwrite where real ones would AND: the rule of flash is kept here.
        let new = u32::from_le_bytes(*cell);
        if FLASH.read(at as usize) & new != new {
            return Err(Error::Dirty { offset: at });
        }
    }
    fill_buffer(offset, cells)
}

fn fill_buffer(offset: u32, cells: &[[u8; 4]]) -> Result<(), Error> {
    let places = (offset..).step_by(CELL as usize);
    let Some(after_first) = cells.len().checked_sub(1) else { return Ok(()) };
    FLASH.write(offset as usize, PROGRAM_BUFFER);
    ready(offset)?;
    FLASH.write(offset as usize, both(after_first as u32));
    for (at, cell) in places.zip(cells) {
        FLASH.write(at as usize, u32::from_le_bytes(*cell));
    }
    FLASH.write(offset as usize, CONFIRM);
    finish(offset)
}

/// Waits for the end of an operation, and returns to reading.
fn finish(offset: u32) -> Result<(), Error> {
    let status = ready(offset);
    FLASH.write(offset as usize, CLEAR_STATUS);
    FLASH.write(offset as usize, READ_ARRAY);
    match status? {
        status if status & STATUS_FAULTS != 0 => Err(Error::Part { status }),
        _ => Ok(()),
    }
}

fn ready(offset: u32) -> Result<u32, Error> {
    let mut status = 0;
    for _ in 0..LOOKS {
        status = FLASH.read(offset as usize);
        if status & STATUS_READY == STATUS_READY {
            return Ok(status);
        }
    }
    Err(Error::Part { status })
}

/// Returns a command or status for both parts.
const fn both(one: u32) -> u32 {
    one << 16 | one
}

fn check_bounds(offset: u32, len_bytes: usize) -> Result<(), Error> {
    let end = (offset as usize).checked_add(len_bytes).ok_or(Error::OutOfBounds)?;
    if end > CAPACITY as usize { Err(Error::OutOfBounds) } else { Ok(()) }
}
