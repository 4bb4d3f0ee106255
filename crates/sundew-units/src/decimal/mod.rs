//! Decimal numbers, exact and without floats.

mod arithmetic;
#[cfg(feature = "float")]
mod float;
mod sum_at;
mod text;
mod wide;

use core::cmp::Ordering;

use crate::Rounding;
use crate::rounding::Rest;

pub use text::ParseError;
pub(crate) use wide::Wide;

/// Holds an exact decimal number: `mantissa x 10^exponent`.
///
/// Equality is of the representation: 1.0 and 1.00 are different values of this type, since the
/// number of places says how finely was measured. What they stand for is compared by
/// [`same_number`](Self::same_number) and [`cmp_number`](Self::cmp_number); there is no `<`, which
/// would have to disagree with one of the two.
///
/// ```
/// use core::cmp::Ordering;
/// use sundew_units::Dec;
///
/// let value: Dec = "-7.25".parse().unwrap();
/// assert_eq!(value, Dec::new(-725, -2));
/// assert_eq!(value.to_string(), "-7.25");
/// assert!(Dec::new(10, -1).same_number(Dec::new(100, -2)));
/// assert_eq!(Dec::new(99, -2).cmp_number(Dec::new(1, 0)), Ordering::Less);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dec {
    mantissa: i32,
    exponent: i8,
}

impl Dec {
    /// Holds `mantissa x 10^exponent`.
    pub const fn new(mantissa: i32, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }

    /// Returns the integer that the power of ten multiplies.
    pub const fn mantissa(self) -> i32 {
        self.mantissa
    }

    /// Returns the power of ten.
    pub const fn exponent(self) -> i8 {
        self.exponent
    }

    /// Returns the same number at another exponent, or `None` where digits would be lost or the
    /// mantissa would not fit.
    pub const fn at_exponent(self, exponent: i8) -> Option<Self> {
        let mut mantissa = self.mantissa;
        let mut at = self.exponent;
        while at != exponent && mantissa != 0 {
            if at > exponent {
                mantissa = match appended(mantissa, 0) {
                    Some(tens) => tens,
                    None => return None,
                };
                at -= 1;
            } else {
                if mantissa % 10 != 0 {
                    return None;
                }
                mantissa /= 10;
                at += 1;
            }
        }
        Some(Self { mantissa, exponent })
    }

    /// Returns the number at another exponent, rounded where digits are lost, or `None` where the
    /// mantissa would not fit.
    ///
    /// ```
    /// use sundew_units::{Dec, Rounding};
    /// assert_eq!(Dec::new(2_345, -2).rescale(-1, Rounding::HalfEven), Some(Dec::new(234, -1)));
    /// assert_eq!(Dec::new(i32::MIN, 0).rescale(9, Rounding::Floor), Some(Dec::new(-3, 9)));
    /// assert_eq!(Dec::new(i32::MAX, 0).rescale(-1, Rounding::Floor), None);
    /// ```
    #[must_use]
    pub const fn rescale(self, exponent: i8, rounding: Rounding) -> Option<Self> {
        match scaled(self.mantissa, self.exponent as i16 - exponent as i16, rounding) {
            Some(mantissa) => Some(Self { mantissa, exponent }),
            None => None,
        }
    }

    /// Returns whether both stand for the same number.
    pub const fn same_number(self, other: Self) -> bool {
        matches!(self.cmp_number(other), Ordering::Equal)
    }

    /// Compares the numbers that both stand for. Nothing is divided.
    pub const fn cmp_number(self, other: Self) -> Ordering {
        if self.mantissa < 0 && other.mantissa >= 0 {
            return Ordering::Less;
        }
        if self.mantissa >= 0 && other.mantissa < 0 {
            return Ordering::Greater;
        }
        let magnitudes = self.cmp_magnitude(other);
        if self.mantissa < 0 { magnitudes.reverse() } else { magnitudes }
    }

    /// Returns the same number with the fewest digits in the mantissa.
    #[must_use]
    pub const fn shortest(self) -> Self {
        let Self { mut mantissa, mut exponent } = self;
        if mantissa == 0 {
            return Self { mantissa, exponent: 0 };
        }
        while mantissa % 10 == 0 && exponent < i8::MAX {
            mantissa /= 10;
            exponent += 1;
        }
        Self { mantissa, exponent }
    }

    const fn cmp_magnitude(self, other: Self) -> Ordering {
        let (mut a, mut b) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        let (mut at_a, mut at_b) = (self.exponent, other.exponent);
        // A magnitude is at most 2^31, so one whose tens pass 2^32 is the larger.
        while at_a > at_b && a != 0 {
            if a > u32::MAX / 10 {
                return Ordering::Greater;
            }
            a *= 10;
            at_a -= 1;
        }
        while at_b > at_a && b != 0 {
            if b > u32::MAX / 10 {
                return Ordering::Less;
            }
            b *= 10;
            at_b -= 1;
        }
        if a < b {
            Ordering::Less
        } else if a == b {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }
}

/// Returns `10 x mantissa + digit`, where it fits; the digit has the mantissa's sign.
///
/// Not `checked_mul`, which links 520 B of wide multiplication on AVR.
const fn appended(mantissa: i32, digit: i32) -> Option<i32> {
    if mantissa > i32::MAX / 10 || mantissa < i32::MIN / 10 {
        return None;
    }
    (mantissa * 10).checked_add(digit)
}

/// Returns `mantissa x 10^power`, rounded, where it fits.
pub(crate) const fn scaled(mantissa: i32, mut power: i16, rounding: Rounding) -> Option<i32> {
    let mut at = mantissa;
    while power > 0 && at != 0 {
        at = match appended(at, 0) {
            Some(tens) => tens,
            None => return None,
        };
        power -= 1;
    }
    if power >= 0 || at == 0 {
        return Some(at);
    }
    let mut magnitude = mantissa.unsigned_abs();
    let mut rest = Rest::None;
    while power < 0 {
        rest = rest.then((magnitude % 10) as u16, 10);
        // One step more below the last digit says whether less or more than half was cut off.
        if magnitude == 0 {
            break;
        }
        magnitude /= 10;
        power += 1;
    }
    rounding.settled(magnitude, rest, mantissa < 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost_by_rescaling() {
        assert_eq!(Dec::new(25, -1).at_exponent(-3), Some(Dec::new(2_500, -3)));
        assert_eq!(Dec::new(2_500, -3).at_exponent(-1), Some(Dec::new(25, -1)));
        assert_eq!(Dec::new(2_501, -3).at_exponent(-1), None);
        assert_eq!(Dec::new(i32::MAX, 0).at_exponent(-1), None);
        let (largest, smallest) = (i32::MAX / 10, i32::MIN / 10);
        assert_eq!(Dec::new(largest, 0).at_exponent(-1), Some(Dec::new(largest * 10, -1)));
        assert_eq!(Dec::new(smallest, 0).at_exponent(-1), Some(Dec::new(smallest * 10, -1)));
        assert_eq!(Dec::new(largest + 1, 0).at_exponent(-1), None);
        assert_eq!(Dec::new(smallest - 1, 0).at_exponent(-1), None);
        assert_eq!(Dec::new(0, -128).at_exponent(127), Some(Dec::new(0, 127)));
        assert!(Dec::new(0, 5).same_number(Dec::new(0, -5)));
        assert!(!Dec::new(1, 0).same_number(Dec::new(1, 1)));
        assert!(Dec::new(10, 127).same_number(Dec::new(10, 127)));
    }

    #[test]
    fn every_rounding_takes_its_side() {
        use Rounding::{Ceiling, Floor, HalfAwayFromZero, HalfEven, TowardZero};
        for (mantissa, half_even, half_away, toward_zero, floor, ceiling) in [
            (15, 2, 2, 1, 1, 2),
            (25, 2, 3, 2, 2, 3),
            (-25, -2, -3, -2, -3, -2),
            (-14, -1, -1, -1, -2, -1),
            (-16, -2, -2, -1, -2, -1),
            (20, 2, 2, 2, 2, 2),
            (i32::MIN, -214_748_365, -214_748_365, -214_748_364, -214_748_365, -214_748_364),
        ] {
            for (rounding, wanted) in [
                (HalfEven, half_even),
                (HalfAwayFromZero, half_away),
                (TowardZero, toward_zero),
                (Floor, floor),
                (Ceiling, ceiling),
            ] {
                let found = Dec::new(mantissa, -1).rescale(0, rounding);
                assert_eq!(found, Some(Dec::new(wanted, 0)), "{mantissa} {rounding:?}");
            }
        }
        assert_eq!(Dec::new(i32::MIN, -128).rescale(127, Ceiling), Some(Dec::new(0, 127)));
        assert_eq!(Dec::new(i32::MIN, -128).rescale(127, Floor), Some(Dec::new(-1, 127)));
        assert_eq!(Dec::new(1, 127).rescale(-128, Floor), None);
        assert_eq!(Dec::new(0, 127).rescale(-128, Floor), Some(Dec::new(0, -128)));
    }

    #[test]
    fn numbers_are_ordered_whatever_their_places() {
        let rising = [
            Dec::new(i32::MIN, 127),
            Dec::new(-1, 127),
            Dec::new(i32::MIN, 0),
            Dec::new(-2, 0),
            Dec::new(-11, -1),
            Dec::new(-1, -128),
            Dec::new(0, 127),
            Dec::new(1, -128),
            Dec::new(999, -3),
            Dec::new(1, 0),
            Dec::new(1_001, -3),
            Dec::new(i32::MAX, 0),
            Dec::new(i32::MAX, 127),
        ];
        for (at, a) in rising.iter().enumerate() {
            for (other_at, b) in rising.iter().enumerate() {
                assert_eq!(a.cmp_number(*b), at.cmp(&other_at), "{a:?} {b:?}");
            }
        }
    }
}
