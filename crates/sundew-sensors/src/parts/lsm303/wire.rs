//! Registers, timings and conversion; all pure (datasheet of each part, "Register mapping").

use crate::parts::ratio::Ratio;

/// Points to the data rate.
pub(super) const CONFIGURATION_A: u8 = 0x00;
/// Points to the gain.
pub(super) const CONFIGURATION_B: u8 = 0x01;
/// Points to the mode.
pub(super) const MODE: u8 = 0x02;
/// Points to the flags.
pub(super) const STATUS: u8 = 0x09;
/// Points to three letters.
pub(super) const IDENTITY: u8 = 0x0A;

/// Sets 75 Hz, which is not the rate after power-up (15 Hz): so a break-down can be told.
pub(super) const RATE_75_HZ: u8 = 0b110 << 2;
/// Triggers one measurement.
pub(super) const SINGLE: u8 = 0x01;
/// Marks a new set of axes.
pub(super) const DATA_READY: u8 = 0x01;
/// Holds the wait: a period of 13.3 ms rounded up, and a tick. The time of a single measurement is
/// not stated; the flag tells where it is longer.
pub(super) const DLHC_WAIT_MS: u32 = 15;

/// Chooses what the registers can express; the numbers are the gain register's (table "Gain setting").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Range {
    /// Expresses ±130 uT, in steps of 91 and (Z) 102 nT: the earth's field has 25 to 65 uT, and
    /// iron near the part adds to it.
    Gauss1_3 = 0x20,
    /// Expresses ±190 uT, in steps of 117 and (Z) 132 nT.
    Gauss1_9 = 0x40,
    /// Expresses ±250 uT, in steps of 149 and (Z) 167 nT.
    Gauss2_5 = 0x60,
    /// Expresses ±400 uT, in steps of 222 and (Z) 250 nT.
    Gauss4_0 = 0x80,
    /// Expresses ±470 uT, in steps of 250 and (Z) 282 nT.
    Gauss4_7 = 0xA0,
    /// Expresses ±560 uT, in steps of 303 and (Z) 339 nT.
    Gauss5_6 = 0xC0,
    /// Expresses ±810 uT, in steps of 435 and (Z) 488 nT.
    Gauss8_1 = 0xE0,
}

impl Range {
    /// Returns nanotesla to the step, along X and Y and along Z; 1 gauss is 100,000 nT.
    pub(super) const fn steps(self) -> (Ratio, Ratio) {
        let (xy, z) = self.per_gauss();
        (Ratio::new(100_000, xy), Ratio::new(100_000, z))
    }

    const fn per_gauss(self) -> (u32, u32) {
        match self {
            Self::Gauss1_3 => (1_100, 980),
            Self::Gauss1_9 => (855, 760),
            Self::Gauss2_5 => (670, 600),
            Self::Gauss4_0 => (450, 400),
            Self::Gauss4_7 => (400, 355),
            Self::Gauss5_6 => (330, 295),
            Self::Gauss8_1 => (230, 205),
        }
    }
}

/// Returns a bit for each axis that the part could not express: it shows -4096 then.
pub(super) fn overflows(axes: [i16; 3]) -> u8 {
    let bits = axes.iter().rev();
    bits.fold(0, |bits, axis| bits << 1 | u8::from(*axis == -4_096))
}

/// The `LSM303AGR`.
pub(super) mod agr {
    /// Points to the identity.
    pub(in super::super) const IDENTITY: u8 = 0x4F;
    /// Holds the identity.
    pub(in super::super) const IDENTITY_VALUE: u8 = 0x40;
    /// Points to rate and mode.
    pub(in super::super) const CONFIGURATION_A: u8 = 0x60;
    /// Points to the way of updating.
    pub(in super::super) const CONFIGURATION_C: u8 = 0x62;
    /// Points to the flags; the axes follow.
    pub(in super::super) const STATUS: u8 = 0x67;
    /// Marks a pointer that moves on.
    pub(in super::super) const NEXT: u8 = 0x80;

    /// Compensates for temperature, as the datasheet asks for, and triggers one measurement.
    pub(in super::super) const SINGLE: u8 = 0x80 | 0x01;
    /// Keeps both bytes of an axis of one measurement; it is not set after power-up.
    pub(in super::super) const BLOCK_UPDATE: u8 = 0x10;
    /// Marks a new set of axes.
    pub(in super::super) const DATA_READY: u8 = 0x08;
    /// Holds the wait: twice the 9.4 ms that the datasheet gives as the turn-on time in high
    /// resolution, rounded up, and a tick. It states no maximum; the flag tells where it is longer.
    pub(in super::super) const WAIT_MS: u32 = 20;

    /// Returns steps of 1.5 milligauss in nanotesla.
    pub(in super::super) fn nanotesla(steps: i16) -> i32 {
        i32::from(steps) * 150
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    const RANGES: [Range; 7] = [
        Range::Gauss1_3,
        Range::Gauss1_9,
        Range::Gauss2_5,
        Range::Gauss4_0,
        Range::Gauss4_7,
        Range::Gauss5_6,
        Range::Gauss8_1,
    ];

    #[test]
    fn every_word_of_every_range_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        let mut cases = 0_u32;
        for range in RANGES {
            let (xy, z) = range.per_gauss();
            let steps = range.steps();
            for (ratio, per_gauss) in [(steps.0, xy), (steps.1, z)] {
                for raw in -4_096..=4_095_i16 {
                    let exact = f64::from(raw) * 100_000.0 / f64::from(per_gauss);
                    worst = worst.max((f64::from(ratio.times(raw)) - exact).abs());
                    cases += 1;
                }
            }
        }
        assert!(worst <= 0.57, "{worst}");
        assert!(worst > 0.5, "the bound is stated too loosely: {worst}");
        println!("cases: {cases}");
    }

    #[test]
    fn a_gauss_is_a_tenth_of_a_millitesla() {
        for range in RANGES {
            let (xy, z) = range.per_gauss();
            let (step_xy, step_z) = range.steps();
            assert_eq!(step_xy.times(xy as i16), 100_000);
            assert_eq!(step_z.times(-(z as i16)), -100_000);
        }
        assert_eq!(agr::nanotesla(i16::MIN), -4_915_200);
        assert_eq!(agr::nanotesla(i16::MAX), 4_915_050);
    }

    #[test]
    fn an_overflow_is_told_for_its_axis_alone() {
        assert_eq!(overflows([0, 0, 0]), 0);
        assert_eq!(overflows([-4_096, -2_048, 2_047]), 0b001);
        assert_eq!(overflows([4_095, -4_096, -4_096]), 0b110);
    }
}
