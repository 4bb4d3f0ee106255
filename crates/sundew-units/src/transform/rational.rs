//! A pole and a line.

use super::{Affine, Marked, Transform, affine, math};
use crate::Quality;

/// Converts by `numerator / (raw + pole)` added to a straight line.
///
/// The form of cup anemometers whose friction matters at low speed. The error is that of the line
/// and 0.5 of the last place. A zero rule is the line's: where it applies, the whole result is 0.
/// From the pole down (`raw + pole` below 1) the result is a [`Quality::Fault`].
///
/// ```
/// use sundew_units::transform::{Affine, Rational, Transform};
///
/// // 1.761 / (1 + x) + 3.013 x km/h with x in turns per second: millihertz to millimetres per second.
/// const LINE: Affine = Affine::ratio(3_013, 3_600).zero_below(100);
/// const CUPS: Rational = Rational::new(489_167, 1_000, LINE);
/// assert_eq!(CUPS.apply(1_000).mantissa, 837 + 245);
/// assert_eq!(CUPS.apply(0).mantissa, 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rational {
    numerator: u32,
    pole: i32,
    line: Affine,
}

impl Rational {
    /// Holds the numerator and the pole, in the units of the raw value and the result, and the line.
    pub const fn new(numerator: u32, pole: i32, line: Affine) -> Self {
        Self { numerator, pole, line }
    }
}

impl Transform for Rational {
    fn apply(&self, raw: i32) -> Marked {
        let straight = self.line.apply(raw);
        if raw < self.line.start() || straight.quality != Quality::Good {
            return straight;
        }
        let from_pole = raw.saturating_add(self.pole);
        if from_pole < 1 {
            return Marked::new(straight.mantissa, Quality::Fault);
        }
        let quotient = math::share(self.numerator, 1, from_pole.unsigned_abs());
        affine::moved(straight.mantissa, quotient, false)
    }
}
