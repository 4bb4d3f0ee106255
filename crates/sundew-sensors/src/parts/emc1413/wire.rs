//! Registers, timings and conversion; all pure (datasheet chapter "Register Set").

use crate::ConfigError;
use sundew_units::Quality;

/// Points to the flags.
pub(super) const STATUS: u8 = 0x02;
/// Points to the configuration, for reading.
pub(super) const CONFIGURATION: u8 = 0x03;
/// Points to the configuration, for writing.
pub(super) const CONFIGURATION_WRITE: u8 = 0x09;
/// Points to the conversion rate, for writing.
pub(super) const CONVERSION_RATE_WRITE: u8 = 0x0A;
/// Points to the diodes that are open or shorted.
pub(super) const DIODE_FAULT: u8 = 0x1B;
/// Points to the number of the product.
pub(super) const PRODUCT_ID: u8 = 0xFD;
/// Points to the number of the maker.
pub(super) const MANUFACTURER_ID: u8 = 0xFE;

/// Marks in the flags that a diode is open or shorted.
pub(super) const FAULT: u8 = 1 << 2;
/// Holds the rate after power-up.
pub(super) const FOUR_A_SECOND: u8 = 0x06;
/// Holds the time until all inputs were converted once: a period of 250 ms, a fifth more since the
/// tolerance of the part's oscillator is not stated, and a tick.
pub(super) const FIRST_WAIT_MS: u32 = 301;

/// Names the address that the part is made with (0x4C and 0x4D), or that the resistor at its THERM
/// pin chooses; which one is which, the end of its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x18.
    X18 = 0x18,
    /// Names 0x1C.
    X1C = 0x1C,
    /// Names 0x29.
    X29 = 0x29,
    /// Names 0x3C.
    X3C = 0x3C,
    /// Names 0x4C.
    X4C = 0x4C,
    /// Names 0x4D.
    X4D = 0x4D,
    /// Names 0x5C.
    X5C = 0x5C,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        Ok(match address {
            0x18 => Self::X18,
            0x1C => Self::X1C,
            0x29 => Self::X29,
            0x3C => Self::X3C,
            0x4C => Self::X4C,
            0x4D => Self::X4D,
            0x5C => Self::X5C,
            _ => return Err(ConfigError::Address),
        })
    }
}

/// Chooses what the registers can express; the numbers are the configuration register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Range {
    /// Expresses 0 to 127.875 Cel.
    Standard = 0x00,
    /// Expresses -64 to 191.875 Cel.
    Extended = 0x04,
}

impl Range {
    /// Returns steps of 0.125 Cel in thousandths; the extended range counts from -64 Cel.
    pub(super) const fn milli_celsius(self, steps: i16) -> i32 {
        let milli_celsius = steps as i32 * 125;
        match self {
            Self::Standard => milli_celsius,
            Self::Extended => milli_celsius - 64_000,
        }
    }

    /// Marks the ends of the scale, which stand for everything beyond.
    pub(super) const fn quality(self, steps: i16) -> Quality {
        let highest = match self {
            Self::Standard => 0x3FF,
            Self::Extended => 0x7FF,
        };
        if steps <= 0 {
            Quality::UnderRange
        } else if steps >= highest {
            Quality::OverRange
        } else {
            Quality::Good
        }
    }
}

/// Holds where a temperature lies, and its bit among the faults.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) high: u8,
    pub(super) low: u8,
    pub(super) fault: u8,
}

/// Lists the chip and the three diodes.
pub(super) const INPUTS: [Input; 4] = [
    Input { high: 0x00, low: 0x29, fault: 0 },
    Input { high: 0x01, low: 0x10, fault: 1 << 1 },
    Input { high: 0x23, low: 0x24, fault: 1 << 2 },
    Input { high: 0x2A, low: 0x2B, fault: 1 << 3 },
];

/// Returns the maker's number above that of the part with so many temperatures.
pub(super) const fn identity(temperatures: usize) -> u16 {
    match temperatures {
        2 => 0x5D20,
        3 => 0x5D21,
        _ => 0x5D25,
    }
}

/// Returns the steps of 0.125 Cel; the lowest five bits mean nothing.
pub(super) const fn steps(register: [u8; 2]) -> i16 {
    (u16::from_be_bytes(register) >> 5) as i16
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn every_register_is_exact_in_both_ranges() {
        for register in 0..=u16::MAX {
            let steps = steps(register.to_be_bytes());
            let [high, low] = register.to_be_bytes();
            let exact = f64::from(high) * 1_000.0 + f64::from(low >> 5) * 125.0;
            let standard = f64::from(Range::Standard.milli_celsius(steps));
            let extended = f64::from(Range::Extended.milli_celsius(steps));
            assert!((standard - exact).abs() < 1e-9);
            assert!((extended - (exact - 64_000.0)).abs() < 1e-9);
        }
        println!("cases: 131072");
    }

    #[test]
    fn the_datasheets_table_holds() {
        // Datasheet, table of the temperature data format: standard, then extended.
        let standard = [(0x0000, 0), (0x0020, 125), (0x0100, 1_000), (0x4000, 64_000)];
        for (register, expected) in standard {
            let given = Range::Standard.milli_celsius(steps(u16::to_be_bytes(register)));
            assert_eq!(given, expected);
        }
        let extended = [
            (0x0000, -64_000),
            (0x3F00, -1_000),
            (0x4000, 0),
            (0x4020, 125),
            (0x8000, 64_000),
            (0xBFE0, 127_875),
            (0xFFE0, 191_875),
        ];
        for (register, expected) in extended {
            let given = Range::Extended.milli_celsius(steps(u16::to_be_bytes(register)));
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn the_ends_of_the_scale_are_marked() {
        use Quality::{Good, OverRange, UnderRange};
        let standard = [0, 1, 0x3FE, 0x3FF].map(|steps| Range::Standard.quality(steps));
        assert_eq!(standard, [UnderRange, Good, Good, OverRange]);
        let extended = [0, 1, 0x400, 0x7FE, 0x7FF].map(|steps| Range::Extended.quality(steps));
        assert_eq!(extended, [UnderRange, Good, Good, Good, OverRange]);
    }
}
