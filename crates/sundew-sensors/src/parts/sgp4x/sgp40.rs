//! The `SGP40`: one signal.

use super::wire::{self, WARM_UP};
use crate::parts::sensirion::{self, Port};
use crate::{Error, Output, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::sensirion::PortAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quality;

const OUTPUTS: [Output; 1] = {
    let [organics, _] = super::OUTPUTS;
    [organics]
};

/// Drives an `SGP40`, which measures the raw signal of organic compounds in ticks.
///
/// *Blocking time*: one transfer of 9 bytes in `start`, one of 4 in `read` (1.2 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running, which
/// is [`Error::NotReady`] or the result of a later `read`.
///
/// *RAM*: the bus handle and 6 bytes.
#[maybe_async_cfg::maybe(idents(Port(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Sgp40<I2C> {
    port: Port<I2C>,
    air: [u16; 2],
    measured: u8,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Port(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Sgp40<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C) -> Self {
        let port = Port { i2c, address: wire::ADDRESS };
        Self { port, air: wire::NO_COMPENSATION, measured: 0 }
    }

    /// Says what the air is like from now on, in hundredths of a degree Celsius and of a percent.
    ///
    /// The part takes the influence of humidity out then; else the signal follows that too.
    pub fn set_air(&mut self, centi_celsius: i32, centi_percent: i32) {
        self.air = wire::arguments(centi_celsius, centi_percent);
    }

    /// Takes the air for one of 25 Cel and 50 %RH again, which leaves the compensation off.
    pub const fn clear_air(&mut self) {
        self.air = wire::NO_COMPENSATION;
    }

    /// Returns the serial number, of 48 bits.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Checksum`] where the bytes are damaged, [`Error::NotReady`] where the part
    /// is busy, and [`Error::Bus`] where the bus fails.
    pub async fn serial_number(&mut self) -> Result<u64, Error<I2C::Error>> {
        let words = self.port.query(wire::SERIAL_NUMBER).await?;
        Ok(wire::serial_number(words))
    }

    /// Begins the self-test and returns the milliseconds to wait for
    /// [`read_self_test`](Self::read_self_test).
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn start_self_test(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.send(wire::SELF_TEST).await?;
        Ok(wire::SELF_TEST_MS)
    }

    /// Reads the result of the self-test.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Defect`] where the part found itself defective; else as
    /// [`serial_number`](Self::serial_number).
    pub async fn read_self_test(&mut self) -> Result<(), Error<I2C::Error>> {
        let [word] = self.port.read().await?;
        wire::defect_40(word).map_or(Ok(()), |bits| Err(Error::Defect(bits)))
    }

    /// Turns the hotplate off until the next measurement, and returns the milliseconds to wait
    /// before the part takes another command.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the part does not take the command.
    pub async fn turn_off(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.send(wire::TURN_OFF).await?;
        self.measured = 0;
        Ok(sensirion::SHORT_WAIT_MS)
    }

    /// Returns the bus handle; the hotplate stays as it is.
    pub fn release(self) -> I2C {
        self.port.i2c
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<1> for Sgp40<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.port.write(&sensirion::with_words(wire::MEASURE_40, self.air)).await?;
        Ok(wire::MEASURE_40_MS)
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        let result = self.port.read().await;
        if matches!(result, Err(Error::NotReady)) {
            self.measured = 0;
        }
        let [organics] = result?;
        self.measured = self.measured.saturating_add(1);
        Ok([i32::from(organics)])
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.measured > WARM_UP { Quality::Good } else { Quality::Uncalibrated }
    }
}
