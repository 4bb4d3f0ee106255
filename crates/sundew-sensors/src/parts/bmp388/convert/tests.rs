extern crate std;

use super::*;
use std::println;

/// Holds `PAR_T1` to `PAR_T3` and `PAR_P1` to `PAR_P11` as they stand in the memory.
type Set = [i32; 14];

/// The first is that of a part in the vendor's forum (a sample calculation of April 2020), but for
/// the last three, which are ours; the others lie to either side.
const SETS: [Set; 3] = [
    [27_322, 18_880, -10, 395, -2_608, 35, 0, 25_371, 30_991, -13, -10, 16_600, 27, -60],
    [25_500, 17_500, -20, -900, -4_500, 60, 8, 24_000, 27_500, 10, 5, 12_000, -20, 20],
    [29_000, 20_000, 5, 1_500, -900, 0, -10, 27_000, 33_000, -40, -30, 20_000, 60, -100],
];

fn calibration(set: Set) -> Calibration {
    let mut bytes = [0; 21];
    let widths = [2, 2, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 1, 1];
    let mut rest = &mut bytes[..];
    for (value, width) in set.into_iter().zip(widths) {
        let (own, others) = rest.split_at_mut(width);
        own.copy_from_slice(&value.to_le_bytes()[..width]);
        rest = others;
    }
    Calibration::new(bytes).unwrap()
}

fn exact_celsius(set: Set, word: f64) -> f64 {
    let [t1, t2, t3] = [set[0], set[1], set[2]].map(f64::from);
    let steps = word - t1 * 256.0;
    steps * t2 / 2_f64.powi(30) + steps * steps * t3 / 2_f64.powi(48)
}

fn exact_pascal(set: Set, word: f64, t: f64) -> f64 {
    let [_, _, _, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11] = set.map(f64::from);
    let part = |value: f64, bits: i32| value / 2_f64.powi(bits);
    let offset = p5 * 8.0 + part(p6, 6) * t + part(p7, 8) * t * t + part(p8, 15) * t * t * t;
    let slope = part(p1 - 16_384.0, 20)
        + part(p2 - 16_384.0, 29) * t
        + part(p3, 32) * t * t
        + part(p4, 37) * t * t * t;
    let bend = part(p9, 48) + part(p10, 48) * t;
    offset + word * slope + word * word * bend + word * word * word * part(p11, 65)
}

#[derive(Debug, Default)]
struct Worst {
    centi_celsius: f64,
    centi_pascal: f64,
    cases: u64,
}

/// Sweeps every word of 24 bits in steps of `step`, that of pressure at seven temperatures.
fn sweep(step: usize) -> Worst {
    let mut worst = Worst::default();
    for set in SETS {
        let calibration = calibration(set);
        for word in (0..1 << 24).step_by(step) {
            let exact = exact_celsius(set, f64::from(word));
            worst.cases += 1;
            if (-40.0..=85.0).contains(&exact) {
                let given = f64::from(centi_celsius(calibration.fine(word)));
                worst.centi_celsius = worst.centi_celsius.max((exact * 100.0 - given).abs());
            }
        }
        for celsius in [-40.0, -20.0, 0.0, 21.0, 25.0, 60.0, 84.9] {
            // The linear term is all but the whole; the word need not be exact.
            let warm = f64::from(set[0]) * 256.0 + celsius * 2_f64.powi(30) / f64::from(set[1]);
            let (fine, t) = (calibration.fine(warm as u32), exact_celsius(set, warm.floor()));
            for word in (0..1 << 24).step_by(step) {
                let exact = exact_pascal(set, f64::from(word), t);
                worst.cases += 1;
                if (30_000.0..=125_000.0).contains(&exact) && (-40.0..=85.0).contains(&t) {
                    let given = f64::from(calibration.centi_pascal(word, fine));
                    worst.centi_pascal = worst.centi_pascal.max((exact * 100.0 - given).abs());
                }
            }
        }
    }
    worst
}

fn assert_bounds(worst: &Worst) {
    println!("cases: {}", worst.cases);
    assert!(worst.centi_celsius <= 0.6, "{worst:?}");
    assert!(worst.centi_pascal <= 14.0, "{worst:?}");
    assert!(worst.centi_celsius > 0.5 && worst.centi_pascal > 10.0, "too loose: {worst:?}");
}

#[test]
fn values_are_within_the_stated_error() {
    assert_bounds(&sweep(2_503));
}

#[test]
#[ignore = "long: cargo prove drivers"]
fn every_value_is_within_the_stated_error() {
    assert_bounds(&sweep(1));
}

#[test]
fn a_memory_that_was_not_read_is_no_calibration() {
    assert_eq!(Calibration::new([0; 21]), None);
    assert_eq!(Calibration::new([0xFF; 21]), None);
}

#[test]
fn no_bytes_can_panic_it() {
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let byte = (state >> 24) as u8;
        [byte, 0, 0x7F, 0x80, 0xFF, byte][(state >> 12) as usize % 6]
    };
    for _ in 0..50_000 {
        let Some(calibration) = Calibration::new([0; 21].map(|_: u8| byte())) else { continue };
        for word in [0, 0x80_0000, 0xFF_FFFF, u32::from(byte()) << 16] {
            let fine = calibration.fine(word);
            centi_celsius(fine);
            for word in [0, 0x80_0000, 0xFF_FFFF, u32::from(byte()) << 16] {
                let pascal = calibration.centi_pascal(word, fine);
                assert!((0..=20_000_000).contains(&pascal), "{pascal}");
            }
        }
    }
}
