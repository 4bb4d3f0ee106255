//! The direction of the wind, averaged as directions are.

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::analog::AdcInput;
#[cfg(feature = "async")]
use crate::analog::AdcInputAsync;
use crate::analog::sensor::share;
use crate::meaning::{Meaning, WindDirection};
use crate::{Error, Output, Sensor};
use sundew_units::transform::{Affine, CircularMean};
use sundew_units::{Quality, Transform};

/// Converts the potentiometer of the Davis 6410 vane, ratiometric, to hundredths of a degree.
///
/// 20 kilohms over 355 degrees; within the 5 degrees that are open, a fixed resistor holds the
/// wiper at one end, so north is shown as 0 or as 355. Its circuit is that of descriptions by
/// users; Davis publishes none.
pub const VANE_DAVIS: Affine = Affine::ratio(35_500, 65_536);

/// Measures the mean direction of a vane since the last reading.
///
/// [`sample`](Self::sample) takes the direction of the moment; the loop calls it every second or
/// so, and `read` takes one more. The mean is that of unit vectors, so 350 and 10 degrees make 0.
/// The transform gives hundredths of a degree.
///
/// A direction that is marked as a fault is left out, and where all are, the value is 0 and a
/// [`Quality::Fault`]. [`Quality::Suspect`] is a mean in which more than half of the directions
/// were doubted, or that has no direction because they cancel out.
///
/// *Blocking time*: one conversion in `sample` and `read`; the mean takes an arc tangent in integers.
///
/// *Cancel safety* (async): a future that is dropped has taken its direction or not.
///
/// *RAM*: the input, the transform and 16 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::analog::{VANE_SPARKFUN, Vane, closure, divider};
/// use sundew_testkit::SimAdc;
///
/// let adc = SimAdc::new(10);
/// let mut vane = Vane::new(closure::<10, _>(|| adc.sample()), VANE_SPARKFUN);
/// adc.set(divider(21_880, 10_000) >> 6); // 337.5 degrees
/// vane.sample().unwrap();
/// adc.set(divider(6_570, 10_000) >> 6); // 22.5 degrees
/// let [direction] = vane.read().unwrap();
/// assert!(direction <= 2 || direction >= 35_998); // north
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Vane<A, T> {
    input: A,
    transform: T,
    mean: CircularMean,
    doubts: u16,
    quality: Quality,
}

#[maybe_async_cfg::maybe(idents(AdcInput(sync)), sync(keep_self), async(feature = "async"))]
impl<A: AdcInput, T: Transform> Vane<A, T> {
    /// Takes an input and what to make of its codes, in hundredths of a degree.
    pub const fn new(input: A, transform: T) -> Self {
        Self { input, transform, mean: CircularMean::new(), doubts: 0, quality: Quality::Good }
    }

    /// Adds the direction of the moment to the mean; after 65,535 of them it is ignored.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the converter fails.
    pub async fn sample(&mut self) -> Result<(), Error<A::Error>> {
        let code = self.input.sample().await.map_err(Error::Bus)?;
        let direction = self.transform.apply(share(code, A::BITS));
        if direction.quality != Quality::Fault && self.mean.add(direction.mantissa) {
            self.doubts += u16::from(direction.quality != Quality::Good);
        }
        Ok(())
    }

    fn take(&mut self) -> i32 {
        let doubts = core::mem::take(&mut self.doubts);
        let mean = core::mem::take(&mut self.mean);
        let Some(found) = mean.mean() else {
            self.quality = Quality::Fault;
            return 0;
        };
        let is_doubted = doubts > mean.count() / 2;
        self.quality = if is_doubted { Quality::Suspect } else { found.direction.quality };
        found.direction.mantissa
    }
}

#[maybe_async_cfg::maybe(
    idents(AdcInput(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<A: AdcInput, T: Transform> Sensor<1> for Vane<A, T> {
    type Error = Error<A::Error>;

    const OUTPUTS: [Output; 1] = [WindDirection::<-2>::OUTPUT];

    async fn start(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        self.sample().await?;
        Ok([self.take()])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}
