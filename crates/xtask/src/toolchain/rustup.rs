//! The first way: rustup brings the prebuilt `core` of a target, where the internet is reachable.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::Target;
use crate::process;

/// A target is 10 to 30 MB; where nothing answers, this is what a first build loses once.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a failed attempt is remembered: a laptop may be back on a network tomorrow.
const MEMORY: Duration = Duration::from_hours(24);

/// Returns which of the targets rustup's toolchain can build for, adding those that it lacks.
pub(super) fn add(targets: &[Target]) -> Vec<Target> {
    let Ok(installed) = process::capture(rustup().args(["target", "list", "--installed"])) else {
        return Vec::new();
    };
    let mut ready = Vec::new();
    // What fits no prebuilt core has a CPU of its own.
    for target in targets.iter().filter(|target| target.cpu.is_none()) {
        if installed.lines().any(|line| line.trim() == target.triple) {
            ready.push(*target);
        } else if !failed_lately() {
            println!("rustup target add {}", target.triple);
            match process::capture_within(rustup().args(["target", "add", target.triple]), PATIENCE)
            {
                Ok(_) => ready.push(*target),
                Err(failure) => remember(&failure.to_string()),
            }
        }
    }
    ready
}

/// Forgets a failed attempt, so that the next call tries again.
pub(super) fn forget() {
    // It is not there after a success.
    let _ = std::fs::remove_file(memory_file());
}

fn remember(failure: &str) {
    println!("  {failure}; not tried again for a day");
    // A memory that cannot be written costs the next call another attempt, nothing else.
    let _ = std::fs::create_dir_all(super::compose::cache_dir());
    let _ = std::fs::write(memory_file(), failure);
}

fn failed_lately() -> bool {
    let written = std::fs::metadata(memory_file()).and_then(|data| data.modified());
    written.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age < MEMORY))
}

fn memory_file() -> PathBuf {
    super::compose::cache_dir().join("rustup-target-add-failed")
}

fn rustup() -> std::process::Command {
    process::command("rustup")
}
