//! Products that outgrow 32 bits on their way, without 64-bit arithmetic.
//!
//! On an `ATmega328P` a 64-bit product takes 340 cycles and a 32-bit one 85; two of those make one
//! of [`scaled`].

/// Returns `value * factor / 65536`, rounded down.
pub(crate) const fn scaled(value: i32, factor: i16) -> i32 {
    let factor = factor as i32;
    let (high, low) = (value >> 16, value & 0xFFFF);
    // 32,768 * 32,768 + 65,535 * 32,768 / 65,536 is below 2^31.
    high * factor + ((low * factor) >> 16)
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
}
