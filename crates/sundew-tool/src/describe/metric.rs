//! The names under which a time series database keeps the values: `sundew_<quantity>_<unit>`.
//!
//! Unit names follow Prometheus: whole words, in the plural, without a prefix of the quantity. The
//! values stay in the channel's unit.

use sundew_units::{Quantity, Unit};

/// Returns the name of a metric.
pub(super) fn name(quantity: Quantity, unit: Unit) -> String {
    format!("sundew_{}_{}", quantity.name(), word(unit))
}

fn word(unit: Unit) -> String {
    let word = match unit {
        Unit::Metre => "meters",
        Unit::Kilogram => "kilograms",
        Unit::Gram => "grams",
        Unit::Second => "seconds",
        Unit::Ampere => "amperes",
        Unit::Kelvin => "kelvin",
        Unit::Hertz => "hertz",
        Unit::Radian => "radians",
        Unit::Newton => "newtons",
        Unit::Pascal => "pascals",
        Unit::Joule => "joules",
        Unit::Watt => "watts",
        Unit::Coulomb => "coulombs",
        Unit::Volt => "volts",
        Unit::Ohm => "ohms",
        Unit::Tesla => "teslas",
        Unit::Celsius => "celsius",
        Unit::Lux => "lux",
        Unit::CubicMetre => "cubic_meters",
        Unit::Litre => "liters",
        Unit::MetrePerSecond => "meters_per_second",
        Unit::MetrePerSquareSecond => "meters_per_square_second",
        Unit::CubicMetrePerSecond => "cubic_meters_per_second",
        Unit::LitrePerSecond => "liters_per_second",
        Unit::WattPerSquareMetre => "watts_per_square_meter",
        Unit::Ph => "ph",
        Unit::Decibel => "decibels",
        Unit::Count => "count",
        Unit::Ratio => "ratio",
        Unit::PercentRatio | Unit::RelativeHumidity | Unit::EnergyLevelPercent | Unit::Percent => {
            "percent"
        }
        Unit::PerSecond => "per_second",
        Unit::PerMinute => "per_minute",
        Unit::SiemensPerMetre => "siemens_per_meter",
        Unit::KilogramPerCubicMetre => "kilograms_per_cubic_meter",
        Unit::Degree => "degrees",
        Unit::Millisecond => "milliseconds",
        Unit::Minute => "minutes",
        Unit::Hour => "hours",
        Unit::Megahertz => "megahertz",
        Unit::Kilowatt => "kilowatts",
        Unit::WattHour => "watt_hours",
        Unit::KilowattHour => "kilowatt_hours",
        Unit::Millivolt => "millivolts",
        Unit::Milliampere => "milliamperes",
        Unit::DecibelMilliwatt => "decibel_milliwatts",
        Unit::MicrogramPerCubicMetre => "micrograms_per_cubic_meter",
        Unit::MillimetrePerHour => "millimeters_per_hour",
        Unit::MetrePerHour => "meters_per_hour",
        Unit::PartsPerMillion => "parts_per_million",
        Unit::PartsPerBillion => "parts_per_billion",
        Unit::Hectopascal => "hectopascals",
        Unit::Millimetre => "millimeters",
        Unit::Centimetre => "centimeters",
        Unit::Kilometre => "kilometers",
        Unit::KilometrePerHour => "kilometers_per_hour",
        other => return symbol(other.symbol()),
    };
    word.into()
}

/// Spells the symbol of a rarer unit with the characters that a metric may have.
fn symbol(symbol: &str) -> String {
    let spelled = symbol.replace('/', "_per_").replace('%', "percent_");
    spelled.to_ascii_lowercase().trim_matches('_').into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_unit_has_a_word_of_its_own_that_a_metric_may_have() {
        let mut words = BTreeMap::<_, Vec<_>>::new();
        for unit in (0..=u8::MAX).filter_map(Unit::from_number) {
            let word = word(unit);
            let fine =
                |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_';
            assert!(!word.is_empty() && word.chars().all(fine), "{unit} {word}");
            words.entry(word).or_default().push(unit.symbol());
        }
        words.retain(|_, units| units.len() > 1);
        // Of one quantity only one of these is ever in use.
        let shared: Vec<_> = words.into_values().collect();
        assert_eq!(shared, [vec!["%", "%RH", "%EL", "/100"]]);
        assert_eq!(
            name(Quantity::WindSpeed, Unit::MetrePerSecond),
            "sundew_wind_speed_meters_per_second",
        );
    }
}
