//! Registers, settings and timings; all pure.

use crate::ConfigError;

/// Points to the six bytes of results, pressure first (datasheet, "Register Map").
pub(super) const RESULTS: u8 = 0x00;
/// Points to the setting of pressure (`PRS_CFG`), which those of temperature and of the mode follow.
pub(super) const PRESSURE: u8 = 0x06;
/// Points to the setting of temperature (`TMP_CFG`).
pub(super) const TEMPERATURE: u8 = 0x07;
/// Points to the mode and the state (`MEAS_CFG`).
pub(super) const MODE: u8 = 0x08;
/// Points to the shift of results (`CFG_REG`).
pub(super) const SHIFT: u8 = 0x09;
/// Points to the product's number.
pub(super) const ID: u8 = 0x0D;
/// Points to the coefficients.
pub(super) const COEFFICIENTS: u8 = 0x10;
/// Points to the bit that says for which of the two thermometers they are (`COEF_SRCE`).
pub(super) const SOURCE: u8 = 0x28;
/// Points to what says that the thermometer is in order; not in the datasheet.
pub(super) const FUSES: u8 = 0x32;
/// Mends the thermometer; see the driver's page.
pub(super) const MEND: [[u8; 2]; 5] =
    [[0x0E, 0xA5], [0x0F, 0x96], [0x62, 0x02], [0x0E, 0x00], [0x0F, 0x00]];

/// Holds what register [`ID`] does: product 0, revision 1.
pub(super) const DPS310: u8 = 0x10;
/// Says that the coefficients can be read and that the sensor has started.
pub(super) const IS_UP: u8 = 0xC0;
/// Says in [`FUSES`] that nothing is to be mended.
pub(super) const IS_MENDED: u8 = 0x02;
/// Says in [`SOURCE`] and [`TEMPERATURE`]: the thermometer of the pressure element.
pub(super) const EXTERNAL: u8 = 0x80;

const IS_NEW: u8 = 0x30;
const BOTH_CONTINUOUSLY: u8 = 0x07;
/// The bits of the mode register that the part writes.
const STATE: u8 = 0xF0;

/// Chooses how many times a value is measured and averaged, between noise and time ("Pressure
/// Configuration", "Temperature Configuration").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Oversampling {
    /// Measures once, in 3.6 ms; the noise is 2.5 Pa.
    X1 = 0,
    /// Measures twice, in 5.2 ms; the noise is 1 Pa.
    X2 = 1,
    /// Measures 4 times, in 8.4 ms.
    X4 = 2,
    /// Measures 8 times, in 14.8 ms.
    X8 = 3,
    /// Measures 16 times, in 27.6 ms; the noise is 0.35 Pa.
    X16 = 4,
    /// Measures 32 times, in 53.2 ms.
    X32 = 5,
    /// Measures 64 times, in 104.4 ms; the noise is 0.2 Pa.
    X64 = 6,
    /// Measures 128 times, in 206.8 ms.
    X128 = 7,
}

impl Oversampling {
    pub(super) const fn times(self) -> u8 {
        1 << self as u8
    }

    /// Returns the datasheet's time of a measurement, 2 ms and 1.6 ms for each single one.
    const fn micros(self) -> u32 {
        2_000 + 1_600 * self.times() as u32
    }
}

/// Chooses how many times in a second both values are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rate {
    /// Measures each second.
    Hz1 = 0,
    /// Measures each 500 ms.
    Hz2 = 1,
    /// Measures each 250 ms.
    Hz4 = 2,
    /// Measures each 125 ms.
    Hz8 = 3,
    /// Measures each 63 ms.
    Hz16 = 4,
    /// Measures each 32 ms.
    Hz32 = 5,
    /// Measures each 16 ms.
    Hz64 = 6,
    /// Measures each 8 ms.
    Hz128 = 7,
}

/// Says how a part measures.
///
/// ```
/// use sundew_sensors::ConfigError;
/// use sundew_sensors::dps310::{Config, Oversampling, Rate};
///
/// const WEATHER: Config = match Config::new(Rate::Hz4, Oversampling::X16, Oversampling::X1) {
///     Ok(config) => config,
///     Err(_) => panic!("more than fits a second"),
/// };
/// assert_eq!(WEATHER, Config::STANDARD);
/// // 4 times (104.4 + 206.8 ms) is more than a second.
/// let busy = Config::new(Rate::Hz4, Oversampling::X64, Oversampling::X128);
/// assert_eq!(busy, Err(ConfigError::Setting));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    rate: Rate,
    pressure: Oversampling,
    temperature: Oversampling,
}

impl Config {
    /// Measures 4 times in a second, with a noise of 0.35 Pa.
    pub const STANDARD: Self =
        Self { rate: Rate::Hz4, pressure: Oversampling::X16, temperature: Oversampling::X1 };

    /// Chooses how often and how well to measure.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] where the measurements of a second take longer than that.
    pub const fn new(
        rate: Rate,
        pressure: Oversampling,
        temperature: Oversampling,
    ) -> Result<Self, ConfigError> {
        if (pressure.micros() + temperature.micros()) << (rate as u32) >= 1_000_000 {
            return Err(ConfigError::Setting);
        }
        Ok(Self { rate, pressure, temperature })
    }

    /// Returns the bytes for the registers of pressure and temperature.
    pub(super) const fn settings(self, source: u8) -> [u8; 2] {
        let rate = (self.rate as u8) << 4;
        [rate | self.pressure as u8, source & EXTERNAL | rate | self.temperature as u8]
    }

    /// Returns the byte for the shift of results, which more than 8 measurements need.
    pub(super) const fn shift(self) -> u8 {
        ((self.pressure.times() > 8) as u8 * 0x04) | ((self.temperature.times() > 8) as u8 * 0x08)
    }

    /// Returns the mode to write where `state` was read.
    ///
    /// The part's own bits are written back as they are, which it takes no notice of (the vendor's
    /// driver does so too); QEMU's model keeps what is written.
    pub(super) const fn mode(state: u8) -> u8 {
        state & STATE | BOTH_CONTINUOUSLY
    }

    /// Returns the wait for the next pair of values: a period, the measurements, and a millisecond
    /// for a clock that ticks just after the start.
    pub(super) const fn wait_ms(self) -> u32 {
        // The datasheet says "typical" for the rates; an eighth more than a period covers that.
        let period = 1_125_u32.div_ceil(1 << self.rate as u32);
        period + (self.pressure.micros() + self.temperature.micros()).div_ceil(1_000) + 1
    }

    /// Decodes registers 0x06..=0x08.
    pub(super) fn shown(self, registers: [u8; 3]) -> Shown {
        let [pressure, temperature, mode] = registers;
        let same = self.settings(temperature) == [pressure, temperature];
        if !same || mode & !STATE != BOTH_CONTINUOUSLY {
            return Shown::OtherSettings;
        }
        if mode & IS_NEW == IS_NEW { Shown::New } else { Shown::NotReady }
    }

    pub(super) const fn times(self) -> [u8; 2] {
        [self.pressure.times(), self.temperature.times()]
    }
}

/// Says what the registers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    New,
    NotReady,
    OtherSettings,
}

#[cfg(test)]
mod tests {
    use super::*;
    use Oversampling::{X1, X2, X4, X8, X16, X32, X64, X128};
    use Rate::{Hz1, Hz2, Hz4, Hz8, Hz16, Hz32, Hz64, Hz128};

    #[test]
    fn times_are_the_datasheets() {
        let micros = [X1, X2, X4, X8, X16, X32, X64, X128].map(Oversampling::micros);
        let expected = [3_600, 5_200, 8_400, 14_800, 27_600, 53_200, 104_400, 206_800];
        assert_eq!(micros, expected);
    }

    #[test]
    fn no_second_holds_more_than_a_second() {
        for (number, rate) in [Hz1, Hz2, Hz4, Hz8, Hz16, Hz32, Hz64, Hz128].into_iter().enumerate()
        {
            for pressure in [X1, X16, X64, X128] {
                for temperature in [X1, X8, X128] {
                    let busy = (pressure.micros() + temperature.micros()) << number;
                    let config = Config::new(rate, pressure, temperature);
                    assert_eq!(config.is_ok(), busy < 1_000_000);
                    if let Ok(config) = config {
                        assert!(config.wait_ms() * 1_000 > (1_000_000 >> number) + 7_200);
                    }
                }
            }
        }
    }

    #[test]
    fn settings_are_the_datasheets() {
        assert_eq!(Config::STANDARD.settings(0x80), [0x24, 0xA0]);
        assert_eq!(Config::STANDARD.settings(0x00), [0x24, 0x20]);
        assert_eq!(Config::STANDARD.shift(), 0x04);
        assert_eq!(Config::new(Hz2, X8, X16).unwrap().shift(), 0x08);
        assert_eq!(Config::new(Hz2, X1, X8).unwrap().shift(), 0);
        assert_eq!(Config::STANDARD.wait_ms(), 282 + 32 + 1);
    }
}
