//! Device discovery of Home Assistant: one retained message per device.
//!
//! It goes to `homeassistant/device/<id>/config`. `o` is required there, `~` is not allowed, and each
//! component needs an id of its own.

use serde_json::{Map, Value, json};
use sundew_codec::descriptor::Descriptor;

use super::{
    Options,
    channel::{Named, key, number, step},
    presentation::{Factor, Presentation, presentation},
};
use crate::Failure;

/// Returns the message; the channels that only the older version has are taken away.
pub(super) fn generate(
    descriptor: &Descriptor<'_>,
    older: Option<&Descriptor<'_>>,
    options: &Options,
) -> Result<String, Failure> {
    let model = descriptor.model().to_string();
    let id = options.id(&model)?;
    let name = options.name.clone().unwrap_or_else(|| id.clone());
    let mut device = Map::new();
    device.insert("ids".into(), json!([id]));
    device.insert("name".into(), json!(name));
    device.insert("mdl".into(), json!(model));
    for (field, value) in [
        ("mf", &options.manufacturer),
        ("sw", &options.software),
        ("hw", &options.hardware),
        ("sn", &options.serial),
        ("via_device", &options.via),
    ] {
        if let Some(value) = value {
            device.insert(field.into(), json!(value));
        }
    }
    let mut components = Map::new();
    for channel in Named::all(descriptor)? {
        let component = component(&channel, &id, options)?;
        components.insert(channel.key, component);
    }
    for channel in older.map(Named::all).transpose()?.unwrap_or_default() {
        // A component with its platform alone removes the entity.
        components.entry(channel.key.clone()).or_insert_with(|| json!({"p": platform(&channel)}));
    }
    let mut message = Map::new();
    message.insert("dev".into(), Value::Object(device));
    message.insert(
        "o".into(),
        json!({
            "name": "sundew",
            "sw": env!("CARGO_PKG_VERSION"),
            "url": env!("CARGO_PKG_REPOSITORY"),
        }),
    );
    message.insert("stat_t".into(), json!(options.topic(&id)?));
    if let Some(topic) = &options.availability {
        message.insert("avty_t".into(), json!(Options::checked(topic)?));
    }
    message.insert("qos".into(), json!(1));
    message.insert("cmps".into(), Value::Object(components));
    Ok(format!("{:#}\n", Value::Object(message)))
}

fn component(channel: &Named, id: &str, options: &Options) -> Result<Value, Failure> {
    let class = options.class_of(&channel.name);
    let mut shown = presentation(channel.quantity, channel.unit, channel.kind, class)
        .map_err(|reason| Failure::Input(format!("channel '{}': {reason}", channel.name)))?;
    if channel.writable && shown.factor != Factor::ONE {
        // What is set is sent as it was typed: in the channel's own unit, which has no class here.
        let unit = Some(channel.unit.symbol()).filter(|symbol| *symbol != "/");
        shown = Presentation { class: None, unit, state: None, factor: Factor::ONE };
    }
    let mut component = Map::new();
    let mut add = |field: &str, value: Value| {
        component.insert(field.into(), value);
    };
    let platform = platform(channel);
    add("p", json!(platform));
    add("name", json!(channel.name));
    add("uniq_id", json!(format!("{id}_{}", channel.key)));
    add("val_tpl", json!(template(channel, shown.factor)));
    if platform == "sensor" || platform == "number" {
        if let Some(class) = shown.class {
            add("dev_cla", json!(class));
        }
        if let Some(unit) = shown.unit {
            add("unit_of_meas", json!(unit));
        }
    }
    match platform {
        "sensor" => {
            if let Some(state) = shown.state {
                add("stat_cla", json!(state));
            }
            add("sug_dsp_prc", json!(places(channel, shown.factor)));
        }
        "number" => number_fields(channel, &mut add),
        "switch" => {
            add("stat_on", json!("1"));
            add("stat_off", json!("0"));
        }
        _ => {
            add("pl_on", json!("1"));
            add("pl_off", json!("0"));
        }
    }
    if channel.writable {
        add("cmd_t", json!(options.command_topic(id)?));
        add("ent_cat", json!("config"));
        let quoted = json!(channel.name);
        if platform == "number" {
            add("cmd_tpl", json!(format!("{{{quoted}:{{{{value}}}}}}")));
        } else {
            add("pl_on", json!(format!("{{{quoted}:1}}")));
            add("pl_off", json!(format!("{{{quoted}:0}}")));
        }
    } else if let Some(seconds) = options.expire_after {
        add("exp_aft", json!(seconds));
    }
    Ok(Value::Object(component))
}

fn platform(channel: &Named) -> &'static str {
    match (channel.writable, channel.is_switch()) {
        (true, true) => "switch",
        (true, false) => "number",
        (false, true) => "binary_sensor",
        (false, false) => "sensor",
    }
}

/// Gives a number its range; Home Assistant would take 1 to 100 otherwise.
fn number_fields(channel: &Named, add: &mut impl FnMut(&str, Value)) {
    let full = [i32::MIN, i32::MAX];
    for ((field, bound), full) in ["min", "max"].into_iter().zip(channel.bounds).zip(full) {
        let bound = bound.unwrap_or(sundew_units::Dec::new(full, channel.exponent));
        add(field, Value::Number(number(bound)));
    }
    // Home Assistant refuses steps below 0.001.
    if channel.exponent >= -3 {
        add("step", Value::Number(number(step(channel))));
    } else {
        add("step", json!(0.001));
    }
    add("mode", json!("box"));
}

/// Returns the template that finds the value in the state object. Where a message lacks it the result
/// is empty, which Home Assistant passes over; the entity's own state would not do in its place, since
/// it stands in the unit that the user chose, and is `unknown` before the first value.
fn template(channel: &Named, factor: Factor) -> String {
    // As a JSON string the name is a valid Jinja string too.
    let name = json!(channel.name);
    let value = format!("value_json[{name}]");
    if factor.number == 1 {
        return format!("{{{{ {value} | default('') }}}}");
    }
    let (number, places) = (factor.number, places(channel, factor));
    let scaled = format!("({value} * {number}) | round({places})");
    format!("{{{{ {scaled} if {value} is number else {value} | default('') }}}}")
}

/// Returns the decimal places of the shown values.
fn places(channel: &Named, factor: Factor) -> u8 {
    channel.exponent.saturating_add(factor.power).saturating_neg().max(0) as u8
}

impl Options {
    /// Returns the id of the device; the model's name where none is given.
    pub(super) fn id(&self, model: &str) -> Result<String, Failure> {
        match &self.id {
            None if model.is_empty() => {
                Err(Failure::Usage("the model has no name: give an --id".into()))
            }
            None => Ok(key(model)),
            Some(id) if !id.is_empty() && id.chars().all(super::channel::is_key) => Ok(id.clone()),
            Some(id) => Err(Failure::Usage(format!("--id takes a-z A-Z 0-9 _ -, not '{id}'"))),
        }
    }

    /// Returns the topic on which the values come as a JSON object.
    pub(super) fn topic(&self, id: &str) -> Result<String, Failure> {
        self.topic.as_deref().map_or_else(|| Ok(format!("sundew/{id}/state")), Self::checked)
    }

    /// Returns the topic on which values to be set are sent as a JSON object.
    pub(super) fn command_topic(&self, id: &str) -> Result<String, Failure> {
        self.command_topic.as_deref().map_or_else(|| Ok(format!("sundew/{id}/set")), Self::checked)
    }

    /// Checks that a topic is one to publish on: levels of letters, digits, `_`, `-` and the dot.
    fn checked(topic: &str) -> Result<String, Failure> {
        let level = |level: &str| {
            !level.is_empty()
                && level.chars().all(|each| super::channel::is_key(each) || each == '.')
        };
        if topic.split('/').all(level) && topic.len() <= 255 {
            return Ok(topic.into());
        }
        Err(Failure::Usage(format!("'{topic}' is no topic of a-z A-Z 0-9 _ - . between slashes")))
    }

    fn class_of(&self, name: &str) -> Option<&str> {
        let mut pairs = self.class.iter().filter_map(|pair| pair.rsplit_once('='));
        pairs.find(|(channel, _)| *channel == name).map(|(_, class)| class)
    }
}
