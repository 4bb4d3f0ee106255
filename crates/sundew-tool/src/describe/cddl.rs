//! What a device sends, in CDDL (RFC 8610): compact frames, SenML records and commands.

use std::fmt::Write as _;

use sundew_codec::descriptor::Descriptor;
use sundew_units::Dec;

use super::channel::Named;
use crate::{Failure, json::quoted, style::printable};

/// Returns the rules, of which `message` is the root.
pub(super) fn generate(descriptor: &Descriptor<'_>) -> Result<String, Failure> {
    let channels = Named::all(descriptor)?;
    let mut rules = format!(
        "; {}, version {}, descriptor {:08x}\n\n\
         message = frame / batch / command / answer / pack\n\n\
         schema = {}\n",
        printable(&descriptor.model().to_string()),
        descriptor.version(),
        descriptor.hash(),
        descriptor.version(),
    );
    rules.push_str("\n; The channels. A value is mantissa x 10^exponent.\n");
    for channel in &channels {
        let _ = writeln!(rules, "{} = {} ; {}", rule(channel), channel.id, note(channel));
    }
    let known: Vec<_> = channels.iter().map(rule).collect();
    let _ = writeln!(rules, "channel = {}uint .size 1", alternatives(&known));
    rules.push_str(
        "\n; One row of values.\n\
         frame = [schema, moment, values]\n      \
         / [schema, moment, values, origin]\n      \
         / [schema, moment, values, null, quality]\n      \
         / [schema, moment, values, origin, quality]\n",
    );
    rules.push_str("values = {\n");
    for channel in &channels {
        let _ = writeln!(rules, "  ? {} => mantissa,", rule(channel));
    }
    rules.push_str("  * uint .size 1 => mantissa ; channels of a later version\n}\n");
    rules.push_str(FRAMES);
    rules.push_str("\n; What comes down, and what is said to it.\n");
    let writable: Vec<_> = channels.iter().filter(|channel| channel.writable).map(rule).collect();
    if writable.is_empty() {
        rules.push_str("settable = channel ; no channel of this version can be set\n");
    } else {
        let _ = writeln!(rules, "settable = {}", writable.join(" / "));
    }
    rules.push_str(COMMANDS);
    rules.push_str("\n; The same as SenML (RFC 8428).\n");
    let names: Vec<_> = channels.iter().map(|channel| quoted(&channel.name)).collect();
    let _ = writeln!(rules, "name = {}tstr", alternatives(&names));
    let mut units: Vec<_> = channels
        .iter()
        .filter(|channel| channel.unit.is_primary())
        .map(|channel| quoted(channel.unit.symbol()))
        .collect();
    units.sort();
    units.dedup();
    let _ = writeln!(
        rules,
        "unit = {}",
        if units.is_empty() { "tstr".into() } else { units.join(" / ") }
    );
    rules.push_str(RECORDS);
    Ok(rules)
}

const FRAMES: &str = "\
mantissa = int ; of 32 bits
moment = int / since_boot ; from 2^28 Unix seconds, below it seconds from now
since_boot = [uint .size 4] ; of the origin's boot
boot = uint .size 2
origin = [boot, sequence]
sequence = uint .size 4
quality = { * uint .size 1 => mark } ; of the values that are not good
mark = uint .size 1

; Several rows in columns. A byte string holds a column: its first number where that is not told
; apart, the smallest step, and how far each step is above it, in equally many bits.
batch = [schema, times, columns]
      / [schema, times, columns, origins]
      / [schema, times, columns, null, marks]
      / [schema, times, columns, origins, marks]
times = [moment, rows, steps]
steps = int / bstr ; the step of all rows, or of each
rows = uint ; up to 1024
columns = { * uint .size 1 => column }
column = same / bstr / partial
same = mantissa ; in each row
partial = [presence: bstr, same / bstr] ; of the rows whose bit is 1
origins = [boot, first: sequence] / [boot, first: sequence, steps]
marks = { * uint .size 1 => mark / [+ (row: uint, mark)] } ; of all rows, or where it changes
";

const COMMANDS: &str = "\
command = { 1 => command-id, 2 => { settable => mantissa }, ? 3 => expires }
answer = { 1 => command-id, ? 2 => { settable => mantissa }, 4 => uint .size 2 }
command-id = uint .size 4
expires = uint .size 4 ; Unix seconds
";

const RECORDS: &str = "\
pack = [+ record]
record = {
  ? -2 => tstr, ; base name
  ? -3 => seconds, ; base time
  ? 0 => name,
  ? 1 => unit,
  ? 2 => decimal / int / float,
  ? 6 => seconds,
  ? \"boot\" => boot,
  ? \"seq\" => sequence,
  ? \"q\" => mark,
  ? \"up\" => uint .size 4,
  ? \"id\" => command-id,
  ? \"exp\" => expires,
  ? \"res\" => uint .size 2,
}
seconds = int / decimal / float
decimal = #6.4([exponent: int, mantissa])
";

fn rule(channel: &Named) -> String {
    format!("ch-{}", channel.id)
}

fn alternatives(known: &[String]) -> String {
    known.iter().flat_map(|each| [each.as_str(), " / "]).collect()
}

fn note(channel: &Named) -> String {
    let bound = |bound: Option<Dec>| bound.map(|dec| dec.to_string()).unwrap_or_default();
    let range = match channel.bounds {
        [None, None] => String::new(),
        [low, high] => format!(", {}..{}", bound(low), bound(high)),
    };
    let set = if channel.writable { ", can be set" } else { "" };
    let (name, quantity) = (&channel.name, channel.quantity.name());
    format!("{name}, {quantity}, 10^{} {}{range}{set}", channel.exponent, channel.unit)
}
