//! The decoder that LoRaWAN servers run: TS013 JavaScript, in the ES5 that all of them take.
//!
//! The script is a table of the channels, written here, and code that is the same for all devices:
//! `doors.js` holds the functions that a server calls, the others what they stand on.

use std::fmt::Write as _;

use sundew_codec::descriptor::{Described, Descriptor};
use sundew_units::{Access, Quantity};

use crate::{Failure, json::quoted};

/// Holds what is the same for all devices.
const CODE: [&str; 5] = [
    include_str!("doors.js"),
    include_str!("values.js"),
    include_str!("tiny.js"),
    include_str!("cbor.js"),
    include_str!("compact.js"),
];

/// Returns a script with `decodeUplink` and its kin.
pub(crate) fn generate(descriptor: &Descriptor<'_>) -> Result<String, Failure> {
    let mut script = String::new();
    write(descriptor, &mut script).map_err(Failure::input)?;
    for part in CODE {
        script.push_str(part);
    }
    Ok(script)
}

fn write(descriptor: &Descriptor<'_>, out: &mut String) -> std::fmt::Result {
    let model = quoted(&descriptor.model().to_string());
    let version = descriptor.version();
    writeln!(
        out,
        "// Payload formatter for {model}, version {version}, as LoRaWAN servers call it"
    )?;
    out.write_str(ABOUT)?;
    writeln!(out, "var MODEL = {model};")?;
    writeln!(out, "var SCHEMA = {version};")?;
    writeln!(out, "var HASH = '{:08x}';", descriptor.hash())?;
    writeln!(out, "var CHANNELS = {{")?;
    let mut separator = "";
    for channel in descriptor.channels() {
        out.write_str(separator)?;
        write_channel(&channel, out)?;
        separator = ",\n";
    }
    writeln!(out, "\n}};")
}

const ABOUT: &str = "\
// (LoRa Alliance TS013). Written by `sundew describe --to javascript`; write it anew, do not edit.
//
// decodeUplink({ bytes, fPort, recvTime }) reads compact and tiny messages. Its data:
//   model, schema   which device, and the version that the message is of
//   profile         'compact' or 'tiny'
//   values          the last value of each channel, by its name
//   readings        each value: row, channel, name, value, unit, quality, time (ISO 8601; left out
//                   where it is not known), up (seconds since boot) or from_now (seconds) where that
//                   is what was sent, boot and seq (the record that it comes from)
//   answer          the answer to a command: id, result (0 is done), channel, value, unit
//   hash            of a birth: the descriptor that the device works by
// Tiny messages come on the port that is their kind, or on another one with the kind in front. The
// ports of this version's kinds, 2 x schema and 1 more, are theirs alone.
";

fn write_channel(channel: &Described<'_>, out: &mut String) -> std::fmt::Result {
    write!(out, "  {id}: {{ id: {id}, ", id = channel.id.0)?;
    write!(out, "name: {}, ", quoted(&channel.name.to_string()))?;
    write!(out, "unit: {}, ", quoted(&channel.unit.to_string()))?;
    write!(out, "exponent: {}, ", channel.exponent)?;
    write!(out, "low: {}, high: {}, ", channel.low, channel.high)?;
    write!(out, "bits: {}, ", channel.bits)?;
    write!(out, "writable: {}", channel.access == Access::Writable)?;
    if let Some(Normalized { group, field, places, low, high }) = Normalized::of(channel) {
        // Where the value stands, what makes its unit that of the server, and the range there.
        write!(out, ",\n    normalized: ['{group}', '{field}', {places}, {low}, {high}]")?;
    }
    out.write_str(" }")
}

/// Says where the payload that The Things Stack calls normalized has a quantity.
struct Normalized {
    group: &'static str,
    field: &'static str,
    /// Holds the power of ten from the channel's unit to the payload's.
    places: i8,
    low: &'static str,
    high: &'static str,
}

impl Normalized {
    /// Finds the place of a channel (`measurement` in the device repository's `lib/payload.json`);
    /// a value that the schema does not take would make the server drop the rest with it.
    fn of(channel: &Described<'_>) -> Option<Self> {
        let unit = channel.unit.to_string();
        let (group, field, places, low, high) = match (channel.quantity?, unit.as_str()) {
            (Quantity::Temperature, "Cel") => ("air", "temperature", 0, "-273.15", "Infinity"),
            (Quantity::RelativeHumidity, "%RH") => ("air", "relativeHumidity", 0, "0", "100"),
            (Quantity::AirPressure, "Pa") => ("air", "pressure", -2, "900", "1100"),
            (Quantity::AirPressure, "hPa") => ("air", "pressure", 0, "900", "1100"),
            (Quantity::CarbonDioxide, "/") => ("air", "co2", 6, "0", "1000000"),
            (Quantity::CarbonDioxide, "ppm") => ("air", "co2", 0, "0", "1000000"),
            (Quantity::Illuminance, "lx") => ("air", "lightIntensity", 0, "0", "Infinity"),
            (Quantity::WindSpeed, "m/s") => ("wind", "speed", 0, "0", "Infinity"),
            (Quantity::WindDirection, "deg") => ("wind", "direction", 0, "0", "360"),
            (Quantity::SoilMoisture, "/") => ("soil", "moisture", 2, "0", "100"),
            (Quantity::SoilMoisture, "%") => ("soil", "moisture", 0, "0", "100"),
            _ => return None,
        };
        Some(Self { group, field, places, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_codec::descriptor;
    use sundew_units::{Channel, ChannelId, Device};

    const CHANNELS: [Channel; 4] = [
        Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 8_500),
        Channel::new(ChannelId(3), "pressure", Quantity::AirPressure, 0)
            .with_range(50_000, 115_535),
        Channel::new(ChannelId(4), "battery", Quantity::Voltage, -3),
        Channel::new(ChannelId(9), "interval", Quantity::Duration, 0).writable(),
    ];
    const STATION: Device = Device::new("weather \"7\"", 7, &CHANNELS);

    fn script() -> String {
        let mut bytes = [0; 256];
        let len = descriptor::encode(&STATION, &mut bytes).unwrap();
        let Ok(script) = generate(&Descriptor::parse(&bytes[..len]).unwrap()) else {
            panic!("no script")
        };
        script
    }

    #[test]
    fn the_table_holds_all_that_the_code_asks_for() {
        let script = script();
        for line in [
            "// Payload formatter for \"weather \\\"7\\\"\", version 7, as LoRaWAN servers call it",
            "var MODEL = \"weather \\\"7\\\"\";",
            "var SCHEMA = 7;",
            "    normalized: ['air', 'temperature', 0, -273.15, Infinity] },",
            "    normalized: ['air', 'pressure', -2, 900, 1100] },",
            "  1: { id: 1, name: \"air\", unit: \"Cel\", exponent: -2, low: -4000, high: 8500, bits: 14, \
             writable: false,",
            "  9: { id: 9, name: \"interval\", unit: \"s\", exponent: 0, low: -2147483648, \
             high: 2147483647, bits: 32, writable: true }",
        ] {
            assert!(script.lines().any(|own| own == line), "{line}\nis not in\n{script}");
        }
        let hash = format!("var HASH = '{:08x}';", descriptor::hash(&STATION));
        assert!(script.contains(&hash));
        for name in ["decodeUplink", "normalizeUplink", "encodeDownlink", "decodeDownlink"] {
            assert!(script.contains(&format!("\nfunction {name}(input) {{")), "{name}");
        }
    }

    /// What servers run is of 2009: The Things Stack's engine has no more than ES5 in full.
    #[test]
    fn the_code_is_of_es5() {
        for (number, line) in script().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in ["let ", "const ", "=>", "`", "...", "class "] {
                assert!(!code.contains(word), "line {}: {line}", number + 1);
            }
            assert!(line.len() <= 130 && line.is_ascii(), "line {}: {line}", number + 1);
        }
    }

    #[test]
    fn a_name_cannot_end_its_string() {
        assert_eq!(quoted("a\"\n\u{2028}"), "\"a\\\"\\u000a\\u2028\"");
    }
}
