//! What is fixed about a policy before it runs.

use super::backoff::ceiling_ms;
use super::{Airtime, Jitter};

/// Holds the settings of a [`Policy`](super::Policy).
///
/// ```
/// use sundew_queue::policy::{Airtime, Retry};
///
/// /// For 10,000 devices and a broker that takes 200 connections a second.
/// const RETRY: Retry = Retry::new(1_000, 300_000)
///     .stagger_ms(3 * 10_000 / 200 * 1_000)
///     .few(3)
///     .airtime(Airtime::per_hour(36_000, 3_600));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Retry {
    first_ms: u32,
    cap_ms: u32,
    pub(super) stagger_ms: u32,
    pub(super) few: u8,
    pub(super) airtime: Airtime,
}

impl Retry {
    /// Pauses for at most `first_ms` milliseconds after the first failure, twice that after the
    /// second, and so on up to `cap_ms`. No stagger, no airtime budget; few are 5.
    pub const fn new(first_ms: u32, cap_ms: u32) -> Self {
        Self { first_ms, cap_ms, stagger_ms: 0, few: 5, airtime: Airtime::UNLIMITED }
    }

    /// Draws each pause, and that before the first attempt of a boot, from a window of `window_ms`
    /// at least.
    ///
    /// For a fleet: what took the link from one device may have taken it from all in one moment.
    /// Without a window they would all be back within the first pause. Take three times the number
    /// of devices divided by the connections per second that the other side takes: those that fail
    /// again and again knock at up to 2.72 times their number per window (e: the most that evenly
    /// drawn pauses come to), which `cargo prove fleet` shows.
    #[must_use]
    pub const fn stagger_ms(mut self, window_ms: u32) -> Self {
        self.stagger_ms = window_ms;
        self
    }

    /// Sets how many refusals make a dead letter of a record with [`Effort::Few`](crate::Effort);
    /// 0 counts as 1.
    #[must_use]
    pub const fn few(mut self, refusals: u8) -> Self {
        self.few = refusals;
        self
    }

    /// Sets the budget of time on the air.
    #[must_use]
    pub const fn airtime(mut self, airtime: Airtime) -> Self {
        self.airtime = airtime;
        self
    }

    /// Returns the longest pause in ms after so many failures in a row.
    pub const fn ceiling_ms(&self, failures: u8) -> u32 {
        let ceiling = ceiling_ms(self.first_ms, self.cap_ms, failures);
        if ceiling > self.stagger_ms { ceiling } else { self.stagger_ms }
    }

    /// Draws the pause in ms after so many failures in a row.
    pub(super) const fn draw_ms(&self, failures: u8, jitter: &mut Jitter) -> u32 {
        jitter.up_to(self.ceiling_ms(failures))
    }
}
