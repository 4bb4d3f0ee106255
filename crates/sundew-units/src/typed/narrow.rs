//! Conversions whose range is known to stay small.

use crate::rounding::Rest;
use crate::{Conversion, Rounding};

/// Holds a conversion of bounded values that stays within 32 bits:
/// `(mantissa x factor + addend) / divisor`.
#[derive(Clone, Copy)]
pub(super) struct Narrow {
    factor: i32,
    addend: i32,
    divisor: u32,
}

impl Narrow {
    /// Returns the conversion between two exponents, where no step of it overflows for `range`.
    /// Runs while compiling only.
    pub(super) const fn new(
        conversion: Conversion,
        [from, to]: [i8; 2],
        range: [i32; 2],
    ) -> Option<Self> {
        // Everything in steps of the finest of the three exponents.
        let mut value_power = from as i16 + conversion.exponent() as i16;
        let mut result_power = to as i16;
        let mut addend_power = -2_i16;
        let has_addend = conversion.offset().mantissa() != 0;
        let mut finest = if value_power < result_power { value_power } else { result_power };
        if has_addend && addend_power < finest {
            finest = addend_power;
        }
        value_power -= finest;
        result_power -= finest;
        addend_power -= finest;
        let addend = if has_addend {
            times_power(conversion.offset().mantissa() as i64, addend_power)
        } else {
            Some(0)
        };
        let factor = times_power(conversion.numerator() as i64, value_power);
        let divisor = times_power(conversion.denominator() as i64, result_power);
        let (Some(factor), Some(addend), Some(divisor)) = (factor, addend, divisor) else {
            return None;
        };
        let [low, high] = range;
        // Each below 2^31 times 2^31, so that no i64 overflows.
        let low = low as i64 * factor;
        let high = high as i64 * factor;
        if is_i32(low) && is_i32(high) && is_i32(low + addend) && is_i32(high + addend) {
            Some(Self { factor: factor as i32, addend: addend as i32, divisor: divisor as u32 })
        } else {
            None
        }
    }

    #[inline]
    pub(super) const fn apply(self, mantissa: i32, rounding: Rounding) -> i32 {
        // Wrapping, but never over the edge: see `new`.
        let sum = mantissa.wrapping_mul(self.factor).wrapping_add(self.addend);
        if self.divisor == 1 {
            return sum;
        }
        let magnitude = sum.unsigned_abs();
        let rest = Rest::of(magnitude % self.divisor, self.divisor);
        match rounding.settled(magnitude / self.divisor, rest, sum < 0) {
            Some(mantissa) => mantissa,
            // A quotient of at least 2 and an i32 is one, rounded up as well.
            None => sum,
        }
    }
}

const fn times_power(mut number: i64, mut power: i16) -> Option<i64> {
    while power > 0 {
        if !is_i32(number) {
            return None;
        }
        number *= 10;
        power -= 1;
    }
    if is_i32(number) { Some(number) } else { None }
}

const fn is_i32(number: i64) -> bool {
    i32::MIN as i64 <= number && number <= i32::MAX as i64
}
