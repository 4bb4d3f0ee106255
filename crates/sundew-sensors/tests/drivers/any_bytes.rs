//! Whatever bits a part delivers, a driver returns values or an error: a faulty part, another one
//! at the address and a damaged calibration must not stop the device. Debug builds, in which these
//! tests run, stop at every overflow that a release build would wrap.

mod others;

use crate::leaked;
use core::cell::Cell;
use sundew_sensors::Sensor;
use sundew_testkit::{Increment, SimBus, SimClock, SimRegisters};

const IMAGES: u32 = 2_000;

/// Gives bytes that are the same in each run, every second one from where limits are.
struct Noise(Cell<u32>);

impl Noise {
    const fn new() -> Self {
        Self(Cell::new(0x2545_F491))
    }

    fn word(&self) -> u32 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.0.set(x);
        x
    }

    fn byte(&self) -> u8 {
        let [choice, byte, ..] = self.word().to_be_bytes();
        match choice % 16 {
            0 | 1 => 0x00,
            2 | 3 => 0xFF,
            4 | 5 => 0x80,
            6 | 7 => 0x7F,
            _ => byte,
        }
    }

    fn bytes<const LEN: usize>(&self) -> [u8; LEN] {
        core::array::from_fn(|_| self.byte())
    }

    fn words<const LEN: usize>(&self) -> [u16; LEN] {
        core::array::from_fn(|_| u16::from_be_bytes(self.bytes()))
    }
}

/// Says what is about to happen, for a part to be changed before it.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Start,
    Read,
}

/// Measures with `IMAGES` drivers that know nothing yet, three times each.
fn survive<S: Sensor<N>, const N: usize>(
    clock: &SimClock,
    driver: impl Fn() -> S,
    change: impl Fn(&Noise, Next),
) {
    let noise = Noise::new();
    let mut good = 0;
    for _ in 0..IMAGES {
        let mut sensor = driver();
        for _ in 0..3 {
            change(&noise, Next::Start);
            let Ok(wait_ms) = sensor.start() else { continue };
            clock.advance_millis(wait_ms);
            change(&noise, Next::Read);
            for _ in 0..2 {
                good += u32::from(sensor.read().is_ok());
                let _ = [0, N, usize::MAX].map(|output| sensor.quality(output));
            }
        }
    }
    assert!(good > IMAGES / 8, "{good} of {IMAGES}: too few come as far as the conversion");
    println!("cases: {}", 3 * IMAGES);
}

/// Names a register, the bits of it that are noise and those that are set.
type Held<const WIDTH: usize> = (u8, [u8; WIDTH], [u8; WIDTH]);

const ANY: [u8; 1] = [0xFF];

/// Runs a driver on a part of registers: all of them are noise at the start but for `known`, and
/// from then on those of `results`; what the driver wrote besides is kept.
fn registers<S: Sensor<N>, const COUNT: usize, const WIDTH: usize, const N: usize>(
    (address, increment): (u8, Increment),
    known: &[Held<WIDTH>],
    results: &[Held<WIDTH>],
    driver: impl Fn(&'static SimBus<'static, 1>) -> S,
) {
    let part = leaked(SimRegisters::<COUNT, WIDTH>::new(address, increment));
    let bus = leaked(SimBus::new([part]));
    let set = |noise: &Noise, held: &[Held<WIDTH>]| {
        for (register, free, ones) in held {
            let mut bytes: [u8; WIDTH] = noise.bytes();
            for ((byte, free), ones) in bytes.iter_mut().zip(free).zip(ones) {
                *byte = *byte & free | ones;
            }
            part.set(*register, bytes);
        }
    };
    survive(
        &SimClock::new(),
        || driver(bus),
        |noise, next| {
            if next == Next::Start {
                (0..COUNT).for_each(|register| part.set(register as u8, noise.bytes()));
                set(noise, known);
            } else {
                set(noise, results);
            }
        },
    );
}

/// Lists registers of nothing but noise.
fn free<const LEN: usize>(first: u8) -> [Held<1>; LEN] {
    core::array::from_fn(|place| (first + place as u8, ANY, [0]))
}

#[test]
fn tmp105() {
    use sundew_sensors::tmp105::{Address, Config, Resolution, Tmp105};
    for config in [Config::continuous(Resolution::Nine), Config::one_shot(Resolution::Twelve)] {
        registers::<_, 4, 2, 1>((0x48, Increment::Never), &[], &[(0, [0xFF; 2], [0; 2])], |bus| {
            Tmp105::new(bus, Address::X48, config)
        });
    }
}

#[test]
fn tmp117() {
    use sundew_sensors::tmp117::{Address, Averaging, Tmp117};
    registers::<_, 16, 2, 1>(
        (0x48, Increment::Never),
        &[(0x0F, [0xF0, 0], [0x01, 0x17]), (0x01, [0xEF, 0xFF], [0; 2])],
        &[(0x01, [0xFF; 2], [0x24, 0]), (0x00, [0xFF; 2], [0; 2])],
        |bus| Tmp117::new(bus, Address::X48, Averaging::None),
    );
}

#[test]
fn emc1413() {
    use sundew_sensors::emc1413::{Address, Emc1413, Range};
    for range in [Range::Standard, Range::Extended] {
        let known = [(0xFD, [0], [0x21]), (0xFE, [0], [0x5D])];
        let values = [0x00, 0x29, 0x01, 0x10, 0x23, 0x24, 0x02, 0x1B].map(|r| (r, ANY, [0]));
        let results = [&values[..], &[(0x03, [0], [range as u8])]].concat();
        registers::<_, 256, 1, 3>((0x4C, Increment::Never), &known, &results, |bus| {
            Emc1413::new(bus, Address::X4C, range)
        });
    }
}

#[test]
fn ina219() {
    use sundew_sensors::ina219::{Address, Config, Ina219, Samples, Shunt, ShuntRange};
    for microohms in [500, 100_000, 10_000_000] {
        let shunt = Shunt::from_microohms(microohms);
        let config = Config::new(shunt, ShuntRange::Millivolts320, Samples::One).unwrap();
        let results = [(1, [0xFF; 2], [0; 2]), (2, [0xFF; 2], [0, 2])];
        registers::<_, 8, 2, 3>((0x40, Increment::Never), &[], &results, |bus| {
            Ina219::new(bus, Address::X40, config)
        });
    }
}

#[test]
fn ina226() {
    use sundew_sensors::ina226::{Address, Config, Conversion, Ina226, Samples, Shunt};
    for microohms in [160, 2_000, 2_500_000] {
        let shunt = Shunt::from_microohms(microohms);
        let config = Config::new(shunt, Conversion::Micros140, Samples::One).unwrap();
        let known = [(0xFE, [0; 2], [0x54, 0x49]), (0xFF, [0; 2], [0x22, 0x60])];
        let results = [(1, [0xFF; 2], [0; 2]), (2, [0xFF; 2], [0; 2]), (6, [0xFF; 2], [0, 8])];
        registers::<_, 256, 2, 3>((0x40, Increment::Never), &known, &results, |bus| {
            Ina226::new(bus, Address::X40, config)
        });
    }
}

#[test]
fn ads1115() {
    use sundew_sensors::ads1115::{Address, Ads1115, Config, DataRate, FullScale, Input};
    for full_scale in [FullScale::Volts6_144, FullScale::Volts0_256] {
        let config = Config::new(Input::A0, full_scale, DataRate::Hz860);
        registers::<_, 4, 2, 1>(
            (0x48, Increment::Never),
            &[(1, [0xFF; 2], [0x80, 0])],
            &[(0, [0xFF; 2], [0; 2])],
            |bus| Ads1115::new(bus, Address::X48, config),
        );
    }
}

#[test]
fn lis3dh() {
    use sundew_sensors::lis3dh::{Address, Config, Lis3dh, Range, Rate, Resolution};
    for range in [Range::G2, Range::G16] {
        let config = Config::new(range, Rate::Hz100, Resolution::Twelve);
        let results = [&free::<6>(0x28)[..], &[(0x27, ANY, [8])]].concat();
        let (way, known) = ((0x19, Increment::WithTopBit), [(0x0F, [0], [0x33])]);
        registers::<_, 128, 1, 3>(way, &known, &results, |bus| {
            Lis3dh::new(bus, Address::X19, config)
        });
    }
}

#[test]
fn lsm303() {
    use sundew_sensors::lsm303::{ADDRESS, Lsm303Agr, Lsm303Dlhc, Range};
    let known = [(0x0A, [0], *b"H"), (0x0B, [0], *b"4"), (0x0C, [0], *b"3")];
    let results = [&free::<6>(0x03)[..], &[(0x09, ANY, [1])]].concat();
    for range in [Range::Gauss1_3, Range::Gauss8_1] {
        registers::<_, 64, 1, 3>((ADDRESS, Increment::Always), &known, &results, |bus| {
            Lsm303Dlhc::new(bus, range)
        });
    }
    let results = [&free::<6>(0x68)[..], &[(0x67, ANY, [8])]].concat();
    let (way, known) = ((ADDRESS, Increment::WithTopBit), [(0x4F, [0], [0x40])]);
    registers::<_, 128, 1, 3>(way, &known, &results, Lsm303Agr::new);
}

#[test]
fn veml7700() {
    use sundew_sensors::veml7700::{Config, Gain, Integration, Veml7700};
    for (gain, time) in [(Gain::Eighth, Integration::Ms25), (Gain::Two, Integration::Ms800)] {
        let (known, results) = ([(7, [0, 0xFF], [0x81, 0])], [(4, [0xFF; 2], [0; 2])]);
        registers::<_, 8, 2, 1>((0x10, Increment::Never), &known, &results, |bus| {
            Veml7700::new(bus, Config::new(gain, time))
        });
    }
}

#[test]
fn bme280() {
    use sundew_sensors::bme280::{Address, Bme280, Bmp280, Config};
    let way = (0x76, Increment::Always);
    // Asleep with the settings of the driver, after a measurement.
    let results = [&free::<8>(0xF7)[..], &[(0xF3, [0xF7], [0]), (0xF4, [0], [0x24])]].concat();
    let known = [(0xD0, [0], [0x60]), (0xF3, [0xFE], [0])];
    registers::<_, 256, 1, 3>(way, &known, &results, |bus| {
        Bme280::new(bus, Address::X76, Config::WEATHER)
    });
    let known = [(0xD0, [0], [0x58]), (0xF3, [0xFE], [0])];
    registers::<_, 256, 1, 2>(way, &known, &results, |bus| {
        Bmp280::new(bus, Address::X76, Config::WEATHER)
    });
}

#[test]
fn bmp388() {
    use sundew_sensors::bmp388::{Address, Bmp388, Config};
    let results = [&free::<6>(0x04)[..], &[(0x02, [0xFE], [0]), (0x03, ANY, [0x60])]].concat();
    let (way, known) = ((0x76, Increment::Always), [(0x00, [0], [0x50])]);
    registers::<_, 128, 1, 2>(way, &known, &results, |bus| {
        Bmp388::new(bus, Address::X76, Config::WEATHER)
    });
}

#[test]
fn dps310() {
    use sundew_sensors::dps310::{Address, Config, Dps310, Oversampling, Rate};
    let known = [(0x0D, [0], [0x10]), (0x08, ANY, [0xC0])];
    let results = [&free::<6>(0x00)[..], &[(0x08, [0], [0xF7])]].concat();
    for times in [Oversampling::X1, Oversampling::X8, Oversampling::X16, Oversampling::X128] {
        let config = Config::new(Rate::Hz1, times, times).unwrap();
        registers::<_, 256, 1, 2>((0x77, Increment::Always), &known, &results, |bus| {
            Dps310::new(bus, Address::X77, config)
        });
    }
}

#[test]
fn hts221() {
    use sundew_sensors::hts221::{Address, Averaging, Hts221};
    let results = [&free::<4>(0x28)[..], &[(0x27, ANY, [3])]].concat();
    let (way, known) = ((0x5F, Increment::WithTopBit), [(0x0F, [0], [0xBC])]);
    registers::<_, 128, 1, 2>(way, &known, &results, |bus| {
        Hts221::new(bus, Address::X5F, Averaging::X4)
    });
}

#[test]
fn lps22hb() {
    use sundew_sensors::lps22hb::{Address, Lps22hb, Mode};
    let results = [&free::<5>(0x28)[..], &[(0x27, ANY, [3])]].concat();
    let (way, known) = ((0x5D, Increment::Always), [(0x0F, [0], [0xB1])]);
    registers::<_, 128, 1, 2>(way, &known, &results, |bus| {
        Lps22hb::new(bus, Address::X5D, Mode::LowNoise)
    });
}
