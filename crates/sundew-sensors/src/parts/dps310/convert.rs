//! From the converter's words to degrees and pascals; all pure.

use crate::fixed::{product, scaled};

/// Holds the coefficients (datasheet, "Calibration Coefficients (COEF)"); widths in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Calibration {
    /// 12.
    c0: i16,
    /// 12.
    c1: i16,
    /// 20.
    c00: i32,
    /// 20.
    c10: i32,
    c01: i16,
    c11: i16,
    c20: i16,
    c21: i16,
    c30: i16,
}

impl Calibration {
    /// Decodes registers 0x10..=0x21, or returns `None` where they are blank.
    pub(super) fn new(bytes: [u8; 18]) -> Option<Self> {
        if bytes == [0; 18] || bytes == [0xFF; 18] {
            return None;
        }
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17] =
            bytes;
        Some(Self {
            c0: i16::from_be_bytes([b0, b1]) >> 4,
            c1: i16::from_be_bytes([b1 << 4 | b2 >> 4, b2 << 4]) >> 4,
            c00: i32::from_be_bytes([b3, b4, b5, 0]) >> 12,
            c10: i32::from_be_bytes([b5 << 4 | b6 >> 4, b6 << 4 | b7 >> 4, b7 << 4, 0]) >> 12,
            c01: i16::from_be_bytes([b8, b9]),
            c11: i16::from_be_bytes([b10, b11]),
            c20: i16::from_be_bytes([b12, b13]),
            c21: i16::from_be_bytes([b14, b15]),
            c30: i16::from_be_bytes([b16, b17]),
        })
    }

    /// Returns `c0 / 2 + c1 * t` in 0.01 Cel ("How to Calculate Compensated Temperature Values").
    pub(super) fn centi_celsius(&self, temperature: i32) -> i32 {
        // 2^-12 Cel; the factors have 24 and 12 bits.
        let celsius = (i32::from(self.c0) << 11) + scaled(temperature << 6, self.c1);
        (celsius * 25 + (1 << 9)) >> 10
    }

    /// Returns `c00 + p * (c10 + p * (c20 + p * c30)) + t * (c01 + p * (c11 + p * c21))` in 0.01 Pa
    /// ("How to Calculate Compensated Pressure Values").
    ///
    /// In 1/64 Pa on the way: each product stays below 2^31 for any sum below 524,288 Pa, four
    /// times what the part can measure.
    pub(super) fn centi_pascal(&self, pressure: i32, temperature: i32) -> i32 {
        let sum = (i32::from(self.c20) << 6) + scaled(pressure, self.c30);
        let sum = (self.c10 << 6).wrapping_add(times(sum, pressure));
        let own = (self.c00 << 6).wrapping_add(times(sum, pressure));
        let sum = (i32::from(self.c11) << 6) + scaled(pressure, self.c21);
        let sum = (i32::from(self.c01) << 6).wrapping_add(times(sum, pressure));
        let pascal = own.wrapping_add(times(sum, temperature)).clamp(0, (200_000 << 6) - 1);
        (pascal * 25 + 8) >> 4
    }
}

/// Returns a word of 24 bits as a share of full scale in 2^-22, at most ±2: what a working part
/// gives is within ±1.
///
/// Full scale is `(2 * times - 1) * 2^19` up to 8 measurements, and `2^13` in place of `2^19` above
/// ("Compensation Scale Factors").
pub(super) fn share(word: [u8; 3], times: u8) -> i32 {
    let [high, middle, low] = word;
    let raw = i32::from_be_bytes([high, middle, low, 0]) >> 8;
    let divisor = (i32::from(times) << 1) - 1;
    let scaled_up = if times > 8 { raw.clamp(1 - (1 << 22), (1 << 22) - 1) << 9 } else { raw << 3 };
    (scaled_up / divisor.max(1)).clamp(-(1 << 23), (1 << 23) - 1)
}

/// Returns the product of a value and a share of full scale, rounded down.
fn times(value: i32, share: i32) -> i32 {
    (product(value, share) + 0x20) >> 6
}

#[cfg(test)]
mod tests;
