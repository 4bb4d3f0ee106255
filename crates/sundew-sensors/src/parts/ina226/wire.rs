//! Registers, timings and conversion; all pure (datasheet, "Register Maps").

use crate::ConfigError;
use crate::parts::ratio::{Ratio, WideRatio};
use crate::parts::shunt::Shunt;
use sundew_units::Quality;

/// Points to the configuration.
pub(super) const CONFIGURATION: u8 = 0x00;
/// Points to the voltage across the shunt, in steps of 2.5 uV.
pub(super) const SHUNT_VOLTAGE: u8 = 0x01;
/// Points to the bus voltage, in steps of 1.25 mV.
pub(super) const BUS_VOLTAGE: u8 = 0x02;
/// Points to the flags ("Mask/Enable").
pub(super) const FLAGS: u8 = 0x06;
/// Lists the identities and where they stand: of the maker, of the chip.
pub(super) const IDENTITY: [(u8, u16); 2] = [(0xFE, 0x5449), (0xFF, 0x2260)];

/// Marks conversions that are through.
pub(super) const READY: u16 = 1 << 3;
const OVERFLOW: u16 = 1 << 2;

/// Reads as 1 in bit 14, so it is written so.
const FIXED: u16 = 0b100 << 12;
const TRIGGERED: u16 = 0b011;

/// Chooses the time of one conversion of one voltage; a longer one is less noisy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Conversion {
    /// Takes 140 us.
    Micros140 = 0,
    /// Takes 204 us.
    Micros204 = 1,
    /// Takes 332 us.
    Micros332 = 2,
    /// Takes 588 us.
    Micros588 = 3,
    /// Takes 1.1 ms.
    Micros1100 = 4,
    /// Takes 2.116 ms.
    Micros2116 = 5,
    /// Takes 4.156 ms.
    Micros4156 = 6,
    /// Takes 8.244 ms.
    Micros8244 = 7,
}

impl Conversion {
    /// Returns the maximum ("Electrical Characteristics", "ADC conversion time").
    const fn maximum_micros(self) -> u32 {
        match self {
            Self::Micros140 => 154,
            Self::Micros204 => 224,
            Self::Micros332 => 365,
            Self::Micros588 => 646,
            Self::Micros1100 => 1_210,
            Self::Micros2116 => 2_328,
            Self::Micros4156 => 4_572,
            Self::Micros8244 => 9_068,
        }
    }
}

/// Chooses how many pairs of conversions are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Samples {
    /// Takes one.
    One = 0,
    /// Averages 4.
    Four = 1,
    /// Averages 16.
    Sixteen = 2,
    /// Averages 64.
    SixtyFour = 3,
    /// Averages 128.
    OneHundredTwentyEight = 4,
    /// Averages 256.
    TwoHundredFiftySix = 5,
    /// Averages 512.
    FiveHundredTwelve = 6,
    /// Averages 1,024.
    OneThousandTwentyFour = 7,
}

impl Samples {
    const fn count(self) -> u32 {
        // 1, 4, 16, 64, and from there on the double each time.
        let number = self as u32;
        if number < 3 { 1 << (2 * number) } else { 8 << number }
    }
}

/// Says how the part measures and through which shunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    bits: u16,
    wait_ms: u16,
    microamperes: Ratio,
    power: WideRatio,
}

impl Config {
    /// Measures through `shunt`, with so long conversions and so much averaging.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] for a shunt below 160 microohms, whose power would not fit 32
    /// bits (21 kW), or above 2.5 ohms, whose steps would be finer than 1 uA.
    pub const fn new(
        shunt: Shunt,
        conversion: Conversion,
        samples: Samples,
    ) -> Result<Self, ConfigError> {
        let microohms = match shunt.within(160, 2_500_000) {
            Ok(microohms) => microohms,
            Err(error) => return Err(error),
        };
        let time = conversion as u16;
        // Two voltages, rounded up, and a tick: at most 18,573 ms.
        let micros = 2 * conversion.maximum_micros() * samples.count();
        Ok(Self {
            bits: FIXED | (samples as u16) << 9 | time << 6 | time << 3 | TRIGGERED,
            wait_ms: (micros.div_ceil(1_000) + 1) as u16,
            // 2.5 uV is 2,500,000 microohm-microamperes.
            microamperes: Ratio::new(2_500_000, microohms),
            // 1.25 mV * 2.5 uV / R is 0.003125 / R[microohm] W, in steps of 10 uW.
            power: WideRatio::new(625, 2 * microohms),
        })
    }

    pub(super) const fn bits(self) -> u16 {
        self.bits
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }

    /// Returns hundredths of a millivolt, microamperes and hundredths of a milliwatt.
    pub(super) fn values(self, shunt: i16, bus: u16) -> [i32; 3] {
        // The highest bit of the bus voltage is always 0.
        let steps = i32::from(bus & 0x7FFF);
        // 2^15 * 2^15 is 2^30.
        let power = self.power.times(i32::from(shunt) * steps);
        [steps * 125, self.microamperes.times(shunt), power]
    }
}

/// Says how far current and power can be trusted.
pub(super) const fn quality(shunt: i16, flags: u16) -> Quality {
    if shunt == i16::MIN {
        Quality::UnderRange
    } else if shunt == i16::MAX || flags & OVERFLOW != 0 {
        Quality::OverRange
    } else {
        Quality::Good
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    fn config(microohms: u32) -> Config {
        let shunt = Shunt::from_microohms(microohms);
        Config::new(shunt, Conversion::Micros1100, Samples::One).unwrap_or_else(|_| {
            unreachable!("the tests' shunts are within the limits");
        })
    }

    #[test]
    fn the_datasheets_worked_example_holds() {
        // Datasheet, "Programming the INA226": 11.98 V, 2 mohm, 20 mV; 10 A and 119.8 W, of which
        // the part itself shows 119.82 W.
        assert_eq!(config(2_000).values(8_000, 0x2570), [1_198_000, 10_000_000, 11_980_000]);
    }

    #[test]
    fn every_voltage_of_many_shunts_is_within_the_stated_error() {
        let mut cases = 0_u32;
        for microohms in [160, 500, 1_333, 2_000, 10_000, 100_000, 333_333, 2_500_000] {
            let config = config(microohms);
            for shunt in i16::MIN..=i16::MAX {
                let steps = (shunt as u16 >> 1) ^ 0x5555;
                let [volts, current, power] = config.values(shunt, steps);
                let exact_current = f64::from(shunt) * 2.5e6 / f64::from(microohms);
                let exact_power = exact_current * f64::from(steps) * 1.25e-3 * 1e-6 * 1e5;
                assert_eq!(volts, i32::from(steps) * 125);
                assert!((f64::from(current) - exact_current).abs() <= 1.0, "{microohms} {shunt}");
                assert!((f64::from(power) - exact_power).abs() <= 1.5, "{microohms} {shunt}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn the_largest_power_fits() {
        let [volts, current, power] = config(160).values(i16::MIN, 0x7FFF);
        assert_eq!((volts, current, power), (4_095_875, -512_000_000, -2_097_088_000));
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        let shunt = Shunt::from_milliohms(100);
        let cases = [
            (Conversion::Micros140, Samples::One, 0x4003, 2),
            (Conversion::Micros1100, Samples::Four, 0x4323, 11),
            (Conversion::Micros588, Samples::Sixteen, 0x44DB, 22),
            (Conversion::Micros204, Samples::SixtyFour, 0x464B, 30),
            (Conversion::Micros332, Samples::OneHundredTwentyEight, 0x4893, 95),
            (Conversion::Micros2116, Samples::TwoHundredFiftySix, 0x4B6B, 1_193),
            (Conversion::Micros4156, Samples::FiveHundredTwelve, 0x4DB3, 4_683),
            (Conversion::Micros8244, Samples::OneThousandTwentyFour, 0x4FFB, 18_573),
        ];
        for (conversion, samples, bits, wait_ms) in cases {
            let config = Config::new(shunt, conversion, samples);
            assert_eq!(config.map(|c| (c.bits(), c.wait_ms())), Ok((bits, wait_ms)));
        }
        for microohms in [0, 159, 2_500_001, u32::MAX] {
            let shunt = Shunt::from_microohms(microohms);
            let config = Config::new(shunt, Conversion::Micros140, Samples::One);
            assert_eq!(config, Err(ConfigError::Setting));
        }
    }
}
