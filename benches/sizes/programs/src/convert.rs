//! `units-convert` and `units-typed`: a wind in km/h becomes one in m/s.

use core::hint::black_box;

use sundew_units::Rounding;

/// With a conversion of constant units, for any value.
#[cfg(feature = "units-convert")]
#[inline(never)]
pub(crate) fn any() -> bool {
    use sundew_units::{Conversion, Dec, Unit};

    const TO_SI: Conversion = Conversion::between(Unit::KilometrePerHour, Unit::MetrePerSecond);
    let wind = Dec::new(black_box(1_234), -1);
    TO_SI.convert(wind, -2, Rounding::HalfEven) == Some(Dec::new(3_428, -2))
}

/// With typed quantities, for a range that is known.
#[cfg(feature = "units-typed")]
#[inline(never)]
pub(crate) fn typed() -> bool {
    use sundew_units::typed::{KilometrePerHour, MetrePerSecond};

    type Wind = KilometrePerHour<-1, 0, 3_000>;
    let Some(wind) = Wind::new(black_box(1_234)) else { return false };
    let wind: MetrePerSecond<-2> = wind.to(Rounding::HalfEven);
    wind.mantissa() == 3_428
}
