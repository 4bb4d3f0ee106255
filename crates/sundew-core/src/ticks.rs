//! Time as the core sees it: a wrapping count of milliseconds.

/// Counts milliseconds since some start and wraps after 2^32 of them (49.7 days).
///
/// Two ticks are ordered by the shorter way round, so a deadline may lie at most 2^31 ms
/// (24.8 days) ahead. What is stored in flash uses seconds since boot instead, which do not wrap
/// within a device's life. Nothing in Sundew reads a clock: the application passes `Ticks` in.
///
/// ```
/// use sundew_core::Ticks;
///
/// let before_wrap = Ticks::from_millis(u32::MAX - 9);
/// let deadline = before_wrap.after(20);
/// assert_eq!(deadline.millis(), 10);
/// assert!(!before_wrap.has_reached(deadline));
/// assert!(Ticks::from_millis(10).has_reached(deadline));
/// assert_eq!(deadline.since(before_wrap), 20);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ticks(u32);

impl Ticks {
    /// Wraps a count of milliseconds.
    pub const fn from_millis(millis: u32) -> Self {
        Self(millis)
    }

    /// Returns the count in milliseconds.
    pub const fn millis(self) -> u32 {
        self.0
    }

    /// Returns the moment `millis` later.
    #[must_use]
    pub const fn after(self, millis: u32) -> Self {
        Self(self.0.wrapping_add(millis))
    }

    /// Returns the milliseconds from `earlier` to here; 0 where `earlier` lies ahead.
    pub const fn since(self, earlier: Self) -> u32 {
        if self.has_reached(earlier) { self.0.wrapping_sub(earlier.0) } else { 0 }
    }

    /// Returns whether this moment is `deadline` or later.
    pub const fn has_reached(self, deadline: Self) -> bool {
        self.0.wrapping_sub(deadline.0) < 1 << 31
    }

    /// Returns the earlier of the two moments.
    #[must_use]
    pub const fn earlier(self, other: Self) -> Self {
        if other.has_reached(self) { self } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        for start in [0, 1, u32::MAX / 2, u32::MAX - 5, u32::MAX] {
            let now = Ticks::from_millis(start);
            for ahead in [0, 1, 1_000, (1 << 31) - 1] {
                let later = now.after(ahead);
                assert!(later.has_reached(now), "{start} + {ahead}");
                assert_eq!(later.since(now), ahead);
                assert_eq!(now.earlier(later), now);
                assert_eq!(later.earlier(now), now);
                assert_eq!(now.has_reached(later), ahead == 0);
            }
        }
    }

    #[test]
    fn a_moment_ahead_is_no_time_ago() {
        assert_eq!(Ticks::from_millis(5).since(Ticks::from_millis(6)), 0);
    }
}
