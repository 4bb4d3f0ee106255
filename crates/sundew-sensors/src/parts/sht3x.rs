//! Sensirion `SHT30`, `SHT31` and `SHT35`: temperature and relative humidity.
//!
//! After datasheet `SHT3x-DIS` version 5 (May 2018), cited by its sections. Single shots without
//! clock stretching; neither the periodic mode nor the alert pin is driven. A part that another
//! firmware left in the periodic mode may take no single shot until [`Sht3x::stop`].
//!
//! A measurement that is read before it is through is not acknowledged by the part, so it is
//! [`Error::NotReady`]; a part that was unplugged in between looks the same. There is no identity
//! register. Nothing is configured that a restart could lose but the heater, and single shots after
//! one are as good as before: so no measurement pays for looking, and [`Sht3x::check`] tells.
//!
//! ```
//! use sundew_sensors::Sensor;
//! use sundew_sensors::sht3x::{Address, Repeatability, Sht3x};
//! use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
//!
//! let clock = SimClock::new();
//! let part = SimWords::new(&clock, 0x44, [WordCommand::new(0x2400).lasting(15_500)]);
//! part.set_answer(0x2400, &[0x6666, 0x8000]);
//! let bus = SimBus::new([&part]);
//!
//! let mut sensor = Sht3x::new(&bus, Address::X44, Repeatability::High);
//! clock.advance_millis(sensor.start().unwrap());
//! assert_eq!(sensor.read(), Ok([2_500, 5_000]));
//! ```

mod wire;

use crate::parts::sensirion::{self, Port};
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::sensirion::PortAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::Status;

/// Describes the two values: hundredths of a degree Celsius, hundredths of a percent.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::RelativeHumidity, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "sht3x",
    parts: "SHT30, SHT31, SHT35",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.1 to ±0.2 Cel", "±1.5 to ±2 %RH"],
    blocking: "1.0 ms at 100 kHz",
};

/// Names the address that the pin ADDR chooses (table 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x44: ADDR low.
    X44 = 0x44,
    /// Names 0x45: ADDR high.
    X45 = 0x45,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        match address {
            0x44 => Ok(Self::X44),
            0x45 => Ok(Self::X45),
            _ => Err(ConfigError::Address),
        }
    }
}

/// Chooses between noise and time (section 1 for 3 sigma, table 4 for the time below 2.4 V).
///
/// The numbers are the commands (table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Repeatability {
    /// Takes 4.5 ms, repeats within 0.15 Cel and 0.21 %RH.
    Low = 0x2416,
    /// Takes 6.5 ms, repeats within 0.08 Cel and 0.15 %RH.
    Medium = 0x240B,
    /// Takes 15.5 ms, repeats within 0.04 Cel and 0.08 %RH.
    High = 0x2400,
}

/// Says whether the part warms itself by a few kelvin, to show that it works or to dry (4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the part has one bit for it")]
pub enum Heater {
    /// Lets the part be as warm as the air.
    Off = 0x3066,
    /// Warms the part: values are [`Quality::Suspect`] meanwhile.
    On = 0x306D,
}

/// Drives one part, which measures temperature in 0.01 Cel and humidity in 0.01 %RH.
///
/// Both come from 16-bit words by integer arithmetic and differ from the datasheet's formulas
/// (4.13) by at most 0.64 and 0.58 of their last place.
///
/// *Blocking time*: one transfer of 3 bytes in `start`, one of 7 in `read` (0.9 ms at 100 kHz).
/// What asks and is answered takes up to 2 ms; a part that vanishes in this very moment is asked
/// 100 times (11 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running, which
/// is [`Error::NotReady`] or the result of a later `read`.
///
/// *RAM*: the bus handle and 5 bytes.
#[maybe_async_cfg::maybe(idents(Port(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Sht3x<I2C> {
    port: Port<I2C>,
    repeatability: Repeatability,
    heater: Heater,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Port(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Sht3x<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, repeatability: Repeatability) -> Self {
        let port = Port { i2c, address: address as u8 };
        Self { port, repeatability, heater: Heater::Off }
    }

    /// Chooses the repeatability of the measurements to come.
    pub const fn set_repeatability(&mut self, repeatability: Repeatability) {
        self.repeatability = repeatability;
    }

    /// Returns the serial number; the datasheet is silent on it, the command is from the vendor's
    /// public driver.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Checksum`] where the bytes are damaged, [`Error::NotReady`] where the part
    /// is busy, and [`Error::Bus`] where the bus fails.
    pub async fn serial_number(&mut self) -> Result<u32, Error<I2C::Error>> {
        let [high, low] = self.port.query(wire::SERIAL_NUMBER).await?;
        Ok(u32::from(high) << 16 | u32::from(low))
    }

    /// Looks whether the part restarted since the last look, as a weak supply makes it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Restarted`] once after each restart, the first power-up among them; the
    /// heater is off then. Else as [`serial_number`](Self::serial_number).
    pub async fn check(&mut self) -> Result<(), Error<I2C::Error>> {
        if !self.status().await?.is_restarted() {
            return Ok(());
        }
        self.heater = Heater::Off;
        self.port.write_patiently(&wire::CLEAR_STATUS.to_be_bytes()).await?;
        Err(Error::Restarted)
    }

    /// Returns what the part says of itself.
    ///
    /// # Errors
    ///
    /// As [`serial_number`](Self::serial_number).
    pub async fn status(&mut self) -> Result<Status, Error<I2C::Error>> {
        let [word] = self.port.query(wire::STATUS).await?;
        Ok(Status::from_word(word))
    }

    /// Clears what [`status`](Self::status) remembers, as [`check`](Self::check) does, and returns the milliseconds to wait before
    /// the part takes another command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn clear_status(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.send(wire::CLEAR_STATUS).await?;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Switches the heater, and returns the milliseconds to wait before the part takes another
    /// command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn set_heater(&mut self, heater: Heater) -> Result<u32, Error<I2C::Error>> {
        self.port.send(heater as u16).await?;
        self.heater = heater;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Ends the periodic mode in which another firmware left the part ("Break command", 4.8), and
    /// returns the milliseconds to wait before it takes another command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn stop(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.send(wire::STOP).await?;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Resets the part and returns the milliseconds to wait before it takes a command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command, which is so while it
    /// measures; the datasheet asks for an idle part, so [`stop`](Self::stop) one in periodic mode.
    pub async fn reset(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.send(wire::SOFT_RESET).await?;
        self.heater = Heater::Off;
        Ok(wire::RESET_MS)
    }

    /// Returns the bus handle.
    pub fn release(self) -> I2C {
        self.port.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Sht3x<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.port.send(self.repeatability as u16).await?;
        Ok(wire::wait_ms(self.repeatability))
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let [temperature, humidity] = self.port.read().await?;
        Ok([sensirion::centi_celsius(temperature), sensirion::centi_percent(humidity)])
    }

    fn quality(&self, _output: usize) -> Quality {
        match self.heater {
            Heater::Off => Quality::Good,
            Heater::On => Quality::Suspect,
        }
    }
}
