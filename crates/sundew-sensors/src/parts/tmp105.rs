//! Texas Instruments `TMP105` and the parts that share its registers: `TMP75`, `TMP175`, `LM75`.
//!
//! After datasheet SLLS648 revision D (`TMP105`). The alert pin and its limits are left as they
//! are after power-up.
//!
//! These parts always answer, with the value of the last conversion that was completed: reading
//! before the time that `start` returns gives the value before, and nothing tells. So wait;
//! a part that converts continuously has the first wait returned again until a value was read.
//! After a break-down of the supply they show 0 Cel; the driver reads the configuration back each
//! time and returns [`Error::Restarted`] rather than that 0. The plain
//! `LM75` has nothing to configure, and a `TMP105` that converts continuously at 9 bits is as after
//! power-up, so there it cannot be told.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;
pub use wire::{Config, Resolution};

/// Describes the one value: hundredths of a degree Celsius.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Temperature, -2)];

/// Describes the driver's parts.
pub const PART: Part = Part {
    module: "tmp105",
    parts: "TMP105, TMP75, TMP175, LM75, LM75A, LM75B",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 Cel (TMP105), ±2 Cel (LM75)"],
    blocking: "1.2 ms at 100 kHz",
};

/// Names the address that the pins A2, A1 and A0 choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x48: all pins low.
    X48 = 0x48,
    /// Names 0x49: A0 high.
    X49 = 0x49,
    /// Names 0x4A: A1 high.
    X4A = 0x4A,
    /// Names 0x4B: A1 and A0 high.
    X4B = 0x4B,
    /// Names 0x4C: A2 high.
    X4C = 0x4C,
    /// Names 0x4D: A2 and A0 high.
    X4D = 0x4D,
    /// Names 0x4E: A2 and A1 high.
    X4E = 0x4E,
    /// Names 0x4F: all pins high.
    X4F = 0x4F,
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
            0x4C => Self::X4C,
            0x4D => Self::X4D,
            0x4E => Self::X4E,
            0x4F => Self::X4F,
            _ => return Err(ConfigError::Address),
        })
    }
}

/// Drives one part, which measures temperature in 0.01 Cel.
///
/// The register's steps of 0.0625 Cel are rounded to the nearest hundredth, halves upwards: at most
/// 0.005 Cel off.
///
/// *Blocking time*: one transfer of 3 bytes in `start` (none where it converts continuously and
/// runs), two of 4 and 5 bytes in `read` (0.9 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped may have configured the part; the next `start`
/// does it again.
///
/// *RAM*: the bus handle and 8 bytes.
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Tmp105<I2C> {
    i2c: I2C,
    address: Address,
    config: Config,
    is_started: bool,
    /// Holds whether a value was read since the part was configured.
    is_read: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Tmp105<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        Self { i2c, address, config, is_started: false, is_read: false }
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Returns the bus handle; the part goes on as it was configured.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn register<const LEN: usize>(
        &mut self,
        pointer: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address as u8, &[pointer], &mut bytes).await;
        read.map_err(Error::Bus)?;
        Ok(bytes)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<1> for Tmp105<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.is_started && !self.config.is_one_shot() {
            // Until then it shows the 0 Cel of its power-up.
            return Ok(if self.is_read { 0 } else { self.config.wait_ms() });
        }
        self.is_started = false;
        self.is_read = false;
        let bytes = [wire::CONFIGURATION, self.config.start_byte()];
        self.i2c.write(self.address as u8, &bytes).await.map_err(Error::Bus)?;
        self.is_started = true;
        Ok(self.config.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let [configuration] = self.register(wire::CONFIGURATION).await?;
        if !self.config.is_shown_by(configuration) {
            self.is_started = false;
            return Err(Error::Restarted);
        }
        let temperature = self.register(wire::TEMPERATURE).await?;
        self.is_read = true;
        Ok([wire::centi_celsius(temperature, self.config)])
    }
}
