//! `SHT4x`: values, and every way in which a measurement can fail.

use crate::{Case, Outcome, Rig, World, leaked, measure, wired};
use sundew_sensors::sht4x::{Address, Precision, Sht4x};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, SimBus, SimClock, SimSht4x, Word};

const VALUES: [i32; 2] = [2_000, 5_000];

fn table<'w>() -> [Case<World<'w, SimSht4x<'w>>, 2>; 14] {
    use Outcome::{Read, Start};
    let quiet = Case::quiet;
    [
        quiet("20 Cel, 50 %RH", Ok(VALUES)),
        Case { before_start: |w| w.part.set_raw(0, 0), ..quiet("lowest", Ok([-4_500, 0])) },
        Case {
            before_start: |w| w.part.set_raw(0xFFFF, 0xFFFF),
            ..quiet("highest", Ok([13_000, 10_000]))
        },
        Case {
            before_start: |w| w.part.set_raw(0x8000, 0x8000),
            ..quiet("middle", Ok([4_250, 5_650]))
        },
        Case { before_start: |w| w.part.set(-4_000, 1), ..quiet("frost", Ok([-4_000, 1])) },
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
            ..quiet("command refused", Err(Start(Error::Bus(BusError::DataNack))))
        },
        Case {
            before_read: |w| w.bus.fail(0, 1, BusError::ArbitrationLost),
            ..quiet("bus lost at read", Err(Read(Error::Bus(BusError::ArbitrationLost))))
        },
        Case {
            before_read: |w| w.part.unplug(),
            ..quiet("unplugged while it measures", Err(Read(Error::NotReady)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(Word::Temperature)),
            ..quiet("first checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_read: |w| w.part.break_crc(Some(Word::Humidity)),
            ..quiet("second checksum wrong", Err(Read(Error::Checksum)))
        },
        Case {
            before_start: |w| w.part.slow_down(2_000),
            ..quiet("slower than the datasheet", Err(Read(Error::NotReady)))
        },
        Case { early_ms: 2, ..quiet("read too early", Err(Read(Error::NotReady))) },
    ]
}

const PRECISIONS: [Precision; 3] = [Precision::Low, Precision::Medium, Precision::High];

fn run_table<S: Sensor<2, Error = Error<BusError>>>(
    clock: &'static SimClock,
    part: &'static SimSht4x<'static>,
    bus: &'static SimBus<'static, 1>,
    sensor: &mut S,
) {
    let world = World { part, bus };
    for case in table() {
        case.run(sensor, clock, &world);
        // Whatever happened, the next measurement is a good one.
        part.plug();
        part.break_crc(None);
        part.slow_down(0);
        part.set(VALUES[0], VALUES[1]);
        clock.advance_millis(20);
        assert_eq!(measure(sensor, clock), Ok(VALUES), "after {}", case.name);
        assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");
    }
}

fn world() -> Rig<SimSht4x<'static>> {
    let clock = leaked(SimClock::new());
    wired(clock, SimSht4x::new(clock, 0x45))
}

#[test]
fn blocking() {
    for precision in PRECISIONS {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Sht4x::new(bus, Address::B, precision));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::sht4x::Sht4xAsync;
    for precision in PRECISIONS {
        let (clock, part, bus) = world();
        run_table(clock, part, bus, &mut Polled(Sht4xAsync::new(bus, Address::B, precision)));
    }
}

#[test]
fn what_is_sent_is_what_the_datasheet_says() {
    let (clock, _, bus) = world();
    let mut sensor = Sht4x::new(bus, Address::B, Precision::Low);
    for (number, (precision, command, wait_ms)) in
        [(Precision::Low, 0xE0, 3), (Precision::Medium, 0xF6, 6), (Precision::High, 0xFD, 10)]
            .into_iter()
            .enumerate()
    {
        sensor.set_precision(precision);
        assert_eq!(sensor.start(), Ok(wait_ms));
        clock.advance_millis(wait_ms);
        let sent = bus.logged(number).unwrap();
        assert_eq!((sent.address, sent.head()), (0x45, &[command][..]));
    }
}

#[test]
fn the_serial_number_is_read_and_checked() {
    let (clock, part, bus) = world();
    part.set_serial(0xFEDC_BA98);
    let mut sensor = Sht4x::new(bus, Address::B, Precision::High);
    assert_eq!(sensor.read_serial_number(), Err(Error::NotReady));
    clock.advance_millis(sensor.start_serial_number().unwrap());
    assert_eq!(sensor.read_serial_number(), Ok(0xFEDC_BA98));
    clock.advance_millis(sensor.start_serial_number().unwrap());
    part.break_crc(Some(Word::Humidity));
    assert_eq!(sensor.read_serial_number(), Err(Error::Checksum));
}

#[test]
fn a_reset_forgets_the_measurement() {
    let (clock, _, bus) = world();
    let mut sensor = Sht4x::new(bus, Address::B, Precision::High);
    assert!(sensor.start().is_ok());
    assert_eq!(sensor.reset(), Err(Error::Bus(BusError::AddressNack)), "busy");
    clock.advance_millis(10);
    clock.advance_millis(sensor.reset().unwrap());
    assert_eq!(sensor.read(), Err(Error::NotReady));
    assert_eq!(measure(&mut sensor, clock), Ok(VALUES));
}

#[cfg(feature = "async")]
#[test]
fn the_async_extras_do_the_same() {
    use crate::polled::finish;
    let (clock, part, bus) = world();
    part.set_serial(7);
    let mut sensor = sundew_sensors::sht4x::Sht4xAsync::new(bus, Address::B, Precision::High);
    clock.advance_millis(finish(sensor.start_serial_number()).unwrap());
    assert_eq!(finish(sensor.read_serial_number()), Ok(7));
    assert_eq!(finish(sensor.reset()), Ok(2));
    assert_eq!(finish(sensor.read_serial_number()), Err(Error::NotReady));
}
