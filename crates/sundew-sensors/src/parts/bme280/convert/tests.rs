extern crate std;

use super::*;
use std::println;
use std::vec::Vec;

/// Holds the coefficients as the datasheet names them, for the formulas in floating point.
struct Set {
    t: [f64; 3],
    p: [f64; 9],
    h: [f64; 6],
}

/// The example of the `BMP280`'s datasheet (BST-BMP280-DS001, 3.12), with a humidity of our own.
const EXAMPLE: Set = Set {
    t: [27_504.0, 26_435.0, -1_000.0],
    p: [36_477.0, -10_685.0, 3_024.0, 2_855.0, 140.0, -7.0, 15_500.0, -14_600.0, 6_000.0],
    h: [75.0, 362.0, 0.0, 321.0, 50.0, 30.0],
};

/// Sets around the example: a fifth up and down of what is large, the small ones far off.
const SETS: [Set; 3] = [
    EXAMPLE,
    Set {
        t: [26_000.0, 25_000.0, -2_000.0],
        p: [30_000.0, -12_500.0, 2_000.0, -6_000.0, -300.0, -20.0, 0.0, 0.0, 0.0],
        h: [0.0, 300.0, 0.0, 250.0, -40.0, 0.0],
    },
    Set {
        t: [29_000.0, 28_500.0, 2_000.0],
        p: [43_000.0, -8_500.0, 4_000.0, 11_000.0, 600.0, 40.0, 20_000.0, -18_000.0, 12_000.0],
        h: [255.0, 420.0, 10.0, 400.0, 120.0, 60.0],
    },
];

impl Set {
    fn calibration(&self) -> Calibration {
        let mut low = [0; 26];
        let words = self.t.iter().chain(&self.p);
        for (bytes, word) in low.chunks_mut(2).zip(words) {
            bytes.copy_from_slice(&(*word as i32 as u16).to_le_bytes());
        }
        let [h1, h2, h3, h4, h5, h6] = self.h.map(|value| value as i16);
        low[25] = h1 as u8;
        let [h2_low, h2_high] = h2.to_le_bytes();
        let shared = (h4 & 0x0F) as u8 | (h5 << 4) as u8;
        let bytes = [h3 as u8, (h4 >> 4) as u8, shared, (h5 >> 4) as u8, h6 as u8];
        let [h3, h4, shared, h5, h6] = bytes;
        Calibration::new(low, [h2_low, h2_high, h3, h4, shared, h5, h6]).unwrap()
    }

    /// Returns `t_fine` by the formula of appendix 8.1.
    fn fine(&self, raw: u32) -> f64 {
        let [t1, t2, t3] = self.t;
        let raw = f64::from(raw);
        let eighth = raw / 131_072.0 - t1 / 8_192.0;
        (raw / 16_384.0 - t1 / 1_024.0) * t2 + eighth * eighth * t3
    }

    /// Returns the pressure in Pa by the formula of appendix 8.1.
    fn pascal(&self, raw: u32, fine: f64) -> f64 {
        let [p1, p2, p3, p4, p5, p6, p7, p8, p9] = self.p;
        let var1 = fine / 2.0 - 64_000.0;
        let var2 = (var1 * var1 * p6 / 32_768.0 + var1 * p5 * 2.0) / 4.0 + p4 * 65_536.0;
        let var1 = (p3 * var1 * var1 / 524_288.0 + p2 * var1) / 524_288.0;
        let var1 = (1.0 + var1 / 32_768.0) * p1;
        let p = (1_048_576.0 - f64::from(raw) - var2 / 4_096.0) * 6_250.0 / var1;
        p + (p9 * p * p / 2_147_483_648.0 + p * p8 / 32_768.0 + p7) / 16.0
    }

    /// Returns the humidity in %RH by the formula of appendix 8.1.
    fn percent(&self, raw: u16, fine: f64) -> f64 {
        let [h1, h2, h3, h4, h5, h6] = self.h;
        let var = fine - 76_800.0;
        let gain = 1.0 + h6 / 67_108_864.0 * var * (1.0 + h3 / 67_108_864.0 * var);
        let var = (f64::from(raw) - (h4 * 64.0 + h5 / 16_384.0 * var)) * (h2 / 65_536.0 * gain);
        (var * (1.0 - h1 * var / 524_288.0)).clamp(0.0, 100.0)
    }
}

#[derive(Debug, Default)]
struct Worst {
    centi_celsius: f64,
    deci_pascal: f64,
    centi_percent: f64,
    cases: u64,
}

/// Sweeps all temperatures in steps of `step`, and for some of them all pressures and humidities.
fn sweep(step: usize) -> Worst {
    let mut worst = Worst::default();
    for set in &SETS {
        let calibration = set.calibration();
        let mut operating = Vec::new();
        for raw in (0..1 << 20).step_by(step) {
            let exact = set.fine(raw) * 100.0 / 5_120.0;
            let given = calibration.warmth(raw << 4).centi_celsius();
            worst.cases += 1;
            if (-4_000.0..=8_500.0).contains(&exact) {
                worst.centi_celsius = worst.centi_celsius.max((exact - f64::from(given)).abs());
                operating.push(raw);
            }
        }
        let ends = [operating.first(), operating.last()];
        let part = operating.iter().step_by(operating.len() / 64 + 1);
        for &warm in part.chain(ends.into_iter().flatten()) {
            let (exact_fine, fine) = (set.fine(warm), calibration.warmth(warm << 4));
            for raw in (0..1 << 20).step_by(step) {
                let exact = set.pascal(raw, exact_fine);
                worst.cases += 1;
                if (30_000.0..=110_000.0).contains(&exact) {
                    let given = f64::from(calibration.deci_pascal(raw << 4, fine));
                    let error = (exact * 10.0 - given).abs();
                    worst.deci_pascal = worst.deci_pascal.max(error);
                }
            }
            for raw in (0..=u16::MAX).step_by(step.div_ceil(16)) {
                let exact = set.percent(raw, exact_fine) * 100.0;
                let given = f64::from(calibration.centi_percent(raw, fine));
                worst.cases += 1;
                worst.centi_percent = worst.centi_percent.max((exact - given).abs());
            }
        }
    }
    worst
}

fn assert_bounds(worst: &Worst) {
    println!("cases: {}", worst.cases);
    assert!(worst.centi_celsius <= 0.6, "{worst:?}");
    assert!(worst.deci_pascal <= 2.5, "{worst:?}");
    assert!(worst.centi_percent <= 1.1, "{worst:?}");
    let stated_too_loosely = worst.centi_celsius < 0.5 || worst.deci_pascal < 2.0;
    assert!(!stated_too_loosely, "{worst:?}");
}

#[test]
fn values_are_within_the_stated_error() {
    assert_bounds(&sweep(251));
}

#[test]
#[ignore = "long: cargo prove drivers"]
fn every_value_is_within_the_stated_error() {
    assert_bounds(&sweep(1));
}

#[test]
fn the_datasheets_example_holds() {
    // BST-BMP280-DS001, 3.12: 25.08 Cel and 100,653.27 Pa.
    let calibration = EXAMPLE.calibration();
    let fine = calibration.warmth(519_888 << 4);
    assert_eq!((fine.0, fine.centi_celsius()), (128_422, 2_508));
    let pascal = calibration.deci_pascal(415_148 << 4, fine);
    assert!((1_006_531..=1_006_534).contains(&pascal), "{pascal}");
}

/// Returns the pressure by the formula of appendix 8.2, in whole pascals.
fn pascal_of_appendix_8_2(set: &Set, raw: i32, fine: i32) -> i32 {
    let [p1, p2, p3, p4, p5, p6, p7, p8, p9] = set.p.map(|value| value as i32);
    let half = (fine >> 1) - 64_000;
    let square = (half >> 2) * (half >> 2);
    let offset = (((square >> 11) * p6 + ((half * p5) << 1)) >> 2) + (p4 << 16);
    let gain = (((p3 * (square >> 13)) >> 3) + ((p2 * half) >> 1)) >> 18;
    let gain = ((32_768 + gain) * p1) >> 15;
    let steps = ((1_048_576 - raw - (offset >> 12)) as u32).wrapping_mul(3_125);
    let p = if steps < 1 << 31 { (steps << 1) / gain as u32 } else { steps / gain as u32 * 2 };
    let square = (((p >> 3) * (p >> 3)) >> 13) as i32;
    p as i32 + ((((square * p9) >> 12) + (((p >> 2) as i32 * p8) >> 13) + p7) >> 4)
}

#[test]
fn the_formula_of_appendix_8_2_is_twenty_times_worse() {
    let (mut worst, mut ours) = (0.0_f64, 0.0_f64);
    let calibration = EXAMPLE.calibration();
    for warm in (330_000..700_000).step_by(9_973) {
        let (exact_fine, fine) = (EXAMPLE.fine(warm), calibration.warmth(warm << 4));
        for raw in (0..1 << 20).step_by(1_009) {
            let exact = EXAMPLE.pascal(raw, exact_fine);
            if (30_000.0..=110_000.0).contains(&exact) {
                let theirs = pascal_of_appendix_8_2(&EXAMPLE, raw as i32, fine.0);
                worst = worst.max((exact - f64::from(theirs)).abs());
                let given = f64::from(calibration.deci_pascal(raw << 4, fine)) / 10.0;
                ours = ours.max((exact - given).abs());
            }
        }
    }
    assert!(worst > 5.0 && ours < 0.25, "{worst} {ours}");
}

#[test]
fn no_bytes_can_panic_it() {
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for round in 0..20_000 {
        // The ends of each coefficient as often as what lies between.
        let low =
            [0; 26].map(|_: u8| if round % 2 == 0 { byte() } else { byte() >> 7 << 7 | 0x7F });
        let high = [0; 7].map(|_: u8| byte());
        let Some(calibration) = Calibration::new(low, high) else { continue };
        for raw in [0, 0x7F_FFF0, 0x80_0000, 0xFF_FFFF, u32::from(byte()) << 16] {
            let fine = calibration.warmth(raw << 4);
            fine.centi_celsius();
            for other in [0, 0x80_0000, 0xFF_FFFF] {
                let pascal = calibration.deci_pascal(other, fine);
                assert!((0..=2_000_000).contains(&pascal), "{pascal}");
                let percent = calibration.centi_percent((other >> 8) as u16, fine);
                assert!((0..=10_000).contains(&percent), "{percent}");
            }
        }
    }
}

#[test]
fn a_memory_that_was_not_read_is_no_calibration() {
    assert_eq!(Calibration::new([0; 26], [0; 7]), None);
    assert_eq!(Calibration::new([0xFF; 26], [0xFF; 7]), None);
}
