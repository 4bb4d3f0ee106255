//! Pulses in a time, converted by a model.

use core::convert::Infallible;
use core::marker::PhantomData;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::meaning::Meaning;
use crate::pulse::Count;
use crate::{Error, Output, Sensor};
use sundew_units::pulses::millihertz;
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
/// nearest, and gives steps of `M`; how many pulses a turn makes is its matter. The models of
/// [`sundew_units::anemometer`] are such transforms, to metres per second with 3 places; a flow or a
/// power is the [`Gauge`](crate::pulse::Gauge)'s of the total,
/// [`per_second`](crate::pulse::Gauge::per_second).
///
/// A window reaches from one reading to the next and is at least `window_ms` long, so each pulse is
/// in one window and the value is the mean since the last reading. A window of 10 s resolves
/// 0.1 Hz; what comes once in minutes is better reported as a [`Total`](crate::pulse::Total).
///
/// Reading before the window is over is [`Error::NotReady`], and the window goes on.
///
/// *Blocking time*: none; on AVR 3,408 cycles with the model `SPARKFUN`.
///
/// *RAM*: the handles, the transform and 20 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::EventRate;
/// use sundew_sensors::pulse::{Counter, Rate};
/// use sundew_testkit::SimClock;
/// use sundew_units::transform::Affine;
///
/// /// Two pulses for each turn, in thousandths of a turn per second.
/// const TURNS: Affine = Affine::ratio(1, 2);
///
/// static FAN: Counter = Counter::new();
/// let clock = SimClock::new();
/// let mut fan = Rate::<EventRate<-3>, _, _, _>::new(&FAN, || clock.millis(), TURNS, 1_000);
/// clock.advance_millis(fan.start()?);
/// (0..50).for_each(|_| FAN.pulse());
/// assert_eq!(fan.read(), Ok([25_000])); // 25 turns per second
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
        // Above 2.1 MHz the end of the range.
        let rate = millihertz(u32::from(pulses), self.age_ms(now)).unwrap_or(i32::MAX);
        *self = next;
        rate
    }
}
