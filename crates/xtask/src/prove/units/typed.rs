//! Typed quantities over their whole ranges: what the compiler chose to do in 32 bits is as exact.

use sundew_units::typed::{
    BeatPerMinute, Celsius, DecibelMilliwatt, DecibelWatt, Hectopascal, Hour, Joule, Kelvin,
    KilometrePerHour, KilowattHour, MetrePerSecond, MillimetrePerHour, Pascal, PerSecond, Second,
};
use sundew_units::{Dec, Rounding};

use super::Judge;
use super::exact::{Exact, ROUNDINGS};
use super::library::Library;

type Wind = KilometrePerHour<-1, -3_000, 3_000>;
type Rain = MillimetrePerHour<-1, 0, 5_000>;
type Air = Celsius<-2, -4_000, 12_500>;
type Radio = DecibelMilliwatt<0, -150, 40>;
type Pressure = Hectopascal<-2, 30_000, 110_000>;
type Heart = BeatPerMinute<0, 0, 250>;
// Too large for 32 bits on the way, so that the general way is taken.
type Meter = KilowattHour<-3, 0, 500_000>;
type Uptime = Second<0>;

/// Judges one conversion: the range, what `to` gives, and what it should be.
macro_rules! sweep {
    ($library:expr, $judge:expr, $from:ty, $range:expr, $to:ty, $scale:literal, $offset:literal) => {
        for mantissa in $range {
            let Some(value) = <$from>::new(mantissa) else {
                $judge.check(false, || format!("{mantissa} is not in range"));
                continue;
            };
            let to = |rounding: Rounding| -> Dec {
                let converted: $to = value.to(rounding);
                converted.dec()
            };
            compare($library, $judge, value.dec(), to, ($scale, $offset));
        }
    };
}

pub(super) fn run(library: &Library, judge: &mut Judge) {
    sweep!(library, judge, Wind, -3_000..=3_000, MetrePerSecond<-3>, "1/3.6", "0");
    sweep!(library, judge, Wind, -3_000..=3_000, MetrePerSecond<0>, "1/3.6", "0");
    sweep!(library, judge, Rain, 0..=5_000, MetrePerSecond<-9>, "1/3600000", "0");
    sweep!(library, judge, Air, -4_000..=12_500, Kelvin<-1>, "1", "273.15");
    sweep!(library, judge, Air, -4_000..=12_500, Kelvin<-3>, "1", "273.15");
    sweep!(library, judge, Radio, -150..=40, DecibelWatt<0>, "1", "-30");
    sweep!(library, judge, Pressure, (30_000..=110_000).step_by(37), Pascal<0>, "100", "0");
    sweep!(library, judge, Heart, 0..=250, PerSecond<-2>, "1/60", "0");
    sweep!(library, judge, Meter, (0..=500_000).step_by(97), Joule<1>, "3600000", "0");
    sweep!(
        library,
        judge,
        Uptime,
        (i32::MIN..=i32::MAX).step_by(1_000_003),
        Hour<-3>,
        "1/3600",
        "0"
    );
}

fn compare(
    library: &Library,
    judge: &mut Judge,
    value: Dec,
    to: impl Fn(Rounding) -> Dec,
    (scale, offset): (&str, &str),
) {
    let (Ok(scale), Ok(offset)) = (Exact::parse(scale), Exact::parse(offset)) else {
        return judge.check(false, || format!("no factor: {scale}, {offset}"));
    };
    let exact = &(&Exact::of(value) * &scale) + &offset;
    let target = to(Rounding::Floor).exponent();
    for (rounding, wanted) in ROUNDINGS.into_iter().zip(exact.rounded(target)) {
        let found = to(library.rounding(rounding));
        judge.check(Some(found) == wanted, || {
            format!("typed {value:?} x {scale:?}, {rounding:?}: {found:?}, not {wanted:?}")
        });
    }
}
