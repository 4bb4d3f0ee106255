//! Texas Instruments TMP105, after datasheet SLLS648 revision D.

use crate::{Ack, Direction, SimClock, SimDevice};
use core::cell::Cell;

const TEMPERATURE: u8 = 0;
const CONFIGURATION: u8 = 1;

const SHUTDOWN: u8 = 0x01;
const ONE_SHOT: u8 = 0x80;

/// Models a TMP105: a pointer, four registers, and conversions that take their time.
///
/// After power-up it converts continuously with 9 bits, and the temperature register holds 0 Cel
/// until the first conversion is through. In shutdown it converts only when the one-shot bit is
/// written, which always reads back as 0. A conversion takes the datasheet's maximum time: 37.5,
/// 75, 150 or 300 ms for 9 to 12 bits. Bus traffic never fails while the part is plugged: a read
/// that comes too early gives the value before.
pub struct SimTmp105<'c> {
    clock: &'c SimClock,
    address: u8,
    sixteenths: Cell<i16>,
    plugged: Cell<bool>,
    pointer: Cell<u8>,
    configuration: Cell<u8>,
    temperature: Cell<u16>,
    limits: [Cell<[u8; 2]>; 2],
    converted_at: Cell<Option<u64>>,
    position: Cell<u8>,
}

impl<'c> SimTmp105<'c> {
    /// Models a part at `address` (0x48 to 0x4F) that was just powered and measures 20 Cel.
    pub fn new(clock: &'c SimClock, address: u8) -> Self {
        let part = Self {
            clock,
            address,
            sixteenths: Cell::new(20 * 16),
            plugged: Cell::new(true),
            pointer: Cell::new(TEMPERATURE),
            configuration: Cell::new(0),
            temperature: Cell::new(0),
            limits: [const { Cell::new([0; 2]) }; 2],
            converted_at: Cell::new(None),
            position: Cell::new(0),
        };
        part.power_up();
        part
    }

    /// Sets what is measured in steps of 0.0625 Cel, limited to -2048..=2047 as the register is.
    pub fn set_sixteenths(&self, sixteenths: i16) {
        self.settle();
        self.sixteenths.set(sixteenths.clamp(-2_048, 2_047));
    }

    /// Sets what is measured in thousandths of a degree Celsius; the nearest step is taken.
    pub fn set_millicelsius(&self, millicelsius: i32) {
        let scaled = millicelsius.clamp(-128_000, 128_000) * 16;
        self.set_sixteenths(((scaled + 500 * scaled.signum()) / 1_000) as i16);
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Puts the part back, freshly powered: its configuration is lost.
    pub fn plug(&self) {
        self.plugged.set(true);
        self.power_up();
    }

    /// Returns the configuration register.
    pub fn configuration(&self) -> u8 {
        self.configuration.get()
    }

    fn power_up(&self) {
        self.pointer.set(TEMPERATURE);
        self.configuration.set(0);
        self.temperature.set(0);
        for (limit, celsius) in self.limits.iter().zip([75, 80]) {
            limit.set([celsius, 0]);
        }
        self.converted_at.set(Some(self.clock.micros() + self.conversion_micros()));
    }

    fn resolution(&self) -> u8 {
        self.configuration.get() >> 5 & 3
    }

    fn conversion_micros(&self) -> u64 {
        37_500 << self.resolution()
    }

    /// Completes the conversions that are through by now.
    fn settle(&self) {
        let now = self.clock.micros();
        let Some(done) = self.converted_at.get() else { return };
        if now < done {
            return;
        }
        // Of 16 bits the upper 9 to 12 count; the others read as 0.
        let unused = 7 - u16::from(self.resolution());
        self.temperature.set((self.sixteenths.get() << 4) as u16 >> unused << unused);
        let period = self.conversion_micros();
        let next = now - (now - done) % period + period;
        let shut_down = self.configuration.get() & SHUTDOWN != 0;
        self.converted_at.set(if shut_down { None } else { Some(next) });
    }

    fn configure(&self, byte: u8) {
        self.configuration.set(byte & !ONE_SHOT);
        let idle = self.converted_at.get().is_none();
        let wanted = byte & SHUTDOWN == 0 || byte & ONE_SHOT != 0;
        if idle && wanted {
            self.converted_at.set(Some(self.clock.micros() + self.conversion_micros()));
        }
    }

    fn register(&self) -> [u8; 2] {
        match self.pointer.get() {
            TEMPERATURE => self.temperature.get().to_be_bytes(),
            CONFIGURATION => [self.configuration.get(); 2],
            limit => self.limits.get(usize::from(limit) - 2).map_or([0; 2], Cell::get),
        }
    }
}

impl SimDevice for SimTmp105<'_> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, _direction: Direction) -> Ack {
        self.settle();
        self.position.set(0);
        if self.plugged.get() { Ack::Ack } else { Ack::Nack }
    }

    fn write(&self, byte: u8) -> Ack {
        let position = self.position.get();
        self.position.set(position.saturating_add(1));
        match (position, self.pointer.get()) {
            (0, _) => self.pointer.set(byte & 3),
            (1, CONFIGURATION) => self.configure(byte),
            (1 | 2, pointer @ 2..) => {
                if let Some(limit) = self.limits.get(usize::from(pointer) - 2) {
                    let [high, low] = limit.get();
                    limit.set(if position == 1 { [byte, low] } else { [high, byte] });
                }
            }
            _ => {}
        }
        Ack::Ack
    }

    fn read(&self) -> u8 {
        let position = self.position.get();
        self.position.set(position ^ 1);
        let [high, low] = self.register();
        if position == 0 { high } else { low }
    }
}
