//! A few positions, each with its own resistance: a value between two of them is neither.

use crate::analog::divider;
use sundew_units::{Marked, Quality, Transform};

/// Holds the ladder of the SparkFun/Argent wind vane (SEN-08942, SEN-15901) with 10 kilohms to the
/// reference; in hundredths of a degree.
pub const VANE_SPARKFUN: Ladder<16> = Ladder::vane_sparkfun(10_000);

/// Converts to the nearest of `N` positions.
///
/// A raw value that is not clearly one of them is [`Quality::Suspect`]: closer to the middle
/// between two than an eighth of their distance. One that lies further beyond the first or last
/// than half the distance to its neighbour is a [`Quality::Fault`]: open or shorted.
///
/// *RAM*: on AVR a constant lies in RAM: 4 B a position.
///
/// ```
/// use sundew_sensors::analog::{Ladder, divider};
/// use sundew_units::{Quality, Transform};
///
/// // A tank with a float switch at 1/3 and 2/3: none, one or both of two resistors are shorted.
/// const TANK: Ladder<3> = Ladder::new([
///     (divider(1_000, 10_000), 100),
///     (divider(11_000, 10_000), 67),
///     (divider(33_000, 10_000), 33),
/// ]);
/// assert_eq!(TANK.apply(34_000).mantissa, 67);
/// assert_eq!(TANK.apply(42_500).quality, Quality::Suspect);
/// assert_eq!(TANK.apply(65_535).quality, Quality::Fault); // open
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ladder<const N: usize> {
    positions: [(u16, u16); N],
}

impl<const N: usize> Ladder<N> {
    /// Holds positions: the share of the reference in 65,536ths and what it stands for, ascending
    /// by the share.
    ///
    /// # Panics
    ///
    /// Panics where the shares do not ascend. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn new(positions: [(u16, u16); N]) -> Self {
        const { assert!(N >= 2, "one position tells nothing") };
        let mut rest = positions.as_slice();
        while let [first, others @ ..] = rest {
            if let [second, ..] = others {
                assert!(first.0 < second.0, "shares that do not ascend");
            }
            rest = others;
        }
        Self { positions }
    }
}

impl Ladder<16> {
    /// Holds the resistances of the SparkFun/Argent wind vane with `pull_up` ohms to the reference.
    ///
    /// Eight switches with a resistor each; the magnet closes two between two directions. After
    /// the kit's sheet ("Wind Vane"), whose column of volts is wrong for 315 degrees: 64.9 kilohms
    /// make 4.33 of 5 V, not 4.78. With 10 kilohms the closest two are 0.9 % of the reference
    /// apart, at 67.5 and 90 degrees: 9 codes of 10 bits.
    ///
    /// # Panics
    ///
    /// Panics where `pull_up` is so small or large that two positions look the same. In a `const`
    /// that is a compile error.
    pub const fn vane_sparkfun(pull_up: u32) -> Self {
        Self::new([
            (divider(688, pull_up), 11_250),
            (divider(891, pull_up), 6_750),
            (divider(1_000, pull_up), 9_000),
            (divider(1_410, pull_up), 15_750),
            (divider(2_200, pull_up), 13_500),
            (divider(3_140, pull_up), 20_250),
            (divider(3_900, pull_up), 18_000),
            (divider(6_570, pull_up), 2_250),
            (divider(8_200, pull_up), 4_500),
            (divider(14_120, pull_up), 24_750),
            (divider(16_000, pull_up), 22_500),
            (divider(21_880, pull_up), 33_750),
            (divider(33_000, pull_up), 0),
            (divider(42_120, pull_up), 29_250),
            (divider(64_900, pull_up), 31_500),
            (divider(120_000, pull_up), 27_000),
        ])
    }
}

impl<const N: usize> Transform for Ladder<N> {
    fn apply(&self, raw: i32) -> Marked {
        let [first, second, ..] = self.positions.as_slice() else {
            return Marked::new(0, Quality::Fault);
        };
        let share = u16::try_from(raw.max(0)).unwrap_or(u16::MAX);
        let mut below = *first;
        let mut gap = second.0.abs_diff(first.0);
        if share < first.0 {
            return at(*first, first.0 - share, gap, Quality::Fault);
        }
        for above in &self.positions {
            if share < above.0 {
                let (down, up) = (share.abs_diff(below.0), above.0.abs_diff(share));
                let (nearest, distance) = if down < up { (below, down) } else { (*above, up) };
                return at(nearest, distance, above.0.abs_diff(below.0), Quality::Suspect);
            }
            gap = above.0.abs_diff(below.0).max(1);
            below = *above;
        }
        at(below, share.abs_diff(below.0), gap, Quality::Fault)
    }
}

/// Returns a position, marked where it is far: `beyond` says what lies past the middle.
fn at(position: (u16, u16), distance: u16, gap: u16, beyond: Quality) -> Marked {
    let (distance, gap) = (u32::from(distance), u32::from(gap));
    let quality = if 2 * distance > gap {
        beyond
    } else if 8 * distance > 3 * gap {
        Quality::Suspect
    } else {
        Quality::Good
    };
    Marked::new(i32::from(position.1), quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: [(u32, i32); 16] = [
        (33_000, 0),
        (6_570, 2_250),
        (8_200, 4_500),
        (891, 6_750),
        (1_000, 9_000),
        (688, 11_250),
        (2_200, 13_500),
        (1_410, 15_750),
        (3_900, 18_000),
        (3_140, 20_250),
        (16_000, 22_500),
        (14_120, 24_750),
        (120_000, 27_000),
        (42_120, 29_250),
        (64_900, 31_500),
        (21_880, 33_750),
    ];

    /// Returns the code of 10 bits of a divider, as a converter rounds it.
    fn code(lower: f64, upper: f64) -> i32 {
        (1_024.0 * lower / (lower + upper)).floor() as i32
    }

    #[test]
    fn all_directions_are_told_with_parts_of_one_percent_at_ten_bits() {
        for (ohm, direction) in SHEET {
            for vane in [0.99, 1.0, 1.01] {
                for pull_up in [0.99, 1.0, 1.01] {
                    let code = code(f64::from(ohm) * vane, 10_000.0 * pull_up);
                    let value = VANE_SPARKFUN.apply(code << 6);
                    assert_eq!(value, Marked::good(direction), "{ohm} x {vane}, {pull_up}");
                }
            }
        }
    }

    #[test]
    fn the_kits_volts_are_those_of_the_ladder() {
        // The sheet's column for 5 V and 10 kilohms; 315 degrees is the one that is wrong.
        let volts = [
            3.84, 1.98, 2.25, 0.41, 0.45, 0.32, 0.90, 0.62, 1.40, 1.19, 3.08, 2.93, 4.62, 4.04,
            4.33, 3.43,
        ];
        for ((ohm, _), volts) in SHEET.into_iter().zip(volts) {
            let share = f64::from(divider(ohm, 10_000)) / 65_536.0;
            assert!((share * 5.0 - volts).abs() < 0.012, "{ohm}: {}", share * 5.0);
        }
    }

    #[test]
    fn every_code_is_a_direction_and_what_lies_between_two_is_doubted() {
        let mut seen = [0_u32; 3];
        for raw in 0..=65_535 {
            let value = VANE_SPARKFUN.apply(raw);
            assert!(SHEET.iter().any(|(_, direction)| *direction == value.mantissa));
            seen[match value.quality {
                Quality::Good => 0,
                Quality::Suspect => 1,
                Quality::Fault => 2,
                _ => panic!("{value:?}"),
            }] += 1;
        }
        assert!(seen.iter().all(|count| *count > 3_000), "{seen:?}");
        assert_eq!(VANE_SPARKFUN.apply(0).quality, Quality::Fault);
        assert_eq!(VANE_SPARKFUN.apply(65_535).quality, Quality::Fault);
        assert_eq!(VANE_SPARKFUN.apply(-1).quality, Quality::Fault);
        assert_eq!(VANE_SPARKFUN.apply(i32::MAX).quality, Quality::Fault);
        let middle = i32::midpoint(divider(891, 10_000).into(), divider(1_000, 10_000).into());
        assert_eq!(VANE_SPARKFUN.apply(middle).quality, Quality::Suspect);
    }
}
