//! Sensirion SHT40/41/43/45, after the datasheet of the series, cited by its headings.

use crate::{Ack, Direction, SimClock, SimDevice};
use core::cell::Cell;

/// Names one of the two words of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the part has two")]
pub enum Word {
    /// Names the temperature, sent first.
    Temperature = 0,
    /// Names the humidity.
    Humidity = 1,
}

/// Models an `SHT4x`: one-byte commands, and six bytes with two checksums once they are due.
///
/// While a measurement or a reset runs, and when there is nothing to read, the address is not
/// acknowledged, as the part does (datasheet, "I2C Communication"). A measurement can be read once.
///
/// ```
/// use embedded_hal::i2c::I2c;
/// use sundew_testkit::{BusError, SimBus, SimClock, SimSht4x};
///
/// let clock = SimClock::new();
/// let sensor = SimSht4x::new(&clock, 0x44);
/// let bus = SimBus::new([&sensor]);
/// sensor.set_raw(0xBEEF, 0x0000);
///
/// let mut bytes = [0; 6];
/// (&bus).write(0x44, &[0xFD]).unwrap();
/// assert_eq!((&bus).read(0x44, &mut bytes), Err(BusError::AddressNack)); // too early
/// clock.advance_micros(8_300);
/// (&bus).read(0x44, &mut bytes).unwrap();
/// assert_eq!(bytes, [0xBE, 0xEF, 0x92, 0x00, 0x00, 0x81]);
/// ```
pub struct SimSht4x<'c> {
    clock: &'c SimClock,
    address: u8,
    serial: Cell<u32>,
    raw: Cell<[u16; 2]>,
    wrong_crc: Cell<Option<Word>>,
    plugged: Cell<bool>,
    extra_micros: Cell<u32>,
    busy_until: Cell<u64>,
    answer: Cell<Option<Answer>>,
    position: Cell<u8>,
}

#[derive(Clone, Copy)]
enum Answer {
    Measurement,
    Serial,
}

impl<'c> SimSht4x<'c> {
    /// Models a part at `address` (0x44, 0x45 or 0x46) that measures 20 Cel and 50 %RH.
    pub const fn new(clock: &'c SimClock, address: u8) -> Self {
        Self {
            clock,
            address,
            serial: Cell::new(0x0123_4567),
            raw: Cell::new([24_342, 29_360]),
            wrong_crc: Cell::new(None),
            plugged: Cell::new(true),
            extra_micros: Cell::new(0),
            busy_until: Cell::new(0),
            answer: Cell::new(None),
            position: Cell::new(0),
        }
    }

    /// Sets the two words that a measurement gives.
    pub fn set_raw(&self, temperature: u16, humidity: u16) {
        self.raw.set([temperature, humidity]);
    }

    /// Sets what is measured, in hundredths of a degree Celsius and of a percent.
    ///
    /// Nearest words are taken; what the words cannot express is limited to what they can.
    pub fn set(&self, centi_celsius: i32, centi_percent: i32) {
        let temperature = word(centi_celsius.saturating_add(4_500), 17_500);
        let humidity = word(centi_percent.saturating_add(600), 12_500);
        self.set_raw(temperature, humidity);
    }

    /// Sets the serial number.
    pub fn set_serial(&self, serial: u32) {
        self.serial.set(serial);
    }

    /// Sends a wrong checksum with one word, or correct ones again with `None`.
    pub fn break_crc(&self, word: Option<Word>) {
        self.wrong_crc.set(word);
    }

    /// Makes each command take `micros` microseconds longer than the datasheet's maximum.
    pub fn slow_down(&self, micros: u32) {
        self.extra_micros.set(micros);
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Puts the part back, freshly powered: a measurement that ran is lost.
    pub fn plug(&self) {
        self.plugged.set(true);
        self.answer.set(None);
        // Datasheet, "Timings": up to 1 ms from power to the first command.
        self.busy_until.set(self.clock.micros() + 1_000);
    }

    fn command(&self, answer: Option<Answer>, micros: u32) -> Ack {
        self.answer.set(answer);
        let micros = u64::from(micros) + u64::from(self.extra_micros.get());
        self.busy_until.set(self.clock.micros() + micros);
        Ack::Ack
    }

    fn is_busy(&self) -> bool {
        self.clock.micros() < self.busy_until.get()
    }

    fn answer_bytes(&self, answer: Answer) -> [u8; 6] {
        let words = match answer {
            Answer::Measurement => self.raw.get(),
            Answer::Serial => [(self.serial.get() >> 16) as u16, self.serial.get() as u16],
        };
        let [[a, b], [c, d]] = words.map(u16::to_be_bytes);
        let wrong = |word| u8::from(self.wrong_crc.get() == Some(word));
        let first = crc8(&[a, b]) ^ wrong(Word::Temperature);
        let second = crc8(&[c, d]) ^ wrong(Word::Humidity);
        [a, b, first, c, d, second]
    }
}

impl SimDevice for SimSht4x<'_> {
    fn address(&self) -> u8 {
        self.address
    }

    fn start(&self, direction: Direction) -> Ack {
        self.position.set(0);
        let silent = direction == Direction::Read && self.answer.get().is_none();
        if !self.plugged.get() || self.is_busy() || silent { Ack::Nack } else { Ack::Ack }
    }

    fn write(&self, byte: u8) -> Ack {
        // A command is one byte; what would follow it is not acknowledged.
        if self.position.replace(1) != 0 {
            return Ack::Nack;
        }
        match byte {
            0xFD => self.command(Some(Answer::Measurement), 8_300),
            0xF6 => self.command(Some(Answer::Measurement), 4_500),
            0xE0 => self.command(Some(Answer::Measurement), 1_600),
            0x89 => self.command(Some(Answer::Serial), 1_000),
            0x94 => self.command(None, 1_000),
            _ => Ack::Nack,
        }
    }

    fn read(&self) -> u8 {
        let position = self.position.get();
        self.position.set(position.saturating_add(1));
        let byte = self
            .answer
            .get()
            .and_then(|answer| self.answer_bytes(answer).get(usize::from(position)).copied());
        // Nobody drives the line behind the last byte.
        byte.unwrap_or(0xFF)
    }

    fn stop(&self) {
        if self.position.get() > 0 && !self.is_busy() {
            self.answer.set(None);
        }
    }
}

/// Returns the nearest word for `value` where 65,535 stands for `span`.
fn word(value: i32, span: i32) -> u16 {
    let value = i64::from(value.clamp(0, span));
    ((value * 65_535 + i64::from(span) / 2) / i64::from(span)) as u16
}

/// Returns the checksum of the datasheet ("Checksum Calculation"): polynomial 0x31, start 0xFF.
fn crc8(bytes: &[u8]) -> u8 {
    let mut crc = 0xFF;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x31 };
        }
    }
    crc
}
