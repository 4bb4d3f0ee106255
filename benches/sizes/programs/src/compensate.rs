//! `bme280-temperature` and `bme280-compensation`: the words of a BME280 become values, without
//! the driver around them.

use core::hint::black_box;

use sundew_sensors::bme280::Calibration;

/// The example of the BMP280's datasheet (3.12), with a humidity of a part at hand.
const CALIBRATION: Option<Calibration> = Calibration::new(
    [
        0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C,
        0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B,
    ],
    [0x6A, 0x01, 0x00, 0x13, 0x29, 0x03, 0x1E],
);

/// Temperature alone.
#[cfg(feature = "bme280-temperature")]
#[inline(never)]
pub(crate) fn temperature() -> bool {
    let Some(part) = black_box(&CALIBRATION) else { return false };
    part.warmth(black_box(519_888 << 4)).centi_celsius() == 2_508
}

/// Temperature, pressure and humidity.
#[cfg(feature = "bme280-compensation")]
#[inline(never)]
pub(crate) fn all() -> bool {
    let Some(part) = black_box(&CALIBRATION) else { return false };
    let warmth = part.warmth(black_box(519_888 << 4));
    let pressure = part.deci_pascal(black_box(415_148 << 4), warmth);
    let humidity = part.centi_percent(black_box(0x7000), warmth);
    warmth.centi_celsius() == 2_508 && pressure == 1_006_533 && humidity > 0
}
