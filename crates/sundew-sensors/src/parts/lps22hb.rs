//! ST `LPS22HB`: pressure and temperature.
//!
//! After datasheet `DocID027083` revision 5, cited by its headings. I2C only; each start measures
//! once. Its own rhythm, its filter, its FIFO and its interrupts are not driven.
//!
//! A measurement that is not through is [`Error::NotReady`], and a later `read` gets it; a part
//! that lost its settings instead is [`Error::Restarted`]. There is no checksum. Users have
//! reported single parts whose state never says that a one-shot is through; with those this driver
//! stays at [`Error::NotReady`].

mod wire;

use crate::parts::registers::{Registers, Stage};
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::registers::RegistersAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;
pub use wire::Mode;

/// Describes the two values: hundredths of a degree Celsius, hundredths of a pascal.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::AirPressure, -2)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "lps22hb",
    parts: "LPS22HB",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±1.5 Cel", "±100 Pa"],
    blocking: "1.2 ms at 100 kHz",
};

/// Names the address that the pin SA0 chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x5C: SA0 low.
    X5C = 0x5C,
    /// Names 0x5D: SA0 high.
    X5D = 0x5D,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        match address {
            0x5C => Ok(Self::X5C),
            0x5D => Ok(Self::X5D),
            _ => Err(ConfigError::Address),
        }
    }
}

/// Drives one part, which measures temperature in 0.01 Cel and pressure in 0.01 Pa.
///
/// The part compensates by itself. Its steps of 1/4096 hPa are rounded to the nearest 0.01 Pa, its
/// steps of temperature are hundredths.
///
/// *Blocking time*: one transfer of 3 bytes in `start`, one of 9 in `read` (1.2 ms at 100 kHz); the
/// first start, and each after an error, brings the part up first (1 ms).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running; the next
/// `start` brings the part up anew.
///
/// *RAM*: the bus handle and 3 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::lps22hb::{Address, Lps22hb, Mode};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<256, 1>::new(0x5C, Increment::Always);
/// part.set(0x0F, [0xB1]);
/// let bus = SimBus::new([&part]);
/// let mut sensor = Lps22hb::new(&bus, Address::X5C, Mode::LowNoise);
/// assert_eq!(sensor.start(), Ok(15));
/// // The measurement is through: 1023.35 hPa and 23.45 Cel.
/// part.set_all(0x27, &[0x03, 0x8D, 0xF5, 0x3F, 0x29, 0x09].map(|byte| [byte]));
/// assert_eq!(sensor.read(), Ok([2_345, 10_233_469]));
/// ```
#[maybe_async_cfg::maybe(idents(Registers(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Lps22hb<I2C> {
    registers: Registers<I2C>,
    mode: Mode,
    stage: Stage,
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Registers(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Lps22hb<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, mode: Mode) -> Self {
        let registers = Registers { i2c, address: address as u8 };
        Self { registers, mode, stage: Stage::Unknown }
    }

    /// Checks the part and configures it; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails, as it does within 4.5 ms after power-up;
    /// [`Error::WrongPart`] where another part answers.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.stage = Stage::Unknown;
        let [id] = self.registers.read(wire::ID).await?;
        if id != wire::LPS22HB {
            return Err(Error::WrongPart(u16::from(id)));
        }
        // Without a rhythm first: the next register may not be changed in one ("RES_CONF").
        self.registers.write(wire::CONTROL, wire::TOGETHER).await?;
        self.registers.write(wire::RESOLUTION, self.mode as u8).await?;
        self.stage = Stage::Up;
        Ok(())
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        self.stage = Stage::Unknown;
    }

    /// Returns the bus handle; the part sleeps once it is through.
    pub fn release(self) -> I2C {
        self.registers.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Lps22hb<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.stage == Stage::Unknown {
            self.init().await?;
        }
        self.stage = Stage::Unknown;
        self.registers.write(wire::COMMAND, wire::ONCE).await?;
        self.stage = Stage::Started;
        Ok(wire::WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if self.stage != Stage::Started {
            return Err(Error::NotReady);
        }
        self.stage = Stage::Unknown;
        if let Some(values) = wire::values(self.registers.read(wire::STATUS).await?) {
            self.stage = Stage::Up;
            return Ok(values);
        }
        let [control] = self.registers.read(wire::CONTROL).await?;
        if control == wire::TOGETHER {
            self.stage = Stage::Started;
            return Err(Error::NotReady);
        }
        Err(Error::Restarted)
    }
}
