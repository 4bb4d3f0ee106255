//! The hardware that a program finds: an SHT4x that always answers 23.45 °C, and a small NOR flash.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_hal::i2c::{ErrorType, I2c, Operation};
use embedded_storage::nor_flash::{
    self, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// A queue and settings of two pages each, the least that a log needs. The ATmega328P's 2048 bytes
/// of RAM have room for the pages of one.
const PAGES: usize = if cfg!(target_arch = "avr") { 2 } else { 4 };
const PAGE: usize = 256;

/// Holds the models; it lives in `main`, below which the stack is measured.
pub struct Bench {
    /// The sensor's bus.
    pub bus: Bus,
    /// The flash.
    pub flash: Flash,
}

impl Bench {
    /// Makes an idle bus and an erased flash.
    pub const fn new() -> Self {
        Self { bus: Bus { reads: 0 }, flash: Flash { cells: [0xFF; PAGES * PAGE] } }
    }

    /// Returns whether nothing is going on, which is always so between two programs.
    pub(crate) fn is_idle(&self) -> bool {
        self.bus.reads < u8::MAX
    }

    /// Uses each model once before the measurement, so that `base` carries all of their code, and
    /// returns whether they work.
    #[inline(never)]
    pub fn touch(&mut self) -> bool {
        let mut bytes = black_box([0; 8]);
        let bus = self.bus.transaction(0x44, &mut [Operation::Read(&mut bytes)]).is_ok();
        let erased = self.flash.erase(0, black_box(PAGE as u32)).is_ok();
        let written = self.flash.write(black_box(0), black_box(&bytes)).is_ok();
        let read = self.flash.read(black_box(0), &mut bytes).is_ok();
        let erased_again = self.flash.erase(0, black_box(PAGE as u32)).is_ok();
        bus && erased && written && read && erased_again
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// Answers every read with an SHT4x frame of 23.45 °C and 45.00 %RH, and takes every write.
pub struct Bus {
    reads: u8,
}

impl ErrorType for Bus {
    type Error = Infallible;
}

impl I2c for Bus {
    #[inline(never)]
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), Infallible> {
        const FRAME: [u8; 6] = [0x64, 0x22, 0xB3, 0x68, 0x72, 0x79];
        for operation in operations {
            if let Operation::Read(buffer) = operation {
                self.reads = self.reads.wrapping_add(1);
                for (to, from) in buffer.iter_mut().zip(FRAME) {
                    *to = from;
                }
            }
        }
        Ok(())
    }
}

/// Keeps its cells in RAM; programming clears bits, erasing sets a page.
pub struct Flash {
    cells: [u8; PAGES * PAGE],
}

/// Reports an access outside the flash.
#[derive(Debug)]
pub struct Outside;

impl NorFlashError for Outside {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::OutOfBounds
    }
}

impl Flash {
    fn cells(&mut self, offset: u32, length: usize) -> Result<&mut [u8], Outside> {
        let start = offset as usize;
        let end = start.checked_add(length).ok_or(Outside)?;
        self.cells.get_mut(start..end).ok_or(Outside)
    }
}

impl nor_flash::ErrorType for Flash {
    type Error = Outside;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    #[inline(never)]
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Outside> {
        let cells = self.cells(offset, bytes.len())?;
        cells.iter().zip(bytes).for_each(|(cell, byte)| *byte = *cell);
        Ok(())
    }

    fn capacity(&self) -> usize {
        PAGES * PAGE
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    #[inline(never)]
    fn erase(&mut self, from: u32, to: u32) -> Result<(), Outside> {
        let length = to.checked_sub(from).ok_or(Outside)? as usize;
        self.cells(from, length)?.iter_mut().for_each(|cell| *cell = 0xFF);
        Ok(())
    }

    #[inline(never)]
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Outside> {
        let cells = self.cells(offset, bytes.len())?;
        cells.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell &= byte);
        Ok(())
    }
}

impl MultiwriteNorFlash for Flash {}
