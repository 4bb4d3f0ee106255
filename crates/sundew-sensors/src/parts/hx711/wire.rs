//! Pulses, timings and conversion; all pure (datasheet, "Serial Interface", "Reset and Power-Down").

use sundew_units::Quality;

/// Counts the bits of a word.
pub(super) const BITS: u8 = 24;
/// Holds for how long the clock stays high to put the part to sleep: 60 us, and some more.
pub(super) const POWER_DOWN_US: u32 = 70;

/// Chooses channel and gain; the numbers are the pulses after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Input {
    /// Measures channel A at gain 128: ±20 mV at a supply of 5 V.
    A128 = 1,
    /// Measures channel B at gain 32: ±80 mV at a supply of 5 V.
    B32 = 2,
    /// Measures channel A at gain 64: ±40 mV at a supply of 5 V.
    A64 = 3,
}

/// Says what the pin RATE chooses.
///
/// The datasheet gives the rates of the internal oscillator as typical; the waits are a tenth longer,
/// and the data pin tells where that is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rate {
    /// Says 10 samples a second: RATE low, as on most boards.
    Hz10,
    /// Says 80 samples a second: RATE high.
    Hz80,
}

impl Rate {
    /// Returns the wait for the next conversion: 100 or 12.5 ms, a tenth, and a tick.
    pub(super) const fn period_ms(self) -> u32 {
        match self {
            Self::Hz10 => 111,
            Self::Hz80 => 15,
        }
    }

    /// Returns the wait after a reset or another input: 400 or 50 ms, a tenth, and a tick.
    pub(super) const fn settling_ms(self) -> u32 {
        match self {
            Self::Hz10 => 441,
            Self::Hz80 => 56,
        }
    }
}

const HIGHEST: i32 = 0x7F_FFFF;
const LOWEST: i32 = -0x80_0000;

/// Returns 24 bits of two's complement as a number.
pub(super) const fn steps(word: u32) -> i32 {
    (word << 8) as i32 >> 8
}

/// Marks the ends of the scale, which stand for everything beyond.
pub(super) const fn quality(steps: i32) -> Quality {
    match steps {
        LOWEST => Quality::UnderRange,
        HIGHEST => Quality::OverRange,
        _ => Quality::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_twos_complement_of_24_bits() {
        for (word, expected) in [
            (0x00_0000, 0),
            (0x00_0001, 1),
            (0x7F_FFFF, 8_388_607),
            (0x80_0000, -8_388_608),
            (0xFF_FFFF, -1),
        ] {
            assert_eq!(steps(word), expected);
        }
        assert_eq!([LOWEST, LOWEST + 1].map(quality), [Quality::UnderRange, Quality::Good]);
        assert_eq!([HIGHEST, HIGHEST - 1].map(quality), [Quality::OverRange, Quality::Good]);
    }
}
