//! The part with a calibration behind it, which makes a mass of its steps.

use super::Hx711;
#[cfg(feature = "async")]
use super::Hx711Async;
#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{ConfigError, Error, Output, Sensor};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
use sundew_units::transform::{Affine, Marked, Transform};
use sundew_units::{Quality, Quantity};

/// Holds what the part gave empty and with a known mass.
///
/// A [`Transform`]: at most 0.51 of the last place off the straight line through both.
///
/// ```
/// use sundew_sensors::hx711::Calibration;
/// use sundew_units::transform::Transform;
///
/// // -84,213 steps empty, 137,654 with 500.0 g, in tenths of a gram.
/// let calibration = Calibration::new(-84_213, 137_654, 5_000)?;
/// assert_eq!(calibration.apply(137_654).mantissa, 5_000);
/// assert_eq!(calibration.with_tare(-84_000).apply(-84_000).mantissa, 0);
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    tare: i32,
    slope: Affine,
}

impl Calibration {
    /// Calibrates by the steps that the part gave empty and those with `mass`, which counts in
    /// the last place of the output.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] where both are the same number of steps, or where one is
    /// none that the part gives.
    pub const fn new(tare: i32, loaded: i32, mass: i32) -> Result<Self, ConfigError> {
        const END: i32 = 1 << 23;
        if tare == loaded || tare < -END || tare >= END || loaded < -END || loaded >= END {
            return Err(ConfigError::Setting);
        }
        // A bridge that is connected the other way round counts down.
        let mass = if loaded < tare { mass.saturating_neg() } else { mass };
        Ok(Self { tare, slope: Affine::ratio(mass, loaded.abs_diff(tare)) })
    }

    /// Takes other steps for empty, of a scale with a bowl on it for instance.
    #[must_use]
    pub const fn with_tare(self, tare: i32) -> Self {
        Self { tare, ..self }
    }
}

impl Transform for Calibration {
    fn apply(&self, raw: i32) -> Marked {
        self.slope.apply(raw.saturating_sub(self.tare))
    }
}

/// Drives one part, which measures mass in `10^EXPONENT` kg: -4 for tenths of a gram.
///
/// The conversion `T`, a [`Calibration`] mostly, takes steps and gives the mass; its error adds to
/// that of the bridge. An end of the part's scale is marked as [`Hx711`] does, and else what the
/// conversion marks.
///
/// Blocking time and cancel safety are those of [`Hx711`]. *RAM*: what that takes, the
/// conversion and 1 byte.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::hx711::{Calibration, Hx711, Input, Rate, Scale};
/// use sundew_testkit::{SimClock, SimHx711};
///
/// let clock = SimClock::new();
/// let part = SimHx711::new(&clock);
/// part.set(25, 137_654);
/// let bridge = Hx711::new(part.clock(), part.data(), &clock, Input::A128, Rate::Hz10);
/// let calibration = Calibration::new(-84_213, 137_654, 5_000)?;
/// let mut scale = Scale::<_, _, _, _, -4>::new(bridge, calibration);
/// clock.advance_millis(scale.start().unwrap());
/// assert_eq!(scale.read(), Ok([5_000])); // 0.5 kg
/// # Ok::<(), sundew_sensors::ConfigError>(())
/// ```
#[maybe_async_cfg::maybe(idents(Hx711(sync)), sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Scale<CLOCK, DATA, DELAY, T, const EXPONENT: i8> {
    bridge: Hx711<CLOCK, DATA, DELAY>,
    transform: T,
    quality: Quality,
}

#[maybe_async_cfg::maybe(idents(Hx711(sync)), sync(keep_self), async(feature = "async"))]
impl<CLOCK, DATA, DELAY, T, const EXPONENT: i8> Scale<CLOCK, DATA, DELAY, T, EXPONENT>
where
    CLOCK: OutputPin,
    DATA: InputPin<Error = CLOCK::Error>,
    DELAY: DelayNs,
    T: Transform,
{
    /// Takes the driver of the part and the conversion of its steps.
    pub const fn new(bridge: Hx711<CLOCK, DATA, DELAY>, transform: T) -> Self {
        Self { bridge, transform, quality: Quality::Good }
    }

    /// Returns the driver of the part alone, to let it sleep for instance.
    pub const fn bridge(&mut self) -> &mut Hx711<CLOCK, DATA, DELAY> {
        &mut self.bridge
    }

    /// Returns the conversion, to tare it for instance.
    pub const fn transform(&mut self) -> &mut T {
        &mut self.transform
    }
}

#[maybe_async_cfg::maybe(
    idents(Hx711(sync), Sensor(sync)),
    sync(keep_self),
    async(feature = "async")
)]
impl<CLOCK, DATA, DELAY, T, const EXPONENT: i8> Sensor<1> for Scale<CLOCK, DATA, DELAY, T, EXPONENT>
where
    CLOCK: OutputPin,
    DATA: InputPin<Error = CLOCK::Error>,
    DELAY: DelayNs,
    T: Transform,
{
    type Error = Error<CLOCK::Error>;

    const OUTPUTS: [Output; 1] = [Output::new(Quantity::Mass, EXPONENT)];

    async fn start(&mut self) -> Result<u32, Self::Error> {
        self.bridge.start().await
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        let [steps] = self.bridge.read().await?;
        let mass = self.transform.apply(steps);
        self.quality = match self.bridge.quality(0) {
            Quality::Good => mass.quality,
            end => end,
        };
        Ok([mass.mantissa])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn many_steps_of_many_calibrations_are_within_the_stated_error() {
        let mut cases = 0_u32;
        for (tare, loaded, mass) in [
            (-84_213, 137_654, 5_000),
            (0, -8_388_608, 1_000_000),
            (8_388_607, -8_388_608, 200_000_000),
            (12, 13, 1),
        ] {
            let calibration = Calibration::new(tare, loaded, mass);
            let Ok(calibration) = calibration else { unreachable!("calibrations of the test") };
            for raw in (-8_388_608..8_388_608).step_by(251) {
                let span = f64::from(loaded) - f64::from(tare);
                let exact = (f64::from(raw) - f64::from(tare)) * f64::from(mass) / span;
                let given = f64::from(calibration.apply(raw).mantissa);
                assert!((given - exact).abs() <= 0.51, "{tare} {loaded} {mass}: {raw}, {given}");
                cases += 1;
            }
        }
        println!("cases: {cases}");
    }

    #[test]
    fn what_is_no_calibration_is_refused() {
        for (tare, loaded) in
            [(5, 5), (-8_388_609, 0), (8_388_608, 0), (0, 8_388_608), (0, i32::MIN)]
        {
            assert_eq!(Calibration::new(tare, loaded, 1), Err(ConfigError::Setting));
        }
    }
}
