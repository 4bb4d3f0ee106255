//! TE Connectivity (MEAS) `MS5611`: pressure and temperature.
//!
//! After datasheet ENG_DS_MS5611-01BA03, cited by its headings, and application note AN520 for the
//! checksum. I2C only. An `MS5607` has the same memory and commands but other formulas, and nothing
//! tells it from an `MS5611`: its values would be wrong by half.
//!
//! The part has no number of its own. What passes for a check of the part is the checksum of its
//! memory: [`Error::Checksum`], or [`Error::Frame`] where it is blank. A result that is asked for
//! too early is 0 and the conversion is lost: [`Error::NotReady`], to be started again, as where
//! the supply broke down meanwhile.

mod convert;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use convert::Calibration;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::{delay::DelayNs as DelayNsAsync, i2c::I2c as I2cAsync};
use sundew_units::Quantity;
pub use wire::{Config, Oversampling};

/// Describes the two values: hundredths of a degree Celsius, tenths of a pascal.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::AirPressure, -1)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "ms5611",
    parts: "MS5611",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.8 Cel", "±150 Pa"],
    blocking: "3.2 ms at 100 kHz with 512 temperatures; 9 ms more at the first start",
};

/// Names the address that the pin CSB chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x76: CSB high.
    X76 = 0x76,
    /// Names 0x77: CSB low.
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

/// Drives one part, which measures temperature in 0.01 Cel and pressure in 0.1 Pa.
///
/// Integer arithmetic in 32 bits, the second order included, where the datasheet's has 64: at most
/// 0.01 Cel (it is rounded down there too) and 0.25 Pa off its formulas without rounding.
///
/// *Blocking time*: `start` waits for the conversion of temperature, 0.6 to 9.04 ms by the
/// [`Config`], and has transfers of 7 bytes; `read` has one of 6 (0.6 ms at 100 kHz). The first
/// start, and each after an error, resets the part and reads its memory first (3 ms and 4.4 ms).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a conversion running; the next
/// `start` begins anew, and what it sends before that one ends may spoil one measurement.
///
/// *RAM*: the bus handle, the delay and 24 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ms5611::{Address, Config, Ms5611};
/// use sundew_testkit::{SimBus, SimClock, SimMs5611};
///
/// let clock = SimClock::new();
/// // The datasheet's example; the last four bits are the checksum.
/// let memory = [0x42, 40_127, 36_924, 23_317, 23_282, 33_464, 28_312, 0x0009];
/// let part = SimMs5611::new(&clock, 0x77, memory);
/// part.set_words(9_085_466, 8_569_150);
/// let bus = SimBus::new([&part]);
///
/// let mut sensor = Ms5611::new(&bus, &clock, Address::X77, Config::STANDARD);
/// let wait_ms = sensor.start().unwrap();
/// clock.advance_millis(wait_ms);
/// assert_eq!(sensor.read(), Ok([2_007, 1_000_090]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Ms5611<I2C, DELAY> {
    i2c: I2C,
    delay: DELAY,
    address: Address,
    config: Config,
    calibration: Option<Calibration>,
    /// Holds D2 while D1 is converted, and 0 where nothing was started.
    temperature: u32,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, DELAY: DelayNs> Ms5611<I2C, DELAY> {
    /// Takes a bus handle and a delay; nothing is sent yet.
    pub const fn new(i2c: I2C, delay: DELAY, address: Address, config: Config) -> Self {
        Self { i2c, delay, address, config, calibration: None, temperature: 0 }
    }

    /// Resets the part and reads its memory; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails; [`Error::Checksum`] where the memory is damaged,
    /// or where it is another part's; [`Error::Frame`] where it is blank.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.forget();
        self.command(wire::RESET).await?;
        self.delay.delay_us(wire::RESET_MICROS).await;
        let mut words = [0; 8];
        let mut pointer = wire::MEMORY;
        for word in &mut words {
            *word = u16::from_be_bytes(self.answer(pointer).await?);
            pointer += 2;
        }
        if !convert::is_intact(words) {
            return Err(Error::Checksum);
        }
        self.calibration = Some(Calibration::new(words).ok_or(Error::Frame)?);
        Ok(())
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.temperature = 0;
    }

    /// Returns the bus handle and the delay; the part sleeps once it is through.
    pub fn release(self) -> (I2C, DELAY) {
        (self.i2c, self.delay)
    }

    const fn forget(&mut self) {
        self.calibration = None;
        self.temperature = 0;
    }

    /// Reads the result, which is 0 where there is none.
    async fn result(&mut self) -> Result<u32, Error<I2C::Error>> {
        let [high, middle, low] = self.answer(wire::RESULT).await?;
        match u32::from_be_bytes([0, high, middle, low]) {
            0 => {
                self.forget();
                Err(Error::NotReady)
            }
            word => Ok(word),
        }
    }

    async fn command(&mut self, command: u8) -> Result<(), Error<I2C::Error>> {
        let written = self.i2c.write(self.address as u8, &[command]).await;
        written.map_err(|error| {
            self.forget();
            Error::Bus(error)
        })
    }

    async fn answer<const LEN: usize>(
        &mut self,
        command: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address as u8, &[command], &mut bytes).await;
        read.map_err(|error| {
            self.forget();
            Error::Bus(error)
        })?;
        Ok(bytes)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), DelayNs(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, DELAY: DelayNs> Sensor<2> for Ms5611<I2C, DELAY> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.calibration.is_none() {
            self.init().await?;
        }
        // Before the transfers: were this future dropped in them, D2 would pass for D1 in `read`.
        self.temperature = 0;
        self.command(self.config.temperature_command()).await?;
        self.delay.delay_us(self.config.temperature_micros()).await;
        let temperature = self.result().await?;
        self.command(self.config.pressure_command()).await?;
        self.temperature = temperature;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let Some(calibration) = self.calibration.filter(|_| self.temperature != 0) else {
            return Err(Error::NotReady);
        };
        let pressure = self.result().await?;
        let values = calibration.values(pressure, self.temperature);
        self.temperature = 0;
        Ok(values)
    }
}
