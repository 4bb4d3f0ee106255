//! Registers, settings and timings; all pure.

use crate::ConfigError;

/// Points to the chip's number (datasheet, 5.4.1 "id").
pub(super) const ID: u8 = 0xD0;
/// Points to the first 26 bytes of calibration (4.2.2 "Trimming parameter readout").
pub(super) const CALIBRATION: u8 = 0x88;
/// Points to the calibration of humidity, 7 bytes (ibidem).
pub(super) const CALIBRATION_HUMIDITY: u8 = 0xE1;
/// Points to the oversampling of humidity (5.4.3 "`ctrl_hum`").
pub(super) const CONTROL_HUMIDITY: u8 = 0xF2;
/// Points to the state, and to everything up to the results behind it (5.3 "Memory map").
pub(super) const STATUS: u8 = 0xF3;
/// Points to the other oversamplings and the mode (5.4.5 "`ctrl_meas`").
pub(super) const CONTROL: u8 = 0xF4;
/// Points to the filter (5.4.6 "config").
pub(super) const CONFIG: u8 = 0xF5;

/// Says that the part still copies its calibration (5.4.4 "status").
pub(super) const STATUS_COPIES: u8 = 0x01;
const STATUS_MEASURES: u8 = 0x08;
const MODE_FORCED: u8 = 0x01;
/// What a register of 20 bits holds that was not measured (5.4.7), left-aligned in 24.
const NOTHING: u32 = 0x80_0000;

/// Chooses how many times a value is measured and averaged, between noise and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Oversampling {
    /// Measures once: the noise is 3.3 Pa and 0.005 Cel.
    X1 = 1,
    /// Measures twice.
    X2 = 2,
    /// Measures 4 times.
    X4 = 3,
    /// Measures 8 times.
    X8 = 4,
    /// Measures 16 times: the noise is 1.3 Pa without the filter and 0.2 Pa with the longest.
    X16 = 5,
}

impl TryFrom<u8> for Oversampling {
    type Error = ConfigError;

    /// Returns the setting for a number of measurements.
    fn try_from(times: u8) -> Result<Self, ConfigError> {
        Ok(match times {
            1 => Self::X1,
            2 => Self::X2,
            4 => Self::X4,
            8 => Self::X8,
            16 => Self::X16,
            _ => return Err(ConfigError::Setting),
        })
    }
}

/// Chooses the filter that smooths pressure and temperature over the measurements; a step of the
/// input is followed by three quarters in about as many of them as it is called after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Filter {
    /// Leaves each measurement as it is.
    Off = 0,
    /// Smooths over 2.
    X2 = 1,
    /// Smooths over 4.
    X4 = 2,
    /// Smooths over 8.
    X8 = 3,
    /// Smooths over 16.
    X16 = 4,
}

impl TryFrom<u8> for Filter {
    type Error = ConfigError;

    /// Returns the filter of a coefficient, where 0 and 1 switch it off.
    fn try_from(coefficient: u8) -> Result<Self, ConfigError> {
        Ok(match coefficient {
            0 | 1 => Self::Off,
            2 => Self::X2,
            4 => Self::X4,
            8 => Self::X8,
            16 => Self::X16,
            _ => return Err(ConfigError::Setting),
        })
    }
}

/// Says how a part measures; every value always is.
///
/// ```
/// use sundew_sensors::bme280::{Config, Filter, Oversampling};
///
/// // "Indoor navigation" of the datasheet, 3.5.3, but for the standby time.
/// const INDOOR: Config = Config::WEATHER
///     .pressure(Oversampling::X16)
///     .temperature(Oversampling::X2)
///     .filter(Filter::X16);
/// assert_ne!(INDOOR, Config::WEATHER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    temperature: Oversampling,
    pressure: Oversampling,
    humidity: Oversampling,
    filter: Filter,
}

impl Config {
    /// Measures each value once without a filter, as the datasheet advises for weather (3.5.1).
    pub const WEATHER: Self = Self {
        temperature: Oversampling::X1,
        pressure: Oversampling::X1,
        humidity: Oversampling::X1,
        filter: Filter::Off,
    };

    /// Sets how often temperature is measured.
    #[must_use]
    pub const fn temperature(self, temperature: Oversampling) -> Self {
        Self { temperature, ..self }
    }

    /// Sets how often pressure is measured.
    #[must_use]
    pub const fn pressure(self, pressure: Oversampling) -> Self {
        Self { pressure, ..self }
    }

    /// Sets how often humidity is measured; a `BMP280` has none and takes no notice.
    #[must_use]
    pub const fn humidity(self, humidity: Oversampling) -> Self {
        Self { humidity, ..self }
    }

    /// Sets the filter.
    #[must_use]
    pub const fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    pub(super) const fn control_humidity(self) -> u8 {
        self.humidity as u8
    }

    /// Returns what begins one measurement.
    pub(super) const fn control(self) -> u8 {
        (self.temperature as u8) << 5 | (self.pressure as u8) << 2 | MODE_FORCED
    }

    pub(super) const fn config(self) -> u8 {
        (self.filter as u8) << 2
    }

    /// Returns whether a part shows these settings, asleep as it is after each measurement.
    const fn is_shown_by(self, control: u8, config: u8) -> bool {
        control == self.control() & !MODE_FORCED && config & 0x1C == self.config()
    }

    /// Returns the wait of a measurement (appendix 9.1, maximum): 1.25 ms, 2.3 ms for each single
    /// measurement, 0.575 ms for each of pressure and humidity.
    ///
    /// Rounded up, and one millisecond more: a clock that counts them may tick just after the
    /// start, and then its first millisecond is none.
    pub(super) const fn wait_ms(self, part: Kind) -> u32 {
        let both = ((1 << self.temperature as u32) + (1 << self.pressure as u32)) >> 1;
        let micros = 1_250 + 575 + 2_300 * both;
        let humidity = match part {
            Kind::Humid => 575 + 2_300 * (1 << self.humidity as u32 >> 1),
            Kind::Plain => 0,
        };
        // Divides by 1,024 rather than by 1,000, and adds the fortieth that this lacks.
        let micros: u32 = micros + humidity;
        ((micros + (micros >> 5)) >> 10) + 2
    }
}

/// Names the two parts by what their registers answer ("id"; `BMP280`: BST-BMP280-DS001, 4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Kind {
    /// Names the `BMP280`.
    Plain = 0x58,
    /// Names the `BME280`.
    Humid = 0x60,
}

/// Holds the results as the converter gives them; temperature and pressure left-aligned in 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) temperature: u32,
    pub(super) pressure: u32,
    pub(super) humidity: u16,
}

/// Says what the registers from 0xF3 on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Words(Words),
    NotReady,
    OtherSettings,
}

/// Decodes registers 0xF3..=0xFE; a `BMP280` has 2 fewer, whose zeros are not looked at.
///
/// A single 0x80000 is a value like any other (26.4 Cel with the datasheet's example); both words
/// together are a part that has measured nothing.
pub(super) fn shown(bytes: [u8; 12], config: Config) -> Shown {
    let [status, control, settings, _, p2, p1, p0, t2, t1, t0, h1, h0] = bytes;
    // In forced mode until it is through: the bit that says so may come late (5.4.4).
    if status & STATUS_MEASURES != 0 || control == config.control() {
        return Shown::NotReady;
    }
    if !config.is_shown_by(control, settings) {
        return Shown::OtherSettings;
    }
    let temperature = u32::from_be_bytes([0, t2, t1, t0]);
    let pressure = u32::from_be_bytes([0, p2, p1, p0]);
    if temperature == NOTHING && pressure == NOTHING {
        return Shown::NotReady;
    }
    Shown::Words(Words { temperature, pressure, humidity: u16::from_be_bytes([h1, h0]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [u8; 5] = [1, 2, 4, 8, 16];

    #[test]
    fn waits_cover_the_datasheets_maxima() {
        for t in TIMES {
            for p in TIMES {
                for h in TIMES {
                    let [times_t, times_p, times_h] =
                        [t, p, h].map(|times| times.try_into().unwrap());
                    let config =
                        Config::WEATHER.temperature(times_t).pressure(times_p).humidity(times_h);
                    let bmp = 1.25 + 2.3 * f64::from(t) + 2.3 * f64::from(p) + 0.575;
                    let bme = bmp + 2.3 * f64::from(h) + 0.575;
                    for (exact, kind) in [(bmp, Kind::Plain), (bme, Kind::Humid)] {
                        let over = f64::from(config.wait_ms(kind)) - exact;
                        assert!((1.0..=3.2).contains(&over), "{t} {p} {h}: {over}");
                    }
                }
            }
        }
        // BST-BME280-DS002 appendix 9.1: 9.3 ms; BST-BMP280-DS001 table 13: 6.4 ms.
        assert_eq!(Config::WEATHER.wait_ms(Kind::Humid), 11);
        assert_eq!(Config::WEATHER.wait_ms(Kind::Plain), 8);
    }

    #[test]
    fn settings_are_the_datasheets() {
        let config = Config::WEATHER
            .temperature(Oversampling::X2)
            .pressure(Oversampling::X16)
            .humidity(Oversampling::X4)
            .filter(Filter::X16);
        assert_eq!(config.control(), 0b0101_0101);
        assert_eq!(config.control_humidity(), 0b011);
        assert_eq!(config.config(), 0b0001_0000);
    }

    #[test]
    fn what_a_part_cannot_do_is_refused() {
        for number in (0..=u8::MAX).filter(|number| !TIMES.contains(number)) {
            assert_eq!(Oversampling::try_from(number), Err(ConfigError::Setting));
            assert_eq!(Filter::try_from(number).is_ok(), number == 0);
        }
        assert_eq!(TIMES.map(|times| Filter::try_from(times).unwrap() as u8), [0, 1, 2, 3, 4]);
    }
}
