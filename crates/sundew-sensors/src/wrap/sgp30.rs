//! Sensirion `SGP30` by the crate `sgp30`: equivalent carbon dioxide and volatile organics.
//!
//! The crate checks the checksums and gives integers. Its 12 ms of waiting are taken out by
//! [`Split`]; only the first `start` waits inside, 10 ms for the command that begins to measure.
//!
//! The part wants to be read once a second, for its baseline: the loop must see to that. For the
//! first 15 readings it gives 400 ppm and 0 ppb, which are marked as uncalibrated. Baseline and
//! humidity are not driven.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::wrap::{Split, SplitError};
use crate::{Error, Output, Sensor};
use ::sgp30::Sgp30 as Driver;
#[cfg(feature = "async")]
use ::sgp30::Sgp30Async as DriverAsync;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
#[cfg(feature = "async")]
use embedded_hal_async::{delay::DelayNs as DelayNsAsync, i2c::I2c as I2cAsync};
use sundew_units::{Quality, Quantity};

/// Describes the two values: carbon dioxide in ppm, volatile organics in ppb.
pub const OUTPUTS: [Output; 2] =
    [Output::new(Quantity::CarbonDioxide, -6), Output::new(Quantity::VolatileOrganics, -9)];

/// Counts the readings of 1 s for which the part gives fixed values.
const WARMING: u8 = 15;

/// Drives one part by another crate's driver.
///
/// *Blocking time*: one transfer of 2 bytes in `start`, at first with 10 ms more; one of 7 in `read`.
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running.
///
/// *RAM*: 3 handles and 6 bytes.
///
/// ```
/// use sundew_sensors::wrap::{Split, sgp30::Sgp30};
/// use sundew_sensors::Sensor;
/// use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
///
/// let clock = SimClock::new();
/// let measure = WordCommand::new(0x2008).lasting(12_000);
/// let part = SimWords::new(&clock, 0x58, [WordCommand::new(0x2003).lasting(10_000), measure]);
/// part.set_answer(0x2008, &[850, 120]);
/// let bus = SimBus::new([&part]);
///
/// let split = Split::new(&bus, &clock);
/// let mut air = Sgp30::new(&split);
/// clock.advance_millis(air.start().unwrap());
/// assert_eq!(air.read(), Ok([850, 120])); // ppm, ppb
/// ```
#[maybe_async_cfg::maybe(idents(Driver(sync)), sync(keep_self), async(feature = "async"))]
pub struct Sgp30<'s, I2C, D> {
    split: &'s Split<I2C, D>,
    driver: Driver<&'s Split<I2C, D>, &'s Split<I2C, D>>,
    is_initialized: bool,
    is_begun: bool,
    /// Counts the readings that are still fixed ones.
    warming: u8,
}

#[maybe_async_cfg::maybe(
    idents(Driver(sync), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<'s, I2C: I2c, D: DelayNs> Sgp30<'s, I2C, D> {
    /// Takes a bus and a delay; nothing is sent yet.
    pub fn new(split: &'s Split<I2C, D>) -> Self {
        Self {
            split,
            driver: Driver::new(split, 0x58, split),
            is_initialized: false,
            is_begun: false,
            warming: WARMING,
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, D: DelayNs> Sensor<2> for Sgp30<'_, I2C, D> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if !self.is_initialized {
            self.split.through();
            self.driver.force_init().await.map_err(error)?;
            self.is_initialized = true;
            self.warming = WARMING;
        }
        self.is_begun = false;
        self.split.begin();
        match self.driver.measure().await {
            Err(_) if self.split.is_paused() => {
                self.is_begun = true;
                Ok(13)
            }
            result => {
                self.is_initialized = false;
                Err(result.err().map_or(Error::NotReady, error))
            }
        }
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if !core::mem::take(&mut self.is_begun) {
            return Err(Error::NotReady);
        }
        self.split.resume();
        let air = self.driver.measure().await.map_err(|found| {
            // What does not answer may have lost its supply, and forgotten to measure.
            self.is_initialized = matches!(found, ::sgp30::Error::Crc);
            error(found)
        })?;
        self.warming = self.warming.saturating_sub(1);
        Ok([i32::from(air.co2eq_ppm), i32::from(air.tvoc_ppb)])
    }

    fn quality(&self, _output: usize) -> Quality {
        if self.warming > 0 { Quality::Uncalibrated } else { Quality::Good }
    }
}

/// Returns what this crate says of the other one's error.
fn error<E>(error: ::sgp30::Error<SplitError<E>>) -> Error<E> {
    match error {
        // Version 1.1.0 mixes the two up where a read fails.
        ::sgp30::Error::I2cWrite(error) | ::sgp30::Error::I2cRead(error) => error.into_error(),
        ::sgp30::Error::Crc => Error::Checksum,
        ::sgp30::Error::NotInitialized => Error::NotReady,
    }
}
