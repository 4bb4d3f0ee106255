//! Fractions of unlimited integers, and what a decimal should make of them.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::OnceLock;

use num_bigint::{BigInt, Sign};
use sundew_units::{Dec, Rounding};

use crate::failure::{Context, Failure};

/// Every rounding there is.
pub(super) const ROUNDINGS: [Rounding; 5] = [
    Rounding::HalfEven,
    Rounding::HalfAwayFromZero,
    Rounding::TowardZero,
    Rounding::Floor,
    Rounding::Ceiling,
];

/// Holds a fraction, not in lowest terms, with a positive denominator.
#[derive(Clone, Debug)]
pub(super) struct Exact {
    numerator: BigInt,
    denominator: BigInt,
}

impl Exact {
    pub(super) fn integer(value: i64) -> Self {
        Self { numerator: value.into(), denominator: 1.into() }
    }

    pub(super) fn of(dec: Dec) -> Self {
        Self::integer(dec.mantissa().into()).shifted(dec.exponent().into())
    }

    /// Reads `3600`, `1e-9`, `3.6` or a quotient of such, with `pi` as one of them.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let (over, under) = text.split_once('/').unwrap_or((text, "1"));
        Ok(Self::parse_number(over)? / Self::parse_number(under)?)
    }

    fn parse_number(text: &str) -> Result<Self, Failure> {
        // 50 places; what is compared has 10.
        let text = if text == "pi" {
            "3.14159265358979323846264338327950288419716939937510"
        } else {
            text
        };
        let (digits, power) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{places}");
        let numerator: BigInt = all.parse().context(|| format!("no number: {text}"))?;
        let power: i32 = power.parse().context(|| format!("no power of ten: {text}"))?;
        let places = i32::try_from(places.len()).context(|| format!("too long: {text}"))?;
        Ok(Self { numerator, denominator: 1.into() }.shifted(power - places))
    }

    /// Returns the value times a power of ten.
    pub(super) fn shifted(&self, power: i32) -> Self {
        let Self { numerator, denominator } = self;
        if power < 0 {
            Self { numerator: numerator.clone(), denominator: denominator * ten(power) }
        } else {
            Self { numerator: numerator * ten(power), denominator: denominator.clone() }
        }
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }

    pub(super) fn magnitude(mut self) -> Self {
        if self.numerator.sign() == Sign::Minus {
            self.numerator = -self.numerator;
        }
        self
    }

    /// Returns what each rounding should make of the value at an exponent, `None` where that does
    /// not fit an `i32`; in the order of [`ROUNDINGS`].
    pub(super) fn rounded(&self, exponent: i8) -> [Option<Dec>; 5] {
        let Self { numerator, denominator } = self.shifted(-i32::from(exponent));
        let zero = BigInt::from(0);
        let mut floor = &numerator / &denominator;
        let mut rest = &numerator - &floor * &denominator;
        if rest < zero {
            floor -= 1;
            rest += &denominator;
        }
        let is_whole = rest == zero;
        let ceiling = if is_whole { floor.clone() } else { &floor + 1 };
        let is_negative = numerator < zero;
        let toward_zero = if is_negative { &ceiling } else { &floor };
        let away = if is_negative { &floor } else { &ceiling };
        let half = (&rest + &rest).cmp(&denominator);
        let even = if (&floor % BigInt::from(2)) == zero { &floor } else { &ceiling };
        let nearest = |tie| match half {
            Ordering::Less => &floor,
            Ordering::Equal => tie,
            Ordering::Greater => &ceiling,
        };
        [nearest(even), nearest(away), toward_zero, &floor, &ceiling]
            .map(|mantissa| Some(Dec::new(i32::try_from(mantissa).ok()?, exponent)))
    }

    /// Returns the decimal that is exactly this value, at `exponent` or as little above it as
    /// possible; `None` where there is none. `exponent` may lie beyond those of a decimal.
    pub(super) fn held_from(&self, exponent: i32) -> Option<Dec> {
        let lowest = exponent.clamp(-128, 127);
        let zero = BigInt::from(0);
        if self.numerator == zero {
            return Some(Dec::new(0, i8::try_from(lowest).ok()?));
        }
        let mut at = lowest;
        while at <= 127 {
            let scaled = self.shifted(-at);
            let mantissa = &scaled.numerator / &scaled.denominator;
            if &mantissa * &scaled.denominator != scaled.numerator {
                // A fraction never becomes whole further up.
                return None;
            }
            if let Ok(mantissa) = i32::try_from(&mantissa) {
                return Some(Dec::new(mantissa, i8::try_from(at).ok()?));
            }
            // Of n bits more than fit, at least 3 n / 10 digits have to go.
            let places = mantissa.bits().saturating_sub(32) * 3 / 10;
            at += i32::try_from(places).ok()?.max(1);
        }
        None
    }
}

impl Add for &Exact {
    type Output = Exact;

    fn add(self, other: Self) -> Exact {
        Exact {
            numerator: &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }
}

impl Sub for &Exact {
    type Output = Exact;

    fn sub(self, other: Self) -> Exact {
        Exact {
            numerator: &self.numerator * &other.denominator - &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }
}

impl Mul for &Exact {
    type Output = Exact;

    fn mul(self, other: Self) -> Exact {
        Exact {
            numerator: &self.numerator * &other.numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }
}

impl Div for Exact {
    type Output = Self;

    /// Divides by a positive number.
    fn div(self, other: Self) -> Self {
        Self {
            numerator: self.numerator * other.denominator,
            denominator: self.denominator * other.numerator,
        }
    }
}

/// Returns ten to the magnitude of `power`.
fn ten(power: i32) -> &'static BigInt {
    // Sums of two exponents, of a conversion's and of a target's.
    static TENS: OnceLock<Vec<BigInt>> = OnceLock::new();
    let tens = TENS.get_or_init(|| {
        let next = |power: &BigInt| Some(power * 10);
        std::iter::successors(Some(BigInt::from(1)), next).take(600).collect()
    });
    #[expect(clippy::indexing_slicing, reason = "a prover may stop where it is wrong itself")]
    &tens[power.unsigned_abs() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_rounded_by_the_book() {
        let at = |text: &str, exponent| {
            let rounded = Exact::parse(text).unwrap().rounded(exponent);
            rounded.map(|dec| dec.map(Dec::mantissa))
        };
        assert_eq!(at("5/2", 0), [2, 3, 2, 2, 3].map(Some));
        assert_eq!(at("-5/2", 0), [-2, -3, -2, -3, -2].map(Some));
        assert_eq!(at("-7/3", -1), [-23, -23, -23, -24, -23].map(Some));
        assert_eq!(at("3.6e1", 0), [36; 5].map(Some));
        assert_eq!(at("2147483647.5", 0), [None, None, Some(i32::MAX), Some(i32::MAX), None]);
    }

    #[test]
    fn what_a_decimal_holds_is_found() {
        let held = |text: &str, exponent| Exact::parse(text).unwrap().held_from(exponent);
        assert_eq!(held("5/2", -2), Some(Dec::new(250, -2)));
        assert_eq!(held("5e9", -2), Some(Dec::new(500_000_000, 1)));
        assert_eq!(held("1/3", -128), None);
        assert_eq!(held("0", 300), Some(Dec::new(0, 127)));
        assert_eq!(held("1e-129", -129), None);
    }
}
