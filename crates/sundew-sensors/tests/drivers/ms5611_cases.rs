//! `MS5611`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::ms5611::{Address, Config, Ms5611, Oversampling};
use sundew_sensors::{ConfigError, Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimMs5611};

type Bus = SimBus<'static, 1>;

/// The datasheet's example; the last four bits are the checksum.
const MEMORY: [u16; 8] = [0x42, 40_127, 36_924, 23_317, 23_282, 33_464, 28_312, 0x0009];
const VALUES: [i32; 2] = [2_007, 1_000_090];

fn table<'w>() -> [Case<World<'w, SimMs5611<'w>>, 2>; 16] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("the datasheet's example", Ok(VALUES)),
        Case {
            before_start: |w| w.part.set_words(8_000_000, 7_500_000),
            ..quiet("frost, of the second order", Ok([-2_130, 729_327]))
        },
        Case {
            before_start: |w| w.part.set_words(1, 0xFF_FFFF),
            ..quiet("least pressure, most heat", Ok([29_710, 0]))
        },
        Case {
            before_start: |w| w.part.set_words(0xFF_FFFF, 8_569_150),
            ..quiet("most pressure", Ok([2_007, 2_000_000]))
        },
        Case {
            before_start: |w| w.part.unplug(),
            ..quiet("absent", Err(Start(Error::Bus(BusError::AddressNack))))
        },
        Case {
            before_start: |w| w.bus.fail(0, 1, BusError::Stuck),
            ..quiet("bus stuck at the reset", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(5, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at the memory", Err(Start(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_start: |w| w.bus.fail(9, 1, BusError::DataNack),
            ..quiet("temperature refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.bus.fail(10, 1, BusError::Stuck),
            ..quiet("bus stuck at the temperature", Err(Start(Error::Bus(BusError::Stuck))))
        },
        Case {
            before_start: |w| w.bus.fail(11, 1, BusError::DataNack),
            ..quiet("pressure refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_start: |w| w.part.set_memory(3, 23_316),
            ..quiet("memory damaged", Err(Start(Error::Checksum)))
        },
        Case {
            before_start: |w| (0..8).for_each(|number| w.part.set_memory(number, 0)),
            ..quiet("memory blank", Err(Start(Error::Frame)))
        },
        Case { early_ms: 2, ..quiet("read too early", Err(Read(Error::NotReady))) },
        Case {
            before_read: |w| w.part.plug(),
            ..quiet("supply broke down", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged meanwhile", Err(Read(Error::Bus(BusError::AddressNack))))
        },
    ]
}

/// Runs each case on a fresh part, which then is powered anew and measures well again.
fn run_table<S: Sensor<2, Error = Error<BusError>>>(
    driver: fn(&'static Bus, &'static SimClock, Config) -> S,
) {
    use Oversampling::{X256, X512, X1024, X2048, X4096};
    for times in [X256, X512, X1024, X2048, X4096] {
        for case in table() {
            let (clock, part, bus) = world();
            // A read can be too early only where the wait is longer than that.
            let pressure = if case.early_ms == 0 { times } else { X4096 };
            let config = Config::STANDARD.pressure(pressure).temperature(times);
            let mut sensor = driver(bus, clock, config);
            case.run(&mut sensor, clock, &World { part, bus });
            part.plug();
            part.set_words(9_085_466, 8_569_150);
            for (number, word) in MEMORY.into_iter().enumerate() {
                part.set_memory(number, word);
            }
            assert_eq!(measure(&mut sensor, clock), Ok(VALUES), "after {}", case.name);
            assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
        }
    }
}

fn world() -> Rig<SimMs5611<'static>> {
    let clock = leaked(SimClock::new());
    let world = wired(clock, SimMs5611::new(clock, 0x76, MEMORY));
    let part = world.1;
    part.set_words(9_085_466, 8_569_150);
    world
}

#[test]
fn blocking() {
    run_table(|bus, clock, config| Ms5611::new(bus, clock, Address::X76, config));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::ms5611::Ms5611Async;
    run_table(|bus, clock, config| Polled(Ms5611Async::new(bus, clock, Address::X76, config)));
}

/// Waits, or never comes back where it is told so: the future is to be dropped then.
#[cfg(feature = "async")]
struct Waiting<'w>(&'w SimClock, &'w core::cell::Cell<bool>);

#[cfg(feature = "async")]
impl embedded_hal_async::delay::DelayNs for Waiting<'_> {
    async fn delay_ns(&mut self, nanos: u32) {
        if self.1.get() {
            core::future::pending::<()>().await;
        }
        self.0.advance_micros(nanos.div_ceil(1_000));
    }
}

#[cfg(feature = "async")]
#[test]
fn temperature_never_passes_for_pressure() {
    use crate::polled::finish;
    use core::task::{Context, Waker};
    use sundew_sensors::SensorAsync;
    let (clock, _, bus) = world();
    let hangs = core::cell::Cell::new(false);
    let delay = Waiting(clock, &hangs);
    let config = Config::STANDARD;
    let mut sensor = sundew_sensors::ms5611::Ms5611Async::new(bus, delay, Address::X76, config);
    assert!(finish(sensor.start()).is_ok());
    clock.advance_millis(20);
    // Started again, and given up while the part converts temperature.
    hangs.set(true);
    {
        let mut again = core::pin::pin!(sensor.start());
        assert!(again.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    clock.advance_millis(20);
    assert_eq!(finish(sensor.read()), Err(Error::NotReady));
    hangs.set(false);
    clock.advance_millis(finish(sensor.start()).unwrap());
    assert_eq!(finish(sensor.read()), Ok(VALUES));
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Ms5611::new(bus, clock, Address::X76, Config::STANDARD);
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(bus.transactions(), 0);
    for _ in 0..2 {
        let before = clock.micros();
        assert_eq!(sensor.start(), Ok(11));
        assert!(clock.micros() - before < 4_200);
        clock.advance_micros(9_040);
        assert_eq!(sensor.read(), Ok(VALUES));
    }
    let sent: Vec<u8> = (0..bus.transactions()).map(|n| bus.logged(n).unwrap().head()[0]).collect();
    let memory = [0x1E, 0xA0, 0xA2, 0xA4, 0xA6, 0xA8, 0xAA, 0xAC, 0xAE];
    assert_eq!(sent[..9], memory);
    assert_eq!(sent[9..], [0x52, 0x00, 0x48, 0x00, 0x52, 0x00, 0x48, 0x00]);
    sensor.set_config(Config::STANDARD.pressure(Oversampling::X256));
    assert_eq!(sensor.start(), Ok(2));
}

#[test]
fn addresses_are_those_of_the_pin() {
    let valid: Vec<u8> = (0..=u8::MAX).filter(|a| Address::try_from(*a).is_ok()).collect();
    assert_eq!(valid, [0x76, 0x77]);
    assert_eq!(Address::try_from(0x75), Err(ConfigError::Address));
}
