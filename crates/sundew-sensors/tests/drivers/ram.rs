//! The RAM that each driver's page states, against the size of its struct.

use sundew_sensors as s;

/// Compares with what follows *RAM* in the source: bytes besides the handle, which is a `()` here.
///
/// Nothing is padded on AVR, so a page may state less than here, by what the alignment adds.
fn stated<T>(source: &str) {
    let (_, ram) = source.split_once("*RAM*: the bus handle and ").unwrap();
    let bytes: usize = ram.split(' ').next().and_then(|it| it.parse().ok()).unwrap();
    let name = core::any::type_name::<T>();
    assert_eq!(bytes.next_multiple_of(align_of::<T>()), size_of::<T>(), "{name}: {bytes} B");
}

macro_rules! stated {
    ($($path:literal $driver:ty)*) => {$(
        stated::<$driver>(include_str!(concat!("../../src/parts/", $path, ".rs")));
    )*};
}

#[test]
fn the_pages_say_what_a_driver_takes() {
    stated! {
        "ads1115" s::ads1115::Ads1115<()>
        "bh1750" s::bh1750::Bh1750<()>
        "bme280" s::bme280::Bme280<()>
        "bme280" s::bme280::Bmp280<()>
        "bmp388" s::bmp388::Bmp388<()>
        "dps310" s::dps310::Dps310<()>
        "hts221" s::hts221::Hts221<()>
        "ina219" s::ina219::Ina219<()>
        "ina226" s::ina226::Ina226<()>
        "lis3dh" s::lis3dh::Lis3dh<()>
        "lps22hb" s::lps22hb::Lps22hb<()>
        "lsm303/agr" s::lsm303::Lsm303Agr<()>
        "lsm303/dlhc" s::lsm303::Lsm303Dlhc<()>
        "max31855" s::max31855::Max31855<()>
        "max31865" s::max31865::Max31865<()>
        "scd4x" s::scd4x::Scd4x<()>
        "sgp4x/sgp40" s::sgp4x::Sgp40<()>
        "sgp4x/sgp41" s::sgp4x::Sgp41<()>
        "sht3x" s::sht3x::Sht3x<()>
        "sht4x" s::sht4x::Sht4x<()>
        "tmp105" s::tmp105::Tmp105<()>
        "tmp117" s::tmp117::Tmp117<()>
        "veml7700" s::veml7700::Veml7700<()>
    }
}
