//! `sundew decode`.

use std::io::{self, BufRead, Write};

use sundew_codec::{
    Error, Time, record,
    senml::{Number, PackDecoder, Record, Value},
};
use sundew_units::Quality;

use crate::{Failure, input, json::Object, moment, table};

const HELP: &str = "\
Shows a SenML pack (RFC 8428, CBOR) or a record of the device's queue.

usage: sundew decode [--json] [--lines] [--as senml|record] [HEX | FILE | -]

  HEX          the bytes as hex digits; spaces, colons and a leading 0x are fine
  FILE         a file with the bytes, or with hex text (./cafe where the name is hex itself)
  -            standard input, like no argument at all

  --json       one JSON object per record on a line, with every digit of the value
  --lines      each line of standard input is one message in hex, shown as it comes
  --as KIND    senml or record; without it, what begins with a CBOR array is SenML

examples:
  sundew decode 81a3006361697201634365 6c02c48221190929
  sundew decode --json captured.cbor
  sundew decode --as record 0700019249
  mosquitto_sub -t 'sundew/+/up' -F %x | sundew decode --lines
";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Senml,
    Record,
}

pub(crate) fn run(arguments: &[String], out: &mut impl Write) -> Result<(), Failure> {
    let mut format = Format::Table;
    let mut kind = None;
    let mut by_line = false;
    let mut source = None;
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        match argument {
            "--help" | "-h" => return Ok(out.write_all(HELP.as_bytes())?),
            "--json" => format = Format::Json,
            "--lines" => by_line = true,
            "--as" => {
                kind = Some(match rest.next() {
                    Some("senml") => Kind::Senml,
                    Some("record") => Kind::Record,
                    _ => return Err(Failure::Usage("--as takes senml or record".into())),
                });
            }
            option if option.starts_with('-') && option != "-" => {
                return Err(Failure::Usage(format!("unknown option '{option}'")));
            }
            // Hex that was pasted with spaces comes as several arguments.
            part => {
                let joined: &mut String = source.get_or_insert_default();
                joined.push_str(part);
            }
        }
    }
    if by_line {
        if source.is_some_and(|source| source != "-") {
            return Err(Failure::Usage("--lines reads standard input".into()));
        }
        return lines(format, kind, out);
    }
    let bytes = input::bytes(source.as_deref().unwrap_or("-"))?;
    message(&bytes, format, kind, out)
}

/// Shows one message per line; a bad one is reported and does not end the stream.
fn lines(format: Format, kind: Option<Kind>, out: &mut impl Write) -> Result<(), Failure> {
    let mut bad = 0_usize;
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let shown = match input::hex(&line) {
            Ok(bytes) => message(&bytes, format, kind, out),
            Err(error) => Err(Failure::Input(error.to_string())),
        };
        match shown {
            Err(Failure::Input(reason)) => {
                bad += 1;
                writeln!(io::stderr(), "sundew: line {}: {reason}", number + 1)?;
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
    ended.map_err(|error| Failure::Input(located(error, bytes)))
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

fn row(record: &Record<'_>) -> [String; 8] {
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
            [channel.0.to_string(), mantissa.to_string(), quality(marked).into()]
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

/// Escapes control characters, since a terminal obeys them.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            printable.extend(character.escape_debug());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// Returns an error with the bytes around it and a mark under the one at fault.
fn located(error: Error, bytes: &[u8]) -> String {
    let Some(position) = error.position() else { return error.to_string() };
    let first = position.saturating_sub(8);
    let around = bytes.get(first..).unwrap_or_default().iter().take(16);
    let shown = around.map(|byte| format!(" {byte:02x}")).collect::<Vec<_>>().concat();
    let before = if first > 0 { ".." } else { "  " };
    let indent = " ".repeat(before.len() + 1 + 3 * (position - first));
    format!("{error} of {}\n  {before}{shown}\n  {indent}^^", bytes.len())
}
