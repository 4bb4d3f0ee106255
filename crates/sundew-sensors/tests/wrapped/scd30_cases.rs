//! `SCD30` by the crate `scd30-interface`.

use crate::measure;
use crate::noise::{survived, values, with_checksums};
use sundew_sensors::wrap::{Split, scd30::Scd30};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};

const TRIGGER: u16 = 0x0010;
const READY: u16 = 0x0202;
const READ: u16 = 0x0300;

type Part = SimWords<'static, 3>;
type Bus = SimBus<'static, 1>;

fn world() -> (&'static SimClock, &'static Part, &'static Bus) {
    let clock: &SimClock = Box::leak(Box::new(SimClock::new()));
    // The part asks for 3 ms between a command and its answer.
    let ready = WordCommand::new(READY).lasting(3_000).answering(1);
    let read = WordCommand::new(READ).lasting(3_000);
    let part = SimWords::new(clock, 0x61, [WordCommand::new(TRIGGER).taking(1), ready, read]);
    let part: &Part = Box::leak(Box::new(part));
    set(part, [439.095_15, 27.238_28, 48.806_744]);
    (clock, part, Box::leak(Box::new(SimBus::new([part]))))
}

fn set(part: &Part, values: [f32; 3]) {
    let words = values.map(|value| {
        let bits = value.to_bits();
        [(bits >> 16) as u16, bits as u16]
    });
    part.set_answer(READ, words.as_flattened());
}

fn check<S: Sensor<3, Error = Error<BusError>>>(
    (clock, part, bus): (&SimClock, &Part, &Bus),
    mut sensor: S,
) {
    const VALUES: [i32; 3] = [439, 2_724, 4_881];
    part.unplug();
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::AddressNack)), "absent");
    part.plug();
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    assert_eq!(sensor.start(), Ok(2_300));
    assert_eq!(part.arguments(TRIGGER), [0, 0]);
    assert_eq!(sensor.read(), Ok(VALUES));
    assert_eq!(sensor.start(), Ok(0), "it runs by itself");
    part.set_answer(READY, &[0]);
    assert_eq!(sensor.read(), Err(Error::NotReady), "no new value");
    part.set_answer(READY, &[1]);
    let before = clock.micros();
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert!(clock.micros() - before < 12_000, "as the docs say");
    assert_eq!(part.times(TRIGGER), 1);
    for (values, expected) in [
        ([0.0, -40.0, 0.0], [0, -4_000, 0]),
        ([10_000.4, 125.0, 100.0], [10_000, 12_500, 10_000]),
        ([400.5, -0.004, 0.005_1], [401, 0, 1]),
    ] {
        set(part, values);
        assert_eq!(measure(&mut sensor, clock), Ok(expected));
    }
    set(part, [f32::NAN, 20.0, 50.0]);
    assert_eq!(measure(&mut sensor, clock), Err(Error::Frame));
    set(part, [439.095_15, 27.238_28, 48.806_744]);
    for word in 0..6 {
        part.break_crc(Some(word));
        assert_eq!(measure(&mut sensor, clock), Err(Error::Checksum), "word {word}");
        part.break_crc(None);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    }
    part.set_answer(READY, &[7]);
    assert_eq!(measure(&mut sensor, clock), Err(Error::Frame), "no state that there is");
    part.set_answer(READY, &[1]);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    for call in 0..4 {
        for fault in [BusError::AddressNack, BusError::DataNack, BusError::Stuck] {
            bus.fail(call, 1, fault);
            assert_eq!(measure(&mut sensor, clock), Err(Error::Bus(fault)), "transfer {call}");
            assert_eq!(sensor.read(), Err(Error::NotReady));
            assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
        }
    }
}

#[test]
fn blocking() {
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Scd30::new(&split));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::wrap::scd30::Scd30Async;
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Polled(Scd30Async::new(&split)));
}

#[test]
fn nothing_on_the_bus_makes_it_panic() {
    let clock = SimClock::new();
    let ready = |written: &[u8], bytes: &mut [u8]| {
        if let ([0x02, 0x02], [high, low, _]) = (written, &mut *bytes) {
            (*high, *low) = (0, 1);
        }
        with_checksums(written, bytes);
    };
    let values = survived(ready, |noise| {
        let split = Split::new(noise, &clock);
        values(&mut Scd30::new(&split), &clock)
    });
    assert!(values > 1_000, "{values}");
}
