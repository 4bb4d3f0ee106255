//! `transform-ntc`, `transform-wind` and `transform-dew`: a raw number becomes what is meant.

use core::hint::black_box;

use sundew_units::Quality;

/// A thermistor on a converter of 10 bits, by a table of 65 entries, with its faults.
#[cfg(feature = "transform-ntc")]
#[inline(never)]
pub(crate) fn ntc() -> bool {
    use sundew_units::transform::{Bounded, Divider, Ntc, Table, Transform};

    const PROBE: Ntc = Ntc::beta(10_000, 2_500, 3_950);
    const AIR: Bounded<Table<i16, 65, 4>> =
        Bounded::new(PROBE.table(Divider::PullUp(10_000))).raws(8, 1_015).values(-4_000, 8_500);
    let value = AIR.apply(black_box(512));
    value.mantissa == 2_500 && value.quality == Quality::Good
}

/// 25 turns in 10 s of an anemometer with a quadratic by pieces.
#[cfg(feature = "transform-wind")]
#[inline(never)]
pub(crate) fn wind() -> bool {
    use sundew_units::anemometer::PEET_BROS_ULTIMETER;

    let value = PEET_BROS_ULTIMETER.speed(black_box(25), black_box(10_000));
    value.mantissa == 2_908 && value.quality == Quality::Good
}

/// The dew point of air at 25 Cel and 60 %RH.
#[cfg(feature = "transform-dew")]
#[inline(never)]
pub(crate) fn dew() -> bool {
    use sundew_units::derived::Magnus;

    let value = Magnus::WATER.dew_point(black_box(2_500), black_box(6_000));
    value.mantissa == 1_669 && value.quality == Quality::Good
}
