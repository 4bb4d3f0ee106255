//! What the bus and the device models do, seen from the wire.

use embedded_hal::i2c::{Error, ErrorKind, I2c, NoAcknowledgeSource, Operation};
use sundew_testkit::{BusError, SimBus, SimClock, SimSht4x, SimTmp105, Word};

#[test]
fn faults_come_when_they_were_asked_for() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x48);
    let bus = SimBus::new([&sensor]);
    let mut i2c = &bus;
    bus.fail(1, 2, BusError::Stuck);
    assert_eq!(i2c.write(0x48, &[0]), Ok(()));
    assert_eq!(i2c.write(0x48, &[0]), Err(BusError::Stuck));
    assert_eq!(i2c.write(0x48, &[0]), Err(BusError::Stuck));
    assert_eq!(i2c.write(0x48, &[0]), Ok(()));
    let source = NoAcknowledgeSource::Address;
    assert_eq!(BusError::AddressNack.kind(), ErrorKind::NoAcknowledge(source));
}

#[test]
fn the_log_keeps_the_newest_transactions() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x48);
    let bus = SimBus::new([&sensor]);
    for number in 0..40_u8 {
        (&bus).write(0x48, &[0, number, 1, 2, 3]).unwrap();
    }
    assert_eq!(bus.transactions(), 40);
    assert_eq!(bus.logged(7), None);
    assert_eq!(bus.logged(8).unwrap().head(), [0, 8, 1, 2]);
    assert_eq!(bus.logged(39).unwrap().written, 5);
    assert_eq!(bus.logged(40), None);
    assert_eq!((&bus).read(0x11, &mut [0; 2]), Err(BusError::AddressNack));
    let absent = bus.logged(40).unwrap();
    assert_eq!((absent.address, absent.read), (0x11, 0));
    assert_eq!(absent.result, Err(BusError::AddressNack));
}

#[test]
fn neighbouring_writes_are_one_transfer() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x48);
    let bus = SimBus::new([&sensor]);
    let mut split = [Operation::Write(&[1]), Operation::Write(&[0x60])];
    (&bus).transaction(0x48, &mut split).unwrap();
    assert_eq!(sensor.configuration(), 0x60);
}

#[test]
fn tmp105_shows_a_conversion_once_it_is_through() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x48);
    let bus = SimBus::new([&sensor]);
    let temperature = || {
        let mut bytes = [0; 2];
        (&bus).write_read(0x48, &[0], &mut bytes).unwrap();
        i16::from_be_bytes(bytes)
    };
    sensor.set_sixteenths(-1);
    clock.advance_millis(37);
    assert_eq!(temperature(), 0);
    clock.advance_millis(1);
    assert_eq!(temperature(), -8 << 4, "9 bits, cut off towards minus infinity");
    (&bus).write(0x48, &[1, 0x61]).unwrap();
    clock.advance_millis(300);
    assert_eq!(temperature(), -1 << 4, "a conversion that runs is completed in shutdown");
    sensor.set_sixteenths(2_047);
    clock.advance_millis(5_000);
    assert_eq!(temperature(), -1 << 4);
    (&bus).write(0x48, &[1, 0xE1]).unwrap();
    assert_eq!(sensor.configuration(), 0x61, "the one-shot bit reads as 0");
    clock.advance_millis(299);
    assert_eq!(temperature(), -1 << 4);
    clock.advance_millis(1);
    assert_eq!(temperature(), 0x7FF0);
    sensor.unplug();
    assert_eq!((&bus).write(0x48, &[0]), Err(BusError::AddressNack));
    sensor.plug();
    assert_eq!(temperature(), 0);
    assert_eq!(sensor.configuration(), 0);
    for (millicelsius, sixteenths) in [(-62, -1), (-31, 0), (-94, -2), (63, 1), (127_990, 2_047)] {
        sensor.set_millicelsius(millicelsius);
        (&bus).write(0x48, &[1, 0x60]).unwrap();
        clock.advance_millis(600);
        assert_eq!(temperature(), sixteenths << 4, "{millicelsius}");
    }
}

#[test]
fn tmp105_converts_at_its_own_pace_whenever_it_is_read() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x48);
    let bus = SimBus::new([&sensor]);
    let celsius = || {
        let mut bytes = [0; 2];
        (&bus).write_read(0x48, &[0], &mut bytes).unwrap();
        bytes[0]
    };
    clock.advance_millis(50);
    assert_eq!(celsius(), 20);
    sensor.set_millicelsius(30_000);
    clock.advance_millis(24);
    assert_eq!(celsius(), 20, "74 ms: the conversion from 37.5 to 75 ms is not through");
    clock.advance_millis(1);
    assert_eq!(celsius(), 30);
}

#[test]
fn tmp105_limits_keep_what_is_written() {
    let clock = SimClock::new();
    let sensor = SimTmp105::new(&clock, 0x49);
    let bus = SimBus::new([&sensor]);
    let mut bytes = [0; 2];
    (&bus).write_read(0x49, &[3], &mut bytes).unwrap();
    assert_eq!(bytes, [80, 0]);
    (&bus).write(0x49, &[2, 0x12, 0x30]).unwrap();
    (&bus).read(0x49, &mut bytes).unwrap();
    assert_eq!(bytes, [0x12, 0x30]);
}

#[test]
fn sht4x_is_silent_until_it_has_something_to_say() {
    let clock = SimClock::new();
    let sensor = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&sensor]);
    let mut i2c = &bus;
    let mut bytes = [0; 6];
    assert_eq!(i2c.read(0x44, &mut bytes), Err(BusError::AddressNack));
    assert_eq!(i2c.write(0x44, &[0x12]), Err(BusError::DataNack));
    for (command, micros) in [(0xFD, 8_300), (0xF6, 4_500), (0xE0, 1_600), (0x89, 1_000)] {
        i2c.write(0x44, &[command]).unwrap();
        clock.advance_micros(micros - 1);
        assert_eq!(i2c.read(0x44, &mut bytes), Err(BusError::AddressNack));
        assert_eq!(i2c.write(0x44, &[command]), Err(BusError::AddressNack));
        clock.advance_micros(1);
        assert_eq!(i2c.read(0x44, &mut bytes), Ok(()));
        assert_eq!(i2c.read(0x44, &mut bytes), Err(BusError::AddressNack), "read once");
    }
    assert_eq!([bytes[0], bytes[1], bytes[3], bytes[4]], [0x01, 0x23, 0x45, 0x67]);
    sensor.slow_down(500);
    i2c.write(0x44, &[0xE0]).unwrap();
    clock.advance_micros(2_099);
    assert_eq!(i2c.read(0x44, &mut bytes), Err(BusError::AddressNack));
    clock.advance_micros(1);
    sensor.break_crc(Some(Word::Humidity));
    sensor.set_raw(0xBEEF, 0xBEEF);
    i2c.read(0x44, &mut bytes).unwrap();
    assert_eq!(bytes, [0xBE, 0xEF, 0x92, 0xBE, 0xEF, 0x93]);
    i2c.write(0x44, &[0xE0]).unwrap();
    sensor.unplug();
    sensor.plug();
    clock.advance_millis(20);
    assert_eq!(i2c.read(0x44, &mut bytes), Err(BusError::AddressNack), "lost with the power");
}

#[test]
fn the_clock_wraps_its_milliseconds_and_nothing_else() {
    let clock = SimClock::at_millis(u64::from(u32::MAX));
    clock.advance_millis(2);
    assert_eq!(clock.millis(), 1);
    assert_eq!(clock.micros(), (u64::from(u32::MAX) + 2) * 1_000);
}
