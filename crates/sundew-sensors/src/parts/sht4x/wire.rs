//! Commands, timings and conversion; all pure.

use super::Precision;
use crate::parts::sensirion::share;

/// Asks for the serial number (datasheet, "Command Overview").
pub(super) const SERIAL_NUMBER: u8 = 0x89;
/// Resets the part (datasheet, "Command Overview").
pub(super) const SOFT_RESET: u8 = 0x94;

/// Returns the wait of a measurement (datasheet, "Timings"): the maximum, rounded up, and one
/// millisecond for a clock that ticks just after the start.
pub(super) const fn wait_ms(precision: Precision) -> u32 {
    match precision {
        Precision::Low => 3,
        Precision::Medium => 6,
        Precision::High => 10,
    }
}

/// Returns `-6 + 125 * raw / 65535` %RH in hundredths, limited to 0..=100 %RH ("Conversion
/// of Signal Output").
pub(super) fn centi_percent(raw: u16) -> i32 {
    (share(raw, 3_125) - 600).clamp(0, 10_000)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    #[test]
    fn every_raw_value_is_within_the_stated_error() {
        let mut worst = 0.0_f64;
        for raw in 0..=u16::MAX {
            let part = f64::from(raw) / 65_535.0;
            let exact = (12_500.0 * part - 600.0).clamp(0.0, 10_000.0);
            worst = worst.max((exact - f64::from(centi_percent(raw))).abs());
            assert!(raw == 0 || centi_percent(raw) >= centi_percent(raw - 1));
        }
        assert!(worst <= 0.64, "{worst}");
        assert!(worst > 0.5, "the bound is stated too loosely: {worst}");
        println!("cases: 65536");
    }

    #[test]
    fn the_ends_are_exact_and_humidity_stops_there() {
        assert_eq!((centi_percent(0), centi_percent(u16::MAX)), (0, 10_000));
        // 0 and 100 %RH by the formula; one word further the limit holds.
        assert_eq!((centi_percent(3_145), centi_percent(3_151)), (0, 1));
        assert_eq!((centi_percent(55_573), centi_percent(55_580)), (10_000, 10_000));
    }
}
