//! Time since the start, and the time of day.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sundew::core::Ticks;

/// Counts from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Starts at 0.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start; it wraps after 49.7 days, as [`Ticks`] do.
    pub(crate) fn now(self) -> Ticks {
        Ticks::from_millis(self.0.elapsed().as_millis() as u32)
    }

    /// Sleeps until `wake_at`, but not longer than `limit_millis`.
    pub(crate) fn sleep_until(self, wake_at: Ticks, limit_millis: u32) {
        let left = wake_at.since(self.now()).min(limit_millis);
        std::thread::sleep(Duration::from_millis(left.into()));
    }
}

/// Returns the time of day in milliseconds since 1970 (UTC), as a battery-backed clock would.
pub(crate) fn time_of_day_millis() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(0)
}

/// Returns the time of day in seconds since 1970 (UTC).
pub(crate) fn time_of_day() -> u32 {
    u32::try_from(time_of_day_millis() / 1_000).unwrap_or(0)
}
