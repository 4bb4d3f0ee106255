//! Sums and products, checked.

use super::{Dec, Wide};
use crate::rounding::signed;

impl Dec {
    /// Returns the exact sum, or `None` where no `Dec` holds it.
    ///
    /// It has the places of the finer addend; where the mantissa would not fit then, as many as do.
    ///
    /// ```
    /// use sundew_units::Dec;
    ///
    /// assert_eq!(Dec::new(15, -1).checked_add(Dec::new(250, -2)), Some(Dec::new(400, -2)));
    /// let large = Dec::new(i32::MAX, 0);
    /// assert_eq!(large.checked_add(Dec::new(3, 0)), Some(Dec::new(214_748_365, 1)));
    /// assert_eq!(large.checked_add(Dec::new(1, -1)), None);
    /// ```
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        self.sum(other, Sign::Same)
    }

    /// Returns the exact difference, or `None` where no `Dec` holds it; places as in
    /// [`checked_add`](Self::checked_add).
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        self.sum(other, Sign::Turned)
    }

    /// Returns the exact product, or `None` where no `Dec` holds it.
    ///
    /// It has the places of both factors together; where the mantissa would not fit then, as many
    /// as do.
    ///
    /// ```
    /// use sundew_units::Dec;
    ///
    /// assert_eq!(Dec::new(25, -1).checked_mul(Dec::new(40, -1)), Some(Dec::new(1_000, -2)));
    /// let million = Dec::new(1_000_000, 0);
    /// assert_eq!(million.checked_mul(million), Some(Dec::new(1_000_000_000, 3)));
    /// assert_eq!(Dec::new(i32::MAX, 0).checked_mul(Dec::new(3, 0)), None);
    /// ```
    pub const fn checked_mul(self, other: Self) -> Option<Self> {
        let product = Wide::product(self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        let exponent = self.exponent as i16 + other.exponent as i16;
        Self::of_wide(product, exponent, (self.mantissa < 0) != (other.mantissa < 0))
    }

    /// Returns the number with the other sign, or `None` for a mantissa of `i32::MIN`.
    pub const fn checked_neg(self) -> Option<Self> {
        match self.mantissa.checked_neg() {
            Some(mantissa) => Some(Self { mantissa, exponent: self.exponent }),
            None => None,
        }
    }

    /// Returns the number without its sign, or `None` for a mantissa of `i32::MIN`.
    pub const fn checked_abs(self) -> Option<Self> {
        if self.mantissa < 0 { self.checked_neg() } else { Some(self) }
    }

    /// Returns `magnitude x 10^exponent` with the most places that fit, if it can be held at all.
    pub(crate) const fn of_wide(
        mut magnitude: Wide,
        mut exponent: i16,
        negative: bool,
    ) -> Option<Self> {
        if magnitude.is_zero() {
            exponent = match exponent {
                ..-128 => -128,
                128.. => 127,
                fits => fits,
            };
        }
        while exponent > 127 {
            magnitude = match magnitude.times_ten() {
                Some(tens) => tens,
                None => return None,
            };
            exponent -= 1;
        }
        loop {
            if let (Some(narrow), -128..) = (magnitude.narrow(), exponent)
                && let Some(mantissa) = signed(narrow, negative)
            {
                return Some(Self { mantissa, exponent: exponent as i8 });
            }
            let (tenth, digit) = magnitude.divided(10);
            if digit != 0 || exponent == 127 {
                return None;
            }
            magnitude = tenth;
            exponent += 1;
        }
    }

    const fn sum(self, other: Self, sign: Sign) -> Option<Self> {
        let is_negative = match sign {
            Sign::Same => other.mantissa < 0,
            Sign::Turned => other.mantissa > 0,
        };
        let this = (self.mantissa.unsigned_abs(), self.exponent, self.mantissa < 0);
        let other = (other.mantissa.unsigned_abs(), other.exponent, is_negative);
        let (coarse, fine) = if self.exponent < other.1 { (other, this) } else { (this, other) };
        let mut part = Wide::product(coarse.0, 1);
        let mut at = coarse.1;
        while at > fine.1 && !part.is_zero() {
            // What fits ten digits after zeros were taken off, at most nine of those of the fine
            // addend, was below 2^62 before.
            part = match part.times_ten() {
                Some(tens) if tens.is_below_2_to_63() => tens,
                _ if fine.0 == 0 => break,
                _ => return None,
            };
            at -= 1;
        }
        if part.is_zero() {
            at = fine.1;
        }
        let (sum, negative) = part.signed_sum(coarse.2, (fine.0, fine.2), false);
        Self::of_wide(sum, at as i16, negative)
    }
}

/// Says with which sign the second number of a sum counts.
#[derive(Clone, Copy)]
enum Sign {
    Same,
    Turned,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_past_the_mantissa_keep_what_is_exact() {
        let add = |a: (i32, i8), b: (i32, i8)| {
            Dec::new(a.0, a.1).checked_add(Dec::new(b.0, b.1)).map(|c| (c.mantissa, c.exponent))
        };
        assert_eq!(add((300_000_000, 1), (-1_000_000_000, 0)), Some((2_000_000_000, 0)));
        assert_eq!(add((300_000_000, 1), (-852_516_353, 0)), Some((i32::MAX, 0)));
        assert_eq!(add((300_000_000, 1), (-852_516_352, 0)), None);
        assert_eq!(add((i32::MIN, 0), (i32::MIN, 0)), None);
        assert_eq!(add((i32::MIN, 0), (-2, 0)), Some((-214_748_365, 1)));
        assert_eq!(add((0, -128), (i32::MAX, 127)), Some((i32::MAX, 127)));
        assert_eq!(add((1, 127), (1, -128)), None);
        let turned = Dec::new(0, 0).checked_sub(Dec::new(i32::MIN, 0));
        assert_eq!(turned, None);
        let least = Dec::new(i32::MIN, 0);
        assert_eq!(least.checked_sub(least), Some(Dec::new(0, 0)));
        assert_eq!(least.checked_neg(), None);
        assert_eq!(Dec::new(-1, 3).checked_abs(), Some(Dec::new(1, 3)));
    }

    #[test]
    fn products_keep_inside_the_exponents() {
        let mul = |a: (i32, i8), b: (i32, i8)| {
            Dec::new(a.0, a.1).checked_mul(Dec::new(b.0, b.1)).map(|c| (c.mantissa, c.exponent))
        };
        assert_eq!(mul((1, -100), (100, -29)), Some((10, -128)));
        assert_eq!(mul((1, -100), (1, -29)), None);
        assert_eq!(mul((1, 100), (1, 30)), Some((1_000, 127)));
        assert_eq!(mul((1, 100), (1, 100)), None);
        assert_eq!(mul((0, 100), (1, 100)), Some((0, 127)));
        assert_eq!(mul((0, -100), (1, -100)), Some((0, -128)));
        assert_eq!(mul((i32::MIN, 0), (1, 0)), Some((i32::MIN, 0)));
        assert_eq!(mul((i32::MIN, 0), (-1, 0)), None);
    }
}
