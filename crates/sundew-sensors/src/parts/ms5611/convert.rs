//! The checksum of the memory, and from the converter's words to degrees and pascals; all pure.

use crate::fixed::product;

/// Holds C1 to C6 ("Pressure and temperature calculation").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Calibration {
    sensitivity: u16,
    offset: u16,
    sensitivity_slope: u16,
    offset_slope: u16,
    reference: u16,
    temperature_slope: u16,
}

/// Returns whether the checksum in the last four bits of the memory is right.
///
/// AN520: polynomial 0x3000 on the 16 bytes, the last of which counts as 0.
pub(super) fn is_intact(words: [u16; 8]) -> bool {
    let [w0, w1, w2, w3, w4, w5, w6, last] = words;
    let mut rest = 0_u16;
    for word in [w0, w1, w2, w3, w4, w5, w6, last & 0xFF00] {
        for byte in word.to_be_bytes() {
            rest ^= u16::from(byte);
            for _ in 0..8 {
                rest = if rest & 0x8000 == 0 { rest << 1 } else { rest << 1 ^ 0x3000 };
            }
        }
    }
    rest >> 12 == last & 0x0F
}

impl Calibration {
    /// Takes the memory, or returns `None` where a coefficient is 0 or all ones: its checksum is
    /// right where all of it is 0.
    pub(super) fn new(words: [u16; 8]) -> Option<Self> {
        let [_, c1, c2, c3, c4, c5, c6, _] = words;
        if [c1, c2, c3, c4, c5, c6].iter().any(|word| matches!(word, 0 | 0xFFFF)) {
            return None;
        }
        Some(Self {
            sensitivity: c1,
            offset: c2,
            sensitivity_slope: c3,
            offset_slope: c4,
            reference: c5,
            temperature_slope: c6,
        })
    }

    /// Returns the temperature in 0.01 Cel, rounded down as in the datasheet, and the pressure in
    /// 0.1 Pa, at least 0, of D1 and D2.
    ///
    /// The datasheet's terms have 64 bits; here they lose 9 to 22 of the lowest, and what is left
    /// is 1/64 Pa. Their sum may be up to 500,000 Pa, three times that of a real part.
    pub(super) fn values(&self, d1: u32, d2: u32) -> [i32; 2] {
        // The ends lie beyond -150 and 250 Cel.
        let warmth = (d2 as i32 - (i32::from(self.reference) << 8)).clamp(-(1 << 23), 1 << 23);
        // 2^-7 of 0.01 Cel, from 20 Cel.
        let fine = product(warmth, self.temperature_slope.into());
        let mut offset = (i32::from(self.offset) << 7) + product(warmth, self.offset_slope.into());
        let mut sensitivity =
            (i32::from(self.sensitivity) << 7) + product(warmth, self.sensitivity_slope.into());
        let mut correction = 0;
        if fine < 0 {
            // "Second order temperature compensation", in eighths of 0.01 Cel down to -40 Cel: in
            // whole ones it would be off by up to 4 Pa.
            correction = product(warmth, warmth) >> 15;
            let below = ((fine + 8) >> 4).max(-6_000 * 8);
            let mut square = 5 * square_of(below);
            let mut steeper = square;
            let below = below + 3_500 * 8;
            if below < 0 {
                square += 14 * square_of(below);
                steeper += 22 * square_of(below);
            }
            offset -= (square + (1 << 9)) >> 10;
            sensitivity -= (steeper + (1 << 9)) >> 10;
        }
        let sum = (product(d1 as i32, sensitivity) >> 6).wrapping_sub(offset);
        let pascal = (sum.clamp(0, (200_000 << 6) - 1) * 5 + 16) >> 5;
        [2_000 + (fine >> 7) - correction, pascal]
    }
}

/// Returns the square of a number that is given in eighths; it has 16 bits with them.
const fn square_of(eighths: i32) -> i32 {
    ((eighths.wrapping_mul(eighths) as u32) >> 6) as i32
}

#[cfg(test)]
mod tests;
