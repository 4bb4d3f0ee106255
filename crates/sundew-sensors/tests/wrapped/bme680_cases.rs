//! `BME680` by the crate `bosch-bme680`.

use crate::measure;
use crate::noise::{survived, values};
use sundew_sensors::wrap::{
    Split,
    bme680::{Address, Bme680},
};
use sundew_sensors::{Error, Sensor};
use sundew_testkit::{BusError, Increment, SimBus, SimClock, SimRegisters};
use sundew_units::Quality;

type Part = SimRegisters<256, 1>;
type Bus = SimBus<'static, 1>;

const CONTROL: u8 = 0x74;
const FIELD: u8 = 0x1D;

fn world() -> (&'static SimClock, &'static Part, &'static Bus) {
    let part: &Part = Box::leak(Box::new(SimRegisters::new(0x77, Increment::Always)));
    part.set(0xD0, [0x61]);
    calibrate(part);
    measured(part, [482_309, 307_254, 25_549], 0b0011_0000);
    (Box::leak(Box::new(SimClock::new())), part, Box::leak(Box::new(SimBus::new([part]))))
}

/// Writes the coefficients of the part in the crate's own tests, where Bosch's code reads them.
fn calibrate(part: &Part) {
    let words: [(u8, i32); 10] = [
        (0x8A, 26_664),  // T2
        (0x8E, 37_439),  // P1
        (0x90, -10_316), // P2
        (0x94, 10_477),  // P4
        (0x96, -308),    // P5
        (0x9C, -5_160),  // P8
        (0x9E, -1_568),  // P9
        (0xE9, 25_942),  // T1
        (0xEB, -9_092),  // GH2
        (0x02, 0x1000),  // the range of the heater's resistance
    ];
    for (register, word) in words {
        let [low, high, ..] = word.to_le_bytes();
        part.set(register, [low]);
        part.set(register + 1, [high]);
    }
    // T3, P3, P7, P6, P10, H2 and H1 in three bytes, H4 to H7, GH1, GH3, heater.
    for (register, byte) in [
        (0x8C, 3),
        (0x92, 88),
        (0x98, 62),
        (0x99, 30),
        (0xA0, 30),
        (0xE1, 0x3D),
        (0xE2, 0xD1),
        (0xE3, 0x37),
        (0xE5, 45),
        (0xE6, 20),
        (0xE7, 120),
        (0xE8, (-100_i8).cast_unsigned()),
        (0xED, (-69_i8).cast_unsigned()),
        (0xEE, 18),
        (0x00, 30),
    ] {
        part.set(register, [byte]);
    }
}

/// Sets what the part measured, with the bits that vouch for the gas.
fn measured(part: &Part, [temperature, pressure, humidity]: [u32; 3], gas: u8) {
    part.set(FIELD, [0x80]);
    let [_, pressure @ ..] = (pressure << 4).to_be_bytes();
    let [_, temperature @ ..] = (temperature << 4).to_be_bytes();
    let [_, _, humidity @ ..] = humidity.to_be_bytes();
    let values = pressure.into_iter().chain(temperature).chain(humidity);
    for (register, byte) in (FIELD + 2..).zip(values) {
        part.set(register, [byte]);
    }
    part.set(FIELD + 13, [0x80]);
    part.set(FIELD + 14, [gas | 0x05]);
}

/// Lets the part come to the end of its measurement: it goes to sleep.
fn done(part: &Part) {
    let [control] = part.register(CONTROL);
    assert_eq!(control & 3, 1, "a measurement was begun");
    part.set(CONTROL, [control & !3]);
}

fn check<S: Sensor<4, Error = Error<BusError>>>(
    (clock, part, bus): (&SimClock, &Part, &Bus),
    mut sensor: S,
) {
    let good = |sensor: &mut S| {
        assert_eq!(sensor.start(), Ok(213));
        done(part);
        let [temperature, humidity, pressure, gas] = sensor.read().unwrap();
        // The crate's tests: 95,060.33 Pa and 59.54 %RH at about this temperature.
        assert_eq!((temperature, pressure), (2_137, 95_060));
        assert!((5_952..=5_955).contains(&humidity) && gas > 1_000, "{humidity} {gas}");
        assert!((0..4).all(|output| sensor.quality(output) == Quality::Good));
    };
    part.unplug();
    assert_eq!(sensor.start(), Err(Error::Bus(BusError::AddressNack)), "absent");
    part.plug();
    assert_eq!(sensor.read(), Err(Error::NotReady), "not started");
    part.set(0xD0, [0x60]);
    assert_eq!(sensor.start(), Err(Error::WrongPart(0x6000)), "a BME280");
    part.set(0xD0, [0x61]);
    part.set(0xF0, [7]);
    assert_eq!(sensor.start(), Err(Error::WrongPart(0x6107)), "the crate would panic");
    part.set(0xF0, [0]);
    good(&mut sensor);
    let before = clock.micros();
    good(&mut sensor);
    assert_eq!(clock.micros(), before, "nothing waits inside");
    assert_eq!(sensor.read(), Err(Error::NotReady), "a measurement is read once");

    for mode in [0b10, 0b11, 0xFF] {
        part.set(CONTROL, [mode]);
        assert_eq!(sensor.start(), Err(Error::Frame), "the crate would panic on {mode:b}");
        part.set(CONTROL, [0]);
        good(&mut sensor);
    }

    measured(part, [482_309, 307_254, 25_549], 0);
    assert_eq!(sensor.start(), Ok(213));
    done(part);
    assert_eq!(sensor.read().unwrap()[3], 0);
    assert_eq!((sensor.quality(2), sensor.quality(3)), (Quality::Good, Quality::Fault));
    measured(part, [482_309, 307_254, 25_549], 0b0011_0000);

    for (call, in_start) in [(0, true), (1, true), (2, false), (3, false)] {
        for fault in [BusError::AddressNack, BusError::ArbitrationLost, BusError::Stuck] {
            bus.fail(call, 1, fault);
            let started = sensor.start();
            if in_start {
                assert_eq!(started, Err(Error::Bus(fault)), "transfer {call}");
            } else {
                done(part);
                assert_eq!(sensor.read(), Err(Error::Bus(fault)), "transfer {call}");
            }
            assert_eq!(sensor.read(), Err(Error::NotReady));
            part.set(CONTROL, [0]);
            good(&mut sensor);
        }
    }
    // A part that never goes back to sleep: the crate would ask it for ever.
    assert_eq!(sensor.start(), Ok(213));
    part.on_write(|part, register| {
        if register == CONTROL {
            part.set(CONTROL, [1]);
        }
    });
    assert_eq!(sensor.read(), Err(Error::NotReady));
}

#[test]
fn blocking() {
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Bme680::new(&split, Address::X77));
}

#[cfg(feature = "async")]
#[test]
fn asynch() {
    use crate::polled::Polled;
    use sundew_sensors::wrap::bme680::Bme680Async;
    let (clock, part, bus) = world();
    let split = Split::new(bus, clock);
    check((clock, part, bus), Polled(Bme680Async::new(&split, Address::X77)));
}

#[test]
fn nothing_on_the_bus_makes_it_panic() {
    let clock = SimClock::new();
    let identity = |written: &[u8], bytes: &mut [u8]| match (written, bytes) {
        ([0xD0], [byte]) => *byte = 0x61,
        // The one variant that is not known in four.
        ([0xF0], [byte]) => *byte &= 0x81,
        _ => {}
    };
    let values = survived(identity, |noise| {
        let split = Split::new(noise, &clock);
        values(&mut Bme680::new(&split, Address::X77), &clock)
    });
    assert!(values > 1_000, "{values}");
}
