//! Registers, timings and conversion; all pure (datasheet, "Register Maps").

use crate::ConfigError;
use crate::parts::ratio::{Ratio, WideRatio};
use crate::parts::shunt::Shunt;
use sundew_units::Quality;

/// Points to the configuration.
pub(super) const CONFIGURATION: u8 = 0x00;
/// Points to the voltage across the shunt, in steps of 10 uV.
pub(super) const SHUNT_VOLTAGE: u8 = 0x01;
/// Points to the bus voltage, in steps of 4 mV above three bits of flags.
pub(super) const BUS_VOLTAGE: u8 = 0x02;

/// Marks, beside the bus voltage, conversions that are through.
pub(super) const READY: u16 = 1 << 1;
const OVERFLOW: u16 = 1;

const RANGE_32_V: u16 = 1 << 13;
const TRIGGERED: u16 = 0b011;

/// Chooses the largest voltage across the shunt; its step is 10 uV in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ShuntRange {
    /// Expresses ±40 mV.
    Millivolts40 = 0,
    /// Expresses ±80 mV.
    Millivolts80 = 1,
    /// Expresses ±160 mV.
    Millivolts160 = 2,
    /// Expresses ±320 mV.
    Millivolts320 = 3,
}

/// Chooses between noise and time: how many conversions of 12 bits are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Samples {
    /// Takes one: 1.06 ms for both voltages.
    One = 0,
    /// Averages 2.
    Two = 1,
    /// Averages 4.
    Four = 2,
    /// Averages 8.
    Eight = 3,
    /// Averages 16.
    Sixteen = 4,
    /// Averages 32.
    ThirtyTwo = 5,
    /// Averages 64.
    SixtyFour = 6,
    /// Averages 128: 136 ms for both voltages.
    OneHundredTwentyEight = 7,
}

/// Says how the part measures and through which shunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    bits: u16,
    /// Holds the shunt's voltage beyond which the range ends, in steps.
    end: i16,
    wait_ms: u8,
    microamperes: Ratio,
    power: WideRatio,
}

impl Config {
    /// Measures through `shunt`, with so much range and averaging.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] for a shunt below 500 microohms, whose power would not fit 32
    /// bits (21 kW), or above 10 ohms, whose steps would be finer than 1 uA.
    pub const fn new(
        shunt: Shunt,
        range: ShuntRange,
        samples: Samples,
    ) -> Result<Self, ConfigError> {
        let microohms = match shunt.within(500, 10_000_000) {
            Ok(microohms) => microohms,
            Err(error) => return Err(error),
        };
        // Of the four bits of each converter the upper one says that samples are counted.
        let converter = 8 | samples as u16;
        let gain = range as u16;
        Ok(Self {
            bits: RANGE_32_V | gain << 11 | converter << 7 | converter << 3 | TRIGGERED,
            end: 4_000 << gain,
            // 586 us each (maximum) for two voltages, rounded up, and a tick: at most 152.
            wait_ms: ((1_172_u32 << samples as u32).div_ceil(1_000) + 1) as u8,
            // 10 uV is 10,000,000 microohm-microamperes.
            microamperes: Ratio::new(10_000_000, microohms),
            // 4 mV * 10 uV / R is 0.04 / R[microohm] W, in steps of 10 uW.
            power: WideRatio::new(4_000, microohms),
        })
    }

    pub(super) const fn bits(self) -> u16 {
        self.bits
    }

    pub(super) const fn wait_ms(self) -> u32 {
        self.wait_ms as u32
    }

    /// Returns millivolts, microamperes and hundredths of a milliwatt.
    pub(super) fn values(self, shunt: i16, bus: u16) -> [i32; 3] {
        let steps = i32::from(bus >> 3);
        // 2^15 * 2^13 is 2^28.
        let power = self.power.times(i32::from(shunt) * steps);
        [steps * 4, self.microamperes.times(shunt), power]
    }

    /// Says how far current and power can be trusted.
    pub(super) const fn quality(self, shunt: i16, bus: u16) -> Quality {
        if shunt <= -self.end {
            Quality::UnderRange
        } else if shunt >= self.end || bus & OVERFLOW != 0 {
            Quality::OverRange
        } else {
            Quality::Good
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    fn config(microohms: u32) -> Config {
        let shunt = Shunt::from_microohms(microohms);
        Config::new(shunt, ShuntRange::Millivolts320, Samples::One).unwrap_or_else(|_| {
            unreachable!("the tests' shunts are within the limits");
        })
    }

    #[test]
    fn the_datasheets_worked_example_holds() {
        // Datasheet, "Programming the INA219": 11.98 V, 2 mohm, 20 mV; 10 A and 119.8 W.
        let values = config(2_000).values(2_000, 0x5D98 | READY);
        assert_eq!(values, [11_980, 10_000_000, 11_980_000]);
    }

    #[test]
    fn every_voltage_of_many_shunts_is_within_the_stated_error() {
        let mut cases = 0_u32;
        for microohms in [500, 1_000, 1_333, 2_000, 10_000, 100_000, 333_333, 10_000_000] {
            let config = config(microohms);
            for shunt in i16::MIN..=i16::MAX {
                let steps = (shunt as u16 >> 3) ^ 0x1555;
                let [volts, current, power] = config.values(shunt, steps << 3);
                let exact_current = f64::from(shunt) * 1e7 / f64::from(microohms);
                let exact_power = exact_current * f64::from(steps) * 4e-3 * 1e-6 * 1e5;
                assert_eq!(volts, i32::from(steps) * 4);
                assert!((f64::from(current) - exact_current).abs() <= 1.0, "{microohms} {shunt}");
                assert!((f64::from(power) - exact_power).abs() <= 1.5, "{microohms} {shunt}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn the_largest_power_fits() {
        let [_, current, power] = config(500).values(32_000, 8_191 << 3);
        assert_eq!((current, power), (640_000_000, 2_096_896_000));
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        use Samples::{Eight, One, OneHundredTwentyEight, SixtyFour};
        let shunt = Shunt::from_milliohms(100);
        let cases = [
            (ShuntRange::Millivolts40, One, 0x2443, 3),
            (ShuntRange::Millivolts80, Eight, 0x2DDB, 11),
            (ShuntRange::Millivolts160, SixtyFour, 0x3773, 77),
            (ShuntRange::Millivolts320, OneHundredTwentyEight, 0x3FFB, 152),
        ];
        for (range, samples, bits, wait_ms) in cases {
            let config = Config::new(shunt, range, samples);
            assert_eq!(config.map(|c| (c.bits(), c.wait_ms())), Ok((bits, wait_ms)));
        }
        for microohms in [0, 499, 10_000_001, u32::MAX] {
            let shunt = Shunt::from_microohms(microohms);
            let config = Config::new(shunt, ShuntRange::Millivolts40, One);
            assert_eq!(config, Err(ConfigError::Setting));
        }
    }
}
