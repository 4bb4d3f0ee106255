//! `BH1750`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::bh1750::{Address, Bh1750, Config, Mode};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, SimBh1750, SimBus, SimClock};
use sundew_units::Quality;

fn table<'w>() -> [Case<World<'w, SimBh1750<'w>>, 1>; 10] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        Case { before_start: |w| w.part.set_raw(1_200), ..quiet("1,000 lx", Ok([100_000])) },
        Case { before_start: |w| w.part.set_raw(0), ..quiet("dark", Ok([0])) },
        Case { before_start: |w| w.part.set_raw(u16::MAX), ..quiet("full", Ok([5_461_250])) },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at start", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(1, 1, BusError::DataNack),
            ..quiet("half of the time refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(2, 1, BusError::ArbitrationLost),
            ..quiet("mode lost", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
        // What the page says: a restart cannot be told from darkness.
        Case { before_read: |w| w.part.plug(), ..quiet("supply broke down", Ok([0])) },
    ]
}

fn run_table<S: Sensor<1, Error = Error<BusError>>>(
    clock: &'static SimClock,
    part: &'static SimBh1750<'static>,
    bus: &'static SimBus<'static, 1>,
    sensor: &mut S,
) {
    for case in table() {
        case.run(sensor, clock, &World { part, bus });
        part.plug();
        part.set_raw(12);
        assert_eq!(measure(sensor, clock), Ok([1_000]), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world() -> Rig<SimBh1750<'static>> {
    let clock = leaked(SimClock::new());
    wired(clock, SimBh1750::new(clock, 0x5C))
}

#[test]
fn blocking() {
    for mode in [Mode::High, Mode::Low] {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Bh1750::new(bus, Address::X5C, Config::new(mode)));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::bh1750::Bh1750Async;
    for mode in [Mode::High, Mode::Low] {
        let (clock, part, bus) = world();
        let sensor = Bh1750Async::new(bus, Address::X5C, Config::new(mode));
        run_table(clock, part, bus, &mut Polled(sensor));
    }
}

#[test]
fn every_measurement_time_is_waited_for_and_no_longer_than_needed() {
    let (clock, part, bus) = world();
    let mut sensor = Bh1750::new(bus, Address::X5C, Config::new(Mode::High2));
    for mode in [Mode::High, Mode::High2, Mode::Low] {
        for time in 31..=254 {
            let config = Config::new(mode).with_measurement_time(time).unwrap();
            sensor.set_config(config);
            part.set_raw(u16::from(time) * 6);
            let wait_ms = sensor.start().unwrap();
            assert_eq!((part.mode(), part.measurement_time()), (mode as u8, time));
            clock.advance_millis(wait_ms - 1);
            let expected = if mode == Mode::High2 { 17_250 } else { 34_500 };
            assert_eq!(sensor.read(), Ok([expected]), "{mode:?} {time}");
        }
    }
}

#[test]
fn a_full_count_is_over_range() {
    let (clock, part, bus) = world();
    let mut sensor = Bh1750::new(bus, Address::X5C, Config::new(Mode::High));
    part.set_raw(u16::MAX);
    assert_eq!(measure(&mut sensor, clock), Ok([5_461_250]));
    assert_eq!(sensor.quality(0), Quality::OverRange);
    part.set_raw(u16::MAX - 1);
    assert_eq!(measure(&mut sensor, clock), Ok([5_461_167]));
    assert_eq!(sensor.quality(0), Quality::Good);
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x23, 0x5C]);
    assert_eq!(Address::try_from(0x24), Err(ConfigError::Address));
}
