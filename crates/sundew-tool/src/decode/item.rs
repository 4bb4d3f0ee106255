//! One thing that a message says, whatever the message was.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use sundew_codec::{
    Entry, Origin, Time,
    descriptor::Descriptor,
    senml::{Number, Record, Value},
};
use sundew_units::{ChannelId, Quality};

use crate::{
    json::Object,
    moment,
    schema::channel_named,
    style::printable,
    table::{self, Cell},
};

/// Holds a value with all that came with it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) schema: Option<u16>,
    /// Holds the number of the channel where nothing tells its name.
    pub(super) channel: Option<u8>,
    /// Holds the part that all names of a pack share.
    pub(super) base: String,
    pub(super) own: String,
    pub(super) value: Option<Shown>,
    pub(super) unit: String,
    pub(super) time: Option<(Time, u16)>,
    pub(super) origin: Option<Origin>,
    pub(super) quality: Option<Quality>,
    pub(super) sum: Option<String>,
    pub(super) update_time: Option<String>,
    pub(super) id: Option<u32>,
    pub(super) expires: Option<u32>,
    pub(super) result: Option<u16>,
}

/// Holds a value as it is written.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// Holds a number or a boolean.
    Plain(String),
    /// Holds a number without its exponent.
    Mantissa(i32),
    Text(String),
    Data(Vec<u8>),
}

impl Item {
    const fn new() -> Self {
        Self {
            schema: None,
            channel: None,
            base: String::new(),
            own: String::new(),
            value: None,
            unit: String::new(),
            time: None,
            origin: None,
            quality: None,
            sum: None,
            update_time: None,
            id: None,
            expires: None,
            result: None,
        }
    }

    /// Takes a channel over, under its name if the descriptor has one.
    pub(super) fn of_channel(
        schema: Option<u16>,
        channel: ChannelId,
        mantissa: Option<i32>,
        descriptor: Option<&Descriptor<'_>>,
    ) -> Self {
        let mut item = Self { schema, ..Self::new() };
        if let Some(known) = descriptor.and_then(|descriptor| descriptor.channel(channel)) {
            item.own = known.name.to_string();
            item.unit = known.unit.to_string();
            item.value = mantissa.map(|mantissa| Shown::Plain(known.value(mantissa).to_string()));
        } else {
            item.channel = Some(channel.0);
            item.value = mantissa.map(Shown::Mantissa);
        }
        item
    }

    /// Takes a value of a frame over.
    pub(super) fn of_entry(
        schema: u16,
        entry: &Entry,
        descriptor: Option<&Descriptor<'_>>,
    ) -> Self {
        let item = Self::of_channel(Some(schema), entry.channel, Some(entry.mantissa), descriptor);
        Self {
            time: Some((entry.time, 0)),
            origin: entry.origin,
            quality: Some(entry.quality),
            ..item
        }
    }

    /// Takes the result or the number of a command over, without a channel.
    pub(super) fn of_command(id: u32) -> Self {
        Self { id: Some(id), ..Self::new() }
    }

    /// Takes a record of a pack over. The descriptor says the unit where the pack does not, as of a
    /// secondary one, and how much of the name is that of the device.
    pub(super) fn of_record(record: &Record<'_>, descriptor: Option<&Descriptor<'_>>) -> Self {
        let mut item = Self {
            base: record.name.base.to_string(),
            own: record.name.own.to_string(),
            value: record.value.and_then(Shown::of),
            unit: record.unit.to_string(),
            time: Some((record.time, record.millis)),
            origin: record.origin,
            quality: Some(record.quality),
            sum: record.sum.map(number),
            update_time: record.update_time.map(number),
            id: record.id,
            expires: record.expires,
            result: record.result,
            ..Self::new()
        };
        let name = format!("{}{}", item.base, item.own);
        if let Some(known) = descriptor.and_then(|descriptor| channel_named(&name, descriptor)) {
            item.own = known.name.to_string();
            item.base = name.strip_suffix(&item.own).unwrap_or_default().into();
            if item.unit.is_empty() && item.value.is_some() {
                item.unit = known.unit.to_string();
            }
        }
        item
    }

    /// Returns the bytes of the name and the unit.
    pub(super) fn texts_len(&self) -> usize {
        self.base.len() + self.own.len() + self.unit.len()
    }

    /// Returns one JSON object.
    pub(super) fn json(&self) -> String {
        let mut object = Object::new();
        // Under a name the schema says nothing more.
        if let Some(channel) = self.channel {
            if let Some(schema) = self.schema {
                object.plain("schema", schema);
            }
            object.plain("channel", channel);
        } else if !(self.base.is_empty() && self.own.is_empty()) {
            object.string("name", format_args!("{}{}", self.base, self.own));
        }
        match &self.value {
            Some(Shown::Plain(value)) => object.plain("value", value),
            Some(Shown::Mantissa(mantissa)) => object.plain("mantissa", mantissa),
            Some(Shown::Text(text)) => object.string("value", text),
            Some(Shown::Data(data)) => object.string("data", hex(data)),
            None => {}
        }
        if !self.unit.is_empty() {
            object.string("unit", &self.unit);
        }
        match self.time {
            Some((Time::Unix(seconds), millis)) => {
                let millis = u64::from(seconds) * 1_000 + u64::from(millis);
                object.plain("time", moment::decimal(millis));
            }
            Some((Time::FromNow(seconds), millis)) => {
                let signed = moment::signed(seconds, millis);
                object.plain("from_now", signed.trim_start_matches('+'));
            }
            Some((Time::SinceBoot(seconds), _)) => object.plain("up", seconds),
            _ => {}
        }
        if let Some(origin) = self.origin {
            object.plain("boot", origin.boot);
            object.plain("seq", origin.sequence);
        }
        if let Some(marked) = self.quality {
            object.string("quality", quality(marked));
        }
        for (name, text) in [("sum", &self.sum), ("update_time", &self.update_time)] {
            if let Some(text) = text {
                object.plain(name, text);
            }
        }
        let result = self.result.map(u32::from);
        for (name, number) in [("id", self.id), ("expires", self.expires), ("result", result)] {
            if let Some(number) = number {
                object.plain(name, number);
            }
        }
        object.finish()
    }

    fn row(&self) -> [Cell; 10] {
        let mut more = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            more.extend(value.map(|value| format!("{name}={value}")));
        };
        add("sum", self.sum.clone());
        add("update_time", self.update_time.clone());
        add("id", self.id.map(|id| id.to_string()));
        add("expires", self.expires.map(|unix| moment::utc(unix, 0)));
        add("result", self.result.map(|result| result.to_string()));
        let (mantissa, value) = match &self.value {
            Some(Shown::Mantissa(mantissa)) => (mantissa.to_string(), String::new()),
            value => (String::new(), value.as_ref().map(Shown::text).unwrap_or_default()),
        };
        let marked = match self.quality {
            None => Cell::plain(String::new()),
            Some(marked) => Cell::styled(quality(marked).into(), colour(marked)),
        };
        [
            Cell::plain(self.channel.map(|channel| channel.to_string()).unwrap_or_default()),
            Cell::plain(printable(&format!("{}{}", self.base, self.own))),
            Cell::plain(mantissa),
            Cell::plain(value),
            Cell::plain(printable(&self.unit)),
            Cell::plain(
                self.time.map(|(time, millis)| moment::text(time, millis)).unwrap_or_default(),
            ),
            Cell::plain(self.origin.map(|origin| origin.boot.to_string()).unwrap_or_default()),
            Cell::plain(self.origin.map(|origin| origin.sequence.to_string()).unwrap_or_default()),
            marked,
            Cell::plain(more.join(" ")),
        ]
    }
}

/// Writes the items as a table.
pub(super) fn write_table(items: &[Item], out: &mut impl Write) -> io::Result<()> {
    const HEADER: [&str; 10] =
        ["channel", "name", "mantissa", "value", "unit", "time", "boot", "seq", "quality", "more"];
    let numbered = items.iter().any(|item| item.channel.is_some());
    let named = !numbered || items.iter().any(|item| item.channel.is_none());
    let timed = items.iter().any(|item| item.time.is_some());
    let marked = items.iter().any(|item| item.quality.is_some());
    let kept =
        [numbered, named, numbered, named, named, timed, false, false, marked || numbered, false];
    let rows: Vec<_> = items.iter().map(Item::row).collect();
    table::write(out, HEADER, kept, &rows)
}

impl Shown {
    fn of(value: Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Boolean(value) => Self::Plain(value.to_string()),
            Value::Data(data) => Self::Data(data.into()),
            Value::Number(value) => Self::Plain(number(value)),
            Value::Text(text) => Self::Text(text.to_string()),
            _ => return None,
        })
    }

    fn text(&self) -> String {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Mantissa(mantissa) => mantissa.to_string(),
            Self::Text(text) => format!("\"{}\"", printable(text)),
            Self::Data(data) => format!("h'{}'", hex(data)),
        }
    }
}

fn number(number: Number) -> String {
    match number {
        Number::Decimal(dec) => dec.to_string(),
        Number::Wide(value) => value.to_string(),
        Number::Float(bits) => f64::from_bits(bits).to_string(),
        _ => "?".into(),
    }
}

/// Returns the word for a quality.
pub(crate) fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Uncalibrated => "uncalibrated",
        Quality::UnderRange => "under-range",
        Quality::OverRange => "over-range",
        Quality::Fault => "fault",
        Quality::Stale => "stale",
        _ => "suspect",
    }
}

fn colour(quality: Quality) -> Style {
    match quality {
        Quality::Good => Style::new(),
        Quality::Fault => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
