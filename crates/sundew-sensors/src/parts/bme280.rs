//! Bosch `BME280` and `BMP280`: temperature and pressure, and humidity with the `BME280`.
//!
//! After datasheets BST-BME280-DS002 revision 1.6 and BST-BMP280-DS001 revision 1.23, cited by
//! section. I2C only; the parts sleep between measurements ("forced mode"), so the standby times
//! of their own rhythm are not driven, nor is the soft reset.
//!
//! Before a measurement is through the part says so: [`Error::NotReady`], and a later `read` gets
//! it. A break-down of the supply shows as settings that are not ours: [`Error::Restarted`]. There
//! is no checksum over the wire.
//!
//! Pressure and humidity are compensated with the temperature of the part, within -40..=85 Cel;
//! beyond, they are marked [`Quality::Suspect`]. The datasheet's formula of pressure in 32 bits
//! (appendix 8.2) is off by more than 5 Pa, which a test shows; the one in 64 bits needs a division
//! that AVR has not. The one here is within 0.25 Pa. `cargo sizes` measures the temperature alone
//! (`bme280-temperature`) and all three (`bme280-compensation`).

mod chip;
mod convert;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use chip::Chip;
#[cfg(feature = "async")]
use chip::ChipAsync;
pub use convert::{Calibration, Warmth};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
use wire::Kind;
pub use wire::{Config, Filter, Oversampling};

/// Describes the three values of a `BME280`: hundredths of a degree Celsius, tenths of a pascal,
/// hundredths of a percent.
pub const OUTPUTS: [Output; 3] = [
    Output::new(Quantity::Temperature, -2),
    Output::new(Quantity::AirPressure, -1),
    Output::new(Quantity::RelativeHumidity, -2),
];

/// Describes the two values of a `BMP280`: hundredths of a degree Celsius, tenths of a pascal.
pub const BMP280_OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::AirPressure, -1)];

/// Describes the driver's parts; a `BMP280` lacks the last value.
pub const PART: Part = Part {
    module: "bme280",
    parts: "BME280, BMP280",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 to ±1 Cel", "±100 Pa", "±3 %RH"],
    blocking: "1.7 ms at 100 kHz; 7 ms at the first start",
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

/// Drives one `BME280`, which measures temperature in 0.01 Cel, pressure in 0.1 Pa and humidity in
/// 0.01 %RH.
///
/// Integer arithmetic that differs from the datasheet's formulas in floating point (appendix 8.1)
/// by at most 0.006 Cel, 0.25 Pa and 0.011 %RH, for calibrations like those of its example. The
/// part's own steps are 0.005 Cel, 0.2 Pa and 0.006 %RH.
///
/// *Blocking time*: one transfer of 3 bytes in `start` and one of 15 in `read` (1.7 ms at 100 kHz);
/// the first start, and each after an error, reads the calibration first (5 ms more).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running; the next
/// `start` brings the part up anew.
///
/// *RAM*: the bus handle and 52 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::bme280::{Address, Bme280, Config};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x76, Increment::Always);
/// part.set(0xD0, [0x60]);
/// // The calibration of a part: temperature and pressure, then humidity.
/// let calibration = [
///     0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C,
///     0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B,
/// ];
/// part.set_all(0x88, &calibration.map(|byte| [byte]));
/// part.set_all(0xE1, &[0x6A, 0x01, 0x00, 0x14, 0x21, 0x03, 0x1E].map(|byte| [byte]));
/// let bus = SimBus::new([&part]);
///
/// let mut sensor = Bme280::new(&bus, Address::X76, Config::WEATHER);
/// let wait_ms = sensor.start().unwrap();
/// assert_eq!(wait_ms, 11);
/// // It measures, and then sleeps.
/// let results = [0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00, 0x75, 0x30];
/// part.set_all(0xF7, &results.map(|byte| [byte]));
/// part.set(0xF4, [0x24]);
/// assert_eq!(sensor.read().unwrap(), [2_508, 1_006_533, 5_215]);
/// ```
#[maybe_async_cfg::maybe(idents(Chip(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Bme280<I2C> {
    chip: Chip<I2C>,
    quality: Quality,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Chip(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Bme280<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        let chip = Chip::new(i2c, address, config, Kind::Humid);
        Self { chip, quality: Quality::Good }
    }

    /// Checks the part, reads its calibration and configures it; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails; [`Error::WrongPart`] where another part answers,
    /// 0x58 being a `BMP280`; [`Error::NotReady`] within 2 ms after power-up; [`Error::Frame`] where
    /// the calibration is blank.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.chip.init().await
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.chip.set_config(config);
    }

    /// Returns the bus handle; the part sleeps once it is through.
    pub fn release(self) -> I2C {
        self.chip.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Bme280<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.chip.start().await
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        let (calibration, words) = self.chip.read().await?;
        let warmth = calibration.warmth(words.temperature);
        self.quality = warmth.quality();
        let pressure = calibration.deci_pascal(words.pressure, warmth);
        let humidity = calibration.centi_percent(words.humidity, warmth);
        Ok([warmth.centi_celsius(), pressure, humidity])
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { Quality::Good } else { self.quality }
    }
}

/// Drives one `BMP280`, which measures temperature in 0.01 Cel and pressure in 0.1 Pa.
///
/// All that is said of [`Bme280`] holds, but for the humidity.
///
/// *RAM*: the bus handle and 52 bytes.
#[maybe_async_cfg::maybe(idents(Chip(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Bmp280<I2C> {
    chip: Chip<I2C>,
    quality: Quality,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Chip(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Bmp280<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        let chip = Chip::new(i2c, address, config, Kind::Plain);
        Self { chip, quality: Quality::Good }
    }

    /// Checks the part, reads its calibration and configures it; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Bme280::init`]; of [`Error::WrongPart`] 0x60 is a `BME280`.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.chip.init().await
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.chip.set_config(config);
    }

    /// Returns the bus handle; the part sleeps once it is through.
    pub fn release(self) -> I2C {
        self.chip.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Bmp280<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = BMP280_OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.chip.start().await
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let (calibration, words) = self.chip.read().await?;
        let warmth = calibration.warmth(words.temperature);
        self.quality = warmth.quality();
        let pressure = calibration.deci_pascal(words.pressure, warmth);
        Ok([warmth.centi_celsius(), pressure])
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { Quality::Good } else { self.quality }
    }
}
