//! `sundew decode`.

mod detect;
mod item;
mod message;
mod state;

use std::io::Write;

use clap::{ArgGroup, Args};
use sundew_codec::descriptor::Descriptor;

use crate::{
    Failure,
    input::{self, Encoding},
    schema::Schema,
};
use message::{Context, Kind};

pub(crate) use item::quality;

const EXAMPLES: &str = "\
Without --as, JSON and a CBOR array of maps are SenML, a CBOR array that begins with a number is a
compact frame, and a CBOR map a descriptor, a command or an answer. Queue records and tiny frames
have no mark of their own; with a descriptor they are known by its version. Where two kinds fit,
decode asks for --as.

Examples:
  sundew decode 81a3006361697201634365 6c02c48221190929
  sundew decode --json captured.cbor
  sundew decode --as record 0700019249
  sundew decode --descriptor weather.cbor --port 14 B8kYZ34A
  mosquitto_sub -t 'sundew/+/up' -F %x | sundew decode --lines
  mosquitto_sub -t sundew/hut-1/up -F %x | sundew decode --lines --state |
    mosquitto_pub -t sundew/hut-1/state -l";

/// Shows what a device sends or stores: SenML, compact and tiny frames, queue records, commands
#[derive(Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("format"))]
pub(crate) struct Arguments {
    /// The message: hex digits, base64, a file (./cafe where the name is hex itself), or - for
    /// standard input, like no argument at all
    #[arg(value_name = "HEX|BASE64|FILE|-")]
    source: Vec<String>,

    /// One JSON object per value on a line, with every digit of the value
    #[arg(long, group = "format")]
    json: bool,

    /// One JSON object per message, with the last value of each channel, null where it is a fault
    #[arg(long, group = "format")]
    state: bool,

    /// Each line of standard input is one message, shown as it comes
    #[arg(long)]
    lines: bool,

    /// What the message is
    #[arg(long = "as", value_name = "KIND", value_enum)]
    kind: Option<Kind>,

    /// How the message is written
    #[arg(long, value_name = "ENCODING", value_enum, default_value = "auto")]
    input: Encoding,

    /// The descriptor of the device, which names channels and scales their values
    #[arg(long, value_name = "HEX|BASE64|FILE")]
    descriptor: Option<String>,

    /// The port that a tiny frame came on, where its kind stands, as in LoRaWAN
    #[arg(long)]
    port: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
    State,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let schema = arguments.descriptor.as_deref().map(Schema::load).transpose()?;
    let descriptor = schema.as_ref().map(Schema::descriptor).transpose()?;
    if arguments.lines {
        if arguments.source.iter().any(|source| source != "-") {
            return Err(Failure::Usage("--lines reads standard input".into()));
        }
        return input::each_line(|line| {
            let bytes = input::line(line, arguments.input)?;
            let shown = message(&bytes, arguments, descriptor.as_ref(), out);
            out.flush()?;
            shown
        });
    }
    let bytes = input::joined(&arguments.source, arguments.input)?;
    message(&bytes, arguments, descriptor.as_ref(), out)
}

/// Shows one message; what comes before an error is shown too.
fn message(
    bytes: &[u8],
    arguments: &Arguments,
    descriptor: Option<&Descriptor<'_>>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let format = match arguments {
        Arguments { json: true, .. } => Format::Json,
        Arguments { state: true, .. } => Format::State,
        _ => Format::Table,
    };
    let context = Context { descriptor, port: arguments.port };
    let kind = arguments.kind.map_or_else(|| detect::kind(bytes, context), Ok)?;
    let decoded = message::decode(kind, bytes, context);
    match format {
        Format::Json => {
            for item in &decoded.items {
                writeln!(out, "{}", item.json())?;
            }
        }
        // Half a message is no state.
        Format::State if decoded.ended.is_err() => {}
        // Nor is a birth, after which a state without values would look like a sign of life of each.
        Format::State if decoded.items.iter().all(|item| item.value.is_none()) => {}
        Format::State => writeln!(out, "{}", state::state(&decoded.items))?,
        Format::Table => {
            if let Some(heading) = &decoded.heading {
                writeln!(out, "{heading}")?;
            }
            let is_pack = matches!(kind, Kind::Senml | Kind::SenmlJson) && decoded.ended.is_ok();
            if is_pack || !decoded.items.is_empty() {
                item::write_table(&decoded.items, out)?;
            }
        }
    }
    decoded.ended.map_err(|error| Failure::of(error, bytes))?;
    decoded.remark.map_or(Ok(()), |remark| Err(Failure::Input(remark)))
}
