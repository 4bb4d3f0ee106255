//! Bosch `BME680` and `BME688` by the crate `bosch-bme680`: temperature, humidity, pressure, gas.
//!
//! The crate computes in floats, as Bosch's code does; they are rounded here. A measurement takes
//! a fifth of a second, of which 150 ms heat the gas sensor: [`Split`] takes that wait out.
//! Its docs call the pressure hectopascals; it gives pascals, as its tests have it.
//!
//! The part checks nothing on its bus, and the crate panics on a variant and on a mode that it does
//! not know. Both registers are looked at whenever they are read: 0xFF, as a bus without a part
//! reads, is [`Error::Frame`]. For targets of 32 bits.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::wrap::guard::Guarded;
use crate::wrap::{Split, SplitError, rounded};
use crate::{Error, Output, Sensor};
#[cfg(feature = "async")]
use bosch_bme680::AsyncBme680 as DriverAsync;
use bosch_bme680::{Bme680 as Driver, BmeError, Configuration, DeviceAddress};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorType, I2c};
#[cfg(feature = "async")]
use embedded_hal_async::{delay::DelayNs as DelayNsAsync, i2c::I2c as I2cAsync};
use sundew_units::{Quality, Quantity};

/// Describes the four values: hundredths of a degree Celsius and of a percent, pascals, ohms.
pub const OUTPUTS: [Output; 4] = [
    Output::new(Quantity::Temperature, -2),
    Output::new(Quantity::RelativeHumidity, -2),
    Output::new(Quantity::AirPressure, 0),
    Output::new(Quantity::Resistance, 0),
];

/// Names the address that the pin SDO chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x76: SDO low.
    X76 = 0x76,
    /// Names 0x77: SDO high.
    X77 = 0x77,
}

impl Address {
    const fn theirs(self) -> DeviceAddress {
        match self {
            Self::X76 => DeviceAddress::Primary,
            Self::X77 => DeviceAddress::Secondary,
        }
    }
}

const CHIP_ID: u8 = 0xD0;
const BME680: u8 = 0x61;
const VARIANT: u8 = 0xF0;
/// Holds the mode in its two lowest bits.
const CONTROL: u8 = 0x74;
/// Covers 150 ms of heating and the conversions, 42.6 ms by the times in Bosch's code, and a tenth.
const WAIT_MS: u32 = 213;

/// Drives one part by another crate's driver.
///
/// Oversampling is 2, 16 and 1 for temperature, pressure and humidity; the heater has 300 Cel for
/// 150 ms. A gas resistance that the part does not vouch for is 0 and a [`Quality::Fault`].
///
/// *Blocking time*: at first `init`, 10 ms and some 15 transfers; else in `start` 5 bytes, in `read`
/// 20 bytes (1.9 ms at 100 kHz).
///
/// *Cancel safety* (async): a future that is dropped leaves at most a measurement running.
///
/// *RAM*: 4 handles and 88 bytes.
///
/// ```
/// use sundew_sensors::wrap::{Split, bme680::{Address, Bme680}};
/// use sundew_sensors::Sensor;
/// use sundew_testkit::{Increment, SimBus, SimClock, SimRegisters};
///
/// let clock = SimClock::new();
/// let part = SimRegisters::<256, 1>::new(0x77, Increment::Always);
/// // The identity, two of its coefficients, and a temperature that is there at once.
/// for (register, byte) in [(0xD0, 0x61), (0x8A, 0x28), (0x8B, 0x68), (0xE9, 0x56), (0xEA, 0x65)] {
///     part.set(register, [byte]);
/// }
/// for (register, byte) in [(0x1D, 0x80), (0x22, 0x75), (0x23, 0xC0), (0x24, 0x50)] {
///     part.set(register, [byte]);
/// }
/// let bus = SimBus::new([&part]);
///
/// let split = Split::new(&bus, &clock);
/// let mut room = Bme680::new(&split, Address::X77);
/// clock.advance_millis(room.start().unwrap());
/// part.set(0x74, [0]); // it is through, and sleeps
/// let [temperature, ..] = room.read().unwrap();
/// assert_eq!(temperature, 2_137); // 21.37 Cel
/// ```
#[maybe_async_cfg::maybe(idents(Driver(sync)), sync(keep_self), async(feature = "async"))]
#[expect(clippy::type_complexity, reason = "the same handle as bus and as delay")]
pub struct Bme680<'s, I2C, D> {
    split: &'s Split<I2C, D>,
    address: Address,
    driver: Option<Driver<Guarded<&'s Split<I2C, D>>, &'s Split<I2C, D>>>,
    is_begun: bool,
    has_gas: bool,
}

#[maybe_async_cfg::maybe(
    idents(connect(sync, async = "connect_async"), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<'s, I2C: I2c, D: DelayNs> Bme680<'s, I2C, D> {
    /// Takes a bus and a delay; nothing is sent yet.
    pub const fn new(split: &'s Split<I2C, D>, address: Address) -> Self {
        Self { split, address, driver: None, is_begun: false, has_gas: false }
    }

    /// Looks for the part, reads its calibration and configures it; `start` does so where needed.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where nothing answers, and [`Error::WrongPart`] with identity and
    /// variant where they are others.
    pub async fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.split.through();
        self.is_begun = false;
        let chip = self.register(CHIP_ID).await?;
        let variant = self.register(VARIANT).await?;
        if chip != BME680 || variant > 1 {
            return Err(Error::WrongPart(u16::from_be_bytes([chip, variant])));
        }
        self.driver = Some(connect(self.split, self.address).await?);
        Ok(())
    }

    async fn register(&mut self, register: u8) -> Result<u8, Error<I2C::Error>> {
        let mut byte = [0];
        let mut bus = self.split;
        let read = I2c::write_read(&mut bus, self.address as u8, &[register], &mut byte).await;
        read.map_err(SplitError::into_error)?;
        let [byte] = byte;
        Ok(byte)
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync), I2c(sync), DelayNs(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<I2C: I2c, D: DelayNs> Sensor<4> for Bme680<'_, I2C, D> {
    type Error = Error<I2C::Error>;

    const OUTPUTS: [Output; 4] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.driver.is_none() {
            self.init().await?;
        }
        let driver = self.driver.as_mut().ok_or(Error::NotReady)?;
        self.split.begin();
        let paused = driver.measure().await;
        self.is_begun = self.split.is_paused();
        if self.is_begun {
            return Ok(WAIT_MS);
        }
        self.driver = None;
        Err(paused.err().map_or(Error::NotReady, error))
    }

    async fn read(&mut self) -> Result<[i32; 4], Self::Error> {
        let driver = self.driver.as_mut().filter(|_| self.is_begun).ok_or(Error::NotReady)?;
        self.is_begun = false;
        self.split.resume();
        let air = match driver.measure().await {
            Ok(air) => air,
            Err(found) => {
                self.driver = None;
                return Err(error(found));
            }
        };
        self.has_gas = air.gas_resistance.is_some();
        let values = [
            rounded(air.temperature, -2),
            rounded(air.humidity, -2),
            rounded(air.pressure, 0),
            rounded(air.gas_resistance.unwrap_or(0.0), 0),
        ];
        match values {
            [Some(temperature), Some(humidity), Some(pressure), Some(gas)] => {
                Ok([temperature, humidity, pressure, gas])
            }
            _ => Err(Error::Frame),
        }
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 3 && !self.has_gas { Quality::Fault } else { Quality::Good }
    }
}

/// Starts the blocking driver, which talks to the part as it is made.
#[expect(clippy::type_complexity, reason = "the same handle as bus and as delay")]
fn connect<I2C: I2c, D: DelayNs>(
    split: &Split<I2C, D>,
    address: Address,
) -> Result<Driver<Guarded<&Split<I2C, D>>, &Split<I2C, D>>, Error<I2C::Error>> {
    let bus = Guarded::new(split, is_known);
    Driver::new(bus, address.theirs(), split, &Configuration::default(), 20).map_err(error)
}

/// Starts the async driver, which is made first and talks afterwards.
#[cfg(feature = "async")]
#[allow(clippy::type_complexity, reason = "the same handle as bus and as delay")]
async fn connect_async<I2C: I2cAsync, D: DelayNsAsync>(
    split: &Split<I2C, D>,
    address: Address,
) -> Result<DriverAsync<Guarded<&Split<I2C, D>>, &Split<I2C, D>>, Error<I2C::Error>> {
    let bus = Guarded::new(split, is_known);
    let mut driver = DriverAsync::new(bus, address.theirs(), split, 20);
    driver.initialize(&Configuration::default()).await.map_err(error)?;
    Ok(driver)
}

/// Returns whether the crate knows what a register holds: it panics on a third variant, and on a
/// mode that is neither sleep nor forced.
fn is_known(_: &mut u16, register: u8, bytes: &[u8]) -> bool {
    match (register, bytes) {
        (VARIANT, [variant]) => *variant <= 1,
        (CONTROL, [control]) => control & 0b11 <= 1,
        _ => true,
    }
}

/// Returns what this crate says of the other one's error.
#[allow(clippy::match_wildcard_for_single_variants, reason = "async adds one to the two")]
fn error<I2C: ErrorType, D>(error: BmeError<Guarded<&Split<I2C, D>>>) -> Error<I2C::Error> {
    match error {
        BmeError::WriteError(error) | BmeError::WriteReadError(error) => {
            error.into_error(SplitError::into_error)
        }
        BmeError::UnexpectedChipId(found) => Error::WrongPart(u16::from(found)),
        _ => Error::NotReady,
    }
}
