//! Each form of transform against its definition.

use sundew_units::Quality;
use sundew_units::transform::{
    Affine, Bounded, Breakpoints, Marked, Namur, Table, Then, Transform,
};

#[test]
fn a_table_of_small_entries_is_the_line_between_them() {
    const EXTREMES: Table<i16, 3, 15> = Table::new(-32_768, [i16::MIN, i16::MAX, i16::MIN]);
    let mut cases = 0;
    for raw in -32_768..=32_768_i32 {
        let share = 1.0 - f64::from(raw.abs()) / 32_768.0;
        let exact = 65_535.0 * share - 32_768.0;
        let value = EXTREMES.apply(raw);
        assert_eq!(value.quality, Quality::Good);
        assert!((f64::from(value.mantissa) - exact).abs() <= 0.500_001, "{raw}");
        cases += 1;
    }
    println!("cases: {cases}");
}

#[test]
fn a_table_of_large_entries_does_not_overflow() {
    const EXTREMES: Table<i32, 2, 15> = Table::new(i32::MAX - 32_768, [i32::MIN, i32::MAX]);
    let mut cases = 0;
    for step in 0..=32_768_i32 {
        let exact = f64::from(u32::MAX) / 32_768.0 * f64::from(step) - 2_147_483_648.0;
        let value = EXTREMES.apply(i32::MAX - 32_768 + step);
        assert_eq!(value.quality, Quality::Good);
        assert!((f64::from(value.mantissa) - exact).abs() <= 0.500_001, "{step}");
        cases += 1;
    }
    println!("cases: {cases}");
}

#[test]
fn outside_a_table_the_end_is_marked_by_its_side() {
    const RISING: Table<i16, 2, 0> = Table::new(5, [10, 20]);
    const FALLING: Table<i32, 2, 3> = Table::new(0, [20, 10]);
    assert_eq!(RISING.apply(4), Marked::new(10, Quality::UnderRange));
    assert_eq!(RISING.apply(5), Marked::good(10));
    assert_eq!(RISING.apply(6), Marked::good(20));
    assert_eq!(RISING.apply(7), Marked::new(20, Quality::OverRange));
    assert_eq!(FALLING.apply(-1), Marked::new(20, Quality::OverRange));
    assert_eq!(FALLING.apply(9), Marked::new(10, Quality::UnderRange));
    assert_eq!(FALLING.apply(i32::MIN).mantissa, 20);
    assert_eq!(FALLING.apply(i32::MAX).mantissa, 10);
}

#[test]
fn breakpoints_are_the_lines_between_them() {
    const POINTS: [(i32, i32); 4] =
        [(i32::MIN, i32::MAX), (-7, 0), (1_000, i32::MIN), (i32::MAX, 5)];
    const CURVE: Breakpoints<i32, 4> = Breakpoints::new(POINTS);
    let mut cases = 0;
    for raw in (i32::MIN..=i32::MAX).step_by(99_991).chain([-8, -7, -6, 999, 1_000, i32::MAX]) {
        let value = CURVE.apply(raw);
        let after = POINTS.iter().position(|point| raw < point.0).unwrap_or(3);
        let ((x0, y0), (x1, y1)) = (POINTS[after - 1], POINTS[after]);
        let [x0, y0, x1, y1, x] = [x0, y0, x1, y1, raw].map(f64::from);
        let exact = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
        assert!((f64::from(value.mantissa) - exact).abs() <= 0.500_01, "{raw}: {value:?} {exact}");
        assert_eq!(value.quality, Quality::Good);
        cases += 1;
    }
    println!("cases: {cases}");
}

#[test]
fn outside_breakpoints_the_end_is_marked_by_its_side() {
    const NARROW: Breakpoints<i16, 2> = Breakpoints::small([(-5, 100), (5, -100)]);
    assert_eq!(NARROW.apply(-6), Marked::new(100, Quality::OverRange));
    assert_eq!(NARROW.apply(6), Marked::new(-100, Quality::UnderRange));
    assert_eq!(NARROW.apply(5), Marked::good(-100));
}

#[test]
fn what_is_no_line_is_refused() {
    for wrong in [
        || _ = Affine::ratio(1, 0),
        || _ = Affine::through((3, 4), (3, 9)),
        || _ = Breakpoints::<i16, 2>::small([(5, 1), (5, 2)]),
        || _ = Breakpoints::<i32, 3>::new([(5, 1), (6, 2), (0, 3)]),
    ] {
        assert!(std::panic::catch_unwind(wrong).is_err());
    }
}

#[test]
fn every_microampere_is_in_its_band() {
    const LEVEL: Namur = Namur::new(-1_000, 4_000);
    let mut cases = 0;
    for raw in -1_000..=30_000 {
        let expected = match raw {
            3_800..=20_500 => Quality::Good,
            3_600..=3_799 => Quality::UnderRange,
            20_501..=21_000 => Quality::OverRange,
            _ => Quality::Fault,
        };
        let exact = f64::from(raw - 4_000) / 16_000.0 * 5_000.0 - 1_000.0;
        let value = LEVEL.apply(raw);
        assert_eq!(value.quality, expected, "{raw}");
        assert!((f64::from(value.mantissa) - exact).abs() <= 0.500_001, "{raw}");
        cases += 1;
    }
    println!("cases: {cases}");
    assert_eq!(LEVEL.apply(i32::MIN).quality, Quality::Fault);
    assert_eq!(LEVEL.apply(i32::MAX).quality, Quality::Fault);
}

#[test]
fn bounds_mark_both_sides_and_keep_what_was_marked() {
    const INNER: Namur = Namur::new(0, 1_600);
    const BOUNDED: Bounded<Namur> = Bounded::new(INNER).raws(0, 24_000).values(100, 1_500);
    assert_eq!(BOUNDED.apply(-1).quality, Quality::Fault);
    assert_eq!(BOUNDED.apply(24_001).quality, Quality::Fault);
    assert_eq!(BOUNDED.apply(3_700).quality, Quality::UnderRange);
    assert_eq!(BOUNDED.apply(4_990), Marked::new(99, Quality::UnderRange));
    assert_eq!(BOUNDED.apply(5_000), Marked::good(100));
    assert_eq!(BOUNDED.apply(19_000), Marked::good(1_500));
    assert_eq!(BOUNDED.apply(19_010), Marked::new(1_501, Quality::OverRange));
}

#[test]
fn the_first_mark_stays() {
    const CHAIN: Then<Namur, Affine> = Then::new(Namur::new(0, 100), Affine::ratio(i32::MAX, 1));
    assert_eq!(CHAIN.apply(4_000), Marked::good(0));
    assert_eq!(CHAIN.apply(20_000), Marked::new(i32::MAX, Quality::OverRange));
    assert_eq!(CHAIN.apply(22_000), Marked::new(i32::MAX, Quality::Fault));
}

#[test]
fn points_that_do_not_ascend_are_none() {
    for second in [i16::MIN, 5] {
        assert_eq!(Breakpoints::try_small([(5, 0), (second, 1)]), None);
        assert_eq!(Breakpoints::try_new([(0, 0), (5, 0), (second.into(), 1)]), None);
    }
    let points = [(i32::MIN, i32::MAX), (i32::MAX, i32::MIN)];
    assert_eq!(Breakpoints::try_new(points), Some(Breakpoints::new(points)));
}
