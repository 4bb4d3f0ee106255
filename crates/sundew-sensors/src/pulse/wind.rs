//! Mean and gust from one anemometer.

use core::convert::Infallible;
use core::marker::PhantomData;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::meaning::Meaning;
use crate::pulse::rate::Window;
use crate::pulse::{Clock, Count};
use crate::{Error, Output, Sensor};
use sundew_units::{Marked, Quality, Transform};

/// Measures the mean of a speed since the last reading, and the strongest gust in that time.
///
/// The gust is the largest of the means over short windows that follow each other; the WMO takes
/// 3 s (Guide to Instruments, No. 8, part I, chapter 5). They must be closed in time:
/// the loop calls [`poll`](Self::poll) whenever it likes, best a few times a second. A call that
/// comes late makes that window longer, and a gust in it weaker; it is never made stronger.
///
/// Each short window is converted by itself and the mean is that of the speeds, each with the
/// weight of as many short windows as it lasted: for a model that is no straight line the model of
/// a mean rate would be another speed. The mean is rounded down. The quality is the first of theirs that is not good.
///
/// *Blocking time*: none; the sum holds 2^31, which is 100 m/s in mm/s for 17 hours of 3 s.
///
/// *RAM*: the handles, the transform and 40 bytes (on AVR 32).
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::WindSpeed;
/// use sundew_sensors::pulse::{Counter, Wind};
/// use sundew_testkit::SimClock;
/// use sundew_units::anemometer::SPARKFUN;
///
/// static CUPS: Counter = Counter::new();
/// let clock = SimClock::new();
/// let mut wind = Wind::<WindSpeed<-3>, _, _, _>::new(&CUPS, || clock.millis(), SPARKFUN, 60_000);
/// wind.start()?;
/// for second in 0..60 {
///     let closures = if (30..33).contains(&second) { 12 } else { 6 };
///     (0..closures).for_each(|_| CUPS.pulse());
///     clock.advance_millis(1_000);
///     wind.poll();
/// }
/// assert_eq!(wind.read(), Ok([4_200, 8_000])); // 4.2 m/s, gusts of 8 m/s
/// # Ok::<(), sundew_sensors::Error<core::convert::Infallible>>(())
/// ```
#[derive(Debug)]
pub struct Wind<M, C, K, T> {
    counter: C,
    clock: K,
    transform: T,
    window_ms: u32,
    gust_ms: u32,
    windows: Option<Windows>,
    quality: Quality,
    meaning: PhantomData<M>,
}

#[derive(Debug)]
struct Windows {
    opened_at: u32,
    short: Window,
    /// Sums speeds, each times its weight, and the weights.
    sum: i32,
    weights: i32,
    gust: i32,
    quality: Quality,
}

impl Windows {
    fn open(short: Window, now: u32) -> Self {
        let (sum, weights, gust) = (0, 0, i32::MIN);
        Self { opened_at: now, short, sum, weights, gust, quality: Quality::Good }
    }

    fn add(&mut self, speed: Marked, weight: i32) {
        self.sum = self.sum.saturating_add(speed.mantissa.saturating_mul(weight));
        self.weights = self.weights.saturating_add(weight);
        self.gust = self.gust.max(speed.mantissa);
        if self.quality == Quality::Good {
            self.quality = speed.quality;
        }
    }
}

impl<M: Meaning, C: Count, K: Clock, T: Transform> Wind<M, C, K, T> {
    /// Measures the mean over windows of at least `window_ms` (and 3 s) and gusts over 3 s.
    pub fn new(counter: C, clock: K, transform: T, window_ms: u32) -> Self {
        Self {
            counter,
            clock,
            transform,
            window_ms: window_ms.max(1),
            gust_ms: 3_000,
            windows: None,
            quality: Quality::Good,
            meaning: PhantomData,
        }
    }

    /// Takes gusts over `gust_ms` instead, or 1 ms where that is 0.
    #[must_use]
    pub fn with_gust(mut self, gust_ms: u32) -> Self {
        self.gust_ms = gust_ms.max(1);
        self
    }

    /// Closes the short window when it is over; before `start` it does nothing.
    pub fn poll(&mut self) {
        let now = self.clock.millis();
        if let Some(windows) = &mut self.windows {
            let age_ms = windows.short.age_ms(now);
            if age_ms >= self.gust_ms {
                // A division only for what comes late.
                let is_late = age_ms - self.gust_ms >= self.gust_ms;
                let weight = if is_late { (age_ms / self.gust_ms).min(65_535) as i32 } else { 1 };
                let rate = windows.short.close(&mut self.counter, now);
                windows.add(self.transform.apply(rate), weight);
            }
        }
    }
}

#[maybe_async_cfg::maybe(
    idents(Sensor(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<M: Meaning, C: Count, K: Clock, T: Transform> Sensor<2> for Wind<M, C, K, T> {
    type Error = Error<Infallible>;

    const OUTPUTS: [Output; 2] = [M::OUTPUT; 2];

    /// Opens the first window, and returns the milliseconds until the one that is open may close.
    async fn start(&mut self) -> Result<u32, Self::Error> {
        let now = self.clock.millis();
        let windows = self
            .windows
            .get_or_insert_with(|| Windows::open(Window::open(&mut self.counter, now), now));
        Ok(self.window_ms.saturating_sub(now.wrapping_sub(windows.opened_at)))
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        self.poll();
        let windows = self.windows.as_mut().ok_or(Error::NotReady)?;
        let now = self.clock.millis();
        // The clock may have gone on since the poll; what matters is that a short window is over.
        if now.wrapping_sub(windows.opened_at) < self.window_ms || windows.weights == 0 {
            return Err(Error::NotReady);
        }
        let done = core::mem::replace(windows, Windows::open(windows.short, now));
        self.quality = done.quality;
        Ok([done.sum / done.weights, done.gust])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}
