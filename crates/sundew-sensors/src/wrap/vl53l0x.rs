//! ST `VL53L0X` by the crate `vl53l0x`: distance by the time of flight of light.
//!
//! The crate gives millimetres as integers and never waits for a range, so there is nothing to split.
//! It has no async twin. Its constructor calibrates the part and asks it until it is through:
//! `init` blocks for some 10 ms. That takes a range limit and times in floats, so it is for targets
//! of 32 bits.
//!
//! The part checks nothing on its bus, and in its constructor the crate calculates with what it
//! reads: periods and timeouts that no part has overflow, and a period of 0xFF, as a bus without a
//! part reads, makes it divide by 0. So those registers are looked at first, and what the crate
//! could panic on is [`Error::Frame`].

use crate::wrap::guard::{Guarded, Refusal};
use crate::{Error, Output, Sensor};
use ::vl53l0x::VL53L0x as Driver;
use embedded_hal::i2c::I2c;
use sundew_units::{Quality, Quantity};

/// Describes the one value: thousandths of a metre.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Distance, -3)];

/// Drives one part by another crate's driver.
///
/// A part that lost its supply has lost its calibration too, which nothing tells: it is `init` that
/// brings it back, so give it a reference to the bus.
///
/// It measures all the time; `start` waits for a value that is newer than it. Where nothing is in
/// range the part says 8,190 mm or more, which is marked [`Quality::OverRange`].
///
/// *Blocking time*: `init` some 10 ms and 120 transfers; `start` none once it runs, `read` three
/// transfers of 10 bytes (0.9 ms at 100 kHz).
///
/// *RAM*: the bus handle and 24 bytes.
///
/// ```
/// use sundew_sensors::wrap::vl53l0x::Vl53l0x;
/// use sundew_sensors::Sensor;
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x29, Increment::Always);
/// // The identity, a part that answers at once, and 1,234 mm.
/// for (register, byte) in [(0xC0, 0xEE), (0x13, 0x07), (0x1E, 0x04), (0x1F, 0xD2)] {
///     part.set(register, [byte]);
/// }
/// part.on_read(|part, register| {
///     if register == 0x83 {
///         part.set(0x83, [1]);
///     }
/// });
/// let bus = SimBus::new([&part]);
///
/// let mut door = Vl53l0x::init(&bus).unwrap();
/// assert_eq!(door.start(), Ok(67));
/// assert_eq!(door.read(), Ok([1_234]));
/// ```
#[expect(missing_debug_implementations, reason = "the other crate's driver has none")]
pub struct Vl53l0x<I2C: I2c> {
    driver: Driver<Guarded<I2C>>,
    is_running: bool,
    quality: Quality,
}

/// Covers the timing budget of 33 ms that the part wakes up with, and as much again for a value
/// that was begun before the start.
const WAIT_MS: u32 = 67;
/// Is shown by the part where nothing came back.
const NOTHING: u16 = 8_190;

impl<I2C: I2c> Vl53l0x<I2C> {
    /// Looks for the part, configures and calibrates it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where nothing answers, [`Error::WrongPart`] with the identity that was
    /// found, [`Error::Frame`] for timeouts that no part has, and [`Error::NotReady`] where the part
    /// does not come through its calibration.
    pub fn init(i2c: I2C) -> Result<Self, Error<I2C::Error>> {
        let driver = Driver::new(Guarded::new(i2c, is_possible)).map_err(error)?;
        Ok(Self { driver, is_running: false, quality: Quality::Good })
    }
}

impl<I2C: I2c> Sensor<1> for Vl53l0x<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_running {
            self.driver.start_continuous(0).map_err(refused)?;
            self.is_running = true;
        }
        Ok(WAIT_MS)
    }

    fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_running {
            return Err(Error::NotReady);
        }
        let millimetres = self.driver.read_range_mm().map_err(|found| match found {
            nb::Error::WouldBlock => Error::NotReady,
            nb::Error::Other(found) => {
                self.is_running = false;
                error(found)
            }
        })?;
        let is_far = millimetres >= NOTHING;
        self.quality = if is_far { Quality::OverRange } else { Quality::Good };
        Ok([i32::from(millimetres)])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}

/// Returns whether the crate can calculate with a register: the datasheet's periods end at 18
/// clocks (0x08), and a timeout of 2^14 periods of 32 clocks is 2 s.
fn is_possible(noted: &mut u16, register: u8, bytes: &[u8]) -> bool {
    match (register, bytes) {
        // The timeout of the first steps, and both periods.
        (0x46, [periods]) => *periods < u8::MAX,
        (0x50 | 0x70, [period]) => *period <= 0x0F,
        // The other timeouts, of which the first is taken off the second.
        (0x51 | 0x71, [exponent, mantissa]) => {
            let periods = u16::from(*mantissa) << (*exponent).min(8);
            let is_possible = *exponent <= 8 && periods < 1 << 14;
            let is_longer = register == 0x51 || periods >= *noted;
            *noted = periods;
            is_possible && is_longer
        }
        _ => true,
    }
}

/// Returns what this crate says of the other one's error.
fn error<E>(error: ::vl53l0x::Error<Refusal<E>>) -> Error<E> {
    match error {
        ::vl53l0x::Error::InvalidDevice(found) => Error::WrongPart(u16::from(found)),
        ::vl53l0x::Error::BusError(error) => refused(error),
        ::vl53l0x::Error::Timeout | ::vl53l0x::Error::InvalidAddress(_) => Error::NotReady,
    }
}

fn refused<E>(error: Refusal<E>) -> Error<E> {
    error.into_error(Error::Bus)
}
