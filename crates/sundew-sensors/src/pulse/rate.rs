//! Pulses in a time, converted by a model.

use core::convert::Infallible;
use core::marker::PhantomData;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::meaning::Meaning;
use crate::pulse::Count;
use crate::{Error, Output, Sensor};
use sundew_units::{Marked, Quality, Transform};

/// Tells milliseconds since any moment, coming round after 2^32 of them.
///
/// Each closure or function that returns them is one.
pub trait Clock {
    /// Returns the milliseconds.
    fn millis(&mut self) -> u32;
}

impl<F: FnMut() -> u32> Clock for F {
    fn millis(&mut self) -> u32 {
        self()
    }
}

/// Measures how often a counter counts, and converts that by a [`Transform`].
///
/// The transform gets pulses in a thousand seconds (thousandths of a hertz), rounded to the
/// nearest, and gives steps of `M`; how many pulses a turn makes is its matter.
///
/// A window reaches from one reading to the next and is at least `window_ms` long, so each pulse is
/// in one window and the value is the mean since the last reading. A window of 10 s resolves
/// 0.1 Hz; what comes once in minutes is better reported as a [`Total`](crate::pulse::Total).
///
/// Reading before the window is over is [`Error::NotReady`], and the window goes on.
///
/// *Blocking time*: none; two divisions of 32 bits and the transform: 2,004 cycles on AVR with one
/// that multiplies and shifts.
///
/// *RAM*: the handles, the transform and 16 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::EventRate;
/// use sundew_sensors::pulse::{Counter, Rate};
/// use sundew_testkit::SimClock;
/// use sundew_units::{Marked, Transform};
///
/// /// Leaves thousandths of a hertz as they are.
/// struct Hertz;
/// impl Transform for Hertz {
///     fn apply(&self, raw: i32) -> Marked {
///         Marked::good(raw)
///     }
/// }
///
/// static FAN: Counter = Counter::new();
/// let clock = SimClock::new();
/// let mut fan = Rate::<EventRate<-3>, _, _, _>::new(&FAN, || clock.millis(), Hertz, 1_000);
/// clock.advance_millis(fan.start()?);
/// (0..50).for_each(|_| FAN.pulse());
/// assert_eq!(fan.read(), Ok([50_000])); // 50 Hz
/// # Ok::<(), sundew_sensors::Error<core::convert::Infallible>>(())
/// ```
#[derive(Debug)]
pub struct Rate<M, C, K, T> {
    counter: C,
    clock: K,
    transform: T,
    window_ms: u32,
    window: Option<Window>,
    quality: Quality,
    meaning: PhantomData<M>,
}

impl<M: Meaning, C: Count, K: Clock, T: Transform> Rate<M, C, K, T> {
    /// Measures over windows of at least `window_ms`, or 1 ms where that is 0.
    pub fn new(counter: C, clock: K, transform: T, window_ms: u32) -> Self {
        Self {
            counter,
            clock,
            transform,
            window_ms: window_ms.max(1),
            window: None,
            quality: Quality::Good,
            meaning: PhantomData,
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<M: Meaning, C: Count, K: Clock, T: Transform> Sensor<1> for Rate<M, C, K, T> {
    type Error = Error<Infallible>;

    const OUTPUTS: [Output; 1] = [M::OUTPUT];

    /// Opens the first window, and returns the milliseconds until the one that is open may close.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        let now = self.clock.millis();
        let window = self.window.get_or_insert_with(|| Window::open(&mut self.counter, now));
        Ok(self.window_ms.saturating_sub(window.age_ms(now)))
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        let window = self.window.as_mut().ok_or(Error::NotReady)?;
        let now = self.clock.millis();
        if window.age_ms(now) < self.window_ms {
            return Err(Error::NotReady);
        }
        let millihertz = window.close(&mut self.counter, now);
        let Marked { mantissa, quality, .. } = self.transform.apply(millihertz);
        self.quality = quality;
        Ok([mantissa])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}

/// Remembers where a window began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    count: u16,
    opened_at: u32,
}

impl Window {
    pub(super) fn open(counter: &mut impl Count, now: u32) -> Self {
        Self { count: counter.count(), opened_at: now }
    }

    pub(super) const fn age_ms(self, now: u32) -> u32 {
        now.wrapping_sub(self.opened_at)
    }

    /// Returns the pulses in a thousand seconds of this window, and opens the next.
    pub(super) fn close(&mut self, counter: &mut impl Count, now: u32) -> i32 {
        let next = Self::open(counter, now);
        let pulses = next.count.wrapping_sub(self.count);
        let millihertz = millihertz(pulses, self.age_ms(now));
        *self = next;
        millihertz
    }
}

/// Returns `pulses / elapsed_ms` in thousandths of a hertz, within 0.51, and at most `i32::MAX`.
///
/// In two divisions of 32 bits, as in long division: one of 64 bits costs AVR three times as much.
/// Of a window past 70 minutes the last bits are dropped, which is what the 0.01 is for.
const fn millihertz(pulses: u16, elapsed_ms: u32) -> i32 {
    /// Lets a remainder be multiplied by 1,000 and rounded.
    const LONGEST: u32 = 4_200_000;

    let (mut scaled, mut elapsed) = (pulses as u32 * 1_000, elapsed_ms);
    while elapsed > LONGEST {
        elapsed >>= 1;
        scaled = (scaled + 1) >> 1;
    }
    if elapsed == 0 {
        return if pulses == 0 { 0 } else { i32::MAX };
    }
    let (hertz, rest) = (scaled / elapsed, scaled % elapsed);
    let sum = hertz.saturating_mul(1_000).saturating_add((rest * 1_000 + elapsed / 2) / elapsed);
    if sum > i32::MAX as u32 { i32::MAX } else { sum as i32 }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn every_count_is_within_the_stated_error_at_any_window() {
        let windows = [
            1,
            2,
            3,
            7,
            999,
            1_000,
            1_001,
            3_000,
            65_535,
            65_536,
            600_000,
            4_199_999,
            4_200_000,
            4_200_001,
            8_400_003,
            86_400_000,
            123_456_789,
            1 << 31,
            u32::MAX,
        ];
        let (mut worst, mut cases) = (0.0_f64, 0_u32);
        for elapsed_ms in windows {
            for pulses in 0..=u16::MAX {
                let exact = f64::from(pulses) * 1e6 / f64::from(elapsed_ms);
                let exact = exact.min(f64::from(i32::MAX));
                worst = worst.max((exact - f64::from(millihertz(pulses, elapsed_ms))).abs());
                cases += 1;
            }
        }
        std::println!("cases: {cases}");
        assert!((0.5..=0.51).contains(&worst), "{worst}");
    }

    #[test]
    fn no_time_and_no_pulse_make_no_fault() {
        assert_eq!((millihertz(0, 0), millihertz(1, 0)), (0, i32::MAX));
    }
}
