//! Conversions between the units of one dimension, as constant data.

use crate::decimal::Wide;
use crate::rounding::Rest;
use crate::{Dec, Rounding, Unit};

/// Converts values of one unit to another: `value x numerator / denominator x 10^exponent + offset`.
///
/// Made in a constant it is a few numbers and no table: the firmware holds the factors of the units
/// that it converts. Fraction and power of ten are kept apart and in lowest terms, so that units
/// which differ by a power of ten (22 of the 39 secondary ones) cost a shift of the exponent and no
/// arithmetic, and so that a denominator has no factor 2 or 5: between exact units it is 1, 3 or 9.
///
/// ```
/// use sundew_units::{Conversion, Dec, Rounding, Unit};
///
/// const TO_SI: Conversion = Conversion::between(Unit::KilometrePerHour, Unit::MetrePerSecond);
/// assert_eq!((TO_SI.numerator(), TO_SI.denominator(), TO_SI.exponent()), (25, 9, -1));
///
/// let wind = Dec::new(36, 0); // km/h
/// assert_eq!(TO_SI.convert(wind, -2, Rounding::HalfEven), Some(Dec::new(1_000, -2)));
/// assert_eq!(TO_SI.convert_exact(wind), Some(Dec::new(100, -1)));
/// assert_eq!(TO_SI.convert_exact(Dec::new(1, 0)), None); // 0.2777...
///
/// const TO_KELVIN: Conversion = Conversion::between(Unit::Celsius, Unit::Kelvin);
/// assert_eq!(TO_KELVIN.offset(), Dec::new(27_315, -2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Conversion {
    numerator: u32,
    denominator: u16,
    exponent: i8,
    /// Holds hundredths; 0 wherever there is a factor.
    offset: i16,
    exactness: Exactness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Exactness {
    Exact,
    Nearly,
}

impl Conversion {
    /// Converts `from` to `to`.
    ///
    /// # Panics
    ///
    /// Panics where the two have different dimensions. In a `const` that is a compile error, which
    /// is the intended use:
    ///
    /// ```compile_fail
    /// use sundew_units::{Conversion, Unit};
    /// const WRONG: Conversion = Conversion::between(Unit::Watt, Unit::Joule);
    /// ```
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn between(from: Unit, to: Unit) -> Self {
        match from.to(to) {
            Some(conversion) => conversion,
            None => panic!("the units have different dimensions"),
        }
    }

    /// Returns the number to multiply by.
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// Returns the number to divide by.
    pub const fn denominator(self) -> u16 {
        self.denominator
    }

    /// Returns the power of ten to multiply by.
    pub const fn exponent(self) -> i8 {
        self.exponent
    }

    /// Returns the number to add, in the target unit.
    pub const fn offset(self) -> Dec {
        Dec::new(self.offset as i32, -2)
    }

    /// Returns whether the factor is exactly that of the units: not so between degree and radian.
    pub const fn is_exact(self) -> bool {
        matches!(self.exactness, Exactness::Exact)
    }

    /// Returns whether only the exponent changes, so that a mantissa can be kept as it is.
    pub const fn is_shift(self) -> bool {
        self.numerator == 1 && self.denominator == 1 && self.offset == 0
    }

    /// Returns a value in the target unit at an exponent, rounded once, or `None` where the
    /// mantissa does not fit.
    ///
    /// It is at most half of the last place from the exact value for the two `Half` roundings, and
    /// less than one place for the others. Between degree and radian add 0.00003 of a place to
    /// either, since the factor is 1.2e-14 of itself off.
    #[inline]
    #[must_use]
    pub const fn convert(self, value: Dec, exponent: i8, rounding: Rounding) -> Option<Dec> {
        if self.offset != 0 {
            return value.sum_at(self.offset(), exponent, rounding);
        }
        let power = value.exponent() as i16 + self.exponent as i16 - exponent as i16;
        let mantissa = if self.numerator == 1 && self.denominator == 1 {
            crate::decimal::scaled(value.mantissa(), power, rounding)
        } else {
            let product = Wide::product(value.mantissa().unsigned_abs(), self.numerator);
            product.settled(Rest::None, power, self.denominator, value.mantissa() < 0, rounding)
        };
        match mantissa {
            Some(mantissa) => Some(Dec::new(mantissa, exponent)),
            None => None,
        }
    }

    /// Returns the exact value in the target unit, or `None` where no [`Dec`] holds it.
    ///
    /// It has the places of the value and of the factor together, or of the finer of value and
    /// offset; where the mantissa would not fit then, as many as do. Degrees and radians have no
    /// exact value.
    #[inline]
    pub const fn convert_exact(self, value: Dec) -> Option<Dec> {
        if self.offset != 0 {
            return value.checked_add(self.offset());
        }
        if !self.is_exact() {
            return None;
        }
        let product = Wide::product(value.mantissa().unsigned_abs(), self.numerator);
        let (quotient, remainder) = product.divided(self.denominator);
        if remainder != 0 {
            return None;
        }
        let exponent = value.exponent() as i16 + self.exponent as i16;
        Dec::of_wide(quotient, exponent, value.mantissa() < 0)
    }
}

impl Unit {
    /// Returns the unit that all units of the same dimension are defined by; most are their own.
    ///
    /// Dimensions are those of what is meant, not of the SI alone:
    ///
    /// - W, VA and var are three, and so are J, VAs and vars; Hz, Bq and `1/s` are three, and so
    ///   are Gy and Sv. `1/min` and `beat/min` are event rates like `1/s`, and `beats` is a `count`:
    ///   their rows in RFC 8428 say so.
    /// - `lat` and `lon` are positions, not angles: neither is converted to `deg`, nor to the other.
    /// - `%RH`, `%EL` and `EL` say what they are a share or a time of; `/` and `s` do not.
    /// - `%` is `/` under another name, not a percentage (RFC 8428 section 12.1, note 2); the
    ///   percentage is `/100`.
    /// - `Bspl` is 10 dB, as a bel is. That it stands over 20 uPa is lost then, for `dB` has no
    ///   reference: the registry recommends no other unit for it. `dBW` and `dBm` have one, and are
    ///   not converted to `dB`, nor to W, which would be a logarithm.
    ///
    /// ```
    /// use sundew_units::Unit;
    /// assert_eq!(Unit::KilometrePerHour.base(), Unit::MetrePerSecond);
    /// assert_eq!(Unit::Celsius.base(), Unit::Kelvin);
    /// assert_eq!(Unit::Latitude.base(), Unit::Latitude);
    /// ```
    #[must_use]
    pub const fn base(self) -> Self {
        self.scale().base
    }

    /// Returns whether values of the one can be converted to the other.
    pub const fn is_convertible_to(self, other: Self) -> bool {
        self.base().number() == other.base().number()
    }

    /// Returns the conversion to another unit, or `None` where that has another dimension.
    ///
    /// Call it in a constant: at run time it links the factors of all units.
    ///
    /// ```
    /// use sundew_units::{Dec, Unit};
    ///
    /// let to_joule = Unit::KilowattHour.to(Unit::Joule).unwrap();
    /// assert_eq!(to_joule.convert_exact(Dec::new(15, -1)), Some(Dec::new(540, 4)));
    /// let to_dbw = Unit::DecibelMilliwatt.to(Unit::DecibelWatt).unwrap();
    /// assert_eq!(to_dbw.convert_exact(Dec::new(20, 0)), Some(Dec::new(-1_000, -2)));
    /// assert!(Unit::Hectopascal.to(Unit::Pascal).unwrap().is_shift());
    /// assert_eq!(Unit::Watt.to(Unit::Joule), None);
    /// ```
    pub const fn to(self, target: Self) -> Option<Conversion> {
        // pi / 180 and 180 / pi: of all fractions with 32 bits over 16 the nearest, 1.19e-14 and
        // 0.98e-14 of themselves off.
        match (self, target) {
            (Self::Degree, Self::Radian) => {
                return Some(Conversion::nearly(1_091_755_807, 62_553, -6));
            }
            (Self::Radian, Self::Degree) => {
                return Some(Conversion::nearly(3_085_320_431, 53_849, -3));
            }
            _ => {}
        }
        let (from, to) = (self.scale(), target.scale());
        if from.base.number() != to.base.number() {
            return None;
        }
        let mut numerator = from.numerator as u32 * to.denominator as u32;
        let mut denominator = to.numerator as u32 * from.denominator as u32;
        let mut exponent = from.exponent - to.exponent;
        let common = common_divisor(numerator, denominator);
        numerator /= common;
        denominator /= common;
        while denominator.is_multiple_of(2) {
            (numerator, denominator, exponent) = (numerator * 5, denominator / 2, exponent - 1);
        }
        while denominator.is_multiple_of(5) {
            (numerator, denominator, exponent) = (numerator * 2, denominator / 5, exponent - 1);
        }
        while numerator.is_multiple_of(10) {
            (numerator, exponent) = (numerator / 10, exponent + 1);
        }
        Some(Conversion {
            numerator,
            // 1, 3 or 9, as a test over all pairs says.
            denominator: denominator as u16,
            exponent,
            offset: from.offset - to.offset,
            exactness: Exactness::Exact,
        })
    }
}

impl Conversion {
    const fn nearly(numerator: u32, denominator: u16, exponent: i8) -> Self {
        Self { numerator, denominator, exponent, offset: 0, exactness: Exactness::Nearly }
    }
}

const fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::unit::ALL;

    #[test]
    fn every_pair_of_one_dimension_converts_there_and_back() {
        for from in ALL {
            for to in ALL {
                let conversion = from.to(*to);
                assert_eq!(conversion.is_some(), from.base() == to.base(), "{from} {to}");
                assert_eq!(conversion.is_some(), from.is_convertible_to(*to));
                let Some(there) = conversion else { continue };
                let back = to.to(*from).unwrap();
                if !there.is_exact() {
                    continue;
                }
                assert!([1, 3, 9].contains(&there.denominator), "{from} {to} {there:?}");
                let factors = u64::from(there.numerator) * u64::from(back.numerator);
                let divisors = u64::from(there.denominator) * u64::from(back.denominator);
                let tens = 10_u64.pow((there.exponent + back.exponent).unsigned_abs().into());
                assert_eq!(factors, divisors * tens, "{from} {to}");
                assert_eq!(there.offset, -back.offset);
                assert!(there.offset == 0 || (there.numerator, there.denominator) == (1, 1));
            }
        }
    }

    #[test]
    fn twenty_two_secondary_units_cost_no_arithmetic() {
        let shifts = ALL.iter().filter(|unit| !unit.is_primary());
        let shifts = shifts.filter(|unit| unit.to(unit.base()).is_some_and(Conversion::is_shift));
        // Of GB the primary unit is the byte, whereas ours go through the bit.
        assert_eq!(shifts.count() + 1, 22);
        assert!(Unit::Gigabyte.to(Unit::Byte).is_some_and(Conversion::is_shift));
    }

    #[test]
    fn radians_err_by_as_little_as_stated() {
        // 355 deg at six decimal places; 6.195918844579...
        let to_radian = Conversion::between(Unit::Degree, Unit::Radian);
        let full = to_radian.convert(Dec::new(355, 0), -8, Rounding::HalfEven);
        assert_eq!(full, Some(Dec::new(619_591_884, -8)));
        assert_eq!(to_radian.convert_exact(Dec::new(0, 0)), None);
        for (from, to, wanted) in [
            (Unit::Degree, Unit::Radian, core::f64::consts::PI / 180.0),
            (Unit::Radian, Unit::Degree, 180.0 / core::f64::consts::PI),
        ] {
            let Conversion { numerator, denominator, exponent, .. } = from.to(to).unwrap();
            let tens = 10_f64.powi(-i32::from(exponent));
            let found = f64::from(numerator) / f64::from(denominator) / tens;
            assert!(((found - wanted) / wanted).abs() < 1.2e-14, "{found} {wanted}");
        }
    }
}
