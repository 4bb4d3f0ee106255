//! `BMP388` and `BMP390`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, sent, wired};
use sundew_sensors::bmp388::{Address, Bmp388, Config, Filter, Oversampling};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Registers = SimRegisters<128, 1>;
type Bus = SimBus<'static, 1>;

const VALUES: [i32; 2] = [2_502, 9_932_791];
/// The words of pressure and temperature.
const RESULTS: [u8; 6] = [0x00, 0x00, 0x70, 0x00, 0x80, 0x80];
/// The coefficients of the vendor's sample calculation, but for the last three.
const CALIBRATION: [u8; 21] = [
    0xBA, 0x6A, 0xC0, 0x49, 0xF6, 0x8B, 0x01, 0xD0, 0xF5, 0x23, 0x00, 0x1B, 0x63, 0x0F, 0x79, 0xF3,
    0xF6, 0xD8, 0x40, 0x1B, 0xC4,
];
const FINE: Config =
    Config::WEATHER.pressure(Oversampling::X32).temperature(Oversampling::X2).filter(Filter::C127);

/// Sets what a part shows that was just powered.
fn power_up(part: &Registers) {
    for register in 0..0x80 {
        part.set(register, [0]);
    }
    part.set(0x00, [0x50]);
    part.set(0x03, [0x10]);
    part.set_all(0x31, &CALIBRATION.map(|byte| [byte]));
    part.on_write(|part, register| {
        // Through at once, and asleep.
        if register == 0x1B && part.register(0x1B) == [0x13] {
            part.set(0x1B, [0x03]);
            part.set(0x03, [0x70]);
            set_results(part, RESULTS);
        }
    });
    part.on_read(|part, register| {
        let [state] = part.register(0x03);
        match register {
            0x04..=0x06 => part.set(0x03, [state & !0x20]),
            0x07..=0x09 => part.set(0x03, [state & !0x40]),
            _ => {}
        }
    });
}

fn set_results(part: &Registers, results: [u8; 6]) {
    part.set_all(0x04, &results.map(|byte| [byte]));
}

fn table<'w>() -> [Case<World<'w, Registers>, 2>; 17] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the vendor's sample", Ok(VALUES)),
        Case {
            before_read: |w| set_results(w.part, [0; 6]),
            ..quiet("lowest words", Ok([-12_472, 18_353_691]))
        },
        Case {
            before_read: |w| set_results(w.part, [0xFF; 6]),
            ..quiet("highest words", Ok([14_500, 0]))
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
            before_start: |w| w.part.set_all(0x31, &[[0xFF]; 21]),
            ..quiet("calibration blank", Err(Start(Error::Frame)))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck at the calibration", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.set(0x02, [0x01]),
            ..quiet("fatal error", Err(Read(Error::Defect(1))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(5, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the command", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_start: |w| w.part.set(0x00, [0x51]),
            ..quiet("a BMP581", Err(Start(Error::WrongPart(0x51))))
        },
        Case {
            before_read: |w| w.part.set(0x03, [0x30]),
            ..quiet("read before the temperature is new", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.set(0x03, [0x50]),
            ..quiet("read before the pressure is new", Err(Read(Error::NotReady)))
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
                w.part.set(0x03, [0]);
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
    let world = wired(leaked(SimClock::new()), Registers::new(0x77, Increment::Always));
    power_up(world.1);
    world
}

#[test]
fn blocking() {
    run_table(|bus| Bmp388::new(bus, Address::X77, Config::WEATHER));
    run_table(|bus| Bmp388::new(bus, Address::X77, FINE));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::bmp388::Bmp388Async;
    run_table(|bus| Polled(Bmp388Async::new(bus, Address::X77, Config::WEATHER)));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Bmp388::new(bus, Address::X77, FINE);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(bus.transactions(), 0);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    sensor.set_config(Config::WEATHER);
    assert_eq!(sensor.start(), Ok(7));
    let sent = sent(bus, 0);
    let expected: [&[u8]; 15] = [
        &[0x00],
        &[0x31],
        &[0x1B, 0x03],
        &[0x1C, 0x0D],
        &[0x1F, 0x0E],
        &[0x1B, 0x13],
        &[0x02],
        &[0x1B, 0x13],
        &[0x02],
        &[0x00],
        &[0x31],
        &[0x1B, 0x03],
        &[0x1C, 0x00],
        &[0x1F, 0x00],
        &[0x1B, 0x13],
    ];
    assert_eq!(sent, expected);
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x76, 0x77]);
    assert_eq!(Address::try_from(0x78), Err(ConfigError::Address));
}

#[test]
fn both_parts_are_driven() {
    let (clock, part, bus) = world();
    part.set(0x00, [0x60]);
    let mut sensor = Bmp388::new(bus, Address::X77, Config::WEATHER);
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    assert_eq!([0, 1].map(|output| sensor.quality(output)), [Quality::Good; 2]);
}

#[test]
fn pressure_beyond_the_operating_range_is_suspect() {
    let (_, part, bus) = world();
    let mut sensor = Bmp388::new(bus, Address::X77, Config::WEATHER);
    assert!(sensor.start().is_ok());
    set_results(part, [0x00, 0x00, 0x70, 0x00, 0x00, 0xC0]);
    assert!(sensor.read().is_ok());
    let expected = [Quality::Good, Quality::Suspect];
    assert_eq!([0, 1].map(|output| sensor.quality(output)), expected);
}
