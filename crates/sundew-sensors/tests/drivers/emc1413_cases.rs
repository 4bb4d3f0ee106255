//! EMC1412, EMC1413, EMC1414: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::emc1413::{Address, Emc1412, Emc1413, Emc1414, Range};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<256, 1>;

const STATUS: u8 = 0x02;
const CONFIGURATION: u8 = 0x03;
const DIODE_FAULT: u8 = 0x1B;
const PRODUCT_ID: u8 = 0xFD;

/// Sets the part to 20, 40.125 and 60.875 Cel in the extended range, all of it after power-up.
fn power_up(part: &Part) {
    part.plug();
    part.set_all(PRODUCT_ID, &[[0x21], [0x5D], [0x04]]);
    for (register, byte) in [
        (CONFIGURATION, 0x00),
        (STATUS, 0x00),
        (DIODE_FAULT, 0x00),
        (0x00, 84),
        (0x29, 0x00),
        (0x01, 104),
        (0x10, 0x20),
        (0x23, 124),
        (0x24, 0xE0),
    ] {
        part.set(register, [byte]);
    }
    // Writing goes to 0x09, reading comes from 0x03.
    part.on_write(|part, register| {
        if register == 0x09 {
            part.set(CONFIGURATION, part.register(0x09));
        }
    });
}

const VALUES: [i32; 3] = [20_000, 40_125, 60_875];

fn table<'w>() -> [Case<World<'w, Part>, 3>; 13] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("20, 40.125 and 60.875 Cel", Ok(VALUES)),
        Case {
            before_read: |w| {
                w.part.set_all(0x00, &[[0], [0xFF]]);
                w.part.set(0x10, [0xE0]);
            },
            ..quiet("extremes", Ok([-64_000, 191_875, 60_875]))
        },
        Case {
            before_read: |w| w.part.set(0x24, [0xFF]),
            ..quiet("lowest bits mean nothing", Ok(VALUES))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(PRODUCT_ID, [0x25]),
            ..quiet("an EMC1414", Err(Start(Error::WrongPart(0x5D25))))
        },
        Case {
            before_start: |w| w.part.set(0xFE, [0x54]),
            ..quiet("another maker", Err(Start(Error::WrongPart(0x5421))))
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
            before_start: |w| w.bus.fail(3, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the rate", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(4, 1, BusError::Stuck),
            ..quiet("bus stuck in the middle", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(7, 1, BusError::AddressNack),
            ..quiet("gone at the last byte", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x4C, Increment::Never));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(driver: fn(&'static SimBus<'static, 1>) -> S) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        part.set(CONFIGURATION, [Range::Extended as u8]);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!([0, 1, 2, 3].map(|output| sensor.quality(output)), [Quality::Good; 4]);
    }
    marks(driver);
}

/// Marks what a fault or an end of the scale makes worthless, and nothing else.
fn marks<S: Sensor<3, Error = Error<BusError>>>(driver: fn(&'static SimBus<'static, 1>) -> S) {
    let (clock, part, bus) = world();
    let mut sensor = driver(bus);
    part.set(DIODE_FAULT, [0b0100]);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "the flag stands in another register");
    assert_eq!(sensor.quality(2), Quality::Good);
    part.set(STATUS, [0b0100]);
    part.set(0x23, [0]);
    part.set_all(0x00, &[[0xFF], [0]]);
    part.set(0x29, [0xE0]);
    part.set(0x10, [0x00]);
    part.set(0x24, [0x00]);
    assert_eq!(measure(&mut sensor, clock), Ok([191_875, -64_000, -64_000]));
    let expected = [Quality::OverRange, Quality::UnderRange, Quality::Fault];
    assert_eq!([0, 1, 2].map(|output| sensor.quality(output)), expected);
}

#[test]
fn blocking() {
    run_table(|bus| Emc1413::new(bus, Address::X4C, Range::Extended));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::emc1413::Emc1413Async;
    run_table(|bus| Polled(Emc1413Async::new(bus, Address::X4C, Range::Extended)));
}

#[test]
fn the_smaller_and_the_larger_part_have_numbers_of_their_own() {
    let (clock, part, bus) = world();
    part.set(PRODUCT_ID, [0x20]);
    let mut small = Emc1412::new(bus, Address::X4C, Range::Standard);
    assert_eq!(measure(&mut small, clock), Ok([84_000, 104_125]));
    part.set(PRODUCT_ID, [0x25]);
    part.set_all(0x2A, &[[0x7F], [0xE0]]);
    let mut large = Emc1414::new(bus, Address::X4C, Range::Standard);
    assert_eq!(measure(&mut large, clock), Ok([84_000, 104_125, 124_875, 127_875]));
    assert_eq!([2, 3].map(|o| large.quality(o)), [Quality::Good, Quality::OverRange]);
}

#[test]
fn it_is_configured_once() {
    let (clock, _, bus) = world();
    let mut sensor: Emc1413<_> = Emc1413::new(bus, Address::X4C, Range::Extended);
    assert_eq!(sensor.start(), Ok(301));
    assert_eq!(bus.logged(2).unwrap().head(), [0x09, 0x04]);
    assert_eq!(bus.logged(3).unwrap().head(), [0x0A, 0x06]);
    clock.advance_millis(1);
    assert_eq!(sensor.start(), Ok(301), "the outputs show the 0 of the power-up still");
    assert_eq!(bus.transactions(), 4, "but it converts");
    clock.advance_millis(301);
    assert_eq!(sensor.read(), Ok(VALUES));
    assert_eq!(sensor.start(), Ok(0));
    // Brought up anew, it begins anew.
    assert_eq!(sensor.init(), Ok(()));
    assert_eq!(sensor.start(), Ok(301));
}

#[test]
fn addresses_are_those_of_the_family() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x18, 0x1C, 0x29, 0x3C, 0x4C, 0x4D, 0x5C]);
    for address in valid {
        assert_eq!(Address::try_from(address).unwrap() as u8, address);
    }
    assert_eq!(Address::try_from(0x48), Err(ConfigError::Address));
}
