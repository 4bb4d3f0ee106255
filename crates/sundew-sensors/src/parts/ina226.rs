//! Texas Instruments `INA226`: bus voltage, current through a shunt, and power, in fine steps.
//!
//! After datasheet SBOS547 revision B. Each start triggers one pair of conversions; the part rests in
//! between (it is not shut down: 0.33 mA). Not driven: continuous conversion, power-down and the
//! alert pin.
//!
//! Current and power are computed here from the shunt's voltage, not by the part: its calibration
//! register rounds the shunt's conductance down to one in a few thousand, its products are cut off
//! and not rounded, and all of it is forgotten when the supply breaks down. The integers here
//! are within one of their last place for any shunt.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
pub use crate::parts::shunt::{Address, Shunt};
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, Conversion, Samples};

/// Describes the three values: hundredths of a millivolt, microamperes, hundredths of a milliwatt.
pub const OUTPUTS: [Output; 3] = [
    Output::new(Quantity::Voltage, -5),
    Output::new(Quantity::Current, -6),
    Output::new(Quantity::Power, -5),
];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "ina226",
    parts: "INA226",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.02 %", "±0.02 % and the shunt's", "±0.04 % and the shunt's"],
    blocking: "2.2 ms at 100 kHz",
};

/// Drives one part, which measures voltage in 1.25 mV, current and power.
///
/// The voltage is exact; the current is at most 1.0 uA and the power at most 1.5 times 10 uW off
/// what the registers and the shunt's nominal resistance give. Power has the sign of the current. A
/// voltage across the shunt at the end of its range (±81.9 mV) marks current and power
/// [`Quality::OverRange`] or [`Quality::UnderRange`], and so does the part's overflow flag.
///
/// *Blocking time*: one transfer of 4 bytes in `start` (the first one also identifies the part: two
/// of 5), four of 5 in `read` (1.9 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a conversion running.
///
/// *RAM*: the bus handle and 20 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ina226::{Address, Config, Conversion, Ina226, Samples, Shunt};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 2>::new(0x40, Increment::Never);
/// part.set_all(0xFE, &[[0x54, 0x49], [0x22, 0x60]]);
/// let bus = SimBus::new([&part]);
/// let config = Config::new(Shunt::from_milliohms(2), Conversion::Micros1100, Samples::Four)?;
/// let mut sensor = Ina226::new(&bus, Address::X40, config);
/// assert_eq!(sensor.start(), Ok(11));
/// part.set_all(0x01, &[[0x1F, 0x40], [0x25, 0x70]]); // 20 mV, 11.98 V
/// part.set(0x06, [0x00, 0x08]); // conversions are through
/// assert_eq!(sensor.read(), Ok([1_198_000, 10_000_000, 11_980_000])); // 10 A, 119.8 W
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Ina226<I2C> {
    i2c: I2C,
    address: Address,
    config: Config,
    is_known: bool,
    quality: Quality,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Ina226<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        Self { i2c, address, config, is_known: false, quality: Quality::Good }
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_known = false;
    }

    /// Identifies the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the maker's number (0x5449 is expected), or where that is
    /// right with the chip's (0x2260), [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_known = false;
        for (pointer, expected) in wire::IDENTITY {
            let identity = self.register(pointer).await?;
            if identity != expected {
                return Err(Error::WrongPart(identity));
            }
        }
        self.is_known = true;
        Ok(())
    }

    /// Returns the bus handle; the part rests after its last conversion.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn register(&mut self, pointer: u8) -> Result<u16, Error<I2C::Error>> {
        let mut bytes = [0; 2];
        let read = self.i2c.write_read(self.address as u8, &[pointer], &mut bytes).await;
        read.map_err(Error::Bus)?;
        Ok(u16::from_be_bytes(bytes))
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Ina226<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_known {
            self.init().await?;
        }
        // Writing the mode triggers, and clears the flag of the conversion before.
        let [high, low] = self.config.bits().to_be_bytes();
        let bytes = [wire::CONFIGURATION, high, low];
        self.i2c.write(self.address as u8, &bytes).await.map_err(Error::Bus)?;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !self.is_known {
            return Err(Error::NotReady);
        }
        if self.register(wire::CONFIGURATION).await? != self.config.bits() {
            self.is_known = false;
            return Err(Error::Restarted);
        }
        // Reading the flags clears them: a measurement is read once.
        let flags = self.register(wire::FLAGS).await?;
        if flags & wire::READY == 0 {
            return Err(Error::NotReady);
        }
        let shunt = self.register(wire::SHUNT_VOLTAGE).await? as i16;
        let bus = self.register(wire::BUS_VOLTAGE).await?;
        self.quality = wire::quality(shunt, flags);
        Ok(self.config.values(shunt, bus))
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { Quality::Good } else { self.quality }
    }
}
