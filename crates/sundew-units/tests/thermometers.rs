//! Thermistors, platinum and thermocouples against their definitions in f64.

use sundew_units::transform::{
    Affine, Bounded, Compensated, Divider, Ntc, Table, Then, Thermocouple, Transform, platinum,
};
use sundew_units::{Dec, Quality};

const PROBE: Ntc = Ntc::beta(10_000, 2_500, 3_950);

/// Returns the largest error of a table in kelvins, over the given temperatures.
fn worst(
    table: &impl Transform,
    raws: impl Iterator<Item = i32>,
    exact: impl Fn(f64) -> f64,
    (low, high): (f64, f64),
) -> f64 {
    let (mut worst, mut cases) = (0.0_f64, 0);
    for raw in raws {
        let celsius = exact(f64::from(raw));
        if (low..=high).contains(&celsius) {
            let value = table.apply(raw);
            assert_eq!(value.quality, Quality::Good, "{raw}");
            worst = worst.max((f64::from(value.mantissa) / 100.0 - celsius).abs());
            cases += 1;
        }
    }
    println!("cases: {cases} (worst {worst:.4} K in {low} to {high} Cel)");
    assert!(cases > 50);
    worst
}

/// Requires a largest error to be the stated one, to the digits in which it is stated.
fn stated(worst: f64, bound: f64) {
    assert!(worst <= bound && worst > 0.9 * bound - 0.006, "{worst} K, stated {bound} K");
}

/// Beta 3950, 10 kohm, against 10 kohm, for a share of full scale.
fn beta(share: f64) -> f64 {
    1.0 / (1.0 / 298.15 + (share / (1.0 - share)).ln() / 3950.0) - 273.15
}

#[test]
fn thermistors_are_within_the_stated_errors() {
    const A: Table<i16, 17, 12> = PROBE.table(Divider::PullUp(10_000));
    const B: Table<i16, 33, 11> = PROBE.table(Divider::PullUp(10_000));
    const C: Table<i16, 65, 10> = PROBE.table(Divider::PullUp(10_000));
    const D: Table<i16, 129, 9> = PROBE.table(Divider::PullUp(10_000));
    let narrow =
        |table: &dyn Transform| worst(&table, 1..65_536, |x| beta(x / 65_536.0), (-20.0, 60.0));
    let wide =
        |table: &dyn Transform| worst(&table, 1..65_536, |x| beta(x / 65_536.0), (-40.0, 85.0));
    stated(narrow(&A), 0.26);
    stated(narrow(&B), 0.11);
    stated(narrow(&C), 0.035);
    stated(narrow(&D), 0.013);
    stated(wide(&A), 6.9);
    stated(wide(&B), 2.6);
    stated(wide(&C), 0.23);
    stated(wide(&D), 0.061);
}

#[test]
fn a_step_of_ten_bits_is_as_stated() {
    let step =
        |code: i32| (beta(f64::from(code + 1) / 1_024.0) - beta(f64::from(code) / 1_024.0)).abs();
    for (range, steps) in [(-20.0..60.0, 0.085..0.205), (-40.0..-39.0, 0.54..0.575)] {
        let codes = (1..1_022).filter(|code| range.contains(&beta(f64::from(*code) / 1_024.0)));
        assert!(codes.map(step).all(|step| steps.contains(&step)), "{range:?}");
    }
}

#[test]
fn a_pull_down_is_a_pull_up_mirrored() {
    const UP: Table<i16, 65, 4> = PROBE.table(Divider::PullUp(10_000));
    const DOWN: Table<i16, 65, 4> = PROBE.table(Divider::PullDown(10_000));
    for raw in 0..=1_024 {
        assert!((UP.apply(raw).mantissa - DOWN.apply(1_024 - raw).mantissa).abs() <= 1, "{raw}");
    }
}

#[test]
fn a_thermistor_by_coefficients_is_within_the_stated_error() {
    // The coefficients of a common 10 kohm probe (Vishay NTCLE100E3103 and many others).
    const BY_COEFFICIENTS: Ntc =
        Ntc::steinhart_hart(Dec::new(1_129_148, -9), Dec::new(234_125, -9), Dec::new(876_741, -13));
    const FULL: Table<i16, 65, 10> = BY_COEFFICIENTS.table(Divider::PullUp(10_000));
    let steinhart = |raw: f64| {
        let share = raw / 65_536.0;
        let l = (10_000.0 * share / (1.0 - share)).ln();
        1.0 / (1.129_148e-3 + 2.341_25e-4 * l + 8.767_41e-8 * l * l * l) - 273.15
    };
    stated(worst(&FULL, 1..65_536, steinhart, (-20.0, 60.0)), 0.035);
}

#[test]
fn a_thermistor_by_three_points_is_within_the_stated_error() {
    // Points of the Beta curve: whole ohms, so a little off.
    const BY_POINTS: Ntc = Ntc::through([(0, 33_621), (2_500, 10_000), (6_000, 2_486)]);
    const POINTS: Table<i16, 65, 10> = BY_POINTS.table(Divider::PullUp(10_000));
    stated(worst(&POINTS, 1..65_536, |x| beta(x / 65_536.0), (-20.0, 60.0)), 0.035);
}

/// Returns the resistance of platinum as a share of that at 0 Cel (IEC 60751).
fn callendar_van_dusen(t: f64) -> f64 {
    let cold = if t < 0.0 { -4.183e-12 * (t - 100.0) * t.powi(3) } else { 0.0 };
    1.0 + 3.9083e-3 * t - 5.775e-7 * t * t + cold
}

/// Returns the argument at which a rising function has a value.
fn inverse(function: impl Fn(f64) -> f64, value: f64, (mut low, mut high): (f64, f64)) -> f64 {
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if function(middle) < value { low = middle } else { high = middle }
    }
    low
}

#[test]
fn platinum_is_within_the_stated_errors() {
    const A: Table<i32, 17, 14> = platinum();
    const B: Table<i32, 33, 13> = platinum();
    const C: Table<i32, 65, 12> = platinum();
    let exact = |raw: f64| inverse(callendar_van_dusen, raw / 65_536.0, (-245.0, 1_200.0));
    let check = |table: &dyn Transform, range| worst(&table, (0..262_144).step_by(7), exact, range);
    for (bound, table, range) in [
        (0.091, &A as &dyn Transform, (-50.0, 150.0)),
        (0.029, &B, (-50.0, 150.0)),
        (0.015, &C, (-50.0, 150.0)),
        (0.192, &A, (-200.0, 850.0)),
        (0.049, &B, (-200.0, 850.0)),
        (0.019, &C, (-200.0, 850.0)),
    ] {
        stated(check(table, range), bound);
    }
}

#[test]
fn platinum_has_the_resistances_of_the_standard() {
    // IEC 60751, the table of a Pt100 in ohms, to a hundredth.
    for (celsius, ohms) in [
        (-200, 18.52),
        (-100, 60.26),
        (0, 100.0),
        (100, 138.51),
        (200, 175.86),
        (500, 280.98),
        (850, 390.48),
    ] {
        assert!(
            (callendar_van_dusen(f64::from(celsius)) * 100.0 - ohms).abs() < 0.006,
            "{celsius}"
        );
    }
}

#[test]
fn platinum_beyond_its_range_is_marked() {
    const PT100: Bounded<Then<Affine, Table<i32, 65, 9>>> =
        Bounded::new(Then::new(Affine::ratio(430, 400), platinum())).values(-20_000, 85_000);
    assert_eq!(PT100.apply(0).quality, Quality::UnderRange);
    assert_eq!(PT100.apply(30_000).quality, Quality::OverRange);
    assert_eq!(PT100.apply(32_767).quality, Quality::OverRange);
}

/// Returns millivolts by NIST Monograph 175.
fn millivolts(kind: char, t: f64) -> f64 {
    let sum = |coefficients: &[f64]| coefficients.iter().rev().fold(0.0, |sum, c| sum * t + c);
    match kind {
        'K' if t < 0.0 => sum(&[
            0.0,
            0.394_501_280_250e-01,
            0.236_223_735_980e-04,
            -0.328_589_067_840e-06,
            -0.499_048_287_770e-08,
            -0.675_090_591_730e-10,
            -0.574_103_274_280e-12,
            -0.310_888_728_940e-14,
            -0.104_516_093_650e-16,
            -0.198_892_668_780e-19,
            -0.163_226_974_860e-22,
        ]),
        'K' => {
            sum(&[
                -0.176_004_136_860e-01,
                0.389_212_049_750e-01,
                0.185_587_700_320e-04,
                -0.994_575_928_740e-07,
                0.318_409_457_190e-09,
                -0.560_728_448_890e-12,
                0.560_750_590_590e-15,
                -0.320_207_200_030e-18,
                0.971_511_471_520e-22,
                -0.121_047_212_750e-25,
            ]) + 0.118_597_6 * (-0.118_343_2e-3 * (t - 126.9686).powi(2)).exp()
        }
        'J' if t < 760.0 => sum(&[
            0.0,
            0.503_811_878_150e-01,
            0.304_758_369_300e-04,
            -0.856_810_657_200e-07,
            0.132_281_952_950e-09,
            -0.170_529_583_370e-12,
            0.209_480_906_970e-15,
            -0.125_383_953_360e-18,
            0.156_317_256_970e-22,
        ]),
        'J' => sum(&[
            0.296_456_256_810e+03,
            -0.149_761_277_860e+01,
            0.317_871_039_240e-02,
            -0.318_476_867_010e-05,
            0.157_208_190_040e-08,
            -0.306_913_690_560e-12,
        ]),
        _ if t < 0.0 => sum(&[
            0.0,
            0.387_481_063_640e-01,
            0.441_944_343_470e-04,
            0.118_443_231_050e-06,
            0.200_329_735_540e-07,
            0.901_380_195_590e-09,
            0.226_511_565_930e-10,
            0.360_711_542_050e-12,
            0.384_939_398_830e-14,
            0.282_135_219_250e-16,
            0.142_515_947_790e-18,
            0.487_686_622_860e-21,
            0.107_955_392_700e-23,
            0.139_450_270_620e-26,
            0.797_951_539_270e-30,
        ]),
        _ => sum(&[
            0.0,
            0.387_481_063_640e-01,
            0.332_922_278_800e-04,
            0.206_182_434_040e-06,
            -0.218_822_568_460e-08,
            0.109_968_809_280e-10,
            -0.308_157_587_720e-13,
            0.454_791_352_900e-16,
            -0.275_129_016_730e-19,
        ]),
    }
}

#[test]
fn the_references_are_the_tables_of_nist() {
    // SRD 60, tables of each type, in millivolts to a thousandth.
    for (kind, celsius, expected) in [
        ('K', -200, -5.891),
        ('K', -100, -3.554),
        ('K', 25, 1.000),
        ('K', 100, 4.096),
        ('K', 1_000, 41.276),
        ('K', 1_372, 54.886),
        ('J', -210, -8.095),
        ('J', 25, 1.277),
        ('J', 760, 42.919),
        ('J', 1_200, 69.553),
        ('T', -200, -5.603),
        ('T', -100, -3.379),
        ('T', 25, 0.992),
        ('T', 400, 20.872),
    ] {
        let given = millivolts(kind, f64::from(celsius));
        assert!((given - expected).abs() < 0.000_6, "{kind} {celsius}: {given}");
    }
}

/// Returns the temperature of microvolts.
fn celsius(kind: char, microvolts: f64) -> f64 {
    inverse(|t| millivolts(kind, t) * 1_000.0, microvolts, (-250.0, 1_372.0))
}

/// A type, its table, the temperatures and the stated error.
type Swept<'t> = (char, &'t dyn Transform, (f64, f64), f64);

#[test]
fn thermocouples_are_within_the_stated_errors() {
    const K9: Table<i32, 119, 9> = Thermocouple::K.temperatures(-5_120);
    const K10: Table<i32, 60, 10> = Thermocouple::K.temperatures(-5_120);
    const K11: Table<i32, 32, 11> = Thermocouple::K.temperatures(-6_144);
    const J9: Table<i32, 86, 9> = Thermocouple::J.temperatures(-512);
    const J10: Table<i32, 44, 10> = Thermocouple::J.temperatures(-1_024);
    const J11: Table<i32, 23, 11> = Thermocouple::J.temperatures(-2_048);
    const T9: Table<i32, 43, 9> = Thermocouple::T.temperatures(-512);
    const T10: Table<i32, 23, 10> = Thermocouple::T.temperatures(-1_024);
    const T11: Table<i32, 12, 11> = Thermocouple::T.temperatures(0);
    let (k, cold, j, t) = ((0.0, 1_370.0), (-150.0, 0.0), (0.0, 760.0), (0.0, 400.0));
    let tables: [(&str, [Swept<'_>; 4]); 3] = [
        (
            "9 (0.5 mV apart)",
            [
                ('K', &K9, k, 0.019),
                ('K', &K9, cold, 0.22),
                ('J', &J9, j, 0.013),
                ('T', &T9, t, 0.027),
            ],
        ),
        (
            "10 (1 mV apart)",
            [
                ('K', &K10, k, 0.057),
                ('K', &K10, cold, 0.77),
                ('J', &J10, j, 0.032),
                ('T', &T10, t, 0.11),
            ],
        ),
        (
            "11 (2 mV apart)",
            [
                ('K', &K11, k, 0.24),
                ('K', &K11, cold, 6.2),
                ('J', &J11, j, 0.14),
                ('T', &T11, t, 0.37),
            ],
        ),
    ];
    for (shift, row) in tables {
        let mut shown = format!("/// | `SHIFT` {shift} |");
        for (kind, table, range, bound) in row {
            let raws = (-6_000..55_000).step_by(5);
            stated(worst(&table, raws, |raw| celsius(kind, raw), range), bound);
            shown.extend([" ", &bound.to_string(), " K |"]);
        }
        assert!(include_str!("../src/transform/thermocouple.rs").contains(&shown), "{shown}");
    }
}

#[test]
fn cold_junctions_are_compensated_by_voltage() {
    const HOT: Table<i32, 64, 10> = Thermocouple::K.temperatures(-6_144);
    const COLD: Table<i16, 17, 10> = Thermocouple::K.voltages(-4_096);
    const BOTH: Compensated<Table<i32, 64, 10>, Table<i16, 17, 10>> = Compensated::new(HOT, COLD);
    let (mut worst, mut cases) = (0.0_f64, 0);
    for cold in (-4_000..12_200).step_by(37) {
        let lacking = millivolts('K', f64::from(cold) / 100.0) * 1_000.0;
        for measured in (-4_000..48_000).step_by(1_013) {
            let exact = celsius('K', f64::from(measured) + lacking);
            if (-150.0..1_370.0).contains(&exact) {
                let value = BOTH.apply(measured, cold);
                assert_eq!(value.quality, Quality::Good);
                worst = worst.max((f64::from(value.mantissa) / 100.0 - exact).abs());
                cases += 1;
            }
        }
    }
    println!("cases: {cases} (worst {worst:.4} K)");
    // The hot table's 0.77 at the cold end, and a rounded microvolt.
    assert!(worst <= 0.8, "{worst}");
    // What it is for: at 1,000 Cel, clamps at 50 Cel that are added as a temperature miss by 1.5 K.
    let measured = (millivolts('K', 1_000.0) - millivolts('K', 50.0)) * 1_000.0;
    let apart = celsius('K', measured) + 50.0 - 1_000.0;
    assert!((apart.abs() - 1.5).abs() < 0.05, "{apart} K");
    assert_eq!(BOTH.apply(0, -4_097).quality, Quality::Fault);
    assert_eq!(BOTH.apply(i32::MAX, 2_500).quality, Quality::OverRange);
    assert_eq!(BOTH.apply(i32::MIN, 2_500).quality, Quality::UnderRange);
}
