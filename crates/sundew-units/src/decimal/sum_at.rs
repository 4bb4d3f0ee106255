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
        let (coarse, fine) =
            if self.exponent < other.exponent { (other, self) } else { (self, other) };
        // Below both the coarse addend and the place before the last, the digits of the fine one
        // only say whether there are any.
        let guard = exponent as i16 - 1;
        let floor = if (coarse.exponent as i16) < guard { coarse.exponent as i16 } else { guard };
        let mut at = fine.exponent as i16;
        let mut fine_part = fine.mantissa.unsigned_abs();
        let mut is_cut = false;
        while at < floor && fine_part != 0 {
            is_cut |= !fine_part.is_multiple_of(10);
            fine_part /= 10;
            at += 1;
        }
        if at < floor {
            at = floor;
        }
        let mut coarse_part = Wide::product(coarse.mantissa.unsigned_abs(), 1);
        let mut coarse_at = coarse.exponent as i16;
        while coarse_at > at && !coarse_part.is_zero() {
            // The other is below 2^32, so a sum that fits cannot come from more than 2^40.
            coarse_part = match coarse_part.times_ten() {
                Some(tens) if tens.is_below_2_to_40() => tens,
                _ => return None,
            };
            coarse_at -= 1;
        }
        let fine_part = (fine_part, fine.mantissa < 0);
        let (sum, negative) = coarse_part.signed_sum(coarse.mantissa < 0, fine_part, is_cut);
        let rest = if is_cut { Rest::Less } else { Rest::None };
        match sum.settled(rest, at - exponent as i16, 1, negative, rounding) {
            Some(mantissa) => Some(Self { mantissa, exponent }),
            None => None,
        }
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
