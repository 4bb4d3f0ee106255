//! `sundew decode`.

use std::io::{self, BufRead, Write};

use clap::{Args, ValueEnum};
use sundew_codec::{
    Error, Time, record,
    senml::{Number, PackDecoder, Record, Value},
};
use sundew_units::Quality;

use crate::{
    Failure,
    input::{self, Encoding},
    json::Object,
    moment,
    style::{self, printable},
    table::{self, Cell},
};

const EXAMPLES: &str = "\
Examples:
  sundew decode 81a3006361697201634365 6c02c48221190929
  sundew decode --json captured.cbor
  sundew decode --as record 0700019249
  mosquitto_sub -t 'sundew/+/up' -F %x | sundew decode --lines";

/// Shows a SenML pack (RFC 8428, CBOR) or a record of the device's queue
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The message: hex digits, base64, a file (./cafe where the name is hex itself), or - for
    /// standard input, like no argument at all
    #[arg(value_name = "HEX|BASE64|FILE|-")]
    source: Vec<String>,

    /// One JSON object per record on a line, with every digit of the value
    #[arg(long)]
    json: bool,

    /// Each line of standard input is one message, shown as it comes
    #[arg(long)]
    lines: bool,

    /// What the message is; without it, what begins with a CBOR array is SenML
    #[arg(long = "as", value_name = "KIND", value_enum)]
    kind: Option<Kind>,

    /// How the message is written
    #[arg(long, value_name = "ENCODING", value_enum, default_value = "auto")]
    input: Encoding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Senml,
    Record,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let format = if arguments.json { Format::Json } else { Format::Table };
    if arguments.lines {
        if arguments.source.iter().any(|source| source != "-") {
            return Err(Failure::Usage("--lines reads standard input".into()));
        }
        return lines(arguments, format, out);
    }
    let bytes = input::joined(&arguments.source, arguments.input)?;
    message(&bytes, format, arguments.kind, out)
}

/// Shows one message per line; a bad one is reported and does not end the stream.
fn lines(arguments: &Arguments, format: Format, out: &mut impl Write) -> Result<(), Failure> {
    let mut bad = 0_usize;
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let shown = input::line(&line, arguments.input)
            .and_then(|bytes| message(&bytes, format, arguments.kind, out));
        match shown {
            Err(Failure::Input(reason)) => {
                bad += 1;
                style::complain(&format!("line {}: {reason}", number + 1));
            }
            shown => shown?,
        }
        out.flush()?;
    }
    if bad == 0 { Ok(()) } else { Err(Failure::Input(format!("{bad} bad lines"))) }
}

/// Shows one message; what comes before an error is shown too.
fn message(
    bytes: &[u8],
    format: Format,
    kind: Option<Kind>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    // Major type 4. A queue record begins with its schema number, and a table of channels that has
    // been changed 128 times needs `--as`.
    let looks_like = match bytes.first() {
        Some(0x80..=0x9F) => Kind::Senml,
        _ => Kind::Record,
    };
    let ended = match kind.unwrap_or(looks_like) {
        Kind::Senml => pack(bytes, format, out)?,
        Kind::Record => queue_record(bytes, format, out)?,
    };
    ended.map_err(|error| Failure::of(error, bytes))
}

fn pack(bytes: &[u8], format: Format, out: &mut impl Write) -> io::Result<Result<(), Error>> {
    let mut decoder = PackDecoder::new(bytes);
    let records: Vec<_> = decoder.by_ref().map_while(Result::ok).collect();
    // The iteration above ends after an error without telling it: ask a second time.
    let ended = PackDecoder::new(bytes).try_for_each(|record| record.map(drop));
    match format {
        Format::Json => {
            for record in &records {
                writeln!(out, "{}", object(record))?;
            }
        }
        Format::Table if records.is_empty() && ended.is_err() => {}
        Format::Table => {
            let header = ["name", "value", "unit", "time", "boot", "seq", "quality", "more"];
            let rows: Vec<_> = records.iter().map(row).collect();
            table::write(out, header, 4, &rows)?;
        }
    }
    Ok(ended)
}

fn row(record: &Record<'_>) -> [Cell; 8] {
    let mut more = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        more.extend(value.map(|value| format!("{name}={value}")));
    };
    add("sum", record.sum.map(number));
    add("update_time", record.update_time.map(number));
    add("id", record.id.map(|id| id.to_string()));
    add("expires", record.expires.map(|unix| moment::utc(unix, 0)));
    add("result", record.result.map(|result| result.to_string()));
    let origin = record.origin;
    [
        printable(&record.name.to_string()),
        record.value.map(value).unwrap_or_default(),
        printable(&record.unit.to_string()),
        moment::text(record.time, record.millis),
        origin.map(|origin| origin.boot.to_string()).unwrap_or_default(),
        origin.map(|origin| origin.sequence.to_string()).unwrap_or_default(),
        quality(record.quality).into(),
        more.join(" "),
    ]
    .map(Cell::plain)
}

fn object(record: &Record<'_>) -> String {
    let mut object = Object::new();
    object.string("name", record.name);
    match record.value {
        Some(Value::Text(text)) => object.string("value", text),
        Some(Value::Data(data)) => object.string("data", hex(data)),
        Some(Value::Number(plain)) => object.plain("value", number(plain)),
        Some(Value::Boolean(plain)) => object.plain("value", plain),
        _ => {}
    }
    if !record.unit.is_empty() {
        object.string("unit", record.unit);
    }
    match record.time {
        Time::Unix(seconds) => {
            let millis = u64::from(seconds) * 1_000 + u64::from(record.millis);
            object.plain("time", moment::decimal(millis));
        }
        Time::FromNow(seconds) => {
            let signed = moment::signed(seconds, record.millis);
            object.plain("from_now", signed.trim_start_matches('+'));
        }
        Time::SinceBoot(seconds) => object.plain("up", seconds),
        _ => {}
    }
    if let Some(origin) = record.origin {
        object.plain("boot", origin.boot);
        object.plain("seq", origin.sequence);
    }
    object.string("quality", quality(record.quality));
    let numbers = [
        ("sum", record.sum.map(number)),
        ("update_time", record.update_time.map(number)),
        ("id", record.id.map(|id| id.to_string())),
        ("expires", record.expires.map(|unix| unix.to_string())),
        ("result", record.result.map(|result| result.to_string())),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            object.plain(name, number);
        }
    }
    object.finish()
}

fn queue_record(
    bytes: &[u8],
    format: Format,
    out: &mut impl Write,
) -> io::Result<Result<(), Error>> {
    let values = match record::decode(bytes) {
        Ok(values) => values,
        Err(error) => return Ok(Err(error)),
    };
    let schema = values.schema();
    let ended = values.clone().try_for_each(|value| value.map(drop));
    let values: Vec<_> = values.map_while(Result::ok).collect();
    if format == Format::Json {
        for (channel, mantissa, marked) in values {
            let mut object = Object::new();
            object.plain("schema", schema);
            object.plain("channel", channel.0);
            object.plain("mantissa", mantissa);
            object.string("quality", quality(marked));
            writeln!(out, "{}", object.finish())?;
        }
        return Ok(ended);
    }
    writeln!(out, "queue record, schema {schema}")?;
    let rows: Vec<_> = values
        .into_iter()
        .map(|(channel, mantissa, marked)| {
            [channel.0.to_string(), mantissa.to_string(), quality(marked).into()].map(Cell::plain)
        })
        .collect();
    table::write(out, ["channel", "mantissa", "quality"], 3, &rows)?;
    Ok(ended)
}

fn value(value: Value<'_>) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Data(data) => format!("h'{}'", hex(data)),
        Value::Number(value) => number(value),
        Value::Text(text) => format!("\"{}\"", printable(&text.to_string())),
        _ => "?".into(),
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

fn quality(quality: Quality) -> &'static str {
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
