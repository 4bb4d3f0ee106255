//! Decimals as text, exact both ways.

use core::fmt::{self, Write as _};

use super::{Dec, appended};

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
    /// Holds the length of the longest text: a sign, ten digits and 127 zeros.
    pub const MAX_TEXT: usize = 138;

    /// Writes the number as [`Display`](fmt::Display) does, without linking `core::fmt`, and
    /// returns the ASCII text; `None` where `buffer` is too short.
    ///
    /// ```
    /// use sundew_units::Dec;
    ///
    /// let mut line = [0; 8];
    /// assert_eq!(Dec::new(-725, -2).write_to(&mut line), Some(&b"-7.25"[..]));
    /// assert_eq!(Dec::new(-725, -2).write_to(&mut line[..4]), None);
    /// ```
    pub fn write_to(self, buffer: &mut [u8]) -> Option<&[u8]> {
        let mut len = 0;
        self.spell(|byte| {
            *buffer.get_mut(len)? = byte;
            len += 1;
            Some(())
        })?;
        buffer.get(..len)
    }

    /// Gives out the bytes of the text: plain digits, never an exponent.
    fn spell(self, mut put: impl FnMut(u8) -> Option<()>) -> Option<()> {
        if self.mantissa < 0 {
            put(b'-')?;
        }
        let mut magnitude = self.mantissa.unsigned_abs();
        // From the last digit on; 2^31 has ten.
        let mut digits = [b'0'; 10];
        let mut count = 0_i16;
        for slot in digits.iter_mut().rev() {
            if magnitude != 0 {
                *slot += (magnitude % 10) as u8;
                magnitude /= 10;
                count += 1;
            }
        }
        let exponent = if count == 0 { self.exponent.min(0) } else { self.exponent };
        // Places from the first digit that is written to the last one; the ones are place 0.
        let first = (count - 1 + i16::from(exponent)).max(0);
        let last = i16::from(exponent.min(0));
        for place in (last..=first).rev() {
            if place == -1 {
                put(b'.')?;
            }
            // The last digit of the mantissa stands at the place of the exponent.
            let from_end = usize::try_from(place - i16::from(exponent)).ok();
            let digit = from_end.and_then(|at| digits.iter().rev().nth(at));
            put(digit.copied().unwrap_or(b'0'))?;
        }
        Some(())
    }
}

impl fmt::Display for Dec {
    /// Writes plain digits, never an exponent: at most [`Dec::MAX_TEXT`] characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(|byte| f.write_char(char::from(byte)).ok()).ok_or(fmt::Error)
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
            mantissa = appended(mantissa, step).ok_or(ParseError::Range)?;
        }
        let places = i16::try_from(fraction.len()).map_err(|_| ParseError::Range)?;
        let exponent = i8::try_from(-places).map_err(|_| ParseError::Range)?;
        Ok(Self { mantissa, exponent })
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
        assert_eq!(Dec::new(0, -2).to_string(), "0.00");
        assert_eq!(Dec::new(-1, -12).to_string(), "-0.000000000001");
        assert_eq!(Dec::new(i32::MIN, 127).to_string().len(), Dec::MAX_TEXT);
        let smallest = Dec::new(i32::MIN, -128);
        assert_eq!(smallest.to_string().parse(), Ok(smallest));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".", "1.2.3", "1e3", " 1", "--1", "NaN", "\u{661}"] {
            assert_eq!(text.parse::<Dec>(), Err(ParseError::Syntax), "{text}");
        }
        for text in ["2147483648", "-2147483649", "1.0000000000"] {
            assert_eq!(text.parse::<Dec>(), Err(ParseError::Range), "{text}");
        }
        let places = std::format!("0.{}", "0".repeat(129));
        assert_eq!(places.parse::<Dec>(), Err(ParseError::Range));
    }
}
