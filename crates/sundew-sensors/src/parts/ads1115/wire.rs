//! Registers, timings and conversion; all pure (datasheet, "Register Map").

use sundew_units::Quality;

/// Points to the last conversion.
pub(super) const CONVERSION: u8 = 0x00;
/// Points to the configuration.
pub(super) const CONFIGURATION: u8 = 0x01;

/// Triggers a conversion where it is written as 1.
pub(super) const CONVERT: u16 = 1 << 15;
/// Reads as 1, in the same place, where no conversion runs.
pub(super) const IDLE: u16 = 1 << 15;

/// Is set in single-shot mode, clear where the part converts all the time.
pub(super) const SINGLE_SHOT: u16 = 1 << 8;
/// Switches the comparator off, as after power-up.
const NO_COMPARATOR: u16 = 0b11;
/// Is 0 after power-up and means nothing without a comparator ("latching").
const MARK: u16 = 1 << 2;

/// Chooses what is measured; the numbers are the configuration register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Input {
    /// Measures AIN0 against AIN1.
    A0MinusA1 = 0,
    /// Measures AIN0 against AIN3.
    A0MinusA3 = 1,
    /// Measures AIN1 against AIN3.
    A1MinusA3 = 2,
    /// Measures AIN2 against AIN3.
    A2MinusA3 = 3,
    /// Measures AIN0 against ground.
    A0 = 4,
    /// Measures AIN1 against ground.
    A1 = 5,
    /// Measures AIN2 against ground.
    A2 = 6,
    /// Measures AIN3 against ground.
    A3 = 7,
}

/// Chooses the gain by the largest voltage; the numbers are the configuration register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FullScale {
    /// Expresses ±6.144 V in steps of 187.5 uV.
    Volts6_144 = 0,
    /// Expresses ±4.096 V in steps of 125 uV.
    Volts4_096 = 1,
    /// Expresses ±2.048 V in steps of 62.5 uV.
    Volts2_048 = 2,
    /// Expresses ±1.024 V in steps of 31.25 uV.
    Volts1_024 = 3,
    /// Expresses ±0.512 V in steps of 15.625 uV.
    Volts0_512 = 4,
    /// Expresses ±0.256 V in steps of 7.8125 uV.
    Volts0_256 = 5,
}

impl FullScale {
    /// Returns the largest voltage in multiples of 0.256 V.
    const fn multiple(self) -> u8 {
        match self {
            Self::Volts6_144 => 24,
            Self::Volts4_096 => 16,
            Self::Volts2_048 => 8,
            Self::Volts1_024 => 4,
            Self::Volts0_512 => 2,
            Self::Volts0_256 => 1,
        }
    }
}

/// Chooses between noise and time; the part keeps these rates within ±10 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DataRate {
    /// Converts in 125 ms.
    Hz8 = 0,
    /// Converts in 62.5 ms.
    Hz16 = 1,
    /// Converts in 31.3 ms.
    Hz32 = 2,
    /// Converts in 15.6 ms.
    Hz64 = 3,
    /// Converts in 7.8 ms.
    Hz128 = 4,
    /// Converts in 4 ms.
    Hz250 = 5,
    /// Converts in 2.1 ms.
    Hz475 = 6,
    /// Converts in 1.2 ms.
    Hz860 = 7,
}

impl DataRate {
    /// Returns the wait: a period at nine tenths of the rate and 25 us to wake up, rounded up.
    ///
    /// One millisecond more: a clock that counts them may tick just after the start.
    const fn wait_ms(self) -> u8 {
        match self {
            Self::Hz8 => 140,
            Self::Hz16 => 71,
            Self::Hz32 => 36,
            Self::Hz64 => 19,
            Self::Hz128 => 10,
            Self::Hz250 => 6,
            Self::Hz475 => 4,
            Self::Hz860 => 3,
        }
    }
}

/// Says what the part measures and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    bits: u16,
    multiple: u8,
    wait_ms: u8,
}

impl Config {
    /// Measures `input` with so much range, so fast.
    pub const fn new(input: Input, full_scale: FullScale, data_rate: DataRate) -> Self {
        let choice = (input as u16) << 12 | (full_scale as u16) << 9 | (data_rate as u16) << 5;
        Self {
            bits: choice | SINGLE_SHOT | MARK | NO_COMPARATOR,
            multiple: full_scale.multiple(),
            wait_ms: data_rate.wait_ms(),
        }
    }

    /// Returns the configuration register, without the bit that triggers.
    pub(super) const fn bits(self) -> u16 {
        self.bits
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }

    /// Returns steps in tenths of a microvolt: nearest, halves upwards.
    pub(super) const fn tenth_microvolts(self, steps: i16) -> i32 {
        // 0.256 V / 32,768 is 625 / 8 tenths of a microvolt; 32,768 * 24 * 625 is 2^28.9.
        (steps as i32 * self.multiple as i32 * 625 + 4) >> 3
    }
}

/// Marks the ends of the scale, which stand for everything beyond.
pub(super) const fn quality(steps: i16) -> Quality {
    match steps {
        i16::MIN => Quality::UnderRange,
        i16::MAX => Quality::OverRange,
        _ => Quality::Good,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    const SCALES: [(FullScale, f64); 6] = [
        (FullScale::Volts6_144, 6.144),
        (FullScale::Volts4_096, 4.096),
        (FullScale::Volts2_048, 2.048),
        (FullScale::Volts1_024, 1.024),
        (FullScale::Volts0_512, 0.512),
        (FullScale::Volts0_256, 0.256),
    ];

    #[test]
    fn every_step_of_every_scale_is_rounded_to_the_nearest_halves_upwards() {
        let mut cases = 0_u32;
        for (scale, volts) in SCALES {
            let config = Config::new(Input::A0, scale, DataRate::Hz8);
            for steps in i16::MIN..=i16::MAX {
                let exact = f64::from(steps) * volts / 32_768.0 * 1e7;
                let given = f64::from(config.tenth_microvolts(steps));
                assert!((given - exact).abs() <= 0.5 + 1e-6, "{scale:?} {steps}: {given}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn the_datasheets_table_holds() {
        // Datasheet, "Input Signal Versus Ideal Output Code", at ±2.048 V.
        let config = Config::new(Input::A0, FullScale::Volts2_048, DataRate::Hz8);
        let codes = [0x7FFF, 0x0001, 0, -1, i16::MIN];
        let given = codes.map(|code| config.tenth_microvolts(code));
        assert_eq!(given, [20_479_375, 625, 0, -625, -20_480_000]);
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        use DataRate::{Hz8, Hz16, Hz32, Hz64, Hz128, Hz250, Hz475, Hz860};
        let config = Config::new(Input::A3, FullScale::Volts0_256, Hz860);
        assert_eq!(config.bits(), 0x7BE7);
        // As after power-up but for the mark.
        let config = Config::new(Input::A0MinusA1, FullScale::Volts2_048, Hz128);
        assert_eq!(config.bits() | CONVERT, 0x8583 | MARK);
        for (rate, hertz) in [
            (Hz8, 8.0),
            (Hz16, 16.0),
            (Hz32, 32.0),
            (Hz64, 64.0),
            (Hz128, 128.0),
            (Hz250, 250.0),
            (Hz475, 475.0),
            (Hz860, 860.0_f64),
        ] {
            let slowest = 1_000.0 / (0.9 * hertz) + 0.025;
            assert!((f64::from(rate.wait_ms()) - (slowest.ceil() + 1.0)).abs() < 1e-9, "{rate:?}");
        }
    }
}
