//! Pulses: windows, gusts, totals, through the blocking and the async trait.

use crate::{leaked, measure};
use core::convert::Infallible;
use std::fmt::Debug;
use sundew_sensors::meaning::{EventRate, WindSpeed};
use sundew_sensors::pulse::{Counter, Gauge, RAIN_0_2_MM, Rate, Total, Wind, WithEpoch};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::SimClock;
use sundew_units::{Marked, Quality, Transform};

/// Leaves thousandths of a hertz as they are, and doubts more than 100 Hz.
#[derive(Clone, Copy)]
struct Hertz;

impl Transform for Hertz {
    fn apply(&self, raw: i32) -> Marked {
        Marked::new(raw, if raw > 100_000 { Quality::Suspect } else { Quality::Good })
    }
}

/// A world is leaked, so that the async driver can be wrapped like the others.
fn world() -> (&'static SimClock, &'static Counter) {
    (leaked(SimClock::new()), leaked(Counter::new()))
}

fn pulses(counter: &Counter, count: u32) {
    (0..count).for_each(|_| counter.pulse());
}

type Made = (&'static SimClock, &'static Counter);

fn rate(
    (clock, counter): Made,
) -> Rate<EventRate<-3>, &'static Counter, impl FnMut() -> u32, Hertz> {
    Rate::new(counter, || clock.millis(), Hertz, 2_000)
}

fn check_rate<S: Sensor<1, Error = Error<Infallible>>>(make: fn(Made) -> S) {
    let (clock, counter) = world();
    let mut sensor = make((clock, counter));
    assert_eq!(sensor.read(), Err(Error::NotReady), "no window was opened");
    pulses(counter, 500);
    assert_eq!(sensor.start(), Ok(2_000));
    clock.advance_millis(1_999);
    pulses(counter, 20);
    assert_eq!(sensor.start(), Ok(1), "starting again waits for the same window");
    assert_eq!(sensor.read(), Err(Error::NotReady));
    clock.advance_millis(1);
    assert_eq!(sensor.read(), Ok([10_000]), "pulses before the start do not count");
    // The next window began with that reading: no pulse is lost between two.
    pulses(counter, 30);
    clock.advance_millis(10_000);
    assert_eq!(sensor.start(), Ok(0));
    assert_eq!(sensor.read(), Ok([3_000]), "the mean of the whole time");
    assert_eq!(sensor.quality(0), Quality::Good);
    pulses(counter, 201);
    assert_eq!(measure(&mut sensor, clock), Ok([100_500]));
    assert_eq!(sensor.quality(0), Quality::Suspect, "as the transform says");
    assert_eq!(measure(&mut sensor, clock), Ok([0]));
    pulses(counter, 65_535);
    assert_eq!(measure(&mut sensor, clock), Ok([32_767_500]), "the most that a window holds");
}

fn wind(
    (clock, counter): Made,
) -> Wind<WindSpeed<-3>, &'static Counter, impl FnMut() -> u32, Hertz> {
    Wind::new(counter, || clock.millis(), Hertz, 10_000).with_gust(1_000)
}

fn check_wind<S: Sensor<2, Error = Error<Infallible>>>(make: fn(Made) -> S, poll: fn(&mut S)) {
    let (clock, counter) = world();
    let mut sensor = make((clock, counter));
    poll(&mut sensor);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.start(), Ok(10_000));
    for second in 0..10 {
        pulses(counter, if second == 4 { 50 } else { 5 });
        clock.advance_millis(1_000);
        if second == 8 {
            assert_eq!(sensor.read(), Err(Error::NotReady));
        }
        poll(&mut sensor);
    }
    assert_eq!(sensor.read(), Ok([9_500, 50_000]));
    // Nobody polled: the gust is the mean.
    pulses(counter, 40);
    assert_eq!(measure(&mut sensor, clock), Ok([4_000, 4_000]));
    // One late poll: a weaker gust, but never one below the mean.
    pulses(counter, 60);
    clock.advance_millis(6_000);
    poll(&mut sensor);
    pulses(counter, 4);
    assert_eq!(measure(&mut sensor, clock), Ok([6_400, 10_000]));
    // A gust that is doubted makes both doubtful.
    clock.advance_millis(1_000);
    poll(&mut sensor);
    pulses(counter, 101);
    clock.advance_millis(1_000);
    poll(&mut sensor);
    assert_eq!(measure(&mut sensor, clock), Ok([10_100, 101_000]));
    assert_eq!((sensor.quality(0), sensor.quality(1)), (Quality::Suspect, Quality::Suspect));
    assert_eq!(measure(&mut sensor, clock), Ok([0, 0]));
    assert_eq!(sensor.quality(0), Quality::Good);
}

fn check_totals<S: Sensor<2, Error = Infallible>>(mut sensor: S, counter: &Counter) {
    assert_eq!((sensor.start(), sensor.read()), (Ok(0), Ok([0, 7])));
    pulses(counter, 3);
    assert_eq!(sensor.read(), Ok([6_000, 7]));
    pulses(counter, 65_535);
    assert_eq!(sensor.read(), Ok([131_076_000, 7]));
}

fn measured<S: Sensor<1>>(mut sensor: S) -> [i32; 1]
where
    S::Error: Debug,
{
    sensor.start().and_then(|_| sensor.read()).unwrap()
}

fn gauge() -> (&'static Counter, Total<&'static Counter, EventRate<0>>) {
    let (_, counter) = world();
    pulses(counter, 9);
    let total = Total::new(counter, Gauge::new(5, 2)).with_modulus(10).unwrap();
    pulses(counter, 7);
    (counter, total)
}

#[test]
fn blocking() {
    check_rate(rate);
    check_wind(wind, Wind::poll);
    let (_, counter) = world();
    check_totals(WithEpoch::new(Total::new(counter, RAIN_0_2_MM), 7), counter);
    assert_eq!(measured(gauge().1), [7]); // 17.5, which came round at 10
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    check_rate(|made| Polled(rate(made)));
    check_wind(|made| Polled(wind(made)), |sensor| sensor.0.poll());
    let (_, counter) = world();
    check_totals(Polled(WithEpoch::new(Total::new(counter, RAIN_0_2_MM), 7)), counter);
    assert_eq!(measured(Polled(gauge().1)), [7]);
}
