//! The magnetometer of the `LSM303AGR`.

use super::wire::{self, agr};
use super::{ADDRESS, OUTPUTS};
#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Error, Output, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;

/// Drives the magnetometer of an `LSM303AGR`, in 1 nT.
///
/// One step is 150 nT by the datasheet (±7 %); the values are exact multiples of it. The part has one
/// range, about ±5 mT, and no mark for what lies beyond.
///
/// *Blocking time*: one transfer of 3 bytes in `start` (the first one also identifies and
/// configures the part: 4 and 3), 11 bytes in `read` (1.1 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running.
///
/// *RAM*: the bus handle and 2 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::lsm303::{self, Lsm303Agr};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<128, 1>::new(lsm303::ADDRESS, Increment::WithTopBit);
/// part.set(0x4F, [0x40]);
/// part.set(0x67, [0x08]); // data ready
/// part.set_all(0x68, &[[0xFF], [0xFF]]); // X: one step below 0
/// let bus = SimBus::new([&part]);
/// let mut compass = Lsm303Agr::new(&bus);
/// assert!(compass.start().is_ok());
/// assert_eq!(compass.read(), Ok([-150, 0, 0]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Lsm303Agr<I2C> {
    i2c: I2C,
    is_known: bool,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Lsm303Agr<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C) -> Self {
        Self { i2c, is_known: false, is_started: false }
    }

    /// Identifies and configures the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the identity register where it is another part,
    /// [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_known = false;
        self.is_started = false;
        let [identity] = self.registers(agr::IDENTITY).await?;
        if identity != agr::IDENTITY_VALUE {
            return Err(Error::WrongPart(u16::from(identity)));
        }
        self.write([agr::CONFIGURATION_C, agr::BLOCK_UPDATE]).await?;
        self.is_known = true;
        Ok(())
    }

    /// Returns the bus handle; the part idles after its last measurement.
    pub fn release(self) -> I2C {
        self.i2c
    }

    async fn write(&mut self, bytes: [u8; 2]) -> Result<(), Error<I2C::Error>> {
        self.i2c.write(ADDRESS, &bytes).await.map_err(Error::Bus)
    }

    async fn registers<const LEN: usize>(
        &mut self,
        first: u8,
    ) -> Result<[u8; LEN], Error<I2C::Error>> {
        let mut bytes = [0; LEN];
        let pointer = first | agr::NEXT;
        self.i2c.write_read(ADDRESS, &[pointer], &mut bytes).await.map_err(Error::Bus)?;
        Ok(bytes)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Lsm303Agr<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_known {
            self.init().await?;
        }
        self.write([agr::CONFIGURATION_A, agr::SINGLE]).await?;
        self.is_started = true;
        Ok(agr::WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        // Configuration C, two interrupt registers and two others lie before the status.
        let [c] = self.registers(agr::CONFIGURATION_C).await?;
        if c != agr::BLOCK_UPDATE {
            self.is_known = false;
            self.is_started = false;
            return Err(Error::Restarted);
        }
        let [status, x_low, x_high, y_low, y_high, z_low, z_high] =
            self.registers(agr::STATUS).await?;
        if status & agr::DATA_READY == 0 {
            return Err(Error::NotReady);
        }
        self.is_started = false;
        let axes = [[x_low, x_high], [y_low, y_high], [z_low, z_high]].map(i16::from_le_bytes);
        Ok(axes.map(wire::agr::nanotesla))
    }
}
