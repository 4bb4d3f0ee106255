//! Circular means against their definition in f64.

use sundew_units::Quality;
use sundew_units::transform::{CircularMean, MeanDirection};

#[expect(clippy::expect_used, reason = "a helper of tests")]
/// Returns the mean and the reference: degrees and share.
fn both(directions: &[i32]) -> (MeanDirection, f64, f64) {
    let mut mean = CircularMean::new();
    let (mut north, mut east) = (0.0, 0.0);
    for direction in directions {
        assert!(mean.add(*direction));
        let angle = (f64::from(*direction) / 100.0).to_radians();
        (north, east) = (north + angle.cos(), east + angle.sin());
    }
    let count = f64::from(mean.count());
    let exact = east.atan2(north).to_degrees().rem_euclid(360.0);
    (mean.mean().expect("not empty"), exact, north.hypot(east) / count)
}

/// Returns the difference of two directions in degrees, by the shorter way.
fn apart(a: f64, b: f64) -> f64 {
    let difference = (a - b).rem_euclid(360.0);
    difference.min(360.0 - difference)
}

#[test]
fn one_direction_is_its_own_mean() {
    let (mut worst, mut worst_share) = (0.0_f64, 0.0_f64);
    for direction in 0..36_000 {
        let (mean, exact, share) = both(&[direction]);
        assert!((0..36_000).contains(&mean.direction.mantissa));
        worst = worst.max(apart(f64::from(mean.direction.mantissa) / 100.0, exact));
        worst_share = worst_share.max((f64::from(mean.steadiness) / 10_000.0 - share).abs());
    }
    println!("cases: 36000 (worst {worst:.4} degrees, {worst_share:.5})");
    assert!(worst <= 0.011 && worst > 0.009, "{worst}");
    assert!(worst_share <= 0.0003 && worst_share > 0.0001, "{worst_share}");
}

#[test]
fn means_of_many_are_within_the_stated_error() {
    let mut state = 1_u64;
    let (mut worst, mut worst_share, mut cases) = (0.0_f64, 0.0_f64, 0);
    for spread in [10, 1_000, 9_000, 18_000, 30_000] {
        for count in [2, 3, 7, 60, 600] {
            for middle in (0..36_000).step_by(997) {
                let directions: Vec<i32> = (0..count)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        middle + ((state >> 33) as i32).rem_euclid(spread) - spread / 2
                    })
                    .collect();
                let (mean, exact, share) = both(&directions);
                let error = apart(f64::from(mean.direction.mantissa) / 100.0, exact);
                worst = worst.max(error * (share / 0.5).min(1.0));
                worst_share =
                    worst_share.max((f64::from(mean.steadiness) / 10_000.0 - share).abs());
                cases += 1;
            }
        }
    }
    println!("cases: {cases} (worst {worst:.4} degrees, {worst_share:.5})");
    assert!(worst <= 0.02, "{worst}");
    assert!(worst_share <= 0.0003, "{worst_share}");
}

#[test]
fn a_full_mean_takes_no_more_and_does_not_overflow() {
    for direction in [0, 9_000, 18_000, 27_000, 4_500, 22_500, i32::MAX, i32::MIN] {
        let mut mean = CircularMean::new();
        for _ in 0..u16::MAX {
            assert!(mean.add(direction));
        }
        assert!(!mean.add(direction));
        assert_eq!(mean.count(), u16::MAX);
        assert!(mean.mean().unwrap().steadiness >= 9_997, "{direction}");
    }
}

#[test]
fn opposite_directions_cancel_out_and_say_so() {
    let (mean, _, _) = both(&[0, 9_000, 18_000, 27_000]);
    assert_eq!(mean.direction.quality, Quality::Suspect);
    assert_eq!(mean.steadiness, 0);
    assert_eq!(CircularMean::new().mean(), None);
}
