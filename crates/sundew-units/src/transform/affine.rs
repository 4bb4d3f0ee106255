//! Straight lines.

use super::fixed::Fixed;
use super::{Marked, Transform, math};
use crate::Quality;

/// Converts along a straight line, with a zero rule for parts that need one.
///
/// Without a division: the slope is kept as a whole number and a fraction of 32 bits. The error is
/// at most 0.5 + d / 2^32 of the last place, where d is how far `raw` lies from the line's first
/// point (or from 0); while d times the denominator is below 2^31, the result is the nearest integer,
/// halves away from the first point. What does not fit an i32 is the nearest end of the range,
/// marked.
///
/// ```
/// use sundew_units::transform::{Affine, Transform};
///
/// // A cup anemometer of 0.765 m/s per hertz + 0.35 m/s that stands still below 0.1 Hz:
/// // millihertz to millimetres per second.
/// const CUPS: Affine = Affine::ratio(765, 1_000).plus(350).zero_below(100);
/// assert_eq!(CUPS.apply(10_000).mantissa, 8_000);
/// assert_eq!(CUPS.apply(0).mantissa, 0);
///
/// // A calibration: two readings of a probe and what they stand for.
/// const PROBE: Affine = Affine::through((412, 0), (3_711, 10_000));
/// assert_eq!(PROBE.apply(3_711).mantissa, 10_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Affine {
    from: i32,
    to: i32,
    whole: u32,
    fraction: u32,
    falls: bool,
    zero_below: i32,
}

impl Affine {
    /// Converts `raw` to `raw * numerator / denominator`.
    ///
    /// # Panics
    ///
    /// Panics where `denominator` is 0. In a `const` that is a compile error, which is the intended
    /// use; a number from settings goes through [`try_ratio`](Self::try_ratio).
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn ratio(numerator: i32, denominator: u32) -> Self {
        match Self::try_ratio(numerator, denominator) {
            Some(line) => line,
            None => panic!("a ratio to nothing"),
        }
    }

    /// Does the same with numbers that are not known before; `None` where `denominator` is 0.
    ///
    /// It divides 64 bits by 32, once.
    pub const fn try_ratio(numerator: i32, denominator: u32) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        Some(Self::along((0, 0), numerator.unsigned_abs(), denominator, numerator < 0))
    }

    /// Converts along the line through two points, each a raw value and what it stands for.
    ///
    /// # Panics
    ///
    /// Panics where both raw values are the same. In a `const` that is a compile error, which is the
    /// intended use; a calibration in the field goes through [`try_through`](Self::try_through).
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn through(first: (i32, i32), second: (i32, i32)) -> Self {
        match Self::try_through(first, second) {
            Some(line) => line,
            None => panic!("one point is no line"),
        }
    }

    /// Does the same with points that are not known before; `None` where both raw values are the
    /// same.
    ///
    /// ```
    /// use sundew_units::transform::{Affine, Transform};
    ///
    /// // Two points that came as settings.
    /// let probe = Affine::try_through((412, 0), (3_711, 10_000)).unwrap();
    /// assert_eq!(probe.apply(412).mantissa, 0);
    /// assert_eq!(Affine::try_through((412, 0), (412, 10_000)), None);
    /// ```
    pub const fn try_through(first: (i32, i32), second: (i32, i32)) -> Option<Self> {
        if first.0 == second.0 {
            return None;
        }
        let falls = (second.1 < first.1) != (second.0 < first.0);
        let (rise, run) = (first.1.abs_diff(second.1), first.0.abs_diff(second.0));
        Some(Self::along(first, rise, run, falls))
    }

    /// Adds a constant to every result but that of the zero rule; a sum beyond i32 stops there.
    #[must_use]
    pub const fn plus(mut self, offset: i32) -> Self {
        self.to = self.to.saturating_add(offset);
        self
    }

    /// Makes every `raw` below `start` a good 0.
    ///
    /// A line with an offset needs it where the part gives nothing below a threshold: an anemometer
    /// that stands still does not say 0.35 m/s.
    #[must_use]
    pub const fn zero_below(mut self, start: i32) -> Self {
        self.zero_below = start;
        self
    }

    /// Converts by a computed factor, which must be positive.
    pub(crate) const fn factor(factor: Fixed) -> Self {
        let (whole, fraction) = factor.parts();
        Self { from: 0, to: 0, whole, fraction, falls: false, zero_below: i32::MIN }
    }

    /// Returns the raw value below which the zero rule makes a 0.
    pub(super) const fn start(&self) -> i32 {
        self.zero_below
    }

    /// Keeps a slope so that no conversion divides: on AVR that takes four times as long.
    const fn along((from, to): (i32, i32), rise: u32, run: u32, falls: bool) -> Self {
        // Upwards, so that a half stays one; below 2^32, since the rest is smaller than the run.
        let rest = ((rise % run) as u64) << 32;
        let fraction = rest.div_ceil(run as u64) as u32;
        Self { from, to, whole: rise / run, fraction, falls, zero_below: i32::MIN }
    }
}

impl Transform for Affine {
    fn apply(&self, raw: i32) -> Marked {
        if raw < self.zero_below {
            return Marked::good(0);
        }
        let distance = raw.abs_diff(self.from);
        let (part, below) = math::product(distance, self.fraction);
        // At most 2^32 - 2 before the half is added.
        let part = part + math::top(below);
        let steps = match math::product(distance, self.whole) {
            (0, steps) => steps.checked_add(part),
            _ => None,
        };
        moved(self.to, steps, (raw < self.from) != self.falls)
    }
}

/// Returns `start` moved by a distance, where `None` is one beyond 2^32.
pub(super) fn moved(start: i32, distance: Option<u32>, down: bool) -> Marked {
    if down {
        let end = distance.and_then(|distance| start.checked_sub_unsigned(distance));
        end.map_or(Marked::new(i32::MIN, Quality::UnderRange), Marked::good)
    } else {
        let end = distance.and_then(|distance| start.checked_add_unsigned(distance));
        end.map_or(Marked::new(i32::MAX, Quality::OverRange), Marked::good)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    /// Returns what an [`Affine`] must say, in wide integers, and how much it may differ.
    fn exact(first: (i32, i32), second: (i32, i32), raw: i32) -> (i128, i128) {
        let [x0, y0, x1, y1, x] = [first.0, first.1, second.0, second.1, raw].map(i128::from);
        let (mut rise, mut run) = ((x - x0) * (y1 - y0), x1 - x0);
        if run < 0 {
            (rise, run) = (-rise, -run);
        }
        let magnitude = (rise.abs() + run / 2) / run;
        let exact = y0 + if rise < 0 { -magnitude } else { magnitude };
        let is_near = (x - x0).abs() * run < 1 << 31;
        (exact, i128::from(!is_near))
    }

    fn check(first: (i32, i32), second: (i32, i32), raw: i32) {
        let (exact, slack) = exact(first, second, raw);
        let given = Affine::through(first, second).apply(raw);
        let is_right = match given.quality {
            Quality::Good => (exact - i128::from(given.mantissa)).abs() <= slack,
            Quality::UnderRange => exact < i128::from(i32::MIN) + slack,
            _ => exact > i128::from(i32::MAX) - slack,
        };
        assert!(is_right, "{first:?} {second:?} at {raw}: {given:?} for {exact}");
    }

    #[test]
    fn every_line_through_extreme_points_is_within_the_stated_error() {
        const ENDS: [i32; 11] =
            [i32::MIN, i32::MIN + 1, -65_537, -3, 0, 1, 7, 1_000, 32_768, i32::MAX - 1, i32::MAX];
        let mut cases = 0;
        for x0 in ENDS {
            for x1 in ENDS.into_iter().filter(|x1| *x1 != x0) {
                for (y0, y1) in ENDS.into_iter().flat_map(|y0| ENDS.map(|y1| (y0, y1))) {
                    for raw in ENDS {
                        check((x0, y0), (x1, y1), raw);
                        cases += 1;
                    }
                }
            }
        }
        std::println!("cases: {cases}");
    }

    #[test]
    fn near_its_first_point_a_line_is_exact() {
        let mut cases = 0;
        for run in 1..=300 {
            for rise in [-1_000, -7, 0, 1, run - 1, run, run + 1, 29_989] {
                for raw in -500..500 {
                    check((3, -17), (3 + run, rise - 17), raw);
                    cases += 1;
                }
            }
        }
        std::println!("cases: {cases}");
    }

    #[test]
    fn what_is_no_line_is_none() {
        assert_eq!(Affine::try_ratio(1, 0), None);
        assert_eq!(Affine::try_ratio(i32::MIN, u32::MAX), Some(Affine::ratio(i32::MIN, u32::MAX)));
        assert_eq!(Affine::try_through((i32::MIN, 0), (i32::MIN, i32::MAX)), None);
        let ends = ((i32::MIN, i32::MAX), (i32::MAX, i32::MIN));
        assert_eq!(Affine::try_through(ends.0, ends.1), Some(Affine::through(ends.0, ends.1)));
    }

    #[test]
    fn negative_ratios_fall() {
        let line = Affine::ratio(-5, 9).plus(100);
        assert_eq!(line.apply(18), Marked::good(90));
        assert_eq!(line.apply(-18), Marked::good(110));
    }
}
