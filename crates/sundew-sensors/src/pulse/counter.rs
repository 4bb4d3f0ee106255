//! Counting in an interrupt, with one writer and no compare-and-swap.

use crate::pulse::shared::Shared16;

/// Counts events, modulo 65,536: anything that the loop can read a running count from.
///
/// A timer that counts edges of a pin by itself is one too, and needs no interrupt:
///
/// ```
/// use sundew_sensors::pulse::Count;
///
/// struct Timer2;
///
/// impl Count for Timer2 {
///     fn count(&mut self) -> u16 {
///         1_234 // what its counting register holds
///     }
/// }
/// assert_eq!(Timer2.count(), 1_234);
/// ```
pub trait Count {
    /// Returns the running count, which goes on at 0 after 65,535.
    fn count(&mut self) -> u16;
}

/// Counts pulses in an interrupt.
///
/// It is written by one interrupt alone: [`pulse`](Self::pulse) is a load and a store, and two
/// writers would lose counts.
///
/// No read is torn, on AVR either, where 16 bits are two accesses: `benches/sizes/pulse` runs it in
/// simavr against a timer interrupt and checks each of 204,801 reads. There counting takes 42
/// cycles besides what an interrupt costs by itself, and 129 debounced.
#[derive(Debug, Default)]
pub struct Counter {
    count: Shared16,
}

impl Counter {
    /// Starts at 0.
    pub const fn new() -> Self {
        Self { count: Shared16::new(0) }
    }

    /// Counts a pulse; only the one interrupt may call it.
    #[inline]
    pub fn pulse(&self) {
        self.count.store(self.count.own().wrapping_add(1));
    }

    /// Returns the running count.
    #[inline]
    pub fn count(&self) -> u16 {
        self.count.load()
    }
}

impl Count for &Counter {
    fn count(&mut self) -> u16 {
        Counter::count(self)
    }
}

/// Counts the pulses of a contact that bounces.
///
/// A pulse that comes sooner than `distance` ticks after the last one that was counted is none.
/// The interrupt passes the time, in wrapping ticks of 16 bits: milliseconds for reed contacts,
/// microseconds for what is faster.
///
/// Sixteen bits of milliseconds come round after 65.5 s. A pulse that comes just so long after the
/// one before, or a multiple of it, looks like its bounce, unless the loop has called
/// [`settle`](Self::settle) meanwhile. Without that call one pulse in `65,536 / distance` is lost
/// where pulses are rare: one in 655 tips of a bucket with 100 ms.
///
/// ```
/// use sundew_sensors::pulse::Debounced;
///
/// static WATER: Debounced = Debounced::new(20);
/// WATER.pulse(1_000);
/// WATER.pulse(1_019);
/// WATER.pulse(1_020);
/// assert_eq!(WATER.count(), 2);
/// WATER.settle(|| 30_000); // from the loop, at least once in 65 s
/// WATER.pulse(1_025); // 65.541 s after the last
/// assert_eq!(WATER.count(), 3);
/// ```
#[derive(Debug)]
pub struct Debounced {
    counter: Counter,
    distance: u16,
    /// When the last pulse was counted; written by the interrupt.
    counted_at: Shared16,
    /// The count whose last pulse is over for long; written by the loop.
    settled: Shared16,
}

impl Debounced {
    /// Starts at 0; a pulse counts when it comes at least `distance` ticks after the last.
    pub const fn new(distance: u16) -> Self {
        Self {
            counter: Counter::new(),
            distance,
            counted_at: Shared16::new(0),
            settled: Shared16::new(0),
        }
    }

    /// Counts a pulse at the time `now`, unless it bounces; only the one interrupt may call it.
    #[inline]
    pub fn pulse(&self, now: u16) {
        let age = now.wrapping_sub(self.counted_at.own());
        // A note that the loop is half through with is none: its upper half is an older one's,
        // and the count has gone on from there.
        if age >= self.distance || self.settled.load() == self.counter.count.own() {
            self.counted_at.store(now);
            self.counter.pulse();
        }
    }

    /// Notes that the last pulse no longer bounces, where that is so; only the loop may call it.
    ///
    /// To be called at least once while the clock comes round; `now` reads the interrupt's clock.
    pub fn settle(&self, now: impl FnOnce() -> u16) {
        // The count comes first: when a pulse is counted after it, the note is about an older one
        // and does no harm. The other way round it could be about one that has only begun.
        let count = self.count();
        let age = now().wrapping_sub(self.counted_at.load());
        if age >= self.distance {
            self.settled.store(count);
        }
    }

    /// Returns the running count.
    #[inline]
    pub fn count(&self) -> u16 {
        self.counter.count()
    }
}

impl Count for &Debounced {
    fn count(&mut self) -> u16 {
        Debounced::count(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pulse_counts_whenever_it_comes() {
        for now in [0, 1, 9, 65_535] {
            let contact = Debounced::new(10);
            contact.pulse(now);
            assert_eq!(contact.count(), 1, "{now}");
        }
    }

    #[test]
    fn what_bounces_is_measured_from_the_last_pulse_that_counted() {
        for start in [0_u16, 65_530] {
            let contact = Debounced::new(10);
            let counts = [0, 4, 9, 10, 11, 19, 20].map(|offset| {
                contact.pulse(start.wrapping_add(offset));
                contact.count()
            });
            assert_eq!(counts, [1, 1, 1, 2, 2, 2, 3], "from {start}");
        }
    }

    #[test]
    fn a_pulse_counts_after_every_pause_when_the_loop_settles() {
        for pause in 10..200_000_u32 {
            let contact = Debounced::new(10);
            contact.pulse(0);
            for look in (0..pause).step_by(30_000) {
                contact.settle(|| look as u16);
            }
            contact.pulse(pause as u16);
            assert_eq!(contact.count(), 2, "{pause}");
            contact.pulse(pause.wrapping_add(9) as u16);
            assert_eq!(contact.count(), 2, "the bounce after {pause}");
        }
    }

    #[test]
    fn a_note_about_an_older_pulse_lets_no_bounce_through() {
        let contact = Debounced::new(10);
        contact.pulse(100);
        // The interrupt comes between the look at the count and the look at the clock.
        contact.settle(|| {
            contact.pulse(200);
            199
        });
        contact.pulse(205);
        assert_eq!(contact.count(), 2);
    }

    #[test]
    fn counts_come_round() {
        let counter = Counter::new();
        (0..65_537_u32).for_each(|_| counter.pulse());
        assert_eq!(counter.count(), 1);
    }
}
