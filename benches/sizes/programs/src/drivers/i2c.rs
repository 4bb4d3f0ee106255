//! The drivers on I2C. The answers were recorded from the models in the drivers' own examples.

use sundew_sensors::*;

use super::measure;
use crate::bench::Bus;

/// For each feature: what the part answers, byte by byte, and how its driver is made.
macro_rules! drivers {
    ($bus:ident; $($feature:literal: [$($answer:literal),*] => $driver:expr;)*) => {
        /// Runs the driver that is linked in.
        pub(super) fn run($bus: &mut Bus) -> bool {
            let done = $bus.is_idle();
            $(
                #[cfg(feature = $feature)]
                let done = {
                    static SCRIPT: [u8; [$($answer as u8),*].len()] = [$($answer),*];
                    $bus.answer(core::hint::black_box(&SCRIPT));
                    let $bus = &mut *$bus;
                    measure(&mut $driver) && done
                };
            )*
            done
        }
    };
}

drivers! {
    bus;
    "driver-ads1115": [0x85, 0x83, 0xE3, 0x87, 0x20, 0x00] => {
        use ads1115::{Address, Ads1115, Config, DataRate, FullScale, Input};
        Ads1115::new(bus, Address::X48, Config::new(Input::A2, FullScale::Volts4_096, DataRate::Hz128))
    };
    "driver-bh1750": [0x83, 0x9C] => {
        use bh1750::{Address, Bh1750, Config, Mode};
        Bh1750::new(bus, Address::X23, Config::new(Mode::High))
    };
    "driver-bme280": [
        0x60, 0x00, 0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27,
        0x0B, 0x8C, 0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B, 0x6A, 0x01,
        0x00, 0x14, 0x21, 0x03, 0x1E, 0x00, 0x24, 0x00, 0x00, 0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00,
        0x75, 0x30
    ] => bme280::Bme280::new(bus, bme280::Address::X76, bme280::Config::WEATHER);
    "driver-bmp388": [
        0x50, 0xBA, 0x6A, 0xC0, 0x49, 0xF6, 0x8B, 0x01, 0xD0, 0xF5, 0x23, 0x00, 0x1B, 0x63, 0x0F,
        0x79, 0xF3, 0xF6, 0xD8, 0x40, 0x1B, 0xC4, 0x00, 0x60, 0x00, 0x00, 0x70, 0x00, 0x80, 0x80
    ] => bmp388::Bmp388::new(bus, bmp388::Address::X76, bmp388::Config::WEATHER);
    "driver-dps310": [
        0x10, 0xF0, 0x0E, 0x1E, 0xDD, 0x13, 0xCA, 0x5F, 0x21, 0x52, 0xF9, 0xC6, 0x04, 0xD1, 0xDB,
        0x47, 0x00, 0x5B, 0xFB, 0x3A, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
        0xF7, 0xFE, 0x2F, 0xEE, 0x02, 0x69, 0xA6
    ] => {
        use dps310::{Address, Config, Dps310, Oversampling, Rate};
        let Ok(config) = Config::new(Rate::Hz1, Oversampling::X1, Oversampling::X1) else {
            return false;
        };
        Dps310::new(bus, Address::X77, config)
    };
    "driver-emc1413": [0x5D, 0x21, 0x00, 0x00, 0x19, 0x00, 0x3C, 0x60, 0x00, 0x00] => {
        use emc1413::{Address, Emc1413, Range};
        Emc1413::<_, 3>::new(bus, Address::X4C, Range::Standard)
    };
    "driver-hts221": [
        0xBC, 0x28, 0x50, 0x50, 0xA0, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x60, 0x2C, 0x01,
        0xF4, 0x01, 0x03, 0x00, 0x50, 0x90, 0x01
    ] => hts221::Hts221::new(bus, hts221::Address::X5F, hts221::Averaging::X32);
    "driver-ina219": [0x3C, 0x43, 0x5D, 0xC2, 0x13, 0x88] => {
        use ina219::{Address, Config, Ina219, Samples, Shunt, ShuntRange};
        let shunt = Shunt::from_milliohms(100);
        let Ok(config) = Config::new(shunt, ShuntRange::Millivolts320, Samples::One) else {
            return false;
        };
        Ina219::new(bus, Address::X40, config)
    };
    "driver-ina226": [
        0x54, 0x49, 0x22, 0x60, 0x43, 0x23, 0x00, 0x08, 0x1F, 0x40, 0x25, 0x70
    ] => {
        use ina226::{Address, Config, Conversion, Ina226, Samples, Shunt};
        let shunt = Shunt::from_milliohms(2);
        let Ok(config) = Config::new(shunt, Conversion::Micros1100, Samples::Four) else {
            return false;
        };
        Ina226::new(bus, Address::X40, config)
    };
    "driver-lis3dh": [
        0x33, 0x57, 0x00, 0x00, 0x98, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x40, 0x1F
    ] => {
        use lis3dh::{Address, Config, Lis3dh, Range, Rate, Resolution};
        Lis3dh::new(bus, Address::X19, Config::new(Range::G4, Rate::Hz100, Resolution::Twelve))
    };
    "driver-lps22hb": [0xB1, 0x03, 0x8D, 0xF5, 0x3F, 0x29, 0x09] => {
        lps22hb::Lps22hb::new(bus, lps22hb::Address::X5C, lps22hb::Mode::LowNoise)
    };
    "driver-lsm303": [
        0x48, 0x34, 0x33, 0x01, 0x18, 0x20, 0x01, 0x00, 0xDC, 0x00, 0x00, 0x00, 0x00
    ] => lsm303::Lsm303Dlhc::new(bus, lsm303::Range::Gauss1_3);
    "driver-ms5611": [
        0x00, 0x42, 0x9C, 0xBF, 0x90, 0x3C, 0x5B, 0x15, 0x5A, 0xF2, 0x82, 0xB8, 0x6E, 0x98, 0x00,
        0x09, 0x82, 0xC1, 0x3E, 0x8A, 0xA2, 0x1A
    ] => {
        use ms5611::{Address, Config, Ms5611};
        Ms5611::new(bus, super::Nothing, Address::X77, Config::STANDARD)
    };
    "driver-scd4x": [
        0x04, 0x40, 0x3F, 0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C
    ] => scd4x::Scd4x::new(bus, scd4x::Config::new(scd4x::Mode::Periodic));
    "driver-sgp4x": [0x64, 0x22, 0xB3] => sgp4x::Sgp40::new(bus);
    "driver-sht3x": [0x64, 0x22, 0xB3, 0x68, 0x72, 0x79] => {
        sht3x::Sht3x::new(bus, sht3x::Address::X44, sht3x::Repeatability::High)
    };
    "driver-sht4x": [0x64, 0x22, 0xB3, 0x68, 0x72, 0x79] => {
        sht4x::Sht4x::new(bus, sht4x::Address::A, sht4x::Precision::High)
    };
    "driver-tmp105": [0x61, 0x19, 0x00] => {
        use tmp105::{Address, Config, Resolution, Tmp105};
        Tmp105::new(bus, Address::X48, Config::one_shot(Resolution::Twelve))
    };
    "driver-tmp117": [0x01, 0x17, 0x00, 0x00, 0x24, 0x20, 0x0C, 0x80] => {
        tmp117::Tmp117::new(bus, tmp117::Address::X48, tmp117::Averaging::Eight)
    };
    "driver-veml7700": [0x81, 0xC4, 0x00, 0x10, 0xE8, 0x03] => {
        use veml7700::{Config, Gain, Integration, Veml7700};
        Veml7700::new(bus, Config::new(Gain::Eighth, Integration::Ms100))
    };
}
