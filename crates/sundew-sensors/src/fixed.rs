//! Products that outgrow 32 bits on their way, without 64-bit arithmetic.
//!
//! On an `ATmega328P` a 64-bit product takes 340 cycles and a 32-bit one 85: two of those make one
//! of [`scaled`], and three one of [`product`].

/// Returns `value * factor / 65536`, rounded down.
pub(crate) const fn scaled(value: i32, factor: i16) -> i32 {
    let factor = factor as i32;
    let (high, low) = (value >> 16, value & 0xFFFF);
    // 32,768 * 32,768 + 65,535 * 32,768 / 65,536 is below 2^31.
    high * factor + ((low * factor) >> 16)
}

/// Returns `a * b / 65536`, rounded down; what does not fit 32 bits loses its upper ones.
pub(crate) const fn product(a: i32, b: i32) -> i32 {
    let (a_high, a_low) = (a >> 16, a & 0xFFFF);
    let (b_high, b_low) = (b >> 16, b & 0xFFFF);
    let low = ((a_low as u32).wrapping_mul(b_low as u32) >> 16) as i32;
    a.wrapping_mul(b_high).wrapping_add(a_high.wrapping_mul(b_low)).wrapping_add(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_wide_product_rounded_down() {
        let factors = [i16::MIN, -1_234, -1, 0, 1, 77, i16::MAX];
        for value in (i32::MIN..=i32::MAX).step_by(65_521).chain([i32::MIN, -1, i32::MAX]) {
            for factor in factors {
                let wide = (i64::from(value) * i64::from(factor)) >> 16;
                if let Ok(wide) = i32::try_from(wide) {
                    assert_eq!(scaled(value, factor), wide, "{value} * {factor}");
                }
            }
        }
    }

    #[test]
    fn the_wider_one_is_too() {
        for a in (i32::MIN..=i32::MAX).step_by(1_965_521).chain([i32::MIN, -1, i32::MAX]) {
            for b in [i32::MIN, -70_001, -65_536, -1, 0, 1, 65_535, 8_388_607, i32::MAX] {
                let wide = (i64::from(a) * i64::from(b)) >> 16;
                assert_eq!(product(a, b), wide as i32, "{a} * {b}");
            }
        }
    }
}
