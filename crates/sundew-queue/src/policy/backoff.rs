//! How long to wait before trying again.

use rand_core::Rng;

/// Doubles a ceiling with every failure and waits a random time below it ("full jitter").
///
/// A thousand devices that lost the same broker come back spread over the whole ceiling, not as a
/// herd. The state is five bytes and serialises as what it is: how often was failed in a row.
///
/// ```
/// use sundew_queue::Backoff;
/// # struct Half;
/// # impl rand_core::TryRng for Half {
/// #     type Error = core::convert::Infallible;
/// #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(1 << 31) }
/// #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Ok(1 << 63) }
/// #     fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> { Ok(()) }
/// # }
/// # let mut rng = Half; // always draws the middle
///
/// let mut backoff = Backoff::new(1_000, 60_000);
/// assert_eq!(backoff.wait_ms(&mut rng), 500);
/// assert_eq!(backoff.wait_ms(&mut rng), 1_000);
/// assert_eq!(backoff.wait_ms(&mut rng), 2_000);
/// backoff.reset();
/// assert_eq!(backoff.wait_ms(&mut rng), 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backoff {
    first_ms: u32,
    cap_ms: u32,
    failures: u8,
}

impl Backoff {
    /// Starts with waits of at most `first_ms` milliseconds, which grow to at most `cap_ms`.
    ///
    /// A first ceiling above the cap is taken as the cap.
    pub const fn new(first_ms: u32, cap_ms: u32) -> Self {
        Self { first_ms, cap_ms, failures: 0 }
    }

    /// Counts a failure and draws the wait in milliseconds: anything from 0 to the ceiling, both
    /// included and equally likely.
    ///
    /// The random numbers need not be secret, but must differ between devices and boots.
    pub fn wait_ms(&mut self, rng: &mut impl Rng) -> u32 {
        let ceiling = self.ceiling_ms();
        self.failures = self.failures.saturating_add(1);
        up_to(ceiling, rng.next_u32())
    }

    /// Returns the longest wait in milliseconds that the next call can draw.
    pub const fn ceiling_ms(&self) -> u32 {
        ceiling_ms(self.first_ms, self.cap_ms, self.failures)
    }

    /// Returns how often was failed since the last success, at most 255.
    pub const fn failures(&self) -> u8 {
        self.failures
    }

    /// Starts over after a success.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

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
    use core::convert::Infallible;

    /// Draws what it is told to, or walks through the numbers (a 32-bit Weyl sequence).
    enum Draw {
        Always(u32),
        Walk(u32),
    }

    impl rand_core::TryRng for Draw {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(match self {
                Self::Always(value) => *value,
                Self::Walk(state) => {
                    *state = state.wrapping_add(0x9E37_79B9);
                    *state
                }
            })
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("32 bits are enough")
        }

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
            unreachable!("32 bits are enough")
        }
    }

    #[test]
    fn both_bounds_are_drawn_and_nothing_outside() {
        for failures in 0..=255_u8 {
            let state = Backoff { first_ms: 100, cap_ms: 5_000, failures };
            let expected = if failures < 6 { 100 << failures } else { 5_000 };
            assert_eq!(state.ceiling_ms(), expected, "{failures}");
            assert_eq!({ state }.wait_ms(&mut Draw::Always(0)), 0);
            assert_eq!({ state }.wait_ms(&mut Draw::Always(u32::MAX)), expected);
        }
    }

    #[test]
    fn waits_fill_the_ceiling_evenly() {
        let mut rng = Draw::Walk(1);
        let mut quarters = [0_u32; 4];
        for _ in 0..4_000 {
            let wait = Backoff::new(999, 60_000).wait_ms(&mut rng);
            quarters[(wait / 250) as usize] += 1;
        }
        assert!(quarters.iter().all(|count| (950..=1_050).contains(count)), "{quarters:?}");
    }

    #[test]
    fn failures_grow_until_the_cap_and_reset_starts_over() {
        let mut backoff = Backoff::new(1_000, 8_000);
        let mut most = Draw::Always(u32::MAX);
        let mut waits = [0; 6];
        waits.fill_with(|| backoff.wait_ms(&mut most));
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        for _ in 0..1_000 {
            backoff.wait_ms(&mut most);
        }
        assert_eq!((backoff.failures(), backoff.ceiling_ms()), (255, 8_000));
        backoff.reset();
        assert_eq!((backoff.failures(), backoff.ceiling_ms()), (0, 1_000));
    }

    #[test]
    fn odd_settings_do_no_harm() {
        let cases = [(0, 0, 0), (0, 9, 0), (9, 0, 0), (9, 5, 5), (u32::MAX, u32::MAX, u32::MAX)];
        for (first, cap, ceiling) in cases {
            let mut backoff = Backoff::new(first, cap);
            for _ in 0..300 {
                assert_eq!(backoff.ceiling_ms(), ceiling, "{first} {cap}");
                assert!(backoff.wait_ms(&mut Draw::Always(u32::MAX)) <= ceiling);
            }
        }
    }
}
