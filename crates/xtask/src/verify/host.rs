//! The steps that need this computer only.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::Tests;
use crate::failure::{Context, Failure};
use crate::process::{self, cargo, shown};
use crate::prove::{embassy_boot, fuzz};
use crate::workspace::FIRMWARE;

/// The broker for machines without mosquitto: a workspace of its own, for its 150 dependencies.
const SPARE_BROKER: &str = "crates/xtask/broker";

pub(super) fn fmt(_tests: &mut Tests) -> Result<(), Failure> {
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    let others = [SPARE_BROKER, embassy_boot::FOLDER].into_iter().chain(fuzz::FOLDERS);
    for dir in FIRMWARE.iter().map(|firmware| firmware.dir).chain(others) {
        let dir = process::root().join(dir);
        process::run(cargo().current_dir(dir).args(["fmt", "--all", "--check"]))?;
    }
    Ok(())
}

pub(super) fn clippy(_tests: &mut Tests) -> Result<(), Failure> {
    for features in [&[][..], &["--all-features"]] {
        let mut command = cargo();
        command.args(["clippy", "--workspace", "--all-targets"]).args(features);
        process::run(command.args(["--", "-D", "warnings"]))?;
    }
    // A machine that has mosquitto never builds the broker: without this it would rot unseen.
    for (folder, target) in [(SPARE_BROKER, "broker"), (embassy_boot::FOLDER, "embassy-boot")] {
        let mut command = cargo();
        command.current_dir(process::root().join(folder));
        command.args(["clippy", "--quiet", "--locked", "--all-targets", "--target-dir"]);
        command.arg(process::target_dir().join(target));
        process::run(command.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

pub(super) fn test_default(tests: &mut Tests) -> Result<(), Failure> {
    test(cargo().args(["test", "--workspace", "--no-fail-fast"]), tests)
}

pub(super) fn test_all_features(tests: &mut Tests) -> Result<(), Failure> {
    test(cargo().args(["test", "--workspace", "--no-fail-fast", "--all-features"]), tests)
}

pub(super) fn docs(_tests: &mut Tests) -> Result<(), Failure> {
    let mut command = cargo();
    command.args(["doc", "--workspace", "--all-features", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs tests, shows all of the output but the tests that passed, and adds their number up.
fn test(command: &mut Command, tests: &mut Tests) -> Result<(), Failure> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("cannot start {}", shown(command)))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context(|| "output of the tests")?;
            tests.read_line(&line);
            if is_worth_showing(&line) {
                println!("{line}");
            }
        }
    }
    let status = child.wait().context(|| shown(command))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{} ended with {status}", shown(command))))
}

fn is_worth_showing(line: &str) -> bool {
    let is_quiet = line.is_empty()
        || (line.starts_with("running ") && line.ends_with("tests"))
        || (line.starts_with("test ") && (line.ends_with("... ok") || line.ends_with("ignored")));
    !is_quiet
}
