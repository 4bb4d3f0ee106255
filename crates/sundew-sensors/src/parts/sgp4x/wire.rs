//! Commands, timings and the compensation's arguments; all pure.

/// Holds the address of all parts.
pub(super) const ADDRESS: u8 = 0x59;

/// Measures the `SGP40`'s signal (`SGP40`, table 9).
pub(super) const MEASURE_40: u16 = 0x260F;
/// Measures the `SGP41`'s two signals.
pub(super) const MEASURE_41: u16 = 0x2619;
/// Begins the conditioning of the `SGP41`'s element for nitrogen oxides.
pub(super) const CONDITION: u16 = 0x2612;
/// Turns the hotplates off (`SGP40`, table 14).
pub(super) const TURN_OFF: u16 = 0x3615;
/// Begins the self-test (`SGP40`, table 12).
pub(super) const SELF_TEST: u16 = 0x280E;
/// Asks for the serial number (`SGP40`, "Get Serial Number").
pub(super) const SERIAL_NUMBER: u16 = 0x3682;

// Maxima of the datasheets, and one millisecond: a clock may tick just after the start.
/// Covers the 30 ms of a measurement (`SGP40`, 3.1).
pub(super) const MEASURE_40_MS: u32 = 31;
/// Covers the 50 ms of a measurement.
pub(super) const MEASURE_41_MS: u32 = 51;
/// Covers the 320 ms of the `SGP41`'s self-test, and the 250 ms of the `SGP40`'s.
pub(super) const SELF_TEST_MS: u32 = 321;
/// Stays below the 10 s that conditioning must not exceed, by one for a caller that is late.
pub(super) const CONDITION_MS: u32 = 9_000;

/// Counts the measurements after which values are trusted.
pub const WARM_UP: u8 = 60;

/// Holds the arguments that leave the compensation off: 50 %RH and 25 Cel (`SGP40`, table 10).
pub(super) const NO_COMPENSATION: [u16; 2] = [0x8000, 0x6666];

/// Returns the arguments for air of so many hundredths of a degree and of a percent.
///
/// `65535 / 100 %RH` and `(T + 45) * 65535 / 175` (`SGP40`, table 10), limited to what the words
/// can say, at most 0.85 ticks off: a multiplication and a shift, where a division would cost 1,058
/// cycles on AVR. 17,500 * 61,356 is below 2^30.
pub(super) fn arguments(centi_celsius: i32, centi_percent: i32) -> [u16; 2] {
    let temperature = centi_celsius.clamp(-4_500, 13_000) + 4_500;
    let humidity = centi_percent.clamp(0, 10_000);
    [ticks(humidity, 26_843, 12), ticks(temperature, 61_356, 14)]
}

fn ticks(value: i32, factor: i32, shift: u32) -> u16 {
    let ticks = (value * factor + (1 << (shift - 1))) >> shift;
    // Both clamps above end at 65,535 or just below; see the tests.
    ticks.clamp(0, 65_535) as u16
}

/// Returns what the `SGP40`'s self-test found: `None`, or its first byte (`SGP40`, table 13).
pub(super) const fn defect_40(word: u16) -> Option<u8> {
    if word == 0xD400 { None } else { Some((word >> 8) as u8) }
}

/// Returns what the `SGP41`'s self-test found: `None`, or bit 0 for the element for organic
/// compounds and bit 1 for that for nitrogen oxides (from the vendor's public driver).
pub(super) const fn defect_41(word: u16) -> Option<u8> {
    match word as u8 & 0x0F {
        0 => None,
        bits => Some(bits),
    }
}

/// Joins the words of a serial number.
pub(super) fn serial_number(words: [u16; 3]) -> u64 {
    words.into_iter().fold(0, |number, word| number << 16 | u64::from(word))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn arguments_are_the_datasheets() {
        // SGP40, table 10: minimum and maximum; the default lies between two ticks.
        assert_eq!(arguments(-4_500, 0), [0, 0]);
        assert_eq!(arguments(13_000, 10_000), [65_535, 65_535]);
        let [humidity, temperature] = arguments(2_500, 5_000);
        assert!(humidity.abs_diff(0x8000) <= 1 && temperature == 0x6666, "{humidity:04X}");
        assert_eq!(arguments(i32::MIN, i32::MIN), arguments(-4_500, 0));
        assert_eq!(arguments(i32::MAX, i32::MAX), arguments(13_000, 10_000));
    }

    #[test]
    fn every_argument_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        for value in -4_500..=13_000 {
            let [humidity, temperature] = arguments(value, value);
            let exact = f64::from(value + 4_500) * 65_535.0 / 17_500.0;
            worst = worst.max((exact - f64::from(temperature)).abs());
            let exact = f64::from(value.clamp(0, 10_000)) * 65_535.0 / 10_000.0;
            worst = worst.max((exact - f64::from(humidity)).abs());
        }
        assert!(worst <= 0.85 && worst > 0.5, "{worst}");
        println!("cases: {}", 2 * 17_501);
    }

    #[test]
    fn the_self_test_is_read_as_the_datasheets_say() {
        assert_eq!((defect_40(0xD400), defect_40(0x4B00)), (None, Some(0x4B)));
        assert_eq!((defect_41(0xD400), defect_41(0x4B02)), (None, Some(2)));
    }
}
