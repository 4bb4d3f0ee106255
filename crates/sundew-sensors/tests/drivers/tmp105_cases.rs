//! TMP105: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_core::{Classify, ErrorKind};
use sundew_sensors::tmp105::{Address, Config, Resolution, Tmp105};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimTmp105};

fn table<'w>() -> [Case<World<'w, SimTmp105<'w>>, 1>; 12] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("20 Cel", Ok([2_000])),
        Case { before_start: |w| w.part.set_millicelsius(0), ..quiet("zero", Ok([0])) },
        Case { before_start: |w| w.part.set_millicelsius(85_500), ..quiet("hot", Ok([8_550])) },
        Case { before_start: |w| w.part.set_millicelsius(-7_500), ..quiet("frost", Ok([-750])) },
        Case {
            before_start: |w| w.part.set_millicelsius(-55_000),
            ..quiet("lowest of the part", Ok([-5_500]))
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
            before_start: |w| w.bus.fail(0, 1, BusError::DataNack),
            ..quiet("configuration refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(1, 1, BusError::Stuck),
            ..quiet("bus stuck behind the check", Err(Read(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        Case {
            // The register shows 0 Cel now, which must not pass for a measurement.
            before_read: |w| w.part.plug(),
            ..quiet("supply broke down", Err(Read(Error::Restarted)))
        },
    ]
}

fn configs() -> impl Iterator<Item = Config> {
    use Resolution::{Eleven, Nine, Ten, Twelve};
    let resolutions = [Nine, Ten, Eleven, Twelve].into_iter();
    // Continuous at 9 bits is the state after power-up: there a break-down cannot be seen.
    let continuous = resolutions.clone().skip(1).map(Config::continuous);
    resolutions.map(Config::one_shot).chain(continuous)
}

/// Runs each case on a fresh part, then one more measurement, which is a good one.
fn run_table<S: Sensor<1, Error = Error<BusError>>>(
    config: Config,
    driver: fn(&'static SimBus<'static, 1>, Config) -> S,
) {
    for case in table() {
        let (clock, part, bus) = world();
        let mut sensor = driver(bus, config);
        case.run(&mut sensor, clock, &World { part, bus });
        part.plug();
        part.set_millicelsius(31_500);
        clock.advance_millis(5_000);
        // A part that was not started since it lost its configuration says so once.
        let again = measure(&mut sensor, clock).or_else(|_| measure(&mut sensor, clock));
        assert_eq!(again, Ok([3_150]), "after {}", case.name);
    }
}

fn world() -> Rig<SimTmp105<'static>> {
    let clock = leaked(SimClock::new());
    wired(clock, SimTmp105::new(clock, 0x49))
}

#[test]
fn blocking() {
    for config in configs() {
        run_table(config, |bus, config| Tmp105::new(bus, Address::X49, config));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::tmp105::Tmp105Async;
    for config in configs() {
        run_table(config, |bus, config| Polled(Tmp105Async::new(bus, Address::X49, config)));
    }
}

#[test]
fn nothing_is_read_that_was_not_started() {
    let (_, _, bus) = world();
    let mut sensor = Tmp105::new(bus, Address::X49, Config::lm75());
    let error = sensor.read().unwrap_err();
    assert_eq!((error, error.kind()), (Error::NotReady, ErrorKind::Bus));
    assert_eq!(bus.transactions(), 0);
}

#[test]
fn every_step_of_the_part_comes_through() {
    let (clock, part, bus) = world();
    let config = Config::one_shot(Resolution::Twelve);
    let mut sensor = Tmp105::new(bus, Address::X49, config);
    for sixteenths in -2_048..2_048_i16 {
        part.set_sixteenths(sixteenths);
        let [given] = measure(&mut sensor, clock).unwrap();
        let exact = f64::from(sixteenths) * 6.25;
        assert!((f64::from(given) - exact).abs() <= 0.5, "{sixteenths}: {given}");
    }
}

#[test]
fn continuous_conversion_is_configured_once_and_one_shot_each_time() {
    let (clock, part, bus) = world();
    let mut sensor = Tmp105::new(bus, Address::X49, Config::continuous(Resolution::Twelve));
    assert_eq!(sensor.start(), Ok(301));
    assert_eq!(part.configuration(), 0x60);
    clock.advance_millis(1);
    assert_eq!(sensor.start(), Ok(301), "it shows the 0 Cel of its power-up still");
    assert_eq!(bus.transactions(), 1, "but converts");
    clock.advance_millis(301);
    assert_eq!(sensor.read(), Ok([2_000]));
    assert_eq!(sensor.start(), Ok(0));
    assert_eq!(sensor.read(), Ok([2_000]));
    sensor.set_config(Config::continuous(Resolution::Eleven));
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started in the new way");
    assert_eq!(sensor.start(), Ok(151));
    assert_eq!(sensor.start(), Ok(151), "it is another conversion");
    sensor.set_config(Config::one_shot(Resolution::Nine));
    assert_eq!(sensor.start(), Ok(39));
    assert_eq!(part.configuration(), 0x01);
    assert_eq!(bus.logged(bus.transactions() - 1).unwrap().head(), [0x01, 0x81]);
}

#[test]
fn a_start_that_fails_leaves_nothing_to_read() {
    let (clock, _, bus) = world();
    let config = Config::one_shot(Resolution::Nine);
    let mut sensor = Tmp105::new(bus, Address::X49, config);
    assert_eq!(measure(&mut sensor, clock), Ok([2_000]));
    bus.fail(0, 1, BusError::DataNack);
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::DataNack)));
    assert_eq!(sensor.read(), Err(Error::NotReady), "not the value before");
}

#[test]
fn an_lm75_is_left_in_its_state_after_power_up() {
    let (clock, part, bus) = world();
    let mut sensor = Tmp105::new(bus, Address::X49, Config::lm75());
    part.set_millicelsius(-25_500);
    assert_eq!(measure(&mut sensor, clock), Ok([-2_550]));
    assert_eq!(part.configuration(), 0);
}

#[test]
fn addresses_are_those_of_the_pins() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F]);
    for address in valid {
        assert_eq!(Address::try_from(address).unwrap() as u8, address);
    }
    assert_eq!(Address::try_from(0x50), Err(ConfigError::Address));
}
