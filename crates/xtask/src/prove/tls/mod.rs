//! TLS against whoever is on the line, or answers: the proofs stand beside what they prove, in the
//! tests of `sundew-transport`; this runs them at full length and judges what they print.

mod attacks;
mod interop;
mod mutations;

pub(super) use attacks::PROOF as ATTACKS;
pub(super) use interop::PROOF as INTEROP;
pub(super) use mutations::PROOF as MUTATIONS;

use std::path::Path;
use std::process::Stdio;

use super::mutant::{Mutant, Nursery};
use crate::failure::{Context, Failure};
use crate::process::{self, cargo, shown};

const NURSERY: Nursery = Nursery {
    name: "tls",
    crates: &[
        "sundew-core",
        "sundew-identity",
        "sundew-store",
        "sundew-testkit",
        "sundew-transport",
    ],
};

/// Runs one test program to its end and returns what it printed, whether or not it failed.
///
/// # Errors
/// It does not compile, or cannot be run.
fn heard(
    test: &str,
    mutant: Option<&Mutant>,
    told: &[(&str, String)],
) -> Result<(String, bool), Failure> {
    let mut tests = cargo();
    tests.args(["test", "-p", "sundew-transport", "--features", "tls", "--test", test]);
    if let Some(mutant) = mutant {
        println!("{}: {}", mutant.file, mutant.breaks);
        let folder = NURSERY.make(mutant)?;
        tests.current_dir(&folder).arg("--target-dir").arg(NURSERY.target_dir());
        tests.env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    tests.args(["--", "--nocapture", "--include-ignored"]).env("RUST_BACKTRACE", "0");
    for (name, value) in told {
        tests.env(name, value);
    }
    // Panics that a mutant causes would drown the rest.
    let log = process::target_dir().join("prove/tls.log");
    let folder = log.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).context(|| folder.display().to_string())?;
    let file = std::fs::File::create(&log).context(|| log.display().to_string())?;
    let output = tests
        .stdin(Stdio::null())
        .stderr(file)
        .output()
        .context(|| format!("cannot start {}", shown(&tests)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.contains("test result: ") {
        let (command, log) = (shown(&tests), log.display());
        return Err(Failure::new(format!("{command} ended with {}; see {log}", output.status)));
    }
    Ok((text, output.status.success()))
}
