//! What each driver drives, for the table of parts and for tools.

use crate::{Output, parts};

/// Names how a part is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Bus {
    /// Names an ADC input.
    Analog,
    /// Names I2C.
    I2c,
    /// Names 1-Wire, over a pin or a UART.
    OneWire,
    /// Names plain pins that the driver itself moves or counts.
    Pins,
    /// Names SPI.
    Spi,
    /// Names a UART.
    Uart,
}

/// Describes what a driver drives: constant data that nothing links unless it is asked for.
///
/// ```
/// use sundew_sensors::{Bus, sht4x};
/// assert_eq!(sht4x::PART.bus, Bus::I2c);
/// assert_eq!(sht4x::PART.outputs.len(), sht4x::PART.accuracy.len());
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Part {
    /// Holds the driver's module, after which its size program is called.
    pub module: &'static str,
    /// Lists the parts, as the vendors write them.
    pub parts: &'static str,
    /// Names how they are connected.
    pub bus: Bus,
    /// Describes the values.
    pub outputs: &'static [Output],
    /// Holds for each value the datasheet's typical accuracy, such as `±0.2 Cel`.
    pub accuracy: &'static [&'static str],
    /// Says how long `start` and `read` block together, and under which conditions.
    pub blocking: &'static str,
}

/// Lists every driver, in alphabetical order: for the table of parts and for tools that show one.
///
/// ```
/// use sundew_sensors::PARTS;
/// assert!(PARTS.iter().any(|part| part.parts.contains("SHT40")));
/// ```
pub const PARTS: &[&Part] = &[
    &parts::ads1115::PART,
    &parts::bh1750::PART,
    &parts::bme280::PART,
    &parts::bmp388::PART,
    &parts::dps310::PART,
    &parts::ds18b20::PART,
    &parts::emc1413::PART,
    &parts::hts221::PART,
    &parts::hx711::PART,
    &parts::ina219::PART,
    &parts::ina226::PART,
    &parts::lis3dh::PART,
    &parts::lps22hb::PART,
    &parts::lsm303::PART,
    &parts::max31855::PART,
    &parts::max31865::PART,
    &parts::mhz19::PART,
    &parts::ms5611::PART,
    &parts::pmsx003::PART,
    &parts::scd4x::PART,
    &parts::sds011::PART,
    &parts::sgp4x::PART,
    &parts::sht3x::PART,
    &parts::sht4x::PART,
    &parts::tmp105::PART,
    &parts::tmp117::PART,
    &parts::veml7700::PART,
];
