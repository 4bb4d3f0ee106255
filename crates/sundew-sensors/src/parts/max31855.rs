//! Maxim `MAX31855`: a thermocouple and its cold end, over SPI.
//!
//! After datasheet 19-5793 revision 5; the letter at the end of the name says for which type of
//! thermocouple. SPI mode 0, at most 5 MHz. The part only sends; there is nothing to configure.
//!
//! It measures all the time, ten times a second, and always answers with the last value; a read
//! sooner than the time that `start` returns gives the one before, and nothing tells. An open or
//! shorted thermocouple is [`Error::Defect`] with bit 0 (open), 1 (short to ground) or 2 (short to
//! the supply). There is no checksum and no identity: bits that are always 0 and flags that contradict
//! each other are [`Error::Frame`], and so is a frame of nothing but 0, since a missing part looks
//! like that (a true one, 0.00 Cel at both ends, is lost).
//!
//! **The hot end is a straight line.** The part takes a thermocouple for linear, which is good to
//! 2 K from -200 to 700 Cel (K), and off by more beyond and for other types. To do better, take the
//! voltage back out with [`Kind::microvolts`] and convert it with the tables of ITS-90, which
//! `sundew_units::transform` builds, adding that of the cold end.

mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::spi::SpiDevice;
#[cfg(feature = "async")]
use embedded_hal_async::spi::SpiDevice as SpiDeviceAsync;
use sundew_units::Quantity;
pub use wire::Kind;

/// Describes the two values, hot end and cold end: hundredths of a degree Celsius.
pub const OUTPUTS: [Output; 2] = [Output::new(Quantity::Temperature, -2); 2];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "max31855",
    parts: "MAX31855",
    bus: Bus::Spi,
    outputs: &OUTPUTS,
    accuracy: &["±2 Cel (maximum, K, -200 to 700 Cel)", "±2 Cel (maximum, -20 to 85 Cel)"],
    blocking: "0.03 ms at 1 MHz",
};

/// Drives one part, which measures the hot end in 0.25 Cel and the cold one in 0.0625 Cel.
///
/// The hot end is exact; the steps of the cold one are rounded to the nearest hundredth, halves
/// upwards: at most 0.5 of the last place off.
///
/// *Blocking time*: none in `start`, one transfer of 4 bytes in `read` (0.03 ms at 1 MHz).
///
/// *Cancel safety* (async): nothing is lost but the measurement.
///
/// *RAM*: the bus handle and 1 byte.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::max31855::{Kind, Max31855};
/// use sundew_testkit::{SimSpi, SimSpiFrame};
///
/// let part = SimSpiFrame::new([0x06, 0x4C, 0x19, 0x00]);
/// let spi = SimSpi::new(&part);
/// let mut sensor = Max31855::new(&spi);
/// assert_eq!(sensor.start(), Ok(101)); // milliseconds to do something else
/// let ends = sensor.read().unwrap();
/// assert_eq!(ends, [10_075, 2_500]);
/// assert_eq!(Kind::K.microvolts(ends), 3_127); // 75.75 K at 41.276 uV
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Max31855<SPI> {
    spi: SPI,
    is_started: bool,
}

#[maybe_async_cfg::maybe(idents(SpiDevice(sync)), sync(keep_self), async(feature = "async"))]
impl<SPI: SpiDevice> Max31855<SPI> {
    /// Takes a device on the bus; nothing is sent yet.
    pub const fn new(spi: SPI) -> Self {
        Self { spi, is_started: false }
    }

    /// Returns the device; the part goes on measuring.
    pub fn release(self) -> SPI {
        self.spi
    }
}

#[maybe_async_cfg::maybe(
    idents(SpiDevice(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<SPI: SpiDevice> Sensor<2> for Max31855<SPI> {
    type Error = Error<SPI::Error>;

    const OUTPUTS: [Output; 2] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.is_started = true;
        Ok(wire::WAIT_MS)
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        if !self.is_started {
            return Err(Error::NotReady);
        }
        let mut frame = [0; 4];
        self.spi.read(&mut frame).await.map_err(Error::Bus)?;
        self.is_started = false;
        match wire::values(u32::from_be_bytes(frame)) {
            wire::Frame::Values(values) => Ok(values),
            wire::Frame::Faults(faults) => Err(Error::Defect(faults)),
            wire::Frame::Nonsense => Err(Error::Frame),
        }
    }
}
