//! The drivers' own tests at full length: whole raw ranges, and every fault through both twins.
//!
//! The proof stands beside what it proves, in the tests of `sundew-sensors` and `sundew-units`;
//! this runs all of it, the long sweeps included, and counts. A mutant changes one place in a copy
//! of the sources: the tests there must fail.

mod mutants;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::mutant::Nursery;
use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::process::{self, cargo, shown};

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "drivers",
    what: "each driver's whole raw range and all its faults, blocking and async",
    options: &[],
    mutants: &mutants::LISTED,
    run,
};

const PACKAGES: [&str; 2] = ["sundew-sensors", "sundew-units"];
const NURSERY: Nursery = Nursery {
    name: "drivers",
    crates: &["sundew-core", "sundew-sensors", "sundew-testkit", "sundew-units"],
};

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let mutant = request.mutant.and_then(|name| mutants::TABLE.iter().find(|it| it.name == name));
    let tally = match mutant {
        None => {
            let mut tests = cargo();
            tests.arg("test");
            for package in PACKAGES {
                tests.args(["-p", package]);
            }
            tests.args(["--release", "--all-features", "--no-fail-fast", "--quiet"]);
            tests.args(["--", "--include-ignored", "--nocapture", "--format=pretty"]);
            test(&mut tests)?
        }
        Some(mutant) => {
            println!("{}: {}", mutant.file, mutant.breaks);
            let folder = NURSERY.make(mutant)?;
            let mut tests = cargo();
            tests.current_dir(&folder).args(["test", "-p", mutant.package()?, "--all-features"]);
            // The long sweeps of other drivers say nothing about this one.
            tests.args(["--lib", "--tests", "--no-fail-fast", "--quiet", "--target-dir"]);
            tests.arg(NURSERY.target_dir()).args(["--", "--format=pretty"]);
            test(tests.env("CARGO_PROFILE_DEV_DEBUG", "0"))?
        }
    };
    println!("{} tests, {} cases in their sweeps", tally.tests, tally.swept);
    // A table of faults is one test; a test that sweeps says over how many cases.
    Ok(Found { cases: tally.tests + tally.swept, known: 0, violations: tally.failed })
}

/// What the output of the tests adds up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    tests: u64,
    swept: u64,
    /// The names of the tests that failed.
    failed: Vec<String>,
}

impl Tally {
    fn read_line(&mut self, line: &str) {
        // Where one test prints at a time, its name stands before what it prints.
        if let Some((_, number)) = line.split_once("cases: ") {
            let digits = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            self.swept += digits.parse::<u64>().unwrap_or(0);
        }
        let Some(rest) = line.strip_prefix("test ") else { return };
        if let Some((name, "FAILED")) = rest.rsplit_once(" ... ") {
            self.failed.push(name.to_owned());
        } else if let Some(counts) = rest.strip_prefix("result: ") {
            for part in counts.split([';', '.']) {
                if let Some((number, "passed" | "failed")) = part.trim().split_once(' ') {
                    self.tests += number.parse::<u64>().unwrap_or(0);
                }
            }
        }
    }
}

/// Runs tests to their end and adds up what they say.
///
/// # Errors
/// They cannot be run, or end badly though no test failed: the sources do not compile.
fn test(command: &mut Command) -> Result<Tally, Failure> {
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().max(2));
    // With one thread a name and its verdict stand on two lines, with output in between.
    command.env("RUST_TEST_THREADS", threads.to_string()).env("RUST_BACKTRACE", "0");
    // Panics that a test expects would drown the rest.
    let path = process::target_dir().join("prove/drivers.log");
    let folder = path.parent().unwrap_or(&path);
    std::fs::create_dir_all(folder).context(|| folder.display().to_string())?;
    let log = std::fs::File::create(&path).context(|| path.display().to_string())?;
    command.stdin(Stdio::null()).stderr(log);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("cannot start {}", shown(command)))?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context(|| "output of the tests")?;
            let line = String::from_utf8_lossy(&line);
            tally.read_line(&line);
            if line.contains("cases: ") {
                println!("  {line}");
            }
        }
    }
    let status = child.wait().context(|| shown(command))?;
    let is_told = status.success() || !tally.failed.is_empty();
    if !is_told {
        let (command, path) = (shown(command), path.display());
        return Err(Failure::new(format!("{command} ended with {status}; see {path}")));
    }
    if !status.success() {
        println!("what the tests said: {}", path.display());
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_tests_adds_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test parts::sht4x::wire::tests::every_raw_value ... ok",
            "cases: 65536",
            "test the_name ... cases: 12 of 4096",
            "test tmp105_cases::blocking ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out",
            "test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            tally.read_line(line);
        }
        let failed = vec!["tmp105_cases::blocking".to_owned()];
        assert_eq!(tally, Tally { tests: 43, swept: 65_548, failed });
    }
}
