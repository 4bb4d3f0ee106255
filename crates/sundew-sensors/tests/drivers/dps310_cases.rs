//! `DPS310`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, sent, wired};
use sundew_sensors::dps310::{Address, Config, Dps310, Oversampling, Rate};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};

type Registers = SimRegisters<256, 1>;
type Bus = SimBus<'static, 1>;

/// What QEMU's model holds; the results are those of single measurements.
const RESULTS: [u8; 6] = [0xFE, 0x2F, 0xEE, 0x02, 0x69, 0xA6];
const COEFFICIENTS: [u8; 18] = [
    0x0E, 0x1E, 0xDD, 0x13, 0xCA, 0x5F, 0x21, 0x52, 0xF9, 0xC6, 0x04, 0xD1, 0xDB, 0x47, 0x00, 0x5B,
    0xFB, 0x3A,
];
const VALUES: [i32; 2] = [2_474, 9_294_631];
const NEW: u8 = 0x30;

fn single() -> Config {
    Config::new(Rate::Hz1, Oversampling::X1, Oversampling::X1).unwrap()
}

/// Sets what a part shows that was powered 40 ms ago.
fn power_up(part: &Registers) {
    for register in 0..=u8::MAX {
        part.set(register, [0]);
    }
    part.set(0x08, [0xC0]);
    part.set(0x0D, [0x10]);
    part.set_all(0x10, &COEFFICIENTS.map(|byte| [byte]));
    part.set(0x28, [0x80]);
    part.on_write(|part, register| {
        // Runs, and has new values at once; what is written to the state has no effect.
        if register == 0x08 {
            let [mode] = part.register(0x08).map(|mode| mode & 7);
            part.set(0x08, [0xC0 | mode | if mode == 7 { NEW } else { 0 }]);
            part.set_all(0x00, &RESULTS.map(|byte| [byte]));
        }
    });
    part.on_read(|part, register| {
        let [mode] = part.register(0x08);
        match register {
            0x00 => part.set(0x08, [mode & !0x10]),
            0x03 => part.set(0x08, [mode & !0x20]),
            _ => {}
        }
    });
}

fn renew(part: &Registers, results: [u8; 6]) {
    let [mode] = part.register(0x08);
    part.set(0x08, [mode | NEW]);
    part.set_all(0x00, &results.map(|byte| [byte]));
}

fn table<'w>() -> [Case<World<'w, Registers>, 2>; 17] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the example", Ok(VALUES)),
        Case {
            before_read: |w| renew(w.part, [0x80, 0, 0, 0x80, 0, 0]),
            ..quiet("lowest words", Ok([69_450, 17_463_700]))
        },
        Case {
            before_read: |w| renew(w.part, [0x7F, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF]),
            ..quiet("highest words", Ok([-46_950, 0]))
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
            before_start: |w| w.bus.fail(2, 1, BusError::ArbitrationLost),
            ..quiet(
                "bus lost at the coefficients",
                Err(Start(Error::Bus(BusError::ArbitrationLost))),
            )
        },
        Case {
            before_start: |w| w.bus.fail(8, 1, BusError::DataNack),
            ..quiet("mending refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(15, 1, BusError::DataNack),
            ..quiet("mode refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.part.set(0x0D, [0x1A]),
            ..quiet("a DPS422", Err(Start(Error::WrongPart(0x1A))))
        },
        Case {
            before_start: |w| w.part.set(0x08, [0x40]),
            ..quiet("coefficients not there yet", Err(Start(Error::NotReady)))
        },
        Case {
            before_start: |w| w.part.set_all(0x10, &[[0]; 18]),
            ..quiet("coefficients blank", Err(Start(Error::Frame)))
        },
        Case {
            before_read: |w| w.part.set(0x08, [0xD7]),
            ..quiet("read before the temperature is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.set(0x08, [0xE7]),
            ..quiet("read before the pressure is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the state", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the results", Err(Read(Error::Bus(BusError::ArbitrationLost))))
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
    let world = wired(leaked(SimClock::new()), Registers::new(0x76, Increment::Always));
    power_up(world.1);
    world
}

#[test]
fn blocking() {
    run_table(|bus| Dps310::new(bus, Address::X76, single()));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::dps310::Dps310Async;
    run_table(|bus| Polled(Dps310Async::new(bus, Address::X76, single())));
}

#[test]
fn the_part_is_brought_up_and_mended_once() {
    let (clock, part, bus) = world();
    let mut sensor = Dps310::new(bus, Address::X76, Config::STANDARD);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.init(), Ok(()));
    let expected: [&[u8]; 16] = [
        &[0x0D],
        &[0x08],
        &[0x10],
        &[0x28],
        &[0x32],
        &[0x08, 0xC0],
        &[0x00],
        &[0x0E, 0xA5],
        &[0x0F, 0x96],
        &[0x62, 0x02],
        &[0x0E, 0x00],
        &[0x0F, 0x00],
        &[0x06, 0x24],
        &[0x07, 0xA0],
        &[0x09, 0x04],
        &[0x08, 0xC7],
    ];
    assert_eq!(sent(bus, 0), expected);
    assert_eq!(sensor.start(), Ok(315));
    assert_eq!(bus.transactions(), 16);
    clock.advance_millis(315);
    // The same share of full scale, of 16 measurements: -118,802 * 253,952 / 524,288.
    let raw = (-118_802 * 31 / 64_i32).to_be_bytes();
    renew(part, [raw[1], raw[2], raw[3], 0x02, 0x69, 0xA6]);
    let [celsius, pascal] = sensor.read().unwrap();
    assert_eq!(celsius, VALUES[0]);
    assert!((pascal - VALUES[1]).abs() < 20, "{pascal}");
}

#[test]
fn a_part_in_order_is_not_mended() {
    let (_, part, bus) = world();
    part.set(0x32, [0x02]);
    part.set(0x28, [0x00]);
    let mut sensor = Dps310::new(bus, Address::X76, single());
    assert_eq!(sensor.init(), Ok(()));
    assert_eq!(sent(bus, 7)[..2], [vec![0x06, 0x00], vec![0x07, 0x00]]);
}

/// QEMU's model keeps what is written to the state, and never sets it by itself.
#[test]
fn a_model_that_keeps_what_is_written_measures_too() {
    let (clock, part, bus) = world();
    part.set(0x08, [0xF0]);
    part.set_all(0x00, &RESULTS.map(|byte| [byte]));
    part.on_write(|_, _| {});
    part.on_read(|_, _| {});
    let mut sensor = Dps310::new(bus, Address::X76, single());
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
}

#[test]
fn it_sleeps_until_the_next_start() {
    let (clock, part, bus) = world();
    let mut sensor = Dps310::new(bus, Address::X76, single());
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(sensor.sleep(), Ok(()));
    assert_eq!(part.register(0x08), [0xC0]);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    sensor.set_config(Config::STANDARD);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.start(), Ok(315));
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x76, 0x77]);
    assert_eq!(Address::try_from(0x78), Err(ConfigError::Address));
}
