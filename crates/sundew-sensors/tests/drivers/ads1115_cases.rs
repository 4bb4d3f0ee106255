//! ADS1115: values, marks, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::ads1115::{Address, Ads1115, Config, DataRate, FullScale, Input};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<4, 2>;

/// Sets the part to its state after power-up; the next conversion gives 0.5 V of 1.024.
fn power_up(part: &Part) {
    part.plug();
    part.set_all(0x00, &[[0x00, 0x00], [0x85, 0x83]]);
    // A conversion is through at once: the bit that was written as 1 reads as 1.
    part.on_write(|part, register| {
        if register == 0x01 && part.register(0x00) == [0x00, 0x00] {
            part.set(0x00, [0x3E, 0x80]);
        }
    });
}

const VALUES: [i32; 1] = [5_000_000];

fn config() -> Config {
    Config::new(Input::A0MinusA1, FullScale::Volts1_024, DataRate::Hz64)
}

fn table<'w>() -> [Case<World<'w, Part>, 1>; 13] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("0.5 V", Ok(VALUES)),
        Case {
            before_read: |w| w.part.set(0x00, [0x7F, 0xFF]),
            ..quiet("highest", Ok([10_239_688]))
        },
        Case {
            before_read: |w| w.part.set(0x00, [0x80, 0x00]),
            ..quiet("lowest", Ok([-10_240_000]))
        },
        Case {
            before_read: |w| w.part.set(0x00, [0xFF, 0xFF]),
            ..quiet("a step below 0", Ok([-312]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at start", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            // It would take no other configuration before it is through.
            before_start: |w| w.part.set(0x01, [0x05, 0x83]),
            ..quiet("still converting at start", Err(Start(Error::NotReady)))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
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
            before_read: |w| {
                let [high, low] = w.part.register(0x01);
                w.part.set(0x01, [high & 0x7F, low]);
            },
            ..quiet("read too early", Err(Read(Error::NotReady)))
        },
        Case {
            // The register shows 0 V now, which must not pass for a measurement.
            before_read: |w| power_up(w.part),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn world() -> Rig<Part> {
    let world = wired(leaked(SimClock::new()), Part::new(0x4B, Increment::Never));
    power_up(world.1);
    world
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<BusError>>>(
    driver: fn(&'static SimBus<'static, 1>, Config) -> S,
) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config());
        assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
        case.run(&mut sensor, clock, &World { part, bus });
        power_up(part);
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
    for (steps, expected) in [
        (i16::MIN, Quality::UnderRange),
        (i16::MIN + 1, Quality::Good),
        (i16::MAX - 1, Quality::Good),
        (i16::MAX, Quality::OverRange),
    ] {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config());
        part.set(0x00, steps.to_be_bytes());
        assert!(measure(&mut sensor, clock).is_ok());
        assert_eq!(sensor.quality(0), expected, "{steps}");
    }
    // What another firmware left converting all the time is stopped, and measures then.
    let (clock, part, bus) = world();
    part.set(0x01, [0x04, 0x83]);
    part.on_write(|part, register| {
        if register == 0x01 {
            let [high, low] = part.register(0x01);
            part.set_all(0x00, &[[0x3E, 0x80], [high | (high & 0x01) << 7, low]]);
        }
    });
    let mut sensor = driver(bus, config());
    assert_eq!(sensor.start(), Err(Error::NotReady));
    assert_eq!(sensor.read(), Err(Error::NotReady), "nothing was started");
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
    // The configuration after power-up is told from the same one that was chosen.
    let (clock, part, bus) = world();
    let same = Config::new(Input::A0MinusA1, FullScale::Volts2_048, DataRate::Hz128);
    let mut sensor = driver(bus, same);
    clock.advance_millis(sensor.start().unwrap());
    power_up(part);
    assert_eq!(sensor.read(), Err(Error::Restarted));
}

#[test]
fn blocking() {
    run_table(|bus, config| Ads1115::new(bus, Address::X4B, config));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::ads1115::Ads1115Async;
    run_table(|bus, config| Polled(Ads1115Async::new(bus, Address::X4B, config)));
}

#[test]
fn inputs_are_measured_one_after_the_other() {
    let (clock, _, bus) = world();
    let mut sensor = Ads1115::new(bus, Address::X4B, config());
    for (input, high) in [(Input::A0, 0xC7), (Input::A1, 0xD7), (Input::A2, 0xE7)] {
        sensor.set_config(Config::new(input, FullScale::Volts1_024, DataRate::Hz64));
        assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
        let sent = bus.logged(bus.transactions() - 3).unwrap();
        assert_eq!(sent.head(), [0x01, high, 0x67]);
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
