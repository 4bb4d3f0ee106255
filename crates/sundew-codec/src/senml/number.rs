//! Numbers as packs carry them, without float arithmetic.

use sundew_units::Dec;

use super::double;
use crate::cbor::{Reader, Writer, major};

/// Holds a number of a record.
///
/// ```
/// use sundew_codec::senml::Number;
/// use sundew_units::Dec;
/// assert_eq!(Number::from(Dec::new(2_345, -2)).dec(), Some(Dec::new(2_345, -2)));
/// assert_eq!(Number::Float(0.5_f64.to_bits()).dec(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Number {
    /// Holds an exact decimal; on the wire an integer where the exponent is 0, else a decimal
    /// fraction of 2 to 9 bytes that keeps the number of places.
    Decimal(Dec),
    /// Holds an integer; the decoder uses it only where a [`Dec`] is too small.
    Wide(i64),
    /// Holds the bits of an IEEE 754 double, which the core carries but never computes with. The
    /// decoder widens shorter floats and refuses infinities and NaN, which are no numbers in SenML.
    Float(u64),
}

impl Number {
    /// Returns the exact decimal, if it is one.
    pub const fn dec(self) -> Option<Dec> {
        match self {
            Self::Decimal(dec) => Some(dec),
            _ => None,
        }
    }

    /// Returns the bits of the nearest double, ties to even, found without float arithmetic.
    ///
    /// ```
    /// use sundew_codec::senml::Number;
    /// use sundew_units::Dec;
    /// let number = Number::from(Dec::new(2_345, -2));
    /// assert_eq!(f64::from_bits(number.double()), 23.45);
    /// ```
    pub fn double(self) -> u64 {
        let (magnitude, exponent, is_negative) = match self {
            Self::Float(bits) => return bits,
            Self::Decimal(dec) => {
                let mantissa = dec.mantissa();
                (u64::from(mantissa.unsigned_abs()), dec.exponent(), mantissa < 0)
            }
            Self::Wide(value) => (value.unsigned_abs(), 0, value < 0),
        };
        double::nearest(magnitude, exponent) | u64::from(is_negative) << 63
    }

    /// Writes the shortest of integer, half, single and double that is the nearest double.
    pub(crate) fn encode_shortest(self, writer: &mut Writer<'_>) {
        match self {
            // Of 8 bytes in either form, and some of these no double holds.
            Self::Wide(value) => writer.wide_integer(value),
            _ => double::write(self.double(), writer),
        }
    }

    pub(crate) fn encode(self, writer: &mut Writer<'_>) {
        match self {
            Self::Decimal(dec) if dec.exponent() == 0 => writer.integer(dec.mantissa()),
            Self::Decimal(dec) => writer.decimal(dec.mantissa(), dec.exponent()),
            Self::Wide(value) => writer.wide_integer(value),
            Self::Float(bits) => writer.float(bits),
        }
    }

    /// Takes a number; `None` where the reader holds a fault.
    #[inline(never)]
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        reader.head()?;
        match reader.major {
            major::UNSIGNED | major::NEGATIVE => {
                if let Some(value) = reader.integer() {
                    return Some(Self::Decimal(Dec::new(value, 0)));
                }
                let value = (u64::from(reader.high) << 32 | u64::from(reader.low)) as i64;
                if value < 0 {
                    return reader.range();
                }
                Some(Self::Wide(if reader.major == major::NEGATIVE { !value } else { value }))
            }
            major::TAG => {
                let (mantissa, exponent) = reader.decimal()?;
                Some(Self::Decimal(Dec::new(mantissa, exponent)))
            }
            major::SIMPLE => float(reader),
            _ => reader.syntax(),
        }
    }

    /// Adds a base value (RFC 8428 section 4.1), or returns `None` where the sum is not exact.
    #[inline(never)]
    pub(crate) fn plus(self, base: Self) -> Option<Self> {
        let (Self::Decimal(a), Self::Decimal(b)) = (self, base) else { return None };
        let exponent = a.exponent().min(b.exponent());
        let at = |dec: Dec| raised(dec.mantissa(), dec.exponent().wrapping_sub(exponent) as u8);
        Some(Self::Decimal(Dec::new(at(a)?.checked_add(at(b)?)?, exponent)))
    }
}

/// Returns `mantissa x 10^places` where it fits. Unlike [`Dec::at_exponent`] it never divides, and
/// needs no multiplication with an overflow check, which is 520 bytes on AVR.
fn raised(mut mantissa: i32, places: u8) -> Option<i32> {
    for _ in 0..places {
        if mantissa == 0 {
            break;
        }
        if mantissa.unsigned_abs() > i32::MAX as u32 / 10 {
            return None;
        }
        mantissa *= 10;
    }
    Some(mantissa)
}

impl From<Dec> for Number {
    fn from(dec: Dec) -> Self {
        Self::Decimal(dec)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::Decimal(Dec::new(value, 0))
    }
}

/// Holds a time or a span in whole seconds, rounded down, and milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Moment {
    pub(crate) seconds: i64,
    pub(crate) millis: u16,
}

/// Bounds the seconds that are taken as a time: 34,865 years to either side. The bound keeps sums
/// of two of them far from overflow.
const SECONDS: i64 = 1 << 40;

impl Moment {
    #[inline(never)]
    pub(crate) fn new(number: Number) -> Option<Self> {
        match number {
            Number::Decimal(dec) if dec.exponent() >= 0 => {
                let seconds = i64::from(raised(dec.mantissa(), dec.exponent() as u8)?);
                Some(Self { seconds, millis: 0 })
            }
            Number::Decimal(dec) => {
                // Takes the places off from the last one on. Each step moves what was taken one
                // place down, so that what is finer than a millisecond falls off by itself.
                let mut whole = dec.mantissa();
                let mut millis = 0_u16;
                for _ in 0..dec.exponent().unsigned_abs() {
                    millis = (millis + 1_000 * whole.rem_euclid(10) as u16) / 10;
                    whole = whole.div_euclid(10);
                }
                Some(Self { seconds: i64::from(whole), millis })
            }
            Number::Wide(seconds) if (-SECONDS..=SECONDS).contains(&seconds) => {
                Some(Self { seconds, millis: 0 })
            }
            Number::Wide(_) => None,
            Number::Float(bits) => Self::of_float(bits),
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let millis = self.millis + other.millis;
        let (carry, millis) = if millis < 1_000 { (0, millis) } else { (1, millis - 1_000) };
        Self { seconds: self.seconds + other.seconds + carry, millis }
    }

    /// Rounds to the nearest millisecond: a float such as 76.001 lies beside the decimal it means.
    fn of_float(bits: u64) -> Option<Self> {
        let biased = (bits >> 52) as u16 & 0x7FF;
        // The value is significand / 2^right; biased 0 is 0 or less than 2^-1022.
        let right = 1_075_u16.saturating_sub(biased);
        let significand = bits & ((1 << 52) - 1) | 1 << 52;
        if right <= 12 {
            return None; // 2^40 s or more
        }
        if right >= 64 {
            return Some(Self::default()); // less than 2^-11 s
        }
        let mut seconds = (significand >> right) as i64;
        let fraction = (significand << (64 - right) >> 44) as u32;
        let mut millis = (fraction * 1_000 + (1 << 19)) >> 20;
        if millis == 1_000 {
            seconds += 1;
            millis = 0;
        }
        if bits >> 63 != 0 {
            seconds = -seconds;
            if millis != 0 {
                seconds -= 1;
                millis = 1_000 - millis;
            }
        }
        Some(Self { seconds, millis: millis as u16 })
    }
}

/// Returns the float that was read, widened to a double (RFC 8949 section 3.3).
fn float(reader: &mut Reader<'_>) -> Option<Number> {
    let (high, low) = match reader.information {
        25 => widened(reader.low << 16, 5),
        26 => widened(reader.low, 8),
        27 => (reader.high, reader.low),
        _ => return reader.syntax(),
    };
    if high >> 20 & 0x7FF == 0x7FF {
        return reader.range();
    }
    Some(Number::Float(u64::from(high) << 32 | u64::from(low)))
}

/// Widens a float whose sign is in bit 31, exactly, into the halves of a double. Shifts of 32 bits
/// by constants keep this small on parts that shift by a loop.
fn widened(bits: u32, exponent_bits: u8) -> (u32, u32) {
    let largest = (1_i32 << exponent_bits) - 1;
    let sign = bits & 1 << 31;
    let mut exponent = (bits << 1 >> (32 - exponent_bits)) as i32;
    let mut fraction = bits << 1 << exponent_bits;
    if exponent == largest {
        return (sign | 0x7FF << 20, 0);
    }
    if exponent == 0 {
        if fraction == 0 {
            return (sign, 0);
        }
        // A double is wide enough to hold what is subnormal in the narrow form as a normal number.
        exponent = 1;
        loop {
            exponent -= 1;
            let leading = fraction >> 31;
            fraction <<= 1;
            if leading != 0 {
                break;
            }
        }
    }
    let exponent = (exponent - (largest >> 1) + 1_023) as u32;
    (sign | exponent << 20 | fraction >> 12, fraction << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(seconds: i64, millis: u16) -> Moment {
        Moment { seconds, millis }
    }

    fn wide(bits: u32, exponent_bits: u8) -> f64 {
        let (high, low) = widened(bits, exponent_bits);
        f64::from_bits(u64::from(high) << 32 | u64::from(low))
    }

    /// Decodes IEEE 754 half precision as RFC 8949 appendix D defines it, with floats.
    fn half(bits: u16) -> f64 {
        let fraction = f64::from(bits & 0x3FF);
        let value = match bits >> 10 & 0x1F {
            0 => fraction * 2_f64.powi(-24),
            exponent => (fraction + 1_024.0) * 2_f64.powi(i32::from(exponent) - 25),
        };
        if bits >> 15 == 0 { value } else { -value }
    }

    #[test]
    fn every_half_float_widens_exactly() {
        for bits in 0..=u16::MAX {
            if bits >> 10 & 0x1F != 0x1F {
                let widened = wide(u32::from(bits) << 16, 5).to_bits();
                assert_eq!(widened, half(bits).to_bits(), "{bits:#x}");
            }
        }
    }

    #[test]
    fn times_keep_milliseconds() {
        let dec = |mantissa, exponent| Moment::new(Dec::new(mantissa, exponent).into());
        assert_eq!(dec(-5, 0), Some(at(-5, 0)));
        assert_eq!(dec(5, 3), Some(at(5_000, 0)));
        assert_eq!(dec(5, 10), None);
        assert_eq!(dec(1, -1), Some(at(0, 100)));
        assert_eq!(dec(-1, -1), Some(at(-1, 900)));
        assert_eq!(dec(123_456_789, -5), Some(at(1_234, 567)));
        assert_eq!(dec(i32::MIN, -128), Some(at(-1, 999)));
        assert_eq!(dec(i32::MAX, -128), Some(at(0, 0)));
        let float = |value: f64| Moment::new(Number::Float(value.to_bits()));
        assert_eq!(float(1_276_020_076.001), Some(at(1_276_020_076, 1))); // RFC 8428 section 6
        assert_eq!(float(-0.25), Some(at(-1, 750)));
        assert_eq!(float(0.999_9), Some(at(1, 0)));
        assert_eq!(float(1e-300), Some(at(0, 0)));
        assert_eq!(float(-0.0), Some(at(0, 0)));
        assert_eq!(float(1e300), None);
        assert_eq!(Moment::new(Number::Wide(i64::MIN)), None);
    }

    #[test]
    fn moments_carry() {
        assert_eq!(at(-1, 600).plus(at(-1, 600)), at(-1, 200));
    }

    proptest! {
        #[test]
        fn single_floats_widen_exactly(bits: u32) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(wide(bits, 8).to_bits(), f64::from(value).to_bits());
        }

        #[test]
        #[expect(clippy::cast_precision_loss, reason = "43 bits fit the 53 of a double")]
        fn float_times_agree_with_float_arithmetic(millis in -8_000_000_000_000_i64..8_000_000_000_000) {
            // From 2^33 s on a double has no longer a bit for each millisecond to spare.
            let value = millis as f64 / 1_000.0;
            let expected = Some(at(millis.div_euclid(1_000), millis.rem_euclid(1_000) as u16));
            prop_assert_eq!(Moment::new(Number::Float(value.to_bits())), expected);
        }

        #[test]
        fn sums_are_exact_or_none(a: i32, b: i32, places in 0_i8..9) {
            let (x, y) = (Number::from(Dec::new(a, -places)), Number::from(b));
            let exact = i64::from(a) + i64::from(b) * 10_i64.pow(places.unsigned_abs().into());
            match x.plus(y) {
                Some(sum) => prop_assert_eq!(i64::from(sum.dec().unwrap().mantissa()), exact),
                None => prop_assert!(
                    i32::try_from(exact).is_err()
                        || i32::try_from(exact - i64::from(a)).is_err()
                ),
            }
        }
    }
}
