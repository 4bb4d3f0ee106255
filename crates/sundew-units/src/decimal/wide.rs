//! Magnitudes of 64 bits, in operations of 32.

use crate::Rounding;
use crate::rounding::Rest;

/// Holds a magnitude of 64 bits.
///
/// Not a `u64`, since that links its multiplication and its division on AVR, and a division takes
/// 4,304 cycles there. What is divided by here is at most 65,535, so that 32-bit divisions do, and
/// one alone where the upper half is empty.
#[derive(Clone, Copy)]
pub(crate) struct Wide {
    high: u32,
    low: u32,
}

impl Wide {
    /// Multiplies two magnitudes.
    pub(crate) const fn product(a: u32, b: u32) -> Self {
        let (a_high, a_low) = (a >> 16, a & 0xFFFF);
        let (b_high, b_low) = (b >> 16, b & 0xFFFF);
        if a_high | b_high == 0 {
            return Self { high: 0, low: a_low * b_low };
        }
        let (low, left, right) = (a_low * b_low, a_high * b_low, a_low * b_high);
        let middle = (low >> 16) + (left & 0xFFFF) + (right & 0xFFFF);
        Self {
            high: a_high * b_high + (left >> 16) + (right >> 16) + (middle >> 16),
            low: middle << 16 | low & 0xFFFF,
        }
    }

    pub(crate) const fn is_below_2_to_40(self) -> bool {
        self.high < 1 << 8
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.high | self.low == 0
    }

    /// Returns the magnitude where it fits 32 bits.
    pub(crate) const fn narrow(self) -> Option<u32> {
        if self.high == 0 { Some(self.low) } else { None }
    }

    pub(crate) const fn is_below_2_to_63(self) -> bool {
        self.high < 1 << 31
    }

    /// Returns magnitude and sign of the sum with another magnitude and sign, for a magnitude below
    /// `2^63`. Where something below the other's last place `is_cut` off, so it is below the sum's.
    pub(crate) const fn signed_sum(
        self,
        negative: bool,
        (other, other_negative): (u32, bool),
        is_cut: bool,
    ) -> (Self, bool) {
        if negative == other_negative {
            return (self.plus(other), negative);
        }
        match self.minus(other, is_cut) {
            Some(difference) => (difference, negative),
            // The other is the larger, and keeps what was cut off.
            None => (Self { high: 0, low: other - self.low }, other_negative),
        }
    }

    const fn plus(self, other: u32) -> Self {
        let (low, carries) = self.low.overflowing_add(other);
        Self { high: self.high + carries as u32, low }
    }

    /// Subtracts `other`, and one more where something below its last place `is_cut` off: what is
    /// left of that one stands below the last place of the difference. `None` where the difference
    /// would be negative.
    const fn minus(self, other: u32, is_cut: bool) -> Option<Self> {
        let (low, borrows) = self.low.overflowing_sub(other);
        if borrows as u32 > self.high {
            return None;
        }
        let difference = Self { high: self.high - borrows as u32, low };
        if !is_cut {
            Some(difference)
        } else if difference.is_zero() {
            None
        } else {
            difference.minus(1, false)
        }
    }

    pub(crate) const fn times_ten(self) -> Option<Self> {
        if self.high == 0 && self.low <= u32::MAX / 10 {
            return Some(Self { high: 0, low: self.low * 10 });
        }
        let low = Self::product(self.low, 10);
        if self.high > (u32::MAX - 9) / 10 {
            return None;
        }
        Some(Self { high: self.high * 10 + low.high, low: low.low })
    }

    /// Returns quotient and remainder.
    pub(crate) const fn divided(self, divisor: u16) -> (Self, u16) {
        let by = divisor as u32;
        if self.high == 0 {
            return (Self { high: 0, low: self.low / by }, (self.low % by) as u16);
        }
        let (high, rest) = (self.high / by, self.high % by);
        let upper = rest << 16 | self.low >> 16;
        let lower = ((upper % by) << 16) | (self.low & 0xFFFF);
        let low = ((upper / by) << 16) | (lower / by);
        (Self { high, low }, (lower % by) as u16)
    }

    /// Returns `self x 10^power / divisor`, rounded once. `rest` lies below the last place already;
    /// where there is any, `power` is negative.
    pub(crate) const fn settled(
        mut self,
        mut rest: Rest,
        mut power: i16,
        divisor: u16,
        negative: bool,
        rounding: Rounding,
    ) -> Option<i32> {
        while power > 0 && !self.is_zero() {
            // Past 64 bits the quotient is past 32, since the divisor has 16 bits.
            self = match self.times_ten() {
                Some(wide) => wide,
                None => return None,
            };
            power -= 1;
        }
        if divisor != 1 {
            let (quotient, remainder) = self.divided(divisor);
            rest = Rest::of(remainder as u32, divisor as u32);
            self = quotient;
        }
        while power < 0 {
            if self.is_zero() {
                rest = rest.then(0, 10);
                break;
            }
            let (step, places) = if power <= -4 { (10_000, 4) } else { (10, 1) };
            let (quotient, remainder) = self.divided(step);
            rest = rest.then(remainder, step);
            self = quotient;
            power += places;
        }
        match self.narrow() {
            Some(magnitude) => rounding.settled(magnitude, rest, negative),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Wide {
        fn of(value: u64) -> Self {
            Self { high: (value >> 32) as u32, low: value as u32 }
        }

        fn value(self) -> u64 {
            u64::from(self.high) << 32 | u64::from(self.low)
        }
    }

    proptest! {
        #[test]
        fn halves_calculate_as_the_whole(a: u32, b: u32, whole: u64, divisor in 1..=u16::MAX) {
            prop_assert_eq!(Wide::product(a, b).value(), u64::from(a) * u64::from(b));
            let wide = Wide::of(whole);
            let small = whole >> 24;
            prop_assert_eq!(Wide::of(small).plus(a).value(), small + u64::from(a));
            let minus = |cut| Wide::of(small).minus(a, cut).map(Wide::value);
            prop_assert_eq!(minus(false), small.checked_sub(u64::from(a)));
            prop_assert_eq!(minus(true), small.checked_sub(u64::from(a) + 1));
            let (quotient, remainder) = wide.divided(divisor);
            prop_assert_eq!(quotient.value(), whole / u64::from(divisor));
            prop_assert_eq!(u64::from(remainder), whole % u64::from(divisor));
            if let Some(tens) = wide.times_ten() {
                prop_assert_eq!(Some(tens.value()), whole.checked_mul(10));
            } else {
                prop_assert!(whole > u64::MAX / 11);
            }
        }
    }
}
