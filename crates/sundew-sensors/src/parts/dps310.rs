//! Infineon `DPS310` and `DPS368`: pressure and temperature.
//!
//! After the datasheet of the `DPS310` (version 1.0 and later), cited by its headings. I2C only.
//! The part measures in its own rhythm ("background mode"): in its other mode each measurement
//! takes two commands with a wait between them. Its FIFO and its interrupt are not driven.
//!
//! Values that were not renewed since they were read last are [`Error::NotReady`]; a part that lost
//! its settings is [`Error::Restarted`]. There is no checksum.
//!
//! Some parts show some 60 Cel for lack of a fuse. The vendor's driver mends that with five writes
//! that are in no datasheet, and Linux's first asks a register which is not there either whether
//! they are needed; so does this one. Neither could be checked against a document.

mod convert;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use convert::Calibration;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;
use wire::Shown;
pub use wire::{Config, Oversampling, Rate};

/// Describes the two values: hundredths of a degree Celsius, hundredths of a pascal.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::AirPressure, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "dps310",
    parts: "DPS310, DPS368",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 Cel", "±100 Pa"],
    blocking: "1.6 ms at 100 kHz; 7 ms at the first start",
};

/// Names the address that the pin SDO chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x76: SDO low.
    X76 = 0x76,
    /// Names 0x77: SDO high or open.
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
/// Integer arithmetic that differs from the datasheet's formulas by at most 0.006 Cel and 0.07 Pa
/// for calibrations like those of real parts; the noise is 0.2 Pa at best.
///
/// *Blocking time*: none in `start`, transfers of 6 and 9 bytes in `read` (1.6 ms at 100 kHz); the
/// first start, and each after an error, brings the part up first (7 ms).
///
/// *Cancel safety* (async): a future that is dropped may have read values, so that the next `read`
/// is [`Error::NotReady`] until there are new ones.
///
/// *RAM*: the bus handle and 32 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::dps310::{Address, Config, Dps310, Oversampling, Rate};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x77, Increment::Always);
/// let results = [0xFE, 0x2F, 0xEE, 0x02, 0x69, 0xA6, 0x00, 0x80, 0xF0];
/// part.set_all(0x00, &results.map(|byte| [byte]));
/// part.set(0x0D, [0x10]);
/// let coefficients = [
///     0x0E, 0x1E, 0xDD, 0x13, 0xCA, 0x5F, 0x21, 0x52, 0xF9, 0xC6, 0x04, 0xD1, 0xDB, 0x47, 0x00,
///     0x5B, 0xFB, 0x3A,
/// ];
/// part.set_all(0x10, &coefficients.map(|byte| [byte]));
/// part.set(0x28, [0x80]);
/// let bus = SimBus::new([&part]);
///
/// let config = Config::new(Rate::Hz1, Oversampling::X1, Oversampling::X1).unwrap();
/// let mut sensor = Dps310::new(&bus, Address::X77, config);
/// let wait_ms = sensor.start().unwrap();
/// assert_eq!(wait_ms, 1_134);
/// assert_eq!(sensor.read(), Ok([2_474, 9_294_631]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Dps310<I2C> {
    i2c: I2C,
    address: Address,
    config: Config,
    calibration: Option<Calibration>,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Dps310<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        Self { i2c, address, config, calibration: None }
    }

    /// Checks the part, reads its calibration, configures it and lets it run; `start` does so by
    /// itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails; [`Error::WrongPart`] where another part answers;
    /// [`Error::NotReady`] within 40 ms after power-up; [`Error::Frame`] where the calibration is
    /// blank.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.calibration = None;
        let [id] = self.registers(wire::ID).await?;
        if id != wire::DPS310 {
            return Err(Error::WrongPart(u16::from(id)));
        }
        let [state] = self.registers(wire::MODE).await?;
        if state & wire::IS_UP != wire::IS_UP {
            return Err(Error::NotReady);
        }
        let calibration = Calibration::new(self.registers(wire::COEFFICIENTS).await?);
        let calibration = calibration.ok_or(Error::Frame)?;
        let [source] = self.registers(wire::SOURCE).await?;
        let [fuses] = self.registers(wire::FUSES).await?;
        // Idle first, and nothing left to read: what a part that runs since before has measured with
        // other settings would be scaled by these.
        self.write(wire::MODE, state & wire::IS_UP).await?;
        let _: [u8; 6] = self.registers(wire::RESULTS).await?;
        if fuses & wire::IS_MENDED == 0 {
            for [register, value] in wire::MEND {
                self.write(register, value).await?;
            }
        }
        let [pressure, temperature] = self.config.settings(source);
        self.write(wire::PRESSURE, pressure).await?;
        self.write(wire::TEMPERATURE, temperature).await?;
        self.write(wire::SHIFT, self.config.shift()).await?;
        self.write(wire::MODE, Config::mode(state)).await?;
        self.calibration = Some(calibration);
        Ok(())
    }

    /// Lets the part sleep at 0.5 microampere until the next start.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails.
    pub async fn sleep(&mut self) -> Result<(), Error<I2C::Error>> {
        self.calibration = None;
        self.write(wire::MODE, 0).await
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.calibration = None;
    }

    /// Returns the bus handle; the part goes on as it was configured.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn write(&mut self, register: u8, value: u8) -> Result<(), Error<I2C::Error>> {
        let written = self.i2c.write(self.address as u8, &[register, value]).await;
        written.map_err(Error::Bus)
    }

    async fn registers<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address as u8, &[first], &mut bytes).await;
        read.map_err(|error| {
            self.calibration = None;
            Error::Bus(error)
        })?;
        Ok(bytes)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Dps310<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.calibration.is_none() {
            self.init().await?;
        }
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let Some(calibration) = self.calibration else { return Err(Error::NotReady) };
        match self.config.shown(self.registers(wire::PRESSURE).await?) {
            Shown::New => {}
            Shown::NotReady => return Err(Error::NotReady),
            Shown::OtherSettings => {
                self.calibration = None;
                return Err(Error::Restarted);
            }
        }
        let [p2, p1, p0, t2, t1, t0] = self.registers(wire::RESULTS).await?;
        let [times_p, times_t] = self.config.times();
        let pressure = convert::share([p2, p1, p0], times_p);
        let temperature = convert::share([t2, t1, t0], times_t);
        let pascal = calibration.centi_pascal(pressure, temperature);
        Ok([calibration.centi_celsius(temperature), pascal])
    }
}
