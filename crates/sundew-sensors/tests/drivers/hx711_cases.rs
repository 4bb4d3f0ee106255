//! HX711: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, leaked, measure};
use sundew_sensors::hx711::{Calibration, Hx711, Input, Rate, Scale};
use sundew_sensors::{Error, Output, Sensor};
use sundew_testkit::{PinError, SimClock, SimHx711, SimHx711Clock, SimHx711Data};
use sundew_units::{Quality, Quantity};

type Part = SimHx711<'static>;
type Bridge = Hx711<SimHx711Clock<'static>, SimHx711Data<'static>, &'static SimClock>;

const VALUES: [i32; 1] = [1_234_567];

fn table() -> [Case<&'static Part, 1, PinError>; 15] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("1,234,567", Ok(VALUES)),
        Case { before_start: |w| w.set(25, 8_388_607), ..quiet("highest", Ok([8_388_607])) },
        Case { before_start: |w| w.set(25, -8_388_608), ..quiet("lowest", Ok([-8_388_608])) },
        Case { before_start: |w| w.set(25, 0), ..quiet("zero", Ok([0])) },
        Case { before_start: |w| w.set(25, -1), ..quiet("a step below", Ok([-1])) },
        Case { early_ms: 42, ..quiet("read too early", Err(Read(Error::NotReady))) },
        Case {
            before_start: |w| w.unplug(),
            ..quiet("absent, pulled up", Err(Read(Error::NotReady)))
        },
        Case { before_read: |w| w.unplug(), ..quiet("unplugged", Err(Read(Error::NotReady))) },
        Case {
            before_read: |w| w.plug(),
            ..quiet("supply broke down", Err(Read(Error::NotReady)))
        },
        Case {
            // Not a measurement of nothing: the pulse after the word raises the pin.
            before_read: |w| w.ground(),
            ..quiet("data pin at ground", Err(Read(Error::Frame)))
        },
        Case { before_start: |w| w.fail(0), ..quiet("clock", Err(Start(Error::Bus(PIN)))) },
        Case { before_start: |w| w.fail(1), ..quiet("clock down", Err(Start(Error::Bus(PIN)))) },
        Case { before_read: |w| w.fail(0), ..quiet("data pin", Err(Read(Error::Bus(PIN)))) },
        Case { before_read: |w| w.fail(37), ..quiet("in the word", Err(Read(Error::Bus(PIN)))) },
        Case {
            // Short enough: the part goes on.
            before_read: |w| w.interrupt(13, 50),
            ..quiet("a short interrupt", Ok(VALUES))
        },
    ]
}

const PIN: PinError = PinError::Stuck;

fn world() -> (&'static SimClock, &'static Part) {
    let clock = leaked(SimClock::new());
    let part = leaked(SimHx711::new(clock));
    part.set(25, VALUES[0]);
    part.set(26, -26);
    part.set(27, 2_727);
    (clock, part)
}

fn bridge(clock: &'static SimClock, part: &'static Part, input: Input) -> Bridge {
    Hx711::new(part.clock(), part.data(), clock, input, Rate::Hz10)
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<PinError>>>(
    driver: fn(&'static SimClock, &'static Part, Input) -> S,
) {
    for case in table() {
        let (clock, part) = world();
        let mut sensor = driver(clock, part, Input::A128);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &part);
        part.plug();
        part.set(25, VALUES[0]);
        clock.advance_millis(400);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(part.pulses(), 25);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
    marks(driver);
    other_inputs(driver);
}

fn marks<S: Sensor<1, Error = Error<PinError>>>(
    driver: fn(&'static SimClock, &'static Part, Input) -> S,
) {
    let (clock, part) = world();
    let mut sensor = driver(clock, part, Input::A128);
    for (steps, expected) in [
        (8_388_607, Quality::OverRange),
        (8_388_606, Quality::Good),
        (-8_388_608, Quality::UnderRange),
        (-8_388_607, Quality::Good),
    ] {
        part.set(25, steps);
        assert_eq!(measure(&mut sensor, clock), Ok([steps]));
        assert_eq!(sensor.quality(0), expected, "{steps}");
    }
}

/// Another input than the one after a reset is measured from the second time on.
fn other_inputs<S: Sensor<1, Error = Error<PinError>>>(
    driver: fn(&'static SimClock, &'static Part, Input) -> S,
) {
    for (input, pulses, expected) in [(Input::B32, 26, -26), (Input::A64, 27, 2_727)] {
        let (clock, part) = world();
        let mut sensor = driver(clock, part, input);
        assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
        assert_eq!(part.pulses(), pulses);
        assert_eq!(sensor.start(), Ok(441), "it settles again");
        assert_eq!(measure(&mut sensor, clock), Ok([expected]));
        assert_eq!(sensor.start(), Ok(111));
        assert_eq!(measure(&mut sensor, clock), Ok([expected]));
    }
}

#[test]
fn blocking() {
    run_table(bridge);
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::hx711::Hx711Async;
    run_table(|clock, part, input| {
        Polled(Hx711Async::new(part.clock(), part.data(), clock, input, Rate::Hz10))
    });
}

#[test]
fn a_long_interrupt_spoils_a_word_and_the_next_one_is_late() {
    let (clock, part) = world();
    let mut sensor = bridge(clock, part, Input::A128);
    clock.advance_millis(sensor.start().unwrap());
    part.interrupt(13, 61);
    // What the page says: the rest of the word is ones, and nothing tells.
    assert_eq!(sensor.read(), Ok([0x12_DFFF]));
    assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
    clock.advance_millis(400);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
}

#[test]
fn it_sleeps_until_the_next_start() {
    let (clock, part) = world();
    let mut sensor = bridge(clock, part, Input::A128);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    sensor.sleep().unwrap();
    assert!(part.is_asleep());
    clock.advance_millis(1_000);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.start(), Ok(441));
    assert!(!part.is_asleep());
    clock.advance_millis(441);
    assert_eq!(sensor.read(), Ok(VALUES));
    sensor.set_input(Input::A64);
    assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
    assert_eq!(measure(&mut sensor, clock), Ok([2_727]));
}

/// Weighs, marks the ends of the part's scale, and tares.
fn weighs<S: Sensor<1, Error = Error<PinError>>>(
    driver: fn(&'static SimClock, &'static Part, Calibration) -> S,
) {
    assert_eq!(S::OUTPUTS, [Output::new(Quantity::Mass, -4)]);
    let (clock, part) = world();
    // Connected the other way round: less is more.
    let calibration = Calibration::new(100_000, -900_000, 20_000).unwrap();
    let mut sensor = driver(clock, part, calibration);
    for (steps, mass, quality) in [
        (100_000, 0, Quality::Good),
        (-400_000, 10_000, Quality::Good),
        (100_025, 0, Quality::Good),
        (100_026, -1, Quality::Good),
        (8_388_607, -165_772, Quality::OverRange),
    ] {
        part.set(25, steps);
        let given = measure(&mut sensor, clock);
        assert!(given.is_ok_and(|[given]| (given - mass).abs() <= 1), "{steps}: {given:?}");
        assert_eq!(sensor.quality(0), quality, "{steps}");
    }
    part.unplug();
    assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
}

#[test]
fn scale_blocking() {
    weighs(|clock, part, calibration| {
        Scale::<_, _, _, _, -4>::new(bridge(clock, part, Input::A128), calibration)
    });
    let (clock, part) = world();
    let calibration = Calibration::new(0, 1_000_000, 20_000).unwrap();
    let mut scale = Scale::<_, _, _, _, -4>::new(bridge(clock, part, Input::A128), calibration);
    assert_eq!(measure(&mut scale, clock), Ok([24_691]));
    *scale.transform() = calibration.with_tare(1_234_567);
    assert_eq!(measure(&mut scale, clock), Ok([0]));
    scale.bridge().sleep().unwrap();
    assert!(part.is_asleep());
}

#[cfg(feature = "async")]
#[test]
fn scale_asynch() {
    use crate::polled::Polled;
    use sundew_sensors::hx711::{Hx711Async, ScaleAsync};
    weighs(|clock, part, calibration| {
        let (clock_pin, data) = (part.clock(), part.data());
        let bridge = Hx711Async::new(clock_pin, data, clock, Input::A128, Rate::Hz10);
        Polled(ScaleAsync::<_, _, _, _, -4>::new(bridge, calibration))
    });
}
