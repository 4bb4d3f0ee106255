//! Registers, settings and timings; all pure.

use crate::ConfigError;

/// Points to the chip's number (datasheet, "Register 0x00").
pub(super) const ID: u8 = 0x00;
/// Points to the errors, behind which the state and the results follow ("Register 0x02").
pub(super) const ERRORS: u8 = 0x02;
/// Points to what is measured and when ("Register 0x1B").
pub(super) const POWER: u8 = 0x1B;
/// Points to the oversampling ("Register 0x1C").
pub(super) const OVERSAMPLING: u8 = 0x1C;
/// Points to the filter ("Register 0x1F").
pub(super) const FILTER: u8 = 0x1F;
/// Points to the 21 bytes of calibration ("Trimming Coefficients").
pub(super) const CALIBRATION: u8 = 0x31;

/// Lists what register [`ID`] may hold: `BMP388` and `BMP384`, `BMP390`.
pub(super) const PARTS: [u8; 2] = [0x50, 0x60];
/// Measures both values once.
pub(super) const ONCE: u8 = 0x13;
/// Is what [`ONCE`] leaves behind: both values, asleep.
pub(super) const ASLEEP: u8 = 0x03;

const FATAL: u8 = 0x01;
const BOTH_NEW: u8 = 0x60;

/// Chooses how many times a value is measured and averaged, between noise and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Oversampling {
    /// Measures once; a step is 2.64 Pa and 0.005 Cel.
    X1 = 0,
    /// Measures twice; a step is 1.32 Pa.
    X2 = 1,
    /// Measures 4 times; a step is 0.66 Pa.
    X4 = 2,
    /// Measures 8 times; a step is 0.33 Pa.
    X8 = 3,
    /// Measures 16 times; a step is 0.17 Pa.
    X16 = 4,
    /// Measures 32 times; a step is 0.085 Pa.
    X32 = 5,
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
            32 => Self::X32,
            _ => return Err(ConfigError::Setting),
        })
    }
}

/// Chooses the filter that smooths both values over the measurements, by its coefficient: a new one
/// counts as `1 / (coefficient + 1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Filter {
    /// Leaves each measurement as it is.
    Off = 0,
    /// Smooths with 1.
    C1 = 1,
    /// Smooths with 3.
    C3 = 2,
    /// Smooths with 7.
    C7 = 3,
    /// Smooths with 15.
    C15 = 4,
    /// Smooths with 31.
    C31 = 5,
    /// Smooths with 63.
    C63 = 6,
    /// Smooths with 127.
    C127 = 7,
}

/// Says how a part measures.
///
/// ```
/// use sundew_sensors::bmp388::{Config, Filter, Oversampling};
/// // "Drone" of the datasheet, but for its rhythm.
/// const DRONE: Config = Config::WEATHER.pressure(Oversampling::X8).filter(Filter::C3);
/// assert_ne!(DRONE, Config::WEATHER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pressure: Oversampling,
    temperature: Oversampling,
    filter: Filter,
}

impl Config {
    /// Measures each value once without a filter, as the datasheet advises for weather.
    pub const WEATHER: Self =
        Self { pressure: Oversampling::X1, temperature: Oversampling::X1, filter: Filter::Off };

    /// Sets how often pressure is measured.
    #[must_use]
    pub const fn pressure(self, pressure: Oversampling) -> Self {
        Self { pressure, ..self }
    }

    /// Sets how often temperature is measured.
    #[must_use]
    pub const fn temperature(self, temperature: Oversampling) -> Self {
        Self { temperature, ..self }
    }

    /// Sets the filter.
    #[must_use]
    pub const fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    pub(super) const fn oversampling_byte(self) -> u8 {
        (self.temperature as u8) << 3 | self.pressure as u8
    }

    pub(super) const fn filter_byte(self) -> u8 {
        (self.filter as u8) << 1
    }

    /// Returns the wait of a measurement: 234 us, and for pressure and temperature 392 us and 313 us
    /// and 2,020 us for each single one ("Measurement rate in forced mode", typical; the 313 are the
    /// vendor's driver's, the datasheet has 163).
    ///
    /// An eighth is added for a maximum, which the datasheet does not have for all settings, and a
    /// millisecond for a clock that ticks just after the start.
    pub(super) const fn wait_ms(self) -> u32 {
        let single = (1 << self.pressure as u32) + (1 << self.temperature as u32);
        let micros = 234 + 392 + 313 + 2_020 * single;
        (micros + micros / 8_u32).div_ceil(1_000) + 1
    }
}

/// Says what the registers from 0x02 on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Holds the words of pressure and temperature.
    Words(u32, u32),
    NotReady,
    /// Holds the errors.
    Defect(u8),
}

/// Decodes registers 0x02..=0x09.
pub(super) const fn shown(bytes: [u8; 8]) -> Shown {
    let [errors, state, p0, p1, p2, t0, t1, t2] = bytes;
    if errors & FATAL != 0 {
        return Shown::Defect(errors);
    }
    if state & BOTH_NEW != BOTH_NEW {
        return Shown::NotReady;
    }
    Shown::Words(u32::from_le_bytes([p0, p1, p2, 0]), u32::from_le_bytes([t0, t1, t2, 0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_datasheets() {
        let config = Config::WEATHER
            .pressure(Oversampling::X32)
            .temperature(Oversampling::X2)
            .filter(Filter::C127);
        assert_eq!((config.oversampling_byte(), config.filter_byte()), (0x0D, 0x0E));
        assert_eq!(Config::WEATHER.wait_ms(), 7);
        // 234 + 392 + 313 + 34 * 2,020 us are 69.6 ms.
        assert_eq!(config.wait_ms(), 80);
    }

    #[test]
    fn what_a_part_cannot_do_is_refused() {
        let valid = (0..=u8::MAX).filter(|times| Oversampling::try_from(*times).is_ok());
        assert!(valid.eq([1, 2, 4, 8, 16, 32]));
        assert_eq!(Oversampling::try_from(64), Err(ConfigError::Setting));
    }
}
