//! Multiplication of raw words by a positive rational, without division.

/// Holds a rational as a whole number and a 15-bit fraction.
///
/// A division for each value would cost 1,058 cycles on an `ATmega328P` (and 1.5 KB once), a
/// multiplication costs 107: the division is done bit by bit when the constant is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Ratio {
    whole: u16,
    /// Counts from 0 to 32,768.
    fraction: u16,
}

impl Ratio {
    /// Holds `numerator / denominator`; the fraction is rounded to the nearest, halves upwards.
    ///
    /// The callers see to it that the quotient is below 65,536 and `denominator` above 0 and below
    /// 2^31; beyond, the result means nothing.
    pub(super) const fn new(numerator: u32, denominator: u32) -> Self {
        let whole = numerator / denominator;
        let mut rest = numerator % denominator;
        let mut fraction = 0_u16;
        let mut bit = 0;
        while bit < 15 {
            rest <<= 1;
            fraction <<= 1;
            if rest >= denominator {
                rest -= denominator;
                fraction |= 1;
            }
            bit += 1;
        }
        if rest << 1 >= denominator {
            fraction += 1;
        }
        Self { whole: whole as u16, fraction }
    }

    /// Returns `raw` times the rational, at most `0.5 + |raw| / 65,536` off.
    ///
    /// Nothing overflows while the result fits: 32,768 * 32,768 is 2^30.
    pub(super) const fn times(self, raw: i16) -> i32 {
        let raw = raw as i32;
        // Below 65,536 * 32,768 = 2^31, and the quotient's callers stay under it.
        raw.wrapping_mul(self.whole as i32)
            .wrapping_add((raw * self.fraction as i32 + (1 << 14)) >> 15)
    }
}

/// Holds a rational as 31 significant bits, for values of more than 16.
///
/// This one multiplies 64 bits: for what is done once in a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct WideRatio {
    significand: u32,
    shift: u8,
}

impl WideRatio {
    /// Holds `numerator / denominator`, which is below 2^30, rounded to the nearest.
    ///
    /// The callers see to it that both are above 0 and `denominator` below 2^31; beyond, the
    /// result means nothing.
    pub(super) const fn new(numerator: u32, denominator: u32) -> Self {
        let mut significand = numerator / denominator;
        let mut rest = numerator % denominator;
        let mut shift = 0;
        // 62 is the widest shift that leaves the product its sign.
        while significand < 1 << 30 && shift < 62 {
            rest <<= 1;
            significand <<= 1;
            if rest >= denominator {
                rest -= denominator;
                significand |= 1;
            }
            shift += 1;
        }
        if rest << 1 >= denominator {
            significand += 1;
        }
        Self { significand, shift }
    }

    /// Returns `raw` times the rational, at most `0.5 + |result| / 2^31` off, limited to 32 bits.
    pub(super) fn times(self, raw: i32) -> i32 {
        // 2^31 * 2^31 is 2^62: nothing overflows.
        let product = i64::from(raw) * i64::from(self.significand);
        let half = 1_i64 << self.shift >> 1;
        let result = (product + half) >> self.shift;
        let limit = if raw < 0 { i32::MIN } else { i32::MAX };
        i32::try_from(result).unwrap_or(limit)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{Ratio, WideRatio};
    use std::println;

    #[test]
    fn every_word_is_within_the_stated_error() {
        let mut cases = 0_u32;
        for (numerator, denominator) in
            [(100_000, 1_100), (100_000, 205), (10_000_000, 3_000), (1, 3), (7, 7), (4_095, 4_096)]
        {
            let ratio = Ratio::new(numerator, denominator);
            for raw in i16::MIN..=i16::MAX {
                let exact = f64::from(raw) * f64::from(numerator) / f64::from(denominator);
                let bound = 0.5 + f64::from(raw).abs() / 65_536.0 + 1e-9;
                let error = (f64::from(ratio.times(raw)) - exact).abs();
                assert!(error <= bound, "{raw} * {numerator} / {denominator}: {error}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn whole_numbers_are_exact_and_the_largest_fits() {
        assert_eq!(Ratio::new(65_535, 1).times(i16::MIN), -65_535 * 32_768);
        assert_eq!(Ratio::new(150, 1).times(-1), -150);
        // A fraction that rounds up to 1 is 1.
        assert_eq!(Ratio::new(65_535, 65_536).times(10_000), 10_000);
    }

    #[test]
    fn wide_values_are_within_the_stated_error() {
        let mut cases = 0_u32;
        for (numerator, denominator) in
            [(4_000, 500), (4_000, 100_000), (4_000, 10_000_000), (625, 320), (1, 3), (7, 7)]
        {
            let ratio = WideRatio::new(numerator, denominator);
            for raw in (-(1 << 28)..=1 << 28).step_by(4_099) {
                let exact = f64::from(raw) * f64::from(numerator) / f64::from(denominator);
                let limited = exact.clamp(f64::from(i32::MIN), f64::from(i32::MAX));
                let bound = 0.5 + limited.abs() / f64::from(1_u32 << 31) + 1e-6;
                let error = (f64::from(ratio.times(raw)) - limited).abs();
                assert!(error <= bound, "{raw} * {numerator} / {denominator}: {error}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn what_does_not_fit_is_limited() {
        let ratio = WideRatio::new(5, 2);
        assert_eq!(ratio.times(i32::MAX), i32::MAX);
        assert_eq!(ratio.times(i32::MIN), i32::MIN);
        assert_eq!((ratio.times(1), ratio.times(-1)), (3, -2));
    }
}
