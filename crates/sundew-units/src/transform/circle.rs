//! Means of directions.

use super::{Marked, math};
use crate::Quality;

/// Takes the mean of directions: 350 and 10 degrees make 0, not 180.
///
/// Each direction is a vector of length 1 (2^14 here); the mean is the direction of their sum, and
/// the length of the sum by the count says how constant the direction was. Directions are in
/// hundredths of a degree, clockwise from north. Speeds are not weighed in: this is the *unit vector
/// mean* of the data loggers.
///
/// Against the same in f64, the mean differs by at most 0.02 degrees where the steadiness is at
/// least 0.5, and by inverse proportion more below; the steadiness by at most 0.0003.
///
/// *RAM:* 10 B, whatever the count.
///
/// ```
/// use sundew_units::transform::CircularMean;
///
/// let mut mean = CircularMean::new();
/// for direction in [35_000, 1_000, 500] {
///     assert!(mean.add(direction));
/// }
/// let mean = mean.mean().unwrap();
/// assert!((167..=169).contains(&mean.direction.mantissa)); // 1.68 degrees
/// assert!(mean.steadiness > 9_800); // 0.98
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CircularMean {
    north: i32,
    east: i32,
    count: u16,
}

/// Holds where directions point to together, and how much together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MeanDirection {
    /// Holds the mean direction in hundredths of a degree, 0 to 35 999; [`Quality::Suspect`] where
    /// the steadiness is below 0.01, since then it says nothing.
    pub direction: Marked,
    /// Holds the length of the mean vector in ten-thousandths: 10 000 where all directions were the
    /// same, 0 where they cancelled out.
    pub steadiness: i32,
}

/// Holds 2^32 / 36 000: hundredths of a degree to turns of 2^32.
const TURN: u32 = 119_305;

impl CircularMean {
    /// Begins a mean.
    pub const fn new() -> Self {
        Self { north: 0, east: 0, count: 0 }
    }

    /// Takes a direction in hundredths of a degree, and returns whether it did: after 65 535 there
    /// is no room for more.
    ///
    /// Any number of turns is allowed for; the rounding of one is 0.001 degrees.
    #[must_use]
    pub fn add(&mut self, direction: i32) -> bool {
        let Some(count) = self.count.checked_add(1) else { return false };
        let turn = (direction.cast_unsigned().wrapping_mul(TURN) >> 16) as u16;
        self.count = count;
        // 65,535 x 2^14 is below 2^30.
        self.east += sine(turn);
        self.north += sine(turn.wrapping_add(1 << 14));
        true
    }

    /// Returns how many directions were taken.
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// Returns the mean, or `None` where nothing was added.
    pub fn mean(&self) -> Option<MeanDirection> {
        if self.count == 0 {
            return None;
        }
        let (turn, length) = polar(self.north, self.east);
        let (direction, below) = math::product(turn, 36_000);
        let direction = direction + math::top(below);
        let direction = if direction < 36_000 { direction } else { 0 };
        let full = u32::from(self.count) << 14;
        let steadiness = math::share(length, 10_000, full).unwrap_or(0).min(10_000) as i32;
        let mark = if steadiness < 100 { Quality::Suspect } else { Quality::Good };
        Some(MeanDirection { direction: Marked::new(direction as i32, mark), steadiness })
    }
}

/// Returns 2^14 times the sine of a turn of 2^16, within 3.5.
///
/// A polynomial of the fifth degree over a quarter turn: 2^14 x (1.570627 x - 0.643229 x^3 +
/// 0.072710 x^5), the least-maximum fit, which misses by 1.1e-4.
fn sine(turn: u16) -> i32 {
    let quarter = i32::from(turn & 0x3FFF);
    // The second and fourth quarter run backwards.
    let x = if turn & 0x4000 == 0 { quarter } else { 0x4000 - quarter };
    let square = (x * x) >> 14;
    let inner = 10_539 - ((1_191 * square + (1 << 13)) >> 14);
    let slope = 25_733 - ((inner * square + (1 << 13)) >> 14);
    let magnitude = ((slope * x + (1 << 13)) >> 14).min(1 << 14);
    if turn & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// Returns the turn (of 2^32) from `x` to `y` and the length, both below 2^30, by CORDIC (Volder
/// 1959): rotations by arc tangents of powers of two until `y` is none.
fn polar(mut x: i32, mut y: i32) -> (u32, u32) {
    /// atan(2^-n) in turns of 2^32.
    const ARCS: [u32; 16] = [
        536_870_912,
        316_933_406,
        167_458_907,
        85_004_756,
        42_667_331,
        21_354_465,
        10_679_838,
        5_340_245,
        2_670_163,
        1_335_087,
        667_544,
        333_772,
        166_886,
        83_443,
        41_722,
        20_861,
    ];
    /// 2^32 by the product of all sqrt(1 + 4^-n): the rotations make longer by 1.6468.
    const SHORTEN: u32 = 2_608_131_497;
    let mut turn = 0_u32;
    if x < 0 {
        (x, y, turn) = (-x, -y, 1 << 31);
    }
    // Short sums are made long, for otherwise the shifts leave nothing.
    let mut lift = 0;
    while x < 1 << 27 && y.abs() < 1 << 27 && lift < 16 {
        (x, y, lift) = (x << 1, y << 1, lift + 1);
    }
    for (n, arc) in ARCS.into_iter().enumerate() {
        let (dx, dy) = (y >> n, x >> n);
        if y > 0 {
            (x, y, turn) = (x + dx, y - dy, turn.wrapping_add(arc));
        } else {
            (x, y, turn) = (x - dx, y + dy, turn.wrapping_sub(arc));
        }
    }
    let (length, _) = math::product(x.unsigned_abs(), SHORTEN);
    (turn, length >> lift)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn every_sine_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        for turn in 0..=u16::MAX {
            let exact = (f64::from(turn) * core::f64::consts::TAU / 65_536.0).sin() * 16_384.0;
            worst = worst.max((f64::from(sine(turn)) - exact).abs());
        }
        assert!(worst <= 3.5 && worst > 3.0, "{worst}");
    }
}
