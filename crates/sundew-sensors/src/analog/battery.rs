//! Batteries behind a divider: volts, and what is left.
//!
//! ```
//! use sundew_sensors::Sensor;
//! use sundew_sensors::analog::{Analog, Oversampling, battery, closure};
//! use sundew_sensors::meaning::BatteryLevel;
//! use sundew_testkit::SimAdc;
//! use sundew_units::transform::{Affine, Breakpoints, Then};
//!
//! // A lithium cell over 100 k + 100 k, reference 3.3 V.
//! const LEVEL: Then<Affine, Breakpoints<i16, 13>> =
//!     Then::new(battery::millivolts(3_300, 100_000, 100_000, 1), battery::LITHIUM_ION);
//!
//! let adc = SimAdc::new(12);
//! let input = closure::<12, _>(|| adc.sample());
//! let mut level = Analog::<BatteryLevel<0>, _, _>::new(input, LEVEL, Oversampling::Of4);
//! adc.set_ratio(3_920, 6_600); // 3.92 V
//! assert_eq!(level.read().unwrap(), [70]);
//! ```
//!
//! A table of volts says little of a cell under load: measure before the radio sends, not while.

use crate::analog::circuit;
use sundew_units::transform::{Affine, Breakpoints};

/// Holds percent by millivolts of a lithium-ion cell (graphite against cobalt or NMC) at rest.
///
/// Rounded from typical discharge curves at 25 Cel and low current; cells differ by 10 % of their
/// charge and more, so an own cell deserves an own table. Lithium iron phosphate is another thing.
pub const LITHIUM_ION: Breakpoints<i16, 13> = Breakpoints::small([
    (2_500, 0),
    (3_300, 0),
    (3_600, 5),
    (3_680, 10),
    (3_740, 20),
    (3_770, 30),
    (3_790, 40),
    (3_820, 50),
    (3_870, 60),
    (3_920, 70),
    (4_080, 90),
    (4_200, 100),
    (4_350, 100),
]);

/// Holds percent by millivolts of one alkaline cell under the light load of a sensor node.
///
/// Rounded from typical discharge curves at 20 Cel; 0.9 V is where makers stop counting, and a
/// booster may stop before. In the cold the cell gives less than its volts promise.
pub const ALKALINE: Breakpoints<i16, 9> = Breakpoints::small([
    (500, 0),
    (900, 0),
    (1_050, 10),
    (1_120, 20),
    (1_190, 40),
    (1_240, 55),
    (1_300, 70),
    (1_550, 100),
    (1_700, 100),
]);

/// Converts to millivolts of one cell of `cells` in series, behind a divider.
///
/// `upper` ohms lie between battery and input, `lower` ohms between input and ground. With `cells`
/// of 1 it is the battery's own voltage, for a channel of volts at exponent -3.
///
/// ```
/// use sundew_sensors::analog::battery;
/// use sundew_units::Transform;
/// use sundew_units::transform::Affine;
///
/// // 12 V lead-acid over 300 k + 100 k on 3.3 V.
/// const VOLTS: Affine = battery::millivolts(3_300, 300_000, 100_000, 1);
/// assert_eq!(VOLTS.apply(65_536).mantissa, 13_200);
/// ```
///
/// # Panics
///
/// Panics where `lower`, `cells` or the reference is 0, or a step of the converter would stand for
/// more than an `i32` holds. In a `const` that is a compile error, which is the intended use.
pub const fn millivolts(reference_mv: u16, upper: u32, lower: u32, cells: u8) -> Affine {
    assert!(lower != 0 && cells != 0 && reference_mv != 0, "a divider to nothing");
    let whole = upper as u64 + lower as u64;
    // Below 2^16 x 2^33 and 2^16 x 2^32 x 2^8.
    circuit::line(reference_mv as u64 * whole, ((lower as u64) << 16) * cells as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_units::{Quality, Transform};

    #[test]
    fn levels_rise_with_the_volts_and_stay_between_0_and_100() {
        let lithium = (LITHIUM_ION.apply(2_500), LITHIUM_ION.apply(4_350));
        let alkaline = (ALKALINE.apply(500), ALKALINE.apply(1_700));
        for (empty, full) in [lithium, alkaline] {
            assert_eq!((empty.mantissa, full.mantissa), (0, 100));
            assert_eq!((empty.quality, full.quality), (Quality::Good, Quality::Good));
        }
        let mut last = (0, 0);
        for millivolts in 0..6_000 {
            let now = (LITHIUM_ION.apply(millivolts), ALKALINE.apply(millivolts));
            let now = (now.0.mantissa, now.1.mantissa);
            assert!(now.0 >= last.0 && now.1 >= last.1, "{millivolts}");
            last = now;
        }
        assert_eq!(LITHIUM_ION.apply(2_000).quality, Quality::UnderRange);
        assert_eq!(LITHIUM_ION.apply(5_000).quality, Quality::OverRange);
    }

    #[test]
    fn every_code_is_within_half_a_millivolt() {
        // Two alkaline cells straight on the input, and a divider of odd parts.
        for (reference, upper, lower, cells) in
            [(3_300, 0, 1, 2), (1_100, 1_000_000, 330_000, 1), (5_000, u32::MAX, 123_457, 255)]
        {
            let line = millivolts(reference, upper, lower, cells);
            let factor = f64::from(reference) * (f64::from(upper) + f64::from(lower))
                / (f64::from(lower) * f64::from(cells) * 65_536.0);
            for raw in 0..65_536 {
                let exact = f64::from(raw) * factor;
                let given = f64::from(line.apply(raw).mantissa);
                assert!((given - exact).abs() <= 0.501 + exact * 1e-9, "{raw}: {given} {exact}");
            }
        }
    }
}
