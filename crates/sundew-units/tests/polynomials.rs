//! Polynomials and rational forms against f64.

use sundew_units::transform::{Affine, Marked, Piecewise, Polynomial, Rational, Transform};
use sundew_units::{Dec, Quality};

/// Campbell CS616, nanoseconds to hundredths of a percent of water.
const SOIL: Polynomial<3> = Polynomial::new(
    [Dec::new(-663, -4), Dec::new(-63, -4), Dec::new(7, -4)],
    (14_000, 42_000),
    -3,
    (10_000, 1),
);

#[test]
fn a_quadratic_is_within_the_stated_error() {
    let bound = 0.5 + 3.0 * f64::from(-i32::from(SOIL.guard())).exp2();
    let (mut worst, mut cases) = (0.0_f64, 0);
    for raw in 14_000..=42_000 {
        let t = f64::from(raw) / 1_000.0;
        let exact = (-0.0663 - 0.0063 * t + 0.0007 * t * t) * 10_000.0;
        worst = worst.max((f64::from(SOIL.apply(raw).mantissa) - exact).abs());
        cases += 1;
    }
    println!("cases: {cases} (worst {worst:.6}, stated {bound:.6})");
    assert!(worst <= bound && worst > 0.49, "{worst} {bound}");
}

#[test]
fn negative_arguments_and_high_degrees_are_within_the_stated_error() {
    const QUINTIC: Polynomial<6> = Polynomial::new(
        [
            Dec::new(5, 0),
            Dec::new(-12_345, -4),
            Dec::new(77, -5),
            Dec::new(-3, -6),
            Dec::new(9, -9),
            Dec::new(-21, -13),
        ],
        (-100_000, 60_000),
        -2,
        (100, 1),
    );
    let bound = 0.5 + 6.0 * f64::from(-i32::from(QUINTIC.guard())).exp2();
    let (mut worst, mut cases) = (0.0_f64, 0);
    for raw in -100_000..=60_000 {
        let x = f64::from(raw) / 100.0;
        let powers = [5.0, -1.2345, 77e-5, -3e-6, 9e-9, -21e-13];
        let exact = powers.iter().rev().fold(0.0, |sum, power| sum * x + power) * 100.0;
        worst = worst.max((f64::from(QUINTIC.apply(raw).mantissa) - exact).abs());
        cases += 1;
    }
    println!("cases: {cases} (worst {worst:.6}, stated {bound:.6})");
    assert!(worst <= bound, "{worst} {bound}");
}

#[test]
fn outside_its_range_a_polynomial_is_marked_by_the_side() {
    let (low, high) = (SOIL.apply(14_000), SOIL.apply(42_000));
    assert_eq!((low.quality, high.quality), (Quality::Good, Quality::Good));
    assert_eq!(SOIL.apply(13_999), Marked::new(low.mantissa, Quality::UnderRange));
    assert_eq!(SOIL.apply(i32::MIN), Marked::new(low.mantissa, Quality::UnderRange));
    assert_eq!(SOIL.apply(42_001), Marked::new(high.mantissa, Quality::OverRange));
    assert_eq!(SOIL.apply(i32::MAX), Marked::new(high.mantissa, Quality::OverRange));
}

#[test]
fn the_whole_i32_but_its_minimum_is_a_raw_range() {
    const HALF: Polynomial<2> =
        Polynomial::new([Dec::new(0, 0), Dec::new(1, 0)], (-i32::MAX, i32::MAX), 0, (1, 4));
    for raw in [-i32::MAX, -5, -4, 0, 3, 4, 5, i32::MAX] {
        let exact = f64::from(raw) / 4.0;
        assert!((f64::from(HALF.apply(raw).mantissa) - exact).abs() <= 2.5, "{raw}");
    }
}

#[test]
fn pieces_meet_in_their_gaps() {
    const STEPS: Piecewise<2, 2> = Piecewise::new([
        Polynomial::new([Dec::new(0, 0), Dec::new(1, 0)], (0, 100), 0, (1, 1)),
        Polynomial::new([Dec::new(100, 0), Dec::new(1, 0)], (200, 300), 0, (1, 1)),
    ])
    .zero_below(10);
    assert_eq!(STEPS.apply(9), Marked::good(0));
    assert_eq!(STEPS.apply(-1), Marked::good(0));
    assert_eq!(STEPS.apply(10), Marked::good(10));
    assert_eq!(STEPS.apply(100), Marked::good(100));
    assert_eq!(STEPS.apply(150), Marked::good(300));
    assert_eq!(STEPS.apply(250), Marked::good(350));
    assert_eq!(STEPS.apply(301), Marked::new(400, Quality::OverRange));
}

#[test]
fn a_rational_form_survives_its_pole_and_its_ends() {
    const FORM: Rational = Rational::new(1_000, 10, Affine::ratio(1, 1));
    assert_eq!(FORM.apply(0), Marked::good(100));
    assert_eq!(FORM.apply(-9), Marked::good(991));
    assert_eq!(FORM.apply(-10), Marked::new(-10, Quality::Fault));
    assert_eq!(FORM.apply(i32::MAX), Marked::good(i32::MAX));
    assert_eq!(FORM.apply(i32::MIN), Marked::new(i32::MIN, Quality::Fault));
}

#[test]
fn what_cannot_be_a_polynomial_is_refused() {
    let line = |raws, scale| {
        std::panic::catch_unwind(move || {
            Polynomial::new([Dec::new(0, 0), Dec::new(1, 0)], raws, 0, scale)
        })
    };
    assert!(line((0, 10), (1, 1)).is_ok());
    assert!(line((10, 10), (1, 1)).is_err());
    assert!(line((0, 10), (1, 0)).is_err());
    assert!(line((0, i32::MAX), (4, 1)).is_err());
    assert!(line((i32::MIN, 0), (1, 8)).is_err());
}
