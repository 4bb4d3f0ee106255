//! The explorer on a store that nobody here wrote: the swap of embassy-boot 0.7.0.
//!
//! A harness that only ever says "nothing found" could be blind. This bootloader is sound where a
//! cut falls between two operations of a plain NOR flash, and stops for ever where words may be
//! programmed once or tear: what is to be found is known, with its cause, in `known.tsv`. The run
//! fails where something else is found, and where something known is not.

mod known;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::process::{self, cargo, shown};
use known::{Ran, Row};

/// A workspace of its own: some 30 crates that only this proof needs.
pub(crate) const FOLDER: &str = "crates/xtask/embassy-boot";

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "queue-embassy-boot",
    what: "the explorer finds what is known to be wrong with embassy-boot's swap, and no more",
    options: &[
        ("--model", "one closure instead of the sweeps and all closures"),
        ("--rerun", "goes the way of this id again, in the closure that --model names"),
    ],
    mutants: &[
        ("forgets-progress", "the progress of a swap is never written"),
        ("allows-rewrite", "every word may be programmed twice"),
    ],
    run,
};

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let mut proof = process::command(build()?);
    for option in ["--model", "--rerun"] {
        if let Some(value) = request.value(option) {
            proof.args([option, value]);
        }
    }
    if let Some(mutant) = request.mutant {
        proof.args(["--mutant", mutant]);
    }
    if let Some(states) = request.cases {
        proof.args(["--states", &states.to_string()]);
    }
    if let Some(limit) = request.limit {
        proof.args(["--seconds", &limit.as_secs().to_string()]);
    }
    let (ran, found) = output(&mut proof)?;
    if request.value("--rerun").is_some() {
        return Ok(Found { cases: 1, ..Found::default() });
    }
    Ok(known::judged(&ran, &found, &known::rows()?))
}

fn build() -> Result<PathBuf, Failure> {
    let target = process::target_dir().join("embassy-boot");
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "--locked", "--manifest-path"]);
    build.arg(process::root().join(FOLDER).join("Cargo.toml")).arg("--target-dir").arg(&target);
    process::run(&mut build)?;
    Ok(target.join("release/sundew-embassy-boot"))
}

/// Runs the program, shows what it says to people and returns what it says to programs.
fn output(command: &mut Command) -> Result<(Vec<Ran>, Vec<Row>), Failure> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("cannot start {}", shown(command)))?;
    let (mut ran, mut found) = (Vec::new(), Vec::new());
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context(|| "output of the proof")?;
            match line.split_once('\t') {
                None => println!("{line}"),
                Some(("ran", rest)) => ran.push(Ran::read(rest)?),
                Some((_, rest)) => found.push(Row::read(rest)?),
            }
        }
    }
    let status = child.wait().context(|| shown(command))?;
    if status.success() {
        return Ok((ran, found));
    }
    Err(Failure::new(format!("{} ended with {status}", shown(command))))
}
