//! INA226: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::ina226::{Address, Config, Conversion, Ina226, Samples, Shunt};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<256, 2>;

/// Sets the part to its state after power-up, at 11.98 V and 10 A through 2 milliohms.
fn power_up(part: &Part) {
    part.plug();
    part.set_all(0x00, &[[0x41, 0x27], [0x1F, 0x40], [0x25, 0x70]]);
    part.set(0x06, [0x00, 0x00]);
    part.set_all(0xFE, &[[0x54, 0x49], [0x22, 0x60]]);
    // Writing the mode starts conversions, which are through at once.
    part.on_write(|part, register| {
        if register == 0x00 {
            let [high, low] = part.register(0x06);
            part.set(0x06, [high, low | 0x08]);
        }
    });
}

const VALUES: [i32; 3] = [1_198_000, 10_000_000, 11_980_000];

fn table<'w>() -> [Case<World<'w, Part>, 3>; 14] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("11.98 V, 10 A", Ok(VALUES)),
        Case {
            before_start: |w| w.part.set_all(0x01, &[[0x7F, 0xFE], [0x7F, 0xFF]]),
            ..quiet("highest", Ok([4_095_875, 40_957_500, 167_756_800]))
        },
        Case {
            before_start: |w| w.part.set_all(0x01, &[[0xFF, 0xFF], [0x00, 0x01]]),
            ..quiet("a step of each, the other way", Ok([125, -1_250, 0]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(0xFE, [0xFF, 0xFF]),
            ..quiet("another maker", Err(Start(Error::WrongPart(0xFFFF))))
        },
        Case {
            before_start: |w| w.part.set(0xFF, [0x22, 0x70]),
            ..quiet("another chip", Err(Start(Error::WrongPart(0x2270))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the identity", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck at the flags", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(2, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the shunt", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(3, 1, BusError::AddressNack),
            ..quiet("gone at the last register", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.set(0x06, [0x00, 0x00]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x40, Increment::Never));
    power_up(world.1);
    world
}

fn config() -> Config {
    let shunt = Shunt::from_milliohms(2);
    Config::new(shunt, Conversion::Micros1100, Samples::Sixteen).unwrap()
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(driver: fn(&'static SimBus<'static, 1>) -> S) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
    }
    for (shunt, flags, expected) in [
        (i16::MAX - 1, 0, Quality::Good),
        (i16::MAX, 0, Quality::OverRange),
        (i16::MIN, 0, Quality::UnderRange),
        (i16::MIN + 1, 0, Quality::Good),
        (0, 0x04, Quality::OverRange),
    ] {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        part.set(0x01, shunt.to_be_bytes());
        part.set(0x06, [0, flags]);
        assert!(measure(&mut sensor, clock).is_ok());
        let qualities = [0, 1, 2].map(|output| sensor.quality(output));
        assert_eq!(qualities, [Quality::Good, expected, expected], "{shunt}");
    }
}

#[test]
fn blocking() {
    run_table(|bus| Ina226::new(bus, Address::X40, config()));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::ina226::Ina226Async;
    run_table(|bus| Polled(Ina226Async::new(bus, Address::X40, config())));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (_, _, bus) = world();
    let mut sensor = Ina226::new(bus, Address::X40, config());
    assert_eq!(sensor.start(), Ok(40));
    let heads: Vec<_> = (0..3).map(|n| bus.logged(n).unwrap().head().to_vec()).collect();
    assert_eq!(heads, [vec![0xFE], vec![0xFF], vec![0x00, 0x45, 0x23]]);
    sensor.set_config(config());
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started in the new way");
}
