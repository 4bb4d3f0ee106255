//! The last values that a message holds, as Home Assistant takes them.

use std::collections::HashMap;

use sundew_units::Quality;

use super::item::{Item, Shown, hex};
use crate::json::{Object, quoted};

/// Returns the last value of each channel as one JSON object. A value that is marked as a fault is
/// null, since Home Assistant would show it as one like any other.
pub(super) fn state(items: &[Item]) -> String {
    let mut last: Vec<(String, String)> = Vec::new();
    let mut places = HashMap::new();
    for item in items {
        let value = match &item.value {
            _ if item.quality == Some(Quality::Fault) => "null".into(),
            Some(Shown::Plain(value)) => value.clone(),
            Some(Shown::Mantissa(mantissa)) => mantissa.to_string(),
            Some(Shown::Text(text)) => quoted(text),
            Some(Shown::Data(data)) => quoted(&hex(data)),
            None => continue,
        };
        let key = key(item);
        let place = *places.entry(key.clone()).or_insert(last.len());
        match last.get_mut(place) {
            Some((_, known)) => *known = value,
            None => last.push((key, value)),
        }
    }
    let mut object = Object::new();
    for (key, value) in last {
        object.plain(&key, value);
    }
    object.finish()
}

/// Returns the key of the value among those of its device: what follows the base name, or the
/// number of the channel.
fn key(item: &Item) -> String {
    match item.channel {
        Some(channel) => channel.to_string(),
        None if item.own.is_empty() => item.base.clone(),
        None => item.own.clone(),
    }
}
