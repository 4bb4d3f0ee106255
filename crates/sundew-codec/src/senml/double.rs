//! Decimals as IEEE 754 doubles, correctly rounded and in integers alone.
//!
//! Exact long arithmetic instead of tables of powers: of 72 bytes of stack and no constant, and
//! there is nothing to prove but that a division drops no remainder. Only who asks for floats links
//! it.

use crate::cbor::{Writer, major};

/// Holds the limbs of the longest number: `2^64 x 10^127` has 486 bits, and `2^64` in front of the
/// 512 bits in which a division by `10^128` still leaves 55 bits of the quotient has 576.
const LIMBS: usize = 36;

/// Returns the bits of the double that is nearest to `magnitude x 10^exponent`, ties to even.
///
/// Nothing here is subnormal or infinite: the result is 0, or lies between `10^-128` and `10^147`.
pub(super) fn nearest(magnitude: u64, exponent: i8) -> u64 {
    if magnitude == 0 {
        return 0;
    }
    let mut places = usize::from(exponent.unsigned_abs());
    // In front of the point: 4 limbs, and 3.5 bits for each place that is multiplied. Behind it: as
    // many for each place of the quotient's 3.33, and 55 that are wanted.
    let bits = 3 * places + places / 2;
    let (below, used) = if exponent < 0 {
        let below = (55 + bits).div_ceil(16);
        (below, below + 4)
    } else {
        (0, 4 + bits.div_ceil(16))
    };
    let mut limbs = [0_u16; LIMBS];
    for (limb, at) in limbs.iter_mut().skip(below).zip([0, 16, 32, 48]) {
        *limb = (magnitude >> at) as u16;
    }
    let mut is_cut = false;
    while places > 0 {
        let step = places.min(4);
        places -= step;
        let power = (0..step).fold(1_u32, |power, _| power * 10);
        if exponent < 0 {
            let rest = limbs.iter_mut().take(used).rev().fold(0, |rest, limb| {
                let all = rest << 16 | u32::from(*limb);
                *limb = (all / power) as u16;
                all % power
            });
            is_cut |= rest != 0;
        } else {
            limbs.iter_mut().take(used).fold(0, |carry, limb| {
                let all = u32::from(*limb) * power + carry;
                *limb = all as u16;
                all >> 16
            });
        }
    }
    rounded(&limbs, below, is_cut)
}

/// Rounds a number whose point stands `below` limbs from the lowest one.
fn rounded(limbs: &[u16; LIMBS], below: usize, mut is_cut: bool) -> u64 {
    // The highest limb that is not 0 and the four below it hold 65 bits of the number at least.
    let mut from_top = limbs.iter().enumerate().rev().skip_while(|(_, limb)| **limb == 0);
    let (mut highest, mut top, mut significand) = (0, 0, 0_u64);
    for (taken, (at, limb)) in from_top.by_ref().take(4).enumerate() {
        if taken == 0 {
            (highest, top) = (at, limb.leading_zeros());
        }
        significand |= u64::from(*limb) << (48 - 16 * taken);
    }
    let fifth = from_top.next().map_or(0, |(_, limb)| u32::from(*limb)) << top;
    significand = significand << top | u64::from(fifth >> 16);
    is_cut |= fifth as u16 != 0 || from_top.any(|(_, limb)| *limb != 0);

    // Of the 64 bits that lead, 53 stay. The first of them is understood, not written, and a
    // carry out of the others goes into the exponent, where it belongs.
    let binary = 16 * highest as i32 + 15 - top as i32 - 16 * below as i32;
    let kept = (significand << 1 >> 12) + (((binary + 1_023) as u64) << 52);
    let rest = significand as u16 & 0x7FF;
    let is_up = rest > 0x400 || rest == 0x400 && (is_cut || kept & 1 != 0);
    kept + u64::from(is_up)
}

/// Writes a double as the shortest of integer, half, single and double that is the same number.
pub(super) fn write(bits: u64, writer: &mut Writer<'_>) {
    if let Some((is_negative, magnitude)) = integer(bits) {
        let (kind, less) = if is_negative { (major::NEGATIVE, 1) } else { (major::UNSIGNED, 0) };
        writer.head(kind, magnitude - less);
    } else if let Some(half) = narrow(bits, 5, 10) {
        writer.byte((major::SIMPLE << 5) + 25);
        writer.bytes(&(half as u16).to_be_bytes());
    } else if let Some(single) = narrow(bits, 8, 23) {
        writer.byte((major::SIMPLE << 5) + 26);
        writer.bytes(&single.to_be_bytes());
    } else {
        writer.float(bits);
    }
}

/// Returns sign and magnitude of a double that is an integer of at most 32 bits, which then is never
/// longer than a float; -0 is none.
fn integer(bits: u64) -> Option<(bool, u32)> {
    let is_negative = bits >> 63 != 0;
    if bits == 0 {
        return Some((false, 0));
    }
    let binary = (bits >> 52 & 0x7FF).checked_sub(1_023).filter(|binary| *binary < 32)?;
    let significand = bits & ((1 << 52) - 1) | 1 << 52;
    let magnitude = significand >> (52 - binary);
    (magnitude << (52 - binary) == significand).then_some((is_negative, magnitude as u32))
}

/// Returns a double as a narrower float, where that is the same number.
fn narrow(bits: u64, exponent_bits: u32, fraction_bits: u32) -> Option<u32> {
    let bias = (1_i32 << (exponent_bits - 1)) - 1;
    let sign = ((bits >> 63) as u32) << (exponent_bits + fraction_bits);
    if bits << 1 == 0 {
        return Some(sign);
    }
    let biased = (bits >> 52) as i32 & 0x7FF;
    let binary = biased - 1_023;
    if biased == 0 || binary > bias {
        return None;
    }
    let significand = bits & ((1 << 52) - 1) | 1 << 52;
    let least = 1 - bias;
    // What is too small for the narrow form loses its leading bit, and a bit more for each step.
    let steps = (least - binary).max(0) as u32;
    let cut = 52 - fraction_bits + steps;
    if cut > 52 || significand << (64 - cut) != 0 {
        return None;
    }
    let fraction = (significand >> cut) as u32;
    Some(if steps > 0 {
        sign | fraction
    } else {
        (sign | ((binary + bias - 1) as u32) << fraction_bits) + fraction
    })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    /// The parser of the standard library rounds correctly.
    fn parsed(magnitude: u64, exponent: i8) -> u64 {
        format!("{magnitude}e{exponent}").parse::<f64>().unwrap().to_bits()
    }

    fn nearest_of(value: i64) -> u64 {
        nearest(value.unsigned_abs(), 0) | u64::from(value < 0) << 63
    }

    fn written(value: f64) -> Vec<u8> {
        let mut buffer = [0; 9];
        let mut writer = Writer::new(&mut buffer, 0);
        write(value.to_bits(), &mut writer);
        let len = writer.finish().unwrap();
        buffer[..len].to_vec()
    }

    #[test]
    fn every_exponent_rounds_at_the_ends_of_every_width() {
        let ends = (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) - 1, (1 << bit) + 1]);
        for magnitude in ends.chain([u64::MAX, 9_007_199_254_740_993, 9_007_199_254_740_995]) {
            for exponent in i8::MIN..=i8::MAX {
                let found = nearest(magnitude, exponent);
                assert_eq!(found, parsed(magnitude, exponent), "{magnitude}e{exponent}");
            }
        }
    }

    #[test]
    fn the_shortest_form_is_taken() {
        let cases: &[(f64, &[u8])] = &[
            (0.0, b"\x00"),
            (-0.0, b"\xF9\x80\x00"),
            (23.0, b"\x17"),
            (-1.0, b"\x20"),
            (-256.0, b"\x38\xFF"),
            (4_294_967_295.0, b"\x1A\xFF\xFF\xFF\xFF"),
            (4_294_967_296.0, b"\xFA\x4F\x80\x00\x00"),
            (-4_294_967_295.0, b"\x3A\xFF\xFF\xFF\xFE"),
            (0.5, b"\xF9\x38\x00"),
            (5.960_464_477_539_063e-8, b"\xF9\x00\x01"), // the least half
            (2.980_232_238_769_531_3e-8, b"\xFA\x33\x00\x00\x00"),
            (1.401_298_464_324_817e-45, b"\xFA\x00\x00\x00\x01"), // the least single
            (7.006_492_321_624_085e-46, b"\xFB\x36\x90\x00\x00\x00\x00\x00\x00"),
            (65_504.5, b"\xFA\x47\x7F\xE0\x80"),
            (1e300, b"\xFB\x7E\x37\xE4\x3C\x88\x00\x75\x9C"),
            (23.1, b"\xFB\x40\x37\x19\x99\x99\x99\x99\x9A"),
            (f64::MIN_POSITIVE / 2.0, b"\xFB\x00\x08\x00\x00\x00\x00\x00\x00"),
        ];
        for (value, bytes) in cases {
            assert_eq!(written(*value), *bytes, "{value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn doubles_are_the_nearest(magnitude: u64, shift in 0_u32..64, exponent: i8) {
            let magnitude = magnitude >> shift;
            prop_assert_eq!(nearest(magnitude, exponent), parsed(magnitude, exponent));
        }

        #[test]
        fn what_a_half_or_a_single_holds_takes_no_more(bits: u32) {
            let single = f32::from_bits(bits);
            prop_assume!(single.is_finite());
            let bytes = written(f64::from(single));
            prop_assert!(bytes.len() <= 5);
            if bytes[0] == 0xFA {
                prop_assert_eq!(&bytes[1..], &bits.to_be_bytes());
            }
        }

        #[test]
        fn minicbor_reads_the_same_double(value: f64) {
            prop_assume!(value.is_finite());
            let bytes = written(value);
            let mut decoder = minicbor::Decoder::new(&bytes);
            let read = match bytes[0] >> 5 {
                0 | 1 => f64::from_bits(nearest_of(decoder.i64().unwrap())),
                _ => decoder.f64().unwrap(),
            };
            prop_assert_eq!(read.to_bits(), value.to_bits());
            prop_assert_eq!(decoder.position(), bytes.len());
        }
    }
}
