//! How much of the time a device may be on the air.

use sundew_core::Ticks;

/// Keeps a budget of milliseconds on the air per hour, as a bucket that fills evenly.
///
/// It is what the device allows itself, on any link: for its battery, or for what the air costs.
/// What the law allows a radio is another matter, and kept where the radio is (`DutyCycle` of
/// `sundew-transport`, one for each sub-band, without a burst): a message goes when both let it.
///
/// A message may go while less than the burst is spent, whatever its length, so in any span of time
/// the device is on the air for at most the burst, the budget's share of that span, and one message.
///
/// *RAM*: 16 bytes.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_queue::policy::Airtime;
///
/// let now = Ticks::from_millis(0);
/// let mut air = Airtime::per_hour(36_000, 1_000); // 36 s an hour, which is 1 %; 1 s at once
/// air.sent(now, 900);
/// assert_eq!(air.free_at(now), now); // still below the burst
/// air.sent(now, 200);
/// assert_eq!(air.free_at(now), now.after(10_000)); // 100 ms beyond it, at 1 %
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Airtime {
    /// What a millisecond on the air takes to earn, in 1/256 ms; 0 is no budget.
    price: u32,
    /// What may be spent before it is earned, in ms of earning.
    credit_ms: u32,
    /// When all that was spent is earned.
    clear_at: Option<Ticks>,
}

impl Airtime {
    /// Allows any time on the air.
    pub const UNLIMITED: Self = Self { price: 0, credit_ms: 0, clear_at: None };

    /// Allows `budget_ms` milliseconds in an hour, of which `burst_ms` may go at once after a pause.
    ///
    /// A budget of 0 counts as 1 ms; what `burst_ms` takes to earn counts as 24 days at most.
    pub const fn per_hour(budget_ms: u32, burst_ms: u32) -> Self {
        // The one division, while compiling where the budget is a constant: 3,600,000 * 256 and the
        // largest budget together fit 32 bits no longer, so that one counts as the hour that it is.
        let budget = match budget_ms {
            0 => 1,
            1..HOUR => budget_ms,
            _ => HOUR,
        };
        let air = Self { price: (HOUR * 256).div_ceil(budget), credit_ms: 0, clear_at: None };
        Self { credit_ms: air.earning_ms(burst_ms), ..air }
    }

    /// Notes a message that began at `now` and took `air_ms` of the air.
    pub const fn sent(&mut self, now: Ticks, air_ms: u32) {
        if self.price == 0 {
            return;
        }
        let owed = self.owed_ms(now).saturating_add(self.earning_ms(air_ms));
        self.clear_at = Some(now.after(if owed < LONGEST { owed } else { LONGEST }));
    }

    /// Returns when the next message may go: `now`, or later.
    pub const fn free_at(&self, now: Ticks) -> Ticks {
        now.after(self.owed_ms(now).saturating_sub(self.credit_ms))
    }

    /// Returns how long it takes to earn what was spent, in ms.
    pub const fn owed_ms(&self, now: Ticks) -> u32 {
        match self.clear_at {
            Some(clear_at) => clear_at.since(now),
            None => 0,
        }
    }

    /// Forgets what is earned, so that it does not come round again with the ticks: to be called
    /// once in 24 days at least.
    pub(super) fn settle(&mut self, now: Ticks) {
        self.clear_at = self.clear_at.filter(|clear_at| !now.has_reached(*clear_at));
    }

    /// Takes over what an earlier one had spent.
    pub(super) const fn owing(mut self, now: Ticks, owed_ms: u32) -> Self {
        if owed_ms > 0 && self.price > 0 {
            self.clear_at = Some(now.after(if owed_ms < LONGEST { owed_ms } else { LONGEST }));
        }
        self
    }

    const fn earning_ms(&self, air_ms: u32) -> u32 {
        let earning = (air_ms as u64 * self.price as u64 + 255) >> 8;
        if earning < LONGEST as u64 { earning as u32 } else { LONGEST }
    }
}

/// Holds the milliseconds of an hour.
const HOUR: u32 = 3_600_000;

/// Holds the farthest moment that [`Ticks`] can look ahead, in ms.
const LONGEST: u32 = i32::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_budget_without_burst_waits_for_each_message() {
        let mut air = Airtime::per_hour(36_000, 0);
        let start = Ticks::from_millis(u32::MAX - 5);
        assert_eq!(air.free_at(start), start);
        air.sent(start, 1_483);
        assert_eq!(air.free_at(start), start.after(148_300));
        let free = start.after(148_300);
        assert_eq!(air.free_at(free), free);
    }

    #[test]
    fn odd_budgets_do_no_harm() {
        let now = Ticks::from_millis(9);
        for (budget, burst) in [(0, 0), (u32::MAX, u32::MAX), (0, u32::MAX), (3_599_999, 1)] {
            let mut air = Airtime::per_hour(budget, burst);
            for _ in 0..3 {
                air.sent(now, u32::MAX);
                assert!(air.free_at(now).since(now) <= LONGEST, "{budget} {burst}");
            }
        }
        let mut air = Airtime::UNLIMITED;
        air.sent(now, u32::MAX);
        assert_eq!((air.free_at(now), air.owed_ms(now)), (now, 0));
    }

    #[test]
    fn what_is_earned_stays_so_however_often_the_ticks_come_round() {
        let mut air = Airtime::per_hour(3_600, 0);
        let mut now = Ticks::from_millis(7);
        air.sent(now, 10);
        for day in 1..200_u32 {
            now = now.after(86_400_000);
            assert_eq!(air.free_at(now), now, "{day}");
            air.settle(now);
        }
    }

    proptest! {
        /// From any message on, a greedy sender is on the air for at most burst, share and message.
        #[test]
        fn a_greedy_sender_keeps_to_its_budget(
            budget in 1_u32..4_000_000,
            burst in 0_u32..100_000,
            start: u32,
            messages in prop::collection::vec((1_u32..5_000, 0_u32..60_000), 1..40),
        ) {
            let mut air = Airtime::per_hour(budget, burst);
            let mut now = Ticks::from_millis(start);
            let mut sent: std::vec::Vec<(u64, u64)> = std::vec::Vec::new();
            let mut elapsed = 0_u64;
            for (millis, pause) in messages {
                let free = air.free_at(now);
                // Past the horizon the wait is cut short, which is stated.
                prop_assume!(air.owed_ms(now) < LONGEST / 2);
                elapsed += u64::from(free.since(now));
                now = free;
                air.sent(now, millis);
                sent.push((elapsed, u64::from(millis)));
                let mut on_air = 0;
                for (at, earlier) in sent.iter().rev() {
                    on_air += earlier;
                    let share = (elapsed - at) * u64::from(budget);
                    let allowed = u64::from(burst) + on_air.min(u64::from(millis)) + 1;
                    prop_assert!(on_air * 3_600_000 <= allowed * 3_600_000 + share);
                }
                now = now.after(pause);
                elapsed += u64::from(pause);
                air.settle(now);
            }
        }
    }

    extern crate std;
}
