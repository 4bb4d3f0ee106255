//! In which unit and under which class Home Assistant is shown a channel.

use sundew_units::{Kind, Quantity, Unit};

use super::classes::{Class, class};

/// Says how a channel is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Presentation {
    pub(super) class: Option<&'static str>,
    pub(super) unit: Option<&'static str>,
    pub(super) state: Option<&'static str>,
    pub(super) factor: Factor,
}

/// Holds what a value is multiplied by to be in the unit: `number`, which ends in `power` zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Factor {
    pub(super) number: u32,
    pub(super) power: i8,
}

impl Factor {
    /// Leaves a value as it is.
    pub(super) const ONE: Self = Self { number: 1, power: 0 };

    const fn of(number: u32) -> Self {
        let (mut rest, mut power) = (number, 0);
        while rest != 0 && rest % 10 == 0 {
            rest /= 10;
            power += 1;
        }
        Self { number, power }
    }
}

/// Returns how a channel is shown; `wanted` is the class that the user asks for, if any.
///
/// # Errors
///
/// Returns what does not go together.
pub(super) fn presentation(
    quantity: Quantity,
    unit: Unit,
    kind: Kind,
    wanted: Option<&str>,
) -> Result<Presentation, String> {
    let (shown, factor) = shown(quantity, unit);
    let known = match wanted {
        Some(name) => Some(class(name).ok_or_else(|| format!("there is no class '{name}'"))?),
        None => usual(quantity, kind).and_then(class).filter(|class| takes(*class, shown)),
    };
    let state = state(quantity, shown, kind, known);
    let Some(known) = known else {
        return Ok(Presentation { class: None, unit: shown, state, factor });
    };
    if !takes(known, shown) {
        let unit = shown.unwrap_or("none");
        let units = known.units.join(", ");
        return Err(format!("class '{}' takes the units {units}, not {unit}", known.name));
    }
    if let Some(state) = state
        && !known.states.contains(&state)
    {
        let states = known.states.join(", ");
        return Err(format!(
            "class '{}' takes the state classes {states}, not {state}",
            known.name
        ));
    }
    Ok(Presentation { class: Some(known.name), unit: shown, state, factor })
}

fn takes(class: Class, unit: Option<&str>) -> bool {
    unit.map_or(class.units.is_empty(), |unit| class.units.contains(&unit))
        || class.name == "power_factor" && unit.is_none()
}

/// Returns the class of a quantity. Turns, accelerations and angles have none.
fn usual(quantity: Quantity, kind: Kind) -> Option<&'static str> {
    let counts = kind.modulus().is_some();
    Some(match quantity {
        Quantity::Temperature | Quantity::DewPoint => "temperature",
        Quantity::RelativeHumidity => "humidity",
        Quantity::AirPressure | Quantity::SeaLevelPressure => "atmospheric_pressure",
        Quantity::WindSpeed => "wind_speed",
        Quantity::WindDirection => "wind_direction",
        Quantity::Rainfall => "precipitation",
        Quantity::RainRate => "precipitation_intensity",
        Quantity::Voltage => "voltage",
        Quantity::Current => "current",
        Quantity::Power => "power",
        Quantity::Energy if counts => "energy",
        Quantity::Energy => "energy_storage",
        Quantity::Illuminance => "illuminance",
        Quantity::Irradiance => "irradiance",
        Quantity::BatteryLevel => "battery",
        Quantity::Duration => "duration",
        Quantity::Distance => "distance",
        Quantity::Mass => "weight",
        Quantity::CarbonDioxide => "carbon_dioxide",
        Quantity::SoilMoisture => "moisture",
        Quantity::Volume if counts => "volume",
        Quantity::Volume => "volume_storage",
        Quantity::VolumeFlow => "volume_flow_rate",
        Quantity::VolatileOrganics => "volatile_organic_compounds_parts",
        Quantity::Frequency => "frequency",
        Quantity::Acidity => "ph",
        Quantity::Conductivity => "conductivity",
        // Which particles were counted is not known here; `--class name=pm25` says it.
        _ => return None,
    })
}

fn state(
    quantity: Quantity,
    unit: Option<&str>,
    kind: Kind,
    class: Option<Class>,
) -> Option<&'static str> {
    match kind {
        Kind::Counter { .. } | Kind::CounterSinceBoot { .. } => Some("total_increasing"),
        Kind::Gauge if quantity == Quantity::State => None,
        Kind::Gauge if class.is_some_and(|class| class.states.is_empty()) => None,
        Kind::Gauge if quantity == Quantity::WindDirection && unit == Some("\u{b0}") => {
            Some("measurement_angle")
        }
        Kind::Gauge => Some("measurement"),
        _ => None,
    }
}

/// Returns the unit as Home Assistant writes it, and the factor to it where it has another one for
/// the quantity. Kelvin stays: Home Assistant leaves it alone too.
fn shown(quantity: Quantity, unit: Unit) -> (Option<&'static str>, Factor) {
    let (symbol, factor) = match (quantity, unit) {
        (Quantity::Rainfall, Unit::Metre) => ("mm", 1_000),
        (Quantity::RainRate, Unit::MetrePerSecond) => ("mm/h", 3_600_000),
        (Quantity::RainRate, Unit::MetrePerHour) => ("mm/h", 1_000),
        (Quantity::CarbonDioxide, Unit::Ratio) => ("ppm", 1_000_000),
        (Quantity::VolatileOrganics, Unit::Ratio) => ("ppb", 1_000_000_000),
        (Quantity::SoilMoisture, Unit::Ratio) => ("%", 100),
        (Quantity::ParticulateMatter, Unit::KilogramPerCubicMetre) => {
            ("\u{b5}g/m\u{b3}", 1_000_000_000)
        }
        (Quantity::AbsoluteHumidity, Unit::KilogramPerCubicMetre) => ("g/m\u{b3}", 1_000),
        (_, Unit::Ratio | Unit::Count | Unit::Ph) => return (None, Factor::ONE),
        (_, Unit::CubicMetrePerSecond) => ("m\u{b3}/h", 3_600),
        (_, Unit::LitrePerSecond) => ("L/min", 60),
        (_, Unit::SiemensPerMetre) => ("mS/cm", 10),
        (_, Unit::Celsius) => ("\u{b0}C", 1),
        (_, Unit::Degree) => ("\u{b0}", 1),
        (
            _,
            Unit::RelativeHumidity | Unit::EnergyLevelPercent | Unit::PercentRatio | Unit::Percent,
        ) => ("%", 1),
        (_, Unit::CubicMetre) => ("m\u{b3}", 1),
        (_, Unit::SquareMetre) => ("m\u{b2}", 1),
        (_, Unit::Litre) => ("L", 1),
        (_, Unit::Ohm) => ("\u{3a9}", 1),
        (_, Unit::MetrePerSquareSecond) => ("m/s\u{b2}", 1),
        (_, Unit::WattPerSquareMetre) => ("W/m\u{b2}", 1),
        (_, Unit::MicrogramPerCubicMetre) => ("\u{b5}g/m\u{b3}", 1),
        (_, Unit::KilogramPerCubicMetre) => ("kg/m\u{b3}", 1),
        (_, other) => (other.symbol(), 1),
    };
    (Some(symbol), Factor::of(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities() -> impl Iterator<Item = Quantity> {
        (0..=u8::MAX).filter_map(Quantity::from_number)
    }

    fn units() -> impl Iterator<Item = Unit> {
        (0..=u8::MAX).filter_map(Unit::from_number)
    }

    const COUNTER: Kind = Kind::Counter { modulus: 10 };

    #[test]
    fn no_quantity_gets_a_class_that_its_unit_or_state_does_not_go_with() {
        assert_eq!(quantities().count(), 39);
        let mut classes = 0;
        for quantity in quantities() {
            for unit in units() {
                for kind in [Kind::Gauge, Kind::State, Kind::Event, COUNTER] {
                    // A counter of what cannot be counted, such as temperatures, is refused.
                    let Ok(shown) = presentation(quantity, unit, kind, None) else {
                        assert_eq!(kind, COUNTER, "{quantity:?} {unit}");
                        continue;
                    };
                    let Some(name) = shown.class else { continue };
                    let row = class(name).unwrap();
                    assert!(takes(row, shown.unit), "{quantity:?} {unit}");
                    assert!(shown.state.is_none_or(|state| row.states.contains(&state)));
                    classes += 1;
                }
            }
        }
        assert!(classes > 100, "{classes}");
    }

    #[test]
    fn every_canonical_unit_that_has_a_class_gets_it() {
        let plain: Vec<_> = quantities()
            .filter(|quantity| {
                let unit = quantity.canonical_unit();
                presentation(*quantity, unit, Kind::Gauge, None).unwrap().class.is_none()
            })
            .map(Quantity::name)
            .collect();
        let expected = [
            "count",
            "state",
            "acceleration",
            "magnetic_flux_density",
            "resistance",
            "particulate_matter",
            "absolute_humidity",
            "event_rate",
            "raw_signal",
            "angle",
            "charge",
            "share",
        ];
        assert_eq!(plain, expected);
    }

    #[test]
    fn units_are_those_of_home_assistant() {
        for (quantity, unit, class, shown, factor) in [
            (Quantity::Temperature, Unit::Celsius, Some("temperature"), Some("\u{b0}C"), 1),
            (Quantity::Temperature, Unit::Kelvin, Some("temperature"), Some("K"), 1),
            (Quantity::RelativeHumidity, Unit::RelativeHumidity, Some("humidity"), Some("%"), 1),
            (Quantity::Rainfall, Unit::Metre, Some("precipitation"), Some("mm"), 1_000),
            (Quantity::EventRate, Unit::PerMinute, None, Some("1/min"), 1),
            (Quantity::Acidity, Unit::Ph, Some("ph"), None, 1),
            (Quantity::CarbonDioxide, Unit::Ratio, Some("carbon_dioxide"), Some("ppm"), 1_000_000),
        ] {
            let found = presentation(quantity, unit, Kind::Gauge, None).unwrap();
            assert_eq!((found.class, found.unit, found.factor.number), (class, shown, factor));
        }
        let angle = presentation(Quantity::WindDirection, Unit::Degree, Kind::Gauge, None).unwrap();
        assert_eq!(angle.state, Some("measurement_angle"));
    }

    #[test]
    fn factors_keep_the_last_place_of_a_value() {
        // 0.0001 m3/s are 0.36 m3/h: two of the four places are left, not one.
        assert_eq!(Factor::of(3_600), Factor { number: 3_600, power: 2 });
        assert_eq!(Factor::of(3_600_000), Factor { number: 3_600_000, power: 5 });
        assert_eq!((Factor::of(60).power, Factor::of(1_000).power, Factor::of(1).power), (1, 3, 0));
    }

    #[test]
    fn a_wrong_pair_is_an_error() {
        let wrong = |quantity: Quantity, kind, class| {
            presentation(quantity, quantity.canonical_unit(), kind, Some(class)).unwrap_err()
        };
        let error = wrong(Quantity::EventRate, Kind::Gauge, "wind_speed");
        assert!(error.contains("not 1/s"), "{error}");
        assert!(wrong(Quantity::Energy, Kind::Gauge, "energy").contains("not measurement"));
        assert!(wrong(Quantity::Temperature, COUNTER, "temperature").contains("total_increasing"));
        assert!(wrong(Quantity::Temperature, Kind::Gauge, "heat").contains("no class 'heat'"));
        let dust = Quantity::ParticulateMatter;
        let pm25 = presentation(dust, dust.canonical_unit(), Kind::Gauge, Some("pm25")).unwrap();
        assert_eq!((pm25.class, pm25.unit), (Some("pm25"), Some("\u{b5}g/m\u{b3}")));
    }
}
