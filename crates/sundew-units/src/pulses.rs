//! Rates of counted pulses.
//!
//! What a rate means is a transform's matter: [`anemometer`](crate::anemometer) has those of wind.

use crate::transform::math;

/// Returns the rate of pulses in millihertz (0.001/s), to the nearest; `None` where the window is
/// empty or the rate does not fit.
///
/// The window is the time in which the pulses came, in milliseconds. Few pulses say little: one
/// more or less in 10 s is 100 mHz.
///
/// ```
/// use sundew_units::pulses::millihertz;
///
/// assert_eq!(millihertz(25, 10_000), Some(2_500));
/// assert_eq!(millihertz(25, 0), None);
/// ```
pub const fn millihertz(pulses: u32, window_ms: u32) -> Option<i32> {
    limited(math::share(pulses, 1_000_000, window_ms))
}

/// Returns the rate of turns in millihertz of what gives several pulses in each; `None` also where it
/// gives none.
///
/// To the nearest, in a window of less than 2^24 ms (4.6 h), to 1 in a longer one.
///
/// ```
/// use sundew_units::pulses::millihertz_of_turns;
///
/// assert_eq!(millihertz_of_turns(25, 2, 10_000), Some(1_250));
/// ```
pub const fn millihertz_of_turns(pulses: u32, pulses_per_turn: u8, window_ms: u32) -> Option<i32> {
    let per_turn = pulses_per_turn as u32;
    // 255 x 2^24 ms (4.6 h) fit; beyond, the rate is rounded once more.
    if window_ms < 1 << 24 {
        return limited(math::share(pulses, 1_000_000, window_ms * per_turn));
    }
    match math::share(pulses, 1_000_000, window_ms) {
        Some(rate) => limited(math::share(rate, 1, per_turn)),
        None => None,
    }
}

const fn limited(rate: Option<u32>) -> Option<i32> {
    match rate {
        Some(rate) if rate <= i32::MAX as u32 => Some(rate as i32),
        _ => None,
    }
}
