//! How the ceiling of a pause grows, and how a pause below it is drawn.

/// Returns the longest wait in milliseconds after so many failures in a row.
pub(super) const fn ceiling_ms(first_ms: u32, cap_ms: u32, failures: u8) -> u32 {
    // A doubling a turn, at most 32 turns: shifts by a number that is not known cost AVR more.
    let (mut grown, mut left) = (first_ms, failures);
    while left > 0 && grown < cap_ms && grown > 0 {
        grown = grown.saturating_mul(2);
        left -= 1;
    }
    if grown < cap_ms { grown } else { cap_ms }
}

/// Turns 32 random bits into a number from 0 to `most`, both included.
pub(super) const fn up_to(most: u32, random: u32) -> u32 {
    // Multiply and shift: at most 2^-32 off from equally likely, and no division.
    ((random as u64 * (most as u64 + 1)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_doubles_with_each_failure_until_the_cap() {
        for failures in 0..=255_u8 {
            let expected = if failures < 6 { 100 << failures } else { 5_000 };
            assert_eq!(ceiling_ms(100, 5_000, failures), expected, "{failures}");
        }
        let cases = [(0, 0, 0), (0, 9, 0), (9, 0, 0), (9, 5, 5), (u32::MAX, u32::MAX, u32::MAX)];
        for (first, cap, ceiling) in cases {
            for failures in [0, 1, 31, 32, 255] {
                assert_eq!(ceiling_ms(first, cap, failures), ceiling, "{first} {cap} {failures}");
            }
        }
    }

    #[test]
    fn pauses_fill_the_ceiling_evenly_with_both_ends() {
        let mut quarters = [0_u32; 4];
        // A 32-bit Weyl sequence.
        let walk = (0..4_000_u32).map(|step| step.wrapping_mul(0x9E37_79B9));
        for random in walk {
            quarters[(up_to(999, random) / 250) as usize] += 1;
        }
        assert!(quarters.iter().all(|count| (950..=1_050).contains(count)), "{quarters:?}");
        assert_eq!(
            (up_to(999, 0), up_to(999, u32::MAX), up_to(u32::MAX, u32::MAX)),
            (0, 999, u32::MAX)
        );
    }
}
