//! Powers of two and their logarithms, in 24 binary places.

/// Returns `a * part / 2^16` to the nearest integer: two small products, where 32 by 32 bits takes
/// four.
const fn times(a: u32, part: u16) -> u32 {
    let (high, low) = ((a >> 16) as u16, a as u16);
    high as u32 * part as u32 + ((low as u32 * part as u32 + (1 << 15)) >> 16)
}

/// Returns 2 to the power of a number of 24 places from -24 to 5, with 24 places; beyond, that of the
/// end.
///
/// The fraction is cut to 16 places, which is 5.3e-6 of the result at most; the polynomial (fifth
/// degree, through Chebyshev's points) misses by 1.1e-7.
pub(super) fn exp2(exponent: i32) -> u32 {
    const COEFFICIENTS: [u32; 5] = [4_804_775, 29_989_790, 128_925_157, 372_134_483, 536_870_857];
    let exponent = (exponent.clamp(-(24 << 24), (6 << 24) - 0x100) + (1 << 7)) >> 8;
    let (whole, part) = (exponent >> 16, exponent as u16);
    // In 29 places, 1 to 2.
    let power =
        COEFFICIENTS.iter().fold(1_016_701, |sum, coefficient| times(sum, part) + coefficient);
    if whole > 5 { power << 1 } else { power >> (5 - whole) }
}

/// Returns the logarithm to the base 2, with 24 places, of a number from 1 to 2^17; 0 gives 0.
///
/// The polynomial (sixth degree, through Chebyshev's points) misses by 7.4e-6.
pub(super) fn log2(number: u32) -> i32 {
    const COEFFICIENTS: [u32; 5] = [2_423_823, 5_060_646, 7_862_791, 12_085_615, 24_204_179];
    let number = number.clamp(1, (1 << 17) - 1);
    let whole = number.ilog2();
    let part = if whole > 16 { number >> 1 } else { number << (16 - whole) } as u16;
    // The signs alternate, and every sum is smaller than its coefficient.
    let slope =
        COEFFICIENTS.iter().fold(567_440, |sum, coefficient| coefficient - times(sum, part));
    ((whole << 24) + times(slope, part)).cast_signed()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn powers_are_within_the_stated_error() {
        let (mut worst, mut cases) = (0.0_f64, 0);
        for exponent in (-(7 << 24)..6 << 24).step_by(9_973) {
            let exact = (f64::from(exponent) / 16_777_216.0).exp2() * 16_777_216.0;
            let given = f64::from(exp2(exponent));
            worst = worst.max(((given - exact).abs() - 1.0) / exact);
            cases += 1;
        }
        std::println!("cases: {cases} (worst {worst:.2e})");
        assert!(worst <= 5.5e-6 && worst > 5e-6, "{worst:e}");
        assert_eq!(exp2(i32::MIN), exp2(-(24 << 24)));
        assert!(exp2(i32::MAX) > (1 << 30) - (1 << 16));
    }

    #[test]
    fn logarithms_are_within_the_stated_error() {
        let (mut worst, mut cases) = (0.0_f64, 0);
        for number in 1..1 << 17 {
            let exact = f64::from(number).log2();
            let slack = if number > 1 << 16 { 1.2e-5 } else { 0.0 };
            worst = worst.max((f64::from(log2(number)) / 16_777_216.0 - exact).abs() - slack);
            cases += 1;
        }
        std::println!("cases: {cases} (worst {worst:.2e})");
        assert!(worst <= 7.6e-6 && worst > 7e-6, "{worst:e}");
        assert_eq!((log2(0), log2(1)), (0, 0));
    }
}
