//! TE Connectivity MS5611, after its datasheet (ENG_DS_MS5611-01BA03).

use crate::{Ack, Direction, SimClock, SimDevice};
use core::cell::Cell;

const RESET: u8 = 0x1E;
const RESULT: u8 = 0x00;

/// Models an MS5611: a memory of eight words, and conversions that take their time.
///
/// A conversion takes the datasheet's maximum: 0.6, 1.17, 2.28, 4.54 or 9.04 ms. A result that is
/// asked for before it is through is 0, and the conversion is lost; so is one that is read a second
/// time. After a reset the part does not answer for 2.8 ms. Before the first one its memory shows
/// zeros.
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{SimBus, SimClock, SimMs5611};
///
/// let clock = SimClock::new();
/// let part = SimMs5611::new(&clock, 0x77, [0, 40_127, 36_924, 23_317, 23_282, 33_464, 28_312, 1]);
/// part.set_words(9_085_466, 8_569_150);
/// let bus = SimBus::new([&part]);
///
/// (&bus).write(0x77, &[0x48]).unwrap();
/// clock.advance_millis(10);
/// let mut word = [0; 3];
/// (&bus).write_read(0x77, &[0x00], &mut word).unwrap();
/// assert_eq!(word, [0x8A, 0xA2, 0x1A]);
/// ```
pub struct SimMs5611<'c> {
    clock: &'c SimClock,
    address: u8,
    memory: [Cell<u16>; 8],
    words: Cell<[u32; 2]>,
    is_loaded: Cell<bool>,
    is_plugged: Cell<bool>,
    busy_until: Cell<u64>,
    conversion: Cell<Option<(u32, u64)>>,
    answer: Cell<[u8; 3]>,
}

impl<'c> SimMs5611<'c> {
    /// Models a part with this memory that was just powered; the words of both conversions are 0.
    pub fn new(clock: &'c SimClock, address: u8, memory: [u16; 8]) -> Self {
        Self {
            clock,
            address,
            memory: memory.map(Cell::new),
            words: Cell::new([0; 2]),
            is_loaded: Cell::new(false),
            is_plugged: Cell::new(true),
            busy_until: Cell::new(0),
            conversion: Cell::new(None),
            answer: Cell::new([0; 3]),
        }
    }

    /// Sets what is measured: the words of 24 bits for pressure and temperature.
    pub fn set_words(&self, pressure: u32, temperature: u32) {
        self.words.set([pressure, temperature]);
    }

    /// Sets a word of the memory; there are eight.
    pub fn set_memory(&self, number: usize, word: u16) {
        if let Some(cell) = self.memory.get(number) {
            cell.set(word);
        }
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.is_plugged.set(false);
    }

    /// Puts the part back, freshly powered.
    pub fn plug(&self) {
        self.is_plugged.set(true);
        self.is_loaded.set(false);
        self.conversion.set(None);
    }

    fn convert(&self, word: usize, command: u8) {
        let micros = match command & 0x0F {
            0 => 600,
            2 => 1_170,
            4 => 2_280,
            6 => 4_540,
            _ => 9_040,
        };
        let value = self.words.get().get(word).copied().unwrap_or(0);
        self.conversion.set(Some((value, self.clock.micros() + micros)));
    }
}

impl SimDevice for SimMs5611<'_> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, _direction: Direction) -> Ack {
        let is_busy = self.clock.micros() < self.busy_until.get();
        if self.is_plugged.get() && !is_busy { Ack::Ack } else { Ack::Nack }
    }

    fn write(&self, byte: u8) -> Ack {
        match byte {
            RESET => {
                self.is_loaded.set(true);
                self.conversion.set(None);
                self.busy_until.set(self.clock.micros() + 2_800);
            }
            0x40..=0x48 => self.convert(0, byte),
            0x50..=0x58 => self.convert(1, byte),
            RESULT => {
                let conversion = self.conversion.take();
                let done = conversion.filter(|(_, done)| *done <= self.clock.micros());
                let [_, high, middle, low] = done.map_or(0, |(value, _)| value).to_be_bytes();
                self.answer.set([high, middle, low]);
            }
            0xA0..=0xAF => {
                let word = self.memory.get(usize::from(byte >> 1 & 7)).map_or(0, Cell::get);
                let [high, low] = if self.is_loaded.get() { word } else { 0 }.to_be_bytes();
                self.answer.set([high, low, 0]);
            }
            _ => return Ack::Nack,
        }
        Ack::Ack
    }

    fn read(&self) -> u8 {
        let [first, second, third] = self.answer.get();
        self.answer.set([second, third, 0]);
        first
    }
}
