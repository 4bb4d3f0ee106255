//! Water vapour: pressure, dew point, mass.

use super::power::{exp2, log2};
use crate::Quality;
use crate::transform::{Marked, math};

/// Converts relative humidity to other measures, by the formula of Magnus.
///
/// The saturation vapour pressure is `611.2 Pa x exp(a t / (b + t))`, t in degrees. The constants are
/// those of the WMO (Guide to Instruments, WMO-No. 8, annex 4.B, after Sonntag 1990); the pressure's
/// factor for moist air, 1.004 at sea level, is left out. Temperatures are in hundredths of a degree,
/// relative humidity in hundredths of a percent, as most drivers give them.
///
/// A temperature outside the constants' range gives the value of the formula, marked; so does a
/// humidity above 100 %.
///
/// ```
/// use sundew_units::derived::Magnus;
///
/// let (air, humidity) = (2_500, 6_000); // 25 Cel, 60 %RH
/// assert_eq!(Magnus::WATER.dew_point(air, humidity).mantissa, 1_669); // 16.69 Cel
/// assert_eq!(Magnus::WATER.absolute_humidity(air, humidity).mantissa, 13_779); // 13.779 g/m3
/// assert_eq!(Magnus::WATER.saturation_pressure(air).mantissa, 31_601); // 3,160.1 Pa
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Magnus {
    /// a / ln 2, with 24 binary places.
    a: u32,
    /// b in hundredths of a degree.
    b: i32,
    range: (i32, i32),
}

/// Holds 2^24 x log2 10 000: the logarithm of 100 %.
const FULL: i32 = 222_930_821;

impl Magnus {
    /// Over water, -45 to 60 Cel: a = 17.62, b = 243.12.
    pub const WATER: Self = Self { a: 426_481_639, b: 24_312, range: (-4_500, 6_000) };

    /// Over ice, -65 to 0 Cel: a = 22.46, b = 272.62. Its dew point is the frost point.
    ///
    /// Sensors of relative humidity report it over water, at any temperature; only a humidity that
    /// is said to be over ice belongs here.
    pub const ICE: Self = Self { a: 543_630_966, b: 27_262, range: (-6_500, 0) };

    /// Returns the saturation vapour pressure in pascals with 1 place.
    ///
    /// Within 0.6 of the last place and 6e-6 of the value of the formula in f64, over the range.
    pub fn saturation_pressure(&self, temperature: i32) -> Marked {
        Marked::new(self.pressure(temperature).cast_signed(), self.mark(temperature))
    }

    /// Returns the temperature to which the air must cool for its water to condense, in hundredths of
    /// a degree.
    ///
    /// Within 0.52 of the last place of `b g / (a - g)` with `g = ln(humidity) + a t / (b + t)` in f64,
    /// over the range and 0.01 to 100 %RH. A dew point below the range is [`Quality::UnderRange`], as
    /// is that of no humidity at all.
    pub fn dew_point(&self, temperature: i32, humidity: i32) -> Marked {
        if humidity < 1 {
            return Marked::new(self.range.0, Quality::UnderRange);
        }
        let power = self.power(temperature) + log2(humidity.unsigned_abs()) - FULL;
        // a is above every power, since air saturated at 100 Cel is below 2^7 of that at 0.
        let rest = self.a.saturating_add_signed(power.saturating_neg());
        let size = math::share(power.unsigned_abs(), self.b.unsigned_abs(), rest);
        let size = size.map_or(i32::MAX, u32::cast_signed);
        let dew_point = if power < 0 { -size } else { size };
        let mark = match self.mark(temperature) {
            Quality::Good if humidity > 10_000 => Quality::OverRange,
            Quality::Good if dew_point < self.range.0 => Quality::UnderRange,
            mark => mark,
        };
        Marked::new(dew_point, mark)
    }

    /// Returns the mass of water in a volume of air in kilograms per cubic metre with 6 places
    /// (mg/m3).
    ///
    /// `e / (R T)` with R = 8.314463 J/(mol K) and 18.01528 g/mol. Within 1 of the last place and
    /// 8e-6 of the value of the same in f64, over the range and 0 to 100 %RH.
    pub fn absolute_humidity(&self, temperature: i32, humidity: i32) -> Marked {
        let share = humidity.clamp(0, 10_000).unsigned_abs();
        let kelvins = (limited(temperature) + 27_315).unsigned_abs();
        // Tenths of a pascal times ten-thousandths: 60 Cel is 2.0e9, and more is cut.
        let pressure = self.pressure(temperature).min(u32::MAX / 10_000) * share;
        // 4,912 / 2,267 is 18.01528 / 8.314463, but for 1.5e-8; the powers of ten cancel out.
        let mass = math::share(pressure, 4_912, kelvins * 2_267);
        let mark = match self.mark(temperature) {
            Quality::Good if humidity > 10_000 => Quality::OverRange,
            Quality::Good if humidity < 0 => Quality::UnderRange,
            mark => mark,
        };
        Marked::new(mass.map_or(i32::MAX, u32::cast_signed), mark)
    }

    /// Returns the saturation pressure in tenths of a pascal.
    fn pressure(&self, temperature: i32) -> u32 {
        // 24 places and 8 more are 32, so the value is the upper half.
        let (value, below) = math::product(exp2(self.power(temperature)), 6_112 << 8);
        value + math::top(below)
    }

    /// Returns a t / (b + t) as a power of two, with 24 places.
    fn power(&self, temperature: i32) -> i32 {
        let temperature = limited(temperature);
        let below = (self.b + temperature).unsigned_abs();
        // At most 0.7 of 2^29.3, at -100 Cel.
        let size = math::share(temperature.unsigned_abs(), self.a, below).unwrap_or(0);
        if temperature < 0 { -size.cast_signed() } else { size.cast_signed() }
    }

    fn mark(&self, temperature: i32) -> Quality {
        if temperature < self.range.0 {
            Quality::UnderRange
        } else if temperature > self.range.1 {
            Quality::OverRange
        } else {
            Quality::Good
        }
    }
}

/// Keeps a temperature where the formula has no pole: -100 to 100 Cel.
fn limited(temperature: i32) -> i32 {
    temperature.clamp(-10_000, 10_000)
}
