//! Commands and timings; all pure.

/// Loads the memory (datasheet, "Commands").
pub(super) const RESET: u8 = 0x1E;
/// Covers the 2.8 ms of a reset ("Reset sequence").
pub(super) const RESET_MICROS: u32 = 3_000;
/// Asks for the first word of the memory; the others follow in steps of 2.
pub(super) const MEMORY: u8 = 0xA0;
/// Asks for the result.
pub(super) const RESULT: u8 = 0x00;
/// Begins a conversion of pressure; the oversampling is added.
const PRESSURE: u8 = 0x40;
/// Begins a conversion of temperature.
const TEMPERATURE: u8 = 0x50;

/// Chooses between noise and time ("Performance Specifications"; maximum times).
///
/// The numbers are those of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Oversampling {
    /// Takes 0.6 ms; the noise is 6.5 Pa and 0.012 Cel.
    X256 = 0,
    /// Takes 1.17 ms; the noise is 4.2 Pa and 0.008 Cel.
    X512 = 2,
    /// Takes 2.28 ms; the noise is 2.7 Pa and 0.005 Cel.
    X1024 = 4,
    /// Takes 4.54 ms; the noise is 1.8 Pa and 0.003 Cel.
    X2048 = 6,
    /// Takes 9.04 ms; the noise is 1.2 Pa and 0.002 Cel.
    X4096 = 8,
}

impl Oversampling {
    /// Returns the maximum time, rounded up.
    pub(super) const fn micros(self) -> u32 {
        match self {
            Self::X256 => 600,
            Self::X512 => 1_170,
            Self::X1024 => 2_280,
            Self::X2048 => 4_540,
            Self::X4096 => 9_040,
        }
    }

    /// Returns the wait in whole milliseconds, and one more for a clock that ticks just after the
    /// start.
    pub(super) const fn wait_ms(self) -> u32 {
        self.micros().div_ceil(1_000) + 1
    }
}

/// Says how a part measures.
///
/// Pressure takes a word of each, one after the other: that of temperature is waited for in `start`
/// and that of pressure by the caller. 0.01 Cel of noise is 2 Pa.
///
/// ```
/// use sundew_sensors::ms5611::{Config, Oversampling};
/// const QUIET: Config = Config::STANDARD.temperature(Oversampling::X2048);
/// assert_ne!(QUIET, Config::STANDARD);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pressure: Oversampling,
    temperature: Oversampling,
}

impl Config {
    /// Measures pressure 4096 times and temperature 512 times: 1.2 ms in `start`, 9 ms behind it.
    pub const STANDARD: Self =
        Self { pressure: Oversampling::X4096, temperature: Oversampling::X512 };

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

    pub(super) const fn pressure_command(self) -> u8 {
        PRESSURE | self.pressure as u8
    }

    pub(super) const fn temperature_command(self) -> u8 {
        TEMPERATURE | self.temperature as u8
    }

    pub(super) const fn temperature_micros(self) -> u32 {
        self.temperature.micros()
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.pressure.wait_ms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Oversampling::{X256, X512, X1024, X2048, X4096};

    #[test]
    fn commands_and_waits_are_the_datasheets() {
        let all = [X256, X512, X1024, X2048, X4096];
        let config = |x| Config::STANDARD.pressure(x).temperature(x);
        let pressure = all.map(|x| config(x).pressure_command());
        assert_eq!(pressure, [0x40, 0x42, 0x44, 0x46, 0x48]);
        let temperature = all.map(|x| config(x).temperature_command());
        assert_eq!(temperature, [0x50, 0x52, 0x54, 0x56, 0x58]);
        assert_eq!(all.map(|x| config(x).wait_ms()), [2, 3, 4, 6, 11]);
    }
}
