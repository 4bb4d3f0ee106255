//! `VL53L0X` by the crate `vl53l0x`.

use crate::measure;
use sundew_sensors::wrap::vl53l0x::Vl53l0x;
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<256, 1>;

const IDENTITY: u8 = 0xC0;
const INTERRUPT: u8 = 0x13;
const RANGE: u8 = 0x1E;

fn part() -> Part {
    let part = Part::new(0x29, Increment::Always);
    part.set(IDENTITY, [0xEE]);
    part.set(INTERRUPT, [0x07]);
    part.set(0x83, [0x01]);
    // The part answers at once where the crate asks until it does.
    part.on_read(|part, register| {
        if register == 0x83 {
            part.set(0x83, [0x01]);
        }
    });
    set(&part, 1_234);
    part
}

fn set(part: &Part, millimetres: u16) {
    let [high, low] = millimetres.to_be_bytes();
    part.set(RANGE, [high]);
    part.set(RANGE + 1, [low]);
}

#[test]
fn values_and_faults() {
    let clock = SimClock::new();
    let part = part();
    let bus = SimBus::new([&part]);
    part.unplug();
    assert_eq!(Vl53l0x::init(&bus).err(), Some(Error::Bus(BusError::AddressNack)), "absent");
    part.plug();
    part.set(IDENTITY, [0xEA]);
    assert_eq!(Vl53l0x::init(&bus).err(), Some(Error::WrongPart(0xEA)), "a VL53L1X");
    part.set(IDENTITY, [0xEE]);
    part.set(INTERRUPT, [0]);
    assert_eq!(Vl53l0x::init(&bus).err(), Some(Error::NotReady), "never calibrated");
    part.set(INTERRUPT, [0x07]);
    bus.fail(40, 1, BusError::Stuck);
    assert_eq!(Vl53l0x::init(&bus).err(), Some(Error::Bus(BusError::Stuck)));

    let mut sensor = Vl53l0x::init(&bus).unwrap();
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    assert_eq!(sensor.start(), Ok(67));
    assert_eq!(part.register(0x00), [0x02], "one range after the other");
    for (millimetres, quality) in [
        (0, Quality::Good),
        (1_234, Quality::Good),
        (8_189, Quality::Good),
        (8_190, Quality::OverRange),
        (8_191, Quality::OverRange),
        (u16::MAX, Quality::OverRange),
        (20, Quality::Good),
    ] {
        set(&part, millimetres);
        assert_eq!(measure(&mut sensor, &clock), Ok([i32::from(millimetres)]));
        assert_eq!(sensor.quality(0), quality, "{millimetres}");
    }
    part.set(INTERRUPT, [0]);
    assert_eq!(measure(&mut sensor, &clock), Err(Error::NotReady), "no new range");
    part.set(INTERRUPT, [0x07]);
    for call in 0..3 {
        for fault in [BusError::AddressNack, BusError::DataNack, BusError::Stuck] {
            bus.fail(call, 1, fault);
            assert_eq!(measure(&mut sensor, &clock), Err(Error::Bus(fault)), "transfer {call}");
            assert_eq!(sensor.read(), Err(Error::NotReady), "it may have lost its supply");
            assert_eq!(measure(&mut sensor, &clock), Ok([20]));
        }
    }
}
