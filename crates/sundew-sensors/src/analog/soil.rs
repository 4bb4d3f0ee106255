//! Water in soil: the probes differ, and so does every soil.
//!
//! Values are volumes of water in a volume of soil, in ten-thousandths
//! ([`SoilMoisture<-4>`](crate::meaning::SoilMoisture)).

use crate::ConfigError;
use sundew_units::Dec;
use sundew_units::transform::{Affine, Bounded, Polynomial, Rational};

/// Converts the period of a Campbell `CS616` or `CS625` in nanoseconds: 14 to 42 microseconds.
///
/// `-0.0663 - 0.0063 t + 0.0007 t^2` with t in microseconds: the quadratic form of the manual
/// (revision 5/2020, table 8-1), for mineral soils of low conductivity. The manual gives 2.5 % of
/// water content as accuracy, after a temperature correction that is not made here.
///
/// The probe gives a frequency: a timer that captures its period is an input of 16 bits.
///
/// ```
/// use sundew_sensors::analog::{Analog, Oversampling, closure, soil};
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::SoilMoisture;
/// use sundew_testkit::SimAdc;
///
/// let period_ns = SimAdc::new(16);
/// let input = closure::<16, _>(|| period_ns.sample());
/// let mut probe = Analog::<SoilMoisture<-4>, _, _>::new(input, soil::CS616, Oversampling::None);
/// period_ns.set(32_000);
/// assert_eq!(probe.read().unwrap(), [4_489]); // the manual: 44.9 % at 32 microseconds
/// ```
pub const CS616: Polynomial<3> = Polynomial::new(
    [Dec::new(-663, -4), Dec::new(-63, -4), Dec::new(7, -4)],
    (14_000, 42_000),
    -3,
    (10_000, 1),
);

/// Converts a capacitive probe along the line through two calibrations.
///
/// Each is the share of the reference (in 65,536ths) and the water content that was weighed then.
/// Cheap probes give less volts the wetter they are; outside the two shares the line goes on, and
/// from a tenth of their distance on it is marked a fault, since that is no longer soil.
///
/// ```
/// use sundew_sensors::analog::soil;
/// use sundew_units::{Quality, Transform};
/// use sundew_units::transform::{Affine, Bounded};
///
/// const BED: Bounded<Affine> = soil::linear((52_000, 200), (27_000, 4_200));
/// assert_eq!(BED.apply(39_500).mantissa, 2_200);
/// assert_eq!(BED.apply(65_535).quality, Quality::Fault);
/// ```
///
/// # Panics
///
/// Panics where both shares are the same. In a `const` that is a compile error, which is the
/// intended use; a calibration in the field goes through [`try_linear`].
#[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
pub const fn linear(dry: (u16, u16), wet: (u16, u16)) -> Bounded<Affine> {
    match try_linear(dry, wet) {
        Ok(probe) => probe,
        Err(_) => panic!("one share is no calibration"),
    }
}

/// Does the same as [`linear`] with calibrations that are not known before.
///
/// ```
/// use sundew_sensors::ConfigError;
/// use sundew_sensors::analog::soil;
///
/// assert!(soil::try_linear((52_000, 200), (27_000, 4_200)).is_ok());
/// assert_eq!(soil::try_linear((52_000, 200), (52_000, 4_200)), Err(ConfigError::Setting));
/// ```
///
/// # Errors
///
/// Returns [`ConfigError::Setting`] where both shares are the same.
pub const fn try_linear(dry: (u16, u16), wet: (u16, u16)) -> Result<Bounded<Affine>, ConfigError> {
    let (first, second) = ((dry.0 as i32, dry.1 as i32), (wet.0 as i32, wet.1 as i32));
    let Some(line) = Affine::try_through(first, second) else { return Err(ConfigError::Setting) };
    let (lowest, highest) = allowed(dry.0, wet.0);
    Ok(Bounded::new(line).raws(lowest, highest))
}

/// Converts a capacitive probe whose water content is linear in the inverse of its volts.
///
/// The calibrations are as in [`linear`]. The curve is the one through both.
///
/// ```
/// use sundew_sensors::analog::soil;
/// use sundew_units::Transform;
/// use sundew_units::transform::{Bounded, Rational};
///
/// const BED: Bounded<Rational> = soil::inverse((52_000, 200), (26_000, 4_200));
/// assert_eq!(BED.apply(52_000).mantissa, 200);
/// assert_eq!(BED.apply(26_000).mantissa, 4_200);
/// assert_eq!(BED.apply(34_667).mantissa, 2_200); // half-way in 1/V
/// ```
///
/// # Panics
///
/// Panics where the wet share is not the smaller one, the wet water content not the larger, or the
/// shares too close to each other for that. In a
/// `const` that is a compile error, which is the intended use; a calibration in the field goes
/// through [`try_inverse`].
#[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
pub const fn inverse(dry: (u16, u16), wet: (u16, u16)) -> Bounded<Rational> {
    match try_inverse(dry, wet) {
        Ok(probe) => probe,
        Err(_) => panic!("a probe gives less when it is wet"),
    }
}

/// Does the same as [`inverse`] with calibrations that are not known before.
///
/// # Errors
///
/// Returns [`ConfigError::Setting`] where the wet share is not the smaller one, the wet water
/// content not the larger, or the shares too close to each other for that.
pub const fn try_inverse(
    dry: (u16, u16),
    wet: (u16, u16),
) -> Result<Bounded<Rational>, ConfigError> {
    if wet.0 == 0 || wet.0 >= dry.0 || wet.1 <= dry.1 {
        return Err(ConfigError::Setting);
    }
    let product = dry.0 as u64 * wet.0 as u64;
    let span = dry.0 as u64 - wet.0 as u64;
    let numerator = ((wet.1 - dry.1) as u64 * product + span / 2) / span;
    if numerator > u32::MAX as u64 {
        return Err(ConfigError::Setting);
    }
    let offset = dry.1 as i32 - ((numerator + dry.0 as u64 / 2) / dry.0 as u64) as i32;
    let curve = Rational::new(numerator as u32, 0, Affine::ratio(0, 1).plus(offset));
    let (lowest, highest) = allowed(dry.0, wet.0);
    Ok(Bounded::new(curve).raws(lowest, highest))
}

/// Returns the shares that a calibrated probe may show: a tenth more on each side.
const fn allowed(one: u16, other: u16) -> (i32, i32) {
    let tenth = one.abs_diff(other) as i32 / 10;
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    (low as i32 - tenth, high as i32 + tenth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_units::{Quality, Transform};

    #[test]
    fn the_manuals_periods_give_its_water_contents() {
        // CS616 manual, below table 8-1: 16 microseconds are 1.2 %, 32 are 44.9 %.
        assert_eq!((CS616.apply(16_000).mantissa + 5) / 10, 12);
        assert_eq!((CS616.apply(32_000).mantissa + 5) / 10, 449);
    }

    #[test]
    fn every_period_is_within_a_hundredth_of_a_percent() {
        for raw in 14_000..=42_000 {
            let t = f64::from(raw) / 1_000.0;
            let exact = (-0.0663 - 0.0063 * t + 0.0007 * t * t) * 10_000.0;
            let value = CS616.apply(raw);
            assert!((f64::from(value.mantissa) - exact).abs() <= 0.51, "{raw}");
            assert_eq!(value.quality, Quality::Good);
        }
        assert_eq!(CS616.apply(13_999).quality, Quality::UnderRange);
        assert_eq!(CS616.apply(65_535).quality, Quality::OverRange);
    }

    #[test]
    fn calibrations_that_make_no_curve_are_refused() {
        for (dry, wet) in [
            ((26_000, 200), (26_000, 4_200)),
            ((26_000, 200), (52_000, 4_200)),
            ((52_000, 4_200), (26_000, 4_200)),
            ((52_000, 200), (0, 4_200)),
            ((65_535, 0), (65_534, 65_535)),
        ] {
            assert_eq!(try_inverse(dry, wet), Err(ConfigError::Setting), "{dry:?} {wet:?}");
        }
        assert_eq!(try_linear((7, 0), (7, 1)), Err(ConfigError::Setting));
    }

    #[test]
    fn the_inverse_curve_is_within_two_of_the_last_place() {
        const BED: Bounded<Rational> = inverse((52_000, 200), (26_000, 4_200));
        for raw in 23_400..=54_600 {
            let exact = 200.0
                + 4_000.0 * (1.0 / f64::from(raw) - 1.0 / 52_000.0)
                    / (1.0 / 26_000.0 - 1.0 / 52_000.0);
            let value = BED.apply(raw);
            assert!((f64::from(value.mantissa) - exact).abs() <= 1.0, "{raw}: {exact} {value:?}");
            assert_eq!(value.quality, Quality::Good, "{raw}");
        }
        assert_eq!(BED.apply(23_399).quality, Quality::Fault);
        assert_eq!(BED.apply(0).quality, Quality::Fault);
        assert_eq!(BED.apply(54_601).quality, Quality::Fault);
    }
}
