//! `SCD4x`: values, bringing up, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::scd4x::{Config, Mode, Pressure, Scd4x, SelfCalibration};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
use sundew_units::Quality;

const STOP: u16 = 0x3F86;
const READ: u16 = 0xEC05;
const DATA_READY: u16 = 0xE4B8;
const SERIAL: u16 = 0x3682;
const SET_OFFSET: u16 = 0x241D;
const SET_ALTITUDE: u16 = 0x2427;
const SET_PRESSURE: u16 = 0xE000;
const SET_CALIBRATION: u16 = 0x2416;
const VARIANT: u16 = 0x202F;
const MODES: [Mode; 3] = [Mode::Periodic, Mode::LowPowerPeriodic, Mode::SingleShot];

type Part = SimWords<'static, 12>;

const RAW: [u16; 3] = [500, 0x6667, 0x5EB9];
const VALUES: [i32; 3] = [500, 2_500, 3_700];

/// Lists what can happen to a part that is up; single shots last longer.
fn table<'w>() -> [Case<World<'w, Part>, 3>; 12] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("500 ppm, 25 Cel, 37 %RH", Ok(VALUES)),
        Case {
            before_start: |w| w.part.set_answer(READ, &[0; 3]),
            ..quiet("lowest", Ok([0, -4_500, 0]))
        },
        Case {
            before_start: |w| w.part.set_answer(READ, &[0xFFFF; 3]),
            ..quiet("highest", Ok([65_535, 13_000, 10_000]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at start", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(0)),
            ..quiet("first checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(1)),
            ..quiet("second checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(2)),
            ..quiet("third checksum wrong", Err(Read(Error::Checksum)))
        },
        Case { early_ms: 5, ..quiet("read too early", Err(Read(Error::NotReady))) },
        quiet("once more", Ok(VALUES)),
    ]
}

/// Measures until there is a value, as a loop does that goes on after errors.
fn measure_at_last<S: Sensor<3>>(sensor: &mut S, clock: &SimClock) -> (u32, Option<[i32; 3]>) {
    for attempts in 1..=6 {
        if let Ok(values) = measure(sensor, clock) {
            return (attempts, Some(values));
        }
        clock.advance_millis(1_000);
    }
    (6, None)
}

fn run_table<S: Sensor<3, Error = Error<BusError>>>(
    clock: &'static SimClock,
    part: &'static Part,
    bus: &'static SimBus<'static, 1>,
    sensor: &mut S,
) {
    let world = World { part, bus };
    assert_eq!(measure_at_last(sensor, clock).1, Some(VALUES));
    for case in table() {
        case.run(sensor, clock, &world);
        part.plug();
        part.break_crc(None);
        part.set_answer(READ, &RAW);
        clock.advance_millis(6_000);
        // Whatever happened, values come again.
        let (attempts, values) = measure_at_last(sensor, clock);
        assert!(values == Some(VALUES) && attempts <= 3, "after {}: {attempts}", case.name);
    }
}

fn world() -> Rig<Part> {
    let clock = leaked(SimClock::new());
    let short = |code| WordCommand::new(code).lasting(1_000);
    let commands = [
        short(READ),
        short(DATA_READY).answering(0x8000),
        short(SERIAL),
        short(SET_OFFSET).taking(1),
        short(SET_ALTITUDE).taking(1),
        short(SET_PRESSURE).taking(1),
        short(SET_CALIBRATION).taking(1),
        short(VARIANT).answering(0x1408),
        WordCommand::new(STOP).lasting(500_000),
        WordCommand::new(Mode::Periodic as u16),
        WordCommand::new(Mode::LowPowerPeriodic as u16),
        WordCommand::new(Mode::SingleShot as u16).lasting(5_000_000),
    ];
    let world = wired(clock, SimWords::new(clock, 0x62, commands));
    let part = world.1;
    part.set_answer(READ, &RAW);
    part.set_answer(SERIAL, &[0xF896, 0x9F07, 0x3BBE]);
    part.on_command(|part, command| {
        let periodic = command == Mode::Periodic as u16;
        if periodic || command == Mode::LowPowerPeriodic as u16 {
            part.withhold(READ, if periodic { 5_000_000 } else { 30_000_000 });
        }
    });
    world
}

#[test]
fn blocking() {
    for mode in MODES {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Scd4x::new(bus, Config::new(mode)));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::scd4x::Scd4xAsync;
    for mode in MODES {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Polled(Scd4xAsync::new(bus, Config::new(mode))));
    }
}

/// Brings a part up by way of the trait, step by step.
fn comes_up<S: Sensor<3, Error = Error<BusError>>>(
    mode: Mode,
    driver: fn(Config) -> (S, World<'static, Part>, &'static SimClock),
) {
    let config = Config::new(mode)
        .with_self_calibration(SelfCalibration::Off)
        .with_altitude(1_950)
        .and_then(|config| config.with_temperature_offset(400))
        .unwrap();
    let (mut sensor, World { part, .. }, clock) = driver(config);
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    assert_eq!(sensor.start(), Ok(501));
    clock.advance_millis(501);
    assert_eq!(sensor.read(), Err(Error::NotReady), "stopped only");
    let wait_ms = sensor.start().unwrap();
    assert_eq!(wait_ms, if mode == Mode::LowPowerPeriodic { 33_001 } else { 5_001 });
    assert_eq!(part.arguments(SET_ALTITUDE)[0], 1_950);
    assert_eq!((part.times(SET_CALIBRATION), part.arguments(SET_CALIBRATION)[0]), (1, 0));
    assert_eq!((part.times(SET_PRESSURE), part.arguments(SET_OFFSET)[0]), (0, 1_498));
    assert_eq!((part.times(STOP), part.times(mode as u16)), (1, 1));
    clock.advance_millis(wait_ms);
    assert_eq!(sensor.read(), Ok(VALUES));
    assert_eq!((sensor.quality(0), sensor.quality(1)), (Quality::Uncalibrated, Quality::Good));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!((sensor.quality(0), sensor.quality(2)), (Quality::Good, Quality::Good));
}

#[test]
fn a_part_is_stopped_checked_and_set_up() {
    for mode in MODES {
        comes_up(mode, |config| {
            let (clock, part, bus) = world();
            (Scd4x::new(bus, config), World { part, bus }, clock)
        });
    }
}

#[cfg(feature = "async")]
#[test]
fn the_async_twin_comes_up_too() {
    use crate::polled::{Polled, finish};
    use sundew_sensors::scd4x::Scd4xAsync;
    for mode in MODES {
        comes_up(mode, |config| {
            let (clock, part, bus) = world();
            (Polled(Scd4xAsync::new(bus, config)), World { part, bus }, clock)
        });
    }
    let (clock, part, bus) = world();
    let mut sensor = Scd4xAsync::new(bus, Config::new(Mode::SingleShot));
    assert_eq!(finish(sensor.init()), Ok(501));
    clock.advance_millis(501);
    assert_eq!(finish(sensor.init()), Ok(0));
    assert_eq!(finish(sensor.serial_number()), Ok(273_325_796_834_238));
    assert_eq!(finish(sensor.is_data_ready()), Ok(false));
    part.set_answer(DATA_READY, &[0x8006]);
    assert_eq!(finish(sensor.is_data_ready()), Ok(true));
}

#[test]
fn another_part_is_told() {
    for (variant, mode) in [(0x0440, Mode::SingleShot), (0x3001, Mode::Periodic)] {
        let (clock, part, bus) = world();
        part.set_answer(VARIANT, &[variant]);
        let mut sensor = Scd4x::new(bus, Config::new(mode));
        clock.advance_millis(sensor.start().unwrap());
        assert_eq!(sensor.start(), Err(Error::WrongPart(variant)));
        part.set_answer(VARIANT, &[0x5441]);
        assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    }
}

#[test]
fn a_part_that_does_not_know_the_variants_command_is_used_unchecked() {
    let short = |code| WordCommand::new(code).lasting(1_000);
    for mode in MODES {
        // It refuses the command, or takes it and has no answer.
        for variant in [0x0000, VARIANT] {
            let clock = SimClock::new();
            let part = SimWords::new(
                &clock,
                0x62,
                [
                    short(READ),
                    short(SET_ALTITUDE).taking(1),
                    short(variant),
                    WordCommand::new(STOP).lasting(500_000),
                    WordCommand::new(mode as u16),
                ],
            );
            part.set_answer(READ, &RAW);
            let bus = SimBus::new([&part]);
            let config = Config::new(mode).with_altitude(500).unwrap();
            let mut sensor = Scd4x::new(&bus, config);
            assert_eq!(measure(&mut sensor, &clock), Err(Error::NotReady), "stopped only");
            assert_eq!(measure(&mut sensor, &clock), Ok(VALUES));
            assert_eq!((part.arguments(SET_ALTITUDE)[0], part.times(STOP)), (500, 1));
        }
    }
}

#[test]
fn a_part_that_vanished_since_it_was_stopped_is_not_taken_for_an_older_one() {
    for mode in MODES {
        let (clock, part, bus) = world();
        let mut sensor = Scd4x::new(bus, Config::new(mode));
        clock.advance_millis(sensor.start().unwrap());
        part.unplug();
        assert_eq!(sensor.start(), Err(Error::Bus(BusError::AddressNack)));
        part.plug();
        assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
        assert_eq!(part.times(STOP), 2);
    }
}

#[test]
fn what_fails_in_between_is_done_again() {
    // Stop, variant, its answer (asked about 11 times), altitude and start: each may fail.
    for calls in 0..18 {
        for error in [BusError::Stuck, BusError::ArbitrationLost] {
            let (clock, part, bus) = world();
            let config = Config::new(Mode::Periodic).with_altitude(100).unwrap();
            let mut sensor = Scd4x::new(bus, config);
            bus.fail(calls, 1, error);
            assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES), "call {calls}");
            assert_eq!(part.arguments(SET_ALTITUDE)[0], 100);
        }
    }
    let (clock, part, bus) = world();
    let mut sensor = Scd4x::new(bus, Config::new(Mode::Periodic));
    clock.advance_millis(sensor.start().unwrap());
    part.break_crc(Some(0));
    assert_eq!(sensor.start(), Err(Error::Checksum));
}

#[test]
fn a_running_part_has_one_value_in_each_interval() {
    let (clock, part, bus) = world();
    let mut sensor = Scd4x::new(bus, Config::new(Mode::Periodic));
    assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    part.withhold(READ, 5_000_000);
    assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
    // Asked for the interval, and then there is one.
    assert_eq!(sensor.start(), Ok(5_001));
    clock.advance_millis(5_001);
    assert_eq!(sensor.read(), Ok(VALUES));
    assert_eq!((sensor.start(), part.times(STOP)), (Ok(2), 1));
}

#[test]
fn a_single_shot_is_read_once() {
    let (clock, part, bus) = world();
    let mut sensor = Scd4x::new(bus, Config::new(Mode::SingleShot));
    assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    let before = bus.transactions();
    assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
    assert_eq!(bus.transactions(), before);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(part.times(STOP), 1, "it is not brought up anew for that");
}

#[test]
fn a_part_that_runs_no_more_is_started_anew() {
    for mode in MODES {
        let (clock, part, bus) = world();
        let config = Config::new(mode).with_altitude(100).unwrap();
        let mut sensor = Scd4x::new(bus, config);
        assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
        if mode == Mode::SingleShot {
            assert_eq!(sensor.start(), Ok(5_001));
            clock.advance_millis(5_001);
            part.plug();
            part.withhold(READ, 1_000);
            part.set_answer(READ, &[]);
            assert_eq!(sensor.read(), Err(Error::Restarted));
        } else {
            part.plug();
            part.set_answer(READ, &[]);
            assert_eq!(measure(&mut sensor, clock), Err(Error::NotReady));
            assert_eq!(measure(&mut sensor, clock), Err(Error::Restarted));
        }
        part.set_answer(READ, &RAW);
        assert_eq!(measure_at_last(&mut sensor, clock), (2, Some(VALUES)));
        assert_eq!((part.times(STOP), part.times(SET_ALTITUDE)), (2, 2));
    }
}

#[test]
fn the_pressure_may_change_while_it_runs() {
    let (clock, part, bus) = world();
    let mut sensor = Scd4x::new(bus, Config::new(Mode::Periodic));
    let pressure = |pascal| Pressure::from_pascal(pascal).unwrap();
    assert_eq!(sensor.set_pressure(pressure(98_650)), Ok(0), "not up yet");
    assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    assert_eq!(part.arguments(SET_PRESSURE)[0], 987);
    clock.advance_millis(sensor.set_pressure(pressure(101_325)).unwrap());
    assert_eq!(part.arguments(SET_PRESSURE)[0], 1_013);
    clock.advance_millis(sensor.stop().unwrap());
    assert_eq!(sensor.serial_number(), Ok(273_325_796_834_238));
    assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    sensor.set_config(Config::new(Mode::SingleShot));
    assert_eq!(measure_at_last(&mut sensor, clock).1, Some(VALUES));
    assert_eq!((part.times(Mode::SingleShot as u16), part.times(SET_PRESSURE)), (1, 3));
}

#[test]
fn settings_have_the_datasheets_ranges() {
    for (pascal, valid) in [(69_999, false), (70_000, true), (120_000, true), (120_001, false)] {
        assert_eq!(Pressure::from_pascal(pascal).is_ok(), valid);
    }
    let config = Config::new(Mode::Periodic);
    assert_eq!(config.with_altitude(3_001), Err(ConfigError::Setting));
    assert_eq!(config.with_temperature_offset(2_001), Err(ConfigError::Setting));
}
