//! Sums that are rounded, once.

use super::{Dec, Wide};
use crate::Rounding;
use crate::rounding::Rest;

impl Dec {
    /// Returns the sum at an exponent, rounded once even where no `Dec` holds the exact one.
    pub(crate) const fn sum_at(
        self,
        other: Self,
        exponent: i8,
        rounding: Rounding,
    ) -> Option<Self> {
        if let Some(sum) = self.checked_add(other) {
            return sum.rescale(exponent, rounding);
        }
        let (coarse, fine) =
            if self.exponent < other.exponent { (other, self) } else { (self, other) };
        // Below both the coarse addend and the place before the last, the digits of the fine one
        // only say whether there are any.
        let guard = exponent as i16 - 1;
        let floor = if (coarse.exponent as i16) < guard { coarse.exponent as i16 } else { guard };
        let mut at = fine.exponent as i16;
        let mut fine_part = fine.mantissa;
        let mut is_cut = false;
        while at < floor && fine_part != 0 {
            is_cut |= fine_part % 10 != 0;
            fine_part = fine_part.div_euclid(10);
            at += 1;
            if fine_part == -1 && is_cut {
                break;
            }
        }
        if at < floor {
            at = floor;
        }
        let mut coarse_part = Wide::of(coarse.mantissa.unsigned_abs() as u64);
        let mut coarse_at = coarse.exponent as i16;
        while coarse_at > at && !coarse_part.is_zero() {
            // The other is below 2^32, so a sum that fits cannot come from more than 2^40.
            coarse_part = match coarse_part.times_ten() {
                Some(tens) if tens.value() < 1 << 40 => tens,
                _ => return None,
            };
            coarse_at -= 1;
        }
        let coarse_value = coarse_part.value() as i64;
        let coarse_value = if coarse.mantissa < 0 { -coarse_value } else { coarse_value };
        let sum = coarse_value + fine_part as i64;
        let mantissa = if is_cut {
            sum_with_rest(sum, at, exponent, rounding)
        } else {
            let magnitude = Wide::of(sum.unsigned_abs());
            magnitude.settled(at - exponent as i16, 1, sum < 0, rounding)
        };
        match mantissa {
            Some(mantissa) => Some(Self { mantissa, exponent }),
            None => None,
        }
    }
}

/// Rounds `sum x 10^at` and something more that is less than `10^at`, where `at < exponent`.
const fn sum_with_rest(sum: i64, at: i16, exponent: i8, rounding: Rounding) -> Option<i32> {
    // Of a negative sum the something makes the magnitude smaller: one less, and a rest again.
    let (magnitude, negative) =
        if sum < 0 { ((sum + 1).unsigned_abs(), true) } else { (sum as u64, false) };
    let mut wide = Wide::of(magnitude);
    let mut rest = Rest::Less;
    let mut power = at - exponent as i16;
    while power < 0 {
        let (tenth, digit) = wide.divided(10);
        rest = rest.then(digit, 10);
        if wide.is_zero() {
            break;
        }
        wide = tenth;
        power += 1;
    }
    match wide.narrow() {
        Some(magnitude) => rounding.settled(magnitude, rest, negative),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The sum with a rest is what the exact sum in 128 bits rounds to.
        #[test]
        fn sums_are_rounded_once(
            a: i32, b: i32, at_a in -8..=8_i8, at_b in -8..=8_i8, at in -8..=8_i8,
        ) {
            let power = |exponent: i8| 10_i128.pow((exponent + 8) as u32);
            let exact = i128::from(a) * power(at_a) + i128::from(b) * power(at_b);
            for (rounding, wanted) in [
                (Rounding::Floor, exact.div_euclid(power(at))),
                (Rounding::Ceiling, -(-exact).div_euclid(power(at))),
                (Rounding::TowardZero, exact / power(at)),
            ] {
                let wanted = i32::try_from(wanted).ok().map(|mantissa| Dec::new(mantissa, at));
                prop_assert_eq!(Dec::new(a, at_a).sum_at(Dec::new(b, at_b), at, rounding), wanted);
            }
        }
    }
}
