//! LIS3DH: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::lis3dh::{Address, Config, Lis3dh, Range, Rate, Resolution};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<128, 1>;

/// Sets the part to its state after power-up; once it measures, it shows 0, -0.5 and 1 g.
fn power_up(part: &Part) {
    part.plug();
    part.set(0x0F, [0x33]);
    part.set_all(0x20, &[[0x07], [0x00], [0x00], [0x00], [0x00], [0x00], [0x00], [0x00]]);
    part.set_all(0x28, &[[0x00]; 6]);
    // A measurement is through at once where the part is switched on.
    part.on_write(|part, register| {
        if register == 0x20 && part.register(0x20) != [0x07] {
            part.set(0x27, [0x08]);
            part.set_all(0x2A, &[[0xC0], [0xE0], [0x80], [0x3E]]);
        }
    });
}

const VALUES: [i32; 3] = [0, -49_033, 98_066];

fn table<'w>() -> [Case<World<'w, Part>, 3>; 11] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("0, -0.5 and 1 g", Ok(VALUES)),
        Case {
            before_read: |w| w.part.set_all(0x28, &[[0xF0], [0x7F], [0x00], [0x80]]),
            ..quiet("extremes", Ok([200_742, -200_840, 98_066]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(0x0F, [0x44]),
            ..quiet("another part", Err(Start(Error::WrongPart(0x44))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the identity", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::DataNack),
            ..quiet("range refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the rate", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at read", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.set(0x27, [0x00]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            // The registers show a part in free fall now, which must not pass for one.
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x18, Increment::WithTopBit));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(
    driver: fn(&'static SimBus<'static, 1>, Config) -> S,
) {
    let config = Config::new(Range::G2, Rate::Hz50, Resolution::Twelve);
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        // A part that was not started since it lost its configuration says so once.
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok(VALUES), "after {}", case.name);
        part.set_all(0x28, &[[0xF0], [0x7F], [0x00], [0x80]]);
        assert!(measure(&mut sensor, clock).is_ok());
        let expected = [Quality::OverRange, Quality::UnderRange, Quality::Good, Quality::Good];
        assert_eq!([0, 1, 2, 3].map(|output| sensor.quality(output)), expected);
    }
}

#[test]
fn blocking() {
    run_table(|bus, config| Lis3dh::new(bus, Address::X18, config));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::lis3dh::Lis3dhAsync;
    run_table(|bus, config| Polled(Lis3dhAsync::new(bus, Address::X18, config)));
}

#[test]
fn it_is_configured_once_and_again_where_it_is_to_measure_otherwise() {
    let (_, part, bus) = world();
    let config = Config::new(Range::G4, Rate::Hz10, Resolution::Ten);
    let mut sensor = Lis3dh::new(bus, Address::X18, config);
    assert_eq!(sensor.start(), Ok(113));
    assert_eq!(sensor.start(), Ok(111));
    assert_eq!(bus.transactions(), 3);
    assert_eq!((part.register(0x20), part.register(0x23)), ([0x27], [0x90]));
    sensor.set_config(Config::new(Range::G8, Rate::Hz25, Resolution::Eight));
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started in the new way");
    assert_eq!(sensor.start(), Ok(47));
    assert_eq!((part.register(0x20), part.register(0x23)), ([0x3F], [0xA0]));
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x18, 0x19]);
    for address in valid {
        assert_eq!(Address::try_from(address).unwrap() as u8, address);
    }
    assert_eq!(Address::try_from(0x1A), Err(ConfigError::Address));
}
