//! Numbers as JSON spells them, without losing a digit or a place.

use std::{
    format,
    string::{String, ToString},
};

use sundew_units::Dec;

use crate::senml::Number;

/// Returns a number's text. Few places stand as plain digits, all else in powers of ten, so that
/// mantissa and exponent can be read back.
pub(super) fn text(number: Number) -> String {
    match number {
        Number::Decimal(dec) if (-9..=0).contains(&dec.exponent()) => dec.to_string(),
        Number::Decimal(dec) => format!("{}e{}", dec.mantissa(), dec.exponent()),
        Number::Wide(value) => value.to_string(),
        Number::Float(bits) => format!("{:?}", f64::from_bits(bits)),
    }
}

/// Reads a text of JSON's grammar; `None` where it is larger than every double.
pub(super) fn read(text: &str) -> Option<Number> {
    let (coefficient, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let mut digits = [whole, fraction].concat();
    // Where the power has more digits than an i32, neither decimal nor integer holds the number.
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let mut exponent = power.parse().unwrap_or(i32::MAX).saturating_sub(places);
    loop {
        if let Some(number) = exact(&digits, exponent) {
            return Some(number);
        }
        // More zeros than a decimal can hold as places.
        if digits.pop() != Some('0') {
            break;
        }
        exponent = exponent.saturating_add(1);
    }
    let nearest: f64 = text.parse().ok()?;
    nearest.is_finite().then_some(Number::Float(nearest.to_bits()))
}

fn exact(digits: &str, exponent: i32) -> Option<Number> {
    let value: i64 = digits.parse().ok()?;
    if value == 0 && digits.starts_with('-') {
        return Some(Number::Float((-0.0_f64).to_bits()));
    }
    if let (Ok(mantissa), Ok(exponent)) = (i32::try_from(value), i8::try_from(exponent)) {
        return Some(Number::Decimal(Dec::new(mantissa, exponent)));
    }
    let power = u32::try_from(exponent).ok().and_then(|exponent| 10_i64.checked_pow(exponent));
    value.checked_mul(power?).map(Number::Wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_and_places_are_kept_where_they_can_be() {
        let dec = |mantissa, exponent| Some(Number::Decimal(Dec::new(mantissa, exponent)));
        let float = |value: f64| Some(Number::Float(value.to_bits()));
        for (text, number) in [
            ("0", dec(0, 0)),
            ("-0", float(-0.0)),
            ("-0.00", float(-0.0)),
            ("0.00", dec(0, -2)),
            ("23.40", dec(2_340, -2)),
            ("-7.25e1", dec(-725, -1)),
            ("1.320067464e+09", dec(1_320_067_464, 0)),
            ("1.276020076e9", dec(1_276_020_076, 0)),
            ("1.276020076001e+09", float(1.276_020_076_001e9)),
            ("1E-30", dec(1, -30)),
            ("-2147483648", dec(i32::MIN, 0)),
            ("2147483648", Some(Number::Wide(2_147_483_648))),
            ("9223372036854775807", Some(Number::Wide(i64::MAX))),
            ("92233720368547758e2", Some(Number::Wide(9_223_372_036_854_775_800))),
            ("9223372036854775808", float(9_223_372_036_854_775_808.0)),
            ("23.4500000000000000000000000000", dec(234_500_000, -7)), // as many zeros as fit
            ("0.1234567890123", float(0.123_456_789_012_3)),
            ("1e300", float(1e300)),
            ("1e-400", float(0.0)),
            ("1e400", None),
            ("1e99999999999", None),
            ("0e99999999999", float(0.0)),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }

    proptest! {
        #[test]
        fn decimals_come_back(mantissa: i32, exponent: i8) {
            let number = Number::Decimal(Dec::new(mantissa, exponent));
            prop_assert_eq!(read(&text(number)), Some(number));
        }

        #[test]
        fn integers_come_back(value: i64) {
            prop_assume!(i32::try_from(value).is_err());
            let number = Number::Wide(value);
            prop_assert_eq!(read(&text(number)), Some(number));
        }

        #[test]
        fn floats_come_back_as_the_same_double(value: f64) {
            prop_assume!(value.is_finite());
            let number = read(&text(Number::Float(value.to_bits()))).unwrap();
            prop_assert_eq!(number.double(), value.to_bits());
        }
    }
}
