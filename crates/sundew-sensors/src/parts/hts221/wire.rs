//! Registers, timings and conversion; all pure.

use crate::fixed::product;

/// Points to the part's number (datasheet, "`WHO_AM_I`").
pub(super) const ID: u8 = 0x0F;
/// Points to how often a value is averaged (`AV_CONF`).
pub(super) const AVERAGE: u8 = 0x10;
/// Points to power, rate and the update of results (`CTRL_REG1`).
pub(super) const CONTROL: u8 = 0x20;
/// Points to the one-shot (`CTRL_REG2`).
pub(super) const COMMAND: u8 = 0x21;
/// Points to the state (`STATUS_REG`); humidity and temperature follow.
pub(super) const STATUS: u8 = 0x27;
/// Points to the 16 bytes of calibration ("Humidity and temperature data conversion").
pub(super) const CALIBRATION: u8 = 0x30;
/// Steps on from register to register where it is set in the pointer ("I2C operation").
pub(super) const INCREMENT: u8 = 0x80;

/// Holds what register [`ID`] does.
pub(super) const HTS221: u8 = 0xBC;
/// Is switched on (PD), measures only when told (ODR), and keeps the bytes of a value together
/// (BDU).
pub(super) const ON: u8 = 0x84;
/// Measures once.
pub(super) const ONCE: u8 = 0x01;
/// Covers a period of the fastest rate, 12.5 Hz: the datasheet has no time of a single measurement.
/// One millisecond is added for a clock that ticks just after the start.
pub(super) const WAIT_MS: u32 = 81;

const BOTH_NEW: u8 = 0x03;

/// Chooses how many times values are measured and averaged: humidity twice as often as temperature
/// (datasheet, "`AV_CONF`"; the noise is its typical one).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Averaging {
    /// Averages 4 and 2; the noise is 0.4 %RH and 0.08 Cel.
    X4 = 0o00,
    /// Averages 8 and 4; the noise is 0.3 %RH and 0.05 Cel.
    X8 = 0o11,
    /// Averages 16 and 8; the noise is 0.2 %RH and 0.04 Cel.
    X16 = 0o22,
    /// Averages 32 and 16, as after power-up; the noise is 0.15 %RH and 0.03 Cel.
    X32 = 0o33,
    /// Averages 64 and 32; the noise is 0.1 %RH and 0.02 Cel.
    X64 = 0o44,
    /// Averages 128 and 64; the noise is 0.07 %RH and 0.015 Cel.
    X128 = 0o55,
    /// Averages 256 and 128; the noise is 0.05 %RH and 0.01 Cel.
    X256 = 0o66,
    /// Averages 512 and 256; the noise is 0.03 %RH and 0.007 Cel.
    X512 = 0o77,
}

/// A line through two points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Line {
    from: i16,
    value: i16,
    /// Holds what one step is worth, in 2^-16.
    slope: i32,
}

impl Line {
    /// Divides once, here, so that no measurement has to: 1,060 cycles on an `ATmega328P`.
    ///
    /// Returns `None` where both points are at the same place.
    fn through(from: (i16, i16), to: (i16, i16)) -> Option<Self> {
        let steps = i32::from(to.0) - i32::from(from.0);
        let rise = i32::from(to.1) - i32::from(from.1);
        // Values are within ±25,575, so the product is below 2^31.
        let slope = (rise << 16).checked_div(steps)?;
        Some(Self { from: from.0, value: from.1, slope })
    }

    fn at(self, place: i16) -> i32 {
        let steps = i32::from(place) - i32::from(self.from);
        i32::from(self.value) + product(steps, self.slope)
    }
}

/// Holds the part's two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Calibration {
    /// In 1/200 Cel, of which an eighth is 25.
    temperature: Line,
    /// In 1/200 %RH, of which a half is 100.
    humidity: Line,
}

impl Calibration {
    /// Decodes registers 0x30..=0x3F; returns `None` where they give no line.
    pub(super) fn new(bytes: [u8; 16]) -> Option<Self> {
        let [h0, h1, t0, t1, _, tops, x0, x1, _, _, y0, y1, u0, u1, v0, v1] = bytes;
        let eighths = |low, top| i16::from_be_bytes([top & 3, low]) * 25;
        let halves = |half| i16::from(half) * 100;
        let (from, to) = (i16::from_le_bytes([u0, u1]), i16::from_le_bytes([v0, v1]));
        let temperature = Line::through((from, eighths(t0, tops)), (to, eighths(t1, tops >> 2)))?;
        let (from, to) = (i16::from_le_bytes([x0, x1]), i16::from_le_bytes([y0, y1]));
        let humidity = Line::through((from, halves(h0)), (to, halves(h1)))?;
        Some(Self { temperature, humidity })
    }

    /// Decodes registers 0x27..=0x2B: temperature and humidity in hundredths, or `None` where one
    /// is not new. Humidity is limited to 0..=100 %RH.
    pub(super) fn values(&self, bytes: [u8; 5]) -> Option<[i32; 2]> {
        let [status, h0, h1, t0, t1] = bytes;
        let humidity = (self.humidity.at(i16::from_le_bytes([h0, h1])) + 1) >> 1;
        let temperature = (self.temperature.at(i16::from_le_bytes([t0, t1])) + 1) >> 1;
        (status & BOTH_NEW == BOTH_NEW).then_some([temperature, humidity.clamp(0, 10_000)])
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::println;

    /// A part of a user of ST's forum ("HTS221 Incorrect Temperatures").
    const REAL: [u8; 16] = [
        0x3D, 0x8F, 0x99, 0x0E, 0x00, 0xC4, 0xF2, 0xFF, 0x3A, 0x03, 0xF5, 0xD0, 0x00, 0x00, 0x1E,
        0x03,
    ];
    /// The datasheet's examples ("Humidity and temperature data conversion"): 10.0 and 20.0 Cel at
    /// 300 and 500; 20 and 40 %RH at 0x4000 and 0x6000.
    const EXAMPLE: [u8; 16] =
        [40, 80, 80, 160, 0, 0x00, 0x00, 0x40, 0, 0, 0x00, 0x60, 0x2C, 0x01, 0xF4, 0x01];
    /// The widest: 0 and 127.9 Cel, 0 and 127.5 %RH, 50 steps apart.
    const STEEP: [u8; 16] = [0, 255, 0, 0xFF, 0, 0x0C, 50, 0, 0, 0, 100, 0, 100, 0, 50, 0];

    fn exact(bytes: [u8; 16], temperature: i16, humidity: i16) -> [f64; 2] {
        let word = |at: usize| f64::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let line = |x: i16, x0, y0, x1, y1| y0 + (f64::from(x) - x0) * (y1 - y0) / (x1 - x0);
        let tops = u32::from(bytes[5]);
        let t0 = f64::from(u32::from(bytes[2]) | (tops & 0x03) << 8) / 8.0;
        let t1 = f64::from(u32::from(bytes[3]) | (tops & 0x0C) << 6) / 8.0;
        let [h0, h1] = [bytes[0], bytes[1]].map(|half| f64::from(half) / 2.0);
        let percent = line(humidity, word(6), h0, word(10), h1).clamp(0.0, 100.0);
        [line(temperature, word(12), t0, word(14), t1), percent]
    }

    #[test]
    fn every_value_is_within_the_stated_error() {
        let (mut worst, mut cases) = ([0.0_f64; 2], 0);
        for set in [REAL, EXAMPLE, STEEP] {
            let calibration = Calibration::new(set).unwrap();
            for word in i16::MIN..=i16::MAX {
                cases += 1;
                let [low, high] = word.to_le_bytes();
                let given = calibration.values([3, low, high, low, high]).unwrap();
                let exact = exact(set, word, word);
                let within = [(-40.0..=120.0).contains(&exact[0]), true];
                for index in 0..2 {
                    let error = (exact[index] * 100.0 - f64::from(given[index])).abs();
                    worst[index] = worst[index].max(if within[index] { error } else { 0.0 });
                }
            }
        }
        println!("cases: {cases}");
        assert!(worst[0] <= 0.8 && worst[1] <= 0.8, "{worst:?}");
        assert!(worst[0] > 0.5 && worst[1] > 0.5, "the bound is stated too loosely: {worst:?}");
    }

    #[test]
    fn the_datasheets_examples_hold() {
        let calibration = Calibration::new(EXAMPLE).unwrap();
        let [t0, t1] = 400_i16.to_le_bytes();
        assert_eq!(calibration.values([3, 0x00, 0x50, t0, t1]), Some([1_500, 3_000]));
    }

    #[test]
    fn points_at_one_place_are_no_line() {
        assert_eq!(Calibration::new([0; 16]), None);
        assert_eq!(Calibration::new([0xFF; 16]), None);
    }

    #[test]
    fn no_bytes_can_panic_it() {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let byte = (state >> 24) as u8;
            [byte, 0, 1, 0x7F, 0x80, 0xFF, byte, byte][(state >> 16 & 7) as usize]
        };
        for _ in 0..50_000 {
            let Some(calibration) = Calibration::new([0; 16].map(|_: u8| byte())) else { continue };
            calibration.values([3, byte(), byte(), byte(), byte()]).unwrap();
        }
    }
}
