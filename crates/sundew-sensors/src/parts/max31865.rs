//! Maxim `MAX31865`: a platinum thermometer (Pt100, Pt1000) of two, three or four wires, over SPI.
//!
//! After datasheet 19-6478 revision 3. SPI mode 1 or 3, at most 5 MHz. Not driven: the fault detection
//! cycle, the thresholds (they stay at the ends of the scale) and the pin DRDY.
//!
//! The part converts all the time while it is started. A single conversion would have to wait for
//! the input filter between switching the bias on and triggering, in the middle of `start`; instead,
//! the first wait covers the filter, and [`Max31865::sleep`] takes the current off the thermometer
//! until the next start, so that it does not heat itself.
//!
//! A fault that the part finds is [`Error::Defect`] with its fault register: bit 7 (resistance at
//! the upper end: a broken wire), 6 (at the lower end: a short), 5 to 3 (reference or inputs
//! out of place), 2 (over- or undervoltage). There is no identity and no checksum: a part that does not
//! keep its configuration is [`Error::WrongPart`] at first, and later [`Error::Restarted`].

mod thermometer;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::spi::SpiDevice;
#[cfg(feature = "async")]
use embedded_hal_async::spi::SpiDevice as SpiDeviceAsync;
use sundew_units::Quantity;
pub use thermometer::Thermometer;
#[cfg(feature = "async")]
pub use thermometer::ThermometerAsync;
pub use wire::{Config, Mains, Wires};

/// Describes the one value: milliohms.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::Resistance, -3)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "max31865",
    parts: "MAX31865",
    bus: Bus::Spi,
    outputs: &OUTPUTS,
    accuracy: &["±0.05 % of the reference (maximum)"],
    blocking: "0.14 ms at 1 MHz",
};

/// Drives one part, which measures a resistance in 0.001 ohm.
///
/// The steps are the reference / 32,768 (12 milliohms for 400 ohm); each value is at most 0.5 of the
/// last place off what the reference's nominal resistance gives.
///
/// *Blocking time*: none in `start` but the first, which configures the part (three transfers of 2
/// bytes); one transfer of 9 bytes in `read` (0.08 ms at 1 MHz).
///
/// *Cancel safety* (async): a future that is dropped changes nothing but the configuration, and the
/// next `start` completes that.
///
/// *RAM*: the bus handle and 12 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::max31865::{Config, Mains, Max31865, Wires};
/// use sundew_testkit::{SimSpi, SimSpiRegisters, TopBit};
///
/// let part = SimSpiRegisters::<8>::new(TopBit::Writes);
/// part.on_write(|part, register| part.set(register, &[part.register(register) & !0x02]));
/// let spi = SimSpi::new(&part);
/// let config = Config::new(400_000, Wires::Four, Mains::Hz50)?; // a reference of 400 ohm
/// let mut sensor = Max31865::new(&spi, config);
/// assert_eq!(sensor.start(), Ok(88)); // milliseconds to do something else
/// part.set(1, &[0x40, 0x00]);
/// assert_eq!(sensor.read(), Ok([100_000])); // 100 ohm
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Max31865<SPI> {
    spi: SPI,
    config: Config,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(SpiDevice(sync)), sync(keep_self), async(feature = "async"))]
impl<SPI: SpiDevice> Max31865<SPI> {
    /// Takes a device on the bus; nothing is sent yet.
    pub const fn new(spi: SPI, config: Config) -> Self {
        Self { spi, config, is_started: false }
    }

    /// Configures the part and lets it convert; the first `start` does so by itself.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WrongPart`] with the configuration read back where it is not the one that
    /// was written (0x00 or 0xFF: no part at all), [`Error::Bus`] where the bus fails.
    pub async fn init(&mut self) -> Result<(), Error<SPI::Error>> {
        self.is_started = false;
        // The filter must not change while the part converts, so that comes first.
        self.write(self.config.idle() | wire::CLEAR_FAULTS).await?;
        self.write(self.config.converting()).await?;
        let mut bytes = [wire::CONFIGURATION, 0];
        self.spi.transfer_in_place(&mut bytes).await.map_err(Error::Bus)?;
        let [_, found] = bytes;
        if found != self.config.converting() {
            return Err(Error::WrongPart(u16::from(found)));
        }
        self.is_started = true;
        Ok(())
    }

    /// Stops converting and takes the current off the thermometer, until the next start.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the bus fails.
    pub async fn sleep(&mut self) -> Result<(), Error<SPI::Error>> {
        self.is_started = false;
        self.write(self.config.idle()).await
    }

    /// Returns the device; the part goes on as it is.
    pub fn release(self) -> SPI {
        self.spi
    }

    async fn write(&mut self, configuration: u8) -> Result<(), Error<SPI::Error>> {
        let bytes = [wire::CONFIGURATION | wire::WRITE, configuration];
        self.spi.write(&bytes).await.map_err(Error::Bus)
    }
}

#[maybe_async_cfg::maybe(
    idents(SpiDevice(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<SPI: SpiDevice> Sensor<1> for Max31865<SPI> {
    type Error = Error<SPI::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.is_started {
            return Ok(self.config.wait_ms());
        }
        self.init().await?;
        Ok(self.config.first_wait_ms())
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        // All registers at once, so that configuration, resistance and faults belong together.
        let mut bytes = [wire::CONFIGURATION; 9];
        self.spi.transfer_in_place(&mut bytes).await.map_err(Error::Bus)?;
        let [_, configuration, high, low, _, _, _, _, faults] = bytes;
        if configuration != self.config.converting() {
            self.is_started = false;
            return Err(Error::Restarted);
        }
        if low & wire::FAULT != 0 {
            // The next start clears the faults.
            self.is_started = false;
            return Err(Error::Defect(faults));
        }
        Ok([self.config.milliohms([high, low])])
    }
}
