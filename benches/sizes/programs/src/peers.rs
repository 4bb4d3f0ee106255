//! `peer-*`: what others publish for the same jobs, on the same bench; `cargo bench-peers` runs them
//! beside ours. A value is given away as it comes, float or integer: who prints it pays again.

pub(crate) mod decode;
pub(crate) mod encode;
#[cfg(feature = "peer-queue-sequential")]
pub(crate) mod sequential;

#[cfg(feature = "peer-units-sundew")]
pub(crate) mod ours {
    use core::hint::black_box;

    use sundew_units::{Conversion, Dec, Rounding, Unit};

    const WIND: Conversion = Conversion::between(Unit::KilometrePerHour, Unit::MetrePerSecond);
    const AIR: Conversion = Conversion::between(Unit::Hectopascal, Unit::Pascal);
    const HEAT: Conversion = Conversion::between(Unit::Celsius, Unit::Kelvin);

    /// 36.7 km/h, 1,013.25 hPa and 23.45 Cel in SI units: hundredths, whole ones, hundredths.
    #[inline(never)]
    pub(crate) fn units() -> bool {
        let round = |conversion: Conversion, value, exponent| {
            black_box(conversion.convert(black_box(value), exponent, Rounding::HalfEven)).is_some()
        };
        round(WIND, Dec::new(367, -1), -2)
            && round(AIR, Dec::new(101_325, -2), 0)
            && round(HEAT, Dec::new(2_345, -2), -2)
    }
}

#[cfg(feature = "peer-units-typed")]
pub(crate) mod typed {
    use core::hint::black_box;

    use sundew_units::Rounding;
    use sundew_units::typed::{
        Celsius, Hectopascal, Kelvin, KilometrePerHour, MetrePerSecond, Pascal,
    };

    /// The same, for ranges that are known while compiling.
    #[inline(never)]
    pub(crate) fn units() -> bool {
        let wind = KilometrePerHour::<-1, 0, 3_000>::new(black_box(367));
        let air = Hectopascal::<-2, 0, 200_000>::new(black_box(101_325));
        let heat = Celsius::<-2, -10_000, 10_000>::new(black_box(2_345));
        let (Some(wind), Some(air), Some(heat)) = (wind, air, heat) else { return false };
        let wind: MetrePerSecond<-2> = wind.to(Rounding::HalfEven);
        let air: Pascal<0> = air.to(Rounding::HalfEven);
        let heat: Kelvin<-2> = heat.to(Rounding::HalfEven);
        black_box(wind.mantissa()) == 1_019
            && black_box(air.mantissa()) == 101_325
            && black_box(heat.mantissa()) == 29_660
    }
}

/// The three conversions in `uom`, in one float type.
#[cfg(any(feature = "peer-units-uom-f32", feature = "peer-units-uom-f64"))]
macro_rules! uom_units {
    ($name:ident, $float:ident) => {
        #[inline(never)]
        pub(crate) fn $name() -> bool {
            use core::hint::black_box;
            use uom::si::pressure::{hectopascal, pascal};
            use uom::si::thermodynamic_temperature::{degree_celsius, kelvin};
            use uom::si::velocity::{kilometer_per_hour, meter_per_second};
            use uom::si::$float::{Pressure, ThermodynamicTemperature, Velocity};
            let wind = Velocity::new::<kilometer_per_hour>(black_box(36.7));
            black_box(wind.get::<meter_per_second>());
            let air = Pressure::new::<hectopascal>(black_box(1_013.25));
            black_box(air.get::<pascal>());
            let heat = ThermodynamicTemperature::new::<degree_celsius>(black_box(23.45));
            black_box(heat.get::<kelvin>());
            true
        }
    };
}

#[cfg(feature = "peer-units-uom-f32")]
uom_units!(uom_f32, f32);
#[cfg(feature = "peer-units-uom-f64")]
uom_units!(uom_f64, f64);

/// A delay that takes no time: parts that answer from a script need none.
#[cfg(feature = "peer-bme280")]
struct NoDelay;

#[cfg(feature = "peer-bme280")]
impl embedded_hal::delay::DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

/// Initialises and measures with the crate `bme280`, in f32.
#[cfg(feature = "peer-bme280")]
#[inline(never)]
pub(crate) fn bme280(bus: &mut crate::bench::Bus) -> bool {
    use core::hint::black_box;
    // As recorded: the same calibration and results as `driver-bme280` has.
    static SCRIPT: [u8; 47] = [
        0x60, 0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B,
        0x8C, 0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B, 0x6A, 0x01, 0x00,
        0x14, 0x21, 0x03, 0x1E, 0x00, 0x00, 0x00, 0x54, 0x54, 0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00,
        0x75, 0x30,
    ];
    bus.answer(black_box(&SCRIPT));
    let mut sensor = bme280::i2c::BME280::new_primary(&mut *bus);
    black_box(sensor.init(&mut NoDelay)).is_ok() && black_box(sensor.measure(&mut NoDelay)).is_ok()
}

/// Measures with the crate `sht31`, in f32.
#[cfg(feature = "peer-sht31")]
#[inline(never)]
pub(crate) fn sht31(bus: &mut crate::bench::Bus) -> bool {
    use core::hint::black_box;
    use sht31::mode::{Sht31Measure, Sht31Reader, SingleShot};
    use sht31::{SHT31, TemperatureUnit};
    static SCRIPT: [u8; 6] = [0x64, 0x22, 0xB3, 0x68, 0x72, 0x79];
    bus.answer(black_box(&SCRIPT));
    let mut sensor =
        SHT31::single_shot(&mut *bus, SingleShot::new()).with_unit(TemperatureUnit::Celsius);
    black_box(sensor.measure()).is_ok() && black_box(sensor.read()).is_ok()
}
