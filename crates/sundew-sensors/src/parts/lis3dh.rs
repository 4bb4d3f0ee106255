//! ST `LIS3DH`: acceleration along three axes, over I2C.
//!
//! After datasheet 17530 revision 2. The part measures all the time at the chosen rate. Not driven:
//! SPI, the FIFO, interrupts and what they detect, the high-pass filter, the analog inputs, the
//! thermometer, rates above 400 Hz.
//!
//! The part says when data is new, so a read that comes too early is [`Error::NotReady`]. After a
//! break-down of the supply it is switched off, which is [`Error::Restarted`].
//!
//! Values follow the datasheet's sensitivity (1, 2, 4 and 12 milli-g to the digit), which it gives as
//! typical; ST's application note AN3308 counts 1,024 digits to the g at the narrowest range
//! instead, 2.4 % less. Turning the part by half shows which one it is, and its zero.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, ConfigError, Error, Output, Part, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::{Quality, Quantity};
pub use wire::{Config, Range, Rate, Resolution};

/// Describes the three values: tenths of a millimetre per square second along X, Y and Z.
pub const OUTPUTS: [Output; 3] = [Output::new(Quantity::Acceleration, -4); 3];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "lis3dh",
    parts: "LIS3DH",
    bus: Bus::I2c,
    outputs: &OUTPUTS,
    accuracy: &["±0.4 m/s2 (zero)"; 3],
    blocking: "1.5 ms at 100 kHz",
};

/// Names the address that the pin SA0 chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x18: SA0 low.
    X18 = 0x18,
    /// Names 0x19: SA0 high, as it pulls itself.
    X19 = 0x19,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        Ok(match address {
            0x18 => Self::X18,
            0x19 => Self::X19,
            _ => return Err(ConfigError::Address),
        })
    }
}

/// Drives one part, which measures acceleration in 0.0001 m/s2.
///
/// With 1 g as 9.80665 m/s2 exactly, each value is at most 0.56 of the last place off the digits; a
/// digit is 98 of them or more. An axis at an end of its scale is marked [`Quality::OverRange`] or
/// [`Quality::UnderRange`].
///
/// *Blocking time*: none in `start` but the first, which identifies and configures the part (one
/// transfer of 4 bytes, two of 3); one transfer of 17 bytes in `read` (1.5 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped changes nothing but the configuration, and the
/// next `start` completes that.
///
/// *RAM*: the bus handle and 8 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::lis3dh::{Address, Config, Lis3dh, Range, Rate, Resolution};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<128, 1>::new(0x19, Increment::WithTopBit);
/// part.set(0x0F, [0x33]);
/// let bus = SimBus::new([&part]);
/// let config = Config::new(Range::G4, Rate::Hz100, Resolution::Twelve);
/// let mut sensor = Lis3dh::new(&bus, Address::X19, config);
/// assert!(sensor.start().is_ok());
/// part.set(0x27, [0x08]); // data is new
/// part.set_all(0x2C, &[[0x40], [0x1F]]); // Z: 500 digits of 2 milli-g
/// assert_eq!(sensor.read(), Ok([0, 0, 98_066]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Lis3dh<I2C> {
    i2c: I2C,
    address: Address,
    config: Config,
    is_started: bool,
    qualities: [Quality; 3],
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Lis3dh<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, address: Address, config: Config) -> Self {
        Self { i2c, address, config, is_started: false, qualities: [Quality::Good; 3] }
    }

    /// Chooses how to measure from the next start on.
    pub const fn set_config(&mut self, config: Config) {
        self.config = config;
        self.is_started = false;
    }

    /// Identifies and configures the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the identity register where it is another part,
    /// [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_started = false;
        let [identity] = self.registers(wire::WHO_AM_I).await?;
        if identity != wire::WHO_AM_I_VALUE {
            return Err(Error::WrongPart(u16::from(identity)));
        }
        for bytes in
            [[wire::CONTROL_4, self.config.control_4()], [wire::CONTROL_1, self.config.control_1()]]
        {
            self.i2c.write(self.address as u8, &bytes).await.map_err(Error::Bus)?;
        }
        self.is_started = true;
        Ok(())
    }

    /// Returns the bus handle; the part goes on measuring.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn registers<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let pointer = first | wire::NEXT;
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
impl<I2C: I2c> Sensor<3> for Lis3dh<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.is_started {
            return Ok(self.config.period_ms());
        }
        self.init().await?;
        Ok(self.config.first_wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        // From the first control register to the last axis: shorter than three transfers.
        let [control_1, _, _, control_4, _, _, _, status, xl, xh, yl, yh, zl, zh] =
            self.registers(wire::CONTROL_1).await?;
        if [control_1, control_4] != [self.config.control_1(), self.config.control_4()] {
            self.is_started = false;
            return Err(Error::Restarted);
        }
        if status & wire::DATA_NEW == 0 {
            return Err(Error::NotReady);
        }
        let axes = [[xl, xh], [yl, yh], [zl, zh]].map(i16::from_le_bytes);
        self.qualities = axes.map(|axis| self.config.quality(axis));
        Ok(axes.map(|axis| self.config.acceleration(axis)))
    }

    fn quality(&self, output: usize) -> Quality {
        self.qualities.get(output).copied().unwrap_or_default()
    }
}
