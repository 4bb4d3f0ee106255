//! `VEML7700`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::veml7700::{Config, Gain, Integration, Veml7700};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

const CONFIGURATION: u8 = 0;
const LIGHT: u8 = 4;
const IDENTITY: u8 = 7;

type Part = SimRegisters<8, 2>;

fn set(part: &Part, counts: u16) {
    part.set(LIGHT, counts.to_le_bytes());
}

/// Puts the registers to what they hold after power-up.
fn power_up(part: &Part) {
    part.plug();
    part.set(CONFIGURATION, [0x01, 0x00]);
    part.set(IDENTITY, [0x81, 0xC4]);
    set(part, 0);
}

fn table<'w>() -> [Case<World<'w, Part>, 1>; 12] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        Case { before_read: |w| set(w.part, 1_000), ..quiet("537.6 lx", Ok([5_376_000])) },
        quiet("dark", Ok([0])),
        Case { before_read: |w| set(w.part, 1), ..quiet("lowest", Ok([5_376])) },
        Case { before_read: |w| set(w.part, u16::MAX), ..quiet("highest", Ok([1_400_000_000])) },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at start", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.part.set(IDENTITY, [0x60, 0x55]),
            ..quiet("another part", Err(Start(Error::WrongPart(0x5560))))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck behind the check", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(2, 1, BusError::Stuck),
            ..quiet("not put to sleep", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("restarted", Err(Read(Error::Restarted)))
        },
    ]
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<BusError>>>(
    driver: fn(&'static SimBus<'static, 1>, Config) -> S,
) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, Config::new(Gain::Eighth, Integration::Ms100));
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        set(part, 2_000);
        // 1,075.2 lx by the counts, 1,161.7 with the vendor's polynomial.
        let values = measure(&mut sensor, clock).unwrap();
        assert!((values[0] - 11_610_000).abs() < 30_000, "after {}: {values:?}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
        assert_eq!(part.register(CONFIGURATION), [0x01, 0x10], "it sleeps");
    }
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), SimRegisters::new(0x10, Increment::Never));
    power_up(world.1);
    world
}

#[test]
fn blocking() {
    run_table(Veml7700::new);
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::veml7700::Veml7700Async;
    run_table(|bus, config| Polled(Veml7700Async::new(bus, config)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, part, bus) = world();
    let mut sensor = Veml7700::new(bus, Config::new(Gain::Two, Integration::Ms800));
    assert_eq!(sensor.start(), Ok(1_604));
    // Low byte first: gain 2 in bits 12 and 11, 800 ms in bits 9 to 6, awake.
    assert_eq!(bus.logged(1).unwrap().head(), [0x00, 0xC0, 0x08]);
    clock.advance_millis(1_604);
    set(part, 100);
    assert_eq!(sensor.read(), Ok([4_200]));
    assert_eq!(bus.logged(4).unwrap().head(), [0x00, 0xC1, 0x08]);
    // The identity is asked for once.
    assert_eq!(measure(&mut sensor, clock), Ok([4_200]));
    assert_eq!(bus.transactions(), 9);
}

#[test]
fn a_part_that_has_no_identity_is_taken_as_it_is() {
    for identity in [[0x00, 0x00], [0xFF, 0xFF], [0x81, 0xD4]] {
        let (clock, part, bus) = world();
        part.set(IDENTITY, identity);
        set(part, 1_000);
        let mut sensor = Veml7700::new(bus, Config::new(Gain::Eighth, Integration::Ms100));
        assert_eq!(measure(&mut sensor, clock), Ok([5_376_000]));
    }
    for identity in [[0x00, 0x81], [0xFF, 0x00], [0x80, 0xC4]] {
        let (_, part, bus) = world();
        part.set(IDENTITY, identity);
        let mut sensor = Veml7700::new(bus, Config::new(Gain::Eighth, Integration::Ms100));
        assert_eq!(sensor.start(), Err(Error::WrongPart(u16::from_le_bytes(identity))));
    }
}

#[test]
fn a_full_count_is_over_range_until_the_range_is_another() {
    let (clock, part, bus) = world();
    let mut sensor = Veml7700::new(bus, Config::new(Gain::One, Integration::Ms100));
    set(part, u16::MAX);
    assert_eq!(measure(&mut sensor, clock), Ok([44_039_520]));
    assert_eq!(sensor.quality(0), Quality::OverRange);
    let wider = Config::new(Gain::Eighth, Integration::Ms100).without_correction();
    sensor.set_config(wider);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    set(part, 9_000);
    assert_eq!(measure(&mut sensor, clock), Ok([48_384_000]));
    assert_eq!(sensor.quality(0), Quality::Good);
}
