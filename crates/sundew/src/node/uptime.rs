//! Seconds since boot, from ticks that wrap.

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

    /// Ties this boot to the wall clock.
    pub(super) fn set_unix(&mut self, unix: u32) {
        self.anchor = unix.checked_sub(self.seconds).map(|start| Anchor::new(self.boot, start));
    }

    pub(super) const fn boot(&self) -> u16 {
        self.boot
    }

    pub(super) const fn seconds(&self) -> u32 {
        self.seconds
    }

    pub(super) const fn anchor(&self) -> Option<Anchor> {
        self.anchor
    }

    /// Returns the time now, absolute where the wall clock is known.
    pub(super) fn timestamp(&self) -> Timestamp {
        let relative = Timestamp::SinceBoot { boot: self.boot, seconds: self.seconds };
        self.anchor.map_or(relative, |anchor| relative.repaired(anchor))
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
        assert_eq!(uptime.anchor(), Some(Anchor::new(4, 1_700_000_000)));
    }

    #[test]
    fn a_wall_clock_before_the_boot_is_no_anchor() {
        let mut uptime = Uptime::new(1, Ticks::from_millis(0));
        uptime.advance(Ticks::from_millis(60_000));
        uptime.set_unix(59);
        assert_eq!(uptime.unix(), None);
    }
}
