//! Frames that a node sent in a demo, against what its console said that it recorded.
//!
//! Each run of `cargo demo` keeps the messages as they came in, and the console's rows. Where no
//! run has kept frames of a profile yet, one is made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sundew_codec::descriptor::Descriptor;
use sundew_units::{ChannelId, Dec};

use super::frames::{Expected, Frame, nearest};
use super::{javascript, others};
use crate::args::Args;
use crate::demo::{self, Row, Time, read_csv};
use crate::failure::{Context, Failure};
use crate::process::{self, target_dir};
use crate::prove::Found;

/// The profiles, and the demo that has a node speak each.
const DEMOS: [(&str, &str); 3] = [
    ("senml", "--board host"),
    ("compact", "--board host --profile compact"),
    ("tiny", "--link lorawan-eu868-dr0"),
];

/// Holds what one run of the demo kept.
struct Run {
    folder: PathBuf,
    descriptor: Option<String>,
    /// Format, port or `-`, bytes in hexadecimal.
    frames: Vec<(String, String, String)>,
}

/// Judges the newest run of each profile on each board.
pub(super) fn judge(tool: &Path, mutant: Option<&str>, found: &mut Found) -> Result<(), Failure> {
    for (format, words) in DEMOS {
        if runs(format)?.is_empty() {
            demo::run(Args::new(words.split_whitespace().map(str::to_owned)))?;
        }
        let runs = runs(format)?;
        if runs.is_empty() {
            return Err(Failure::new(format!("cargo demo {words} kept no frames")));
        }
        for run in runs {
            let values = run.judge(tool, format, mutant, found)?;
            let board = run.folder.parent().and_then(Path::file_name).unwrap_or_default();
            let (board, frames) = (board.to_string_lossy(), run.frames.len());
            println!("{:<18} {frames:>7} frames {values:>8} values", format!("{board} {format}"));
        }
    }
    Ok(())
}

/// Returns the newest run of each board that kept frames of a format.
fn runs(format: &str) -> Result<Vec<Run>, Failure> {
    let mut newest: BTreeMap<PathBuf, Run> = BTreeMap::new();
    let Ok(boards) = std::fs::read_dir(target_dir().join("demo")) else { return Ok(Vec::new()) };
    for board in boards.flatten() {
        let Ok(folders) = std::fs::read_dir(board.path()) else { continue };
        // The folders are named by the Unix second of their run, all of one length.
        let mut folders: Vec<PathBuf> = folders.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        for folder in folders {
            let Ok(text) = std::fs::read_to_string(folder.join("frames.txt")) else { continue };
            let mut run = Run { folder, descriptor: None, frames: Vec::new() };
            for line in text.lines() {
                let mut words = line.split(' ').map(str::to_owned);
                let mut word = || words.next().context(|| format!("frames.txt: {line}"));
                match (word()?, word()?, word()?) {
                    (kind, _, hex) if kind == "descriptor" => run.descriptor = Some(hex),
                    frame if frame.0 == format => run.frames.push(frame),
                    _ => {}
                }
            }
            if !run.frames.is_empty() {
                newest.insert(board.path(), run);
            }
        }
    }
    Ok(newest.into_values().collect())
}

impl Run {
    fn judge(
        &self,
        tool: &Path,
        format: &'static str,
        mutant: Option<&str>,
        found: &mut Found,
    ) -> Result<usize, Failure> {
        let recorded: BTreeMap<(String, String), Row> =
            read_csv(&self.folder.join("recorded.csv"))?
                .into_iter()
                .map(|row| {
                    let origin = format!("{}.{}", row.key.boot, row.key.sequence);
                    ((origin, row.key.channel.clone()), row)
                })
                .collect();
        let mut frames = Vec::new();
        for (_, port, hex) in &self.frames {
            let mut bytes = bytes(hex)?;
            if mutant == Some("firmware-bit")
                && let Some(last) = bytes.last_mut()
            {
                *last ^= 0x10;
            }
            let described = self.descriptor.clone().unwrap_or_default();
            let context =
                if format == "tiny" { format!("{port}:{described}") } else { "-".to_owned() };
            frames.push(Frame { format, context, bytes, expected: Expected::Rows(Vec::new()) });
        }
        let mut judged = 0;
        let answers = others::in_python(&frames.iter().collect::<Vec<_>>())?;
        for answer in &answers {
            judged += self.compare(format, answer, &recorded, &mut found.violations)?;
        }
        if format != "senml" {
            let answers = self.in_node(tool, &frames)?;
            for answer in &answers {
                judged += self.compare("javascript", answer, &recorded, &mut found.violations)?;
            }
        }
        found.cases += frames.len() as u64;
        Ok(judged)
    }

    fn in_node(&self, tool: &Path, frames: &[Frame]) -> Result<Vec<String>, Failure> {
        let described = self.descriptor.as_deref().context(|| "no descriptor was announced")?;
        let script = process::capture(Command::new(tool).args([
            "describe",
            described,
            "--to",
            "javascript",
        ]))?;
        let folder = super::folder()?;
        let path = folder.join("firmware.js");
        std::fs::write(&path, script).context(|| path.display().to_string())?;
        let mut scripted = Vec::new();
        for Frame { context, bytes, .. } in frames {
            let port = context.split(':').next().filter(|port| *port != "-");
            let port = port.unwrap_or(javascript::ANY_PORT);
            let context = format!("{}@{port}", path.display());
            let (bytes, expected) = (bytes.clone(), Expected::Rows(Vec::new()));
            scripted.push(Frame { format: "javascript", context, bytes, expected });
        }
        javascript::in_node(&folder, &scripted.iter().collect::<Vec<_>>())
    }

    /// Compares a decoder's rows with the console's; returns how many there were.
    fn compare(
        &self,
        decoder: &str,
        answer: &str,
        recorded: &BTreeMap<(String, String), Row>,
        violations: &mut Vec<String>,
    ) -> Result<usize, Failure> {
        if answer.starts_with('!') {
            violations.push(format!("{decoder}: {answer}; {}", self.folder.display()));
            return Ok(0);
        }
        let rows = answer.split(';').filter(|row| !row.is_empty() && !row.starts_with("schema "));
        let mut judged = 0;
        for row in rows {
            judged += 1;
            let read = self.read(decoder, row)?;
            let wrong = match recorded.get(&(read.origin.clone(), read.channel.clone())) {
                None => "not on the node's console",
                Some(own) if !read.agrees_with(own) => "another value, unit or time",
                Some(_) => continue,
            };
            violations.push(format!("{decoder}: {row}: {wrong}; {}", self.folder.display()));
        }
        Ok(judged)
    }

    /// Takes a decoder's row apart: with names and units for SenML and scripts, else with ids.
    fn read(&self, decoder: &str, row: &str) -> Result<Decoded, Failure> {
        let wrong = || format!("row `{row}` of {decoder}");
        let fields: Vec<&str> = row.split('|').collect();
        let (channel, unit, value, time, origin) = match fields[..] {
            [name, unit, value, time, origin, _] => {
                // Behind the base name, which ends in one of these.
                let name = name.rsplit(['/', ':']).next().unwrap_or(name);
                (name.to_owned(), unit.to_owned(), value.to_owned(), time, origin)
            }
            [id, mantissa, time, origin, _] => {
                let bytes = bytes(self.descriptor.as_deref().context(wrong)?)?;
                let device = Descriptor::parse(&bytes).context(wrong)?;
                let channel = device.channel(ChannelId(id.parse().context(wrong)?));
                let channel = channel.context(wrong)?;
                let value = format!("{mantissa}e{}", channel.exponent);
                (channel.name.to_string(), channel.unit.to_string(), value, time, origin)
            }
            _ => return Err(Failure::new(wrong())),
        };
        Ok(Decoded { channel, unit, value, time: time.to_owned(), origin: origin.to_owned() })
    }
}

/// Holds one value as a decoder wrote it.
struct Decoded {
    channel: String,
    unit: String,
    /// `f` and the bits of a double, or mantissa, `e` and exponent.
    value: String,
    /// `u`, `b` or `n`, and seconds.
    time: String,
    origin: String,
}

impl Decoded {
    fn agrees_with(&self, own: &Row) -> bool {
        let is_same = match self.value.strip_prefix('f') {
            Some(bits) => bits == format!("{:016x}", nearest(own.value).to_bits()),
            None => self.decimal().is_some_and(|value| value.same_number(own.value)),
        };
        // A time since boot may have become a wall-clock time on its way.
        let is_then = match own.time {
            Time::Unix(seconds) => self.time == format!("u{seconds}"),
            Time::SinceBoot(seconds) => {
                self.time.starts_with('u') || self.time == format!("b{seconds}")
            }
            Time::Unknown => true,
        };
        is_same && is_then && self.unit == own.unit
    }

    fn decimal(&self) -> Option<Dec> {
        let (mantissa, exponent) = self.value.split_once('e')?;
        Some(Dec::new(mantissa.parse().ok()?, exponent.parse().ok()?))
    }
}

fn bytes(hex: &str) -> Result<Vec<u8>, Failure> {
    (0..hex.len() / 2)
        .map(|at| {
            let digits = hex.get(2 * at..2 * at + 2).unwrap_or_default();
            u8::from_str_radix(digits, 16).context(|| format!("`{digits}` in frames.txt"))
        })
        .collect()
}
