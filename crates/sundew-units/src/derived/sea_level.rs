//! Pressure reduced to sea level.

use crate::Quality;
use crate::transform::{Affine, Fixed, Marked, math};

/// Builds the conversion of a station's pressure to sea level in the standard atmosphere, for a height
/// in tenths of a metre.
///
/// `p0 = p / (1 - h / 44 330 m)^5.255` (ICAO standard atmosphere: 15 Cel at sea level and 0.0065 K less a
/// metre; as in the data sheet of the BMP180, "Calculating pressure at sea level"). For a height, it
/// is a factor, and so the conversion is an [`Affine`]: the pressure may have any number of places,
/// the result has as many. Error: 0.5 of the last place and 1 part in 2^32. This is the QNH of
/// aviation, but for the rounding of 44 330.77 and 5.25588 (8 Pa at 4 000 m).
///
/// For constants: at run time it would link arithmetic of 128 bits.
///
/// # Panics
///
/// Panics beyond -500 and 11,000 m, where the formula ends. In a `const` that is a compile error,
/// which is the intended use.
///
/// ```
/// use sundew_units::derived::sea_level;
/// use sundew_units::transform::{Affine, Transform};
///
/// const STATION: Affine = sea_level(1_122); // 112.2 m
/// assert_eq!(STATION.apply(99_640).mantissa, 100_976); // 1009.76 hPa
/// ```
pub const fn sea_level(decimetres: i32) -> Affine {
    assert!(decimetres >= -5_000 && decimetres <= 110_000, "no height of a station");
    let share = Fixed::ONE.minus(Fixed::ratio(decimetres as i64, 443_300));
    Affine::factor(share.ln().times(Fixed::decimal(-5_255, -3)).exp())
}

/// Reduces a station's pressure to sea level by the temperature of its air, for one height.
///
/// `p0 = p (1 + 0.0065 h / (t + 273.15))^5.255`: a column of air as warm as the station's at its top, and
/// 0.0065 K warmer a metre further down. (The form that divides by `1 - 0.0065 h / (t + 273.15)`
/// takes t at sea level, where no station is.) Where it is cold, the reduced pressure of a high place
/// differs from the standard one by some hundred pascals per thousand metres.
///
/// Heights from -500 to 9 000 m, temperatures from -60 to 60 Cel. Error against f64: at most 0.5 of
/// the last place and 3e-8 of the value. The height may be known at run time only, and no table is
/// needed: the power is a polynomial of the fifth degree, which misses by 2.1e-8.
///
/// ```
/// use sundew_units::derived::SeaLevel;
///
/// const STATION: SeaLevel = SeaLevel::new(5_000); // 500 m
/// assert_eq!(STATION.apply(95_460, 1_175).mantissa, 101_323); // as in the standard atmosphere
/// assert_eq!(STATION.apply(95_460, -1_000).mantissa, 101_820); // 10 Cel below zero
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SeaLevel {
    decimetres: i32,
}

impl SeaLevel {
    /// Takes the height of the barometer in tenths of a metre.
    pub const fn new(decimetres: i32) -> Self {
        Self { decimetres }
    }

    /// Returns the pressure at sea level, with as many places as the station's, for a temperature in
    /// hundredths of a degree.
    ///
    /// A height outside the range is a [`Quality::Fault`]. A temperature outside is taken as the end of
    /// the range and marked: as [`Quality::OverRange`] where it is too cold, since the pressure is
    /// higher then, or else as [`Quality::UnderRange`]; a height below sea level turns that round.
    pub fn apply(&self, pressure: i32, temperature: i32) -> Marked {
        /// (1 + z)^5.255 in 27 places, from the highest power down, for z from -0.0155 to 0.2745.
        const COEFFICIENTS: [i32; 5] =
            [916_535_297, 1_628_208_888, 1_500_553_842, 705_314_135, 134_217_728];
        if self.decimetres < -5_000 || self.decimetres > 90_000 {
            return Marked::new(pressure, Quality::Fault);
        }
        let kelvins = (temperature.clamp(-6_000, 6_000) + 27_315).unsigned_abs();
        // z = 0.00065 K x decimetres by hundredths of a kelvin, in 31 places.
        let size = math::share(self.decimetres.unsigned_abs() * 65, 1 << 31, kelvins * 1_000);
        let size = size.unwrap_or(0).cast_signed();
        let z = if self.decimetres < 0 { -size } else { size };
        // Every sum is below 2^31: 2.03e9 at the third step is the largest.
        let factor = COEFFICIENTS
            .iter()
            .fold(236_449_506, |sum, coefficient| math::scaled(sum, z).wrapping_add(*coefficient));
        let (high, low) = math::product(pressure.unsigned_abs(), factor.unsigned_abs());
        let size = (high << 5 | low >> 27) + math::top(low << 5);
        // 2^31 x 2^27 and more does not fit.
        if high >= 1 << 26 || size > i32::MAX as u32 {
            return Marked::new(i32::MAX, Quality::OverRange);
        }
        let mark = match (temperature < -6_000, temperature > 6_000, self.decimetres < 0) {
            (false, false, _) => Quality::Good,
            (true, _, false) | (_, true, true) => Quality::OverRange,
            _ => Quality::UnderRange,
        };
        let size = size.cast_signed();
        Marked::new(if pressure < 0 { -size } else { size }, mark)
    }
}
