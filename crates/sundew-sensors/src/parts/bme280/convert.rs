//! From the converter's words to degrees, pascals and percents; all pure.
//!
//! After "Compensation formulas" (4.2.3) and appendix 8 of the datasheet. The formulas in 32 bits
//! of its appendix 8.2 cut the pressure's divisor to 16 bits, and those of 4.2.3 need a 64-bit
//! division; here the terms keep the bits that count, and the division is a loop.

use crate::fixed::scaled;
use sundew_units::Quality;

/// Holds the calibration of one part ("Trimming parameter readout", table 16), and converts the
/// words that its converter gives.
///
/// The driver does so by itself; this is for words that were kept raw, to be converted elsewhere.
///
/// ```
/// use sundew_sensors::bme280::Calibration;
///
/// // The example of the `BMP280`'s datasheet (3.12), without humidity.
/// let low = [
///     0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C, 0x00,
///     0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0, 0,
/// ];
/// let part = Calibration::new(low, [0; 7]).unwrap();
/// let warmth = part.warmth(519_888 << 4);
/// assert_eq!(warmth.centi_celsius(), 2_508);
/// assert_eq!(part.deci_pascal(415_148 << 4, warmth), 1_006_533); // 100,653.27 Pa
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    t1: u16,
    t2: i16,
    t3: i16,
    /// Holds `dig_P1 * 2^26 / 3125`: the divisor of a quotient in steps of 2^17 Pa.
    divisor: u32,
    p2: i16,
    p3: i16,
    p4: i16,
    p5: i16,
    p6: i16,
    p7: i16,
    p8: i16,
    p9: i16,
    h1: u8,
    h2: i16,
    h3: u8,
    h4: i16,
    h5: i16,
    h6: i8,
}

// On AVR the longer ones stay functions: inlined into one they want more registers than there are,
// and the driver takes a third more flash (6,985 B instead of 5,279 when it was tried) to save 593
// cycles of 11,446. On thumbv6m inlining saves 216 B.
impl Calibration {
    /// Decodes registers 0x88..=0xA1 and 0xE1..=0xE7; a `BMP280` has no humidity, so zeros there.
    ///
    /// Returns `None` where `dig_T1` or `dig_P1` is 0 or all ones: that is a memory that was not
    /// read, and `dig_P1` is divided by.
    #[cfg_attr(target_arch = "avr", inline(never))]
    pub const fn new(low: [u8; 26], high: [u8; 7]) -> Option<Self> {
        let [
            a0,
            a1,
            b0,
            b1,
            c0,
            c1,
            d0,
            d1,
            e0,
            e1,
            f0,
            f1,
            g0,
            g1,
            i0,
            i1,
            j0,
            j1,
            k0,
            k1,
            l0,
            l1,
            m0,
            m1,
            _,
            h1,
        ] = low;
        let [n0, n1, h3, h4, h45, h5, h6] = high;
        let t1 = u16::from_le_bytes([a0, a1]);
        let p1 = u16::from_le_bytes([d0, d1]);
        if matches!(t1, 0 | 0xFFFF) || matches!(p1, 0 | 0xFFFF) {
            return None;
        }
        let p1 = p1 as u32;
        Some(Self {
            t1,
            t2: i16::from_le_bytes([b0, b1]),
            t3: i16::from_le_bytes([c0, c1]),
            // 2^26 / 3125 is 21,474.83648, of which 54,820 / 65,536 is the fraction.
            divisor: p1 * 21_474 + ((p1 * 54_820) >> 16),
            p2: i16::from_le_bytes([e0, e1]),
            p3: i16::from_le_bytes([f0, f1]),
            p4: i16::from_le_bytes([g0, g1]),
            p5: i16::from_le_bytes([i0, i1]),
            p6: i16::from_le_bytes([j0, j1]),
            p7: i16::from_le_bytes([k0, k1]),
            p8: i16::from_le_bytes([l0, l1]),
            p9: i16::from_le_bytes([m0, m1]),
            h1,
            h2: i16::from_le_bytes([n0, n1]),
            h3,
            // Twelve bits each, which share the byte between them.
            h4: (h4 as i8 as i16) << 4 | (h45 & 0x0F) as i16,
            h5: (h5 as i8 as i16) << 4 | (h45 >> 4) as i16,
            h6: h6 as i8,
        })
    }

    /// Returns the temperature of a word of 20 bits, left-aligned in 24 as the registers hold it.
    ///
    /// The datasheet's terms, with the three bits that its integer formula drops: they are worth
    /// up to 0.7 Pa in the pressure. Left-aligned, two of the shifts are whole bytes: 32 cycles
    /// less on an `ATmega328P`.
    pub fn warmth(&self, raw: u32) -> Warmth {
        let steps = (raw & WORD) as i32 - (i32::from(self.t1) << 8);
        // At most 65,535 either way, so the square fits without its sign.
        let sixteenth = (steps >> 8) as u32;
        let square = sixteenth.wrapping_mul(sixteenth).wrapping_add(0x8000) >> 16;
        Warmth((scaled(steps, self.t2) + ((square as i32 * i32::from(self.t3)) >> 8) + 2) >> 2)
    }

    /// Returns the pressure in 0.1 Pa of a word as above, at most 131,072 Pa.
    #[cfg_attr(target_arch = "avr", inline(never))]
    pub fn deci_pascal(&self, raw: u32, warmth: Warmth) -> i32 {
        // 65 Cel below to 60 above the zero of the formula: 20 bits with the sign.
        let warmth = warmth.operating() - 128_000;
        let eighth = warmth >> 3;
        let square = (eighth * eighth + 0x8000) >> 16;
        // Steps of the converter, in sixteenths: dig_P4 * 16 + dig_P5 * var1 / 2^13 + ...
        let offset = (i32::from(self.p4) << 8)
            + scaled(warmth << 6, self.p5)
            + ((square * i32::from(self.p6)) >> 5);
        let steps = 0x0100_0000 - (raw & WORD) as i32 - offset;
        // What the temperature adds to the sensitivity of 1, in 2^-24.
        let gain = scaled(warmth << 5, self.p2) + ((square * i32::from(self.p3)) >> 9);
        let high = (self.divisor >> 16) as i16;
        let low = (self.divisor & 0xFFFF) as i32;
        let divisor = self.divisor as i32 + (scaled(gain, high) << 8) + (((gain >> 8) * low) >> 16);
        let pascal = sixty_fourths(steps, divisor as u32);
        // dig_P9 * p^2 / 2^35 + dig_P8 * p / 2^19 + dig_P7 / 16
        let half = (pascal + 0x40) >> 7;
        let square = (half as u32).wrapping_mul(half as u32).wrapping_add(0x8000) >> 16;
        let pascal = pascal
            + (scaled(pascal, self.p8) >> 3)
            + ((square as i32 * i32::from(self.p9)) >> 11)
            + (i32::from(self.p7) << 2);
        (pascal.max(0) * 5 + 16) >> 5
    }

    /// Returns the humidity in 0.01 %RH of a word of 16 bits, limited to 0..=100 %RH.
    #[cfg_attr(target_arch = "avr", inline(never))]
    pub fn centi_percent(&self, raw: u16, warmth: Warmth) -> i32 {
        // 1/320 Cel from 15 Cel: 16 bits with the sign.
        let warmth = (warmth.operating() - 76_800) >> 4;
        // Steps of the converter, in halves.
        let steps = (i32::from(raw) << 1)
            - (i32::from(self.h4) << 7)
            - ((i32::from(self.h5) * warmth) >> 9);
        let steps = steps.clamp(0, 0xFFFF);
        // What the temperature makes of the sensitivity of 1, in 2^-14.
        let bend = ((i32::from(self.h3) * warmth) >> 8) + (1 << 14);
        let gain = ((((i32::from(self.h6) * warmth) >> 6) * bend + 0x8000) >> 16) + (1 << 14);
        let gain = gain * i32::from(self.h2);
        let percent = scaled(gain, (steps - 0x8000) as i16) + (gain >> 1);
        // In 2^-15 %RH; the last term bends it back by at most 4.9 %RH.
        let percent = percent.clamp(0, 120 << 15);
        let short = percent >> 7;
        let percent = percent - ((((short * short) >> 8) * i32::from(self.h1)) >> 12);
        (percent.clamp(0, 100 << 15) * 100 + (1 << 14)) >> 15
    }
}

/// Holds the temperature of a part in 1/5120 Cel, the `t_fine` of the datasheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Warmth(i32);

impl Warmth {
    /// Returns the temperature in 0.01 Cel.
    ///
    /// A quarter is added where the datasheet multiplies by 5, which costs 85 cycles on an
    /// `ATmega328P`; the last place is 0.012 off for it at most.
    pub const fn centi_celsius(self) -> i32 {
        (self.0 + (self.0 >> 2) + 32) >> 6
    }

    /// Says how far pressure and humidity can be trusted at this temperature.
    pub fn quality(self) -> Quality {
        if self.operating() == self.0 { Quality::Good } else { Quality::Suspect }
    }

    /// Limits the temperature to the operating range of -40..=85 Cel, outside which the formulas
    /// of pressure and humidity were not fitted.
    fn operating(self) -> i32 {
        self.0.clamp(-40 * 5_120, 85 * 5_120)
    }
}

/// Masks what a word can hold, for words that no part gave.
const WORD: u32 = 0x00FF_FFFF;

/// Returns `steps * 64 / divisor` of 2^17 Pa in 1/64 Pa, limited to what the square can take.
///
/// Bit by bit: the quotient has 23 bits, and two divisions of 32 bits would each make 32.
fn sixty_fourths(steps: i32, divisor: u32) -> i32 {
    const MAX: i32 = 0x007F_FFBF;
    let mut rest = (steps.clamp(0, 0x01FF_FFFF) as u32) << 6;
    if rest >= divisor {
        return MAX;
    }
    let mut quotient = 0;
    for _ in 0..23 {
        rest <<= 1;
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= 1;
        }
    }
    quotient.min(MAX)
}

#[cfg(test)]
mod tests;
