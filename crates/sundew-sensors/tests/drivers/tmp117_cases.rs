//! TMP117: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, wired};
use sundew_sensors::tmp117::{Address, Averaging, Tmp117};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};

type Part = SimRegisters<16, 2>;

const TEMPERATURE: u8 = 0x00;
const CONFIGURATION: u8 = 0x01;
const DEVICE_ID: u8 = 0x0F;

/// Sets the part to its state after power-up.
fn power_up(part: &Part) {
    part.plug();
    part.set(DEVICE_ID, [0x31, 0x17]);
    part.set(CONFIGURATION, [0x02, 0x20]);
    part.set(TEMPERATURE, [0x80, 0x00]);
    // A conversion is through at once, and the part is shut down then; 25 Cel.
    part.on_write(|part, register| {
        if let (CONFIGURATION, [high, low]) = (register, part.register(register))
            && high & 0x0C == 0x0C
        {
            part.set(CONFIGURATION, [high & !0x08 | 0x20, low]);
            if part.register(TEMPERATURE) == [0x80, 0x00] {
                part.set(TEMPERATURE, [0x0C, 0x80]);
            }
        }
    });
}

fn table<'w>() -> [Case<World<'w, Part>, 1>; 14] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("25 Cel", Ok([25_000])),
        Case {
            before_read: |w| w.part.set(TEMPERATURE, [0xF3, 0x80]),
            ..quiet("frost", Ok([-25_000]))
        },
        Case {
            before_read: |w| w.part.set(TEMPERATURE, [0x7F, 0xFF]),
            ..quiet("highest", Ok([255_992]))
        },
        Case {
            before_read: |w| w.part.set(TEMPERATURE, [0x80, 0x00]),
            ..quiet("lowest", Ok([-256_000]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.part.set(DEVICE_ID, [0x11, 0x16]),
            ..quiet("a TMP116", Err(Start(Error::WrongPart(0x1116))))
        },
        Case {
            before_start: |w| w.part.set(CONFIGURATION, [0x12, 0x20]),
            ..quiet("EEPROM still loading", Err(Start(Error::NotReady)))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the identity", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::ArbitrationLost),
            ..quiet("bus lost in start", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::DataNack),
            ..quiet("conversion refused", Err(Start(Error::Bus(BusError::DataNack))))
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
            before_read: |w| w.part.set(CONFIGURATION, [0x04, 0x20]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            // The register shows -256 Cel now, which must not pass for a measurement.
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x4A, Increment::Never));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<BusError>>>(driver: fn(&'static SimBus<'static, 1>) -> S) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        assert_eq!(bus.transactions(), 0);
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        // A part that lost its configuration says so once.
        let again = crate::measure(&mut sensor, clock);
        assert_eq!(again, Ok([25_000]), "after {}", case.name);
    }
}

#[test]
fn blocking() {
    run_table(|bus| Tmp117::new(bus, Address::X4A, Averaging::Eight));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::tmp117::Tmp117Async;
    run_table(|bus| Polled(Tmp117Async::new(bus, Address::X4A, Averaging::Eight)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (_, _, bus) = world();
    let mut sensor = Tmp117::new(bus, Address::X4A, Averaging::None);
    sensor.init().unwrap();
    for (averaging, low, wait_ms) in [
        (Averaging::None, 0x00, 19),
        (Averaging::Eight, 0x20, 141),
        (Averaging::ThirtyTwo, 0x40, 561),
        (Averaging::SixtyFour, 0x60, 1_121),
    ] {
        sensor.set_averaging(averaging);
        assert_eq!(sensor.start(), Ok(wait_ms));
        let sent = bus.logged(bus.transactions() - 1).unwrap();
        assert_eq!((sent.address, sent.head()), (0x4A, &[0x01, 0x0C, low][..]));
    }
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x48, 0x49, 0x4A, 0x4B]);
    for address in valid {
        assert_eq!(Address::try_from(address).unwrap() as u8, address);
    }
    assert_eq!(Address::try_from(0x4C), Err(ConfigError::Address));
}
