//! How a part measures; what it cannot do cannot be said.

use super::wire;
use crate::ConfigError;

/// Says when a part measures; the numbers are the commands (3.5.1, 3.8.1, 3.10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mode {
    /// Measures every 5 s by itself.
    Periodic = 0x21B1,
    /// Measures about every 30 s by itself.
    LowPowerPeriodic = 0x21AC,
    /// Measures once for each start, in 5 s; `SCD41` and `SCD43` only.
    ///
    /// The part's self-calibration takes it for granted that this happens every 5 minutes.
    SingleShot = 0x219D,
}

/// Says whether the part takes the lowest share of a week for that of fresh air, 400 ppm (3.7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the part has one bit for it")]
pub enum SelfCalibration {
    /// Suits rooms that never see fresh air, such as greenhouses.
    Off = 0,
    /// Suits rooms that are empty or aired once a week for some hours.
    On = 1,
}

/// Holds the pressure of the air for the part's compensation: 700 to 1,200 hPa.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pressure(u16);

impl Pressure {
    /// Takes the nearest hectopascal.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] outside 70,000..=120,000 Pa.
    pub const fn from_pascal(pascal: u32) -> Result<Self, ConfigError> {
        match pascal {
            70_000..=120_000 => Ok(Self(((pascal + 50) / 100) as u16)),
            _ => Err(ConfigError::Setting),
        }
    }

    pub(super) const fn hectopascal(self) -> u16 {
        self.0
    }
}

/// Says how a part measures. What is not said stays as the part has it, in its EEPROM.
///
/// ```
/// use sundew_sensors::ConfigError;
/// use sundew_sensors::scd4x::{Config, Mode, SelfCalibration};
///
/// let config = Config::new(Mode::Periodic).with_self_calibration(SelfCalibration::Off);
/// assert!(config.with_altitude(3_000).is_ok());
/// assert_eq!(config.with_altitude(3_001), Err(ConfigError::Setting));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pub(super) mode: Mode,
    /// Holds a command and its word: altitude and pressure exclude each other.
    air: Option<(u16, u16)>,
    self_calibration: Option<SelfCalibration>,
    temperature_offset: Option<u16>,
}

impl Config {
    /// Measures so, and leaves the settings as they are.
    pub const fn new(mode: Mode) -> Self {
        Self { mode, air: None, self_calibration: None, temperature_offset: None }
    }

    /// Compensates for the thin air of so many metres above the sea, in place of a pressure.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] above 3,000 m.
    pub const fn with_altitude(self, metres: u16) -> Result<Self, ConfigError> {
        match metres {
            0..=3_000 => Ok(Self { air: Some((wire::SET_ALTITUDE, metres)), ..self }),
            _ => Err(ConfigError::Setting),
        }
    }

    /// Compensates for this pressure, in place of an altitude.
    #[must_use]
    pub const fn with_pressure(self, pressure: Pressure) -> Self {
        Self { air: Some((wire::SET_PRESSURE, pressure.0)), ..self }
    }

    /// Switches the self-calibration.
    #[must_use]
    pub const fn with_self_calibration(self, self_calibration: SelfCalibration) -> Self {
        Self { self_calibration: Some(self_calibration), ..self }
    }

    /// Says by how many hundredths of a kelvin the part is warmer than the air, which it subtracts
    /// (4 K when it is new); carbon dioxide does not depend on it.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] above 20 K, up to which the vendor recommends it.
    pub const fn with_temperature_offset(self, centikelvin: u16) -> Result<Self, ConfigError> {
        match centikelvin {
            0..=2_000 => {
                Ok(Self { temperature_offset: Some(wire::offset_word(centikelvin)), ..self })
            }
            _ => Err(ConfigError::Setting),
        }
    }

    /// Returns the commands that set it, with their words.
    pub(super) fn settings(self) -> [Option<(u16, u16)>; 3] {
        [
            self.air,
            self.self_calibration.map(|on| (wire::SET_SELF_CALIBRATION, on as u16)),
            self.temperature_offset.map(|word| (wire::SET_TEMPERATURE_OFFSET, word)),
        ]
    }
}
