//! `SGP40` and `SGP41`: signals, conditioning, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::sgp4x::{Conditioning, Sgp40, Sgp41, WARM_UP};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
use sundew_units::Quality;

const MEASURE_40: u16 = 0x260F;
const MEASURE_41: u16 = 0x2619;
const CONDITION: u16 = 0x2612;
const SELF_TEST: u16 = 0x280E;
const SERIAL: u16 = 0x3682;
const TURN_OFF: u16 = 0x3615;

type Part = SimWords<'static, 5>;

/// Lists the cases of a part of `N` signals; `set` gives them to the model.
fn table<'w, const N: usize>() -> [Case<World<'w, Part>, N>; 11] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("quiet air", Ok([30_000; N])),
        Case { before_start: |w| set(w.part, 0), ..quiet("lowest", Ok([0; N])) },
        Case { before_start: |w| set(w.part, 0xFFFF), ..quiet("highest", Ok([65_535; N])) },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at start", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::DataNack),
            ..quiet("command refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.plug(),
            ..quiet("restarted while it measures", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(N as u8 - 1)),
            ..quiet("last checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(0)),
            ..quiet("first checksum wrong", Err(Read(Error::Checksum)))
        },
        Case { early_ms: 2, ..quiet("read too early", Err(Read(Error::NotReady))) },
    ]
}

fn set(part: &Part, word: u16) {
    part.set_answer(MEASURE_40, &[word]);
    part.set_answer(MEASURE_41, &[word; 2]);
}

fn run_table<const N: usize, S: Sensor<N, Error = Error<BusError>>>(
    clock: &'static SimClock,
    part: &'static Part,
    bus: &'static SimBus<'static, 1>,
    sensor: &mut S,
) {
    let world = World { part, bus };
    for case in table() {
        case.run(sensor, clock, &world);
        part.plug();
        part.break_crc(None);
        set(part, 30_000);
        assert_eq!(measure(sensor, clock), Ok([30_000; N]), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world(number: u8) -> Rig<Part> {
    let clock = leaked(SimClock::new());
    let (measure, condition) = match number {
        40 => (WordCommand::new(MEASURE_40).lasting(30_000), WordCommand::new(MEASURE_40)),
        _ => (WordCommand::new(MEASURE_41).lasting(50_000), WordCommand::new(CONDITION)),
    };
    let commands = [
        measure.taking(2),
        condition.taking(2).lasting(50_000).answering(31_000),
        WordCommand::new(SELF_TEST).lasting(320_000).answering(0xD400),
        WordCommand::new(SERIAL).lasting(1_000),
        WordCommand::new(TURN_OFF).lasting(1_000),
    ];
    let world = wired(clock, SimWords::new(clock, 0x59, commands));
    let part = world.1;
    set(part, 30_000);
    part.set_answer(SERIAL, &[0x0000, 0x0123, 0x4567]);
    world
}

#[test]
fn blocking() {
    let (clock, part, bus) = world(40);
    run_table(clock, part, bus, &mut Sgp40::new(bus));
    let (clock, part, bus) = world(41);
    run_table(clock, part, bus, &mut Sgp41::new(bus, Conditioning::Skipped));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::sgp4x::{Sgp40Async, Sgp41Async};
    let (clock, part, bus) = world(40);
    run_table(clock, part, bus, &mut Polled(Sgp40Async::new(bus)));
    let (clock, part, bus) = world(41);
    run_table(clock, part, bus, &mut Polled(Sgp41Async::new(bus, Conditioning::Skipped)));
}

/// Conditions a part, by way of the trait.
fn conditions<S: Sensor<2, Error = Error<BusError>>>(
    clock: &SimClock,
    part: &Part,
    bus: &SimBus<'_, 1>,
    sensor: &mut S,
) {
    bus.fail(0, 1, BusError::ArbitrationLost);
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::ArbitrationLost)));
    assert_eq!(sensor.start(), Ok(9_000), "it is tried again");
    assert_eq!((part.times(CONDITION), part.arguments(CONDITION)), (1, [0x8000, 0x6666]));
    clock.advance_millis(9_000);
    assert_eq!((sensor.read(), part.times(MEASURE_41)), (Err(Error::NotReady), 1), "ended");
    clock.advance_millis(1_000);
    assert_eq!(measure(sensor, clock), Ok([30_000; 2]));
    assert_eq!((part.times(CONDITION), sensor.quality(1)), (1, Quality::Uncalibrated));
}

#[test]
fn an_sgp41_is_conditioned_once_and_not_for_too_long() {
    let (clock, part, bus) = world(41);
    let mut sensor = Sgp41::new(bus, Conditioning::NineSeconds);
    conditions(clock, part, bus, &mut sensor);
    sensor.set_conditioning(Conditioning::NineSeconds);
    assert_eq!(sensor.start(), Ok(9_000));
    clock.advance_millis(9_000);
    // A caller that forgets to read ends it too.
    assert_eq!((sensor.start(), part.times(CONDITION)), (Ok(51), 2));
}

#[cfg(feature = "async")]
#[test]
fn the_async_twin_conditions_too() {
    use crate::polled::{Polled, finish};
    use sundew_sensors::sgp4x::Sgp41Async;
    let (clock, part, bus) = world(41);
    let mut sensor = Polled(Sgp41Async::new(bus, Conditioning::NineSeconds));
    conditions(clock, part, bus, &mut sensor);
    assert_eq!(finish(sensor.0.serial_number()), Ok(0x0123_4567));
    clock.advance_millis(finish(sensor.0.start_self_test()).unwrap());
    assert_eq!(finish(sensor.0.read_self_test()), Ok(()));
    assert_eq!(finish(sensor.0.turn_off()), Ok(2));
}

#[test]
fn values_are_trusted_once_the_element_is_warm() {
    let (clock, _, bus) = world(40);
    let mut sensor = Sgp40::new(bus);
    for _ in 0..=WARM_UP {
        assert_eq!(sensor.quality(0), Quality::Uncalibrated);
        assert_eq!(measure(&mut sensor, clock), Ok([30_000]));
    }
    assert_eq!(sensor.quality(0), Quality::Good);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.quality(0), Quality::Uncalibrated, "it may have restarted");
}

#[test]
fn what_the_air_is_like_is_sent_along() {
    let (clock, part, bus) = world(40);
    let mut sensor = Sgp40::new(bus);
    assert_eq!(measure(&mut sensor, clock), Ok([30_000]));
    assert_eq!(part.arguments(MEASURE_40), [0x8000, 0x6666]);
    sensor.set_air(13_000, 0);
    assert_eq!(measure(&mut sensor, clock), Ok([30_000]));
    assert_eq!(part.arguments(MEASURE_40), [0, 0xFFFF]);
    sensor.clear_air();
    assert_eq!(measure(&mut sensor, clock), Ok([30_000]));
    assert_eq!(part.arguments(MEASURE_40), [0x8000, 0x6666]);
    clock.advance_millis(sensor.turn_off().unwrap());
    assert_eq!(part.times(TURN_OFF), 1);
}

#[test]
fn another_part_of_the_family_refuses_the_command() {
    let (_, _, bus) = world(40);
    let mut sensor = Sgp41::new(bus, Conditioning::Skipped);
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::DataNack)));
}

#[test]
fn the_self_test_and_the_serial_number_are_read() {
    let (clock, part, bus) = world(40);
    let mut sensor = Sgp40::new(bus);
    assert_eq!(sensor.serial_number(), Ok(0x0123_4567));
    clock.advance_millis(sensor.start_self_test().unwrap());
    assert_eq!(sensor.read_self_test(), Ok(()));
    part.set_answer(SELF_TEST, &[0x4B00]);
    clock.advance_millis(sensor.start_self_test().unwrap());
    assert_eq!(sensor.read_self_test(), Err(Error::Defect(0x4B)));
    let (clock, part, bus) = world(41);
    let mut sensor = Sgp41::new(bus, Conditioning::Skipped);
    part.set_answer(SELF_TEST, &[0x4B02]);
    clock.advance_millis(sensor.start_self_test().unwrap());
    assert_eq!(sensor.read_self_test(), Err(Error::Defect(2)));
}
