//! Numbers with 64 binary places, in which constants are computed while compiling.
//!
//! Integers, so that no build of a table can ever link soft float; 128 bits, so that nothing but
//! the final rounding matters. Called at run time, they would link wide arithmetic.

/// Holds a number as an integer times 2^-64; what does not fit ±2^63 must not occur.
#[derive(Clone, Copy)]
pub(crate) struct Fixed(i128);

impl Fixed {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const ONE: Self = Self(1 << 64);
    /// The natural logarithm of 2, cut after 64 places.
    const LN_2: Self = Self(12_786_308_645_202_655_659);

    pub(crate) const fn integer(value: i64) -> Self {
        Self((value as i128) << 64)
    }

    pub(crate) const fn ratio(numerator: i64, denominator: i64) -> Self {
        Self::integer(numerator).over(Self::integer(denominator))
    }

    /// Returns `mantissa x 10^exponent`, for 10^-36 and more.
    pub(crate) const fn decimal(mantissa: i64, exponent: i32) -> Self {
        let mut power = 1_i128;
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            power *= 10;
            left -= 1;
        }
        let value = (mantissa as i128) << 64;
        Self(if exponent < 0 { value / power } else { value * power })
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }

    pub(crate) const fn is_below(self, other: Self) -> bool {
        self.0 < other.0
    }

    pub(crate) const fn times(self, other: Self) -> Self {
        const LOW: u128 = u64::MAX as u128;
        let (a, b) = (self.0.unsigned_abs(), other.0.unsigned_abs());
        let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
        assert!(a1 * b1 < 1 << 62, "a constant beyond 2^62");
        let whole = (a1 * b1) << 64;
        let magnitude = whole + a1 * b0 + a0 * b1 + ((a0 * b0) >> 64);
        Self(if (self.0 < 0) == (other.0 < 0) { magnitude as i128 } else { -(magnitude as i128) })
    }

    /// Returns a quotient; the divisor is below 2^47.
    pub(crate) const fn over(self, other: Self) -> Self {
        let (a, b) = (self.0.unsigned_abs(), other.0.unsigned_abs());
        let (mut quotient, mut rest) = (a / b, a % b);
        let mut left = 4;
        while left > 0 {
            rest <<= 16;
            quotient = (quotient << 16) | (rest / b);
            rest %= b;
            left -= 1;
        }
        Self(if (self.0 < 0) == (other.0 < 0) { quotient as i128 } else { -(quotient as i128) })
    }

    /// Returns the natural logarithm of a positive number, by the series of the area tangent.
    pub(crate) const fn ln(self) -> Self {
        let twos = 63 - self.0.leading_zeros() as i32;
        let part = Self(if twos < 0 { self.0 << -twos } else { self.0 >> twos });
        let ratio = part.minus(Self::ONE).over(part.plus(Self::ONE));
        let square = ratio.times(ratio);
        let (mut sum, mut power, mut odd) = (Self::ZERO, ratio, 1);
        // The ratio is at most 1/3, and 3^-41 is 2^-65.
        while odd < 41 {
            sum = sum.plus(Self(power.0 / odd));
            power = power.times(square);
            odd += 2;
        }
        Self(2 * sum.0 + twos as i128 * Self::LN_2.0)
    }

    /// Returns e to a power below 43, by its series.
    pub(crate) const fn exp(self) -> Self {
        let mut twos = self.0 / Self::LN_2.0;
        if self.0 < 0 {
            twos -= 1;
        }
        let rest = Self(self.0 - twos * Self::LN_2.0);
        let (mut sum, mut term, mut n) = (Self::ONE, Self::ONE, 1);
        // The rest is below 0.7, and 0.7^21 / 21! is 2^-76.
        while n < 21 {
            term = Self(term.times(rest).0 / n);
            sum = sum.plus(term);
            n += 1;
        }
        Self(if twos < -126 {
            0
        } else if twos < 0 {
            sum.0 >> -twos
        } else {
            sum.0 << twos
        })
    }

    /// Returns the whole part and the fraction of 32 bits, cut.
    pub(crate) const fn parts(self) -> (u32, u32) {
        assert!(self.0 >= 0 && self.0 >> 96 == 0, "a factor that does not fit");
        ((self.0 >> 64) as u32, (self.0 >> 32) as u32)
    }

    /// Returns the nearest integer, limited to i32.
    pub(crate) const fn rounded(self) -> i32 {
        let rounded = (self.0 + (1 << 63)) >> 64;
        if rounded < i32::MIN as i128 {
            i32::MIN
        } else if rounded > i32::MAX as i128 {
            i32::MAX
        } else {
            rounded as i32
        }
    }

    /// Returns this times `2^-places`.
    pub(crate) const fn halved(self, places: u32) -> Self {
        Self(self.0 >> places)
    }

    /// Returns this times `2^places`.
    pub(crate) const fn doubled(self, places: u32) -> Self {
        assert!(self.0.unsigned_abs().leading_zeros() > places, "a constant beyond 2^63");
        Self(self.0 << places)
    }

    pub(crate) const fn limited(self, low: Self, high: Self) -> Self {
        if self.is_below(low) {
            low
        } else if high.is_below(self) {
            high
        } else {
            self
        }
    }

    pub(crate) const fn magnitude(self) -> Self {
        Self(self.0.abs())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "the reference is no finer")]
    fn float(value: Fixed) -> f64 {
        value.0 as f64 / 18_446_744_073_709_551_616.0
    }

    #[test]
    fn functions_are_those_of_floats() {
        for number in 1..4_000_i32 {
            let value = Fixed::ratio(number.into(), 97);
            let exact = f64::from(number) / 97.0;
            assert!((float(value) - exact).abs() < 1e-14);
            assert!((float(value.ln()) - exact.ln()).abs() < 1e-14, "{number}");
            assert!((float(value.times(value)) / exact.powi(2) - 1.0).abs() < 1e-14);
            assert!((float(value.over(Fixed::decimal(-31, -1))) + exact / 3.1).abs() < 1e-13);
            let small = Fixed::ratio(i64::from(number) - 2_000, 97);
            let exact = f64::from(number - 2_000) / 97.0;
            let given = float(small.exp());
            assert!((given - exact.exp()).abs() <= 1e-18 + exact.exp() * 1e-13, "{number}");
        }
        assert_eq!(Fixed::decimal(15, -1).rounded(), 2);
        assert_eq!(Fixed::decimal(-15, -1).rounded(), -1);
        assert_eq!(Fixed::decimal(-25, 9).rounded(), i32::MIN);
    }
}
