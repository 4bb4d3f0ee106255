//! The models, one constant each.

use super::{Anemometer, Argument};
use crate::Dec;
use crate::transform::{Affine, Piecewise, Polynomial, Rational};

/// Models the cups of the `SparkFun` weather meter kit (SEN-08942, SEN-15901), which are those of Argent
/// Data Systems 80422, Fine Offset and Misol.
///
/// 2.4 km/h for one *closure* a second ("causes the switch to close once per second", Argent data
/// sheet); two magnets, so two closures a turn. Error: at most 0.51 mm/s over 0 to 100 closures a
/// second (67 m/s).
pub const SPARKFUN: Anemometer<Affine> =
    Anemometer::new(2, Argument::Pulses, Affine::ratio(2_400, 3_600));

/// Models the Davis 6410 (and 7911, 6323).
///
/// V = P x 2.25 / T in miles per hour with P pulses in T seconds, and 1,600 turns an hour at 1 mile per
/// hour (specification sheet 6410, "Wind Speed Translation Formula"); the second says that a turn is
/// one pulse. The sheet's table of corrections by the vane's angle is not applied. Error: at most
/// 0.51 mm/s over 0 to 90 pulses a second (90 m/s).
pub const DAVIS_6410: Anemometer<Affine> =
    Anemometer::new(1, Argument::Pulses, Affine::ratio(100_584, 100_000));

/// Models the R. M. Young 05103 (and 05103-45, 05106) with its own propeller.
///
/// 0.0980 m/s for one *period* a second, three periods a turn (Campbell Scientific's manual of the
/// wind monitors, table 7-2; Young: 1,800 turns a minute, 90 Hz, at 8.8 m/s). Error: at most
/// 0.51 mm/s over 0 to 1,021 Hz (100 m/s).
pub const YOUNG_05103: Anemometer<Affine> =
    Anemometer::new(3, Argument::Pulses, Affine::ratio(980, 10_000));

/// Models the R. M. Young 05305, the light propeller for air quality.
///
/// 0.1024 m/s for one *period* a second, three periods a turn (ibidem). Error: at most 0.51 mm/s over 0
/// to 489 Hz (50 m/s).
pub const YOUNG_05305: Anemometer<Affine> =
    Anemometer::new(3, Argument::Pulses, Affine::ratio(1_024, 10_000));

/// Models the NRG #40 by its standard function; each part has its own in its calibration report.
///
/// 0.765 m/s x f + 0.35 m/s with f in *periods* a second, two periods a turn (four-pole magnet). The
/// offset is no wind: at 0 Hz the speed is 0. Error: at most 0.51 mm/s over 0 to 125 Hz (96 m/s).
pub const NRG_40: Anemometer<Affine> =
    Anemometer::new(2, Argument::Pulses, Affine::ratio(765, 1_000).plus(350).zero_below(1));

/// Models the Eltako WS.
///
/// 1.761 / (1 + x) + 3.013 x in km/h with x in *turns* a second; at 0 turns the speed is 0. Two
/// pulses a turn.
///
/// Neither could be checked against a sheet of the maker: the formula is the one that all users quote
/// as Eltako's (esphome issue 50), and so are the two pulses (Tasmota issue 3418); counting both edges
/// gives four. Error against the formula: at most 1.01 mm/s over 0 to 20 turns a second (17 m/s).
pub const ELTAKO_WS: Anemometer<Rational> = Anemometer::new(
    2,
    Argument::Turns,
    // 1.761 km/h are 489.1667 mm/s, by thousandths of a turn.
    Rational::new(489_167, 1_000, Affine::ratio(3_013, 3_600).zero_below(1)),
);

/// Models the Peet Bros ULTIMETER.
///
/// With r in *turns* a second, one closure a turn, in miles per hour:
///
/// | r | speed |
/// | --- | --- |
/// | 0.010 to 3.229 | -0.1095 r^2 + 2.9318 r - 0.1412 |
/// | 3.230 to 54.362 | 0.0052 r^2 + 2.1980 r + 1.1091 |
/// | 54.363 to 66.332 | 0.1104 r^2 - 9.5685 r + 329.87 |
///
/// Peet Bros gave these to those who asked; the page is gone, and the coefficients are from one quotation
/// of it (wxforum.net, March 2021), not from the maker. For them speaks that the pieces meet within
/// 0.04 and 0.01 m/s at the breakpoints; the quotation says 181.5 at the upper end, where the formula
/// has 180.9. The first is negative below 0.0483 turns, where the speed here is 0; above 66.332 it
/// is marked. Error against the formulas: at most 0.51 mm/s.
pub const PEET_BROS_ULTIMETER: Anemometer<Piecewise<3, 3>> = Anemometer::new(
    1,
    Argument::Turns,
    Piecewise::new([
        miles_per_hour([(-1_412, -4), (29_318, -4), (-1_095, -4)], (10, 3_229)),
        miles_per_hour([(11_091, -4), (21_980, -4), (52, -4)], (3_230, 54_362)),
        miles_per_hour([(32_987, -2), (-95_685, -4), (1_104, -4)], (54_363, 66_332)),
    ])
    .zero_below(49),
);

/// Brings a quadratic from miles per hour by turns to millimetres per second by thousandths of a turn.
const fn miles_per_hour(published: [(i32, i8); 3], raws: (i32, i32)) -> Polynomial<3> {
    let [constant, linear, square] = published;
    let coefficients = [
        Dec::new(constant.0, constant.1),
        Dec::new(linear.0, linear.1),
        Dec::new(square.0, square.1),
    ];
    Polynomial::new(coefficients, raws, -3, (44_704, 100))
}
