//! Any part on SPI that sends one frame, or that is a file of registers.

use crate::SimSpiDevice;
use core::cell::Cell;

/// Models a part that shifts out the same `LEN` bytes in each transaction, and zeros behind them.
///
/// ```
/// use embedded_hal::spi::SpiDevice;
/// use sundew_testkit::{SimSpi, SimSpiFrame};
///
/// let part = SimSpiFrame::new([0x01, 0x90, 0x19, 0x00]);
/// let spi = SimSpi::new(&part);
/// let mut bytes = [0; 4];
/// (&spi).read(&mut bytes).unwrap();
/// assert_eq!(bytes, [0x01, 0x90, 0x19, 0x00]);
/// ```
pub struct SimSpiFrame<const LEN: usize> {
    bytes: Cell<[u8; LEN]>,
    position: Cell<usize>,
}

impl<const LEN: usize> SimSpiFrame<LEN> {
    /// Models a part that sends `bytes`.
    pub const fn new(bytes: [u8; LEN]) -> Self {
        Self { bytes: Cell::new(bytes), position: Cell::new(0) }
    }

    /// Sets what the part sends from the next transaction on.
    pub fn set(&self, bytes: [u8; LEN]) {
        self.bytes.set(bytes);
    }
}

impl<const LEN: usize> SimSpiDevice for SimSpiFrame<LEN> {
    fn select(&self) {
        self.position.set(0);
    }

    fn exchange(&self, _byte: u8) -> u8 {
        let position = self.position.get();
        self.position.set(position.saturating_add(1));
        self.bytes.get().get(position).copied().unwrap_or(0)
    }
}

/// Says what the highest bit of the byte that names the register means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a bit has two values")]
pub enum TopBit {
    /// Marks a read, as with Bosch and ST.
    Reads,
    /// Marks a write, as with Maxim.
    Writes,
}

/// Models a part of `COUNT` registers of one byte; the pointer moves on with each byte.
///
/// As with [`SimRegisters`](crate::SimRegisters), what the registers hold is the test's matter, and
/// a behaviour of the part is a function.
///
/// ```
/// use embedded_hal::spi::SpiDevice;
/// use sundew_testkit::{SimSpi, SimSpiRegisters, TopBit};
///
/// let part = SimSpiRegisters::<8>::new(TopBit::Writes);
/// let spi = SimSpi::new(&part);
/// (&spi).write(&[0x80, 0xC2]).unwrap();
/// assert_eq!(part.register(0), 0xC2);
/// let mut bytes = [0; 2];
/// (&spi).transfer(&mut bytes, &[0x00, 0x00]).unwrap();
/// assert_eq!(bytes, [0x00, 0xC2]);
/// ```
pub struct SimSpiRegisters<const COUNT: usize> {
    top_bit: TopBit,
    cells: [Cell<u8>; COUNT],
    pointer: Cell<Option<u8>>,
    is_written: Cell<bool>,
    on_write: Cell<Option<Behaviour<COUNT>>>,
    on_read: Cell<Option<Behaviour<COUNT>>>,
}

type Behaviour<const COUNT: usize> = fn(&SimSpiRegisters<COUNT>, u8);

impl<const COUNT: usize> SimSpiRegisters<COUNT> {
    /// Models a part whose registers hold 0.
    pub const fn new(top_bit: TopBit) -> Self {
        Self {
            top_bit,
            cells: [const { Cell::new(0) }; COUNT],
            pointer: Cell::new(None),
            is_written: Cell::new(false),
            on_write: Cell::new(None),
            on_read: Cell::new(None),
        }
    }

    /// Sets registers that follow each other; beyond the last one nothing happens.
    pub fn set(&self, first: u8, bytes: &[u8]) {
        for (cell, byte) in self.cells.iter().skip(usize::from(first)).zip(bytes) {
            cell.set(*byte);
        }
    }

    /// Returns what a register holds; beyond the last one that is 0.
    pub fn register(&self, register: u8) -> u8 {
        self.cells.get(usize::from(register)).map_or(0, Cell::get)
    }

    /// Calls `behaviour` after each register that was written, with its number.
    pub fn on_write(&self, behaviour: fn(&Self, u8)) {
        self.on_write.set(Some(behaviour));
    }

    /// Calls `behaviour` before each register is read, with its number.
    pub fn on_read(&self, behaviour: fn(&Self, u8)) {
        self.on_read.set(Some(behaviour));
    }
}

impl<const COUNT: usize> SimSpiDevice for SimSpiRegisters<COUNT> {
    fn select(&self) {
        self.pointer.set(None);
    }

    fn exchange(&self, byte: u8) -> u8 {
        let Some(register) = self.pointer.get() else {
            self.pointer.set(Some(byte & 0x7F));
            self.is_written.set((byte & 0x80 != 0) == (self.top_bit == TopBit::Writes));
            return 0;
        };
        self.pointer.set(Some(register.wrapping_add(1) & 0x7F));
        if self.is_written.get() {
            self.set(register, &[byte]);
            if let Some(behaviour) = self.on_write.get() {
                behaviour(self, register);
            }
            return 0;
        }
        if let Some(behaviour) = self.on_read.get() {
            behaviour(self, register);
        }
        self.register(register)
    }
}
