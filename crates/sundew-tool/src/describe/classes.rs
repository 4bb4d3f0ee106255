//! Home Assistant's sensor classes: which units and which state classes each may have.
//!
//! Facts of Home Assistant 2025.4. It only warns of a wrong pair and creates the entity wrong, so the
//! generator checks each.

/// Holds what a sensor class may be combined with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    pub(super) name: &'static str,
    /// Holds the units; empty where the values have none.
    pub(super) units: &'static [&'static str],
    /// Holds the state classes.
    pub(super) states: &'static [&'static str],
}

/// Returns the class of a name.
pub(super) fn class(name: &str) -> Option<Class> {
    let (name, units, states) = CLASSES.iter().find(|(known, _, _)| *known == name)?;
    Some(Class { name, units, states })
}

const MEASURED: &[&str] = &["measurement"];
const TOTALS: &[&str] = &["total", "total_increasing"];
const ANY: &[&str] = &["measurement", "measurement_angle", "total", "total_increasing"];
const WEIGHED: &[&str] = &["measurement", "total", "total_increasing"];
const ANGLE: &[&str] = &["measurement_angle"];
const TOTAL: &[&str] = &["total"];
const NONE: &[&str] = &[];

const PRESSURES: &[&str] = &["Pa", "bar", "cbar", "hPa", "inHg", "kPa", "mbar", "mmHg", "psi"];
const ENERGIES: &[&str] = &[
    "GJ", "GWh", "Gcal", "J", "MJ", "MWh", "Mcal", "TWh", "Wh", "cal", "kJ", "kWh", "kcal", "mWh",
];
const VOLUMES: &[&str] = &["CCF", "L", "fl. oz.", "ft³", "gal", "mL", "m³"];

type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const CLASSES: &[Row] = &[
    ("apparent_power", &["VA"], MEASURED),
    ("aqi", &[], MEASURED),
    ("area", &["ac", "cm²", "ft²", "ha", "in²", "km²", "mi²", "mm²", "m²", "yd²"], ANY),
    ("atmospheric_pressure", PRESSURES, MEASURED),
    ("battery", &["%"], MEASURED),
    ("blood_glucose_concentration", &["mg/dL", "mmol/L"], MEASURED),
    ("carbon_dioxide", &["ppm"], MEASURED),
    ("carbon_monoxide", &["ppm"], MEASURED),
    ("conductivity", &["S/cm", "mS/cm", "µS/cm"], MEASURED),
    ("current", &["A", "mA"], MEASURED),
    (
        "data_rate",
        &[
            "B/s", "GB/s", "Gbit/s", "GiB/s", "KiB/s", "MB/s", "Mbit/s", "MiB/s", "bit/s", "kB/s",
            "kbit/s",
        ],
        MEASURED,
    ),
    (
        "data_size",
        &[
            "B", "EB", "EiB", "GB", "Gbit", "GiB", "KiB", "MB", "Mbit", "MiB", "PB", "PiB", "TB",
            "TiB", "YB", "YiB", "ZB", "ZiB", "bit", "kB", "kbit",
        ],
        ANY,
    ),
    ("date", &[], NONE),
    ("distance", &["cm", "ft", "in", "km", "m", "mi", "mm", "nmi", "yd"], ANY),
    ("duration", &["d", "h", "min", "ms", "s", "μs"], ANY),
    ("energy", ENERGIES, TOTALS),
    ("energy_distance", &["kWh/100km", "km/kWh", "mi/kWh"], MEASURED),
    ("energy_storage", ENERGIES, MEASURED),
    ("enum", &[], NONE),
    ("frequency", &["GHz", "Hz", "MHz", "kHz"], MEASURED),
    ("gas", &["CCF", "ft³", "m³"], TOTALS),
    ("humidity", &["%"], MEASURED),
    ("illuminance", &["lx"], MEASURED),
    ("irradiance", &["BTU/(h⋅ft²)", "W/m²"], MEASURED),
    ("moisture", &["%"], MEASURED),
    ("monetary", &[], TOTAL),
    ("nitrogen_dioxide", &["µg/m³"], MEASURED),
    ("nitrogen_monoxide", &["µg/m³"], MEASURED),
    ("nitrous_oxide", &["µg/m³"], MEASURED),
    ("ozone", &["µg/m³"], MEASURED),
    ("ph", &[], MEASURED),
    ("pm1", &["µg/m³"], MEASURED),
    ("pm10", &["µg/m³"], MEASURED),
    ("pm25", &["µg/m³"], MEASURED),
    ("power", &["GW", "MW", "TW", "W", "kW", "mW"], MEASURED),
    ("power_factor", &["%"], MEASURED),
    ("precipitation", &["cm", "in", "mm"], ANY),
    ("precipitation_intensity", &["in/d", "in/h", "mm/d", "mm/h"], MEASURED),
    ("pressure", PRESSURES, MEASURED),
    ("reactive_power", &["var"], MEASURED),
    ("signal_strength", &["dB", "dBm"], MEASURED),
    ("sound_pressure", &["dB", "dBA"], MEASURED),
    (
        "speed",
        &[
            "Beaufort", "ft/s", "in/d", "in/h", "in/s", "km/h", "kn", "m/s", "mm/d", "mm/h",
            "mm/s", "mph",
        ],
        MEASURED,
    ),
    ("sulphur_dioxide", &["µg/m³"], MEASURED),
    ("temperature", &["K", "°C", "°F"], MEASURED),
    ("timestamp", &[], NONE),
    ("volatile_organic_compounds", &["µg/m³"], MEASURED),
    ("volatile_organic_compounds_parts", &["ppb", "ppm"], MEASURED),
    ("voltage", &["MV", "V", "kV", "mV", "µV"], MEASURED),
    ("volume", VOLUMES, TOTALS),
    ("volume_flow_rate", &["L/min", "ft³/min", "gal/min", "mL/s", "m³/h"], MEASURED),
    ("volume_storage", VOLUMES, MEASURED),
    ("water", &["CCF", "L", "ft³", "gal", "m³"], TOTALS),
    ("weight", &["g", "kg", "lb", "mg", "oz", "st", "µg"], WEIGHED),
    ("wind_direction", &["°"], ANGLE),
    ("wind_speed", &["Beaufort", "ft/s", "in/s", "km/h", "kn", "m/s", "mm/s", "mph"], MEASURED),
];
