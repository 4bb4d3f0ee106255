//! `HTS221`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, sent, wired};
use sundew_sensors::hts221::{Address, Averaging, Hts221};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};

type Registers = SimRegisters<128, 1>;
type Bus = SimBus<'static, 1>;

const VALUES: [i32; 2] = [1_500, 3_000];
/// 400 and 0x5000 of the datasheet's examples.
const RESULTS: [u8; 4] = [0x00, 0x50, 0x90, 0x01];
const POINTS: [u8; 16] =
    [40, 80, 80, 160, 0, 0, 0x00, 0x40, 0, 0, 0x00, 0x60, 0x2C, 0x01, 0xF4, 0x01];

/// Sets what a part shows that was just powered.
fn power_up(part: &Registers) {
    for register in 0..0x80 {
        part.set(register, [0]);
    }
    part.set(0x0F, [0xBC]);
    part.set(0x10, [0x1B]);
    part.set_all(0x30, &POINTS.map(|byte| [byte]));
    part.on_write(|part, register| {
        // Through at once, where it is switched on; the bit falls back.
        if register == 0x21 && part.register(0x20) == [0x84] {
            part.set(0x21, [0]);
            part.set(0x27, [0x03]);
            part.set_all(0x28, &RESULTS.map(|byte| [byte]));
        }
    });
    part.on_read(|part, register| {
        let [state] = part.register(0x27);
        match register {
            0x29 => part.set(0x27, [state & !2]),
            0x2B => part.set(0x27, [state & !1]),
            _ => {}
        }
    });
}

fn set_results(part: &Registers, results: [u8; 4]) {
    part.set_all(0x28, &results.map(|byte| [byte]));
}

fn table<'w>() -> [Case<World<'w, Registers>, 2>; 16] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the datasheet's examples", Ok(VALUES)),
        Case {
            before_read: |w| set_results(w.part, [0, 0x80, 0, 0x80]),
            ..quiet("lowest words", Ok([-164_340, 0]))
        },
        Case {
            before_read: |w| set_results(w.part, [0xFF, 0x7F, 0xFF, 0x7F]),
            ..quiet("highest words", Ok([163_335, 6_000]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the identity", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.part.set_all(0x30, &[[0]; 16]),
            ..quiet("calibration blank", Err(Start(Error::Frame)))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck at the calibration", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(4, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the command", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_start: |w| w.part.set(0x0F, [0xBB]),
            ..quiet("another part", Err(Start(Error::WrongPart(0xBB))))
        },
        Case {
            before_read: |w| w.part.set(0x27, [0x01]),
            ..quiet("read before the humidity is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.set(0x27, [0x02]),
            ..quiet("read before the temperature is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at read", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| {
                w.part.set(0x27, [0]);
                w.bus.fail(1, 1, BusError::Stuck);
            },
            ..quiet("bus stuck behind the state", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
    ]
}

/// Runs each case on a fresh part, which then is powered anew and measures well again.
fn run_table<S: Sensor<2, Error = Error<BusError>>>(driver: fn(&'static Bus) -> S) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus);
        case.run(&mut sensor, clock, &World { part, bus });
        part.plug();
        power_up(part);
        // A part that was not started since it lost its configuration says so once.
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world() -> Rig<Registers> {
    let world = wired(leaked(SimClock::new()), Registers::new(0x5F, Increment::WithTopBit));
    power_up(world.1);
    world
}

#[test]
fn blocking() {
    run_table(|bus| Hts221::new(bus, Address::X5F, Averaging::X32));
    run_table(|bus| Hts221::new(bus, Address::X5F, Averaging::X512));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::hts221::Hts221Async;
    run_table(|bus| Polled(Hts221Async::new(bus, Address::X5F, Averaging::X32)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Hts221::new(bus, Address::X5F, Averaging::X512);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(bus.transactions(), 0);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    sensor.set_averaging(Averaging::X32);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    let sent = sent(bus, 0);
    let expected: [&[u8]; 14] = [
        &[0x0F],
        &[0xB0],
        &[0x10, 0o77],
        &[0x20, 0x84],
        &[0x21, 0x01],
        &[0xA7],
        &[0x0F],
        &[0xB0],
        &[0x10, 0o33],
        &[0x20, 0x84],
        &[0x21, 0x01],
        &[0xA7],
        &[0x21, 0x01],
        &[0xA7],
    ];
    assert_eq!(sent, expected);
}

#[test]
fn there_is_one_address() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x5F]);
    assert_eq!(Address::try_from(0x5E), Err(ConfigError::Address));
}
