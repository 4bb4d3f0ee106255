//! ROHM BH1750FVI, after technical note 11046EDT01 revision D.

use crate::{Ack, Direction, SimClock, SimDevice};
use core::cell::Cell;

/// Models a BH1750FVI: one-byte instructions, and a data register that a measurement fills.
///
/// A measurement takes the maximum of its mode (24 or 180 ms), longer or shorter as the measurement
/// time register says; the one-time modes power the part down after it. The part always answers:
/// a read that comes too early gives the value before, which is 0 after power-up.
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{SimBh1750, SimBus, SimClock};
///
/// let clock = SimClock::new();
/// let part = SimBh1750::new(&clock, 0x23);
/// let bus = SimBus::new([&part]);
/// part.set_raw(0x8390);
///
/// let mut bytes = [0; 2];
/// (&bus).write(0x23, &[0x20]).unwrap();
/// (&bus).read(0x23, &mut bytes).unwrap();
/// assert_eq!(bytes, [0x00, 0x00]); // too early
/// clock.advance_millis(180);
/// (&bus).read(0x23, &mut bytes).unwrap();
/// assert_eq!(bytes, [0x83, 0x90]);
/// ```
pub struct SimBh1750<'c> {
    clock: &'c SimClock,
    address: u8,
    raw: Cell<u16>,
    plugged: Cell<bool>,
    mode: Cell<u8>,
    measurement_time: Cell<u8>,
    data: Cell<u16>,
    ready_at: Cell<Option<u64>>,
    is_high: Cell<bool>,
}

impl<'c> SimBh1750<'c> {
    /// Models a part at `address` (0x23 or 0x5C) that was just powered and sees 1,000 counts.
    pub const fn new(clock: &'c SimClock, address: u8) -> Self {
        Self {
            clock,
            address,
            raw: Cell::new(1_000),
            plugged: Cell::new(true),
            mode: Cell::new(0),
            measurement_time: Cell::new(DEFAULT_TIME),
            data: Cell::new(0),
            ready_at: Cell::new(None),
            is_high: Cell::new(true),
        }
    }

    /// Sets the counts that a measurement gives.
    pub fn set_raw(&self, raw: u16) {
        self.raw.set(raw);
    }

    /// Returns the instruction that began the last measurement, or 0.
    pub fn mode(&self) -> u8 {
        self.mode.get()
    }

    /// Returns the measurement time register.
    pub fn measurement_time(&self) -> u8 {
        self.measurement_time.get()
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Puts the part back, freshly powered: its registers are lost.
    pub fn plug(&self) {
        self.plugged.set(true);
        self.mode.set(0);
        self.measurement_time.set(DEFAULT_TIME);
        self.data.set(0);
        self.ready_at.set(None);
    }

    fn settle(&self) {
        if self.ready_at.get().is_some_and(|at| self.clock.micros() >= at) {
            self.data.set(self.raw.get());
            self.ready_at.set(None);
        }
    }
}

impl SimDevice for SimBh1750<'_> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, _direction: Direction) -> Ack {
        self.settle();
        self.is_high.set(true);
        if self.plugged.get() { Ack::Ack } else { Ack::Nack }
    }

    fn write(&self, byte: u8) -> Ack {
        let time = self.measurement_time.get();
        match byte {
            0x10 | 0x11 | 0x13 | 0x20 | 0x21 | 0x23 => {
                self.mode.set(byte);
                let micros = if byte & 0x03 == 0x03 { 24_000 } else { 180_000 };
                let micros = micros * u64::from(time) / u64::from(DEFAULT_TIME);
                self.ready_at.set(Some(self.clock.micros() + micros));
            }
            0x40..=0x47 => self.measurement_time.set(time & 0x1F | byte << 5),
            0x60..=0x7F => self.measurement_time.set(time & 0xE0 | byte & 0x1F),
            0x00 | 0x01 | 0x07 => {}
            _ => return Ack::Nack,
        }
        Ack::Ack
    }

    fn read(&self) -> u8 {
        let is_high = self.is_high.replace(!self.is_high.get());
        let [high, low] = self.data.get().to_be_bytes();
        if is_high { high } else { low }
    }
}

/// Holds the measurement time register after power-up.
const DEFAULT_TIME: u8 = 69;
