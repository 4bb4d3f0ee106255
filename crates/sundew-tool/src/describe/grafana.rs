//! A dashboard for all devices of a model, and what Grafana reads at its start to have it.
//!
//! The dashboard is in the classic form. It finds devices by their labels: a new one appears as soon
//! as `sundew_device_info` has its name.

use serde_json::{Value, json};
use sundew_codec::descriptor::{Descriptor, crc32};
use sundew_units::Unit;

use super::{
    channel::{Named, key},
    metric,
};
use crate::Failure;

/// Numbers the classic form.
const SCHEMA: u8 = 42;
const PANEL_WIDTH: usize = 8;
const PANEL_HEIGHT: usize = 7;

/// Returns the dashboard.
pub(super) fn dashboard(descriptor: &Descriptor<'_>) -> Result<String, Failure> {
    let model = descriptor.model().to_string();
    let info = format!("sundew_device_info{{model={}}}", label(&model));
    let sites = format!("label_values({info}, site)");
    let within = format!("sundew_device_info{{model={},site=~\"$site\"}}", label(&model));
    let devices = format!("label_values({within}, device)");
    let mut panels = vec![json!({
        "id": 1,
        "type": "row",
        "title": "$device",
        "repeat": "device",
        "collapsed": false,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0},
        "panels": [],
    })];
    for (place, channel) in Named::all(descriptor)?.iter().enumerate() {
        panels.push(panel(channel, place));
    }
    let dashboard = json!({
        "uid": uid(&model),
        "title": format!("Sundew: {model}"),
        "description": format!(
            "Written by sundew describe from version {} of the table, {:08x}.",
            descriptor.version(),
            descriptor.hash(),
        ),
        "tags": ["sundew"],
        "schemaVersion": SCHEMA,
        "version": descriptor.version(),
        "editable": true,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [
            {
                "type": "datasource",
                "name": "datasource",
                "label": "Data source",
                "query": "prometheus",
                "refresh": 1,
            },
            variable("site", "Site", &sites),
            variable("device", "Device", &devices),
        ]},
        "panels": panels,
    });
    Ok(format!("{dashboard:#}\n"))
}

fn variable(name: &str, title: &str, query: &str) -> Value {
    json!({
        "type": "query",
        "name": name,
        "label": title,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": query, "refId": name},
        // On every change of the time range, so that a new device appears.
        "refresh": 2,
        "sort": 1,
        "multi": true,
        "includeAll": true,
        "current": {"text": ["All"], "value": ["$__all"]},
    })
}

fn panel(channel: &Named, place: usize) -> Value {
    let metric = metric::name(channel.quantity, channel.unit);
    let channel_label = label(&channel.name);
    let series = format!("{metric}{{site=~\"$site\",device=~\"$device\",channel={channel_label}}}");
    let counts = channel.kind.modulus().is_some();
    let (title, query) = if counts {
        (format!("{}, growth per hour", channel.name), format!("increase({series}[1h])"))
    } else {
        (channel.name.clone(), series)
    };
    let (unit, decimals) = (unit(channel.unit), channel.exponent.saturating_neg().clamp(0, 9));
    let datasource = json!({"type": "prometheus", "uid": "${datasource}"});
    json!({
        "id": place + 2,
        "type": "timeseries",
        "title": title,
        "datasource": datasource,
        "gridPos": {
            "h": PANEL_HEIGHT,
            "w": PANEL_WIDTH,
            "x": place % 3 * PANEL_WIDTH,
            "y": 1 + place / 3 * PANEL_HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": unit, "decimals": decimals}, "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": false},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
        "targets": [{
            "refId": "A",
            "datasource": datasource,
            "expr": query,
            "legendFormat": "{{device}}",
        }],
    })
}

/// Returns a stable id of at most 40 characters.
fn uid(model: &str) -> String {
    let key = key(model);
    if key == model && key.len() <= 32 {
        return format!("sundew-{key}");
    }
    let short: String = key.chars().take(23).collect();
    format!("sundew-{short}-{:08x}", crc32(model.as_bytes()))
}

/// Returns a string of the query language.
fn label(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// Returns Grafana's id of a unit, or the symbol as a suffix where it has none.
fn unit(unit: Unit) -> String {
    let id = match unit {
        Unit::Celsius => "celsius",
        Unit::Kelvin => "kelvin",
        Unit::RelativeHumidity => "humidity",
        Unit::PercentRatio | Unit::EnergyLevelPercent | Unit::Percent => "percent",
        Unit::Pascal => "pressurepa",
        Unit::Hectopascal => "pressurehpa",
        Unit::MetrePerSecond => "velocityms",
        Unit::KilometrePerHour => "velocitykmh",
        Unit::MetrePerSquareSecond => "accMS2",
        Unit::Degree => "degree",
        Unit::Radian => "radian",
        Unit::Metre => "lengthm",
        Unit::Millimetre => "lengthmm",
        Unit::Kilometre => "lengthkm",
        Unit::Kilogram => "masskg",
        Unit::Gram => "massg",
        Unit::Volt => "volt",
        Unit::Millivolt => "mvolt",
        Unit::Ampere => "amp",
        Unit::Milliampere => "mamp",
        Unit::Watt => "watt",
        Unit::Kilowatt => "kwatt",
        Unit::WattHour => "watth",
        Unit::KilowattHour => "kwatth",
        Unit::Joule => "joule",
        Unit::VoltAmpere => "voltamp",
        Unit::Ohm => "ohm",
        Unit::Lux => "lux",
        Unit::WattPerSquareMetre => "Wm2",
        Unit::Second => "s",
        Unit::Millisecond => "ms",
        Unit::Minute => "m",
        Unit::Hour => "h",
        Unit::Hertz => "hertz",
        Unit::Megahertz => "rotmhz",
        Unit::CubicMetre => "m3",
        Unit::Litre => "litre",
        Unit::CubicMetrePerSecond => "flowcms",
        Unit::PartsPerMillion => "ppm",
        Unit::PartsPerBillion => "conppb",
        Unit::MicrogramPerCubicMetre => "con\u{3bc}gm3",
        Unit::Decibel => "dB",
        Unit::DecibelMilliwatt => "dBm",
        Unit::Bit => "bits",
        Unit::Byte => "decbytes",
        Unit::Count | Unit::Ratio => "none",
        other => return format!("suffix: {}", other.symbol()),
    };
    id.into()
}

/// Returns the file for `provisioning/datasources`.
pub(super) fn datasource(url: &str) -> String {
    // In double quotes YAML takes the escapes of JSON.
    let url = json!(url);
    format!(
        "apiVersion: 1\n\
         datasources:\n\
         \x20 - name: sundew-metrics\n\
         \x20   uid: sundew-metrics\n\
         \x20   type: prometheus\n\
         \x20   access: proxy\n\
         \x20   url: {url}\n\
         \x20   isDefault: true\n\
         \x20   editable: false\n"
    )
}

/// Returns the file for `provisioning/dashboards`.
pub(super) fn provider(path: &str) -> String {
    let path = json!(path);
    format!(
        "apiVersion: 1\n\
         providers:\n\
         \x20 - name: sundew\n\
         \x20   orgId: 1\n\
         \x20   type: file\n\
         \x20   folder: Devices\n\
         \x20   disableDeletion: true\n\
         \x20   allowUiUpdates: false\n\
         \x20   updateIntervalSeconds: 30\n\
         \x20   options:\n\
         \x20     path: {path}\n"
    )
}
