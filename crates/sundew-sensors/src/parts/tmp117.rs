//! Texas Instruments `TMP117`: temperature to 0.1 Cel without calibration.
//!
//! After datasheet SNOSD82 revision D. Not driven: continuous conversion, the alert pin and its
//! limits, the offset register and the EEPROM (its contents stay as they are).
//!
//! Each start triggers one conversion; the part sleeps in between. It says when data is ready, so a
//! read that comes too early is [`Error::NotReady`]. After a break-down of the supply the part
//! converts continuously, which the driver sees and returns as [`Error::Restarted`]. Where the
//! EEPROM was programmed to power up in shutdown, a break-down is [`Error::NotReady`] instead.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;
pub use wire::Averaging;

/// Describes the one value: thousandths of a degree Celsius.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Temperature, -3)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "tmp117",
    parts: "TMP117",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.1 Cel (maximum, -20 to 50 Cel)"],
    blocking: "1.4 ms at 100 kHz",
};

/// Names the address that the pin ADD0 chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x48: ADD0 at ground.
    X48 = 0x48,
    /// Names 0x49: ADD0 at the supply.
    X49 = 0x49,
    /// Names 0x4A: ADD0 at SDA.
    X4A = 0x4A,
    /// Names 0x4B: ADD0 at SCL.
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

/// Drives one part, which measures temperature in 0.001 Cel.
///
/// The register's steps of 7.8125 mCel are rounded to the nearest thousandth, halves upwards: at
/// most 0.5 of the last place off, so every step stays distinct.
///
/// *Blocking time*: one transfer of 4 bytes in `start` (the first one also identifies the part: two
/// of 5), two of 5 in `read` (1.0 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a conversion running.
///
/// *RAM*: the bus handle and 3 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::tmp117::{Address, Averaging, Tmp117};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<16, 2>::new(0x48, Increment::Never);
/// part.set(0x0F, [0x01, 0x17]);
/// let bus = SimBus::new([&part]);
/// let mut sensor = Tmp117::new(&bus, Address::X48, Averaging::Eight);
/// assert_eq!(sensor.start(), Ok(141)); // milliseconds to do something else
/// part.set(0x01, [0x24, 0x20]); // data ready
/// part.set(0x00, [0x0C, 0x80]);
/// assert_eq!(sensor.read(), Ok([25_000]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Tmp117<I2C> {
    i2c: I2C,
    address: Address,
    averaging: Averaging,
    is_known: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Tmp117<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, averaging: Averaging) -> Self {
        Self { i2c, address, averaging, is_known: false }
    }

    /// Chooses the averaging of the measurements to come.
    pub const fn set_averaging(&mut self, averaging: Averaging) {
        self.averaging = averaging;
    }

    /// Identifies the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the identity register where it is another part,
    /// [`Error::NotReady`] where it is still loading or programming its EEPROM (7 ms),
    /// [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_known = false;
        let identity = self.register(wire::DEVICE_ID).await?;
        if identity & wire::DEVICE_ID_MASK != wire::DEVICE_ID_VALUE {
            return Err(Error::WrongPart(identity));
        }
        if self.register(wire::CONFIGURATION).await? & wire::EEPROM_BUSY != 0 {
            return Err(Error::NotReady);
        }
        self.is_known = true;
        Ok(())
    }

    /// Returns the bus handle; the part sleeps after its last conversion.
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
impl<I2C: I2c> Sensor<1> for Tmp117<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_known {
            self.init().await?;
        }
        let [high, low] = self.averaging.one_shot().to_be_bytes();
        let bytes = [wire::CONFIGURATION, high, low];
        self.i2c.write(self.address as u8, &bytes).await.map_err(Error::Bus)?;
        Ok(self.averaging.wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_known {
            return Err(Error::NotReady);
        }
        // Reading the configuration clears the flag: a measurement is read once.
        let configuration = self.register(wire::CONFIGURATION).await?;
        if !wire::is_in_one_shot(configuration) {
            self.is_known = false;
            return Err(Error::Restarted);
        }
        if configuration & wire::DATA_READY == 0 {
            return Err(Error::NotReady);
        }
        Ok([wire::milli_celsius(self.register(wire::TEMPERATURE).await?)])
    }
}
