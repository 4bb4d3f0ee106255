//! Any part that is a file of registers behind an address.

use crate::{Ack, Direction, SimDevice};
use core::cell::Cell;

/// Says how the register pointer moves while bytes go over the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Increment {
    /// Moves on with each byte, as Bosch parts do.
    Always,
    /// Moves on where bit 7 of the pointer byte is set, as ST parts do; the bit is no part of it.
    WithTopBit,
    /// Stays, so that the bytes of one register of `WIDTH` bytes come again and again.
    Never,
}

/// Models a part of `COUNT` registers of `WIDTH` bytes each, most significant byte first or as the
/// test writes them.
///
/// What the registers hold is the test's matter: it sets them before and between the driver's
/// accesses, and reads what the driver wrote. A behaviour of the part (a busy bit, a counter that
/// reading clears) is a function that [`on_write`](Self::on_write) or
/// [`on_read`](Self::on_read) registers.
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x76, Increment::Always);
/// part.set(0xD0, [0x60]);
/// let bus = SimBus::new([&part]);
///
/// let mut id = [0];
/// (&bus).write_read(0x76, &[0xD0], &mut id).unwrap();
/// assert_eq!(id, [0x60]);
/// (&bus).write(0x76, &[0xF4, 0x27]).unwrap();
/// assert_eq!(part.register(0xF4), [0x27]);
/// ```
pub struct SimRegisters<const COUNT: usize, const WIDTH: usize> {
    address: u8,
    increment: Increment,
    cells: [Cell<[u8; WIDTH]>; COUNT],
    pointer: Cell<u8>,
    moves: Cell<bool>,
    byte: Cell<usize>,
    is_first: Cell<bool>,
    plugged: Cell<bool>,
    on_write: Cell<Option<Behaviour<COUNT, WIDTH>>>,
    on_read: Cell<Option<Behaviour<COUNT, WIDTH>>>,
}

type Behaviour<const COUNT: usize, const WIDTH: usize> = fn(&SimRegisters<COUNT, WIDTH>, u8);

impl<const COUNT: usize, const WIDTH: usize> SimRegisters<COUNT, WIDTH> {
    /// Models a part whose registers hold 0.
    pub const fn new(address: u8, increment: Increment) -> Self {
        Self {
            address,
            increment,
            cells: [const { Cell::new([0; WIDTH]) }; COUNT],
            pointer: Cell::new(0),
            moves: Cell::new(false),
            byte: Cell::new(0),
            is_first: Cell::new(false),
            plugged: Cell::new(true),
            on_write: Cell::new(None),
            on_read: Cell::new(None),
        }
    }

    /// Sets a register; beyond the last one nothing happens.
    pub fn set(&self, register: u8, bytes: [u8; WIDTH]) {
        if let Some(cell) = self.cells.get(usize::from(register)) {
            cell.set(bytes);
        }
    }

    /// Sets registers that follow each other.
    pub fn set_all(&self, first: u8, registers: &[[u8; WIDTH]]) {
        for (cell, bytes) in self.cells.iter().skip(usize::from(first)).zip(registers) {
            cell.set(*bytes);
        }
    }

    /// Returns what a register holds; beyond the last one that is 0.
    pub fn register(&self, register: u8) -> [u8; WIDTH] {
        self.cells.get(usize::from(register)).map_or([0; WIDTH], Cell::get)
    }

    /// Calls `behaviour` after each register that was written in full, with its number.
    pub fn on_write(&self, behaviour: fn(&Self, u8)) {
        self.on_write.set(Some(behaviour));
    }

    /// Calls `behaviour` before the first byte of each register is read, with its number.
    pub fn on_read(&self, behaviour: fn(&Self, u8)) {
        self.on_read.set(Some(behaviour));
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Puts the part back; what its registers hold then, the test says.
    pub fn plug(&self) {
        self.plugged.set(true);
    }

    /// Steps over one byte, and to the next register where the part does so.
    fn step(&self) {
        let next = self.byte.get() + 1;
        if next < WIDTH {
            self.byte.set(next);
            return;
        }
        self.byte.set(0);
        if self.moves.get() {
            self.pointer.set(self.pointer.get().wrapping_add(1));
        }
    }
}

impl<const COUNT: usize, const WIDTH: usize> SimDevice for SimRegisters<COUNT, WIDTH> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, direction: Direction) -> Ack {
        self.is_first.set(direction == Direction::Write);
        self.byte.set(0);
        if self.plugged.get() { Ack::Ack } else { Ack::Nack }
    }

    fn write(&self, byte: u8) -> Ack {
        if self.is_first.replace(false) {
            let has_top_bit = self.increment == Increment::WithTopBit;
            self.pointer.set(if has_top_bit { byte & 0x7F } else { byte });
            self.moves.set(match self.increment {
                Increment::Always => true,
                Increment::WithTopBit => byte & 0x80 != 0,
                Increment::Never => false,
            });
            return Ack::Ack;
        }
        let register = self.pointer.get();
        let position = self.byte.get();
        if let Some(cell) = self.cells.get(usize::from(register)) {
            let mut bytes = cell.get();
            if let Some(slot) = bytes.get_mut(position) {
                *slot = byte;
            }
            cell.set(bytes);
        }
        self.step();
        if position + 1 == WIDTH
            && let Some(behaviour) = self.on_write.get()
        {
            behaviour(self, register);
        }
        Ack::Ack
    }

    fn read(&self) -> u8 {
        let register = self.pointer.get();
        let position = self.byte.get();
        if position == 0
            && let Some(behaviour) = self.on_read.get()
        {
            behaviour(self, register);
        }
        self.step();
        self.register(register).get(position).copied().unwrap_or(0)
    }
}
