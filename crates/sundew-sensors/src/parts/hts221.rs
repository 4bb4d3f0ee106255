//! ST `HTS221`: relative humidity and temperature.
//!
//! After datasheet `DocID026333` revision 4, cited by its headings. I2C only; each start measures
//! once. Its own rhythm, its heater and its data-ready pin are not driven.
//!
//! A measurement that is not through is [`Error::NotReady`], and a later `read` gets it; a part
//! that lost its settings instead is [`Error::Restarted`]. There is no checksum.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quantity;
pub use wire::Averaging;
use wire::Calibration;

/// Describes the two values: hundredths of a degree Celsius, hundredths of a percent.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::Temperature, -2), Output::new(Quantity::RelativeHumidity, -2)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "hts221",
    parts: "HTS221",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.5 Cel", "±3.5 %RH"],
    blocking: "1.1 ms at 100 kHz; 3.5 ms at the first start",
};

/// Names the one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x5F.
    X5F = 0x5F,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        if address == Self::X5F as u8 { Ok(Self::X5F) } else { Err(ConfigError::Address) }
    }
}

/// Drives one part, which measures temperature in 0.01 Cel and humidity in 0.01 %RH.
///
/// Both lie on lines through two points that the part holds, and differ from the datasheet's
/// formula by at most 0.8 of their last place. Humidity is limited to 0..=100 %RH.
///
/// *Blocking time*: one transfer of 3 bytes in `start`, one of 8 in `read` (1.1 ms at 100 kHz); the
/// first start, and each after an error, reads the calibration first (2.6 ms).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running, which
/// is [`Error::NotReady`] or the result of a later `read`.
///
/// *RAM*: the bus handle and 24 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::hts221::{Address, Averaging, Hts221};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<128, 1>::new(0x5F, Increment::WithTopBit);
/// part.set(0x0F, [0xBC]);
/// // 10 and 20 Cel at 300 and 500, 20 and 40 %RH at 0x4000 and 0x6000.
/// let points = [40, 80, 80, 160, 0, 0, 0x00, 0x40, 0, 0, 0x00, 0x60, 0x2C, 0x01, 0xF4, 0x01];
/// part.set_all(0x30, &points.map(|byte| [byte]));
/// let bus = SimBus::new([&part]);
/// let mut sensor = Hts221::new(&bus, Address::X5F, Averaging::X32);
/// assert_eq!(sensor.start(), Ok(81));
/// // The measurement is through: 0x5000 and 400.
/// part.set_all(0x27, &[0x03, 0x00, 0x50, 0x90, 0x01].map(|byte| [byte]));
/// assert_eq!(sensor.read(), Ok([1_500, 3_000]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Hts221<I2C> {
    i2c: I2C,
    address: Address,
    averaging: Averaging,
    calibration: Option<Calibration>,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Hts221<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, averaging: Averaging) -> Self {
        Self { i2c, address, averaging, calibration: None, is_started: false }
    }

    /// Checks the part, reads its calibration and configures it; `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails; [`Error::WrongPart`] where another part answers;
    /// [`Error::Frame`] where the calibration is blank.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.forget();
        let [id] = self.registers(wire::ID).await?;
        if id != wire::HTS221 {
            return Err(Error::WrongPart(u16::from(id)));
        }
        let points = self.registers(wire::CALIBRATION | wire::INCREMENT).await?;
        let calibration = Calibration::new(points).ok_or(Error::Frame)?;
        self.write(wire::AVERAGE, self.averaging as u8).await?;
        self.write(wire::CONTROL, wire::ON).await?;
        self.calibration = Some(calibration);
        Ok(())
    }

    /// Chooses how often values are averaged from the next start on.
    pub const fn set_averaging(&mut self, averaging: Averaging) {
        self.averaging = averaging;
        self.forget();
    }

    /// Returns the bus handle; the part sleeps once it is through.
    pub fn release(self) -> I2C {
        self.i2c
    }

    const fn forget(&mut self) {
        self.calibration = None;
        self.is_started = false;
    }

    async fn write(&mut self, register: u8, value: u8) -> Result<(), Error<I2C::Error>> {
        let written = self.i2c.write(self.address as u8, &[register, value]).await;
        written.map_err(|error| {
            self.forget();
            Error::Bus(error)
        })
    }

    async fn registers<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let read = self.i2c.write_read(self.address as u8, &[first], &mut bytes).await;
        read.map_err(|error| {
            self.forget();
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
impl<I2C: I2c> Sensor<2> for Hts221<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.calibration.is_none() {
            self.init().await?;
        }
        self.write(wire::COMMAND, wire::ONCE).await?;
        self.is_started = true;
        Ok(wire::WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let Some(calibration) = self.calibration.filter(|_| self.is_started) else {
            return Err(Error::NotReady);
        };
        let bytes = self.registers(wire::STATUS | wire::INCREMENT).await?;
        if let Some(values) = calibration.values(bytes) {
            self.is_started = false;
            return Ok(values);
        }
        let [control] = self.registers(wire::CONTROL).await?;
        if control == wire::ON {
            return Err(Error::NotReady);
        }
        self.forget();
        Err(Error::Restarted)
    }
}
