//! Byte-writable memory that wears out byte by byte and loses power on command.

use crate::supply::{Fault, Supply};
use crate::{Defect, Operation, Reading, Torn};
use core::hash::{Hash, Hasher};
use embedded_storage::{ReadStorage, Storage};

/// Simulates an EEPROM of `SIZE` bytes behind the traits of `embedded-storage`.
///
/// Each byte written is a step of its own, in which power may be cut: as on 8-bit AVR, an erase of
/// the byte and its programming. The byte is then what [`Torn`] says; of the others nothing
/// changes. Erased bytes are 0xFF.
///
/// It can be cloned and hashed as [`SimFlash`](crate::SimFlash) can. There are no async traits for
/// such a memory in `embedded-storage-async` 0.4.
///
/// *RAM*: eight bytes per byte simulated.
///
/// ```
/// use embedded_storage::{ReadStorage, Storage};
/// use sundew_testkit::{EepromError, SimEeprom, Torn};
///
/// let mut eeprom = SimEeprom::<64>::new();
/// eeprom.write(3, b"old").unwrap();
/// eeprom.cut_after(1, Torn::Erased);
/// assert_eq!(eeprom.write(3, b"new"), Err(EepromError::PowerLost));
/// eeprom.power_on();
/// let mut bytes = [0; 3];
/// eeprom.read(3, &mut bytes).unwrap();
/// assert_eq!(&bytes, b"n\xFFd");
/// assert_eq!(eeprom.wear()[3..6], [2, 2, 1]);
/// ```
#[derive(Clone)]
pub struct SimEeprom<const SIZE: usize> {
    bytes: [u8; SIZE],
    // What a metastable byte was and was meant to become; the same where it is stable.
    values: [[u8; 2]; SIZE],
    states: [State; SIZE],
    wear: [u32; SIZE],
    supply: Supply,
    faults: [Fault; 2],
    steps: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Sound,
    Unreadable,
    Broken(Defect),
}

/// Says why [`SimEeprom`] refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EepromError {
    /// Reports a range that reaches past the end.
    OutOfBounds,
    /// Reports a byte whose error correction fails, until it is written.
    Unreadable {
        /// Holds the offset of the byte.
        offset: u32,
    },
    /// Reports a byte that was broken by [`SimEeprom::break_byte`].
    BadByte {
        /// Holds the offset of the byte.
        offset: u32,
    },
    /// Reports that power is off, or was lost during this call.
    PowerLost,
    /// Reports a fault that [`SimEeprom::fail`] asked for; nothing changed.
    Injected,
}

impl core::fmt::Display for EepromError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::OutOfBounds => f.write_str("EEPROM access out of bounds"),
            Self::Unreadable { offset } => write!(f, "byte at {offset} fails its correction"),
            Self::BadByte { offset } => write!(f, "byte at {offset} is worn out"),
            Self::PowerLost => f.write_str("EEPROM has no power"),
            Self::Injected => f.write_str("injected EEPROM fault"),
        }
    }
}

impl core::error::Error for EepromError {}

impl<const SIZE: usize> Default for SimEeprom<SIZE> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SIZE: usize> SimEeprom<SIZE> {
    /// Simulates an erased part that is powered.
    pub const fn new() -> Self {
        Self::from_image(&[0xFF; SIZE])
    }

    /// Simulates a powered part that holds `image`.
    pub const fn from_image(image: &[u8; SIZE]) -> Self {
        Self {
            bytes: *image,
            values: [[0; 2]; SIZE],
            states: [State::Sound; SIZE],
            wear: [0; SIZE],
            supply: Supply::ON,
            faults: [Fault::NONE; 2],
            steps: 0,
        }
    }

    /// Returns the bytes as the cells hold them, whether or not there is power.
    pub const fn image(&self) -> &[u8; SIZE] {
        &self.bytes
    }

    /// Returns the bytes for a test to damage.
    pub const fn image_mut(&mut self) -> &mut [u8; SIZE] {
        &mut self.bytes
    }

    /// Returns how often each byte was written; a torn write wears too.
    pub const fn wear(&self) -> &[u32; SIZE] {
        &self.wear
    }

    /// Returns the steps in which power could have been lost: the bytes written so far.
    pub const fn steps(&self) -> u32 {
        self.steps
    }

    /// Cuts power in the step that follows `steps` whole ones; `torn` says what that step does.
    ///
    /// From the cut on every call fails, until [`power_on`](Self::power_on). A later call replaces
    /// an earlier one.
    pub const fn cut_after(&mut self, steps: u32, torn: Torn) {
        self.supply.cut_after(steps, torn);
    }

    /// Cuts power now, between two operations.
    pub fn power_off(&mut self) {
        self.supply.off();
        self.settle(Reading::Old);
    }

    /// Gives power again and forgets a cut that has not come yet; torn bytes stay torn.
    ///
    /// What is [metastable](Torn::Metastable) reads in another way each time, the same in each run
    /// of the test.
    pub fn power_on(&mut self) {
        let reading = Reading::Mixed(self.supply.on());
        self.settle(reading);
    }

    /// Does what [`power_on`](Self::power_on) does, and says how metastable bytes read from now on.
    pub fn power_on_reading(&mut self, reading: Reading) {
        self.supply.on();
        self.settle(reading);
    }

    /// Returns whether there is power.
    pub const fn is_powered(&self) -> bool {
        self.supply.is_on()
    }

    /// Returns whether a byte is between two values, so that the next power-on has a choice.
    pub fn is_metastable(&self) -> bool {
        self.values.iter().any(|[old, new]| old != new)
    }

    /// Lets `calls` calls of an operation pass and the `times` after them fail, changing nothing.
    ///
    /// There is no call that erases: asking for one to fail does nothing.
    pub fn fail(&mut self, operation: Operation, calls: u32, times: u32) {
        if let Some(fault) = self.faults.get_mut(operation as usize) {
            *fault = Fault::after(calls, times);
        }
    }

    /// Marks a byte as one whose error correction fails until it is written.
    pub fn make_unreadable(&mut self, offset: u32) {
        self.set_state(offset, State::Unreadable);
    }

    /// Wears out a byte, for ever.
    ///
    /// A byte whose erase is ignored can only lose ones; one whose programming is ignored is
    /// erased by each write. Where either fails, the call does, and the byte keeps its value.
    pub fn break_byte(&mut self, offset: u32, defect: Defect) {
        self.set_state(offset, State::Broken(defect));
    }

    fn set_state(&mut self, offset: u32, state: State) {
        if let Some(held) = self.states.get_mut(offset as usize) {
            *held = state;
        }
    }

    fn admit(
        &mut self,
        operation: Operation,
        offset: u32,
        len: usize,
    ) -> Result<usize, EepromError> {
        if !self.is_powered() {
            return Err(EepromError::PowerLost);
        }
        if self.faults.get_mut(operation as usize).is_some_and(Fault::strikes) {
            return Err(EepromError::Injected);
        }
        let at = usize::try_from(offset).map_err(|_| EepromError::OutOfBounds)?;
        match at.checked_add(len) {
            Some(end) if end <= SIZE => Ok(at),
            _ => Err(EepromError::OutOfBounds),
        }
    }

    fn write_byte(&mut self, at: usize, new: u8) -> Result<(), EepromError> {
        let torn = self.supply.step();
        let outcome = match torn {
            Some(Torn::Before) => Ok(()),
            _ => self.change(at, new, torn.unwrap_or(Torn::Whole)),
        };
        if torn.is_some() {
            self.power_off();
            return Err(EepromError::PowerLost);
        }
        outcome
    }

    fn change(&mut self, at: usize, new: u8, torn: Torn) -> Result<(), EepromError> {
        let (Some(byte), Some(values), Some(state), Some(wear)) = (
            self.bytes.get_mut(at),
            self.values.get_mut(at),
            self.states.get_mut(at),
            self.wear.get_mut(at),
        ) else {
            return Ok(());
        };
        self.steps += 1;
        *wear += 1;
        let new = match *state {
            State::Broken(Defect::EraseFails | Defect::ProgramFails) => {
                return Err(EepromError::BadByte { offset: at as u32 });
            }
            State::Broken(Defect::EraseIgnored) => *byte & new,
            State::Broken(Defect::ProgramIgnored) => 0xFF,
            State::Sound | State::Unreadable => {
                let spoilt = torn == Torn::Unreadable;
                *state = if spoilt { State::Unreadable } else { State::Sound };
                new
            }
        };
        *values = [0; 2];
        match torn {
            Torn::Programmed => *byte = 0,
            Torn::Erased => *byte = 0xFF,
            Torn::Metastable => *values = [*byte, new],
            _ => {
                let mask = torn.mask(0, 1, at);
                *byte = *byte & !mask | new & mask;
            }
        }
        Ok(())
    }

    fn settle(&mut self, reading: Reading) {
        for (at, (byte, [old, new])) in self.bytes.iter_mut().zip(&self.values).enumerate() {
            if old != new {
                let mask = reading.new_bits(None, at, at);
                *byte = old & !mask | new & mask;
            }
        }
    }
}

impl<const SIZE: usize> ReadStorage for SimEeprom<SIZE> {
    type Error = EepromError;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), EepromError> {
        let at = self.admit(Operation::Read, offset, bytes.len())?;
        let states = self.states.get(at..at + bytes.len()).unwrap_or_default();
        if let Some(index) = states.iter().position(|state| *state == State::Unreadable) {
            return Err(EepromError::Unreadable { offset: (at + index) as u32 });
        }
        for (byte, held) in bytes.iter_mut().zip(self.bytes.iter().skip(at)) {
            *byte = *held;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl<const SIZE: usize> Storage for SimEeprom<SIZE> {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), EepromError> {
        let at = self.admit(Operation::Write, offset, bytes.len())?;
        for (at, byte) in (at..).zip(bytes) {
            self.write_byte(at, *byte)?;
        }
        Ok(())
    }
}

impl<const SIZE: usize> Hash for SimEeprom<SIZE> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
        self.values.as_flattened().hash(state);
        self.states.hash(state);
        self.faults.hash(state);
        self.is_powered().hash(state);
    }
}
