//! INA219: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::ina219::{Address, Config, Ina219, Samples, Shunt, ShuntRange};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<8, 2>;

/// Sets the part to its state after power-up, at 12 V and 0.5 A through 0.1 ohm.
fn power_up(part: &Part) {
    part.plug();
    part.set_all(0x00, &[[0x39, 0x9F], [0x13, 0x88], [0x5D, 0xC0]]);
    // Writing the mode starts conversions, which are through at once.
    part.on_write(|part, register| {
        if register == 0x00 {
            let [high, low] = part.register(0x02);
            part.set(0x02, [high, low | 0x02]);
        }
    });
}

const VALUES: [i32; 3] = [12_000, 500_000, 600_000];

fn config(range: ShuntRange) -> Config {
    Config::new(Shunt::from_milliohms(100), range, Samples::Eight).unwrap()
}

fn table<'w>() -> [Case<World<'w, Part>, 3>; 11] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("12 V, 0.5 A", Ok(VALUES)),
        Case {
            before_start: |w| w.part.set_all(0x01, &[[0, 0], [0, 0]]),
            ..quiet("nothing at all", Ok([0, 0, 0]))
        },
        Case {
            before_start: |w| w.part.set_all(0x01, &[[0x7C, 0xFF], [0xFF, 0xF8]]),
            ..quiet("highest", Ok([32_764, 3_199_900, 10_484_152]))
        },
        Case {
            before_start: |w| w.part.set(0x01, [0xFF, 0xFF]),
            ..quiet("the other way", Ok([12_000, -100, -120]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck in the middle", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(2, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the shunt", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.set(0x02, [0x5D, 0xC0]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x45, Increment::Never));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(
    driver: fn(&'static SimBus<'static, 1>, Config) -> S,
) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config(ShuntRange::Millivolts320));
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
    for (range, shunt, flags, expected) in [
        (ShuntRange::Millivolts40, 3_999, 0, Quality::Good),
        (ShuntRange::Millivolts40, 4_000, 0, Quality::OverRange),
        (ShuntRange::Millivolts80, -8_000, 0, Quality::UnderRange),
        (ShuntRange::Millivolts160, -15_999, 0, Quality::Good),
        (ShuntRange::Millivolts320, 32_000, 0, Quality::OverRange),
        (ShuntRange::Millivolts320, 0, 1, Quality::OverRange),
    ] {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config(range));
        part.set(0x01, i16::to_be_bytes(shunt));
        part.set(0x02, [0x5D, 0xC0 | flags]);
        assert!(measure(&mut sensor, clock).is_ok());
        let qualities = [0, 1, 2].map(|output| sensor.quality(output));
        assert_eq!(qualities, [Quality::Good, expected, expected], "{range:?} {shunt}");
    }
}

#[test]
fn blocking() {
    run_table(|bus, config| Ina219::new(bus, Address::X45, config));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::ina219::Ina219Async;
    run_table(|bus, config| Polled(Ina219Async::new(bus, Address::X45, config)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (_, _, bus) = world();
    let mut sensor = Ina219::new(bus, Address::X45, config(ShuntRange::Millivolts80));
    assert_eq!(sensor.start(), Ok(11));
    assert_eq!(bus.logged(0).unwrap().head(), [0x00, 0x2D, 0xDB]);
    sensor.set_config(config(ShuntRange::Millivolts40));
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started in the new way");
}

#[test]
fn addresses_are_those_of_the_pins() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, (0x40..=0x4F).collect::<Vec<u8>>());
    for address in valid {
        assert_eq!(Address::try_from(address).unwrap() as u8, address);
    }
    assert_eq!(Address::try_from(0x50), Err(ConfigError::Address));
}
