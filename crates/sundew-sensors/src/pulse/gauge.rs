//! What one pulse stands for, as a fraction, so that no total drifts.

use core::marker::PhantomData;

use crate::ConfigError;
use crate::meaning::{Energy, Meaning, Rainfall, Volume};
use sundew_units::transform::Affine;

/// Counts 0.2794 mm (0.011 in) for each tip: SparkFun/Argent weather meter kit.
pub const RAIN_0_2794_MM: Gauge<Rainfall<-7>> = Gauge::new(2_794, 1);

/// Counts 0.2 mm for each tip: Davis 6464M and 7852M, most metric buckets.
///
/// A bucket in inches read as one in millimetres is off by a fifth, so no size is a default.
pub const RAIN_0_2_MM: Gauge<Rainfall<-7>> = Gauge::new(2_000, 1);

/// Counts a 450th of a litre for each pulse: YF-S201 and its like.
///
/// Their makers state 7.5 Hz for each litre per minute, which is 450 pulses, within 10 %; a turbine
/// that is calibrated with a bucket gets its own [`Gauge::per_litre`]. Others by their sellers'
/// pages: 390 (FS400A), 3,900 (FS100A).
pub const FLOW_450_PER_LITRE: Gauge<Volume<-6>> = Gauge::per_litre(450);

/// Counts a watt-hour for each pulse of an S0 output (EN 62053-31).
pub const S0_1000_PER_KILOWATT_HOUR: Gauge<Energy<2>> = Gauge::per_kilowatt_hour(1_000);

/// Holds what one pulse stands for: `numerator / denominator` steps of `M`.
///
/// ```
/// use sundew_sensors::meaning::{Rainfall, Volume};
/// use sundew_sensors::pulse::Gauge;
///
/// /// A hundredth of an inch is 0.254 mm.
/// const IMPERIAL: Gauge<Rainfall<-7>> = Gauge::new(2_540, 1);
/// /// A water meter with a contact for each 10 litres, in thousandths of a cubic metre.
/// const WATER: Gauge<Volume<-3>> = Gauge::new(10, 1);
/// ```
///
/// The same gauge makes a flow or a power of a rate, see [`per_second`](Self::per_second).
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gauge<M> {
    numerator: u16,
    denominator: u16,
    meaning: PhantomData<M>,
}

impl<M: Meaning> Gauge<M> {
    /// Counts `numerator / denominator` steps of `M` for each pulse.
    ///
    /// # Panics
    ///
    /// Panics where one of them is 0. In a `const` that is a compile error, which is the intended
    /// use; a value from settings goes through [`try_new`](Self::try_new).
    pub const fn new(numerator: u16, denominator: u16) -> Self {
        assert!(numerator != 0 && denominator != 0, "a pulse stands for something finite");
        Self { numerator, denominator, meaning: PhantomData }
    }

    /// Does the same with numbers that are not known before.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] where one of them is 0.
    pub const fn try_new(numerator: u16, denominator: u16) -> Result<Self, ConfigError> {
        if numerator == 0 || denominator == 0 {
            return Err(ConfigError::Setting);
        }
        Ok(Self { numerator, denominator, meaning: PhantomData })
    }

    /// Returns the conversion of a [`Rate`](super::Rate) to steps of `M` per second, with 3 places
    /// more than `M` has.
    ///
    /// Volume in 1e-6 m3 makes a flow in 1e-9 m3/s, energy in 1e2 J a power in 1e-1 W, and rainfall
    /// in 1e-7 m a rain rate in 1e-10 m/s. Error: at most 0.5 of the last place and 1 part in 2^32
    /// of the rate.
    ///
    /// ```
    /// use sundew_sensors::Sensor;
    /// use sundew_sensors::meaning::VolumeFlow;
    /// use sundew_sensors::pulse::{Counter, FLOW_450_PER_LITRE, Rate};
    /// use sundew_testkit::SimClock;
    /// use sundew_units::transform::Affine;
    ///
    /// const FLOW: Affine = FLOW_450_PER_LITRE.per_second();
    /// static TURBINE: Counter = Counter::new();
    /// let clock = SimClock::new();
    /// let mut flow = Rate::<VolumeFlow<-9>, _, _, _>::new(&TURBINE, || clock.millis(), FLOW, 10_000);
    /// clock.advance_millis(flow.start()?);
    /// (0..450).for_each(|_| TURBINE.pulse()); // a litre in 10 s
    /// assert_eq!(flow.read(), Ok([100_000])); // 0.1 l/s
    /// # Ok::<(), sundew_sensors::Error<core::convert::Infallible>>(())
    /// ```
    pub const fn per_second(self) -> Affine {
        // No constructor leaves a denominator of 0.
        Affine::ratio(self.numerator as i32, self.denominator as u32)
    }

    /// Returns the steps of `pulses` pulses and what remains of them, given what remained before.
    ///
    /// 65,535 x 65,535 + 65,534 is below 2^32: 32 bits are enough.
    pub(super) const fn share(self, pulses: u16, remainder: u16) -> (u32, u16) {
        let sum = pulses as u32 * self.numerator as u32 + remainder as u32;
        if self.denominator == 1 {
            return (sum, 0);
        }
        let denominator = self.denominator as u32;
        // A remainder is smaller than its denominator, which has 16 bits.
        (sum / denominator, (sum % denominator) as u16)
    }

    /// Returns `remainder`, or 0 where this gauge cannot have left it.
    pub(super) const fn possible(self, remainder: u16) -> u16 {
        if remainder < self.denominator { remainder } else { 0 }
    }
}

impl Gauge<Volume<-6>> {
    /// Counts millilitres of a meter that gives `pulses` pulses for each litre.
    ///
    /// # Panics
    ///
    /// Panics where `pulses` is 0; in a `const` that is a compile error.
    pub const fn per_litre(pulses: u16) -> Self {
        Self::new(1_000, pulses)
    }
}

impl Gauge<Energy<2>> {
    /// Counts hundreds of joules of a meter that gives `pulses` pulses for each kilowatt-hour.
    ///
    /// At this exponent 31 bits hold 59,652 kWh.
    ///
    /// # Panics
    ///
    /// Panics where `pulses` is 0; in a `const` that is a compile error.
    pub const fn per_kilowatt_hour(pulses: u16) -> Self {
        Self::new(36_000, pulses)
    }
}

// Derived, these would ask the same of `M`.
impl<M> Clone for Gauge<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Gauge<M> {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use sundew_units::{Quality, Transform};

    /// Compares with the same in f64, and returns how many rates were compared.
    fn agrees<M: Meaning>(gauge: Gauge<M>, steps_per_pulse: f64) -> u32 {
        let line = gauge.per_second();
        let mut cases = 0;
        for millihertz in (0..2_000_000).step_by(37) {
            let exact = f64::from(millihertz) * steps_per_pulse;
            let value = line.apply(millihertz);
            let fits = exact <= f64::from(i32::MAX);
            assert_eq!(value.quality == Quality::Good, fits, "{millihertz}");
            assert!(!fits || (f64::from(value.mantissa) - exact).abs() <= 0.501, "{millihertz}");
            cases += 1;
        }
        cases
    }

    #[test]
    fn rates_are_what_totals_are() {
        let cases = agrees(RAIN_0_2794_MM, 2_794.0)
            + agrees(RAIN_0_2_MM, 2_000.0)
            + agrees(FLOW_450_PER_LITRE, 1_000.0 / 450.0)
            + agrees(Gauge::per_litre(3_900), 1_000.0 / 3_900.0)
            + agrees(S0_1000_PER_KILOWATT_HOUR, 36.0)
            + agrees(Gauge::per_kilowatt_hour(u16::MAX), 36_000.0 / 65_535.0);
        std::println!("cases: {cases}");
        // A pulse in 2 s of a meter with 1,000 for a kilowatt-hour is 1,800 W.
        assert_eq!(S0_1000_PER_KILOWATT_HOUR.per_second().apply(500).mantissa, 18_000);
    }
}
