//! The `SGP41`: two signals, and an element that wants to be conditioned.

use super::wire::{self, WARM_UP};
use crate::parts::sensirion::{self, Port};
use crate::{Error, Output, Sensor};
#[cfg(feature = "async")]
use crate::{SensorAsync, parts::sensirion::PortAsync};
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::i2c::I2c as I2cAsync;
use sundew_units::Quality;

/// Says whether the element for nitrogen oxides is conditioned after power-up.
///
/// The vendor recommends it for 10 s after each power-up, and warns that more damages the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Conditioning {
    /// Measures at once, such as after a restart of the firmware that the part slept through.
    Skipped,
    /// Conditions once: the first `start` begins it and returns the 9 s that it takes, and the
    /// `read` after it ends it with [`Error::NotReady`], since nothing is measured yet.
    ///
    /// Be there in time: one second later the element begins to suffer. A second `start` instead
    /// of the `read` ends it too.
    NineSeconds,
}

/// Drives an `SGP41`, which measures the raw signals of organic compounds and of nitrogen oxides
/// in ticks.
///
/// *Blocking time*: one transfer of 9 bytes in `start`, one of 7 in `read` (1.5 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running, which
/// is [`Error::NotReady`] or the result of a later `read`. One that is dropped while the element
/// is conditioned leaves that going on: start again within a second.
///
/// *RAM*: the bus handle and 8 bytes.
#[maybe_async_cfg::maybe(idents(Port(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Sgp41<I2C> {
    port: Port<I2C>,
    air: [u16; 2],
    measured: u8,
    conditioning: Conditioning,
    is_conditioning: bool,
}

#[maybe_async_cfg::maybe(idents(I2c(sync), Port(sync)), sync(keep_self), async(feature = "async"))]
impl<I2C: I2c> Sgp41<I2C> {
    /// Takes a bus handle; nothing is sent yet.
    pub const fn new(i2c: I2C, conditioning: Conditioning) -> Self {
        let port = Port { i2c, address: wire::ADDRESS };
        let air = wire::NO_COMPENSATION;
        Self { port, air, measured: 0, conditioning, is_conditioning: false }
    }

    /// Chooses what the next `start` does first; for a part whose supply was switched.
    pub const fn set_conditioning(&mut self, conditioning: Conditioning) {
        self.conditioning = conditioning;
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
    /// Returns [`Error::Defect`] where the part found itself defective, with bit 0 for the element for
    /// organic compounds and bit 1 for that for nitrogen oxides; else as
    /// [`serial_number`](Self::serial_number).
    pub async fn read_self_test(&mut self) -> Result<(), Error<I2C::Error>> {
        let [word] = self.port.read().await?;
        wire::defect_41(word).map_or(Ok(()), |bits| Err(Error::Defect(bits)))
    }

    /// Turns the hotplates off until the next measurement, and returns the milliseconds to wait
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

    /// Returns the bus handle; the hotplates stay as they are.
    pub fn release(self) -> I2C {
        self.port.i2c
    }

    async fn measure(&mut self) -> Result<u32, Error<I2C::Error>> {
        self.port.write(&sensirion::with_words(wire::MEASURE_41, self.air)).await?;
        self.is_conditioning = false;
        Ok(wire::MEASURE_41_MS)
    }
}

#[maybe_async_cfg::maybe(
    idents(I2c(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c> Sensor<2> for Sgp41<I2C> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = super::OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.conditioning == Conditioning::Skipped {
            return self.measure().await;
        }
        // Before the transfer: a future that is dropped in it may have begun it.
        self.conditioning = Conditioning::Skipped;
        self.is_conditioning = true;
        let bytes = sensirion::with_words(wire::CONDITION, wire::NO_COMPENSATION);
        let written = self.port.write(&bytes).await;
        if written.is_err() {
            self.conditioning = Conditioning::NineSeconds;
            self.is_conditioning = false;
        }
        written.map(|()| wire::CONDITION_MS)
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if self.is_conditioning {
            self.measure().await?;
            return Err(Error::NotReady);
        }
        let result = self.port.read().await;
        if matches!(result, Err(Error::NotReady)) {
            self.measured = 0;
        }
        let [organics, oxides] = result?;
        self.measured = self.measured.saturating_add(1);
        Ok([i32::from(organics), i32::from(oxides)])
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.measured > WARM_UP { Quality::Good } else { Quality::Uncalibrated }
    }
}
