//! Registers, timings and conversion; all pure (datasheet, "Registers description").

use sundew_units::Quality;

/// Points to the identity.
pub(super) const WHO_AM_I: u8 = 0x0F;
/// Holds the identity.
pub(super) const WHO_AM_I_VALUE: u8 = 0x33;
/// Points to the rate; three control registers and some more lie up to the flags and the axes.
pub(super) const CONTROL_1: u8 = 0x20;
/// Points to the range.
pub(super) const CONTROL_4: u8 = 0x23;
/// Marks a pointer that moves on.
pub(super) const NEXT: u8 = 0x80;
/// Marks a new set of axes.
pub(super) const DATA_NEW: u8 = 0x08;

const ALL_AXES: u8 = 0b111;
/// Keeps both bytes of an axis of one measurement.
const BLOCK_UPDATE: u8 = 0x80;

/// Chooses what the axes can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Range {
    /// Expresses ±2 g, in steps of 1 milli-g at 12 bits.
    G2 = 0,
    /// Expresses ±4 g, in steps of 2 milli-g at 12 bits.
    G4 = 1,
    /// Expresses ±8 g, in steps of 4 milli-g at 12 bits.
    G8 = 2,
    /// Expresses ±16 g, in steps of 12 milli-g at 12 bits.
    G16 = 3,
}

/// Chooses how often the part measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rate {
    /// Measures once a second.
    Hz1 = 1,
    /// Measures 10 times a second.
    Hz10 = 2,
    /// Measures 25 times a second.
    Hz25 = 3,
    /// Measures 50 times a second.
    Hz50 = 4,
    /// Measures 100 times a second.
    Hz100 = 5,
    /// Measures 200 times a second.
    Hz200 = 6,
    /// Measures 400 times a second.
    Hz400 = 7,
}

impl Rate {
    /// Returns a period in tenths of a millisecond, a tenth longer than the rate says: the
    /// datasheet states no tolerance. The flag tells where it is longer still.
    const fn longest(self) -> u32 {
        match self {
            Self::Hz1 => 11_000,
            Self::Hz10 => 1_100,
            Self::Hz25 => 440,
            Self::Hz50 => 220,
            Self::Hz100 => 110,
            Self::Hz200 => 55,
            Self::Hz400 => 28,
        }
    }
}

/// Chooses between noise and current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Resolution {
    /// Resolves 8 bits, at the lowest current.
    Eight = 8,
    /// Resolves 10 bits.
    Ten = 10,
    /// Resolves 12 bits, and takes seven periods until the first value is right.
    Twelve = 12,
}

/// Says how the part measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    range: Range,
    rate: Rate,
    resolution: Resolution,
}

impl Config {
    /// Measures with so much range, so often, so finely.
    pub const fn new(range: Range, rate: Rate, resolution: Resolution) -> Self {
        Self { range, rate, resolution }
    }

    pub(super) const fn control_1(self) -> u8 {
        let is_low_power = matches!(self.resolution, Resolution::Eight) as u8;
        (self.rate as u8) << 4 | is_low_power << 3 | ALL_AXES
    }

    pub(super) const fn control_4(self) -> u8 {
        let is_high_resolution = matches!(self.resolution, Resolution::Twelve) as u8;
        BLOCK_UPDATE | (self.range as u8) << 4 | is_high_resolution << 3
    }

    /// Returns the wait for the next measurement: a period rounded up, and a tick.
    pub(super) const fn period_ms(self) -> u32 {
        self.rate.longest().div_ceil(10) + 1
    }

    /// Returns the wait for the first one: the turn-on time ("Operating mode selection", 1 ms,
    /// 1.6 ms or seven periods), a period, and a tick.
    pub(super) const fn first_wait_ms(self) -> u32 {
        match self.resolution {
            Resolution::Twelve => (8 * self.rate.longest()).div_ceil(10) + 1,
            _ => self.period_ms() + 2,
        }
    }

    /// Returns a left-aligned axis in tenths of a millimetre per square second.
    pub(super) const fn acceleration(self, axis: i16) -> i32 {
        let per_digit = match self.range {
            Range::G2 => 1,
            Range::G4 => 2,
            Range::G8 => 4,
            Range::G16 => 12,
        };
        // A digit of 10 or 8 bits is four or sixteen times as much, and so many bits further up.
        let milli_g = (axis >> 4) as i32 * per_digit;
        // 98.0665 to the milli-g: 98, and 4,358 of 65,536. 24,576 * 4,358 is 2^26.7.
        milli_g * 98 + ((milli_g * 4_358 + (1 << 15)) >> 16)
    }

    /// Marks the ends of the scale, which stand for everything beyond.
    pub(super) const fn quality(self, axis: i16) -> Quality {
        let unused = 16 - self.resolution as u32;
        if axis >> unused == i16::MAX >> unused {
            Quality::OverRange
        } else if axis >> unused == i16::MIN >> unused {
            Quality::UnderRange
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

    const RANGES: [(Range, f64); 4] =
        [(Range::G2, 1.0), (Range::G4, 2.0), (Range::G8, 4.0), (Range::G16, 12.0)];

    #[test]
    fn every_word_of_every_range_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        let mut cases = 0_u32;
        for (range, milli_g) in RANGES {
            let config = Config::new(range, Rate::Hz1, Resolution::Twelve);
            for axis in i16::MIN..=i16::MAX {
                let exact = f64::from(axis >> 4) * milli_g * 98.0665;
                worst = worst.max((f64::from(config.acceleration(axis)) - exact).abs());
                cases += 1;
            }
        }
        assert!(worst <= 0.56, "{worst}");
        assert!(worst > 0.5, "the bound is stated too loosely: {worst}");
        println!("cases: {cases}");
    }

    #[test]
    fn digits_of_each_resolution_are_the_datasheets() {
        // Datasheet table 4, "Sensitivity", in milli-g to the digit.
        for (resolution, per_digit) in [
            (Resolution::Twelve, [1, 2, 4, 12]),
            (Resolution::Ten, [4, 8, 16, 48]),
            (Resolution::Eight, [16, 32, 64, 192]),
        ] {
            for ((range, _), milli_g) in RANGES.into_iter().zip(per_digit) {
                let config = Config::new(range, Rate::Hz1, resolution);
                let hundred = 100_i16 << (16 - resolution as u16);
                let exact = f64::from(milli_g) * 9_806.65;
                let given = f64::from(config.acceleration(hundred));
                assert!((given - exact).abs() <= 0.56, "{range:?} {resolution:?}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_scale_are_marked_at_each_resolution() {
        use Quality::{Good, OverRange, UnderRange};
        for (resolution, step) in
            [(Resolution::Twelve, 16), (Resolution::Ten, 64), (Resolution::Eight, 256)]
        {
            let config = Config::new(Range::G2, Rate::Hz1, resolution);
            let top = i16::MAX - step + 1;
            let words = [i16::MIN, i16::MIN + step, 0, top - step, top];
            let expected = [UnderRange, Good, Good, Good, OverRange];
            assert_eq!(words.map(|word| config.quality(word)), expected, "{resolution:?}");
        }
    }

    #[test]
    fn configurations_are_the_datasheets_bits() {
        let config = Config::new(Range::G16, Rate::Hz400, Resolution::Eight);
        assert_eq!((config.control_1(), config.control_4()), (0x7F, 0xB0));
        assert_eq!((config.first_wait_ms(), config.period_ms()), (6, 4));
        let config = Config::new(Range::G2, Rate::Hz1, Resolution::Twelve);
        assert_eq!((config.control_1(), config.control_4()), (0x17, 0x88));
        assert_eq!((config.first_wait_ms(), config.period_ms()), (8_801, 1_101));
        let config = Config::new(Range::G4, Rate::Hz100, Resolution::Ten);
        assert_eq!((config.control_1(), config.control_4()), (0x57, 0x90));
        assert_eq!((config.first_wait_ms(), config.period_ms()), (14, 12));
    }
}
