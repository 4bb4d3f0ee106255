//! A share of the time, kept.

use sundew_core::Ticks;

/// Keeps to a share of the time in one sub-band: after each transmission the band is left alone
/// until that was no more than its share of the time since it began.
///
/// That is the rule of the LoRaWAN specification: it never allows a burst, and over any time, be it
/// the hour of ETSI EN 300 220, at most one frame goes beyond the share, the one that a count which
/// begins and ends with a frame finds too many. A product that must keep below the share in each
/// single hour asks for a little less, such as one in 109 where the longest frame takes 2.8 s. Times
/// are rounded up to milliseconds. A restart forgets the last transmission: each boot may add one
/// frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DutyCycle {
    parts: u16,
    free_at: Option<Ticks>,
}

impl DutyCycle {
    /// Allows one in `parts` parts of the time: 100 is 1 %, 1 and 0 are no limit.
    pub const fn one_in(parts: u16) -> Self {
        Self { parts, free_at: None }
    }

    /// Notes a transmission that began at `start` and takes `micros` of the air.
    ///
    /// A wait of more than 24 days counts as 24 days, past which [`Ticks`] cannot look.
    pub fn sent(&mut self, start: Ticks, micros: u32) {
        let parts = if self.parts == 0 { 1 } else { u32::from(self.parts) };
        let whole = (micros / 1_000).saturating_mul(parts);
        let rest = (micros % 1_000 * parts).div_ceil(1_000);
        self.free_at = Some(start.after(whole.saturating_add(rest).min(i32::MAX as u32)));
    }

    /// Returns when the next transmission may begin: `now`, or later.
    ///
    /// Call it at least once in 24 days, so that the moment it keeps does not come round again.
    pub fn free_at(&mut self, now: Ticks) -> Ticks {
        match self.free_at {
            Some(free_at) if !now.has_reached(free_at) => free_at,
            _ => {
                self.free_at = None;
                now
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_frame_waits_279_seconds_at_one_percent() {
        let mut band = DutyCycle::one_in(100);
        let start = Ticks::from_millis(u32::MAX - 5);
        band.sent(start, 2_793_472);
        assert_eq!(band.free_at(start), start.after(279_348));
        let free = start.after(279_348);
        assert_eq!(band.free_at(free), free);
        // Once it was free it stays so, however often the ticks come round.
        assert_eq!(band.free_at(start), start);
    }

    /// Returns how long a greedy sender of frames of `micros` is on the air in the worst hour, which
    /// begins with a frame.
    fn worst_hour(parts: u16, micros: u32) -> u32 {
        let mut band = DutyCycle::one_in(parts);
        let start = Ticks::from_millis(0);
        let (mut now, mut on_air) = (start, 0);
        while now.since(start) < 3_600_000 {
            // What the hour cuts off does not count.
            on_air += micros.min((3_600_000 - now.since(start)) * 1_000);
            band.sent(now, micros);
            now = band.free_at(now);
        }
        on_air
    }

    #[test]
    fn an_hour_holds_its_share_and_at_most_one_frame() {
        for micros in [61_696, 1_482_752, 2_793_472] {
            assert!(worst_hour(100, micros) <= 36_000_000 + micros, "{micros}");
        }
        assert_eq!(worst_hour(100, 2_793_472), 13 * 2_793_472); // 36.3 s
        for micros in (1_000..=2_800_000).step_by(997) {
            assert!(worst_hour(109, micros) <= 36_000_000, "{micros}");
        }
    }

    #[test]
    fn without_a_limit_only_the_frame_itself_counts() {
        for parts in [0, 1] {
            let mut band = DutyCycle::one_in(parts);
            let start = Ticks::from_millis(7);
            band.sent(start, 1_001);
            assert_eq!(band.free_at(start), start.after(2));
        }
    }

    #[test]
    fn no_wait_is_longer_than_ticks_can_look_ahead() {
        let mut band = DutyCycle::one_in(u16::MAX);
        let start = Ticks::from_millis(0);
        band.sent(start, u32::MAX);
        assert_eq!(band.free_at(start), start.after(i32::MAX as u32));
    }

    proptest! {
        /// Whenever it may send, a greedy sender keeps below its share.
        #[test]
        fn a_greedy_sender_keeps_its_share(
            parts in prop::sample::select(&[10_u16, 100, 1_000][..]),
            frames in prop::collection::vec((1_u32..4_000_000, 0_u32..5_000), 1..40),
        ) {
            let mut band = DutyCycle::one_in(parts);
            let first = Ticks::from_millis(u32::MAX - 1_000);
            let mut now = first;
            let (mut on_air, mut elapsed) = (0_u64, 0_u64);
            for (micros, pause) in frames {
                let free = band.free_at(now);
                elapsed += u64::from(free.since(now));
                now = free;
                band.sent(now, micros);
                prop_assert!(on_air * u64::from(parts) <= elapsed * 1_000);
                on_air += u64::from(micros);
                now = now.after(pause);
                elapsed += u64::from(pause);
            }
        }
    }
}
