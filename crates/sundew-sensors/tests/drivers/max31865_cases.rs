//! MAX31865: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, leaked, measure};
use sundew_sensors::max31865::{Config, Mains, Max31865, Thermometer, Wires};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{SimClock, SimSpi, SimSpiRegisters, SpiError, TopBit};
use sundew_units::Quality;
use sundew_units::transform::{Affine, Table, Then, platinum};

type Part = SimSpiRegisters<8>;

struct World {
    part: &'static Part,
    spi: &'static SimSpi<'static>,
}

/// Sets the part to its state after power-up, with 100 ohm of 400 at its inputs.
fn power_up(part: &Part) {
    part.set(0, &[0x00, 0x40, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0x00]);
    // The bit that clears the faults is none that stays.
    part.on_write(|part, register| {
        let byte = part.register(register);
        if register == 0 && byte & 0x02 != 0 {
            part.set(0, &[byte & !0x02, part.register(1), part.register(2) & !0x01]);
            part.set(7, &[0]);
        }
    });
}

fn config() -> Config {
    Config::new(400_000, Wires::Three, Mains::Hz50).unwrap()
}

fn table() -> [Case<World, 1, SpiError>; 13] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("100 ohm", Ok([100_000])),
        Case { before_read: |w| w.part.set(1, &[0xFF, 0xFE]), ..quiet("highest", Ok([399_988])) },
        Case { before_read: |w| w.part.set(1, &[0x00, 0x00]), ..quiet("lowest", Ok([0])) },
        Case { before_read: |w| w.part.set(1, &[0x00, 0x02]), ..quiet("one step", Ok([12])) },
        Case {
            before_read: |w| {
                w.part.set(1, &[0xFF, 0xFF]);
                w.part.set(7, &[0x80]);
            },
            ..quiet("a broken wire", Err(Read(Error::Defect(0x80))))
        },
        Case {
            before_read: |w| {
                w.part.set(1, &[0x00, 0x01]);
                w.part.set(7, &[0x44]);
            },
            ..quiet("a short and an undervoltage", Err(Read(Error::Defect(0x44))))
        },
        Case {
            before_start: |w| w.spi.unplug(0x00),
            ..quiet("absent, line down", Err(Start(Error::WrongPart(0x00))))
        },
        Case {
            before_start: |w| w.spi.unplug(0xFF),
            ..quiet("absent, line up", Err(Start(Error::WrongPart(0xFF))))
        },
        Case {
            before_read: |w| w.spi.unplug(0xFF),
            ..quiet("unplugged meanwhile", Err(Read(Error::Restarted)))
        },
        Case {
            before_start: |w| w.spi.fail(1, 1, SpiError::ModeFault),
            ..quiet("bus lost in start", Err(Start(Error::Bus(SpiError::ModeFault))))
        },
        Case {
            before_start: |w| w.spi.fail(2, 1, SpiError::Overrun),
            ..quiet("bytes lost in start", Err(Start(Error::Bus(SpiError::Overrun))))
        },
        Case {
            before_read: |w| w.spi.fail(0, 1, SpiError::ChipSelect),
            ..quiet("no chip select", Err(Read(Error::Bus(SpiError::ChipSelect))))
        },
        Case {
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> World {
    let part = leaked(Part::new(TopBit::Writes));
    power_up(part);
    World { part, spi: leaked(SimSpi::new(part)) }
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<SpiError>>>(driver: fn(&'static SimSpi<'static>) -> S) {
    for case in table() {
        let clock = SimClock::new();
        let world = world();
        let mut sensor = driver(world.spi);
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, &clock, &world);
        world.spi.plug();
        world.part.set(1, &[0x40, world.part.register(2) & 0x01]);
        // A part that was not started since it lost its configuration says so once.
        let again = measure(&mut sensor, &clock).or_else(|_| measure(&mut sensor, &clock));
        assert_eq!(again, Ok([100_000]), "after {}", case.name);
    }
}

#[test]
fn blocking() {
    run_table(|spi| Max31865::new(spi, config()));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::max31865::Max31865Async;
    run_table(|spi| Polled(Max31865Async::new(spi, config())));
}

#[test]
fn it_sleeps_until_the_next_start() {
    let world = world();
    let mut sensor = Max31865::new(world.spi, config());
    assert_eq!(sensor.start(), Ok(88));
    let heads = [0, 1, 2].map(|number| world.spi.logged(number).unwrap().head().to_vec());
    assert_eq!(heads, [[0x80, 0x13], [0x80, 0xD1], [0x00, 0x00]]);
    assert_eq!(sensor.start(), Ok(43));
    assert_eq!(world.spi.transactions(), 3);
    sensor.sleep().unwrap();
    assert_eq!(world.part.register(0), 0x11);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(sensor.start(), Ok(88));
}

const PT100: Affine = Affine::through((100_000, 0), (138_506, 10_000));

/// Converts, marks what the conversion marks, and lets faults through.
fn thermometer<S: Sensor<2, Error = Error<SpiError>>>(driver: fn(&'static SimSpi<'static>) -> S) {
    let (clock, world) = (SimClock::new(), world());
    let mut sensor = driver(world.spi);
    assert_eq!(measure(&mut sensor, &clock), Ok([0, 100_000]));
    world.part.set(1, &[0x58, 0xAC]);
    assert_eq!(measure(&mut sensor, &clock), Ok([10_011, 138_550]));
    assert_eq!([sensor.quality(0), sensor.quality(1)], [Quality::Good; 2]);
    world.part.set(1, &[0xFF, 0xFF]);
    world.part.set(7, &[0x80]);
    assert_eq!(measure(&mut sensor, &clock), Err(Error::Defect(0x80)));
}

#[test]
fn thermometer_blocking() {
    thermometer(|spi| Thermometer::new(spi, config(), PT100));
}

#[cfg(feature = "async")]
#[test]
fn thermometer_asynch() {
    use crate::polled::Polled;
    use sundew_sensors::max31865::ThermometerAsync;
    thermometer(|spi| Polled(ThermometerAsync::new(spi, config(), PT100)));
}

#[test]
fn a_pt100_shows_the_temperatures_of_the_datasheets_table() {
    const PLATINUM: Then<Affine, Table<i32, 65, 9>> =
        Then::new(Affine::ratio(8_192, 100_000), platinum());
    let (clock, world) = (SimClock::new(), world());
    let mut sensor = Thermometer::new(world.spi, config(), PLATINUM);
    // Datasheet table 9; the codes are cut off there, so a step (0.03 K) may be missing.
    for (register, celsius) in [
        (0x0BDA_u16, -200),
        (0x12B4, -175),
        (0x200A, -125),
        (0x2690, -100),
        (0x3366, -50),
        (0x3D7E, -10),
        (0x4000, 0),
        (0x4280, 10),
        (0x4778, 30),
        (0x4C6A, 50),
        (0x58A4, 100),
        (0x64B0, 150),
        (0x708C, 200),
        (0x7C3A, 250),
    ] {
        world.part.set(1, &register.to_be_bytes());
        let [temperature, _] = measure(&mut sensor, &clock).unwrap();
        assert!((temperature - celsius * 100).abs() <= 5, "{celsius}: {temperature}");
    }
}
