//! What W3C's Web of Things knows of a device: a Thing Description 1.1, or a Thing Model where no
//! broker is named.

use serde_json::{Map, Value, json};
use sundew_codec::descriptor::Descriptor;

use super::{
    Options, Security,
    channel::{Named, number, step},
};
use crate::Failure;

const CONTEXT: &str = "https://www.w3.org/2022/wot/td/v1.1";
const MQTT: &str = "http://www.example.org/mqtt-binding#";

/// Returns the description.
pub(super) fn generate(descriptor: &Descriptor<'_>, options: &Options) -> Result<String, Failure> {
    let model = descriptor.model().to_string();
    let id = options.id(&model)?;
    let topics = Topics { state: options.topic(&id)?, set: options.command_topic(&id)? };
    let broker = options.broker.as_deref().map(checked).transpose()?;
    let mut thing = Map::new();
    if broker.is_none() {
        thing.insert("@context".into(), json!(CONTEXT));
        thing.insert("@type".into(), json!("tm:ThingModel"));
    } else {
        thing.insert("@context".into(), json!([CONTEXT, {"mqv": MQTT}]));
    }
    thing.insert("title".into(), json!(options.name.clone().unwrap_or(id)));
    let version = format!("{}.0.0", descriptor.version());
    let field = if broker.is_none() { "model" } else { "instance" };
    thing.insert("version".into(), json!({ field: version }));
    thing.insert(
        "description".into(),
        json!(format!("Model {model}, descriptor {:08x}", descriptor.hash())),
    );
    if broker.is_some() {
        let scheme = match options.security {
            Security::Auto => json!({"scheme": "auto"}),
            Security::Basic => json!({"scheme": "basic", "in": "header"}),
            Security::Nosec => json!({"scheme": "nosec"}),
        };
        thing.insert("securityDefinitions".into(), json!({ "broker": scheme }));
        thing.insert("security".into(), json!(["broker"]));
    }
    let mut properties = Map::new();
    let channels = Named::all(descriptor)?;
    let is_set = channels.iter().any(|channel| channel.writable);
    for channel in channels {
        let property = property(&channel, broker, &topics);
        properties.insert(channel.key, property);
    }
    thing.insert("properties".into(), Value::Object(properties));
    if let Some(broker) = broker {
        let mut forms = vec![json!({
            "href": broker,
            "op": ["observeallproperties", "unobserveallproperties"],
            "contentType": "application/json",
            "mqv:controlPacket": "subscribe",
            "mqv:filter": topics.state,
        })];
        if is_set {
            forms.push(json!({
                "href": broker,
                "op": "writemultipleproperties",
                "contentType": "application/json",
                "mqv:controlPacket": "publish",
                "mqv:topic": topics.set,
            }));
        }
        thing.insert("forms".into(), Value::Array(forms));
    }
    Ok(format!("{:#}\n", Value::Object(thing)))
}

struct Topics {
    state: String,
    set: String,
}

fn property(channel: &Named, broker: Option<&str>, topics: &Topics) -> Value {
    let mut property = Map::new();
    let mut add = |field: &str, value: Value| {
        property.insert(field.into(), value);
    };
    add("title", json!(channel.name));
    add("description", json!(channel.quantity.name().replace('_', " ")));
    add("type", json!(if channel.exponent >= 0 { "integer" } else { "number" }));
    if channel.unit.symbol() != "/" {
        add("unit", json!(channel.unit.symbol()));
    }
    for (field, bound) in ["minimum", "maximum"].into_iter().zip(channel.bounds) {
        if let Some(bound) = bound {
            add(field, Value::Number(number(bound)));
        }
    }
    add("multipleOf", Value::Number(number(step(channel))));
    add("readOnly", json!(!channel.writable));
    add("observable", json!(true));
    let Some(broker) = broker else { return Value::Object(property) };
    let mut forms = vec![json!({
        "href": broker,
        "op": ["observeproperty", "unobserveproperty"],
        "contentType": "application/json",
        "mqv:controlPacket": "subscribe",
        "mqv:filter": format!("{}/{}", topics.state, channel.key),
    })];
    if channel.writable {
        forms.push(json!({
            "href": broker,
            "op": "writeproperty",
            "contentType": "application/json",
            "mqv:controlPacket": "publish",
            "mqv:topic": format!("{}/{}", topics.set, channel.key),
        }));
    }
    add("forms", Value::Array(forms));
    Value::Object(property)
}

/// Checks the broker's address; topics stand beside it, so it has no path.
fn checked(broker: &str) -> Result<&str, Failure> {
    let wrong = || Failure::Usage(format!("--broker takes mqtt(s)://host:port, not '{broker}'"));
    let (scheme, host) = broker.split_once("://").ok_or_else(wrong)?;
    let plain =
        |each: char| each.is_ascii_alphanumeric() || matches!(each, '.' | '-' | ':' | '[' | ']');
    let fits = matches!(scheme, "mqtt" | "mqtts") && !host.is_empty() && host.chars().all(plain);
    fits.then_some(broker).ok_or_else(wrong)
}
