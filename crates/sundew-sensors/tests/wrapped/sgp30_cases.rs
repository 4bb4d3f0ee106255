//! `SGP30` by the crate `sgp30`.

use crate::measure;
use crate::noise::{survived, values, with_checksums};
use sundew_sensors::wrap::{Split, sgp30::Sgp30};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
use sundew_units::Quality;

const INIT: u16 = 0x2003;
const MEASURE: u16 = 0x2008;

type Part = SimWords<'static, 2>;
type Bus = SimBus<'static, 1>;

fn world() -> (&'static SimClock, &'static Part, &'static Bus) {
    let clock: &SimClock = Box::leak(Box::new(SimClock::new()));
    let init = WordCommand::new(INIT).lasting(10_000);
    let part = SimWords::new(clock, 0x58, [init, WordCommand::new(MEASURE).lasting(12_000)]);
    let part: &Part = Box::leak(Box::new(part));
    part.set_answer(MEASURE, &[850, 120]);
    (clock, part, Box::leak(Box::new(SimBus::new([part]))))
}

fn check<S: Sensor<2, Error = Error<BusError>>>(
    (clock, part, bus): (&SimClock, &Part, &Bus),
    mut sensor: S,
) {
    part.unplug();
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::AddressNack)), "absent");
    part.plug();
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    for reading in 1..=20 {
        let before = clock.micros();
        assert_eq!(sensor.start(), Ok(13));
        assert!(reading == 1 || clock.micros() - before < 1_000, "nothing waits inside");
        clock.advance_millis(13);
        assert_eq!(sensor.read(), Ok([850, 120]));
        let expected = if reading < 15 { Quality::Uncalibrated } else { Quality::Good };
        assert_eq!((sensor.quality(0), sensor.quality(1)), (expected, expected), "{reading}");
    }
    assert_eq!((part.times(INIT), part.times(MEASURE)), (1, 20));
    assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    // A damaged answer is measured again, without a new warm-up.
    for word in [0, 1] {
        part.break_crc(Some(word));
        assert_eq!(measure(&mut sensor, clock), Err(Error::Checksum));
        part.break_crc(None);
        assert_eq!(measure(&mut sensor, clock), Ok([850, 120]));
    }
    assert_eq!((part.times(INIT), sensor.quality(0)), (1, Quality::Good));
    // Started twice, it begins anew.
    assert_eq!(sensor.start(), Ok(13));
    clock.advance_millis(13);
    assert_eq!(measure(&mut sensor, clock), Ok([850, 120]));
    // What did not answer may have lost its supply, so it is told to measure again.
    for (number, (call, fault)) in [
        (0, BusError::DataNack),
        (0, BusError::Stuck),
        (1, BusError::AddressNack),
        (1, BusError::ArbitrationLost),
    ]
    .into_iter()
    .enumerate()
    {
        bus.fail(call, 1, fault);
        assert_eq!(measure(&mut sensor, clock), Err(Error::Bus(fault)), "{call} {fault}");
        assert_eq!(sensor.read(), Err(Error::NotReady));
        assert_eq!(measure(&mut sensor, clock), Ok([850, 120]));
        assert_eq!(usize::try_from(part.times(INIT)), Ok(2 + number));
        assert_eq!(sensor.quality(0), Quality::Uncalibrated);
    }
    for values in [[0, 0], [u16::MAX, u16::MAX]] {
        part.set_answer(MEASURE, &values);
        assert_eq!(measure(&mut sensor, clock), Ok(values.map(i32::from)));
    }
}

#[test]
fn blocking() {
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Sgp30::new(&split));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::wrap::sgp30::Sgp30Async;
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Polled(Sgp30Async::new(&split)));
}

#[test]
fn nothing_on_the_bus_makes_it_panic() {
    let clock = SimClock::new();
    let values = survived(with_checksums, |noise| {
        let split = Split::new(noise, &clock);
        values(&mut Sgp30::new(&split), &clock)
    });
    assert!(values > 1_000, "{values}");
}
