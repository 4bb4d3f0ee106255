//! Straight lines between the entries of a table.

use super::fixed::Fixed;
use super::{Marked, Transform, affine, math};
use crate::Quality;

/// Stands for the integers a table may hold: `i16` or `i32`.
pub trait Entry: Copy + sealed::Sealed {
    /// Returns the entry as an i32.
    fn value(self) -> i32;

    /// Returns `distance * within / 2^shift` to the nearest integer, where `within < 2^shift`.
    #[doc(hidden)]
    fn part(distance: u32, within: u32, shift: u32) -> u32;
}

mod sealed {
    /// Keeps [`Entry`](super::Entry) to the two types whose products are known not to overflow.
    pub trait Sealed {}
    impl Sealed for i16 {}
    impl Sealed for i32 {}
}

impl Entry for i16 {
    fn value(self) -> i32 {
        i32::from(self)
    }

    // Two i16 are less than 2^16 apart and `shift` is at most 15: less than 2^31 + 2^14.
    fn part(distance: u32, within: u32, shift: u32) -> u32 {
        (distance * within + (1 << shift >> 1)) >> shift
    }
}

impl Entry for i32 {
    fn value(self) -> i32 {
        self
    }

    // The upper part never exceeds `distance`, the lower is a product of two 15-bit numbers.
    fn part(distance: u32, within: u32, shift: u32) -> u32 {
        let rest = distance & ((1 << shift) - 1);
        (distance >> shift) * within + ((rest * within + (1 << shift >> 1)) >> shift)
    }
}

/// Converts along straight lines between `N` entries, `2^SHIFT` raw steps apart.
///
/// No division: the entry is found by a shift, and on AVR, which shifts bit by bit, the shift is a
/// constant. A raw value outside the table gives its end, marked [`Quality::UnderRange`] where that
/// end is the lower and [`Quality::OverRange`] where it is the higher one. `SHIFT` is at most 15
/// and `N` from 2 to 65,536; anything else does not compile.
///
/// *RAM:* on AVR a constant lies in RAM: 2 B an entry (`i16`) or 4 B (`i32`), and 4 B.
///
/// ```
/// use sundew_units::transform::{Table, Transform};
///
/// // The squares of 0, 16, 32, 48 and 64, with straight lines between.
/// const SQUARES: Table<i16, 5, 4> = Table::new(0, [0, 256, 1_024, 2_304, 4_096]);
/// assert_eq!(SQUARES.apply(32).mantissa, 1_024);
/// assert_eq!(SQUARES.apply(40).mantissa, 1_664); // and not 1,600
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Table<E, const N: usize, const SHIFT: u32> {
    first: i32,
    entries: [E; N],
}

impl<E: Copy, const N: usize, const SHIFT: u32> Table<E, N, SHIFT> {
    /// Holds what `first`, `first + 2^SHIFT` and so on stand for.
    pub const fn new(first: i32, entries: [E; N]) -> Self {
        const { assert!(N >= 2 && N - 1 <= 0xFFFF && SHIFT <= 15, "a table of another size") };
        Self { first, entries }
    }

    /// Returns the entries.
    pub const fn entries(&self) -> &[E; N] {
        &self.entries
    }
}

impl<E: Entry, const N: usize, const SHIFT: u32> Transform for Table<E, N, SHIFT> {
    fn apply(&self, raw: i32) -> Marked {
        let [first, .., last] = self.entries.as_slice() else {
            return Marked::new(0, Quality::Fault);
        };
        let (first, last) = (first.value(), last.value());
        if raw < self.first {
            return beyond(first, last);
        }
        let offset = raw.abs_diff(self.first);
        let (index, within) = (offset >> SHIFT, offset & ((1 << SHIFT) - 1));
        // The cast loses nothing below N, which is a usize.
        if index >= N as u32 - 1 {
            let exact = index == N as u32 - 1 && within == 0;
            return if exact { Marked::good(last) } else { beyond(last, first) };
        }
        let index = index as usize;
        let (Some(low), Some(high)) = (self.entries.get(index), self.entries.get(index + 1)) else {
            return Marked::new(last, Quality::Fault);
        };
        let (low, high) = (low.value(), high.value());
        affine::moved(low, Some(E::part(low.abs_diff(high), within, SHIFT)), high < low)
    }
}

impl<const N: usize, const SHIFT: u32> Table<i32, N, SHIFT> {
    /// Rounds computed entries, balanced.
    pub(crate) const fn balanced(first: i32, exact: [Fixed; N]) -> Self {
        let exact = balanced(exact);
        let mut entries = [0; N];
        let (mut from, mut to) = (exact.as_slice(), entries.as_mut_slice());
        while let ([value, values @ ..], [place, places @ ..]) = (from, to) {
            *place = value.rounded();
            (from, to) = (values, places);
        }
        Self::new(first, entries)
    }
}

impl<const N: usize, const SHIFT: u32> Table<i16, N, SHIFT> {
    /// Rounds computed entries, balanced, which must fit.
    pub(crate) const fn balanced_small(first: i32, exact: [Fixed; N]) -> Self {
        let exact = balanced(exact);
        let mut entries = [0; N];
        let (mut from, mut to) = (exact.as_slice(), entries.as_mut_slice());
        while let ([value, values @ ..], [place, places @ ..]) = (from, to) {
            let value = value.rounded();
            assert!(value >= -0x8000 && value <= 0x7FFF, "an entry too large for an i16");
            *place = value as i16;
            (from, to) = (values, places);
        }
        Self::new(first, entries)
    }
}

/// Returns how far an entry is from the first.
pub(super) const fn steps(index: i64, shift: u32) -> i64 {
    index << shift
}

/// Moves the entries of a curve so that the lines between them miss it by half as much.
///
/// A line between two points of a curve misses it by an eighth of the second difference, all on one
/// side. Half of that, taken from the points, leaves it on both sides.
const fn balanced<const N: usize>(exact: [Fixed; N]) -> [Fixed; N] {
    const fn bend(a: Fixed, b: Fixed, c: Fixed) -> Fixed {
        a.plus(c).minus(b).minus(b).halved(4)
    }
    let mut moved = exact;
    let (mut rest, mut places) = (exact.as_slice(), moved.as_mut_slice());
    if let ([a, b, c, ..], [first, others @ ..]) = (rest, places) {
        *first = a.minus(bend(*a, *b, *c));
        places = others;
        while let ([a, tail @ ..], [place, others @ ..]) = (rest, places) {
            let [b, c, ..] = tail else { break };
            *place = b.minus(bend(*a, *b, *c));
            (rest, places) = (tail, others);
        }
        if let ([.., a, b, c], [.., last]) = (exact.as_slice(), moved.as_mut_slice()) {
            *last = c.minus(bend(*a, *b, *c));
        }
    }
    moved
}

/// Returns the value of the end that was passed, marked by where the other end lies.
pub(super) fn beyond(end: i32, other: i32) -> Marked {
    Marked::new(end, if end <= other { Quality::UnderRange } else { Quality::OverRange })
}

/// Converts along straight lines between `N` points that need not be evenly spaced.
///
/// The points are pairs of a raw value and what it stands for, in ascending order of the raw value.
/// One long division, so nothing overflows; outside, as [`Table`].
///
/// ```
/// use sundew_units::transform::{Breakpoints, Transform};
///
/// // A lead-acid battery at rest: millivolts to percent.
/// const BATTERY: Breakpoints<i16, 4> =
///     Breakpoints::small([(11_900, 0), (12_200, 50), (12_500, 90), (12_700, 100)]);
/// assert_eq!(BATTERY.apply(12_050).mantissa, 25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Breakpoints<E, const N: usize> {
    points: [(E, E); N],
}

// A constant function cannot compare what is generic, so there are two.
macro_rules! breakpoints {
    ($entry:ty, $new:ident, $try_new:ident, $what:literal) => {
        impl<const N: usize> Breakpoints<$entry, N> {
            #[doc = concat!("Holds points of ", $what, " each.")]
            ///
            /// # Panics
            ///
            /// Panics where the raw values do not ascend. In a `const` that is a compile error,
            /// which is the intended use; points from settings go through
            #[doc = concat!("[`", stringify!($try_new), "`](Self::", stringify!($try_new), ").")]
            pub const fn $new(points: [($entry, $entry); N]) -> Self {
                match Self::$try_new(points) {
                    Some(line) => line,
                    None => panic!("raw values that do not ascend"),
                }
            }

            /// Does the same with points that are not known before; `None` where the raw values do
            /// not ascend.
            pub const fn $try_new(points: [($entry, $entry); N]) -> Option<Self> {
                const { assert!(N >= 2, "a line needs two points") };
                let mut rest = points.as_slice();
                while let [first, others @ ..] = rest {
                    if let [second, ..] = others
                        && first.0 >= second.0
                    {
                        return None;
                    }
                    rest = others;
                }
                Some(Self { points })
            }
        }
    };
}

breakpoints!(i16, small, try_small, "small numbers: 4 B");
breakpoints!(i32, new, try_new, "any i32: 8 B");

impl<E: Entry, const N: usize> Transform for Breakpoints<E, N> {
    fn apply(&self, raw: i32) -> Marked {
        let [first, .., last] = self.points.as_slice() else {
            return Marked::new(0, Quality::Fault);
        };
        let mut before = *first;
        for point in &self.points {
            if raw < point.0.value() {
                let (x, y) = (before.0.value(), before.1.value());
                if raw < x {
                    return beyond(first.1.value(), last.1.value());
                }
                let (rise, run) = (y.abs_diff(point.1.value()), x.abs_diff(point.0.value()));
                let distance = math::share(raw.abs_diff(x), rise, run);
                return affine::moved(y, distance, point.1.value() < y);
            }
            before = *point;
        }
        if raw == last.0.value() {
            return Marked::good(last.1.value());
        }
        beyond(last.1.value(), first.1.value())
    }
}
