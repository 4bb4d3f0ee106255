//! `BME280` and `BMP280`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, sent, wired};
use sundew_sensors::bme280::{Address, Bme280, Bmp280, Config, Filter, Oversampling};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Registers = SimRegisters<256, 1>;
type Bus = SimBus<'static, 1>;

const BME280: u8 = 0x60;
const BMP280: u8 = 0x58;
/// The example of the `BMP280`'s datasheet, and humidity: 362, 0, 321, 50, 30; 75.
const LOW: [u8; 26] = [
    0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C, 0x00,
    0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B,
];
const HIGH: [u8; 7] = [0x6A, 0x01, 0x00, 0x14, 0x21, 0x03, 0x1E];
const VALUES: [i32; 3] = [2_508, 1_006_533, 5_215];

fn set_words(part: &Registers, temperature: u32, pressure: u32, humidity: u16) {
    let [_, p2, p1, p0] = (pressure << 4).to_be_bytes();
    let [_, t2, t1, t0] = (temperature << 4).to_be_bytes();
    let [h1, h0] = humidity.to_be_bytes();
    part.set_all(0xF7, &[p2, p1, p0, t2, t1, t0, h1, h0].map(|byte| [byte]));
}

/// Sets what a part shows that was just powered.
fn power_up(part: &Registers, id: u8) {
    for register in 0..=u8::MAX {
        part.set(register, [0]);
    }
    part.set(0xD0, [id]);
    part.set_all(0x88, &LOW.map(|byte| [byte]));
    if id == BME280 {
        part.set_all(0xE1, &HIGH.map(|byte| [byte]));
    }
    part.set_all(0xF7, &[0x80, 0, 0, 0x80, 0, 0, 0x80, 0].map(|byte| [byte]));
    // Through at once, then asleep.
    part.on_write(|part, register| {
        let [value] = part.register(register);
        if register == 0xF4 && value & 3 == 1 {
            part.set(0xF4, [value & !3]);
            set_words(part, 519_888, 415_148, 30_000);
        }
    });
}

fn table<'w>() -> [Case<World<'w, Registers>, 3>; 18] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the datasheet's example", Ok(VALUES)),
        Case {
            before_read: |w| set_words(w.part, 0, 0, 0),
            ..quiet("lowest", Ok([-14_088, 1_313_897, 0]))
        },
        Case {
            before_read: |w| set_words(w.part, 0xF_FFFF, 0xF_FFFF, 0xFFFF),
            ..quiet("highest", Ok([18_755, 9_688, 10_000]))
        },
        Case {
            before_read: |w| set_words(w.part, 0x8_0000, 415_148, 30_000),
            ..quiet("one word as it is before the first measurement", Ok([2_646, 1_008_655, 5_219]))
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
                "bus lost at the calibration",
                Err(Start(Error::Bus(BusError::ArbitrationLost))),
            )
        },
        Case {
            before_start: |w| w.bus.fail(4, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.part.set(0xD0, [0x61]),
            ..quiet("a BME680", Err(Start(Error::WrongPart(0x61))))
        },
        Case {
            before_start: |w| w.part.set(0xF3, [1]),
            ..quiet("calibration still copied", Err(Start(Error::NotReady)))
        },
        Case {
            before_start: |w| w.part.set_all(0x88, &[[0xFF]; 26]),
            ..quiet("calibration blank", Err(Start(Error::Frame)))
        },
        Case {
            before_read: |w| w.part.set(0xF3, [8]),
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| {
                let [control] = w.part.register(0xF4);
                w.part.set(0xF4, [control | 0x01]);
            },
            ..quiet("read before it begins", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| set_words(w.part, 0x8_0000, 0x8_0000, 0x8000),
            ..quiet("nothing measured", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.set_all(0xF2, &[[0]; 4]),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at read", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::DataNack),
            ..quiet("pointer refused", Err(Read(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
    ]
}

const CONFIGS: [Config; 2] = [
    Config::WEATHER,
    Config::WEATHER
        .temperature(Oversampling::X2)
        .pressure(Oversampling::X16)
        .humidity(Oversampling::X4)
        .filter(Filter::X16),
];

/// Runs each case on a fresh part, and on one that runs already; then a measurement is good again.
fn run_table<S: Sensor<3, Error = Error<BusError>>>(driver: fn(&'static Bus, Config) -> S) {
    for config in CONFIGS {
        for case in table() {
            let (clock, part, bus) = world(BME280);
            let mut sensor = driver(bus, config);
            case.run(&mut sensor, clock, &World { part, bus });
            part.plug();
            power_up(part, BME280);
            // A part that was not started since it lost its configuration says so once.
            let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
            assert_eq!(again, Ok(VALUES), "after {}", case.name);
            assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
        }
    }
}

fn world(id: u8) -> Rig<Registers> {
    let clock = leaked(SimClock::new());
    let world = wired(clock, Registers::new(0x77, Increment::Always));
    let part = world.1;
    power_up(part, id);
    world
}

#[test]
fn blocking() {
    run_table(|bus, config| Bme280::new(bus, Address::X77, config));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::bme280::Bme280Async;
    run_table(|bus, config| Polled(Bme280Async::new(bus, Address::X77, config)));
}

type Measure = Box<dyn FnMut() -> Result<[i32; 2], Error<BusError>>>;

fn run_bmp280(driver: fn(&'static Bus) -> Measure) {
    let (_, part, bus) = world(BMP280);
    let mut measure = driver(bus);
    assert_eq!(measure(), Ok([2_508, 1_006_533]));
    assert!((0..bus.transactions()).all(|n| bus.logged(n).unwrap().head() != [0xF2, 0x01]));
    let (_, part_too_good, bus) = world(BME280);
    assert_eq!(driver(bus)(), Err(Error::WrongPart(0x60)));
    part_too_good.unplug();
    part.set(0xF4, [0]);
    part.unplug();
    assert_eq!(measure(), Err(Error::Bus(BusError::AddressNack)));
    part.plug();
    power_up(part, BMP280);
    assert_eq!(measure(), Ok([2_508, 1_006_533]));
}

#[test]
fn a_bmp280_gives_two_values() {
    run_bmp280(|bus| {
        let mut sensor = Bmp280::new(bus, Address::X77, Config::WEATHER);
        Box::new(move || {
            assert!(sensor.start()? >= 7);
            sensor.read()
        })
    });
}

#[cfg(feature = "async")]
#[test]
fn an_async_bmp280_gives_two_values() {
    use crate::polled::Polled;
    use sundew_sensors::bme280::Bmp280Async;
    run_bmp280(|bus| {
        let mut sensor = Polled(Bmp280Async::new(bus, Address::X77, Config::WEATHER));
        Box::new(move || {
            assert!(sensor.start()? >= 7);
            sensor.read()
        })
    });
}

#[test]
fn a_measurement_that_comes_late_is_still_read() {
    let (_, part, bus) = world(BME280);
    let mut sensor = Bme280::new(bus, Address::X77, Config::WEATHER);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(bus.transactions(), 0);
    assert_eq!(sensor.start(), Ok(11));
    part.set(0xF3, [8]);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    part.set(0xF3, [0]);
    assert_eq!(sensor.read(), Ok(VALUES));
}

#[test]
fn the_part_is_brought_up_once() {
    let (clock, _, bus) = world(BME280);
    let mut sensor = Bme280::new(bus, Address::X77, CONFIGS[1]);
    assert_eq!(sensor.init(), Ok(()));
    let sent = sent(bus, 0);
    let expected: [&[u8]; 7] =
        [&[0xD0], &[0xF3], &[0x88], &[0xE1], &[0xF4, 0], &[0xF5, 0x10], &[0xF2, 3]];
    assert_eq!(sent, expected);
    for _ in 0..2 {
        let before = bus.transactions();
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
        assert_eq!(bus.transactions() - before, 2);
        assert_eq!(bus.logged(before).unwrap().head(), [0xF4, 0b0101_0101]);
    }
    sensor.set_config(Config::WEATHER);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
}

#[test]
fn pressure_and_humidity_beyond_the_operating_range_are_suspect() {
    let (clock, part, bus) = world(BME280);
    let mut sensor = Bme280::new(bus, Address::X77, Config::WEATHER);
    assert!(measure(&mut sensor, clock).is_ok());
    assert_eq!([0, 1, 2].map(|output| sensor.quality(output)), [Quality::Good; 3]);
    assert!(sensor.start().is_ok());
    set_words(part, 800_000, 415_148, 30_000);
    assert!(sensor.read().is_ok());
    let expected = [Quality::Good, Quality::Suspect, Quality::Suspect];
    assert_eq!([0, 1, 2].map(|output| sensor.quality(output)), expected);
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x76, 0x77]);
    assert_eq!(Address::try_from(0x78), Err(ConfigError::Address));
}
