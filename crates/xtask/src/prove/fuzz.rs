//! libFuzzer against everything that reads bytes from outside: sensors' frames, the codec's, what
//! a flash holds.
//!
//! The stable compiler can instrument code for libFuzzer by its own LLVM passes, so this needs
//! neither nightly nor cargo-fuzz; libFuzzer is compiled from its sources by the system's g++.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::process::{self, cargo};

/// The entry of the table for what a sensor sends.
pub(super) const SENSORS: Proof = Proof {
    name: "fuzz-sensors",
    what: "whatever bytes a sensor sends: nothing panics, no frame is lost",
    options: OPTIONS,
    mutants: &[
        ("panic-on-frame", "the harness panics on some of the frames"),
        ("no-resync", "the parsers are fed as if rubbish came in whole frames"),
    ],
    run: |request| SENSORS_SUITE.run(request),
};

/// The entry of the table for what the codec reads.
pub(super) const CODEC: Proof = Proof {
    name: "codec-fuzz",
    what: "whatever bytes come over the air: values or a typed error, and the same from others",
    options: OPTIONS,
    mutants: &[
        ("panic-on-frame", "the harness panics on some of the frames"),
        ("flip-bit", "one bit of what is encoded again is flipped"),
        ("other-value", "the independent reading is one off"),
    ],
    run: |request| CODEC_SUITE.run(request),
};

/// The entry of the table for the queue and the logs beneath it.
pub(super) const QUEUE: Proof = Proof {
    name: "queue-fuzz",
    what: "whatever the flash holds and whenever power is cut: no panic, nothing lost, bounds kept",
    options: OPTIONS,
    mutants: &[
        ("panic-on-record", "the harness panics on some of the records"),
        ("forget-ack", "the log answers an ack and does not note it"),
        ("drop-silently", "the log drops records that it was told to keep, and does not tell"),
    ],
    run: |request| QUEUE_SUITE.run(request),
};

/// The entry of the table for what comes over a line or a network.
pub(super) const TRANSPORT: Proof = Proof {
    name: "transport-fuzz",
    what: "whatever bytes come over a line or from a server: no panic, and what is taken is what it must be",
    options: OPTIONS,
    mutants: &[("panic-on-frame", "the harness panics on some of the frames")],
    run: |request| TRANSPORT_SUITE.run(request),
};

const OPTIONS: &[(&str, &str)] = &[("--target", "one target instead of all")];

/// The issues ask for 10 minutes of each target; a mutant is found within seconds.
const DEFAULT: Duration = Duration::from_mins(10);
const DEFAULT_MUTANT: Duration = Duration::from_secs(20);

/// The fuzz targets of one crate; what each reads is in its first line.
struct Suite {
    /// A workspace of its own, for libFuzzer; may hold first inputs in `seeds/TARGET`.
    folder: &'static str,
    targets: &'static [&'static str],
}

const SENSORS_SUITE: Suite = Suite {
    folder: "crates/sundew-sensors/fuzz",
    targets: &["pmsx003", "sds011", "mhz19", "ds18b20", "modbus", "sdi12"],
};

const CODEC_SUITE: Suite = Suite {
    folder: "crates/sundew-codec/fuzz",
    targets: &["senml_cbor", "senml_json", "record", "compact", "tiny", "descriptor", "commands"],
};

const QUEUE_SUITE: Suite =
    Suite { folder: "crates/sundew-queue/fuzz", targets: &["image", "operations"] };

const TRANSPORT_SUITE: Suite = Suite {
    folder: "crates/sundew-transport/fuzz",
    targets: &["certificates", "frames", "http", "mqtt"],
};

/// The folders of all suites, for whoever formats or lists every workspace.
pub(crate) const FOLDERS: [&str; 4] =
    [SENSORS_SUITE.folder, CODEC_SUITE.folder, QUEUE_SUITE.folder, TRANSPORT_SUITE.folder];

impl Suite {
    fn run(&self, request: &Request<'_>) -> Result<Found, Failure> {
        let wanted = request.value("--target");
        if let Some(name) = wanted.filter(|name| !self.targets.contains(name)) {
            let known = self.targets.join(" ");
            return Err(Failure::new(format!("no target `{name}`; there are: {known}")));
        }
        let programs = build(self.folder)?;
        let mut found = Found::default();
        for target in self.targets {
            if wanted.is_some_and(|wanted| wanted != *target) {
                continue;
            }
            let seeds = process::root().join(self.folder).join("seeds").join(target);
            let outcome = run(&programs.join(target), target, &seeds, request)?;
            let noticed = if outcome.violations.is_empty() { "" } else { ", and a violation" };
            println!("{target}: {} executions{noticed}", outcome.cases);
            found.cases += outcome.cases;
            found.violations.extend(outcome.violations);
        }
        Ok(found)
    }
}

/// Builds all targets and returns the folder that they are in.
fn build(sources: &str) -> Result<PathBuf, Failure> {
    let version = process::capture(process::command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context(|| "rustc -vV names no host")?;
    let folder = process::target_dir().join("fuzz");
    let mut build = cargo();
    build.current_dir(process::root().join(sources));
    // Naming the target keeps the flags away from build scripts and macros.
    build.args(["build", "--release", "--quiet", "--locked", "--target", host, "--target-dir"]);
    build.arg(&folder);
    let passes = [
        "-sanitizer-coverage-level=4",
        "-sanitizer-coverage-inline-8bit-counters",
        "-sanitizer-coverage-pc-table",
        "-sanitizer-coverage-trace-compares",
    ];
    let mut flags = vec!["--cfg=fuzzing".to_owned(), "-Cpasses=sancov-module".to_owned()];
    flags.extend(passes.map(|pass| format!("-Cllvm-args={pass}")));
    build.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    process::run(&mut build)?;
    Ok(folder.join(host).join("release"))
}

fn run(
    program: &Path,
    target: &str,
    seeds: &Path,
    request: &Request<'_>,
) -> Result<Found, Failure> {
    let folder = process::target_dir().join("fuzz");
    // What a mutant finds is no input to go on from.
    let corpora = if request.mutant.is_some() { "mutant-corpus" } else { "corpus" };
    let corpus = folder.join(corpora).join(target);
    if request.mutant.is_some() && corpus.exists() {
        std::fs::remove_dir_all(&corpus).context(|| corpus.display().to_string())?;
    }
    std::fs::create_dir_all(&corpus).context(|| corpus.display().to_string())?;
    let default = if request.mutant.is_some() { DEFAULT_MUTANT } else { DEFAULT };
    let seconds = request.limit.unwrap_or(default).as_secs().max(1);
    let mut fuzzer = process::command(program);
    fuzzer.arg(format!("-max_total_time={seconds}"));
    if let Some(cases) = request.cases {
        fuzzer.arg(format!("-runs={cases}"));
    }
    fuzzer.arg(format!("-seed={}", request.seed % u64::from(u32::MAX)));
    fuzzer.arg(format!("-artifact_prefix={}/{target}-", folder.display()));
    fuzzer.arg(format!("-max_len={}", longest(seeds).max(400)));
    fuzzer.args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    // It writes into the first folder and only reads the others.
    fuzzer.arg(&corpus);
    if seeds.exists() {
        fuzzer.arg(seeds);
    }
    match request.mutant {
        Some(mutant) => fuzzer.env("SUNDEW_FUZZ_MUTANT", mutant),
        None => fuzzer.env_remove("SUNDEW_FUZZ_MUTANT"),
    };
    let output = fuzzer
        .stdin(Stdio::null())
        .output()
        .context(|| format!("cannot start {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let mut found = Found { cases: executions(&text), ..Found::default() };
    if !output.status.success() {
        let input = text.lines().find_map(|line| line.split_once("Test unit written to "));
        let input = input.map_or("no input was written", |(_, file)| file.trim());
        if request.mutant.is_none() {
            println!("{text}");
        }
        found.violations.push(format!(
            "{target}: {}; rerun: {} {input}",
            reason(&text),
            program.display()
        ));
    }
    Ok(found)
}

/// Returns the length of the longest first input, and half of it: a chain of certificates has 1,200
/// bytes, a frame some 100.
fn longest(seeds: &Path) -> u64 {
    let files = std::fs::read_dir(seeds).into_iter().flatten().flatten();
    let lengths = files.filter_map(|file| Some(file.metadata().ok()?.len()));
    lengths.max().map_or(0, |length| length + length / 2)
}

fn executions(text: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

/// Returns what the panic said, in the line behind the one that says where.
fn reason(text: &str) -> &str {
    let mut lines = text.lines().skip_while(|line| !line.contains("panicked at"));
    lines.nth(1).unwrap_or("the target failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzers_output_is_understood() {
        let text = "thread '<unnamed>' (1) panicked at src/lib.rs:65:9:\na frame is lost\n\
                    stat::number_of_executed_units: 4711\nstat::average_exec_per_sec:     3";
        assert_eq!((executions(text), reason(text)), (4_711, "a frame is lost"));
        assert_eq!((executions(""), reason("")), (0, "the target failed"));
    }

    #[test]
    fn every_target_is_a_program_and_every_program_a_target() {
        for Suite { folder, targets } in [SENSORS_SUITE, CODEC_SUITE, QUEUE_SUITE, TRANSPORT_SUITE]
        {
            let manifest = process::root().join(folder).join("Cargo.toml");
            let text = std::fs::read_to_string(manifest).unwrap();
            let path = |line: &str| {
                line.strip_prefix("path = \"fuzz_targets/")?
                    .strip_suffix(".rs\"")
                    .map(str::to_owned)
            };
            let built: Vec<String> = text.lines().filter_map(path).collect();
            assert_eq!(built, targets);
        }
    }
}
