//! Sensirion `SHT40`, `SHT41`, `SHT43` and `SHT45`: temperature and relative humidity.
//!
//! After the datasheet of the series, cited by its headings, since the numbers move between its
//! versions. The parts never stretch the clock; the bus may run at up to 1 MHz. The heater is not
//! driven.
//!
//! A measurement that is read before it is through is not acknowledged by the part, so it is
//! [`Error::NotReady`]; a part that was unplugged in between looks the same,
//! and [`Error::Bus`] follows from the next start.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::parts::sensirion;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;

/// Describes the two values: hundredths of a degree Celsius, hundredths of a percent.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::RelativeHumidity, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "sht4x",
    parts: "SHT40, SHT41, SHT43, SHT45",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.1 to ±0.2 Cel", "±1.0 to ±1.8 %RH"],
    blocking: "0.9 ms at 100 kHz",
};

/// Names the address that a part is made with; the last letter but one of its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x44, as of `SHT40-AD1B`.
    A = 0x44,
    /// Names 0x45, as of `SHT40-BD1B`.
    B = 0x45,
    /// Names 0x46, as of `SHT40-CD1B`.
    C = 0x46,
}

/// Chooses between noise and time; the figures are 3 sigma ("Relative Humidity",
/// "Temperature", "Timings").
///
/// The numbers are the commands ("Command Overview"): 8 B less on thumbv6m than a second table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Precision {
    /// Takes 1.6 ms, repeats within 0.1 Cel and 0.25 %RH.
    Low = 0xE0,
    /// Takes 4.5 ms, repeats within 0.07 Cel and 0.15 %RH.
    Medium = 0xF6,
    /// Takes 8.3 ms, repeats within 0.04 Cel and 0.08 %RH.
    High = 0xFD,
}

/// Drives one part, which measures temperature in 0.01 Cel and humidity in 0.01 %RH.
///
/// Both come from 16-bit words by integer arithmetic and differ from the datasheet's formulas by
/// at most 0.64 of their last place. Humidity is limited to 0..=100 %RH, as the datasheet advises
/// ("Conversion of Signal Output"): near the ends the formula gives -6 to 119 %RH.
///
/// *Blocking time*: one transfer of 2 bytes in `start`, one of 7 in `read` (0.7 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running, which
/// is [`Error::NotReady`] or the result of a later `read`.
///
/// *RAM*: the bus handle and 2 bytes.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Sht4x<I2C> {
    i2c: I2C,
    address: Address,
    precision: Precision,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Sht4x<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, precision: Precision) -> Self {
        Self { i2c, address, precision }
    }

    /// Chooses the precision of the measurements to come.
    pub const fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Asks for the serial number and returns the milliseconds to wait before it can be read.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn start_serial_number(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.command(wire::SERIAL_NUMBER).await?;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Returns the serial number that was asked for; it is unique among all parts of the series.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotReady`] where it was not asked for, or just now; [`Error::Checksum`]
    /// where the bytes are damaged; [`Error::Bus`] where the bus fails.
    pub async fn read_serial_number(&mut self) -> Result<u32, Error<I2C::Error>> {
        let [high, low] = self.words().await?;
        Ok(u32::from(high) << 16 | u32::from(low))
    }

    /// Resets the part and returns the milliseconds to wait before it takes a command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command, which is so while it
    /// measures.
    pub async fn reset(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.command(wire::SOFT_RESET).await?;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Returns the bus handle.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn command(&mut self, command: u8) -> Result<(), Error<I2C::Error>> {
        self.i2c.write(self.address as u8, &[command]).await.map_err(Error::Bus)
    }

    async fn words(&mut self) -> Result<[u16; 2], Error<I2C::Error>> {
        let mut frames = [[0; 3]; 2];
        let read = self.i2c.read(self.address as u8, frames.as_flattened_mut()).await;
        read.map_err(Error::while_reading)?;
        sensirion::words(frames).ok_or(Error::Checksum)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Sht4x<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.command(self.precision as u8).await?;
        Ok(wire::wait_ms(self.precision))
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let [temperature, humidity] = self.words().await?;
        Ok([sensirion::centi_celsius(temperature), wire::centi_percent(humidity)])
    }
}
