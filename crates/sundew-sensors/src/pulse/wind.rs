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
/// Each short window is converted by the transform and the mean is that of the whole time, so for
/// a model that is not linear the mean is the model of the mean rate. The quality of both is the
/// worse one of the two conversions.
///
/// *Blocking time*: none.
///
/// *RAM*: the handles, the transform and 36 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::WindSpeed;
/// use sundew_sensors::pulse::{Counter, Wind};
/// use sundew_testkit::SimClock;
/// use sundew_units::{Marked, Transform};
///
/// /// Cups of 0.667 m/s for each hertz.
/// struct Cups;
/// impl Transform for Cups {
///     fn apply(&self, millihertz: i32) -> Marked {
///         Marked::good(millihertz * 667 / 10_000)
///     }
/// }
///
/// static CUPS: Counter = Counter::new();
/// let clock = SimClock::new();
/// let mut wind = Wind::<WindSpeed<-2>, _, _, _>::new(&CUPS, || clock.millis(), Cups, 60_000);
/// wind.start()?;
/// for second in 0..60 {
///     let closures = if (30..33).contains(&second) { 12 } else { 6 };
///     (0..closures).for_each(|_| CUPS.pulse());
///     clock.advance_millis(1_000);
///     wind.poll();
/// }
/// assert_eq!(wind.read(), Ok([420, 800])); // 4.20 m/s, gusts of 8.00 m/s
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
    whole: Window,
    short: Window,
    gust: Option<Marked>,
}

impl<M: Meaning, C: Count, K: Clock, T: Transform> Wind<M, C, K, T> {
    /// Measures the mean over windows of at least `window_ms` and gusts over 3 s.
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
        if let Some(windows) = &mut self.windows
            && windows.short.age_ms(now) >= self.gust_ms
        {
            let speed = self.transform.apply(windows.short.close(&mut self.counter, now));
            if windows.gust.is_none_or(|gust| gust.mantissa < speed.mantissa) {
                windows.gust = Some(speed);
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
        let windows = self.windows.get_or_insert_with(|| {
            let window = Window::open(&mut self.counter, now);
            Windows { whole: window, short: window, gust: None }
        });
        Ok(self.window_ms.saturating_sub(windows.whole.age_ms(now)))
    }

    async fn read(&mut self) -> Result<[i32; 2], Self::Error> {
        self.poll();
        let windows = self.windows.as_mut().ok_or(Error::NotReady)?;
        let now = self.clock.millis();
        if windows.whole.age_ms(now) < self.window_ms {
            return Err(Error::NotReady);
        }
        let mean = self.transform.apply(windows.whole.close(&mut self.counter, now));
        // Without one short window that is over, the mean is all there is; and a window that
        // began before the mean's must not make the gust weaker than the mean.
        let gust = windows.gust.take().filter(|gust| gust.mantissa >= mean.mantissa);
        let gust = gust.unwrap_or(mean);
        self.quality = if mean.quality == Quality::Good { gust.quality } else { mean.quality };
        Ok([mean.mantissa, gust.mantissa])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}
