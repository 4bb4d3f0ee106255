//! What is to be encoded, as a user or a program writes it.

use serde_json::{Map, Value as Json};
use sundew_codec::{
    FIRST_ABSOLUTE, Origin, Time,
    senml::{self, PackDecoder, json::JsonPack},
};
use sundew_units::{Dec, Quality};

use crate::{Failure, style::printable};

/// Holds one value with all that is said of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) channel: Channel,
    pub(super) value: Option<Value>,
    pub(super) unit: String,
    pub(super) time: Option<Time>,
    pub(super) origin: Option<Origin>,
    pub(super) quality: Quality,
    pub(super) id: Option<u32>,
    pub(super) expires: Option<u32>,
    pub(super) result: Option<u16>,
}

/// Names a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Channel {
    Name(String),
    Number(u8),
    /// Names none, as the answer to a command that failed does.
    #[default]
    None,
}

/// Holds a value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Boolean(bool),
    Data(Vec<u8>),
    Mantissa(i32),
    Number(senml::Number),
    Text(String),
}

/// Reads `name=value` with an optional `,quality` behind it.
pub(super) fn of_word(word: &str) -> Result<Reading, Failure> {
    let wrong = |reason: String| Failure::Usage(format!("'{}': {reason}", printable(word)));
    let (name, value) = word.rsplit_once('=').ok_or_else(|| wrong("expected name=value".into()))?;
    let (value, marked) = value.split_once(',').unwrap_or((value, "good"));
    let value = match value {
        "true" | "on" => Value::Boolean(true),
        "false" | "off" => Value::Boolean(false),
        value => {
            Value::Number(number(value).ok_or_else(|| wrong(format!("'{value}' is no number")))?)
        }
    };
    let quality = quality(marked).ok_or_else(|| wrong(format!("'{marked}' is no quality")))?;
    Ok(Reading { channel: named(name), value: Some(value), quality, ..Reading::default() })
}

/// A name of digits alone is the number of a channel.
fn named(name: &str) -> Channel {
    name.parse().map_or_else(|_| Channel::Name(name.into()), Channel::Number)
}

/// Reads a pack in CBOR.
pub(super) fn of_pack(bytes: &[u8]) -> Result<Vec<Reading>, Failure> {
    let records: Result<Vec<_>, _> = PackDecoder::new(bytes).collect();
    let records = records.map_err(|error| Failure::of(error, bytes))?;
    records.iter().map(of_record).collect()
}

/// Reads a pack in JSON.
pub(super) fn of_json_pack(text: &[u8]) -> Result<Vec<Reading>, Failure> {
    let pack = JsonPack::parse(text).map_err(|error| Failure::of(error, text))?;
    pack.records().map(|record| of_record(&record)).collect()
}

/// Takes a record of a pack over.
fn of_record(record: &senml::Record<'_>) -> Result<Reading, Failure> {
    let name = record.name.to_string();
    if record.millis != 0 {
        return Err(Failure::Input(format!("'{}' has a time between seconds", printable(&name))));
    }
    let value = match record.value {
        Some(senml::Value::Boolean(value)) => Some(Value::Boolean(value)),
        Some(senml::Value::Data(data)) => Some(Value::Data(data.into())),
        Some(senml::Value::Number(number)) => Some(Value::Number(number)),
        Some(senml::Value::Text(text)) => Some(Value::Text(text.to_string())),
        _ => None,
    };
    Ok(Reading {
        channel: if name.is_empty() { Channel::None } else { Channel::Name(name) },
        value,
        unit: record.unit.to_string(),
        time: Some(record.time),
        origin: record.origin,
        quality: record.quality,
        id: record.id,
        expires: record.expires,
        result: record.result,
    })
}

/// Reads one line of JSON: a reading as `sundew decode --json` writes it, or an object of channels
/// and their values.
pub(super) fn of_json(text: &str) -> Result<Vec<Reading>, Failure> {
    let json: Json = serde_json::from_str(text).map_err(Failure::input)?;
    let Json::Object(members) = json else {
        return Err(Failure::input("expected a JSON object"));
    };
    let is_reading = ["name", "channel", "result"].iter().any(|key| members.contains_key(*key));
    if is_reading { Ok(vec![of_members(&members)?]) } else { flat(members) }
}

fn of_members(members: &Map<String, Json>) -> Result<Reading, Failure> {
    let mut reading = Reading::default();
    let (mut boot, mut sequence) = (None, None);
    for (key, json) in members {
        let whole = || whole(key, json);
        match key.as_str() {
            "schema" => {}
            "name" => reading.channel = Channel::Name(text(key, json)?.into()),
            "channel" => reading.channel = Channel::Number(narrow(key, whole()?)?),
            "value" => reading.value = Some(value(key, json)?),
            "mantissa" => reading.value = Some(Value::Mantissa(narrow(key, whole()?)?)),
            "data" => {
                let bytes = crate::input::hex(text(key, json)?).map_err(Failure::input)?;
                reading.value = Some(Value::Data(bytes));
            }
            "unit" => reading.unit = text(key, json)?.into(),
            "time" | "from_now" | "up" => reading.time = Some(time(key, whole()?)?),
            "boot" => boot = Some(narrow(key, whole()?)?),
            "seq" => sequence = Some(narrow(key, whole()?)?),
            "quality" => {
                let word = text(key, json)?;
                let known = quality(word);
                reading.quality =
                    known.ok_or_else(|| Failure::Input(format!("no quality: '{word}'")))?;
            }
            "id" => reading.id = Some(narrow(key, whole()?)?),
            "expires" => reading.expires = Some(narrow(key, whole()?)?),
            "result" => reading.result = Some(narrow(key, whole()?)?),
            other => {
                return Err(Failure::Input(format!("'{}' cannot be encoded", printable(other))));
            }
        }
    }
    reading.origin = boot.zip(sequence).map(|(boot, sequence)| Origin::new(boot, sequence));
    Ok(reading)
}

/// Reads channels and their values; time and origin stand among them.
fn flat(members: Map<String, Json>) -> Result<Vec<Reading>, Failure> {
    let mut common = Map::new();
    let mut readings = Vec::new();
    for (key, json) in members {
        match key.as_str() {
            "time" | "from_now" | "up" | "boot" | "seq" | "id" | "expires" => {
                common.insert(key, json);
            }
            // What had no value to show has none to send.
            _ if json.is_null() => {}
            _ => {
                let value = Some(value(&key, &json)?);
                readings.push(Reading { channel: named(&key), value, ..Reading::default() });
            }
        }
    }
    let common = of_members(&common)?;
    Ok(readings
        .into_iter()
        .map(|Reading { channel, value, .. }| Reading { channel, value, ..common.clone() })
        .collect())
}

fn value(key: &str, json: &Json) -> Result<Value, Failure> {
    match json {
        Json::Bool(value) => Ok(Value::Boolean(*value)),
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Number(plain) => number(&plain.to_string())
            .map(Value::Number)
            .ok_or_else(|| Failure::Input(format!("'{}' is out of range", printable(key)))),
        _ => Err(Failure::Input(format!("'{}' has no value", printable(key)))),
    }
}

fn text<'a>(key: &str, json: &'a Json) -> Result<&'a str, Failure> {
    json.as_str().ok_or_else(|| Failure::Input(format!("'{key}' is no text")))
}

fn whole(key: &str, json: &Json) -> Result<i64, Failure> {
    json.as_i64().ok_or_else(|| Failure::Input(format!("'{key}' is no whole number")))
}

fn narrow<T: TryFrom<i64>>(key: &str, number: i64) -> Result<T, Failure> {
    T::try_from(number).map_err(|_| Failure::Input(format!("'{key}' is out of range: {number}")))
}

/// Returns the time that a key and a number of seconds stand for.
pub(super) fn time(key: &str, seconds: i64) -> Result<Time, Failure> {
    match key {
        "from_now" => Ok(Time::FromNow(narrow(key, seconds)?)),
        "up" => Ok(Time::SinceBoot(narrow(key, seconds)?)),
        _ => match narrow(key, seconds)? {
            unix if unix >= FIRST_ABSOLUTE => Ok(Time::Unix(unix)),
            early => Err(Failure::Input(format!("time {early} is before 1978"))),
        },
    }
}

/// Reads a decimal with an optional exponent; what no decimal holds becomes a wide integer or a
/// float.
fn number(text: &str) -> Option<senml::Number> {
    let decimal = match text.split_once(['e', 'E']) {
        None => text.parse::<Dec>().ok(),
        Some((digits, power)) => digits.parse::<Dec>().ok().and_then(|dec| {
            let exponent = dec.exponent().checked_add(power.parse().ok()?)?;
            Some(Dec::new(dec.mantissa(), exponent))
        }),
    };
    if let Some(dec) = decimal {
        return Some(senml::Number::Decimal(dec));
    }
    if let Ok(wide) = text.parse() {
        return Some(senml::Number::Wide(wide));
    }
    let float: f64 = text.parse().ok()?;
    float.is_finite().then(|| senml::Number::Float(float.to_bits()))
}

fn quality(word: &str) -> Option<Quality> {
    let known = (0..=u8::MAX).map_while(Quality::from_number);
    known.into_iter().find(|quality| crate::decode::quality(*quality) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_places() {
        let dec = |mantissa, exponent| Some(senml::Number::Decimal(Dec::new(mantissa, exponent)));
        assert_eq!(number("23.450"), dec(23_450, -3));
        assert_eq!(number("1.5e3"), dec(15, 2));
        assert_eq!(number("-7"), dec(-7, 0));
        assert_eq!(number("5000000000"), Some(senml::Number::Wide(5_000_000_000)));
        assert_eq!(
            number("0.1234567890123"),
            Some(senml::Number::Float(0.123_456_789_012_3_f64.to_bits()))
        );
        assert_eq!(number("1e999"), None);
        assert_eq!(number("warm"), None);
    }

    #[test]
    fn words_and_lines_say_the_same() {
        let word = of_word("air=23.45,stale").unwrap_or_default();
        let line = r#"{"name":"air","value":23.45,"quality":"stale"}"#;
        let [line] = of_json(line).unwrap_or_default().try_into().unwrap_or_default();
        assert_eq!(word.channel, line.channel);
        assert_eq!(word.value, line.value);
        assert_eq!((word.quality, line.quality), (Quality::Stale, Quality::Stale));
        assert!(of_word("air").is_err() && of_word("air=x").is_err() && of_word("a=1,x").is_err());
    }
}
