//! Texas Instruments `ADS1115`: four inputs, 16 bits, a gain to choose.
//!
//! After datasheet SBAS444 revision D. Each start triggers one conversion; the part sleeps in between.
//! Not driven: continuous conversion and the comparator with its pin.
//!
//! The part says when a conversion is through, so a read that comes too early is
//! [`Error::NotReady`]. It begins no other one before: so is a start while the conversion before it may
//! still run, or its result would pass for that of another input. Where another firmware left it
//! converting all the time, the first start ends that and is [`Error::NotReady`] too. The part has no identity; a bit that the switched-off comparator does not use is
//! set, so that a break-down of the supply (and a part that does not keep its configuration) is
//! [`Error::Restarted`].

mod wire;

use crate::parts::registers::Registers;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::registers::RegistersAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, DataRate, FullScale, Input};

/// Describes the one value: tenths of a microvolt.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Voltage, -7)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "ads1115",
    parts: "ADS1115",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.01 %"],
    blocking: "1.3 ms at 100 kHz",
};

/// Names the address that the pin ADDR chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x48: ADDR at ground.
    X48 = 0x48,
    /// Names 0x49: ADDR at the supply.
    X49 = 0x49,
    /// Names 0x4A: ADDR at SDA.
    X4A = 0x4A,
    /// Names 0x4B: ADDR at SCL.
    X4B = 0x4B,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        Ok(match address {
            0x48 => Self::X48,
            0x49 => Self::X49,
            0x4A => Self::X4A,
            0x4B => Self::X4B,
            _ => return Err(ConfigError::Address),
        })
    }
}

/// Drives one part, which measures one voltage at a time in 0.1 uV.
///
/// The steps are 7.8125 to 187.5 uV by full scale; each value is at most 0.5 of the last place
/// off. An end of the scale is marked [`Quality::OverRange`] or [`Quality::UnderRange`]. No input
/// may be above the supply or below ground, whatever the full scale.
///
/// *Blocking time*: one transfer of 4 bytes in `start` (and one of 5 before it, where the result before
/// was not read), two of 5 in `read` (1.0 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a conversion running.
///
/// *RAM*: the bus handle and 8 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ads1115::{Address, Ads1115, Config, DataRate, FullScale, Input};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<4, 2>::new(0x48, Increment::Never);
/// part.set(0x01, [0x85, 0x83]); // as after power-up
/// let bus = SimBus::new([&part]);
/// let config = Config::new(Input::A2, FullScale::Volts4_096, DataRate::Hz128);
/// let mut sensor = Ads1115::new(&bus, Address::X48, config);
/// assert_eq!(sensor.start(), Ok(10)); // milliseconds to do something else
/// part.set(0x00, [0x20, 0x00]);
/// assert_eq!(sensor.read(), Ok([10_240_000])); // 1.024 V
/// ```
#[maybe_async_cfg::maybe(idents(Registers(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Ads1115<I2C> {
    registers: Registers<I2C>,
    config: Config,
    is_started: bool,
    is_idle: bool,
    quality: Quality,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Ads1115<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        let registers = Registers { i2c, address: address as u8 };
        Self { registers, config, is_started: false, is_idle: false, quality: Quality::Good }
    }

    /// Chooses what to measure and how from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Returns the bus handle; the part sleeps after its last conversion.
    pub fn release(self) -> I2C {
        self.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<1> for Ads1115<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        let mut word = self.config.bits() | wire::CONVERT;
        if !self.is_idle {
            let found = self.registers.read_word(wire::CONFIGURATION).await?;
            if found & wire::IDLE == 0 {
                if found & wire::SINGLE_SHOT != 0 {
                    return Err(Error::NotReady);
                }
                // It converts all the time, so it would never be idle: this makes it so.
                word = self.config.bits();
            }
        }
        self.is_idle = false;
        self.is_started = false;
        self.registers.write_word(wire::CONFIGURATION, word).await?;
        if word & wire::CONVERT == 0 {
            return Err(Error::NotReady);
        }
        self.is_started = true;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let configuration = self.registers.read_word(wire::CONFIGURATION).await?;
        if configuration & !wire::IDLE != self.config.bits() {
            self.is_started = false;
            return Err(Error::Restarted);
        }
        if configuration & wire::IDLE == 0 {
            return Err(Error::NotReady);
        }
        self.is_idle = true;
        let steps = self.registers.read_word(wire::CONVERSION).await? as i16;
        self.is_started = false;
        self.quality = wire::quality(steps);
        Ok([self.config.tenth_microvolts(steps)])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}
