//! Texas Instruments `INA219`: bus voltage, current through a shunt, and power.
//!
//! After datasheet SBOS448 revision G. Each start triggers one pair of conversions; the part rests in
//! between (it is not shut down: 0.7 mA). Not driven: continuous conversion, power-down, resolutions
//! below 12 bits and the 16 V range, which has the same step of 4 mV.
//!
//! Current and power are computed here from the shunt's voltage, not by the part: its calibration
//! register rounds the shunt's conductance down to one in a few thousand, its products are cut off
//! and not rounded, and all of it is forgotten when the supply breaks down. The integers here
//! are within one of their last place for any shunt.
//!
//! The part has no identity, so another one at the address is found only where it does not keep the
//! configuration, as [`Error::Restarted`].

mod wire;

use crate::parts::registers::Registers;
pub use crate::parts::shunt::{Address, Shunt};
use crate::{Bus, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::registers::RegistersAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, Samples, ShuntRange};

/// Describes the three values: millivolts, microamperes, hundredths of a milliwatt.
pub const OUTPUTS: [Output; 3] = [
    Output::new(Quantity::Voltage, -3),
    Output::new(Quantity::Current, -6),
    Output::new(Quantity::Power, -5),
];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "ina219",
    parts: "INA219",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.2 %", "±0.2 % and the shunt's", "±0.4 % and the shunt's"],
    blocking: "1.7 ms at 100 kHz",
};

/// Drives one part, which measures voltage in 4 mV, current and power.
///
/// The voltage is exact; the current is at most 1.0 uA and the power at most 1.5 times 10 uW off
/// what the registers and the shunt's nominal resistance give. Power has the sign of the current. A
/// voltage across the shunt at the end of its range marks current and power
/// [`Quality::OverRange`] or [`Quality::UnderRange`], and so does the part's overflow flag.
///
/// *Blocking time*: one transfer of 4 bytes in `start`, three of 5 in `read` (1.4 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a conversion running.
///
/// *RAM*: the bus handle and 24 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ina219::{Address, Config, Ina219, Samples, Shunt, ShuntRange};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<8, 2>::new(0x40, Increment::Never);
/// let bus = SimBus::new([&part]);
/// let shunt = Shunt::from_milliohms(100);
/// let config = Config::new(shunt, ShuntRange::Millivolts320, Samples::One)?;
/// let mut sensor = Ina219::new(&bus, Address::X40, config);
/// assert_eq!(sensor.start(), Ok(3));
/// part.set(0x01, [0x13, 0x88]); // 5,000 steps of 10 uV: 50 mV, 500 mA
/// part.set(0x02, [0x5D, 0xC2]); // 3,000 steps of 4 mV: 12 V; conversions are through
/// assert_eq!(sensor.read(), Ok([12_000, 500_000, 600_000])); // 12 V, 0.5 A, 6 W
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[maybe_async_cfg::maybe(idents(Registers(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Ina219<I2C> {
    registers: Registers<I2C>,
    config: Config,
    is_started: bool,
    quality: Quality,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Ina219<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        let registers = Registers { i2c, address: address as u8 };
        Self { registers, config, is_started: false, quality: Quality::Good }
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Returns the bus handle; the part rests after its last conversion.
    pub fn release(self) -> I2C {
        self.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Ina219<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        // Writing the mode triggers, and clears the flag of the conversion before.
        self.registers.write_word(wire::CONFIGURATION, self.config.bits()).await?;
        self.is_started = true;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        if self.registers.read_word(wire::CONFIGURATION).await? != self.config.bits() {
            self.is_started = false;
            return Err(Error::Restarted);
        }
        let bus = self.registers.read_word(wire::BUS_VOLTAGE).await?;
        if bus & wire::READY == 0 {
            return Err(Error::NotReady);
        }
        let shunt = self.registers.read_word(wire::SHUNT_VOLTAGE).await? as i16;
        self.is_started = false;
        self.quality = self.config.quality(shunt, bus);
        Ok(self.config.values(shunt, bus))
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { Quality::Good } else { self.quality }
    }
}
