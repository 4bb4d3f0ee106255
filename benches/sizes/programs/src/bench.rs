//! The hardware that a program finds: an part that answers what it is told to,
//! by itself as an SHT4x at 23.45 °C, and a small NOR flash.

use core::cell::Cell;
use core::convert::Infallible;
use core::hint::black_box;

use embedded_hal::i2c::{ErrorType, I2c, Operation};
use embedded_hal::spi::{self, SpiDevice};
use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::{
    self, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use embedded_storage::{ReadStorage, Storage};

/// Four pages for a queue, one more than it needs, and two for settings. The ATmega328P's 2048 bytes
/// of RAM have room for those of one, and smaller ones.
const PAGES: usize = if cfg!(target_arch = "avr") { 4 } else { 6 };
const PAGE: usize = if cfg!(target_arch = "avr") { 128 } else { 256 };

/// Holds the models; it lives in `main`, below which the stack is measured.
pub struct Bench {
    /// The sensor's bus.
    pub bus: Bus,
    /// A 1-Wire bus.
    pub line: Line,
    /// A UART.
    pub port: Port,
    /// The flash.
    pub flash: Flash,
}

impl Bench {
    /// Makes an idle bus and an erased flash.
    pub const fn new() -> Self {
        Self {
            bus: Bus { answers: &FRAME, next: 0 },
            line: Line { slots: &FRAME, next: 0 },
            port: Port { rest: Cell::new(&[]) },
            flash: Flash { cells: [0xFF; PAGES * PAGE] },
        }
    }

    /// Returns whether nothing is going on, which is always so between two programs.
    pub(crate) fn is_idle(&self) -> bool {
        self.bus.is_idle() && self.line.is_idle() && self.port.is_idle()
    }

    /// Returns the 128 bytes that a radio takes its frame from. They lie in the flash, which no
    /// program with such a frame uses otherwise, so that `base` carries them already.
    #[cfg(feature = "frame")]
    pub(crate) fn frame(&mut self) -> &mut [u8] {
        black_box(self.flash.cells.get_mut(..128).unwrap_or_default())
    }

    /// Uses each model once before the measurement, so that `base` carries all of their code, and
    /// returns whether they work.
    #[inline(never)]
    pub fn touch(&mut self) -> bool {
        let mut bytes = black_box([0; 8]);
        self.bus.answer(black_box(&FRAME));
        let bus = I2c::transaction(&mut self.bus, 0x44, &mut [Operation::Read(&mut bytes)]).is_ok();
        // The `memcpy` that any firmware has: 340 B on thumbv6m, which no single driver brings.
        let length = black_box(4);
        if let (Some(to), Some(from)) = (bytes.get_mut(..length), FRAME.get(..length)) {
            to.copy_from_slice(from);
        }
        self.port.send(black_box(&FRAME));
        let mut port = &self.port;
        let port = port.write(&bytes).is_ok()
            && port.flush().is_ok()
            && port.read_ready() == Ok(true)
            && port.read(&mut bytes) == Ok(6);
        self.line.answer(black_box(&FRAME));
        let line = !self.line.slot() && !self.line.slot() && self.line.slot();
        let spi = &mut [spi::Operation::Read(&mut bytes)];
        let spi = SpiDevice::transaction(&mut self.bus, black_box(spi)).is_ok();
        self.bus.answer(black_box(&FRAME));
        let erased = self.flash.erase(0, black_box(PAGE as u32)).is_ok();
        let written = NorFlash::write(&mut self.flash, black_box(0), black_box(&bytes)).is_ok();
        let read = ReadNorFlash::read(&mut self.flash, black_box(0), &mut bytes).is_ok();
        let erased_again = self.flash.erase(0, black_box(PAGE as u32)).is_ok();
        bus && port && line && spi && erased && written && read && erased_again
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// An SHT4x frame of 23.45 °C and 45.00 %RH.
static FRAME: [u8; 6] = [0x64, 0x22, 0xB3, 0x68, 0x72, 0x79];

/// Answers reads byte by byte, from the start again where its answers are over, and takes every
/// write.
pub struct Bus {
    answers: &'static [u8],
    next: usize,
}

impl Bus {
    /// Returns whether nothing is going on.
    pub(crate) fn is_idle(&self) -> bool {
        self.next < usize::MAX
    }

    /// Says what the next reads are answered with.
    #[inline(never)]
    pub(crate) fn answer(&mut self, answers: &'static [u8]) {
        self.answers = answers;
        self.next = 0;
    }

    #[inline(never)]
    fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            if self.next >= self.answers.len() {
                self.next = 0;
            }
            *byte = self.answers.get(self.next).copied().unwrap_or_default();
            self.next += 1;
        }
    }
}

impl ErrorType for Bus {
    type Error = Infallible;
}

impl spi::ErrorType for Bus {
    type Error = Infallible;
}

impl SpiDevice for Bus {
    #[inline(never)]
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            match operation {
                spi::Operation::Read(buffer)
                | spi::Operation::Transfer(buffer, _)
                | spi::Operation::TransferInPlace(buffer) => self.fill(buffer),
                _ => {}
            }
        }
        Ok(())
    }
}

impl I2c for Bus {
    #[inline(never)]
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), Infallible> {
        for operation in operations {
            if let Operation::Read(buffer) = operation {
                self.fill(buffer);
            }
        }
        Ok(())
    }
}

/// Gives the slots of a 1-Wire bus from a script, the lowest bit of a byte first.
pub struct Line {
    slots: &'static [u8],
    next: u16,
}

impl Line {
    /// Returns whether nothing is going on.
    pub(crate) fn is_idle(&self) -> bool {
        self.next < u16::MAX
    }

    /// Says what the next slots give.
    #[inline(never)]
    pub(crate) fn answer(&mut self, slots: &'static [u8]) {
        self.slots = slots;
        self.next = 0;
    }

    /// Returns what the line shows in the next slot; high where the script is over.
    #[inline(never)]
    pub(crate) fn slot(&mut self) -> bool {
        let byte = self.slots.get(usize::from(self.next >> 3)).copied().unwrap_or(0xFF);
        let bit = byte >> (self.next & 7) & 1;
        self.next += 1;
        bit != 0
    }
}

/// Hands over what was sent to it, and takes every write.
pub struct Port {
    rest: Cell<&'static [u8]>,
}

impl Port {
    /// Returns whether nothing is left of what was sent.
    pub(crate) fn is_idle(&self) -> bool {
        self.rest.get().is_empty()
    }

    /// Says what the next reads give.
    #[inline(never)]
    pub(crate) fn send(&self, bytes: &'static [u8]) {
        self.rest.set(bytes);
    }
}

impl embedded_io::ErrorType for &Port {
    type Error = Infallible;
}

impl Read for &Port {
    #[inline(never)]
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let rest = self.rest.get();
        let length = bytes.iter_mut().zip(rest).map(|(to, from)| *to = *from).count();
        self.rest.set(rest.get(length..).unwrap_or_default());
        Ok(length)
    }
}

impl ReadReady for &Port {
    #[inline(never)]
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.rest.get().is_empty())
    }
}

impl Write for &Port {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(black_box(bytes).len())
    }

    #[inline(never)]
    fn flush(&mut self) -> Result<(), Infallible> {
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

/// The cells as an EEPROM has them, for the programs that want one.
impl ReadStorage for Flash {
    type Error = Outside;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Outside> {
        ReadNorFlash::read(self, offset, bytes)
    }

    fn capacity(&self) -> usize {
        PAGES * PAGE
    }
}

impl Storage for Flash {
    #[inline(never)]
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Outside> {
        let cells = self.cells(offset, bytes.len())?;
        cells.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell = *byte);
        Ok(())
    }
}
