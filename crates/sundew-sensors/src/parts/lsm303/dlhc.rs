//! The magnetometer of the `LSM303DLHC`.

use super::wire::{self, Range};
use super::{ADDRESS, OUTPUTS};
#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::parts::ratio::Ratio;
use crate::{Error, Output, Sensor};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quality;

/// Drives the magnetometer of an `LSM303DLHC`, in 1 nT.
///
/// The steps are 91 to 488 nT by range, other ones along Z than along X and Y; each value is at
/// most 0.57 nT off the datasheet's gain.
///
/// In all ranges but the one after power-up the first measurement is [`Quality::Suspect`]: the part
/// says that it is Honeywell's `HMC5883L` ("H43"), whose datasheet has it that the first one after
/// a change of the gain is still of the gain before.
///
/// *Blocking time*: one transfer of 3 bytes in `start` (the first one also identifies and
/// configures the part: 7 and two of 3), 4 and 12 bytes in `read` (1.6 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running.
///
/// *RAM*: the bus handle and 14 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::lsm303::{self, Lsm303Dlhc, Range};
/// use sundew_testkit::{Increment, SimBus, SimRegisters};
///
/// let part = SimRegisters::<64, 1>::new(lsm303::ADDRESS, Increment::Always);
/// part.set_all(0x0A, &[*b"H", *b"4", *b"3"]);
/// part.set(0x09, [0x01]); // data ready
/// part.set_all(0x03, &[[0x00], [0xDC]]); // X: 220 steps, 1,100 to the gauss
/// let bus = SimBus::new([&part]);
/// let mut compass = Lsm303Dlhc::new(&bus, Range::Gauss1_3);
/// assert!(compass.start().is_ok());
/// assert_eq!(compass.read(), Ok([20_000, 0, 0])); // 0.2 gauss
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Lsm303Dlhc<I2C> {
    i2c: I2C,
    range: Range,
    step_xy: Ratio,
    step_z: Ratio,
    overflows: u8,
    is_known: bool,
    is_started: bool,
    /// Counts the measurements since the gain was set, up to 2.
    measured: u8,
}

#[maybe_async_cfg::maybe(idents(I2c(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Lsm303Dlhc<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, range: Range) -> Self {
        let (step_xy, step_z) = range.steps();
        Self {
            i2c,
            range,
            step_xy,
            step_z,
            overflows: 0,
            is_known: false,
            is_started: false,
            measured: 0,
        }
    }

    /// Identifies and configures the part; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the first two letters of its identity ("H4" is expected)
    /// where it is another part, [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.is_known = false;
        self.is_started = false;
        self.measured = 0;
        let identity: [u8; 3] = self.registers(wire::IDENTITY).await?;
        if identity != *b"H43" {
            let [first, second, _] = identity;
            return Err(Error::WrongPart(u16::from_be_bytes([first, second])));
        }
        // One register at a time: whether writing moves the pointer on is not stated.
        self.write([wire::CONFIGURATION_A, wire::RATE_75_HZ]).await?;
        self.write([wire::CONFIGURATION_B, self.range as u8]).await?;
        self.is_known = true;
        Ok(())
    }

    /// Returns the bus handle; the part sleeps after its last measurement.
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
        self.i2c.write_read(ADDRESS, &[first], &mut bytes).await.map_err(Error::Bus)?;
        Ok(bytes)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<3> for Lsm303Dlhc<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_known {
            self.init().await?;
        }
        self.write([wire::MODE, wire::SINGLE]).await?;
        self.is_started = true;
        Ok(wire::DLHC_WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        // Reading does not clear the part's flag, so that it is asked only once.
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let [status] = self.registers(wire::STATUS).await?;
        // The configuration lies before the mode and the axes, which come in the order X, Z, Y.
        let [rate, range, _, x_high, x_low, z_high, z_low, y_high, y_low] =
            self.registers(wire::CONFIGURATION_A).await?;
        if [rate, range] != [wire::RATE_75_HZ, self.range as u8] {
            self.is_known = false;
            self.is_started = false;
            return Err(Error::Restarted);
        }
        if status & wire::DATA_READY == 0 {
            return Err(Error::NotReady);
        }
        let axes = [[x_high, x_low], [y_high, y_low], [z_high, z_low]].map(i16::from_be_bytes);
        self.is_started = false;
        self.measured = (self.measured + 1).min(2);
        self.overflows = wire::overflows(axes);
        let [x, y, z] = axes;
        Ok([self.step_xy.times(x), self.step_xy.times(y), self.step_z.times(z)])
    }

    fn quality(&self, output: usize) -> Quality {
        match self.overflows.checked_shr(output as u32) {
            Some(bits) if bits & 1 != 0 => Quality::OverRange,
            _ if self.measured < 2 && self.range != Range::Gauss1_3 => Quality::Suspect,
            _ => Quality::Good,
        }
    }
}
