//! Transforms made of transforms.

use super::{Marked, Transform};
use crate::Quality;

/// Converts by one transform and its result by another.
///
/// The first mark that is not [`Quality::Good`] stays: a broken wire is no better for having been
/// converted to a temperature.
///
/// ```
/// use sundew_units::transform::{Affine, Namur, Then, Transform};
///
/// // A converter of 12 bits and 3.3 V over 150 ohm: steps to microamperes, to hundredths of a bar.
/// const BOILER: Then<Affine, Namur> =
///     Then::new(Affine::ratio(22_000, 4_096), Namur::new(0, 1_000));
/// assert_eq!(BOILER.apply(2_234).mantissa, 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Then<A, B> {
    first: A,
    second: B,
}

impl<A, B> Then<A, B> {
    /// Holds both, in the order in which they are applied.
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Transform, B: Transform> Transform for Then<A, B> {
    fn apply(&self, raw: i32) -> Marked {
        let between = self.first.apply(raw);
        let after = self.second.apply(between.mantissa);
        if between.quality == Quality::Good {
            after
        } else {
            Marked::new(after.mantissa, between.quality)
        }
    }
}

/// Converts by another transform and marks what lies outside the part's range.
///
/// Both ends of both ranges are within. A raw value outside its range is a [`Quality::Fault`] (an
/// open or shorted probe drives a converter to its rail), a result outside its own
/// [`Quality::UnderRange`] or [`Quality::OverRange`]. Marks of the inner transform stay.
///
/// ```
/// use sundew_units::transform::{Affine, Bounded, Transform};
/// use sundew_units::Quality;
///
/// // 10 mV per kelvin on a converter of one millivolt a step: -40 to 110 Cel in hundredths.
/// const PROBE: Bounded<Affine> =
///     Bounded::new(Affine::ratio(10, 1).plus(-27_315)).raws(10, 4_085).values(-4_000, 11_000);
/// assert_eq!(PROBE.apply(2_982).mantissa, 2_505);
/// assert_eq!(PROBE.apply(4_095).quality, Quality::Fault);
/// assert_eq!(PROBE.apply(3_900).quality, Quality::OverRange);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bounded<T> {
    inner: T,
    raws: (i32, i32),
    values: (i32, i32),
}

impl<T> Bounded<T> {
    /// Holds a transform, without bounds yet.
    pub const fn new(inner: T) -> Self {
        Self { inner, raws: (i32::MIN, i32::MAX), values: (i32::MIN, i32::MAX) }
    }

    /// Makes every raw value outside these a fault.
    #[must_use]
    pub const fn raws(mut self, lowest: i32, highest: i32) -> Self {
        self.raws = (lowest, highest);
        self
    }

    /// Marks every result outside these as out of range.
    #[must_use]
    pub const fn values(mut self, lowest: i32, highest: i32) -> Self {
        self.values = (lowest, highest);
        self
    }

    /// Returns the transform without its bounds.
    pub const fn inner(&self) -> &T {
        &self.inner
    }
}

impl<T: Transform> Transform for Bounded<T> {
    fn apply(&self, raw: i32) -> Marked {
        let value = self.inner.apply(raw);
        let mark = if raw < self.raws.0 || raw > self.raws.1 {
            Quality::Fault
        } else if value.quality != Quality::Good {
            value.quality
        } else if value.mantissa < self.values.0 {
            Quality::UnderRange
        } else if value.mantissa > self.values.1 {
            Quality::OverRange
        } else {
            Quality::Good
        };
        Marked::new(value.mantissa, mark)
    }
}
