//! Decimals as floats, for the parts, drivers and dashboards that have them.

use super::Dec;

impl Dec {
    /// Returns the nearest `f64` for exponents of -22 to 22; past that it is within 6 ULP.
    ///
    /// ```
    /// use sundew_units::Dec;
    /// assert_eq!(Dec::new(2_345, -2).to_f64(), 23.45);
    /// ```
    pub fn to_f64(self) -> f64 {
        shifted(f64::from(self.mantissa), i16::from(self.exponent))
    }

    /// Returns the nearest `f32`, or the second nearest where the number lies within `2^-28` ULP
    /// of the middle between two; infinity past the range of `f32`.
    pub fn to_f32(self) -> f32 {
        self.to_f64() as f32
    }

    /// Returns the decimal at an exponent that is nearest to a float, for drivers that give
    /// floats; `None` where it does not fit, or is no number.
    ///
    /// The power of ten is multiplied in `f64`, which may decide a tie, or what is as near to one
    /// as `2^-20` of the last place, either way.
    ///
    /// ```
    /// use sundew_units::Dec;
    /// assert_eq!(Dec::from_f64(f64::from(23.45_f32), -2), Some(Dec::new(2_345, -2)));
    /// assert_eq!(Dec::from_f64(f64::NAN, 0), None);
    /// ```
    pub fn from_f64(value: f64, exponent: i8) -> Option<Self> {
        let scaled = shifted(value, -i16::from(exponent));
        if !(scaled > -2_147_483_648.5 && scaled < 2_147_483_647.5) {
            return None;
        }
        // Casts cut off: the second one says whether that was half a place or more.
        let whole = scaled as i32;
        let half = ((scaled - f64::from(whole)) * 2.0) as i32;
        Some(Self { mantissa: whole.checked_add(half)?, exponent })
    }
}

/// Returns `value x 10^exponent`.
fn shifted(mut value: f64, exponent: i16) -> f64 {
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        // 10^22 is the largest power of ten that a double holds: one rounding for 22 places.
        let step = left.min(22);
        let power = (0..step).fold(1.0, |power, _| power * 10.0);
        value = if exponent < 0 { value / power } else { value * power };
        left -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    proptest! {
        #[test]
        fn floats_are_as_near_as_stated(mantissa: i32, exponent: i8) {
            let dec = Dec::new(mantissa, exponent);
            // The parser of the standard library rounds correctly.
            let nearest: f64 = dec.to_string().parse().unwrap();
            let off = (dec.to_f64().to_bits() as i64 - nearest.to_bits() as i64).abs();
            let bound = if (-22..=22).contains(&exponent) { 0 } else { 6 };
            prop_assert!(off <= bound, "{} is {off} ULP off", dec);
        }

        #[test]
        fn floats_come_back(mantissa: i32, exponent in -22..=22_i8) {
            let dec = Dec::new(mantissa, exponent);
            prop_assert_eq!(Dec::from_f64(dec.to_f64(), exponent), Some(dec));
        }

        #[test]
        fn single_precision_comes_back_with_seven_digits(mantissa in -999_999..=999_999, exponent in -9..=9_i8) {
            let dec = Dec::new(mantissa, exponent);
            prop_assert_eq!(Dec::from_f64(f64::from(dec.to_f32()), exponent), Some(dec));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2_147_483_647.5, 1e300] {
            assert_eq!(Dec::from_f64(value, 0), None, "{value}");
        }
        assert_eq!(Dec::from_f64(-2_147_483_648.0, 0), Some(Dec::new(i32::MIN, 0)));
        assert_eq!(Dec::from_f64(2.5, 0), Some(Dec::new(3, 0)));
        assert_eq!(Dec::from_f64(-2.5, 0), Some(Dec::new(-3, 0)));
    }
}
