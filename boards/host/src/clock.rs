//! Time since the start, and the time of day.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sundew::core::Ticks;

/// Counts from its making, and knows the time of day as a battery-backed clock would.
///
/// It may run faster than the time of this computer, for what would take hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// Says how many times as fast it runs.
    lapse: u32,
    /// Holds since when it runs ahead, in milliseconds since 1970.
    since: u64,
}

impl Clock {
    /// Starts at 0, `lapse` times as fast as this computer's clock. What it shows as time of day
    /// agreed with that clock at `since`, by default now.
    pub(crate) fn start(lapse: u32, since: Option<u64>) -> Self {
        let since = since.unwrap_or_else(wall_millis);
        Self { start: Instant::now(), lapse: lapse.max(1), since }
    }

    /// Returns the time since the start; it wraps after 49.7 days, as [`Ticks`] do.
    pub(crate) fn now(self) -> Ticks {
        let elapsed = self.start.elapsed() * self.lapse;
        Ticks::from_millis(elapsed.as_millis() as u32)
    }

    /// Sleeps until `wake_at`, but not longer than `limit_millis` of this computer's time.
    pub(crate) fn sleep_until(self, wake_at: Ticks, limit_millis: u32) {
        let left = Duration::from_millis(wake_at.since(self.now()).into()) / self.lapse;
        std::thread::sleep(left.min(Duration::from_millis(limit_millis.into())));
    }

    /// Returns the time of day in seconds since 1970 (UTC).
    pub(crate) fn time_of_day(self) -> u32 {
        let ahead = wall_millis().saturating_sub(self.since).saturating_mul(self.lapse.into());
        u32::try_from(self.since.saturating_add(ahead) / 1_000).unwrap_or(0)
    }
}

/// Returns this computer's time of day in milliseconds since 1970 (UTC).
pub(crate) fn wall_millis() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lapsed_day_goes_by_faster_and_a_restart_does_not_turn_it_back() {
        let since = wall_millis() - 10_000;
        let clock = Clock::start(100, Some(since));
        let expected = (since + 1_000_000) / 1_000;
        assert!(u64::from(clock.time_of_day()) - expected < 500);
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.now().millis() >= 2_000);
        let plain = Clock::start(1, None);
        assert!(u64::from(plain.time_of_day()).abs_diff(wall_millis() / 1_000) <= 1);
    }
}
