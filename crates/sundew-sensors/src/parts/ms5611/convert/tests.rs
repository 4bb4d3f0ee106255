extern crate std;

use super::*;
use std::println;

type Set = [u16; 6];

/// The datasheet's example ("Pressure and temperature calculation").
const EXAMPLE: Set = [40_127, 36_924, 23_317, 23_282, 33_464, 28_312];
/// The others lie a fifth to either side.
const SETS: [Set; 3] = [
    EXAMPLE,
    [48_000, 44_000, 28_000, 28_000, 31_000, 26_000],
    [33_000, 30_000, 19_000, 19_500, 36_000, 31_000],
];

fn calibration([c1, c2, c3, c4, c5, c6]: Set) -> Calibration {
    Calibration::new([0, c1, c2, c3, c4, c5, c6, 0]).unwrap()
}

/// Returns Cel and Pa by the datasheet's formulas without their rounding.
fn exact(set: Set, d1: f64, d2: f64) -> [f64; 2] {
    let [c1, c2, c3, c4, c5, c6] = set.map(f64::from);
    let warmth = d2 - c5 * 256.0;
    let first = 2_000.0 + warmth * c6 / 8_388_608.0;
    let mut offset = c2 * 65_536.0 + c4 * warmth / 128.0;
    let mut sensitivity = c1 * 32_768.0 + c3 * warmth / 256.0;
    let mut temperature = first;
    if first < 2_000.0 {
        temperature -= warmth * warmth / 2_147_483_648.0;
        let square = (first - 2_000.0) * (first - 2_000.0);
        offset -= 5.0 * square / 2.0;
        sensitivity -= 5.0 * square / 4.0;
        if first < -1_500.0 {
            let square = (first + 1_500.0) * (first + 1_500.0);
            offset -= 7.0 * square;
            sensitivity -= 11.0 * square / 2.0;
        }
    }
    [temperature / 100.0, (d1 * sensitivity / 2_097_152.0 - offset) / 32_768.0]
}

#[derive(Debug, Default)]
struct Worst {
    centi_celsius: f64,
    deci_pascal: f64,
    cases: u64,
}

fn sweep(step: usize) -> Worst {
    let mut worst = Worst::default();
    for set in SETS {
        let calibration = calibration(set);
        for d2 in (0..1 << 24).step_by(step) {
            let [celsius, _] = exact(set, 0.0, f64::from(d2));
            worst.cases += 1;
            if (-40.0..=85.0).contains(&celsius) {
                let [given, _] = calibration.values(0, d2);
                let error = (celsius * 100.0 - f64::from(given)).abs();
                worst.centi_celsius = worst.centi_celsius.max(error);
            }
        }
        let reference = u32::from(set[4]) << 8;
        for d2 in (reference - 1_500_000..reference + 1_900_000).step_by(199_999) {
            for d1 in (0..1 << 24).step_by(step) {
                let [_, pascal] = exact(set, f64::from(d1), f64::from(d2));
                worst.cases += 1;
                if (1_000.0..=120_000.0).contains(&pascal) {
                    let [_, given] = calibration.values(d1, d2);
                    let error = (pascal * 10.0 - f64::from(given)).abs();
                    worst.deci_pascal = worst.deci_pascal.max(error);
                }
            }
        }
    }
    worst
}

fn assert_bounds(worst: &Worst) {
    println!("cases: {}", worst.cases);
    assert!(worst.centi_celsius <= 1.01, "{worst:?}");
    assert!(worst.deci_pascal <= 2.5, "{worst:?}");
    assert!(worst.centi_celsius > 0.9 && worst.deci_pascal > 2.0, "too loose: {worst:?}");
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
fn the_datasheets_example_holds() {
    // 20.07 Cel and 1000.09 mbar.
    let [temperature, pressure] = calibration(EXAMPLE).values(9_085_466, 8_569_150);
    assert_eq!((temperature, pressure / 10), (2_007, 100_009));
}

#[test]
fn the_checksum_is_that_of_the_application_note() {
    // AN520, its example.
    let words = [0x3132, 0x3334, 0x3536, 0x3738, 0x3940, 0x4142, 0x4344, 0x450B];
    assert!(is_intact(words));
    for bit in (0..128).filter(|bit| !(116..124).contains(bit)) {
        let mut wrong = words;
        wrong[bit / 16] ^= 0x8000 >> (bit % 16);
        assert!(!is_intact(wrong), "bit {bit}");
    }
}

#[test]
fn a_memory_that_was_not_read_is_no_calibration() {
    assert!(is_intact([0; 8]), "which is why");
    assert_eq!(Calibration::new([0; 8]), None);
    assert_eq!(Calibration::new([0xFFFF; 8]), None);
}

#[test]
fn no_words_can_panic_it() {
    let mut state = 1_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = (state >> 16) as u16;
        [word, 1, 0x7FFF, 0x8000, 0xFFFE, word][(state >> 12) as usize % 6]
    };
    for _ in 0..50_000 {
        let Some(calibration) = Calibration::new([0; 8].map(|_: u16| word())) else { continue };
        let (d1, d2) = (u32::from(word()) << 8 | 0xFF, u32::from(word()) << 8 | 0xFF);
        for (d1, d2) in [(d1, d2), (0, d2), (0xFF_FFFF, d2), (d1, 0xFF_FFFF), (d1, 0)] {
            let [_, pascal] = calibration.values(d1, d2);
            assert!((0..=2_000_000).contains(&pascal), "{pascal}");
        }
    }
}
