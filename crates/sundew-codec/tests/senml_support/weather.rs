//! What a weather station reads at one moment, as the README of the crate counts it.

use sundew_codec::senml::Record;
use sundew_units::Dec;

/// Returns seven readings with names and units.
pub(crate) fn seven_readings() -> [Record<'static>; 7] {
    let rows = [
        ("t", "Cel", Dec::new(2_345, -2)),
        ("rh", "%RH", Dec::new(412, -1)),
        ("p", "Pa", Dec::new(101_325, 0)),
        ("ws", "m/s", Dec::new(53, -1)),
        ("wd", "deg", Dec::new(270, 0)),
        ("rain", "m", Dec::new(126, -4)),
        ("vbat", "V", Dec::new(3_712, -3)),
    ];
    rows.map(|(name, unit, dec)| Record::new(name).with_unit(unit).with_value(dec))
}
