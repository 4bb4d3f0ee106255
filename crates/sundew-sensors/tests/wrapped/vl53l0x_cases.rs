//! `VL53L0X` by the crate `vl53l0x`.

use crate::measure;
use crate::noise::{survived, values};
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

/// Shows two bytes from a register on, whenever it is read.
fn shows<const REGISTER: u8, const FIRST: u8, const SECOND: u8>(part: &Part, read: u8) {
    part.set(0x83, [0x01]);
    if read == REGISTER {
        part.set(REGISTER, [FIRST]);
        part.set(REGISTER + 1, [SECOND]);
    }
}

#[test]
fn timeouts_that_no_part_has_are_refused() {
    // Each made the crate panic: by an overflow, or in every build by a division by 0.
    for (number, behaviour) in [
        shows::<0x46, 0xFF, 0> as fn(&Part, u8),
        shows::<0x50, 0xFF, 0>,
        shows::<0x70, 0x7F, 0>,
        shows::<0x51, 0x10, 0x01>,
        shows::<0x51, 0x02, 0xAB>,
        shows::<0x71, 0xFF, 0xFF>,
    ]
    .into_iter()
    .enumerate()
    {
        let part = part();
        part.on_read(behaviour);
        let bus = SimBus::new([&part]);
        assert_eq!(Vl53l0x::init(&bus).err(), Some(Error::Frame), "{number}");
    }
}

#[test]
fn nothing_on_the_bus_makes_it_panic() {
    let clock = SimClock::new();
    let identity = |written: &[u8], bytes: &mut [u8]| {
        if let ([IDENTITY], [byte]) = (written, bytes) {
            *byte = 0xEE;
        }
    };
    let values = survived(identity, |noise| {
        Vl53l0x::init(noise).map_or(0, |mut sensor| values(&mut sensor, &clock))
    });
    assert!(values > 50, "{values}");
}
