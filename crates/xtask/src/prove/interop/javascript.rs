//! The payload formatters that the tool writes, run by Node.js on what our encoders wrote, and its
//! CDDL, which zcbor validates the same frames by.

use std::path::Path;
use std::process::Command;

use sundew_codec::tiny::{self, Carrier};
use sundew_codec::{Answer, Command as Downlink};
use sundew_units::{Access, Channel, ChannelId, Dec, Device};

use super::described::described;
use super::frames::{self, Expected, Frame, nearest};
use super::made::Made;
use super::others::{self, hex};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::packages::{NODE_JS, ensure};
use crate::process;
use crate::python::{ZCBOR, python_in};

const PROGRAM: &str = include_str!("decode.js");
const VALIDATOR: &str = include_str!("cddl.py");

/// A port that is no kind of frame for any schema, as a server calls the script for a link that has
/// no ports.
pub(super) const ANY_PORT: &str = "223";

/// Returns frames for a device's script, which is written to a file.
pub(super) fn frames(
    tool: &Path,
    folder: &Path,
    made: &Made,
    choices: &mut Choices,
) -> Result<Vec<Frame>, Failure> {
    let device = &made.device;
    let hex = described(device)?;
    let arguments = ["describe", &hex, "--to", "javascript"];
    let script = process::capture(Command::new(tool).args(arguments))?;
    let path = folder.join(format!("{}-{}.js", device.model(), choices.below(1 << 32)));
    std::fs::write(&path, script).context(|| path.display().to_string())?;

    let rules = process::capture(Command::new(tool).args(["describe", &hex, "--to", "cddl"]))?;
    let rules_path = path.with_extension("cddl");
    std::fs::write(&rules_path, rules).context(|| rules_path.display().to_string())?;

    let mut batch = Vec::new();
    frames::all(made, choices, &mut batch)?;
    let mut frames = Vec::new();
    for Frame { bytes, .. } in batch.iter().filter(|frame| frame.format == "compact") {
        let mut add = |format, bytes: Vec<u8>, word: &str| {
            let (context, rows) = (rules_path.display().to_string(), vec![word.to_owned()]);
            frames.push(Frame { format, context, bytes, expected: Expected::Rows(rows) });
        };
        add("cddl", bytes.clone(), "ok");
        // The schema is the second item: the last of its bytes turned is another schema.
        let mut wrong = bytes.clone();
        if let Some(schema) = wrong.get_mut(if device.version() < 24 { 1 } else { 2 }) {
            *schema ^= 1;
            add("cddl-wrong", wrong, "refused");
        }
    }
    for Frame { format, context, bytes, expected } in batch {
        let Expected::Rows(rows) = expected else { continue };
        let port = match (format, context.split(':').next()) {
            ("compact", _) | ("tiny", Some("-")) => ANY_PORT,
            ("tiny", Some(port)) => port,
            ("tiny-birth", _) => {
                let context = format!("{}@{ANY_PORT}", path.display());
                let expected = Expected::Rows(rows);
                frames.push(Frame { format: "javascript", context, bytes, expected });
                continue;
            }
            _ => continue,
        };
        let schema = format!("schema {}", device.version());
        let readings = rows.iter().filter_map(|row| named(device, row));
        let expected = Expected::Rows(std::iter::once(schema).chain(readings).collect());
        let context = format!("{}@{port}", path.display());
        frames.push(Frame { format: "javascript", context, bytes, expected });
    }
    for channel in device.channels() {
        exchange(channel, &path, choices, &mut frames)?;
    }
    Ok(frames)
}

/// Rewrites a line of `decode.py`, which has channels' ids and mantissas, with names, units and
/// values.
fn named(device: &Device, row: &str) -> Option<String> {
    let (id, rest) = row.split_once('|')?;
    let (mantissa, rest) = rest.split_once('|')?;
    let channel = device.channel(ChannelId(id.parse().ok()?))?;
    let value = bits(channel, mantissa.parse().ok()?);
    Some(format!("{}|{}|{value}|{rest}", channel.name(), channel.symbol()))
}

fn bits(channel: &Channel, mantissa: i32) -> String {
    format!("f{:016x}", nearest(Dec::new(mantissa, channel.exponent())).to_bits())
}

/// Adds a command for a channel, if it can be set, and an answer.
fn exchange(
    channel: &Channel,
    path: &Path,
    choices: &mut Choices,
    frames: &mut Vec<Frame>,
) -> Result<(), Failure> {
    let (low, high) = channel.range();
    let mantissa = if choices.below(2) == 0 { low } else { high };
    let id = u32::try_from(choices.below(1 << 20)).unwrap_or(0);
    let (name, unit, value) = (channel.name(), channel.symbol(), bits(channel, mantissa));
    let mut buffer = [0; 64];
    let mut add = |format, len: usize, buffer: &[u8], row| {
        let bytes = buffer.get(..len).unwrap_or_default().to_vec();
        let context = format!("{}@222", path.display());
        frames.push(Frame { format, context, bytes, expected: Expected::Rows(vec![row]) });
    };
    if channel.access() == Access::Writable {
        let expires = 1 + u32::try_from(choices.below(u64::from(u32::MAX))).unwrap_or(0);
        let command = Downlink::new(id, channel.id(), mantissa).expiring(expires);
        let len = tiny::encode_command(&command, Carrier::Port, &mut buffer);
        let row = format!("{id}|{name}|{value}|{unit}|{expires}");
        add("javascript-down", len.context(|| "a command")?, &buffer, row);
    }
    let answer = Answer::done(id, channel.id(), mantissa);
    let len = tiny::encode_answer(&answer, Carrier::Port, &mut buffer);
    add("javascript", len.context(|| "an answer")?, &buffer, format!("{id}|{name}={value}|0"));
    Ok(())
}

/// Lets Node.js decode frames; returns a line for each.
pub(super) fn in_node(folder: &Path, frames: &[&Frame]) -> Result<Vec<String>, Failure> {
    ensure(&[NODE_JS])?;
    let program = folder.join("decode.js");
    std::fs::write(&program, PROGRAM).context(|| program.display().to_string())?;
    let lines: Vec<String> = frames
        .iter()
        .map(|Frame { format, context, bytes, .. }| format!("{format} {context} {}", hex(bytes)))
        .collect();
    others::answers(Command::new("node").arg(program), folder, &lines)
}

/// Lets zcbor validate frames; returns a line for each.
pub(super) fn in_zcbor(folder: &Path, frames: &[&Frame]) -> Result<Vec<String>, Failure> {
    let python = python_in("python-cddl", &ZCBOR)?;
    let program = folder.join("cddl.py");
    std::fs::write(&program, VALIDATOR).context(|| program.display().to_string())?;
    let lines: Vec<String> = frames
        .iter()
        .map(|Frame { format, context, bytes, .. }| format!("{format} {context} {}", hex(bytes)))
        .collect();
    others::answers(Command::new(python).arg("-I").arg(program), folder, &lines)
}
