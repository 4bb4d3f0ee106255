//! `sundew encode`.

mod frames;
mod reading;
mod rows;

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, ValueEnum};
use sundew_codec::{
    Origin,
    descriptor::Descriptor,
    senml::{Exact, Shortest, json},
    tiny::Carrier,
};

use crate::{
    Failure,
    input::{self, Encoding},
    schema::Schema,
    style,
};
use frames::Frame;
use reading::Reading;

const EXAMPLES: &str = "\
A line of JSON is a reading as decode --json writes it, or an object of channels and their values.
Readings of one time and origin make a row. SenML in CBOR or JSON is read too. Without a descriptor,
channels are numbers and values are mantissas.

Examples:
  sundew encode --to senml --base-name dev1: air=23.45
  sundew encode --to compact --schema 7 --time 1700000000 1=2345 2=412
  sundew encode --to tiny --descriptor weather.cbor --limit 11 --in-port air=23.45 humidity=41.2
  sundew encode --to tiny --descriptor weather.cbor --command 9 interval=60
  sundew decode --json batch.cbor | sundew encode --to compact --descriptor weather.cbor";

/// Writes messages of a device, or to it: SenML, compact and tiny frames, queue records, commands
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The values, each with an optional quality behind it; or a file of JSON lines or SenML, or -
    /// for standard input, like no argument at all
    #[arg(value_name = "NAME=VALUE[,QUALITY]|FILE|-")]
    source: Vec<String>,

    /// What to write
    #[arg(long, value_name = "FORM", value_enum)]
    to: Form,

    /// The descriptor of the device, which numbers channels and scales their values
    #[arg(long, value_name = "HEX|BASE64|FILE")]
    descriptor: Option<String>,

    /// The number of the schema, where no descriptor says its version
    #[arg(long, conflicts_with = "descriptor")]
    schema: Option<u16>,

    /// When the values were taken that say no time: Unix seconds, or seconds from now such as -60
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    time: Option<i64>,

    /// The queue's record that the values come from
    #[arg(long, value_name = "BOOT:SEQUENCE")]
    origin: Option<String>,

    /// The base name of a pack
    #[arg(long, default_value = "")]
    base_name: String,

    /// Write the numbers of a pack as floats, for receivers that know no decimals
    #[arg(long)]
    floats: bool,

    /// The bytes that a compact or a tiny frame may take
    #[arg(long, value_name = "BYTES")]
    limit: Option<usize>,

    /// Leave the kind of a tiny frame to the port, which is told on standard error
    #[arg(long)]
    in_port: bool,

    /// Write a command of this number
    #[arg(long, value_name = "ID")]
    command: Option<u32>,

    /// The Unix seconds from which on the command is void
    #[arg(long, value_name = "SECONDS")]
    expires: Option<u32>,

    /// Each line of standard input is a message of its own; numbers of commands count up
    #[arg(long)]
    lines: bool,

    /// How to write the bytes
    #[arg(long, value_name = "ENCODING", value_enum, default_value = "hex")]
    output: Output,
}

impl Arguments {
    /// Refuses what the form has no use for, which would be passed over without a word.
    fn check(&self) -> Result<(), Failure> {
        let is_pack = matches!(self.to, Form::Senml | Form::SenmlJson);
        let is_frame = matches!(self.to, Form::Compact | Form::Tiny);
        for (option, is_given, fits) in [
            ("--base-name", !self.base_name.is_empty(), is_pack),
            ("--floats", self.floats, self.to == Form::Senml),
            ("--limit", self.limit.is_some(), is_frame),
            ("--in-port", self.in_port, self.to == Form::Tiny),
            ("--command", self.command.is_some(), is_pack || is_frame),
        ] {
            if is_given && !fits {
                return Err(Failure::Usage(format!("{option} does not go with this --to")));
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A SenML pack in CBOR, with exact decimals
    Senml,
    /// A SenML pack in JSON
    SenmlJson,
    /// Compact frames: one, or as many as the rows and the limit need
    Compact,
    /// A tiny frame per row
    Tiny,
    /// A record of the queue per row
    Record,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Hex digits, a message on a line
    Hex,
    /// Base64, a message on a line
    Base64,
    /// The bytes as they are
    Raw,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let schema = arguments.descriptor.as_deref().map(Schema::load).transpose()?;
    let descriptor = schema.as_ref().map(Schema::descriptor).transpose()?;
    let descriptor = descriptor.as_ref();
    arguments.check()?;
    let is_words = arguments.source.iter().any(|word| word.contains('='));
    if arguments.lines {
        if !arguments.source.is_empty() && arguments.source != ["-"] {
            return Err(Failure::Usage("--lines reads standard input".into()));
        }
        return lines(arguments, descriptor, out);
    }
    let readings = if is_words {
        arguments.source.iter().map(|word| reading::of_word(word)).collect::<Result<_, _>>()?
    } else {
        match arguments.source.as_slice() {
            [] => content(&input::bytes("-", Encoding::Auto)?)?,
            [file] => content(&input::bytes(file, Encoding::Auto)?)?,
            _ => return Err(Failure::Usage("expected name=value, or one file".into())),
        }
    };
    message(readings, arguments, 0, descriptor, out)
}

/// Reads JSON lines, or a pack.
fn content(bytes: &[u8]) -> Result<Vec<Reading>, Failure> {
    if !input::is_json(bytes) {
        return reading::of_pack(bytes);
    }
    if bytes.trim_ascii_start().starts_with(b"[") {
        return reading::of_json_pack(bytes);
    }
    let text = str::from_utf8(bytes).map_err(Failure::input)?;
    let mut readings = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        readings.extend(reading::of_json(line).map_err(|failure| match failure {
            Failure::Input(reason) => Failure::Input(format!("line {}: {reason}", number + 1)),
            other => other,
        })?);
    }
    Ok(readings)
}

/// Encodes a message per line.
fn lines(
    arguments: &Arguments,
    descriptor: Option<&Descriptor<'_>>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut good = 0;
    input::each_line(|line| {
        let readings = if line.starts_with('{') {
            reading::of_json(line)?
        } else {
            content(&input::line(line, Encoding::Auto)?)?
        };
        message(readings, arguments, good, descriptor, out)?;
        good += 1;
        Ok(out.flush()?)
    })
}

/// Encodes readings; `earlier` messages were encoded before.
fn message(
    mut readings: Vec<Reading>,
    arguments: &Arguments,
    earlier: u32,
    descriptor: Option<&Descriptor<'_>>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if readings.is_empty() {
        return Err(Failure::input("there is nothing to encode"));
    }
    let origin = arguments.origin.as_deref().map(origin).transpose()?;
    let time = arguments.time.map(|seconds| {
        // Below 2^28 seconds are counted from now, as in SenML.
        let key = if seconds < 1 << 28 { "from_now" } else { "time" };
        reading::time(key, seconds)
    });
    let time = time.transpose()?;
    for reading in &mut readings {
        reading.time = reading.time.or(time);
        reading.origin = reading.origin.or(origin);
        if let Some(id) = arguments.command {
            reading.id = Some(id.wrapping_add(earlier));
        }
        reading.expires = reading.expires.or(arguments.expires);
    }
    let frames = encoded(&readings, arguments, descriptor)?;
    for reading in &readings {
        if let Some(remark) = rows::outside(reading, descriptor)? {
            style::complain(&remark);
        }
    }
    for frame in frames {
        for remark in &frame.remarks {
            style::complain(remark);
        }
        match arguments.output {
            _ if arguments.to == Form::SenmlJson => {
                out.write_all(&frame.bytes)?;
                writeln!(out)?;
            }
            Output::Hex => {
                let digits = frame.bytes.iter().map(|byte| format!("{byte:02x}"));
                writeln!(out, "{}", digits.collect::<Vec<_>>().concat())?;
            }
            Output::Base64 => writeln!(out, "{}", STANDARD.encode(&frame.bytes))?,
            // Past the stream that drops what looks like a colour.
            Output::Raw => io::stdout().write_all(&frame.bytes)?,
        }
    }
    Ok(())
}

fn encoded(
    readings: &[Reading],
    arguments: &Arguments,
    descriptor: Option<&Descriptor<'_>>,
) -> Result<Vec<Frame>, Failure> {
    let form = arguments.to;
    let carrier = if arguments.in_port { Carrier::Port } else { Carrier::Frame };
    if form == Form::Senml {
        let pack = if arguments.floats { frames::pack::<Shortest> } else { frames::pack::<Exact> };
        return Ok(vec![pack(readings, descriptor, &arguments.base_name)?]);
    }
    if form == Form::SenmlJson {
        let pack = frames::pack::<Exact>(readings, descriptor, &arguments.base_name)?;
        let json = json::from_cbor(&pack.bytes).map_err(|error| Failure::of(error, &pack.bytes))?;
        return Ok(vec![json.into_bytes().into()]);
    }
    if readings.iter().any(|reading| reading.id.is_some()) {
        let carrier = match form {
            Form::Tiny => Some(carrier),
            Form::Compact => None,
            _ => return Err(Failure::Usage("the queue keeps no commands".into())),
        };
        return readings
            .iter()
            .map(|reading| {
                let id = reading.id.ok_or_else(|| Failure::input("a command has no number"))?;
                frames::command(reading, id, descriptor, carrier)
            })
            .collect();
    }
    let version = descriptor.map(Descriptor::version);
    let Some(schema) = arguments.schema.or(version) else {
        return Err(Failure::Usage("a --descriptor or a --schema is needed".into()));
    };
    let rows = rows::gather(readings, schema, descriptor)?;
    match (form, descriptor) {
        (Form::Compact, _) => frames::compact(&rows, arguments.limit),
        (Form::Tiny, Some(descriptor)) => {
            let limit = arguments.limit.unwrap_or(242);
            rows.iter().map(|row| frames::tiny(row, descriptor, limit, carrier)).collect()
        }
        (Form::Tiny, None) => Err(Failure::Usage("a tiny frame needs a --descriptor".into())),
        _ => Ok(rows.iter().map(|row| row.stored().to_vec().into()).collect()),
    }
}

fn origin(text: &str) -> Result<Origin, Failure> {
    let parts = text.split_once(':');
    let parsed = parts
        .and_then(|(boot, sequence)| Some(Origin::new(boot.parse().ok()?, sequence.parse().ok()?)));
    parsed.ok_or_else(|| Failure::Usage(format!("--origin takes BOOT:SEQUENCE, not '{text}'")))
}
