//! The part with a conversion from resistance to temperature behind it.

#[cfg(feature = "async")]
use super::Max31865Async;
use super::{Config, Max31865};
#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Error, Output, Sensor};
use embedded_hal::spi::SpiDevice;
#[cfg(feature = "async")]
use embedded_hal_async::spi::SpiDevice as SpiDeviceAsync;
use sundew_units::{Quality, Quantity, Transform};

/// Drives one part, which measures temperature in 0.01 Cel, and resistance in 0.001 ohm besides.
///
/// The conversion `T` takes milliohms and gives hundredths of a degree Celsius; its error adds to that
/// of the resistance, and its marks become those of the temperature.
///
/// Blocking time and cancel safety are those of [`Max31865`]. *RAM*: what that takes, the
/// conversion and 1 byte.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::max31865::{Config, Mains, Thermometer, Wires};
/// use sundew_testkit::{SimSpi, SimSpiRegisters, TopBit};
/// use sundew_units::transform::{Affine, Table, Then, platinum};
///
/// // A Pt100: the table takes 8,192 for its 100 ohm at 0 Cel.
/// const PT100: Then<Affine, Table<i32, 33, 10>> =
///     Then::new(Affine::ratio(8_192, 100_000), platinum());
///
/// let part = SimSpiRegisters::<8>::new(TopBit::Writes);
/// part.on_write(|part, register| part.set(register, &[part.register(register) & !0x02]));
/// let spi = SimSpi::new(&part);
/// let config = Config::new(400_000, Wires::Four, Mains::Hz50)?;
/// let mut sensor = Thermometer::new(&spi, config, PT100);
/// assert!(sensor.start().is_ok());
/// part.set(1, &[0x58, 0xA4]);
/// let [temperature, resistance] = sensor.read().unwrap();
/// assert!((temperature - 10_000).abs() <= 5); // 100 Cel
/// assert_eq!(resistance, 138_501);
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[maybe_async_cfg::maybe(idents(Max31865(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Thermometer<SPI, T> {
    part: Max31865<SPI>,
    transform: T,
    quality: Quality,
}

#[maybe_async_cfg::maybe(
    idents(Max31865(sync), SpiDevice(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<SPI: SpiDevice, T: Transform> Thermometer<SPI, T> {
    /// Takes a device on the bus; nothing is sent yet.
    pub const fn new(spi: SPI, config: Config, transform: T) -> Self {
        Self { part: Max31865::new(spi, config), transform, quality: Quality::Good }
    }

    /// Returns the driver of the part alone, to let it sleep for instance.
    pub const fn part(&mut self) -> &mut Max31865<SPI> {
        &mut self.part
    }
}

#[maybe_async_cfg::maybe(
    idents(Max31865(sync), SpiDevice(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<SPI: SpiDevice, T: Transform> Sensor<2> for Thermometer<SPI, T> {
    type Error = Error<SPI::Error>;

    const OUTPUTS: [Output; 2] =
        [Output::new(Quantity::Temperature, -2), Output::new(Quantity::Resistance, -3)];

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.part.start().await
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        let [milliohms] = self.part.read().await?;
        let temperature = self.transform.apply(milliohms);
        self.quality = temperature.quality;
        Ok([temperature.mantissa, milliohms])
    }

    fn quality(&self, output: usize) -> Quality {
        if output == 0 { self.quality } else { Quality::Good }
    }
}
