//! Counted pulses: their rate, and what a pulse of a rain gauge or a meter stands for.
//!
//! The conversions are for counts (a total, or what a window holds) and, with the same numbers a
//! thousandth smaller, for rates in millihertz.

use crate::transform::{Affine, math};

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

/// Converts tips of a bucket to rain, as a height in metres with 7 places (0.0001 mm).
///
/// The argument is what a tip stands for, in the same unit: 2,794 for 0.2794 mm (`SparkFun`, Argent,
/// Misol), 2,540 for 0.01 inch (Davis 7852), 2,000 for 0.2 mm (Davis 7852M). An inch gauge read as a
/// millimetre gauge is off by a fifth, so the number is not left to a default.
///
/// The error is 0; 768,614 tips of 0.2794 mm (215 m of rain) fit an i32.
///
/// ```
/// use sundew_units::transform::{Affine, Transform};
///
/// const RAIN: Affine = sundew_units::pulses::rain(2_794);
/// assert_eq!(RAIN.apply(10).mantissa, 27_940); // 2.7940 mm
/// ```
pub const fn rain(tenths_of_micrometre_per_tip: u16) -> Affine {
    Affine::ratio(tenths_of_micrometre_per_tip as i32, 1)
}

/// Converts pulses to a volume in millilitres (m3 with 6 places), and millihertz to a flow in
/// microlitres per second (m3/s with 9 places).
///
/// The argument is the meter's number of pulses per litre: 450 (FS200A, YF-S201), 390 (FS400A),
/// 3,900 (FS100A) by their sellers' pages, which agree within 10 % at best; a bucket and a watch
/// give better. Error: at most 0.5 of the last place, and 1 part in 2^32 of the pulses.
///
/// # Panics
///
/// Panics where the number is 0. In a `const` that is a compile error, which is the intended use.
///
/// ```
/// use sundew_units::transform::{Affine, Transform};
///
/// const WATER: Affine = sundew_units::pulses::flow(450);
/// assert_eq!(WATER.apply(900).mantissa, 2_000); // 900 pulses are 2,000 ml
/// assert_eq!(WATER.apply(45_000).mantissa, 100_000); // 45 Hz are 100 ml/s
/// ```
pub const fn flow(pulses_per_litre: u32) -> Affine {
    Affine::ratio(1_000, pulses_per_litre)
}

/// Converts pulses of a meter's S0 output (IEC 62053-31) to an energy in joules, and millihertz to a
/// power in milliwatts.
///
/// The argument is the number of pulses per kilowatt-hour on the meter's plate: 800, 1,000, 2,000,
/// 10,000. A joule count in an i32 ends at 596 kWh. Error: at most 0.5 of the last place, and 1 part
/// in 2^32 of the pulses.
///
/// # Panics
///
/// Panics where the number is 0. In a `const` that is a compile error, which is the intended use.
///
/// ```
/// use sundew_units::transform::{Affine, Transform};
///
/// const METER: Affine = sundew_units::pulses::energy(1_000);
/// assert_eq!(METER.apply(1_000).mantissa, 3_600_000); // 1 kWh
/// assert_eq!(METER.apply(500).mantissa, 1_800_000); // a pulse in 2 s is 1,800 W
/// ```
pub const fn energy(pulses_per_kilowatt_hour: u32) -> Affine {
    Affine::ratio(3_600_000, pulses_per_kilowatt_hour)
}
