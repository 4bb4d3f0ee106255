//! The RAM that each driver's page states, against the size of its struct.

use sundew_sensors as s;

/// Compares with what follows *RAM* in the source: bytes besides the handle, which is a `()` here.
///
/// Nothing is padded on AVR, so a page may state less than here, by what the alignment adds.
fn stated<T>(source: &str) {
    let (_, ram) = source.split_once("*RAM*: ").unwrap();
    let bytes: usize = ram.split(' ').find_map(|it| it.parse().ok()).unwrap();
    let name = core::any::type_name::<T>();
    assert_eq!(bytes.next_multiple_of(align_of::<T>()), size_of::<T>(), "{name}: {bytes} B");
}

macro_rules! stated {
    ($($path:literal $driver:ty)*) => {$(
        stated::<$driver>(include_str!(concat!("../../src/", $path, ".rs")));
    )*};
}

#[test]
fn the_pages_say_what_a_driver_takes() {
    stated! {
        "parts/ads1115" s::ads1115::Ads1115<()>
        "parts/bh1750" s::bh1750::Bh1750<()>
        "parts/bme280" s::bme280::Bme280<()>
        "parts/bme280" s::bme280::Bmp280<()>
        "parts/bmp388" s::bmp388::Bmp388<()>
        "parts/dps310" s::dps310::Dps310<()>
        "parts/hts221" s::hts221::Hts221<()>
        "parts/ina219" s::ina219::Ina219<()>
        "parts/ina226" s::ina226::Ina226<()>
        "parts/lis3dh" s::lis3dh::Lis3dh<()>
        "parts/lps22hb" s::lps22hb::Lps22hb<()>
        "parts/lsm303/agr" s::lsm303::Lsm303Agr<()>
        "parts/lsm303/dlhc" s::lsm303::Lsm303Dlhc<()>
        "parts/max31855" s::max31855::Max31855<()>
        "parts/max31865" s::max31865::Max31865<()>
        "parts/scd4x" s::scd4x::Scd4x<()>
        "parts/sgp4x/sgp40" s::sgp4x::Sgp40<()>
        "parts/sgp4x/sgp41" s::sgp4x::Sgp41<()>
        "parts/sht3x" s::sht3x::Sht3x<()>
        "parts/sht4x" s::sht4x::Sht4x<()>
        "parts/tmp105" s::tmp105::Tmp105<()>
        "parts/tmp117" s::tmp117::Tmp117<()>
        "analog/sensor" s::analog::Analog<(), (), ()>
        "analog/vane" s::analog::Vane<(), ()>
        "pulse/rate" s::pulse::Rate<(), (), (), ()>
        "pulse/total" s::pulse::Total<(), ()>
        "pulse/wind" s::pulse::Wind<(), (), (), ()>
        "parts/ms5611" s::ms5611::Ms5611<(), ()>
        "parts/hx711" s::hx711::Hx711<(), (), ()>
        "parts/ds18b20" s::ds18b20::Ds18b20<()>
        "parts/veml7700" s::veml7700::Veml7700<()>
    }
}
