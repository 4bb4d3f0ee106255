//! Messages of each kind into items.

use clap::ValueEnum;
use sundew_codec::{
    Answer, Command, Error, Row, compact,
    descriptor::Descriptor,
    record,
    senml::{PackDecoder, Record, json::JsonPack},
    tiny::{self, Carrier, Layout},
};
use sundew_units::ChannelId;

use super::item::Item;

/// Names what a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// A SenML pack in CBOR (RFC 8428)
    Senml,
    /// A SenML pack in JSON
    SenmlJson,
    /// A compact frame: CBOR of channel numbers, one row or a batch
    Compact,
    /// A tiny frame of values, bit by bit; needs a descriptor
    Tiny,
    /// A record of the device's queue
    Record,
    /// A descriptor
    Descriptor,
    /// A tiny birth: schema and hash of the descriptor that the device works by
    Birth,
    /// A command, compact or tiny
    Command,
    /// The answer to a command, compact or tiny
    Answer,
}

impl Kind {
    /// Returns the kind with its article.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Senml | Self::SenmlJson => "a SenML pack",
            Self::Compact => "a compact frame",
            Self::Tiny => "a tiny frame",
            Self::Record => "a queue record",
            Self::Descriptor => "a descriptor",
            Self::Birth => "a birth",
            Self::Command => "a command",
            Self::Answer => "an answer",
        }
    }
}

/// Holds what a message says, up to its end or to an error.
pub(super) struct Decoded {
    /// Holds what holds for the whole message.
    pub(super) heading: Option<String>,
    pub(super) items: Vec<Item>,
    /// Holds what could not be read although nothing is wrong.
    pub(super) remark: Option<String>,
    pub(super) ended: Result<(), Error>,
}

impl Decoded {
    fn new(heading: Option<String>) -> Self {
        Self { heading, items: Vec::new(), remark: None, ended: Ok(()) }
    }

    fn failed(error: Error) -> Self {
        Self { ended: Err(error), ..Self::new(None) }
    }

    fn of(result: Result<Self, Error>) -> Self {
        result.unwrap_or_else(Self::failed)
    }

    /// Takes items until the first error.
    fn filled(mut self, items: impl Iterator<Item = Result<Item, Error>>) -> Self {
        for item in items {
            match item {
                Ok(item) => self.items.push(item),
                Err(error) => {
                    self.ended = Err(error);
                    break;
                }
            }
        }
        self
    }
}

/// Holds what is known beside the bytes.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) descriptor: Option<&'a Descriptor<'a>>,
    /// Holds the port that brought a tiny frame.
    pub(super) port: Option<u8>,
}

impl Context<'_> {
    const fn carrier(self) -> Carrier {
        if self.port.is_some() { Carrier::Port } else { Carrier::Frame }
    }
}

/// Reads a message of a kind.
pub(super) fn decode(kind: Kind, bytes: &[u8], context: Context<'_>) -> Decoded {
    match kind {
        Kind::Senml => pack(PackDecoder::new(bytes), context),
        Kind::SenmlJson => match JsonPack::parse(bytes) {
            Ok(parsed) => pack(parsed.records().map(Ok), context),
            Err(error) => Decoded::failed(error),
        },
        Kind::Compact => Decoded::of(compact_frame(bytes, context)),
        Kind::Tiny => Decoded::of(tiny_frame(bytes, context)),
        Kind::Record => Decoded::of(queue_record(bytes, context)),
        Kind::Descriptor => Decoded::of(descriptor(bytes)),
        Kind::Birth => Decoded::of(birth(bytes, context)),
        Kind::Command => Decoded::of(command(bytes, context)),
        Kind::Answer => Decoded::of(answer(bytes, context)),
    }
}

/// Bounds the names and units of a pack in bytes: a base name of 1 MB stands once in the pack, and
/// again in each of its records.
const MAX_TEXTS: usize = 64 << 20;

fn pack<'a>(
    mut records: impl Iterator<Item = Result<Record<'a>, Error>>,
    context: Context<'_>,
) -> Decoded {
    let mut texts = 0_usize;
    let few = std::iter::from_fn(|| {
        let item = records.next()?.map(|record| Item::of_record(&record, context.descriptor));
        texts += item.as_ref().map_or(0, Item::texts_len);
        (texts <= MAX_TEXTS).then_some(item)
    });
    let mut decoded = Decoded::new(None).filled(few);
    if texts > MAX_TEXTS {
        let count = decoded.items.len();
        let most = MAX_TEXTS >> 20;
        decoded.remark = Some(format!("behind {count} records the names are more than {most} MiB"));
    }
    decoded
}

fn compact_frame(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let entries = compact::decode(bytes)?;
    let schema = entries.schema();
    let heading = Some(format!("compact frame, {}", version(schema, context)));
    let items = entries.map(|entry| Ok(Item::of_entry(schema, &entry?, context.descriptor)));
    Ok(Decoded::new(heading).filled(items))
}

/// Knows no channel, so that at least the head of a frame can be read.
struct Nothing;

impl Layout for Nothing {
    fn schema(&self) -> u16 {
        0
    }

    fn field(&self, _: ChannelId) -> Option<tiny::Field> {
        None
    }
}

fn tiny_frame(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let Some(descriptor) = context.descriptor else {
        let entries = tiny::decode(&Nothing, context.port, bytes)?;
        let heading = format!("tiny frame, {}", version(entries.schema(), context));
        let remark = "a tiny frame needs the descriptor of its device".to_owned();
        return Ok(Decoded { remark: Some(remark), ..Decoded::new(Some(heading)) });
    };
    let entries = tiny::decode(descriptor, context.port, bytes)?;
    let schema = entries.schema();
    let heading = Some(format!("tiny frame, {}", version(schema, context)));
    let unknown = entries.unknown();
    let items = entries.map(|entry| Ok(Item::of_entry(schema, &entry?, context.descriptor)));
    let mut decoded = Decoded::new(heading).filled(items);
    decoded.remark = unknown
        .map(|channel| format!("channel {} and what follows it are of a later version", channel.0));
    Ok(decoded)
}

fn queue_record(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let row = Row::new(record::decode(bytes)?);
    let schema = row.schema();
    let heading = Some(format!("queue record, {}", version(schema, context)));
    let items = row.values.map(|value| {
        let (channel, mantissa, quality) = value?;
        let item = Item::of_channel(Some(schema), channel, Some(mantissa), context.descriptor);
        Ok(Item { quality: Some(quality), ..item })
    });
    Ok(Decoded::new(heading).filled(items))
}

fn descriptor(bytes: &[u8]) -> Result<Decoded, Error> {
    let descriptor = Descriptor::parse(bytes)?;
    let heading = format!(
        "descriptor, {} version {}, hash {:08x} (sundew describe says more)",
        crate::style::printable(&descriptor.model().to_string()),
        descriptor.version(),
        descriptor.hash(),
    );
    let items = descriptor
        .channels()
        .map(|channel| Ok(Item::of_channel(None, channel.id, None, Some(&descriptor))));
    Ok(Decoded::new(Some(heading)).filled(items))
}

fn birth(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let (schema, hash) = tiny::decode_birth(context.carrier(), bytes)?;
    let known = match context.descriptor {
        Some(descriptor) if descriptor.hash() == hash => ", the descriptor given",
        Some(_) => ", not the descriptor given",
        None => "",
    };
    Ok(Decoded::new(Some(format!("birth, schema {schema}, descriptor {hash:08x}{known}"))))
}

fn command(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let command = if is_tiny(bytes, context) {
        tiny::decode_command(context.carrier(), bytes)?
    } else {
        compact::decode_command(bytes)?
    };
    let Command { id, channel, mantissa, expires, .. } = command;
    let item = Item::of_channel(None, channel, Some(mantissa), context.descriptor);
    let item = Item { id: Some(id), expires, ..item };
    Ok(Decoded { items: vec![item], ..Decoded::new(Some("command".into())) })
}

fn answer(bytes: &[u8], context: Context<'_>) -> Result<Decoded, Error> {
    let answer = if is_tiny(bytes, context) {
        tiny::decode_answer(context.carrier(), bytes)?
    } else {
        compact::decode_answer(bytes)?
    };
    let Answer { id, value, result, .. } = answer;
    let item = value.map_or_else(
        || Item::of_command(id),
        |(channel, mantissa)| Item::of_channel(None, channel, Some(mantissa), context.descriptor),
    );
    let item = Item { id: Some(id), result: Some(result), ..item };
    Ok(Decoded { items: vec![item], ..Decoded::new(Some("answer".into())) })
}

/// Returns whether a command or an answer is tiny; a compact one is a CBOR map.
fn is_tiny(bytes: &[u8], context: Context<'_>) -> bool {
    context.port.is_some() || !matches!(bytes.first(), Some(0xA0..=0xBF))
}

fn version(schema: u16, context: Context<'_>) -> String {
    match context.descriptor {
        Some(descriptor) if descriptor.version() == schema => {
            format!("{} version {schema}", crate::style::printable(&descriptor.model().to_string()))
        }
        Some(descriptor) => {
            format!("schema {schema}, read by that of version {}", descriptor.version())
        }
        None => format!("schema {schema}"),
    }
}
