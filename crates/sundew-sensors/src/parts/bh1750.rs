//! ROHM `BH1750FVI`: the illumination of a surface.
//!
//! After ROHM's technical note on the `BH1750FVI` (2009.04 revision B and 2011.11 revision D, which
//! agree in what is used here), cited by its headings. Only the one-time modes are used: nothing can
//! be read back from the part, and one that measured all the time and lost its supply would show
//! 0 lx for ever. So each start says all that the part must know, and a part that restarted in
//! between costs one measurement: its value is 0, which nothing tells from darkness.
//!
//! The part always answers, with the value before where a read comes too early: so wait. There is
//! no identity register.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, Mode};

/// Describes the one value: hundredths of a lux.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Illuminance, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "bh1750",
    parts: "BH1750FVI",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±20 %"],
    blocking: "0.9 ms at 100 kHz",
};

/// Names the address that the pin ADDR chooses ("Slave Address").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x23: ADDR low.
    X23 = 0x23,
    /// Names 0x5C: ADDR high.
    X5C = 0x5C,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        match address {
            0x23 => Ok(Self::X23),
            0x5C => Ok(Self::X5C),
            _ => Err(ConfigError::Address),
        }
    }
}

/// Drives one part, which measures illumination in 0.01 lx.
///
/// The counts are divided by 1.2, and scaled by the measurement time, in integers: at most 0.51 of
/// the last place off, where a step of the part is 0.11 lx or more. A full count is
/// [`Quality::OverRange`].
///
/// *Blocking time*: three transfers of 2 bytes in `start`, one of 3 in `read` (0.9 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running; the next
/// `start` begins another.
///
/// *RAM*: the bus handle and 12 bytes.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Bh1750<I2C> {
    i2c: I2C,
    address: Address,
    config: Config,
    is_started: bool,
    is_saturated: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Bh1750<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        Self { i2c, address, config, is_started: false, is_saturated: false }
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Returns the bus handle.
    pub fn release(self) -> I2C {
        self.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<1> for Bh1750<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = false;
        for instruction in self.config.instructions() {
            let written = self.i2c.write(self.address as u8, &[instruction]).await;
            written.map_err(Error::Bus)?;
        }
        self.is_started = true;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let mut bytes = [0; 2];
        let read = self.i2c.read(self.address as u8, &mut bytes).await;
        read.map_err(Error::Bus)?;
        let counts = u16::from_be_bytes(bytes);
        self.is_started = false;
        self.is_saturated = counts == u16::MAX;
        Ok([wire::centilux(counts, self.config)])
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.is_saturated { Quality::OverRange } else { Quality::Good }
    }
}
