//! From the converter's words to degrees and pascals; all pure.
//!
//! After the formulas in floating point of the datasheet's appendix ("Compensation formula in
//! floating point"): those of the vendor's driver in integers need 64 bits throughout.

use crate::fixed::{product, scaled};
use sundew_units::Quality;

/// Holds the coefficients ("Trimming Coefficients"), `PAR_P1` and `PAR_P2` without their 2^14.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Calibration {
    t1: u16,
    t2: u16,
    t3: i8,
    p1: i16,
    p2: i16,
    p3: i8,
    p4: i8,
    p5: u16,
    p6: u16,
    p7: i8,
    p8: i8,
    p9: i16,
    p10: i8,
    p11: i8,
}

impl Calibration {
    /// Decodes registers 0x31..=0x45, or returns `None` where they are blank.
    pub(super) fn new(bytes: [u8; 21]) -> Option<Self> {
        if bytes == [0; 21] || bytes == [0xFF; 21] {
            return None;
        }
        let [a0, a1, b0, b1, t3, c0, c1, d0, d1, p3, p4, e0, e1, f0, f1, p7, p8, g0, g1, p10, p11] =
            bytes;
        Some(Self {
            t1: u16::from_le_bytes([a0, a1]),
            t2: u16::from_le_bytes([b0, b1]),
            t3: t3 as i8,
            p1: i16::from_le_bytes([c0, c1]),
            p2: i16::from_le_bytes([d0, d1]),
            p3: p3 as i8,
            p4: p4 as i8,
            p5: u16::from_le_bytes([e0, e1]),
            p6: u16::from_le_bytes([f0, f1]),
            p7: p7 as i8,
            p8: p8 as i8,
            p9: i16::from_le_bytes([g0, g1]),
            p10: p10 as i8,
            p11: p11 as i8,
        })
    }

    /// Returns the temperature in 2^-16 Cel of a word of 24 bits.
    pub(super) fn fine(&self, word: u32) -> i32 {
        // Half the range either way: the ends lie beyond -120 and 140 Cel.
        let steps = (word as i32 - (i32::from(self.t1) << 8)).clamp(-(1 << 23), 1 << 23);
        let square = product(steps, steps);
        product(steps << 2, self.t2.into()) + scaled(square, self.t3.into())
    }

    /// Returns the pressure in 0.01 Pa of a word of 24 bits, limited to 0..200,000 Pa.
    ///
    /// In 1/64 Pa on the way; what a real part gives stays below a third of what fits.
    pub(super) fn centi_pascal(&self, word: u32, fine: i32) -> i32 {
        let t = operating(fine);
        let square = product(t, t);
        // In 2^-8, the others in 2^-16.
        let cube = product(square >> 8, t);
        let offset = (i32::from(self.p5) << 9)
            + product(t, self.p6.into())
            + (scaled(square, self.p7.into()) >> 2)
            + (scaled(cube, self.p8.into()) >> 1);
        // In 2^-28 Pa for each step; the 2 make up for what the shifts drop, up to 0.1 Pa.
        let slope = 2
            + ((i32::from(self.p1) - (1 << 14)) << 8)
            + (product(t, i32::from(self.p2) - (1 << 14)) >> 1)
            + (scaled(square, self.p3.into()) >> 4)
            + (scaled(cube, self.p4.into()) >> 1);
        let word = word as i32;
        let linear = product(word, slope) >> 6;
        // The square of the word in 2^20, its cube in 2^42.
        let square = product(word >> 2, word >> 2);
        let cube = product(square, word >> 6);
        let bend = (i32::from(self.p9) << 4) + scaled(t << 4, self.p10.into());
        let bent = (product(square, bend) >> 10) + (scaled(cube, self.p11.into()) >> 1);
        let sum = offset.wrapping_add(linear).wrapping_add(bent).clamp(0, (200_000 << 6) - 1);
        (sum * 25 + 8) >> 4
    }
}

/// Returns a temperature of 2^-16 Cel in 0.01 Cel, to the nearest.
pub(super) fn centi_celsius(fine: i32) -> i32 {
    ((fine >> 4) * 25 + (1 << 9)) >> 10
}

/// Says how far the pressure can be trusted at a temperature.
pub(super) fn quality(fine: i32) -> Quality {
    if operating(fine) == fine { Quality::Good } else { Quality::Suspect }
}

/// Limits a temperature to the operating range of -40..=85 Cel, outside which the formula of
/// pressure was not fitted.
fn operating(fine: i32) -> i32 {
    fine.clamp(-(40 << 16), 85 << 16)
}

#[cfg(test)]
mod tests;
