//! Each anemometer against its published function in f64, over its whole range.

use sundew_units::Quality;
use sundew_units::anemometer::{
    Anemometer, Argument, DAVIS_6410, ELTAKO_WS, NRG_40, PEET_BROS_ULTIMETER, SPARKFUN,
    YOUNG_05103, YOUNG_05305,
};
use sundew_units::pulses::{millihertz, millihertz_of_turns};
use sundew_units::transform::Transform;

/// Sweeps millihertz of what the formula counts, and returns the largest error in mm/s.
fn sweep<T: Transform>(
    model: &Anemometer<T>,
    to: i32,
    (pulses_per_turn, argument): (u8, Argument),
    metres_per_second: impl Fn(f64) -> f64,
) -> f64 {
    assert_eq!((model.pulses_per_turn(), model.argument()), (pulses_per_turn, argument));
    let factor = if argument == Argument::Turns { i32::from(pulses_per_turn) } else { 1 };
    let (mut worst, mut cases) = (0.0_f64, 0);
    for rate in 0..=to {
        let exact = metres_per_second(f64::from(rate) / 1_000.0) * 1_000.0;
        // A million seconds, so that every millihertz is a whole number of pulses.
        let pulses = (rate * factor).unsigned_abs();
        for value in [model.apply(rate * factor), model.speed(pulses, 1_000_000)] {
            assert_eq!(value.quality, Quality::Good, "{rate}");
            worst = worst.max((f64::from(value.mantissa) - exact).abs());
            cases += 1;
        }
    }
    println!("cases: {cases} (worst {worst:.4} mm/s)");
    worst
}

const PULSES: Argument = Argument::Pulses;
const TURNS: Argument = Argument::Turns;
const MILE_PER_HOUR: f64 = 0.44704;

#[test]
fn straight_models_are_within_the_stated_errors() {
    let worst = [
        sweep(&SPARKFUN, 100_000, (2, PULSES), |f| 2.4 / 3.6 * f),
        sweep(&DAVIS_6410, 90_000, (1, PULSES), |f| 2.25 * MILE_PER_HOUR * f),
        sweep(&YOUNG_05103, 1_021_000, (3, PULSES), |f| 0.0980 * f),
        sweep(&YOUNG_05305, 489_000, (3, PULSES), |f| 0.1024 * f),
        sweep(&NRG_40, 125_000, (2, PULSES), |f| if f > 0.0 { 0.765 * f + 0.35 } else { 0.0 }),
    ];
    assert!(worst.iter().all(|worst| *worst <= 0.51 && *worst > 0.3), "{worst:?}");
}

#[test]
fn the_eltako_is_within_the_stated_error() {
    let formula = |x: f64| (1.761 / (1.0 + x) + 3.013 * x) / 3.6;
    let worst = sweep(&ELTAKO_WS, 20_000, (2, TURNS), |x| if x > 0.0 { formula(x) } else { 0.0 });
    assert!(worst <= 1.01 && worst > 0.5, "{worst}");
}

#[test]
fn the_ultimeter_is_within_the_stated_error() {
    let formula = |r: f64| match r {
        ..0.0485 => 0.0,
        ..3.2295 => -0.1095 * r * r + 2.9318 * r - 0.1412,
        ..54.3625 => 0.0052 * r * r + 2.1980 * r + 1.1091,
        _ => 0.1104 * r * r - 9.5685 * r + 329.87,
    };
    let worst =
        sweep(&PEET_BROS_ULTIMETER, 66_332, (1, TURNS), |r| formula(r).max(0.0) * MILE_PER_HOUR);
    assert!(worst <= 0.51 && worst > 0.4, "{worst}");
    assert_eq!(PEET_BROS_ULTIMETER.apply(66_333).quality, Quality::OverRange);
    assert_eq!(PEET_BROS_ULTIMETER.apply(66_332).mantissa, 80_881);
    for border in [3_229, 54_362] {
        let step = PEET_BROS_ULTIMETER.apply(border + 1).mantissa
            - PEET_BROS_ULTIMETER.apply(border).mantissa;
        assert!(step.abs() <= 40, "{border}: {step}");
    }
}

#[test]
fn published_pairs_hold() {
    // Young: 1,800 turns a minute are 90 Hz and 8.8 m/s.
    assert_eq!(YOUNG_05103.speed(90, 1_000).mantissa, 8_820);
    // Davis: 10 pulses in 2.25 s are 10 miles per hour; 1,600 turns in an hour are 1.
    assert_eq!(DAVIS_6410.speed(10, 2_250).mantissa, 4_470);
    assert_eq!(DAVIS_6410.speed(1_600, 3_600_000).mantissa, 447);
    // Argent: 1 closure a second is 2.4 km/h or 1.492 miles per hour.
    assert_eq!(SPARKFUN.speed(1, 1_000).mantissa, 667);
    // Tasmota issue 3418: 140 pulses in 60 s are 4.32 km/h.
    let eltako = f64::from(ELTAKO_WS.speed(140, 60_000).mantissa) * 0.0036;
    assert!((eltako - 4.328).abs() < 0.01, "{eltako}");
}

#[test]
fn windows_of_any_length_give_the_nearest_rate() {
    let mut cases = 0;
    for window in [1, 7, 999, 1_000, 2_250, 60_000, 3_600_000, (1 << 24) - 1, 1 << 24, u32::MAX] {
        for pulses in [0, 1, 2, 3, 1_000, 65_535, 1_000_000, u32::MAX] {
            let exact = f64::from(pulses) * 1e6 / f64::from(window);
            for per_turn in [1, 2, 3, 255] {
                let exact = exact / f64::from(per_turn);
                let given = millihertz_of_turns(pulses, per_turn, window);
                let slack = if window < 1 << 24 { 0.500_001 } else { 1.0 };
                match given {
                    Some(rate) => assert!((f64::from(rate) - exact).abs() <= slack),
                    None => assert!(exact > 2_147_483_000.0, "{pulses} in {window}"),
                }
                cases += 1;
            }
            match millihertz(pulses, window) {
                Some(rate) => assert!((f64::from(rate) - exact).abs() <= 0.500_001),
                None => assert!(exact > 2_147_483_000.0),
            }
        }
    }
    println!("cases: {cases}");
    assert_eq!(millihertz(5, 0), None);
    assert_eq!(millihertz_of_turns(5, 0, 1_000), None);
}

#[test]
fn windows_without_length_and_rates_without_end_are_marked() {
    assert_eq!(SPARKFUN.speed(3, 0).quality, Quality::Fault);
    assert_eq!(SPARKFUN.speed(u32::MAX, 1).quality, Quality::OverRange);
    assert_eq!(PEET_BROS_ULTIMETER.speed(u32::MAX, 1).quality, Quality::OverRange);
    assert_eq!(DAVIS_6410.apply(i32::MAX).quality, Quality::OverRange);
    assert_eq!(NRG_40.apply(-5).mantissa, 0);
    assert_eq!(ELTAKO_WS.apply(-5).mantissa, 0);
}
