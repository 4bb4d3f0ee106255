//! Commands, timings and conversion; all pure.

use super::Precision;

/// Asks for the serial number (datasheet, "Command Overview").
pub(super) const SERIAL_NUMBER: u8 = 0x89;
/// Resets the part (datasheet, "Command Overview").
pub(super) const SOFT_RESET: u8 = 0x94;
/// Covers the 1 ms of a reset (datasheet, "Timings"); see [`wait_ms`] for the other millisecond.
pub(super) const SHORT_WAIT_MS: u32 = 2;

/// Returns the wait of a measurement (datasheet, "Timings").
///
/// One millisecond is added to the maximum, rounded up: a clock that counts milliseconds may tick
/// just after the start, and then its first millisecond is none.
pub(super) const fn wait_ms(precision: Precision) -> u32 {
    match precision {
        Precision::Low => 3,
        Precision::Medium => 6,
        Precision::High => 10,
    }
}

/// Returns the two words of an answer, or `None` where a checksum is wrong.
pub(super) fn words(bytes: [u8; 6]) -> Option<[u16; 2]> {
    let [a, b, first, c, d, second] = bytes;
    let right = crc8([a, b]) == first && crc8([c, d]) == second;
    right.then_some([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
}

/// Returns `-45 + 175 * raw / 65535` Cel in hundredths ("Conversion of Signal Output").
pub(super) const fn centi_celsius(raw: u16) -> i32 {
    share(raw, 4_375) - 4_500
}

/// Returns `-6 + 125 * raw / 65535` %RH in hundredths, limited to 0..=100 %RH (ibidem).
pub(super) fn centi_percent(raw: u16) -> i32 {
    (share(raw, 3_125) - 600).clamp(0, 10_000)
}

/// Returns `4 * quarter * raw / 65535`, to the nearest integer but for 0.14.
///
/// A division by 65,535 makes the driver 188 B larger on thumbv6m and 1,154 B on AVR than this
/// shift by 14 does. The bit that is added to
/// `raw` makes up for dividing by 65,536 instead: without it the error is 0.27 at the upper end.
/// 4,375 * 65,536 is 2^28.1, so nothing overflows.
const fn share(raw: u16, quarter: i32) -> i32 {
    let raw = raw as i32 + (raw >> 15) as i32;
    (quarter * raw + (1 << 13)) >> 14
}

/// Returns the checksum of two bytes: polynomial 0x31, start 0xFF ("Checksum Calculation").
///
/// Bit by bit: a table of 256 bytes would take an eighth of an `ATmega328P`'s RAM.
fn crc8(bytes: [u8; 2]) -> u8 {
    let mut crc = 0xFF;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x31 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_datasheets() {
        assert_eq!(crc8([0xBE, 0xEF]), 0x92);
        assert_eq!(crc8([0x00, 0x00]), 0x81);
    }

    #[test]
    fn one_wrong_bit_is_found_wherever_it_is() {
        let right = [0xBE, 0xEF, 0x92, 0x00, 0x00, 0x81];
        assert_eq!(words(right), Some([0xBEEF, 0]));
        for bit in 0..48 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(words(wrong), None, "bit {bit}");
        }
    }

    #[test]
    fn every_raw_value_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        for raw in 0..=u16::MAX {
            let part = f64::from(raw) / 65_535.0;
            let temperature = 17_500.0 * part - 4_500.0;
            let humidity = (12_500.0 * part - 600.0).clamp(0.0, 10_000.0);
            for (exact, given) in
                [(temperature, centi_celsius(raw)), (humidity, centi_percent(raw))]
            {
                worst = worst.max((exact - f64::from(given)).abs());
            }
        }
        assert!(worst <= 0.64, "{worst}");
        assert!(worst > 0.5, "the bound is stated too loosely: {worst}");
    }

    #[test]
    fn the_ends_are_exact_and_humidity_stops_there() {
        assert_eq!((centi_celsius(0), centi_celsius(u16::MAX)), (-4_500, 13_000));
        assert_eq!((centi_percent(0), centi_percent(u16::MAX)), (0, 10_000));
        // 0 and 100 %RH by the formula; one word further the limit holds.
        assert_eq!((centi_percent(3_145), centi_percent(3_151)), (0, 1));
        assert_eq!((centi_percent(55_573), centi_percent(55_580)), (10_000, 10_000));
    }

    #[test]
    fn a_larger_word_is_never_a_smaller_value() {
        for raw in 1..=u16::MAX {
            assert!(centi_celsius(raw) >= centi_celsius(raw - 1));
            assert!(centi_percent(raw) >= centi_percent(raw - 1));
        }
    }
}
