//! What a circuit of resistors makes of a quantity, in 65,536ths of the reference.

use sundew_units::transform::{Affine, Namur, Then};

/// Returns the share that a divider gives: `lower` ohms to ground, `upper` ohms to the reference.
///
/// ```
/// use sundew_sensors::analog::divider;
/// assert_eq!(divider(10_000, 10_000), 32_768);
/// ```
///
/// # Panics
///
/// Panics where both are 0. In a `const` that is a compile error, which is the intended use.
pub const fn divider(lower: u32, upper: u32) -> u16 {
    let whole = lower as u64 + upper as u64;
    assert!(whole != 0, "a divider has a resistance");
    let share = ((lower as u64) << 16).saturating_add(whole / 2) / whole;
    // An upper resistor of (almost) none gives full scale.
    if share > u16::MAX as u64 { u16::MAX } else { share as u16 }
}

/// Converts a 4-20 mA loop over a shunt, with the fault bands of NAMUR NE43.
///
/// `reference_mv` is the converter's reference, `shunt_ohm` lies between input and ground, and the
/// other two are what 4 mA and 20 mA stand for. The shunt must leave room above 21 mA, or a fault
/// shows as full scale: 21 mA over 150 ohms are 3.15 V.
///
/// The reference and the shunt are in the value here, unlike with a divider: the loop does not hang
/// on the reference. A shunt of 0.1 % and a reference of 0.2 % make 0.3 %, and a converter of 12
/// bits over 150 ohms and 3.3 V has steps of 5.4 microamperes, 0.03 % of the span.
///
/// ```
/// use sundew_sensors::analog::{Analog, Oversampling, closure, current_loop};
/// use sundew_sensors::Sensor;
/// use sundew_sensors::meaning::Distance;
/// use sundew_testkit::SimAdc;
/// use sundew_units::Quality;
/// use sundew_units::transform::{Affine, Namur, Then};
///
/// // A level probe of 0 to 5 m, in millimetres.
/// const LEVEL: Then<Affine, Namur> = current_loop(3_300, 150, 0, 5_000);
///
/// let adc = SimAdc::new(12);
/// let input = closure::<12, _>(|| adc.sample());
/// let mut tank = Analog::<Distance<-3>, _, _>::new(input, LEVEL, Oversampling::None);
/// adc.set_ratio(12 * 150, 3_300); // 12 mA
/// assert_eq!(tank.read().unwrap(), [2_500]);
/// adc.set_ratio(0, 3_300); // the wire is broken
/// tank.read().unwrap();
/// assert_eq!(tank.quality(0), Quality::Fault);
/// ```
///
/// # Panics
///
/// Panics where the shunt has 0 ohms or the reference is above 2,147 V. In a `const` that is a
/// compile error, which is the intended use.
pub const fn current_loop(
    reference_mv: u32,
    shunt_ohm: u16,
    at_4_milliampere: i32,
    at_20_milliampere: i32,
) -> Then<Affine, Namur> {
    assert!(reference_mv <= 2_147_483, "a reference beyond 2,147 V");
    // Millivolts by ohms are milliamperes: 1,000 makes them microamperes.
    let microamperes = Affine::ratio(reference_mv as i32 * 1_000, (shunt_ohm as u32) << 16);
    Then::new(microamperes, Namur::new(at_4_milliampere, at_20_milliampere))
}

/// Returns `numerator / denominator` as a line of 31 and 32 bits, as exact as they can be.
pub(super) const fn line(numerator: u64, denominator: u64) -> Affine {
    let (mut high, mut low) = (numerator, denominator);
    while low != 0 {
        (high, low) = (low, high % low);
    }
    assert!(high != 0, "a ratio of nothing");
    let (mut numerator, mut denominator) = (numerator / high, denominator / high);
    while numerator > i32::MAX as u64 || denominator > u32::MAX as u64 {
        (numerator, denominator) = (numerator >> 1, denominator >> 1);
    }
    Affine::ratio(numerator as i32, denominator as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_units::{Quality, Transform};

    #[test]
    fn dividers_are_shares_of_the_reference() {
        assert_eq!(divider(0, 1), 0);
        assert_eq!(divider(1, 0), u16::MAX);
        assert_eq!(divider(u32::MAX, u32::MAX), 32_768);
        assert_eq!(divider(120_000, 10_000), 60_495);
    }

    #[test]
    fn every_code_of_a_loop_is_in_its_band() {
        const BAR: Then<Affine, Namur> = current_loop(3_300, 150, 0, 16_000);
        let mut faults = 0;
        for code in 0..=4_095_i32 {
            let value = BAR.apply(code << 4);
            let exact = f64::from(code) / 4_096.0 * 22_000.0; // microamperes
            assert!((f64::from(value.mantissa) - (exact - 4_000.0)).abs() <= 0.51, "{code}");
            let band = match exact.round() as i32 {
                ..3_600 | 21_001.. => Quality::Fault,
                3_600..3_800 => Quality::UnderRange,
                20_501.. => Quality::OverRange,
                _ => Quality::Good,
            };
            assert_eq!(value.quality, band, "{code}");
            faults += i32::from(band == Quality::Fault);
        }
        assert!(faults > 600);
    }

    #[test]
    fn ratios_are_reduced_before_they_are_cut() {
        assert_eq!(line(6_600_000_000, 6_553_600_000), Affine::ratio(4_125, 4_096));
        let odd = line((1 << 40) + 1, 1 << 33);
        assert!((odd.apply(10).mantissa - 1_280).abs() <= 1);
    }
}
