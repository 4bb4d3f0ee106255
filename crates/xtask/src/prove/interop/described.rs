//! What `sundew describe` writes for others, judged by rules that were written down apart from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use sundew_codec::descriptor;
use sundew_units::{Channel, ChannelId, Device, Kind};

use super::made;
use super::others::{self, hex};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::process::{self, cargo, target_dir};
use crate::prove::Found;
use crate::python::{CBOR2, python};

const PROGRAM: &str = include_str!("describe.py");
/// Home Assistant's sensor classes: name, units, state classes.
const CLASSES: &str = include_str!("classes.tsv");

/// What is written for each device, with the words that ask for it.
const FORMS: [(&str, &[&str]); 3] = [
    ("home-assistant", &["home-assistant"]),
    ("wot", &["wot"]),
    ("wot", &["wot", "--broker", "mqtts://broker.example:8883"]),
];

/// Builds the tool and returns where it is.
pub(super) fn tool() -> Result<PathBuf, Failure> {
    process::run(cargo().args(["build", "--quiet", "--package", "sundew-tool"]))?;
    Ok(target_dir().join("debug/sundew"))
}

/// Judges devices with every quantity in every unit, and `count` more by chance.
pub(super) fn judge(
    tool: &Path,
    choices: &mut Choices,
    count: u64,
    mutant: Option<&str>,
    found: &mut Found,
) -> Result<(), Failure> {
    let folder = super::folder()?;
    let mut devices = with_every_unit();
    for _ in 0..count {
        devices.push(made::make(choices)?.device);
    }
    let mut lines = Vec::new();
    for (number, device) in devices.iter().enumerate() {
        let described = described(device)?;
        for (form, words) in FORMS {
            let text = process::capture(
                Command::new(tool).args(["describe", &described, "--to"]).args(words),
            );
            let text = match text {
                Ok(text) => text,
                // Home Assistant has no totals of what cannot be counted, such as temperatures.
                Err(failure) if failure.to_string().contains("takes the state classes") => {
                    found.known += 1;
                    continue;
                }
                Err(failure) => {
                    found.violations.push(format!("{form}: {failure}"));
                    continue;
                }
            };
            let path = folder.join(format!("{form}-{number}-{}.json", words.len()));
            std::fs::write(&path, broken(mutant, text)).context(|| path.display().to_string())?;
            lines.push(format!("{form} {described} {}", path.display()));
        }
    }
    let answers = ask(&folder, &lines)?;
    let mut judged = 0;
    for (line, answer) in lines.iter().zip(answers) {
        match answer.strip_prefix("ok ") {
            Some(count) => judged += count.parse::<u64>().unwrap_or(0),
            None => found.violations.push(format!("{answer}; {line}")),
        }
    }
    println!("{:<18} {:>7} files  {judged:>8} channels", "described", lines.len());
    Ok(())
}

/// Returns the descriptor in hexadecimal.
pub(super) fn described(device: &Device) -> Result<String, Failure> {
    let mut bytes = vec![0; descriptor::len(device)];
    descriptor::encode(device, &mut bytes).context(|| "a descriptor")?;
    Ok(hex(&bytes))
}

fn broken(mutant: Option<&str>, text: String) -> String {
    match mutant {
        Some("wrong-class") => text.replace("\"temperature\"", "\"pressure\""),
        _ => text,
    }
}

fn ask(folder: &Path, lines: &[String]) -> Result<Vec<String>, Failure> {
    let python = python(&[CBOR2])?;
    let (program, classes) = (folder.join("describe.py"), folder.join("classes.tsv"));
    std::fs::write(&program, PROGRAM).context(|| program.display().to_string())?;
    std::fs::write(&classes, CLASSES).context(|| classes.display().to_string())?;
    others::answers(Command::new(python).arg("-I").arg(&program).arg(classes), folder, lines)
}

/// Returns devices that report every quantity in every unit: as gauges of 0 to 7 places, as a state,
/// as an event, and as two kinds of counter.
fn with_every_unit() -> Vec<Device> {
    let kinds = [
        Kind::State,
        Kind::Event,
        Kind::Counter { modulus: 1_000 },
        Kind::CounterSinceBoot { modulus: 1 << 31 },
    ];
    let gauges = (0..8).map(|places| (Kind::Gauge, -places));
    let mut devices = Vec::new();
    for (kind, exponent) in gauges.chain(kinds.map(|kind| (kind, -2))) {
        let mut channels: Vec<Channel> = Vec::new();
        for (number, (quantity, unit)) in (0_u8..).zip(made::pairs()) {
            let name = format!("c{number}").leak();
            let channel = Channel::new(ChannelId(number), name, quantity, exponent);
            channels.push(channel.with_unit(unit).with_kind(kind));
        }
        devices.push(Device::new("every-unit", 1, channels.leak()));
    }
    devices
}
