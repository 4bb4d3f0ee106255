//! Straight lines.

use super::{Marked, Transform, math};
use crate::Quality;

/// Converts along a straight line, with a zero rule for parts that need one.
///
/// The result is the exact one to the nearest integer, halves away from the line's own end, for
/// every `raw`: the product is kept in 64 bits without 64-bit arithmetic. What does not fit an i32
/// is the nearest end of the range, marked.
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
    rise: u32,
    run: u32,
    falls: bool,
    zero_below: i32,
}

impl Affine {
    /// Converts `raw` to `raw * numerator / denominator`.
    ///
    /// # Panics
    ///
    /// Panics where `denominator` is 0. In a `const` that is a compile error, which is the intended
    /// use.
    pub const fn ratio(numerator: i32, denominator: u32) -> Self {
        assert!(denominator != 0, "a ratio to nothing");
        Self {
            from: 0,
            to: 0,
            rise: numerator.unsigned_abs(),
            run: denominator,
            falls: numerator < 0,
            zero_below: i32::MIN,
        }
    }

    /// Converts along the line through two points, each a raw value and what it stands for.
    ///
    /// # Panics
    ///
    /// Panics where both raw values are the same. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn through(first: (i32, i32), second: (i32, i32)) -> Self {
        assert!(first.0 != second.0, "one point is no line");
        Self {
            from: first.0,
            to: first.1,
            rise: first.1.abs_diff(second.1),
            run: first.0.abs_diff(second.0),
            falls: (second.1 < first.1) != (second.0 < first.0),
            zero_below: i32::MIN,
        }
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
}

impl Transform for Affine {
    fn apply(&self, raw: i32) -> Marked {
        if raw < self.zero_below {
            return Marked::good(0);
        }
        let distance = math::share(raw.abs_diff(self.from), self.rise, self.run);
        moved(self.to, distance, (raw < self.from) != self.falls)
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
    use super::*;

    /// Returns what an [`Affine`] must say, in wide integers.
    fn exact(first: (i32, i32), second: (i32, i32), raw: i32) -> Marked {
        let [x0, y0, x1, y1, x] = [first.0, first.1, second.0, second.1, raw].map(i128::from);
        let (mut rise, mut run) = ((x - x0) * (y1 - y0), x1 - x0);
        if run < 0 {
            (rise, run) = (-rise, -run);
        }
        let magnitude = (rise.abs() + run / 2) / run;
        let exact = y0 + if rise < 0 { -magnitude } else { magnitude };
        match i32::try_from(exact) {
            Ok(exact) => Marked::good(exact),
            Err(_) if exact < 0 => Marked::new(i32::MIN, Quality::UnderRange),
            Err(_) => Marked::new(i32::MAX, Quality::OverRange),
        }
    }

    #[test]
    fn every_line_through_extreme_points_is_exact() {
        const ENDS: [i32; 9] =
            [i32::MIN, i32::MIN + 1, -65_537, -3, 0, 1, 32_768, i32::MAX - 1, i32::MAX];
        for x0 in ENDS {
            for y0 in ENDS {
                for x1 in ENDS.into_iter().filter(|x1| *x1 != x0) {
                    for y1 in ENDS {
                        let line = Affine::through((x0, y0), (x1, y1));
                        for raw in ENDS {
                            let expected = exact((x0, y0), (x1, y1), raw);
                            assert_eq!(line.apply(raw), expected, "{line:?} at {raw}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn negative_ratios_fall() {
        let line = Affine::ratio(-5, 9).plus(100);
        assert_eq!(line.apply(18), Marked::good(90));
        assert_eq!(line.apply(-18), Marked::good(110));
    }
}
