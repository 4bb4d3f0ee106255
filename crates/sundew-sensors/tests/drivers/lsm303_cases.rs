//! LSM303DLHC and LSM303AGR: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, World, leaked, measure, wired};
use sundew_sensors::lsm303::{ADDRESS, Lsm303Agr, Lsm303Dlhc, Range};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<128, 1>;
type Bus = &'static SimBus<'static, 1>;

/// Sets a DLHC to its state after power-up, measuring 20, -40 and 50 uT.
fn power_up(part: &Part) {
    part.plug();
    part.set_all(0x00, &[[0x10], [0x20], [0x03]]);
    // 220 and -440 of 1,100 to the gauss, 490 of 980; in the order X, Z, Y.
    part.set_all(0x03, &[[0x00], [0xDC], [0x01], [0xEA], [0xFE], [0x48]]);
    part.set_all(0x09, &[[0x00], *b"H", *b"4", *b"3"]);
    // A measurement is through at once; the part goes to sleep then.
    part.on_write(|part, register| {
        if (register, part.register(0x02)) == (0x02, [0x01]) {
            part.set(0x02, [0x03]);
            part.set(0x09, [0x01]);
        }
    });
}

const VALUES: [i32; 3] = [20_000, -40_000, 50_000];

fn table<'w>() -> [Case<World<'w, Part>, 3>; 13] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("20, -40 and 50 uT", Ok(VALUES)),
        Case {
            before_read: |w| {
                w.part.set_all(0x03, &[[0x07], [0xFF], [0xF8], [0x00], [0xF8], [0x00]]);
            },
            ..quiet("extremes", Ok([186_091, -186_182, -208_980]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(0x0A, *b"G"),
            ..quiet("another part", Err(Start(Error::WrongPart(0x4734))))
        },
        Case {
            before_start: |w| w.part.set(0x0C, *b"2"),
            ..quiet("another part by its last letter", Err(Start(Error::WrongPart(0x4834))))
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
            ..quiet("bus lost at the trigger", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck in the middle", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.set(0x09, [0x00]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case {
            before_read: |w| w.part.set(0x01, [0xE0]),
            ..quiet("another range than configured", Err(Read(Error::Restarted)))
        },
    ]
}

fn world(increment: Increment, power_up: fn(&Part)) -> (&'static SimClock, &'static Part, Bus) {
    let world = wired(leaked(SimClock::new()), Part::new(ADDRESS, increment));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(driver: fn(Bus) -> S) {
    for case in table() {
        let (clock, part, bus) = world(Increment::Always, power_up);
        let mut sensor = driver(bus);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        // A part that lost its configuration says so once.
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
        // The part marks an axis that it could not express; which way, it does not tell.
        part.set_all(0x05, &[[0xF0], [0x00]]);
        assert!(measure(&mut sensor, clock).is_ok());
        let expected = [Quality::Good, Quality::Good, Quality::OverRange, Quality::Good];
        assert_eq!([0, 1, 2, usize::MAX].map(|output| sensor.quality(output)), expected);
    }
}

#[test]
fn blocking() {
    run_table(|bus| Lsm303Dlhc::new(bus, Range::Gauss1_3));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::lsm303::Lsm303DlhcAsync;
    run_table(|bus| Polled(Lsm303DlhcAsync::new(bus, Range::Gauss1_3)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (_, _, bus) = world(Increment::Always, power_up);
    let mut sensor = Lsm303Dlhc::new(bus, Range::Gauss8_1);
    assert_eq!(sensor.start(), Ok(15));
    let expected: [&[u8]; 4] = [&[0x0A], &[0x00, 0x18], &[0x01, 0xE0], &[0x02, 0x01]];
    for (number, head) in expected.into_iter().enumerate() {
        assert_eq!(bus.logged(number).unwrap().head(), head);
    }
}

#[test]
fn the_first_value_in_another_range_than_that_of_power_up_is_suspect() {
    let (clock, part, bus) = world(Increment::Always, power_up);
    let mut sensor = Lsm303Dlhc::new(bus, Range::Gauss8_1);
    let qualities = |sensor: &Lsm303Dlhc<_>| [0, 1, 2].map(|output| sensor.quality(output));
    for _ in 0..2 {
        assert!(measure(&mut sensor, clock).is_ok());
        assert_eq!(qualities(&sensor), [Quality::Suspect; 3]);
        assert!(measure(&mut sensor, clock).is_ok());
        assert_eq!(qualities(&sensor), [Quality::Good; 3]);
        power_up(part);
        assert!(sensor.start().is_ok());
        part.set_all(0x00, &[[0x10], [0x20]]);
        assert_eq!(sensor.read(), Err(Error::Restarted));
    }
    let mut sensor = Lsm303Dlhc::new(bus, Range::Gauss1_3);
    assert!(measure(&mut sensor, clock).is_ok());
    assert_eq!(sensor.quality(0), Quality::Good);
}

/// Sets an AGR to its state after power-up, measuring 15, -15 uT and the highest value.
fn power_up_agr(part: &Part) {
    part.plug();
    part.set(0x4F, [0x40]);
    part.set_all(0x60, &[[0x03], [0x00], [0x00]]);
    part.set_all(0x67, &[[0x00], [0x64], [0x00], [0x9C], [0xFF], [0xFF], [0x7F]]);
    part.on_write(|part, register| {
        if (register, part.register(0x60)) == (0x60, [0x81]) {
            part.set(0x67, [0x08]);
        }
    });
}

const VALUES_AGR: [i32; 3] = [15_000, -15_000, 4_915_050];

fn table_agr<'w>() -> [Case<World<'w, Part>, 3>; 10] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("15, -15 uT and the highest", Ok(VALUES_AGR)),
        Case {
            before_read: |w| w.part.set_all(0x68, &[[0x00], [0x80]]),
            ..quiet("lowest", Ok([-4_915_200, -15_000, 4_915_050]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(0x4F, [0x3D]),
            ..quiet("another part", Err(Start(Error::WrongPart(0x3D))))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::Stuck),
            ..quiet("bus stuck at the trigger", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::ArbitrationLost),
            ..quiet("bus lost in the middle", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_read: |w| w.part.set(0x67, [0x00]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up_agr(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn run_table_agr<S: Sensor<3, Error = Error<BusError>>>(driver: fn(Bus) -> S) {
    for case in table_agr() {
        let (clock, part, bus) = world(Increment::WithTopBit, power_up_agr);
        let mut sensor = driver(bus);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up_agr(part);
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok(VALUES_AGR), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

#[test]
fn blocking_agr() {
    run_table_agr(Lsm303Agr::new);
}

#[cfg(feature = "async")]
#[test]
fn asynch_agr() {
    use crate::polled::Polled;
    use sundew_sensors::lsm303::Lsm303AgrAsync;
    run_table_agr(|bus| Polled(Lsm303AgrAsync::new(bus)));
}
