//! Decimal numbers, exact and without floats.

use core::fmt;

/// Holds an exact decimal number: `mantissa x 10^exponent`.
///
/// Equality is of the representation: 1.0 and 1.00 are different values of this type, since the
/// number of places says how finely was measured. [`same_number`](Self::same_number) compares what
/// they stand for.
///
/// ```
/// use sundew_units::Dec;
///
/// let value: Dec = "-7.25".parse().unwrap();
/// assert_eq!(value, Dec::new(-725, -2));
/// assert_eq!(value.to_string(), "-7.25");
/// assert!(Dec::new(10, -1).same_number(Dec::new(100, -2)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dec {
    mantissa: i32,
    exponent: i8,
}

/// Says why a text is no [`Dec`].
///
/// ```
/// use sundew_units::{Dec, ParseError};
///
/// assert_eq!("1e3".parse::<Dec>(), Err(ParseError::Syntax));
/// assert_eq!("4294967296".parse::<Dec>(), Err(ParseError::Range));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseError {
    /// Reports a text without a digit, or with something that is neither digit, sign nor point.
    Syntax,
    /// Reports a number that does not fit an i32 mantissa and an i8 exponent.
    Range,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "text is no decimal number",
            Self::Range => "number does not fit a decimal",
        })
    }
}

impl core::error::Error for ParseError {}

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
                // `checked_mul` would link 520 B of wide multiplication on AVR.
                if mantissa > i32::MAX / 10 || mantissa < i32::MIN / 10 {
                    return None;
                }
                mantissa *= 10;
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

    /// Returns whether both stand for the same number.
    pub const fn same_number(self, other: Self) -> bool {
        let (a, b) = (self.shortest(), other.shortest());
        a.mantissa == b.mantissa && a.exponent == b.exponent
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
}

impl fmt::Display for Dec {
    /// Writes plain digits, never an exponent: at most 140 characters, for 10^-128.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        let magnitude = self.mantissa.unsigned_abs();
        if self.exponent >= 0 {
            write!(f, "{magnitude}")?;
            let zeros = if magnitude == 0 { 0 } else { self.exponent };
            return (0..zeros).try_for_each(|_| f.write_str("0"));
        }
        let places = self.exponent.unsigned_abs();
        // A u32 has at most 10 digits, so more places than that leave nothing before the point.
        let power = 10_u32.checked_pow(u32::from(places));
        let whole = power.map_or(0, |power| magnitude / power);
        write!(f, "{whole}.")?;
        for place in (0..places).rev() {
            let digit = 10_u32.checked_pow(u32::from(place)).map_or(0, |p| magnitude / p % 10);
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl core::str::FromStr for Dec {
    type Err = ParseError;

    /// Reads digits with an optional sign and point; the places after the point are kept.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (digits, negative) = match text.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (text.strip_prefix('+').unwrap_or(text), false),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(ParseError::Syntax);
        }
        let mut mantissa = 0_i32;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(ParseError::Syntax);
            }
            let digit = i32::from(byte - b'0');
            // Counting away from zero on the negative side reaches i32::MIN.
            let step = if negative { -digit } else { digit };
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(step))
                .ok_or(ParseError::Range)?;
        }
        let places = i8::try_from(fraction.len()).map_err(|_| ParseError::Range)?;
        Ok(Self { mantissa, exponent: -places })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn text_goes_both_ways() {
        for text in
            ["0", "7", "-7", "0.5", "-0.05", "23.45", "2147483647", "-2147483648", "-2.147483648"]
        {
            assert_eq!(text.parse::<Dec>().unwrap().to_string(), text);
        }
        assert_eq!(Dec::new(12, 3).to_string(), "12000");
        assert_eq!(Dec::new(0, 100).to_string(), "0");
        assert_eq!(Dec::new(-1, -12).to_string(), "-0.000000000001");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1.2.3", "1e3", " 1", "--1", "NaN", "\u{661}"] {
            assert_eq!(text.parse::<Dec>(), Err(ParseError::Syntax), "{text}");
        }
        for text in ["2147483648", "-2147483649", "1.0000000000"] {
            assert_eq!(text.parse::<Dec>(), Err(ParseError::Range), "{text}");
        }
    }

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
    }
}
