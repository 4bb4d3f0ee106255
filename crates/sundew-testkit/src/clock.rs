//! A clock that moves only when it is told to.

use core::cell::Cell;

/// Simulates time: it starts at 0 and moves when a test or a delay says so.
///
/// Everything takes it by shared reference, so that the test, the code under test and the device
/// models hold the same one. `&SimClock` is a `DelayNs`, which advances it.
///
/// ```
/// use embedded_hal::delay::DelayNs;
/// use sundew_testkit::SimClock;
///
/// let clock = SimClock::new();
/// let mut delay = &clock;
/// delay.delay_ms(3);
/// clock.advance_millis(2);
/// assert_eq!(clock.millis(), 5);
/// ```
#[derive(Debug, Default)]
pub struct SimClock {
    nanos: Cell<u64>,
}

impl SimClock {
    /// Starts at 0.
    pub const fn new() -> Self {
        Self { nanos: Cell::new(0) }
    }

    /// Starts `millis` milliseconds after 0, for instance just before a 32-bit count wraps.
    pub const fn at_millis(millis: u64) -> Self {
        Self { nanos: Cell::new(millis.wrapping_mul(1_000_000)) }
    }

    /// Returns the milliseconds since 0, wrapping after 2^32 of them as a device's count does.
    pub fn millis(&self) -> u32 {
        (self.nanos.get() / 1_000_000) as u32
    }

    /// Returns the microseconds since 0.
    pub fn micros(&self) -> u64 {
        self.nanos.get() / 1_000
    }

    /// Moves on by `millis` milliseconds.
    pub fn advance_millis(&self, millis: u32) {
        self.advance_nanos(u64::from(millis) * 1_000_000);
    }

    /// Moves on by `micros` microseconds.
    pub fn advance_micros(&self, micros: u32) {
        self.advance_nanos(u64::from(micros) * 1_000);
    }

    fn advance_nanos(&self, nanos: u64) {
        self.nanos.set(self.nanos.get().wrapping_add(nanos));
    }
}

impl embedded_hal::delay::DelayNs for &SimClock {
    fn delay_ns(&mut self, nanos: u32) {
        self.advance_nanos(u64::from(nanos));
    }
}

#[cfg(feature = "async")]
impl embedded_hal_async::delay::DelayNs for &SimClock {
    async fn delay_ns(&mut self, nanos: u32) {
        self.advance_nanos(u64::from(nanos));
    }
}
