//! Seconds since boot, from ticks that wrap.

use sundew_codec::FIRST_ABSOLUTE;
use sundew_core::Ticks;
use sundew_units::{Anchor, Timestamp};

/// Counts the seconds since boot and knows the wall clock once it was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uptime {
    boot: u16,
    last: Ticks,
    seconds: u32,
    millis: u32,
    anchor: Option<Anchor>,
}

impl Uptime {
    pub(super) const fn new(boot: u16, now: Ticks) -> Self {
        Self { boot, last: now, seconds: 0, millis: 0, anchor: None }
    }

    /// Moves on to `now`; must be called at least every 24.8 days.
    pub(super) fn advance(&mut self, now: Ticks) {
        let elapsed = now.since(self.last);
        self.last = now;
        let millis = u64::from(self.millis) + u64::from(elapsed);
        self.seconds = self.seconds.saturating_add((millis / 1_000) as u32);
        self.millis = (millis % 1_000) as u32;
    }

    /// Ties this boot to the wall clock, unless that stands where SenML cannot tell an absolute
    /// time: it was never set then.
    pub(super) fn set_unix(&mut self, unix: u32) {
        let start = unix.checked_sub(self.seconds).filter(|_| unix >= FIRST_ABSOLUTE);
        self.anchor = start.map(|start| Anchor::new(self.boot, start));
    }

    pub(super) const fn boot(&self) -> u16 {
        self.boot
    }

    pub(super) const fn seconds(&self) -> u32 {
        self.seconds
    }

    /// Returns the absolute time, where the wall clock of that boot is known, else itself.
    pub(super) fn repaired(&self, taken: Timestamp) -> Timestamp {
        self.anchor.map_or(taken, |anchor| taken.repaired(anchor))
    }

    /// Returns the time now, absolute where the wall clock is known.
    pub(super) fn timestamp(&self) -> Timestamp {
        self.repaired(Timestamp::SinceBoot { boot: self.boot, seconds: self.seconds })
    }

    /// Returns the Unix time in seconds, if the wall clock is known.
    pub(super) fn unix(&self) -> Option<u32> {
        match self.timestamp() {
            Timestamp::Unix(unix) => Some(unix),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_survive_the_wrap_of_the_ticks() {
        let start = Ticks::from_millis(u32::MAX - 1_499);
        let mut uptime = Uptime::new(4, start);
        for step in 1..=10 {
            uptime.advance(start.after(step * 700));
        }
        assert_eq!(uptime.timestamp(), Timestamp::SinceBoot { boot: 4, seconds: 7 });
        uptime.set_unix(1_700_000_007);
        uptime.advance(start.after(8_000));
        assert_eq!(uptime.timestamp(), Timestamp::Unix(1_700_000_008));
        assert_eq!(uptime.anchor, Some(Anchor::new(4, 1_700_000_000)));
    }

    #[test]
    fn a_wall_clock_that_was_never_set_is_no_anchor() {
        let mut uptime = Uptime::new(1, Ticks::from_millis(0));
        uptime.advance(Ticks::from_millis(60_000));
        for unset in [0, 59, 61, FIRST_ABSOLUTE - 1] {
            uptime.set_unix(unset);
            assert_eq!(uptime.unix(), None, "{unset}");
        }
        uptime.set_unix(FIRST_ABSOLUTE);
        assert_eq!(uptime.unix(), Some(FIRST_ABSOLUTE));
    }
}
