//! Polynomials, whole and by pieces.

use super::fixed::Fixed;
use super::table::beyond;
use super::{Marked, Transform, math};
use crate::{Dec, Quality};

/// Converts by a polynomial of `N` coefficients, in fixed point by Horner's rule.
///
/// The coefficients are given as they are published, in decimal; while compiling they are brought to
/// the raw range, as large as an i32 holds them all together. Each step then is one product of 32
/// bits. The error is below `0.5 + N x 2^-guard` of the last place, where `guard` is what
/// [`guard`](Self::guard) returns. Outside the raw range the value is that of its end, marked
/// [`Quality::UnderRange`] or [`Quality::OverRange`] by whether that end is the lower one.
///
/// *RAM:* on AVR a constant lies in RAM: 4 B a coefficient and 10 B.
///
/// ```
/// use sundew_units::Dec;
/// use sundew_units::transform::{Polynomial, Transform};
///
/// // A soil probe (Campbell CS616): water content = -0.0663 - 0.0063 t + 0.0007 t^2 with t in
/// // microseconds. Raw nanoseconds to hundredths of a percent.
/// const SOIL: Polynomial<3> = Polynomial::new(
///     [Dec::new(-663, -4), Dec::new(-63, -4), Dec::new(7, -4)],
///     (14_000, 42_000),
///     -3,
///     (10_000, 1),
/// );
/// assert_eq!(SOIL.apply(25_000).mantissa, 2_137);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Polynomial<const N: usize> {
    raws: (i32, i32),
    /// How far a raw value is shifted to the left to be a share of 2^31.
    lift: u8,
    guard: u8,
    coefficients: [i32; N],
}

impl<const N: usize> Polynomial<N> {
    /// Brings published coefficients, the constant one first, to a raw range.
    ///
    /// The formula's argument is `raw x 10^raw_exponent`; its result is multiplied by `scale`, a
    /// numerator and a denominator, to have the last place of the value: (44 704, 100) for miles per
    /// hour to millimetres per second.
    ///
    /// For constants: at run time it would link arithmetic of 128 bits.
    ///
    /// # Panics
    ///
    /// Panics where the raw range is empty, `scale` has a denominator of 0, or the coefficients do
    /// not fit an i32 in it. In a `const` that is a compile error, which is the intended use.
    pub const fn new(
        coefficients: [Dec; N],
        raws: (i32, i32),
        raw_exponent: i8,
        scale: (u32, u32),
    ) -> Self {
        assert!(raws.0 < raws.1 && scale.1 != 0, "a range or a scale without extent");
        let largest = if raws.0.unsigned_abs() > raws.1.unsigned_abs() { raws.0 } else { raws.1 };
        let bits = 32 - largest.unsigned_abs().leading_zeros();
        assert!(bits <= 31, "a raw range to i32::MIN");

        // The argument at which the share is 1.
        let full = Fixed::decimal(1, raw_exponent as i32).doubled(bits);
        let scale = Fixed::ratio(scale.0 as i64, scale.1 as i64);
        let mut exact = [Fixed::ZERO; N];
        let (mut power, mut sum, mut index) = (scale, Fixed::ZERO, 0);
        let mut published = coefficients.as_slice();
        let mut places = exact.as_mut_slice();
        while let ([first, rest @ ..], [place, others @ ..]) = (published, places) {
            let value = Fixed::decimal(first.mantissa() as i64, first.exponent() as i32);
            *place = value.times(power);
            sum = sum.plus(place.magnitude());
            index += 1;
            if index < N {
                power = power.times(full);
            }
            (published, places) = (rest, others);
        }

        // One bit is left for the rounding of the coefficients.
        let limit = Fixed::integer(1 << 30);
        assert!(sum.is_below(limit), "coefficients too large for the raw range");
        let mut guard = 0;
        while guard < 24 && sum.is_below(limit.halved(guard as u32 + 1)) {
            guard += 1;
        }
        let mut given = [0; N];
        let (mut from, mut to) = (exact.as_slice(), given.as_mut_slice());
        while let ([first, rest @ ..], [place, others @ ..]) = (from, to) {
            *place = first.doubled(guard as u32).rounded();
            (from, to) = (rest, others);
        }
        Self { raws, lift: 31 - bits as u8, guard, coefficients: given }
    }

    /// Returns with how many binary places more than the result's the sum is kept.
    pub const fn guard(&self) -> u8 {
        self.guard
    }

    fn value(&self, raw: i32) -> i32 {
        // |raw| is below 2^(31 - lift), so the shift keeps its sign.
        let share = raw << self.lift;
        // The sum of the magnitudes is below 2^31, and no product exceeds its factor.
        let sum = self
            .coefficients
            .iter()
            .rev()
            .fold(0, |sum, coefficient| math::scaled(sum, share).wrapping_add(*coefficient));
        let half = if self.guard == 0 { 0 } else { 1 << (self.guard - 1) };
        sum.wrapping_add(half) >> self.guard
    }
}

impl<const N: usize> Transform for Polynomial<N> {
    fn apply(&self, raw: i32) -> Marked {
        let (low, high) = self.raws;
        if raw < low {
            return beyond(self.value(low), self.value(high));
        }
        if raw > high {
            return beyond(self.value(high), self.value(low));
        }
        Marked::good(self.value(raw))
    }
}

/// Converts by `P` polynomials, each of its own raw range.
///
/// A raw value belongs to the first piece whose range ends at or after it, so ranges that leave a
/// gap are joined: below its range a piece gives the value of its beginning. Below the first range
/// and above the last the value is marked as by [`Polynomial`]; a zero rule makes it a good 0.
///
/// ```
/// use sundew_units::Dec;
/// use sundew_units::transform::{Piecewise, Polynomial, Transform};
///
/// // Twice as steep from 100 on.
/// const BENT: Piecewise<2, 2> = Piecewise::new([
///     Polynomial::new([Dec::new(0, 0), Dec::new(1, 0)], (0, 100), 0, (1, 1)),
///     Polynomial::new([Dec::new(-100, 0), Dec::new(2, 0)], (101, 1_000), 0, (1, 1)),
/// ]);
/// assert_eq!(BENT.apply(50).mantissa, 50);
/// assert_eq!(BENT.apply(200).mantissa, 300);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Piecewise<const P: usize, const N: usize> {
    pieces: [Polynomial<N>; P],
    zero_below: i32,
}

impl<const P: usize, const N: usize> Piecewise<P, N> {
    /// Holds the pieces.
    ///
    /// # Panics
    ///
    /// Panics where the ranges do not ascend. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn new(pieces: [Polynomial<N>; P]) -> Self {
        const { assert!(P >= 1, "no piece at all") };
        let mut rest = pieces.as_slice();
        while let [first, others @ ..] = rest {
            if let [second, ..] = others {
                assert!(first.raws.1 < second.raws.0, "pieces that do not ascend");
            }
            rest = others;
        }
        Self { pieces, zero_below: i32::MIN }
    }

    /// Makes every `raw` below `start` a good 0.
    #[must_use]
    pub const fn zero_below(mut self, start: i32) -> Self {
        self.zero_below = start;
        self
    }
}

impl<const P: usize, const N: usize> Transform for Piecewise<P, N> {
    fn apply(&self, raw: i32) -> Marked {
        if raw < self.zero_below {
            return Marked::good(0);
        }
        let mut is_first = true;
        for piece in &self.pieces {
            if raw <= piece.raws.1 {
                let in_gap = !is_first && raw < piece.raws.0;
                return piece.apply(if in_gap { piece.raws.0 } else { raw });
            }
            is_first = false;
        }
        self.pieces.last().map_or(Marked::new(0, Quality::Fault), |last| last.apply(raw))
    }
}
