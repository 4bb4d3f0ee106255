//! Products and quotients of 32 bits with the 64 bits between kept, for processors without them.
//!
//! AVR has no division, and what the compiler links for one of 64 bits takes 4,304 cycles. The long
//! division here takes as long as a plain one of 32 bits, and so nothing else divides.

/// Returns both halves of a product, the upper first.
pub(crate) const fn product(a: u32, b: u32) -> (u32, u32) {
    const HALF: u32 = 0xFFFF;
    /// Of two u16: AVR has a routine for that, shorter than the one for two u32.
    const fn small(a: u32, b: u32) -> u32 {
        (a as u16) as u32 * (b as u16) as u32
    }
    let (low, cross) = (small(a, b), small(a, b >> 16));
    let (other, high) = (small(a >> 16, b), small(a >> 16, b >> 16));
    let middle = (low >> 16) + (cross & HALF) + (other & HALF);
    (high + (cross >> 16) + (other >> 16) + (middle >> 16), middle << 16 | low & HALF)
}

/// Returns the highest bit, by a comparison: AVR shifts bit by bit.
pub(crate) const fn top(value: u32) -> u32 {
    (value >= 1 << 31) as u32
}

/// Returns `a * b / 2^31` to the nearest integer: a number times a share of -1 to 1.
pub(crate) const fn scaled(a: i32, share: i32) -> i32 {
    let (high, low) = product(a.unsigned_abs(), share.unsigned_abs());
    let magnitude = (high << 1 | top(low)) + top(low << 1);
    // 2^31 comes of two i32::MIN only; it is cut by one.
    let magnitude = if magnitude > i32::MAX as u32 { i32::MAX } else { magnitude as i32 };
    if (a < 0) == (share < 0) { magnitude } else { -magnitude }
}

/// Returns `a * b / divisor` to the nearest integer, halves upwards, or `None` where that does not
/// fit or the divisor is 0.
pub(crate) const fn share(a: u32, b: u32, divisor: u32) -> Option<u32> {
    let (mut high, low) = product(a, b);
    let (mut low, carry) = low.overflowing_add(divisor >> 1);
    // At most 2^32 - 2 before, so it does not wrap.
    high = high.wrapping_add(carry as u32);
    if high >= divisor {
        return None;
    }
    let mut left = 32_u8;
    // Quotients are mostly short: their leading zeros go by the byte, which costs AVR moves only.
    while left > 8 && high < 1 << 24 {
        let next = high << 8 | low >> 24;
        if next >= divisor {
            break;
        }
        (high, low, left) = (next, low << 8, left - 8);
    }
    while left > 0 {
        let out = top(high);
        high = high << 1 | top(low);
        low <<= 1;
        if out != 0 || high >= divisor {
            high = high.wrapping_sub(divisor);
            low |= 1;
        }
        left -= 1;
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws numbers of all lengths (xorshift, Marsaglia 2003).
    fn draw(state: &mut u64) -> u32 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 32) as u32 >> (*state & 31)
    }

    #[test]
    fn products_and_shares_are_those_of_wider_integers() {
        let mut state = 0x5EED_5EED;
        for _ in 0..200_000 {
            let (a, b, divisor) = (draw(&mut state), draw(&mut state), draw(&mut state));
            let wide = u64::from(a) * u64::from(b);
            assert_eq!(product(a, b), ((wide >> 32) as u32, wide as u32));
            let exact = (u128::from(wide) + u128::from(divisor / 2)).checked_div(divisor.into());
            let exact = exact.and_then(|exact| u32::try_from(exact).ok());
            assert_eq!(share(a, b, divisor), exact, "{a} * {b} / {divisor}");
        }
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(share(u32::MAX, u32::MAX, u32::MAX), Some(u32::MAX));
        assert_eq!(share(u32::MAX, u32::MAX, u32::MAX - 1), None);
        assert_eq!(share(u32::MAX, 1, 1), Some(u32::MAX));
        assert_eq!(share(u32::MAX, 2, 1), None);
        assert_eq!(share(1, 1, 2), Some(1));
        assert_eq!(share(0, 0, 0), None);
        assert_eq!(share(0, 7, u32::MAX), Some(0));
    }
}
