//! The pulse counter on an ATmega328P in simavr: a timer interrupt counts while the loop reads, and
//! each value that was read is compared with what had been counted before and after.

use std::time::Duration;

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::packages::{AVR_LINKER, SIMAVR, ensure};
use crate::process::{capture, capture_within, command, root, run as run_command, target_dir};
use crate::toolchain;

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "pulse-avr",
    what: "204,801 reads of a counter that an interrupt writes, in simavr; cycles of each call",
    options: &[],
    mutants: &[(TORN, "the count is read in two halves, some instructions apart")],
    run,
};

const TORN: &str = "torn-read";

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    ensure(&SIMAVR)?;
    ensure(&AVR_LINKER)?;
    let toolchain = toolchain::prepare_one("avr-none")?;
    let dir = root().join("benches/sizes/pulse");
    let mut build = toolchain.cargo("build");
    build.current_dir(&dir).args(["--quiet", "--release", "--locked"]);
    if request.mutant == Some(TORN) {
        build.args(["--features", "mutant-torn"]);
    }
    run_command(&mut build)?;
    let harness = target_dir().join("embedded/pulse-harness");
    let mut compiler = command("cc");
    compiler.current_dir(&dir).args(["-O2", "-Wall", "-Wextra", "harness.c", "-o"]).arg(&harness);
    capture(compiler.args(["-lsimavr", "-lelf"]))?;

    let program = toolchain.release_dir().join("pulse.elf");
    let text = capture_within(command(harness).arg(program), Duration::from_mins(2))?;
    let answer = text.lines().filter(|line| !line.starts_with("Loaded"));
    answer.for_each(|line| println!("  {line}"));
    let number = |before: &str| {
        let rest = text.split(before).nth(1)?;
        rest.split(|c: char| !c.is_ascii_digit()).find(|word| !word.is_empty())?.parse::<u64>().ok()
    };
    let reads = number("reads ").context(|| format!("no reads in: {text}"))?;
    let wrong = number("wrong ").context(|| format!("no verdict in: {text}"))?;
    let violations = match wrong {
        0 => Vec::new(),
        wrong => vec![format!("{wrong} of {reads} reads were wrong")],
    };
    Ok(Found { cases: reads, known: 0, violations })
}
