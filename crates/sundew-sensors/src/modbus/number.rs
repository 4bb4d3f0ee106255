//! From registers to integers; all pure, without floats.

use super::map::{Kind, Order, Register, Scale};
use super::wire::MAX_REGISTERS;

/// Returns the output's integer, or `None` where the number is not there or does not fit.
///
/// `float` reads floats, and is only linked where a map has one.
pub(super) fn value(
    words: &[u16; MAX_REGISTERS],
    register: &Register,
    float: impl Fn(u32, i16) -> Option<i32>,
) -> Option<i32> {
    let place = usize::from(register.place);
    let first = *words.get(place)?;
    let raw = if register.registers() == 1 {
        u32::from(first)
    } else {
        let second = *words.get(place + 1)?;
        let (high, low) = match register.order {
            Order::HighFirst => (first, second),
            Order::LowFirst => (second, first),
        };
        u32::from(high) << 16 | u32::from(low)
    };
    if register.has_gaps && is_gap(raw, register.kind) {
        return None;
    }
    let scale = match register.scale {
        Scale::Fixed(scale) => i16::from(scale),
        Scale::Register(place) => match *words.get(usize::from(place))? as i16 {
            scale @ -10..=10 => scale,
            _ => return None,
        },
    };
    let shift = scale - i16::from(register.exponent);
    match register.kind {
        Kind::I16 => {
            let short = raw as u16 as i16;
            scaled(short.unsigned_abs().into(), short < 0, shift)
        }
        Kind::I32 => scaled((raw as i32).unsigned_abs(), (raw as i32) < 0, shift),
        Kind::U16 | Kind::U32 => scaled(raw, false, shift),
        Kind::F32 => float(raw, shift),
    }
}

/// Returns whether `SunSpec` calls the number "not implemented"; a NaN never is a number.
const fn is_gap(raw: u32, kind: Kind) -> bool {
    match kind {
        Kind::I16 => raw == 0x8000,
        Kind::U16 => raw == 0xFFFF,
        Kind::I32 => raw == 0x8000_0000,
        Kind::U32 => raw == 0xFFFF_FFFF,
        Kind::F32 => false,
    }
}

/// Returns `magnitude * 10^shift` to the nearest, halves away from zero.
fn scaled(mut magnitude: u32, is_negative: bool, shift: i16) -> Option<i32> {
    for _ in 0..shift.max(0) {
        // Not `checked_mul`, which links 520 B of wide multiplication on AVR.
        if magnitude > u32::MAX / 10 {
            return None;
        }
        magnitude *= 10;
    }
    let mut last = 0;
    for _ in shift.min(0)..0 {
        last = magnitude % 10;
        magnitude /= 10;
    }
    // The last digit decides alone: 0.5 and what is above it go up, whatever follows.
    // After a division there is room for one more.
    signed(magnitude + u32::from(last >= 5), is_negative)
}

/// Returns the float of these bits times `10^shift` to the nearest, halves away from zero.
pub(super) fn float(bits: u32, shift: i16) -> Option<i32> {
    let exponent = (bits >> 23 & 0xFF) as i16;
    let fraction = bits & 0x7F_FFFF;
    if exponent == 0xFF {
        return None;
    }
    // The value is mantissa * 2^power.
    let (mantissa, power) = match exponent {
        0 => (fraction, -149),
        _ => (fraction | 0x80_0000, exponent - 150),
    };
    // 24 bits and 10^10 are 58 bits.
    let ten = 10_u64.checked_pow(shift.unsigned_abs().into()).filter(|ten| *ten <= 10_000_000_000);
    let (ten, mantissa) = (ten?, u64::from(mantissa));
    let magnitude = if shift >= 0 {
        shifted(mantissa * ten, power)?
    } else {
        // Four binary places are kept until the division: 0.503 of a place at most.
        let divisor = ten << 4;
        shifted(mantissa, power + 4)?.checked_add(divisor / 2)? / divisor
    };
    signed(u32::try_from(magnitude).ok()?, bits >> 31 == 1)
}

/// Returns `value * 2^power` to the nearest, halves upwards.
fn shifted(value: u64, power: i16) -> Option<u64> {
    if value == 0 {
        return Some(0);
    }
    match power {
        0.. if power as u32 > value.leading_zeros() => None,
        0.. => Some(value << power),
        // Below a quarter of one.
        ..=-64 => Some(0),
        _ => Some(((value >> (-power - 1)) + 1) >> 1),
    }
}

fn signed(magnitude: u32, is_negative: bool) -> Option<i32> {
    match (i32::try_from(magnitude), is_negative) {
        (Ok(value), false) => Some(value),
        (Ok(value), true) => Some(-value),
        (Err(_), true) if magnitude == 1 << 31 => Some(i32::MIN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use sundew_units::Quantity;

    fn register(kind: Kind, scale: i8, exponent: i8) -> Register {
        Register::new(0, kind, Quantity::Power, exponent).scaled(Scale::Fixed(scale))
    }

    fn of(raw: u32, register: &Register) -> Option<i32> {
        let mut words = [0; MAX_REGISTERS];
        words[0] = if register.registers() == 1 { raw as u16 } else { (raw >> 16) as u16 };
        words[1] = raw as u16;
        value(&words, register, float)
    }

    /// Checks against an `f64` that is exact here: 32 bits and powers of ten up to 10^15.
    fn close(given: Option<i32>, exact: f64, what: &str) -> f64 {
        if let Some(given) = given {
            return (f64::from(given) - exact).abs();
        }
        assert!(exact.abs() > 2_147_483_647.0, "{what}: {exact}");
        0.0
    }

    #[test]
    fn every_word_at_every_scale_is_within_half_a_place() {
        let mut worst = 0.0_f64;
        let mut cases = 0;
        for shift in -6..=6_i8 {
            let ten = 10_f64.powi(shift.into());
            for raw in 0..=u16::MAX {
                let u = of(raw.into(), &register(Kind::U16, shift, 0));
                let i = of(raw.into(), &register(Kind::I16, shift, 0));
                worst = worst.max(close(u, f64::from(raw) * ten, "u16"));
                worst = worst.max(close(i, f64::from(raw as i16) * ten, "i16"));
                let long = u32::from(raw) << 16 | u32::from(!raw);
                let u = of(long, &register(Kind::U32, shift, 0));
                let i = of(long, &register(Kind::I32, shift, 0));
                worst = worst.max(close(u, f64::from(long) * ten, "u32"));
                worst = worst.max(close(i, f64::from(long as i32) * ten, "i32"));
                cases += 4;
            }
        }
        assert!(worst <= 0.500_001, "{worst}");
        std::println!("cases: {cases}");
    }

    #[test]
    fn floats_are_within_half_a_place() {
        let mut worst = 0.0_f64;
        let mut cases = 0;
        for exponent in -9..=3_i8 {
            let ten = 10_f64.powi((-exponent).into());
            for upper in 0..=u16::MAX {
                let bits = u32::from(upper) << 16 | u32::from(upper.wrapping_mul(40_503));
                let float = f32::from_bits(bits);
                let given = of(bits, &register(Kind::F32, 0, exponent));
                if float.is_finite() {
                    let error = close(given, f64::from(float) * ten, "f32");
                    assert!(error <= 0.503_2, "{float} at {exponent}: {given:?}");
                    worst = worst.max(error);
                } else {
                    assert_eq!(given, None);
                }
                cases += 1;
            }
        }
        assert!(worst <= 0.503_2, "{worst}");
        std::println!("cases: {cases}");
    }

    #[test]
    fn what_is_not_implemented_is_no_number() {
        for (kind, raw) in [
            (Kind::I16, 0x8000),
            (Kind::U16, 0xFFFF),
            (Kind::I32, 0x8000_0000),
            (Kind::U32, 0xFFFF_FFFF),
            (Kind::F32, 0x7FC0_0000),
        ] {
            let mut point = Register::new(0, kind, Quantity::Power, 0);
            let plain = of(raw, &point);
            point.has_gaps = true;
            assert_eq!(of(raw, &point), None);
            let is_number = matches!(kind, Kind::I16 | Kind::U16 | Kind::I32);
            assert_eq!(plain.is_some(), is_number, "{kind:?}");
        }
    }

    #[test]
    fn order_and_scale_registers_are_followed() {
        let mut words = [0; MAX_REGISTERS];
        words[..4].copy_from_slice(&[0x0001, 0x86A0, 0xFFFE, 0x8000]);
        let power = Register::new(0, Kind::U32, Quantity::Power, -1);
        assert_eq!(value(&words, &power, float), Some(100_000));
        assert_eq!(value(&words, &power.low_first(), float), None, "0x86A0_0001 does not fit");
        // 100,000 * 10^-2 W in tenths.
        assert_eq!(value(&words, &power.sunspec(2), float), Some(10_000));
        assert_eq!(value(&words, &power.sunspec(3), float), None, "scale factor not implemented");
    }
}
