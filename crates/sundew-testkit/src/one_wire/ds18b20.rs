//! Maxim's digital thermometers.

use crate::SimClock;
use core::cell::Cell;

/// Models a `DS18B20` (family 0x28), `DS1822` (0x22) or `DS18S20` (0x10) with its own supply.
///
/// It hangs on a [`SimOneWire`](crate::SimOneWire). A conversion takes the datasheet's maximum.
pub struct SimDs18b20<'c> {
    clock: &'c SimClock,
    rom: [u8; 8],
    sixteenths: Cell<i16>,
    scratchpad: Cell<[u8; 8]>,
    alarms_and_config: Cell<[u8; 3]>,
    busy_until: Cell<Option<u64>>,
    state: Cell<State>,
    damaged_bit: Cell<Option<u8>>,
    is_plugged: Cell<bool>,
}

#[derive(Clone, Copy)]
enum State {
    /// Waits for a reset.
    Deaf,
    /// Collects a command for all parts.
    RomCommand(u8, u8),
    /// Compares the bit of this number.
    Match(u8),
    /// Takes part in a search: bit and phase.
    Search(u8, u8),
    SendRom(u8),
    /// Collects a command for this part.
    Function(u8, u8),
    Receive(u8),
    SendScratchpad(u8),
    /// Shows whether it converts.
    Busy,
}

const POWER_UP_ALARMS: [u8; 3] = [0x4B, 0x46, 0x7F];

impl<'c> SimDs18b20<'c> {
    /// Models a part of a family with a serial number of 48 bits, at 20 Cel.
    pub const fn new(clock: &'c SimClock, family: u8, serial: u64) -> Self {
        let [s0, s1, s2, s3, s4, s5, ..] = serial.to_le_bytes();
        let crc = crc8(&[family, s0, s1, s2, s3, s4, s5]);
        let rom = [family, s0, s1, s2, s3, s4, s5, crc];
        Self {
            clock,
            rom,
            sixteenths: Cell::new(320),
            scratchpad: Cell::new(power_up(family)),
            alarms_and_config: Cell::new(POWER_UP_ALARMS),
            busy_until: Cell::new(None),
            state: Cell::new(State::Deaf),
            damaged_bit: Cell::new(None),
            is_plugged: Cell::new(true),
        }
    }

    /// Returns the code of 64 bits, family first.
    pub const fn rom(&self) -> [u8; 8] {
        self.rom
    }

    /// Sets what is measured, in sixteenths of a degree Celsius.
    pub fn set_sixteenths(&self, sixteenths: i16) {
        self.sixteenths.set(sixteenths);
    }

    /// Inverts a bit of what the scratchpad shows, counted from 0, or none.
    pub fn damage(&self, bit: Option<u8>) {
        self.damaged_bit.set(bit);
    }

    /// Returns the two alarm bytes and the configuration.
    pub fn alarms_and_config(&self) -> [u8; 3] {
        self.alarms_and_config.get()
    }

    /// Removes the part from the bus.
    pub fn unplug(&self) {
        self.is_plugged.set(false);
    }

    /// Puts the part back, freshly powered: it shows 85 Cel at 12 bits.
    pub fn plug(&self) {
        self.is_plugged.set(true);
        self.scratchpad.set(power_up(self.family()));
        self.alarms_and_config.set(POWER_UP_ALARMS);
        self.busy_until.set(None);
        self.state.set(State::Deaf);
    }

    /// Returns whether the part is present.
    pub(super) fn reset(&self) -> bool {
        self.state.set(State::RomCommand(0, 0));
        self.is_plugged.get()
    }

    pub(super) fn releases(&self) -> bool {
        if !self.is_plugged.get() {
            return true;
        }
        match self.state.get() {
            State::Search(bit, 0) | State::SendRom(bit) => bit_of(&self.rom, bit),
            State::Search(bit, 1) => !bit_of(&self.rom, bit),
            State::SendScratchpad(bit) => {
                let bytes = self.shown();
                bit_of(&bytes, bit) != (self.damaged_bit.get() == Some(bit))
            }
            State::Busy => !self.is_busy(),
            _ => true,
        }
    }

    pub(super) fn end_slot(&self, level: bool) {
        let next = match self.state.get() {
            State::RomCommand(byte, count) => match collect(byte, count, level) {
                (0x33, 8) => State::SendRom(0),
                (0x55, 8) => State::Match(0),
                (0xCC, 8) => State::Function(0, 0),
                (0xF0, 8) => State::Search(0, 0),
                (_, 8) => State::Deaf,
                (byte, count) => State::RomCommand(byte, count),
            },
            State::Match(bit) | State::Search(bit, 2) if bit_of(&self.rom, bit) != level => {
                State::Deaf
            }
            State::Match(63) | State::SendRom(63) => State::Function(0, 0),
            State::Match(bit) => State::Match(bit + 1),
            State::Search(63, 2) => State::Deaf,
            State::Search(bit, 2) => State::Search(bit + 1, 0),
            State::Search(bit, phase) => State::Search(bit, phase + 1),
            State::SendRom(bit) => State::SendRom(bit + 1),
            State::Function(byte, count) => match collect(byte, count, level) {
                (0x44, 8) => self.convert(),
                (0x4E, 8) => State::Receive(0),
                (0xBE, 8) => State::SendScratchpad(0),
                (_, 8) => State::Deaf,
                (byte, count) => State::Function(byte, count),
            },
            State::Receive(bit) => self.receive(bit, level),
            State::SendScratchpad(bit) => State::SendScratchpad(bit.saturating_add(1)),
            state @ (State::Busy | State::Deaf) => state,
        };
        self.state.set(next);
    }

    fn convert(&self) -> State {
        let micros = match self.alarms_and_config.get() {
            _ if self.family() == 0x10 => 750_000,
            [.., config] => 93_750 << (config >> 5 & 3),
        };
        self.busy_until.set(Some(self.clock.micros() + micros));
        State::Busy
    }

    fn receive(&self, bit: u8, level: bool) -> State {
        let mut bytes = self.alarms_and_config.get();
        if let Some(byte) = bytes.get_mut(usize::from(bit / 8)) {
            *byte = *byte & !(1 << (bit % 8)) | u8::from(level) << (bit % 8);
        }
        let [.., config] = &mut bytes;
        // Only R1 and R0 can be written (datasheet, "Configuration Register").
        *config = *config & 0x60 | 0x1F;
        self.alarms_and_config.set(bytes);
        if bit < 23 { State::Receive(bit + 1) } else { State::Deaf }
    }

    fn is_busy(&self) -> bool {
        self.busy_until.get().is_some_and(|until| self.clock.micros() < until)
    }

    /// Returns the scratchpad with its checksum; a conversion that is over has changed it.
    fn shown(&self) -> [u8; 9] {
        if self.busy_until.get().is_some() && !self.is_busy() {
            self.busy_until.set(None);
            self.scratchpad.set(self.converted());
        }
        let [low, high, _, _, _, fifth, sixth, seventh] = self.scratchpad.get();
        let [upper, lower, config] = self.alarms_and_config.get();
        let config = if self.family() == 0x10 { 0xFF } else { config };
        let bytes = [low, high, upper, lower, config, fifth, sixth, seventh];
        let mut all = [0; 9];
        all.iter_mut().zip(bytes.into_iter().chain([crc8(&bytes)])).for_each(|(a, b)| *a = b);
        all
    }

    fn converted(&self) -> [u8; 8] {
        let sixteenths = self.sixteenths.get();
        if self.family() == 0x10 {
            // Whole degrees and 16 - remain sixteenths, less a quarter ("Operation").
            let shifted = sixteenths.wrapping_add(4);
            let [low, high] = (shifted.div_euclid(16) * 2).to_le_bytes();
            let remain = 16 - shifted.rem_euclid(16) as u8;
            return [low, high, 0, 0, 0xFF, 0xFF, remain, 16];
        }
        let [.., config] = self.alarms_and_config.get();
        let unused = 3 - (config >> 5 & 3);
        let [low, high] = (sixteenths >> unused << unused).to_le_bytes();
        // As seen on real parts; the datasheet calls the byte reserved.
        [low, high, 0, 0, 0, 0xFF, 0x10 - (low & 0x0F), 0x10]
    }

    fn family(&self) -> u8 {
        let [family, ..] = self.rom;
        family
    }
}

const fn power_up(family: u8) -> [u8; 8] {
    match family {
        0x10 => [0xAA, 0x00, 0, 0, 0xFF, 0xFF, 0x0C, 0x10],
        _ => [0x50, 0x05, 0, 0, 0, 0xFF, 0x0C, 0x10],
    }
}

fn collect(byte: u8, count: u8, level: bool) -> (u8, u8) {
    (byte | u8::from(level) << count, count + 1)
}

/// Returns a bit, least significant of the first byte first, or the idle level behind the last.
fn bit_of(bytes: &[u8], bit: u8) -> bool {
    bytes.get(usize::from(bit / 8)).is_none_or(|byte| byte >> (bit % 8) & 1 == 1)
}

/// Returns the checksum of Maxim's application note 27: polynomial 0x31, least bit first, start 0.
const fn crc8(mut bytes: &[u8]) -> u8 {
    let mut crc = 0;
    while let [byte, rest @ ..] = bytes {
        crc ^= *byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0x8C };
            bit += 1;
        }
        bytes = rest;
    }
    crc
}
