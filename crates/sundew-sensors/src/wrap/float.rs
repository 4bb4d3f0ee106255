//! The boundary to crates that give floats.

/// Returns the integer nearest to `value / 10^exponent`, or `None` where there is none.
///
/// There is none for what is not a number and for what does not fit an `i32`. An `f32` has 24
/// bits, so a result above 16,777,216 is no finer than the float was. `exponent` is at most 0 for
/// the quantities of sensors; above it the value is returned as for 0.
///
/// For targets of 32 bits: one multiplication of floats costs an `ATmega328P` 986 cycles and 2.3 KB.
///
/// ```
/// use sundew_sensors::wrap::rounded;
/// assert_eq!(rounded(-23.456, -2), Some(-2_346));
/// assert_eq!(rounded(f32::NAN, -2), None);
/// assert_eq!(rounded(3e9, 0), None);
/// ```
pub fn rounded(value: f32, exponent: i8) -> Option<i32> {
    // Exact up to 10^10; beyond, each step rounds once.
    let scaled = (exponent..0).fold(value, |scaled, _| scaled * 10.0);
    let nearest = if scaled < 0.0 { scaled - 0.5 } else { scaled + 0.5 };
    // -2^31 and 2^31 are floats; the comparison is false for what is not a number.
    let fits = (-2_147_483_648.0..2_147_483_648.0).contains(&nearest);
    fits.then_some(nearest as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_an_integer_comes_back() {
        for raw in 0..=u16::MAX {
            for (divisor, exponent, step) in [(10_u16, -1, 1), (100, -2, 1), (200, -3, 5)] {
                let value = f32::from(raw) / f32::from(divisor);
                let expected = i32::from(raw) * step;
                assert_eq!(rounded(value, exponent), Some(expected), "{raw} / {divisor}");
                assert_eq!(rounded(-value, exponent), Some(-expected));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_none() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2_147_483_648.0, -3e9, 1e38] {
            assert_eq!(rounded(value, 0), None, "{value}");
            assert_eq!(rounded(value, -9), None, "{value}");
        }
        assert_eq!(rounded(2_147_483_520.0, 0), Some(2_147_483_520));
        assert_eq!(rounded(0.0, -128), Some(0));
        assert_eq!(rounded(7.5, 3), Some(8));
    }
}
