//! Descriptors as JSON, with names in the place of numbers.

use core::fmt;
use std::borrow::ToOwned;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use serde_json::{Map, Value};
use sundew_units::{Access, Channel, ChannelId, Kind, Quantity, Unit};

use super::write::{FORMAT, Sink};
use super::{Described, Descriptor};
use crate::{cbor::major, senml::Text};

/// Says what is wrong with the JSON form of a descriptor, and where.
///
/// ```
/// use sundew_codec::descriptor::from_json;
/// let error = from_json(r#"{"format": 1, "model": "hut", "version": 1, "channels": [
///     {"id": 1, "name": "air", "quantity": "temperature", "unit": "C"}
/// ]}"#).unwrap_err();
/// assert_eq!(error.path(), "channels[0].unit");
/// assert_eq!(error.to_string(), "channels[0].unit: `C` does not measure temperature (Cel does)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    path: String,
    problem: String,
}

impl JsonError {
    fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }

    /// Returns where in the document the error is, such as `channels[0].unit`; empty where it is no
    /// JSON, and for the document as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.problem)
    }
}

impl core::error::Error for JsonError {}

impl Descriptor<'_> {
    /// Returns the descriptor as JSON, with names in the place of numbers.
    ///
    /// Keys of a later format are left out; without them [`from_json`] gives the bytes back. A
    /// quantity of a later version than this decoder stands as its number.
    pub fn to_json(&self) -> String {
        let mut table = Map::new();
        table.insert("format".to_owned(), FORMAT.into());
        table.insert("model".to_owned(), self.model().to_string().into());
        table.insert("version".to_owned(), self.version().into());
        let channels = self.channels().map(|channel| written(&channel));
        table.insert("channels".to_owned(), channels.collect::<Vec<_>>().into());
        let retired: Vec<_> = self.retired().map(|ChannelId(id)| Value::from(id)).collect();
        if !retired.is_empty() {
            table.insert("retired".to_owned(), retired.into());
        }
        format!("{:#}", Value::Object(table))
    }
}

fn written(channel: &Described<'_>) -> Value {
    let (low, high) = channel.kind.range();
    let quantity = channel.quantity.map(Quantity::name);
    let mut fields = Map::new();
    let mut field = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    field("id", channel.id.0.into());
    field("name", channel.name.to_string().into());
    field("quantity", quantity.map_or_else(|| channel.quantity_number.into(), Value::from));
    field("unit", channel.unit.to_string().into());
    if channel.exponent != 0 {
        field("exponent", channel.exponent.into());
    }
    if channel.low != low {
        field("low", channel.low.into());
    }
    if channel.high != high {
        field("high", channel.high.into());
    }
    if channel.bits != channel.range_bits() {
        field("bits", channel.bits.into());
    }
    if channel.kind != Kind::Gauge {
        field("kind", channel.kind.name().into());
    }
    if let Some(modulus) = channel.kind.modulus() {
        field("modulus", modulus.into());
    }
    if channel.access == Access::Writable {
        field("access", "writable".into());
    }
    Value::Object(fields)
}

/// Returns the bytes of a descriptor whose JSON form is given.
///
/// What has a default may be left out or not. A unit that is not in the registry is refused: it is
/// more often a slip than a unit of a later registry.
///
/// ```
/// use sundew_codec::descriptor::{self, Descriptor, from_json};
/// use sundew_units::{Channel, ChannelId, Device, Quantity};
///
/// const HUT: Device =
///     Device::new("hut", 1, &[Channel::new(ChannelId(1), "air", Quantity::Temperature, -2)]);
/// let bytes = from_json(r#"{"format": 1, "model": "hut", "version": 1, "channels": [
///     {"id": 1, "name": "air", "quantity": "temperature", "unit": "Cel", "exponent": -2}
/// ]}"#)?;
/// let hut = Descriptor::parse(&bytes)?;
/// assert_eq!(hut.hash(), descriptor::hash(&HUT));
/// assert_eq!(from_json(&hut.to_json()).as_ref(), Ok(&bytes));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns the first thing that is wrong, and where it stands.
pub fn from_json(json: &str) -> Result<Vec<u8>, JsonError> {
    let document: Value =
        serde_json::from_str(json).map_err(|error| JsonError::new("", error.to_string()))?;
    let keys = &["format", "model", "version", "channels", "retired"];
    let table = Fields::of("", &document, keys)?;
    table.required("format", 1..=i64::from(FORMAT))?;
    let model = table.text("model")?;
    let version = table.required("version", 0..=0xFFFF)? as u16;
    let mut channels: Vec<Described<'_>> = Vec::new();
    for (index, value) in table.array("channels")?.iter().enumerate() {
        let path = format!("channels[{index}]");
        let channel = read(&path, value)?;
        for other in &channels {
            if other.id == channel.id {
                return Err(JsonError::new(path + ".id", "another channel has this id"));
            }
            if other.name == channel.name {
                return Err(JsonError::new(path + ".name", "another channel has this name"));
            }
        }
        channels.push(channel);
    }
    let mut retired = Vec::new();
    if table.map.contains_key("retired") {
        for (index, value) in table.array("retired")?.iter().enumerate() {
            let path = format!("retired[{index}]");
            let id = ChannelId(integer(&path, value, 0..=0xFF)? as u8);
            if channels.iter().any(|channel| channel.id == id) {
                return Err(JsonError::new(path, "a channel has this id"));
            }
            if retired.contains(&id) {
                return Err(JsonError::new(path, "stands twice"));
            }
            retired.push(id);
        }
    }
    let mut counted = Sink::new(&mut []);
    put(&mut counted, model, version, &channels, &retired);
    let mut bytes = std::vec![0; counted.position()];
    put(&mut Sink::new(&mut bytes), model, version, &channels, &retired);
    Ok(bytes)
}

fn put(
    sink: &mut Sink<'_>,
    model: &str,
    version: u16,
    channels: &[Described<'_>],
    retired: &[ChannelId],
) {
    sink.table(model.as_bytes(), version, channels.len(), retired.len());
    for channel in channels {
        sink.channel(channel);
    }
    sink.retired(retired.len());
    for ChannelId(id) in retired {
        sink.head(major::UNSIGNED, u32::from(*id));
    }
}

fn read<'v>(path: &str, value: &'v Value) -> Result<Described<'v>, JsonError> {
    let keys = &[
        "id", "name", "quantity", "unit", "exponent", "low", "high", "bits", "kind", "modulus",
        "access",
    ];
    let fields = Fields::of(path, value, keys)?;
    let id = ChannelId(fields.required("id", 0..=0xFF)? as u8);
    let name = fields.text("name")?;
    if !Channel::is_name(name.as_bytes()) {
        let rule = "not a SenML name: ASCII letters, digits and -:./_, a letter or digit first";
        return Err(fields.error("name", rule));
    }
    let (quantity, quantity_number) = quantity(&fields)?;
    let unit = unit(&fields, quantity)?;
    let kind = kind(&fields)?;
    let all = i64::from(i32::MIN)..=i64::from(i32::MAX);
    let range = kind.range();
    let low = fields.integer("low", all.clone())?.map_or(range.0, |low| low as i32);
    let high = fields.integer("high", all)?.map_or(range.1, |high| high as i32);
    if low > high {
        return Err(fields.error("low", format!("{low} is above high, which is {high}")));
    }
    let access = match fields.optional_text("access")? {
        None | Some("read_only") => Access::ReadOnly,
        Some("writable") => Access::Writable,
        Some(_) => return Err(fields.error("access", "neither `read_only` nor `writable`")),
    };
    let mut channel = Described {
        id,
        name: Text::new(name),
        quantity,
        quantity_number,
        unit: Text::new(unit),
        exponent: fields.integer("exponent", -128..=127)?.unwrap_or(0) as i8,
        kind,
        low,
        high,
        bits: 0,
        access,
    };
    let needed = channel.range_bits();
    let bits = fields.integer("bits", i64::from(needed)..=32)?;
    channel.bits = bits.map_or(needed, |bits| bits as u8);
    Ok(channel)
}

fn quantity(fields: &Fields<'_, '_>) -> Result<(Option<Quantity>, u8), JsonError> {
    match fields.map.get("quantity") {
        Some(Value::String(name)) => match Quantity::from_name(name) {
            Some(quantity) => Ok((Some(quantity), quantity.number())),
            None => Err(fields.error("quantity", format!("no quantity is named `{name}`"))),
        },
        Some(Value::Number(_)) => {
            let number = fields.required("quantity", 0..=0xFF)? as u8;
            Ok((Quantity::from_number(number), number))
        }
        Some(_) => Err(fields.error("quantity", "neither a name nor a number")),
        None => Err(fields.error("quantity", "missing")),
    }
}

fn unit<'v>(fields: &Fields<'_, 'v>, quantity: Option<Quantity>) -> Result<&'v str, JsonError> {
    let symbol = fields.text("unit")?;
    let Some(unit) = Unit::from_symbol(symbol) else {
        let rule = format!("`{symbol}` is not a unit of the SenML registry");
        return Err(fields.error("unit", rule));
    };
    if let Some(quantity) = quantity {
        let canonical = quantity.canonical_unit();
        if !unit.is_convertible_to(canonical) {
            let name = quantity.name();
            let rule = format!("`{symbol}` does not measure {name} ({canonical} does)");
            return Err(fields.error("unit", rule));
        }
    }
    Ok(symbol)
}

fn kind(fields: &Fields<'_, '_>) -> Result<Kind, JsonError> {
    let modulus = fields.integer("modulus", 2..=1 << 31)?.map(|modulus| modulus as u32);
    let name = fields.optional_text("kind")?.unwrap_or("gauge");
    let known = [
        Kind::Gauge,
        Kind::Counter { modulus: 2 },
        Kind::CounterSinceBoot { modulus: 2 },
        Kind::State,
        Kind::Event,
    ];
    let Some(kind) = known.into_iter().find(|kind| kind.name() == name) else {
        return Err(fields.error("kind", format!("no kind is named `{name}`")));
    };
    Kind::from_number(kind.number(), modulus).ok_or_else(|| {
        let rule = if modulus.is_none() { "missing with a counter" } else { "not of a counter" };
        fields.error("modulus", rule)
    })
}

/// Holds an object of the document.
struct Fields<'p, 'v> {
    path: &'p str,
    map: &'v Map<String, Value>,
}

impl<'p, 'v> Fields<'p, 'v> {
    /// Takes an object that has no other keys than these.
    fn of(path: &'p str, value: &'v Value, keys: &[&str]) -> Result<Self, JsonError> {
        let Value::Object(map) = value else { return Err(JsonError::new(path, "not an object")) };
        let fields = Self { path, map };
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(fields.error(key, format!("not one of {}", keys.join(", ")))),
            None => Ok(fields),
        }
    }

    fn error(&self, key: &str, problem: impl Into<String>) -> JsonError {
        JsonError::new(self.path_of(key), problem)
    }

    fn path_of(&self, key: &str) -> String {
        let dot = if self.path.is_empty() { "" } else { "." };
        format!("{}{dot}{key}", self.path)
    }

    fn field(&self, key: &str) -> Result<&'v Value, JsonError> {
        self.map.get(key).ok_or_else(|| self.error(key, "missing"))
    }

    fn array(&self, key: &str) -> Result<&'v [Value], JsonError> {
        match self.field(key)? {
            Value::Array(values) => Ok(values),
            _ => Err(self.error(key, "not an array")),
        }
    }

    fn text(&self, key: &str) -> Result<&'v str, JsonError> {
        self.field(key)?.as_str().ok_or_else(|| self.error(key, "not a string"))
    }

    fn optional_text(&self, key: &str) -> Result<Option<&'v str>, JsonError> {
        if self.map.contains_key(key) { self.text(key).map(Some) } else { Ok(None) }
    }

    fn required(&self, key: &str, range: core::ops::RangeInclusive<i64>) -> Result<i64, JsonError> {
        integer(&self.path_of(key), self.field(key)?, range)
    }

    fn integer(
        &self,
        key: &str,
        range: core::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, JsonError> {
        let value = self.map.get(key);
        value.map(|value| integer(&self.path_of(key), value, range)).transpose()
    }
}

fn integer(
    path: &str,
    value: &Value,
    range: core::ops::RangeInclusive<i64>,
) -> Result<i64, JsonError> {
    match value.as_i64() {
        Some(number) if range.contains(&number) => Ok(number),
        _ => {
            let rule = format!("not an integer of {} to {}", range.start(), range.end());
            Err(JsonError::new(path, rule))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_is_named_where_it_is() {
        let hut = r#"{"format": 1, "model": "hut", "version": 1, "channels": [
            {"id": 1, "name": "air", "quantity": "temperature", "unit": "Cel", "low": 0},
            {"id": 2, "name": "tips", "quantity": "count", "unit": "count", "kind": "gauge"}
        ], "retired": [3]}"#;
        assert!(from_json(hut).is_ok());
        let cases = [
            ("\"format\": 1,", "", "format: missing"),
            ("\"format\": 1", "\"format\": 2", "format: not an integer of 1 to 1"),
            ("\"version\": 1", "\"version\": 1.5", "version: not an integer of 0 to 65535"),
            ("\"hut\"", "7", "model: not a string"),
            ("[3]", "[1]", "retired[0]: a channel has this id"),
            ("[3]", "[3, 3]", "retired[1]: stands twice"),
            ("[3]", "3", "retired: not an array"),
            ("\"retired\"", "\"old\"", "old: not one of format, model, version, channels, retired"),
            ("\"id\": 2", "\"id\": 1", "channels[1].id: another channel has this id"),
            ("\"tips\"", "\"air\"", "channels[1].name: another channel has this name"),
            ("\"count\", \"unit\"", "\"Count\", \"unit\"", "no quantity is named `Count`"),
            ("\"Cel\"", "\"celsius\"", "`celsius` is not a unit of the SenML registry"),
            (
                "\"low\": 0",
                "\"low\": 0, \"high\": -1",
                "channels[0].low: 0 is above high, which is -1",
            ),
            ("\"low\": 0", "\"bits\": 31", "channels[0].bits: not an integer of 32 to 32"),
            ("\"gauge\"", "\"total\"", "channels[1].kind: no kind is named `total`"),
            ("\"gauge\"", "\"counter\"", "channels[1].modulus: missing with a counter"),
            ("\"gauge\"", "\"state\", \"modulus\": 4", "channels[1].modulus: not of a counter"),
            ("\"gauge\"", "\"state\", \"access\": \"any\"", "neither `read_only` nor `writable`"),
            ("]}", "]", "EOF while parsing an object at line 4 column 25"),
        ];
        for (part, slip, problem) in cases {
            let json = hut.replacen(part, slip, 1);
            let error = from_json(&json).map(|_| ()).unwrap_err().to_string();
            assert!(error.ends_with(problem), "{error}\nis not\n{problem}\n{json}");
        }
    }
}
