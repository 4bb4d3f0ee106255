//! `SHT3x`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::sht3x::{Address, Heater, Repeatability, Sht3x};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimWords, WordCommand};
use sundew_units::Quality;

const STATUS: u16 = 0xF32D;
const CLEAR_STATUS: u16 = 0x3041;
const SERIAL: u16 = 0x3780;
const RESET: u16 = 0x30A2;
const STOP: u16 = 0x3093;
const HEATER_ON: u16 = 0x306D;
const HEATER_OFF: u16 = 0x3066;

type Part = SimWords<'static, 10>;

const RAW: [u16; 2] = [0x6666, 0x8000];
const VALUES: [i32; 2] = [2_500, 5_000];
const ALL: [Repeatability; 3] = [Repeatability::Low, Repeatability::Medium, Repeatability::High];

fn set(part: &Part, words: &[u16]) {
    for repeatability in ALL {
        part.set_answer(repeatability as u16, words);
    }
}

fn table<'w>() -> [Case<World<'w, Part>, 2>; 13] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("25 Cel, 50 %RH", Ok(VALUES)),
        Case { before_start: |w| set(w.part, &[0, 0]), ..quiet("lowest", Ok([-4_500, 0])) },
        Case {
            before_start: |w| set(w.part, &[0xFFFF, 0xFFFF]),
            ..quiet("highest", Ok([13_000, 10_000]))
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
            before_start: |w| w.bus.fail(0, 1, BusError::DataNack),
            ..quiet("command refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged while it measures", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.plug(),
            ..quiet("restarted while it measures", Err(Read(Error::NotReady)))
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
            before_start: |w| w.part.slow_down(2_000),
            ..quiet("slower than the datasheet", Err(Read(Error::NotReady)))
        },
        Case { early_ms: 2, ..quiet("read too early", Err(Read(Error::NotReady))) },
    ]
}

fn run_table<S: Sensor<2, Error = Error<BusError>>>(
    clock: &'static SimClock,
    part: &'static Part,
    bus: &'static SimBus<'static, 1>,
    sensor: &mut S,
) {
    let world = World { part, bus };
    for case in table() {
        case.run(sensor, clock, &world);
        // Whatever happened, the next measurement is a good one.
        part.plug();
        part.break_crc(None);
        part.slow_down(0);
        set(part, &RAW);
        assert_eq!(measure(sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world() -> Rig<Part> {
    let clock = leaked(SimClock::new());
    let commands = [
        WordCommand::new(Repeatability::Low as u16).lasting(4_500),
        WordCommand::new(Repeatability::Medium as u16).lasting(6_500),
        WordCommand::new(Repeatability::High as u16).lasting(15_500),
        WordCommand::new(STATUS).lasting(1_000).answering(0x8010),
        WordCommand::new(CLEAR_STATUS).lasting(1_000),
        WordCommand::new(SERIAL).lasting(1_000),
        WordCommand::new(RESET).lasting(1_500),
        WordCommand::new(STOP).lasting(1_000),
        WordCommand::new(HEATER_ON).lasting(1_000),
        WordCommand::new(HEATER_OFF).lasting(1_000),
    ];
    let world = wired(clock, SimWords::new(clock, 0x45, commands));
    let part = world.1;
    set(part, &RAW);
    part.set_answer(SERIAL, &[0xFEDC, 0xBA98]);
    part.on_command(|part, command| match command {
        CLEAR_STATUS => part.set_answer(STATUS, &[0]),
        RESET => part.set_answer(STATUS, &[0x0010]),
        HEATER_ON => part.set_answer(STATUS, &[0x2000]),
        _ => {}
    });
    world
}

#[test]
fn blocking() {
    for repeatability in ALL {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Sht3x::new(bus, Address::X45, repeatability));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::sht3x::Sht3xAsync;
    for repeatability in ALL {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Polled(Sht3xAsync::new(bus, Address::X45, repeatability)));
    }
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::Low);
    let expected = [[0x24, 0x16], [0x24, 0x0B], [0x24, 0x00]];
    for (number, repeatability) in ALL.into_iter().enumerate() {
        sensor.set_repeatability(repeatability);
        clock.advance_millis(sensor.start().unwrap());
        let sent = bus.logged(number).unwrap();
        assert_eq!((sent.address, sent.head()), (0x45, &expected[number][..]));
    }
}

#[test]
fn a_restart_is_told_until_it_is_cleared() {
    let (clock, _, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::High);
    assert!(sensor.status().unwrap().is_restarted(), "just powered");
    clock.advance_millis(sensor.clear_status().unwrap());
    let status = sensor.status().unwrap();
    assert!(!status.is_restarted() && !status.is_heated() && !status.is_command_refused());
    clock.advance_millis(sensor.reset().unwrap());
    assert!(sensor.status().unwrap().is_restarted());
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
}

#[test]
fn a_periodic_mode_can_be_ended() {
    let (clock, part, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::High);
    assert_eq!((sensor.stop(), part.times(STOP)), (Ok(2), 1));
    clock.advance_millis(2);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    part.unplug();
    assert_eq!(sensor.stop(), Err(Error::Bus(BusError::AddressNack)));
}

#[test]
fn what_is_measured_with_the_heater_on_is_suspect() {
    let (clock, part, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::High);
    clock.advance_millis(sensor.set_heater(Heater::On).unwrap());
    assert!(sensor.status().unwrap().is_heated());
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(sensor.quality(0), Quality::Suspect);
    clock.advance_millis(sensor.set_heater(Heater::Off).unwrap());
    assert_eq!((part.times(HEATER_OFF), sensor.quality(1)), (1, Quality::Good));
}

#[test]
fn a_restart_is_told_once_and_the_heater_is_off_then() {
    let (clock, part, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::High);
    assert_eq!(sensor.check(), Err(Error::Restarted), "just powered");
    clock.advance_millis(2);
    assert_eq!(sensor.check(), Ok(()));
    clock.advance_millis(sensor.set_heater(Heater::On).unwrap());
    part.plug();
    part.set_answer(STATUS, &[0x8010]);
    assert_eq!((sensor.check(), sensor.quality(0)), (Err(Error::Restarted), Quality::Good));
    clock.advance_millis(2);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    part.unplug();
    assert_eq!(sensor.check(), Err(Error::Bus(BusError::AddressNack)));
}

#[test]
fn the_serial_number_is_read_and_checked() {
    let (clock, part, bus) = world();
    let mut sensor = Sht3x::new(bus, Address::X45, Repeatability::High);
    assert_eq!(sensor.serial_number(), Ok(0xFEDC_BA98));
    part.break_crc(Some(1));
    assert_eq!(sensor.serial_number(), Err(Error::Checksum));
    part.unplug();
    assert_eq!(sensor.serial_number(), Err(Error::Bus(BusError::AddressNack)));
    part.plug();
    // A part that never answers is not asked for ever.
    part.set_answer(SERIAL, &[]);
    let before = clock.micros();
    assert_eq!(sensor.serial_number(), Err(Error::NotReady));
    assert!(clock.micros() - before < 11_000);
}

#[cfg(feature = "async")]
#[test]
fn the_async_extras_do_the_same() {
    use crate::polled::finish;
    let (clock, _, bus) = world();
    let mut sensor = sundew_sensors::sht3x::Sht3xAsync::new(bus, Address::X45, Repeatability::High);
    assert_eq!(finish(sensor.serial_number()), Ok(0xFEDC_BA98));
    assert!(finish(sensor.status()).unwrap().is_restarted());
    assert_eq!(finish(sensor.check()), Err(Error::Restarted));
    clock.advance_millis(2);
    assert_eq!(finish(sensor.clear_status()), Ok(2));
    clock.advance_millis(2);
    assert_eq!(finish(sensor.set_heater(Heater::On)), Ok(2));
    clock.advance_millis(2);
    let mut sensor = crate::polled::Polled(sensor);
    assert_eq!((measure(&mut sensor, clock), sensor.quality(0)), (Ok(VALUES), Quality::Suspect));
    let mut sensor = sensor.0;
    assert_eq!(finish(sensor.reset()), Ok(3));
    clock.advance_millis(3);
    assert_eq!(finish(sensor.stop()), Ok(2));
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x44, 0x45]);
    assert_eq!(Address::try_from(0x46), Err(ConfigError::Address));
}
