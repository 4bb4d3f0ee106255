//! `SEN5x` by the crate `sen5x-rs`, which drops what the bus says.

use crate::measure;
use crate::noise::{survived, values, with_checksums};
use sundew_sensors::wrap::{Split, sen5x::Sen5x};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
use sundew_units::Quality;

const RUN: u16 = 0x0021;
const READ: u16 = 0x03C4;

#[test]
fn values_and_faults() {
    const VALUES: [i32; 8] = [18, 22, 24, 26, 22_405, 5_514, 360, 10];
    let clock = SimClock::new();
    let run = WordCommand::new(RUN).lasting(50_000);
    let part = SimWords::new(&clock, 0x69, [run, WordCommand::new(READ).lasting(20_000)]);
    let bus = SimBus::new([&part]);
    let split = Split::new(&bus, &clock);
    let mut sensor = Sen5x::new(&split);
    // What the crate's own test reads.
    part.set_answer(READ, &[18, 22, 24, 26, 5_514, 4_481, 360, 10]);

    part.unplug();
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::AddressNack)), "absent");
    part.plug();
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    assert_eq!(measure(&mut sensor, &clock), Ok(VALUES));
    let before = clock.micros();
    assert_eq!(sensor.start(), Ok(21));
    assert!(clock.micros() - before < 1_000, "nothing waits inside");
    assert_eq!(sensor.read(), Err(Error::NotReady), "too early");
    clock.advance_millis(100);
    assert_eq!(measure(&mut sensor, &clock), Ok(VALUES));
    assert!((0..9).all(|output| sensor.quality(output) == Quality::Good));

    for word in 0..8 {
        part.break_crc(Some(word));
        assert_eq!(measure(&mut sensor, &clock), Err(Error::Checksum), "word {word}");
        part.break_crc(None);
        assert_eq!(measure(&mut sensor, &clock), Ok(VALUES));
    }
    for (call, fault, error) in [
        (0, BusError::DataNack, Error::Bus(BusError::DataNack)),
        (0, BusError::Stuck, Error::Bus(BusError::Stuck)),
        (1, BusError::AddressNack, Error::NotReady),
        (1, BusError::ArbitrationLost, Error::Bus(BusError::ArbitrationLost)),
    ] {
        let runs = part.times(RUN);
        bus.fail(call, 1, fault);
        assert_eq!(measure(&mut sensor, &clock), Err(error));
        clock.advance_millis(100);
        assert_eq!(measure(&mut sensor, &clock), Ok(VALUES), "after {fault}");
        assert_eq!(part.times(RUN), runs + 1, "it may have lost its supply");
    }

    // A SEN50 measures particles alone; in the first seconds there are none either.
    part.set_answer(READ, &[0xFFFF, 22, 24, 26, 0x7FFF, 0x7FFF, 0x7FFF, 0x7FFF]);
    assert_eq!(measure(&mut sensor, &clock), Ok([0, 22, 24, 26, 0, 0, 0, 0]));
    let marks: Vec<bool> = (0..8).map(|output| sensor.quality(output) == Quality::Fault).collect();
    assert_eq!(marks, [true, false, false, false, true, true, true, true]);
    part.set_answer(READ, &[0, 0x7FFF, 65_534, 1, 0, 0, 0, 0]);
    assert_eq!(measure(&mut sensor, &clock), Ok([0, 32_767, 65_534, 1, 0, 0, 0, 0]));
    assert_eq!(sensor.quality(1), Quality::Good);
}

#[test]
fn every_temperature_comes_through_with_its_sign() {
    let clock = SimClock::new();
    let run = WordCommand::new(RUN).lasting(50_000);
    let part = SimWords::new(&clock, 0x69, [run, WordCommand::new(READ).lasting(20_000)]);
    let bus = SimBus::new([&part]);
    let split = Split::new(&bus, &clock);
    let mut sensor = Sen5x::new(&split);
    for raw in (i16::MIN..i16::MAX).filter(|raw| *raw != -1) {
        let word = raw.cast_unsigned();
        part.set_answer(READ, &[word, 0, 0, 0, word, word, word, word]);
        let expected = i32::from(raw);
        let [particles, _, _, _, temperature, humidity, organics, oxides] =
            measure(&mut sensor, &clock).unwrap();
        assert_eq!(particles, i32::from(word));
        assert_eq!([temperature, humidity], [5 * expected, expected]);
        assert_eq!([organics, oxides], [expected; 2]);
    }
}

#[test]
fn nothing_on_the_bus_makes_it_panic() {
    let clock = SimClock::new();
    let values = survived(with_checksums, |noise| {
        let split = Split::new(noise, &clock);
        values(&mut Sen5x::new(&split), &clock)
    });
    assert!(values > 1_000, "{values}");
}
