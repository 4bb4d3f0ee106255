//! Sensirion `SCD30` by the crate `scd30-interface`: carbon dioxide, temperature, humidity.
//!
//! The crate checks the checksums and gives floats, as the part does; they are rounded here. It
//! reads the answer right after the command, for which the part asks for 3 ms ("Interface
//! Description SCD30", section 1.4): [`Split`] holds the read back, and the wrapper waits for 4 ms.
//! The part measures every 2 s by itself; interval, pressure and calibration are left as they are.
//! For targets of 32 bits.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::wrap::{Split, SplitError, rounded};
use crate::{Error, Output, Sensor};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, I2c};
#[cfg(feature = "async")]
use embedded_hal_async::{delay::DelayNs as DelayNsAsync, i2c::I2c as I2cAsync};
#[cfg(feature = "async")]
use scd30_interface::asynch::Scd30 as DriverAsync;
use scd30_interface::blocking::Scd30 as Driver;
use scd30_interface::data::DataStatus;
use scd30_interface::error::{DataError, Scd30Error};
use sundew_units::Quantity;

/// Describes the three values: ppm, hundredths of a degree Celsius, hundredths of a percent.
pub const OUTPUTS: [Output; 3] = [
    Output::new(Quantity::CarbonDioxide, -6),
    Output::new(Quantity::Temperature, -2),
    Output::new(Quantity::RelativeHumidity, -2),
];

/// Drives one part by another crate's driver.
///
/// A value that is no number is [`Error::Frame`]; the part gives such after it was powered.
///
/// *Blocking time*: at first one transfer of 6 bytes in `start`; in `read` 8 ms of waiting and 28
/// bytes (2.6 ms at 100 kHz; the part allows clock stretching of 30 ms, and knows it up to 150).
///
/// *Cancel safety* (async): the next `read` begins anew.
///
/// *RAM*: 2 handles and 1 byte.
///
/// ```
/// use sundew_sensors::wrap::{Split, scd30::Scd30};
/// use sundew_sensors::Sensor;
/// use sundew_testkit::{SimBus, SimClock, SimWords, WordCommand};
///
/// let clock = SimClock::new();
/// let ready = WordCommand::new(0x0202).lasting(3_000).answering(1);
/// let trigger = WordCommand::new(0x0010).taking(1);
/// let part = SimWords::new(
///     &clock,
///     0x61,
///     [trigger, ready, WordCommand::new(0x0300).lasting(3_000)],
/// );
/// // 439.09515 ppm, 27.23828 Cel, 48.806744 %RH
/// part.set_answer(0x0300, &[0x43DB, 0x8C2E, 0x41D9, 0xE7FF, 0x4243, 0x3A1B]);
/// let bus = SimBus::new([&part]);
///
/// let split = Split::new(&bus, &clock);
/// let mut room = Scd30::new(&split);
/// clock.advance_millis(room.start().unwrap());
/// assert_eq!(room.read(), Ok([439, 2_724, 4_881]));
/// ```
#[maybe_async_cfg::maybe(idents(Driver(sync)), sync(keep_self), async(feature = "async"))]
pub struct Scd30<'s, I2C, D> {
    split: &'s Split<I2C, D>,
    driver: Driver<&'s Split<I2C, D>>,
    is_running: bool,
}

#[maybe_async_cfg::maybe(
    idents(Driver(sync), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<'s, I2C: I2c, D: DelayNs> Scd30<'s, I2C, D> {
    /// Takes a bus and a delay; nothing is sent yet.
    pub fn new(split: &'s Split<I2C, D>) -> Self {
        Self { split, driver: Driver::new(split), is_running: false }
    }

    /// Keeps the time between a command that was sent and its answer.
    async fn pause(&mut self) {
        self.split.through();
        let mut delay = self.split;
        DelayNs::delay_ms(&mut delay, 4).await;
        self.split.resume();
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, D: DelayNs> Sensor<3> for Scd30<'_, I2C, D> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 3] = OUTPUTS;

    /// Lets the part measure, at first and after an error; its first value takes 2 s.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.is_running {
            return Ok(0);
        }
        self.split.through();
        self.driver.trigger_continuous_measurements(None).await.map_err(error)?;
        self.is_running = true;
        Ok(2_300)
    }

    async fn read(&mut self) -> Result<[i32; 3], Self::Error> {
        if !core::mem::take(&mut self.is_running) {
            return Err(Error::NotReady);
        }
        self.split.begin();
        match self.driver.is_data_ready().await {
            Err(_) if self.split.is_paused() => self.pause().await,
            result => return Err(result.err().map_or(Error::NotReady, error)),
        }
        if self.driver.is_data_ready().await.map_err(error)? == DataStatus::NotReady {
            self.is_running = true;
            return Err(Error::NotReady);
        }
        self.split.begin();
        match self.driver.read_measurement().await {
            Err(_) if self.split.is_paused() => self.pause().await,
            result => return Err(result.err().map_or(Error::NotReady, error)),
        }
        let air = self.driver.read_measurement().await.map_err(error)?;
        self.is_running = true;
        let values = [
            rounded(air.co2_concentration, 0),
            rounded(air.temperature, -2),
            rounded(air.humidity, -2),
        ];
        match values {
            [Some(carbon_dioxide), Some(temperature), Some(humidity)] => {
                Ok([carbon_dioxide, temperature, humidity])
            }
            _ => Err(Error::Frame),
        }
    }
}

/// Returns what this crate says of the other one's error.
fn error<E: i2c::Error>(error: Scd30Error<SplitError<E>>) -> Error<E> {
    match error {
        Scd30Error::I2cError(error) => error.into_error(),
        Scd30Error::DataError(DataError::CrcFailed) => Error::Checksum,
        _ => Error::Frame,
    }
}
