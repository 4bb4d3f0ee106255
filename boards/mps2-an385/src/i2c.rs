//! The I2C bus of the second shield connector: a two-pin port (`SBCon`) and the master in software.
//!
//! Registers: Application note AN385, section 4.7; protocol: NXP UM10204 rev. 7, section 3.1.

use core::fmt;

use embedded_hal::i2c::{self, NoAcknowledgeSource, Operation};
use sundew_core::{Classify, ErrorKind};

use crate::{clock::CORE_HZ, memory_map::I2C};

const SET: usize = 0x0;
const CLEAR: usize = 0x4;
/// Reading the first register gives the level of the lines, not what was set.
const LEVEL: usize = 0x0;

const SCL: u32 = 1 << 0;
const SDA: u32 = 1 << 1;

/// Half a clock of standard mode, 100 kbit/s, in core cycles.
const HALF_CLOCK: u32 = CORE_HZ / 200_000;
/// A part may hold SCL low for 25 ms (`tTIMEOUT,MIN` of `SMBus` 3.2): 5,000 looks 5 us apart.
const STRETCH_LOOKS: u32 = 5_000;

/// Says why a transaction ended early; the bus is free again in every case but `LineHeld`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Reports that no part answered to the address.
    NoAcknowledgeAddress,
    /// Reports that the part refused a byte.
    NoAcknowledgeData,
    /// Reports a line that something holds low: SCL for 25 ms, or SDA through nine clocks.
    LineHeld,
    /// Reports a read of no bytes, which the protocol cannot end.
    EmptyRead,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoAcknowledgeAddress => "no part answers on the i2c address",
            Self::NoAcknowledgeData => "the part refused a byte",
            Self::LineHeld => "an i2c line is held low",
            Self::EmptyRead => "a read of no bytes",
        })
    }
}

impl core::error::Error for Error {}

impl i2c::Error for Error {
    fn kind(&self) -> i2c::ErrorKind {
        match self {
            Self::NoAcknowledgeAddress => {
                i2c::ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)
            }
            Self::NoAcknowledgeData => i2c::ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            Self::LineHeld => i2c::ErrorKind::Bus,
            Self::EmptyRead => i2c::ErrorKind::Other,
        }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::EmptyRead => ErrorKind::Config,
            _ => ErrorKind::Bus,
        }
    }
}

/// Drives the bus as its only master, with 7-bit addresses.
///
/// # Blocking time
///
/// 90 us for each byte and the address, and up to 25 ms where a part holds SCL.
#[non_exhaustive]
pub struct I2c;

impl I2c {
    /// Lets both lines go and frees the bus where a part still sends a byte to a master that was
    /// reset.
    pub(crate) fn start() -> Self {
        let bus = Self;
        // A line that stays held shows as `LineHeld` in the first transaction.
        let _ = bus.recover();
        bus
    }

    /// Clocks until the part lets SDA go, then stops (UM10204 section 3.1.16).
    fn recover(&self) -> Result<(), Error> {
        I2C.write(SET, SCL | SDA);
        for _ in 0..9 {
            if level(SDA) {
                break;
            }
            I2C.write(CLEAR, SCL);
            half_clock();
            self.raise_clock()?;
        }
        self.stop()
    }

    fn run(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), Error> {
        if !level(SCL) || !level(SDA) {
            self.recover()?;
        }
        let mut direction = None;
        let mut rest = operations;
        while let Some((operation, tail)) = rest.split_first_mut() {
            let wanted = Direction::of(operation);
            if direction != Some(wanted) {
                direction = Some(wanted);
                // The last byte of a read is the one that is not acknowledged: there must be one.
                if let Operation::Read(bytes) = operation
                    && bytes.is_empty()
                    && !reads_more(tail)
                {
                    return Err(Error::EmptyRead);
                }
                self.start_condition()?;
                self.send(address << 1 | wanted as u8, Error::NoAcknowledgeAddress)?;
            }
            match operation {
                Operation::Write(bytes) => {
                    for byte in *bytes {
                        self.send(*byte, Error::NoAcknowledgeData)?;
                    }
                }
                Operation::Read(bytes) => {
                    let mut left = bytes.len();
                    for byte in bytes.iter_mut() {
                        left -= 1;
                        *byte = self.receive(left > 0 || reads_more(tail))?;
                    }
                }
            }
            rest = tail;
        }
        Ok(())
    }

    /// Also the repeated start: SDA falls while SCL is high.
    fn start_condition(&self) -> Result<(), Error> {
        I2C.write(SET, SDA);
        half_clock();
        self.raise_clock()?;
        I2C.write(CLEAR, SDA);
        half_clock();
        I2C.write(CLEAR, SCL);
        Ok(())
    }

    /// SDA rises while SCL is high.
    fn stop(&self) -> Result<(), Error> {
        I2C.write(CLEAR, SCL);
        I2C.write(CLEAR, SDA);
        half_clock();
        self.raise_clock()?;
        I2C.write(SET, SDA);
        half_clock();
        if level(SDA) { Ok(()) } else { Err(Error::LineHeld) }
    }

    fn send(&self, byte: u8, refused: Error) -> Result<(), Error> {
        for bit in (0..8).rev() {
            self.clock_bit(byte >> bit & 1 != 0)?;
        }
        // The part acknowledges by pulling SDA low in the ninth clock.
        if self.clock_bit(true)? { Err(refused) } else { Ok(()) }
    }

    fn receive(&self, more: bool) -> Result<u8, Error> {
        let mut byte = 0;
        for _ in 0..8 {
            byte = byte << 1 | u8::from(self.clock_bit(true)?);
        }
        self.clock_bit(!more)?;
        Ok(byte)
    }

    /// Offers one bit (`true` lets the part drive the line) and returns what the line showed.
    fn clock_bit(&self, bit: bool) -> Result<bool, Error> {
        I2C.write(if bit { SET } else { CLEAR }, SDA);
        half_clock();
        self.raise_clock()?;
        let shown = level(SDA);
        I2C.write(CLEAR, SCL);
        Ok(shown)
    }

    /// Lets SCL go and waits until every part has, too.
    fn raise_clock(&self) -> Result<(), Error> {
        I2C.write(SET, SCL);
        for _ in 0..STRETCH_LOOKS {
            half_clock();
            if level(SCL) {
                return Ok(());
            }
        }
        Err(Error::LineHeld)
    }
}

impl i2c::ErrorType for I2c {
    type Error = Error;
}

impl i2c::I2c for I2c {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let result = self.run(address, operations);
        // Stopped in every case: after an error the next transaction finds a free bus.
        let stopped = self.stop();
        result.and(stopped)
    }
}

/// The numbers are the direction bit that follows the address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Write = 0,
    Read = 1,
}

impl Direction {
    const fn of(operation: &Operation<'_>) -> Self {
        match operation {
            Operation::Write(_) => Self::Write,
            Operation::Read(_) => Self::Read,
        }
    }
}

/// Returns whether the reads that follow without a turn-round hold another byte.
fn reads_more(operations: &[Operation<'_>]) -> bool {
    operations
        .iter()
        .map_while(|operation| match operation {
            Operation::Read(bytes) => Some(!bytes.is_empty()),
            Operation::Write(_) => None,
        })
        .any(|has_bytes| has_bytes)
}

fn level(line: u32) -> bool {
    I2C.read(LEVEL) & line != 0
}

fn half_clock() {
    cortex_m::asm::delay(HALF_CLOCK);
}
