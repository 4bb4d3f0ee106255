//! The parts that are no file of registers on an I2C bus.

use super::{Next, Noise, survive};
use crate::leaked;
use core::cell::Cell;
use sundew_sensors::Sensor;
use sundew_sensors::modbus::{Function, Kind, Map, Modbus, Register, Scale};
use sundew_testkit::{Outbox, SimBus, SimClock, SimSerial, SimTalker, SimWords, WordCommand};
use sundew_units::Quantity;

/// Runs a driver on a part of commands and words; every eighth checksum is wrong.
fn words<S: Sensor<N>, const COMMANDS: usize, const N: usize>(
    address: u8,
    commands: [WordCommand; COMMANDS],
    answers: &[u16],
    driver: impl Fn(&'static SimBus<'static, 1>) -> S,
) {
    let clock: &'static SimClock = leaked(SimClock::new());
    let part = leaked(SimWords::new(clock, address, commands));
    let bus = leaked(SimBus::new([part]));
    survive(
        clock,
        || driver(bus),
        |noise, _| {
            let words: [u16; 3] = noise.words();
            for code in answers {
                part.set_answer(*code, &words);
            }
            let chance = noise.byte();
            // An SCD41 mostly, or there would be nothing but wrong parts.
            if answers.contains(&0x202F) && chance != 0x80 {
                part.set_answer(0x202F, &[0x1408]);
            }
            part.break_crc((chance % 8 == 3).then_some(chance >> 6));
        },
    );
}

#[test]
fn sensirion() {
    use sundew_sensors::{scd4x, sgp4x, sht3x, sht4x};
    let new = WordCommand::new;
    let high = sht3x::Repeatability::High;
    words(0x44, [new(0x2400)], &[0x2400], |bus| sht3x::Sht3x::new(bus, sht3x::Address::X44, high));
    words(0x59, [new(0x260F).taking(2)], &[0x260F], sgp4x::Sgp40::new);
    words(0x59, [new(0x2619).taking(2)], &[0x2619], |bus| {
        sgp4x::Sgp41::new(bus, sgp4x::Conditioning::Skipped)
    });
    for mode in [scd4x::Mode::Periodic, scd4x::Mode::SingleShot] {
        let commands = [new(0x3F86), new(0x202F), new(0x21B1), new(0x219D), new(0xEC05)];
        words(0x62, commands, &[0x202F, 0xEC05], |bus| {
            scd4x::Scd4x::new(bus, scd4x::Config::new(mode))
        });
    }
    let clock: &'static SimClock = leaked(SimClock::new());
    let part = leaked(sundew_testkit::SimSht4x::new(clock, 0x44));
    let bus = leaked(SimBus::new([part]));
    let driver = || sht4x::Sht4x::new(&*bus, sht4x::Address::A, sht4x::Precision::High);
    survive(clock, driver, |noise, _| {
        let [temperature, humidity] = noise.words();
        part.set_raw(temperature, humidity);
    });
}

#[test]
fn bh1750() {
    use sundew_sensors::bh1750::{Address, Bh1750, Config, Mode};
    use sundew_testkit::SimBh1750;
    for time in [31, 69, 254] {
        let config = Config::new(Mode::High).with_measurement_time(time).unwrap();
        let clock = SimClock::new();
        let part = SimBh1750::new(&clock, 0x23);
        let bus = SimBus::new([&part]);
        survive(
            &clock,
            || Bh1750::new(&bus, Address::X23, config),
            |noise, _| {
                let [raw] = noise.words();
                part.set_raw(raw);
            },
        );
    }
}

#[test]
fn ms5611() {
    use sundew_sensors::ms5611::{Address, Config, Ms5611};
    use sundew_testkit::SimMs5611;
    let clock = SimClock::new();
    let part = SimMs5611::new(&clock, 0x77, [0; 8]);
    let bus = SimBus::new([&part]);
    survive(
        &clock,
        || Ms5611::new(&bus, &clock, Address::X77, Config::STANDARD),
        |noise, next| {
            if next == Next::Start {
                let mut memory: [u16; 8] = noise.words();
                memory[7] = memory[7] & 0xFFF0 | crc4(memory);
                (0..8).for_each(|number| part.set_memory(number, memory[number]));
            }
            let [pressure, temperature] = [noise.bytes(), noise.bytes()].map(u32::from_be_bytes);
            part.set_words(pressure >> 8, temperature >> 8);
        },
    );
}

/// Returns the checksum of a memory, after AN520.
fn crc4(memory: [u16; 8]) -> u16 {
    let bytes = memory.into_iter().flat_map(u16::to_be_bytes);
    let mut rest = 0_u16;
    for byte in bytes.take(15).chain([0]) {
        rest ^= u16::from(byte);
        for _ in 0..8 {
            rest = if rest & 0x8000 == 0 { rest << 1 } else { rest << 1 ^ 0x3000 };
        }
    }
    rest >> 12
}

#[test]
fn spi() {
    use sundew_sensors::max31855::{Kind, Max31855};
    use sundew_sensors::max31865::{Config, Mains, Max31865, Wires};
    use sundew_testkit::{SimSpi, SimSpiFrame, SimSpiRegisters, TopBit};
    let clock = SimClock::new();
    let part = SimSpiFrame::new([0; 4]);
    let device = SimSpi::new(&part);
    survive(
        &clock,
        || Max31855::new(&device),
        |noise, _| {
            let [a, b, c, d] = noise.bytes();
            // Without the bits that are always 0, and the fault only now and then.
            let is_fault = a == 0x80;
            part.set([a, b & 0xFC | u8::from(is_fault), c, d & 0xF0 | u8::from(is_fault)]);
            let [hot, cold] = [noise.word(), noise.word()].map(u32::cast_signed);
            let _ = Kind::E.microvolts([hot, cold]);
        },
    );
    let part = SimSpiRegisters::<8>::new(TopBit::Writes);
    let device = SimSpi::new(&part);
    for reference in [100_000, 10_000_000] {
        let config = Config::new(reference, Wires::Three, Mains::Hz60).unwrap();
        survive(
            &clock,
            || Max31865::new(&device, config),
            |noise, next| match next {
                Next::Start => part.set(0, &noise.bytes::<8>()),
                Next::Read => part.set(1, &noise.bytes::<7>()),
            },
        );
    }
}

#[test]
fn hx711() {
    use sundew_sensors::hx711::{Calibration, Hx711, Input, Rate, Scale};
    use sundew_testkit::SimHx711;
    let clock = SimClock::new();
    let part = SimHx711::new(&clock);
    let calibrations = [(0, 1, i32::MAX), (-8_388_608, 8_388_607, i32::MIN), (5, 4, i32::MIN)];
    for (tare, loaded, mass) in calibrations {
        let calibration = Calibration::new(tare, loaded, mass).unwrap();
        let driver = || {
            let bridge = Hx711::new(part.clock(), part.data(), &clock, Input::A128, Rate::Hz10);
            Scale::<_, _, _, _, -4>::new(bridge, calibration)
        };
        survive(&clock, driver, |noise, _| {
            let [a, b, c] = noise.bytes();
            part.set(25, i32::from_be_bytes([a, b, c, 0]) >> 8);
        });
    }
}

#[test]
fn ds18b20() {
    use sundew_sensors::ds18b20::{Ds18b20, Resolution, Scratchpad};
    use sundew_sensors::one_wire::PinWire;
    use sundew_testkit::{SimDs18b20, SimOneWire};
    let clock = SimClock::new();
    let part = SimDs18b20::new(&clock, 0x28, 7);
    let line = SimOneWire::new(&clock, [&part]);
    let driver = || Ds18b20::only(PinWire::new(&line, &clock), Resolution::Nine);
    survive(&clock, driver, |noise, _| {
        let [raw] = noise.words();
        part.set_sixteenths(raw.cast_signed());
        let mut bytes: [u8; 9] = noise.bytes();
        let (head, last) = bytes.split_at_mut(8);
        last[0] = crc8(head);
        let _ = (Scratchpad::of_ds18b20(&bytes), Scratchpad::of_ds18s20(&bytes));
    });
}

/// Returns the checksum of application note 27.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0x8C })
    })
}

#[test]
fn uart() {
    use sundew_sensors::{mhz19, pmsx003, sds011};
    use sundew_testkit::{SimMhz19, SimPmsx003, SimSds011};
    let clock = SimClock::new();
    let noisy = |noise: &Noise, port: &SimSerial<'_>| {
        if noise.byte() == 0x80 {
            port.inject(&noise.bytes::<40>());
        }
    };
    let part = SimMhz19::new();
    let port = SimSerial::new(&clock, &part);
    survive(
        &clock,
        || mhz19::Mhz19::new(&port, mhz19::Model::C),
        |noise, _| {
            noisy(noise, &port);
            part.set(noise.words::<1>()[0]);
        },
    );
    let part = SimSds011::new(&clock);
    let port = SimSerial::new(&clock, &part);
    survive(
        &clock,
        || sds011::Sds011::new(&port, sds011::Mode::Query),
        |noise, _| {
            noisy(noise, &port);
            part.set(noise.words());
        },
    );
    let part = SimPmsx003::new(&clock);
    let port = SimSerial::new(&clock, &part);
    survive(
        &clock,
        || pmsx003::Pmsx003::new(&port, pmsx003::Mode::Passive),
        |noise, _| {
            noisy(noise, &port);
            part.set(noise.words());
        },
    );
}

/// Answers each question of 8 bytes with 32 registers of noise.
struct Meter {
    noise: Noise,
    heard: Cell<u8>,
    outbox: Outbox,
}

impl SimTalker for Meter {
    fn hear(&self, _: u8, micros: u64) {
        self.heard.set(self.heard.get() + 1);
        if self.heard.get() == 8 {
            self.heard.set(0);
            let body = [&[1, 4, 64][..], &self.noise.bytes::<64>()].concat();
            let crc = body.iter().fold(0xFFFF_u16, |crc, byte| {
                let crc = crc ^ u16::from(*byte);
                (0..8).fold(crc, |c, _| if c & 1 == 0 { c >> 1 } else { c >> 1 ^ 0xA001 })
            });
            self.outbox.send(&[&body[..], &crc.to_le_bytes()].concat(), micros);
        }
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}

struct AllKinds;

impl Map<12> for AllKinds {
    const FUNCTION: Function = Function::Input;
    const FIRST: u16 = 0;
    const COUNT: u16 = 32;
    const REGISTERS: [Register; 12] = {
        const fn plain(place: u16, kind: Kind, exponent: i8) -> Register {
            Register::new(place, kind, Quantity::Power, exponent)
        }
        [
            plain(0, Kind::I16, i8::MIN).scaled(Scale::Fixed(i8::MAX)),
            plain(1, Kind::U16, i8::MAX).scaled(Scale::Fixed(i8::MIN)),
            plain(2, Kind::I32, 0),
            plain(4, Kind::U32, 0),
            plain(6, Kind::I32, 0).sunspec(31),
            plain(8, Kind::U32, 0).sunspec(31),
            plain(10, Kind::I32, i8::MIN).sunspec(31),
            plain(12, Kind::F32, 0).low_first(),
            plain(14, Kind::F32, -10),
            plain(16, Kind::F32, 10),
            plain(18, Kind::F32, i8::MIN).scaled(Scale::Fixed(i8::MAX)),
            plain(20, Kind::F32, i8::MAX).sunspec(31),
        ]
    };
}

#[test]
fn modbus() {
    let clock = SimClock::new();
    let part = Meter { noise: Noise::new(), heard: Cell::new(0), outbox: Outbox::new() };
    let port = SimSerial::new(&clock, &part);
    survive(&clock, || Modbus::<_, AllKinds, 12>::new(&port, 1, 200).unwrap(), |_, _| {});
}
