//! Bosch `BMP388`, `BMP384` and `BMP390`: pressure and temperature.
//!
//! After datasheets BST-BMP388-DS001 revision 1.0 and BST-BMP390L-DS001 revision 1.2, cited by
//! their headings. They have no worked example; the coefficients of the tests are those of a part in
//! the vendor's forum. I2C only; each start measures once ("forced mode"). The rhythm of its own, the
//! FIFO, the interrupt and the soft reset are not driven.
//!
//! A measurement that is not through is [`Error::NotReady`], and a later `read` gets it; a part
//! that lost its settings instead is [`Error::Restarted`], and one that reports a fatal error is
//! [`Error::Defect`] with its error register. There is no checksum.
//!
//! Pressure is compensated with the temperature of the part, within -40..=85 Cel; beyond, it is
//! marked [`Quality::Suspect`].

mod convert;
mod wire;

use crate::parts::registers::{Registers, Stage};
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::registers::RegistersAsync};
use convert::Calibration;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
use wire::Shown;
pub use wire::{Config, Filter, Oversampling};

/// Describes the two values: hundredths of a degree Celsius, hundredths of a pascal.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::AirPressure, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "bmp388",
    parts: "BMP388, BMP384, BMP390",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 Cel", "±50 Pa"],
    blocking: "1.4 ms at 100 kHz; 4.5 ms at the first start",
};

/// Names the address that the pin SDO chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x76: SDO low.
    X76 = 0x76,
    /// Names 0x77: SDO high.
    X77 = 0x77,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        match address {
            0x76 => Ok(Self::X76),
            0x77 => Ok(Self::X77),
            _ => Err(ConfigError::Address),
        }
    }
}

/// Drives one part, which measures temperature in 0.01 Cel and pressure in 0.01 Pa.
///
/// Integer arithmetic in 32 bits that differs from the datasheet's formulas in floating point by at
/// most 0.006 Cel and 0.14 Pa for calibrations like that of the vendor's sample.
///
/// *Blocking time*: one transfer of 3 bytes in `start`, one of 11 in `read` (1.4 ms at 100 kHz); the
/// first start, and each after an error, reads the calibration first (3 ms more).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running; the next
/// `start` brings the part up anew.
///
/// *RAM*: the bus handle and 30 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::bmp388::{Address, Bmp388, Config};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<128, 1>::new(0x76, Increment::Always);
/// part.set(0x00, [0x50]);
/// let calibration = [
///     0xBA, 0x6A, 0xC0, 0x49, 0xF6, 0x8B, 0x01, 0xD0, 0xF5, 0x23, 0x00, 0x1B, 0x63, 0x0F, 0x79,
///     0xF3, 0xF6, 0xD8, 0x40, 0x1B, 0xC4,
/// ];
/// part.set_all(0x31, &calibration.map(|byte| [byte]));
/// let bus = SimBus::new([&part]);
///
/// let mut sensor = Bmp388::new(&bus, Address::X76, Config::WEATHER);
/// assert_eq!(sensor.start(), Ok(7));
/// // Through: the state, and the words of pressure and temperature.
/// part.set(0x03, [0x60]);
/// part.set_all(0x04, &[0x00, 0x00, 0x70, 0x00, 0x80, 0x80].map(|byte| [byte]));
/// assert_eq!(sensor.read(), Ok([2_502, 9_932_791]));
/// ```
#[maybe_async_cfg::maybe(idents(Registers(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Bmp388<I2C> {
    registers: Registers<I2C>,
    config: Config,
    calibration: Option<Calibration>,
    stage: Stage,
    quality: Quality,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Bmp388<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        let registers = Registers { i2c, address: address as u8 };
        let (stage, quality) = (Stage::Unknown, Quality::Good);
        Self { registers, config, calibration: None, stage, quality }
    }

    /// Checks the part, reads its calibration and configures it; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails, as it does within 2 ms after power-up;
    /// [`Error::WrongPart`] where another part answers; [`Error::Frame`] where the calibration is
    /// blank.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.stage = Stage::Unknown;
        let [id] = self.registers.read(wire::ID).await?;
        if !wire::PARTS.contains(&id) {
            return Err(Error::WrongPart(u16::from(id)));
        }
        let calibration = Calibration::new(self.registers.read(wire::CALIBRATION).await?);
        let calibration = calibration.ok_or(Error::Frame)?;
        // Asleep first, should the part run in a rhythm of its own.
        self.registers.write(wire::POWER, wire::ASLEEP).await?;
        self.registers.write(wire::OVERSAMPLING, self.config.oversampling_byte()).await?;
        self.registers.write(wire::FILTER, self.config.filter_byte()).await?;
        self.calibration = Some(calibration);
        self.stage = Stage::Up;
        Ok(())
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.stage = Stage::Unknown;
    }

    /// Returns the bus handle; the part sleeps once it is through.
    pub fn release(self) -> I2C {
        self.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Bmp388<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.stage == Stage::Unknown {
            self.init().await?;
        }
        self.stage = Stage::Unknown;
        self.registers.write(wire::POWER, wire::ONCE).await?;
        self.stage = Stage::Started;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let Some(calibration) = self.calibration.filter(|_| self.stage == Stage::Started) else {
            return Err(Error::NotReady);
        };
        self.stage = Stage::Unknown;
        let (pressure, temperature) = match wire::shown(self.registers.read(wire::ERRORS).await?) {
            Shown::Words(pressure, temperature) => (pressure, temperature),
            Shown::Defect(errors) => return Err(Error::Defect(errors)),
            Shown::NotReady => {
                let [power] = self.registers.read(wire::POWER).await?;
                if power & wire::ASLEEP == wire::ASLEEP {
                    self.stage = Stage::Started;
                    return Err(Error::NotReady);
                }
                return Err(Error::Restarted);
            }
        };
        self.stage = Stage::Up;
        let fine = calibration.fine(temperature);
        self.quality = convert::quality(fine);
        Ok([convert::centi_celsius(fine), calibration.centi_pascal(pressure, fine)])
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { Quality::Good } else { self.quality }
    }
}
