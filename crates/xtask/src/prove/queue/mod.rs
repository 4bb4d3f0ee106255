//! The queue and the settings under power cuts: every state that small memories can reach, and
//! random ways through what larger ones can.
//!
//! The proofs stand beside the queue, in `crates/sundew-queue/proofs`: a program that this builds
//! with optimisation and runs. A mutant breaks one place of a copy of the crates.

mod mutants;
mod settings;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::mutant::{Mutant, Nursery};
use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::process::{cargo, shown};

/// The options of a search.
const SEARCHED: &[(&str, &str)] = &[
    ("--geometry", "one geometry instead of all"),
    ("--faults", "one kind of fault instead of all: lasting, ecc or wavering"),
    ("--id", "goes one way again, as a finding names it; wants the two above"),
    ("--from", "the first act of the window, for --id"),
    ("--to", "the act behind the window, for --id"),
    ("--window", "how many acts of the script are searched in one go"),
];

/// The entry of the table for the search.
pub(super) const CLOSURE: Proof = Proof {
    name: "queue-closure",
    what: "every state that any number of power cuts can leave: nothing lost, nothing back",
    options: SEARCHED,
    mutants: &mutants::LISTED,
    run: |request| run("queue-closure", request, &mutants::TABLE),
};

/// The entry of the table for the search of settings.
pub(super) const SETTINGS: Proof = Proof {
    name: "settings-closure",
    what: "the same for settings: each key keeps its value, or has the one that was being saved",
    options: SEARCHED,
    mutants: &settings::LISTED,
    run: |request| run("settings-closure", request, &settings::TABLE),
};

/// The entry of the table for the random runs.
pub(super) const RANDOM: Proof = Proof {
    name: "queue-random",
    what: "1,000,000 random runs with several power cuts, on memories too large to search",
    options: &[
        ("--geometry", "one geometry instead of all"),
        ("--faults", "all (as without it), stable (all but metastable) or metastable"),
    ],
    mutants: &mutants::LISTED,
    run: |request| run("queue-random", request, &mutants::TABLE),
};

const NURSERY: Nursery = Nursery {
    name: "queue",
    crates: &["sundew-core", "sundew-queue", "sundew-store", "sundew-testkit"],
};

fn run(name: &str, request: &Request<'_>, mutants: &[Mutant]) -> Result<Found, Failure> {
    let mutant = request.mutant.and_then(|name| mutants.iter().find(|it| it.name == name));
    let mut proof = program(&NURSERY, "sundew-queue", mutant)?;
    proof.args([name, "--seed", &request.seed.to_string()]);
    heard(&mut proof, request)
}

/// Runs a program that proves as it is asked to, and returns what it found.
///
/// Each line `violation: ..` is one, and the last line is `proofs: cases=N known=K`.
pub(super) fn heard(proof: &mut Command, request: &Request<'_>) -> Result<Found, Failure> {
    if let Some(cases) = request.cases {
        proof.args(["--cases", &cases.to_string()]);
    }
    if let Some(limit) = request.limit {
        proof.args(["--seconds", &limit.as_secs().to_string()]);
    }
    for (option, value) in request.own {
        proof.args([option, value.as_str()]);
    }
    if request.mutant.is_some() {
        proof.arg("--first");
    }
    let mut child = proof
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("cannot start {}", shown(proof)))?;
    let (mut found, mut is_told) = (Found::default(), false);
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context(|| "output of the proof")?;
            if let Some(violation) = line.strip_prefix("violation: ") {
                found.violations.push(violation.to_owned());
            } else if let Some((cases, known)) = counts(&line) {
                (found.cases, found.known, is_told) = (cases, known, true);
            } else {
                println!("{line}");
            }
        }
    }
    let status = child.wait().context(|| shown(proof))?;
    if !status.success() || !is_told {
        return Err(Failure::new(format!("{} ended with {status}", shown(proof))));
    }
    Ok(found)
}

/// Reads the last line of the program: `proofs: cases=N known=K`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (cases, known) = line.strip_prefix("proofs: cases=")?.split_once(" known=")?;
    Some((cases.parse().ok()?, known.parse().ok()?))
}

/// Returns the command that builds the program of a package and runs it, up to its own words.
pub(super) fn program(
    nursery: &Nursery,
    package: &str,
    mutant: Option<&Mutant>,
) -> Result<Command, Failure> {
    let mut proof = cargo();
    if let Some(mutant) = mutant {
        println!("{}: {}", mutant.file, mutant.breaks);
        proof.current_dir(nursery.make(mutant)?).arg("test").arg("--target-dir");
        proof.arg(nursery.target_dir()).env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    } else {
        proof.arg("test");
    }
    proof.args(["--quiet", "--release", "-p", package, "--test", "proofs", "--"]);
    Ok(proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_read_and_others_are_not() {
        assert_eq!(counts("proofs: cases=12 known=3"), Some((12, 3)));
        for other in ["proofs: cases=12", "proofs: cases=x known=0", "cases=1 known=0", ""] {
            assert_eq!(counts(other), None);
        }
    }
}
