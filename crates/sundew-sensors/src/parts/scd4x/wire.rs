//! Commands, timings and words; all pure.

use super::Mode;

/// Holds the address of all parts.
pub(super) const ADDRESS: u8 = 0x62;

// Table 9.
pub(super) const STOP: u16 = 0x3F86;
pub(super) const READ: u16 = 0xEC05;
pub(super) const DATA_READY: u16 = 0xE4B8;
pub(super) const SERIAL_NUMBER: u16 = 0x3682;
pub(super) const SET_TEMPERATURE_OFFSET: u16 = 0x241D;
pub(super) const SET_ALTITUDE: u16 = 0x2427;
pub(super) const SET_PRESSURE: u16 = 0xE000;
pub(super) const SET_SELF_CALIBRATION: u16 = 0x2416;
/// Asks for the variant (from the vendor's public driver).
pub(super) const VARIANT: u16 = 0x202F;

/// Covers the 500 ms of a stop (3.5.3), and a clock that ticks just after it.
pub(super) const STOP_MS: u32 = 501;

/// Returns the time between two values, or that of a single shot, and one millisecond.
///
/// The 30 s are "approximately" so (3.8.1): a tenth is added.
pub(super) const fn interval_ms(mode: Mode) -> u32 {
    match mode {
        Mode::Periodic | Mode::SingleShot => 5_001,
        Mode::LowPowerPeriodic => 33_001,
    }
}

/// Returns whether the variant is one that measures so: 0, 1, 2 and 5 in the upper four bits are
/// `SCD40`, `SCD41`, `SCD42` and `SCD43` (from the vendor's public driver), and the first and the
/// third take no single shots.
pub(super) const fn is_right(variant: u16, mode: Mode) -> bool {
    match (variant >> 12, mode) {
        (0 | 2, Mode::SingleShot) => false,
        (0 | 1 | 2 | 5, _) => true,
        _ => false,
    }
}

/// Returns whether one of the lower eleven bits says that there is a value (3.8.2).
pub(super) const fn is_ready(word: u16) -> bool {
    word & 0x07FF != 0
}

/// Returns the word of a temperature offset (3.6.1): `T * 65535 / 175`, to the nearest.
///
/// 2,000 * 65,535 is below 2^27.
pub(super) const fn offset_word(centikelvin: u16) -> u16 {
    ((centikelvin as u32 * 65_535 + 8_750) / 17_500) as u16
}

/// Joins the words of a serial number (3.9.2).
pub(super) fn serial_number(words: [u16; 3]) -> u64 {
    words.into_iter().fold(0, |number, word| number << 16 | u64::from(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::sensirion::{centi_celsius, centi_percent, words};

    #[test]
    fn the_datasheets_measurement_is_understood() {
        // Section 3.5.2: 500 ppm, 25 Cel, 37 %RH.
        let answer = [[0x01, 0xF4, 0x33], [0x66, 0x67, 0xA2], [0x5E, 0xB9, 0x3C]];
        let [carbon_dioxide, temperature, humidity] = words(answer).unwrap();
        assert_eq!(carbon_dioxide, 500);
        assert_eq!((centi_celsius(temperature), centi_percent(humidity)), (2_500, 3_700));
    }

    #[test]
    fn the_datasheets_serial_number_is_understood() {
        // Section 3.9.2.
        let answer = [[0xF8, 0x96, 0x31], [0x9F, 0x07, 0xC2], [0x3B, 0xBE, 0x89]];
        assert_eq!(serial_number(words(answer).unwrap()), 273_325_796_834_238);
    }

    #[test]
    fn offsets_are_within_half_a_step() {
        for centikelvin in 0..=2_000 {
            let exact = f64::from(centikelvin) * 65_535.0 / 17_500.0;
            assert!((f64::from(offset_word(centikelvin)) - exact).abs() <= 0.5);
        }
        // The vendor's driver has 4 Cel for 1,498.
        assert_eq!(offset_word(400), 1_498);
    }

    #[test]
    fn variants_are_told_apart() {
        for (variant, periodic, single) in [
            (0x0440, true, false),
            (0x1408, true, true),
            (0x5441, true, true),
            (0x3000, false, false),
            (0xFFFF, false, false),
        ] {
            assert_eq!(is_right(variant, Mode::Periodic), periodic);
            assert_eq!(is_right(variant, Mode::SingleShot), single);
        }
        assert!(!is_ready(0x8000) && is_ready(0x8006) && is_ready(0x0400));
    }
}
