//! Whoever decodes: programs in other languages, and a crate that nobody here wrote.

use std::path::Path;
use std::process::{Command, Stdio};

use super::frames::Frame;
use crate::failure::{Context, Failure};
use crate::python::{CBOR2, MICROPYTHON_SENML, python};

const PROGRAM: &str = include_str!("decode.py");

/// Decodes frames by everything in `decode.py`; returns a line for each: the values, or `!` and why
/// they were refused.
pub(super) fn in_python(frames: &[&Frame]) -> Result<Vec<String>, Failure> {
    let python = python(&[CBOR2, MICROPYTHON_SENML])?;
    let folder = super::folder()?;
    let program = folder.join("decode.py");
    std::fs::write(&program, PROGRAM).context(|| program.display().to_string())?;
    let lines: Vec<String> = frames
        .iter()
        .map(|Frame { format, context, bytes, .. }| format!("{format} {context} {}", hex(bytes)))
        .collect();
    answers(Command::new(python).arg("-I").arg(&program), &folder, &lines)
}

/// Gives a program lines, and returns as many lines of its answer.
pub(in crate::prove) fn answers(
    command: &mut Command,
    folder: &Path,
    lines: &[String],
) -> Result<Vec<String>, Failure> {
    let path = folder.join("lines.txt");
    std::fs::write(&path, lines.join("\n") + "\n").context(|| path.display().to_string())?;
    let input = std::fs::File::open(&path).context(|| path.display().to_string())?;
    let output = command
        .stdin(input)
        .stderr(Stdio::inherit())
        .output()
        .context(|| crate::process::shown(command))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<String> = text.lines().map(str::to_owned).collect();
    if !output.status.success() || answers.len() != lines.len() {
        let (answers, lines) = (answers.len(), lines.len());
        return Err(Failure::new(format!(
            "{} ended with {} after {answers} of {lines} lines",
            crate::process::shown(command),
            output.status
        )));
    }
    Ok(answers)
}

/// Writes bytes as two digits each.
pub(in crate::prove) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Decodes a pack by the crate `senml-cbor`; returns a line as [`in_python`] does.
pub(super) fn senml_cbor(bytes: &[u8]) -> String {
    let mut records = vec![senml_cbor::Record::empty(); 512];
    let count = match senml_cbor::cbor::decode(bytes, &mut records) {
        Ok(count) => count,
        Err(error) => return format!("! {error:?}"),
    };
    let (mut base_name, mut base_time) = ("", 0.0);
    let mut rows = Vec::new();
    for record in records.iter().take(count) {
        base_name = record.base_name.unwrap_or(base_name);
        base_time = record.base_time.unwrap_or(base_time);
        let name = record.name.unwrap_or_default();
        let unit = record.unit.unwrap_or_default();
        let value = record.value.map_or("-".to_owned(), |it| format!("f{:016x}", it.to_bits()));
        let time = base_time + record.time.unwrap_or_default();
        rows.push(format!("{base_name}{name}|{unit}|{value}|{time}"));
    }
    rows.join(";")
}
