//! The queue in the EEPROM of an ATmega328P in simavr: power is lost at each byte that a script
//! writes, torn in each way, and what the firmware finds is compared with what it had told.

use std::path::PathBuf;
use std::time::Duration;

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::packages::{AVR_LINKER, SIMAVR, ensure};
use crate::process::{capture, capture_within, command, root, run as run_command, target_dir};
use crate::toolchain;

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "queue-atmega328p",
    what: "power lost at every EEPROM write of an ATmega328P in simavr, up to three times in a row",
    options: &[],
    mutants: &[
        (EARLY_ACK, "an acknowledgement is told before it is written"),
        (EARLY_RECORD, "a record is told to be stored before it is"),
    ],
    run,
};

const EARLY_ACK: &str = "early-ack";
const EARLY_RECORD: &str = "early-record";

/// The cuts of a whole run: 2,472 bytes are written, each is torn in six ways, and in most of the
/// boots that follow power is lost again.
const WHOLE: u64 = 44_000;

/// A whole run takes some minutes on two cores.
const PATIENCE: Duration = Duration::from_hours(1);

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    ensure(&SIMAVR)?;
    ensure(&AVR_LINKER)?;
    let toolchain = toolchain::prepare_one("avr-none")?;
    let dir = root().join("boards/atmega328p");
    let mut build = toolchain.cargo("build");
    build.current_dir(&dir).args(["--quiet", "--release", "--locked"]);
    if let Some(mutant) = request.mutant {
        build.args(["--features", &format!("mutant-{mutant}")]);
    }
    run_command(&mut build)?;
    let harness: PathBuf = target_dir().join("embedded/queue-harness");
    let mut compiler = command("cc");
    compiler.current_dir(&dir).args(["-O2", "-Wall", "-Wextra", "harness.c", "-o"]).arg(&harness);
    capture(compiler.args(["-lsimavr", "-lelf"]))?;

    // A mutant shows soon, all along the script.
    let cases = request.cases.or_else(|| request.mutant.map(|_| 300));
    let stride = cases.map_or(1, |cases| WHOLE.div_ceil(cases.max(1)));
    let seconds = request.limit.map_or(0, |limit| limit.as_secs());
    let mut simulator = command(harness);
    simulator.arg(toolchain.release_dir().join("queue.elf"));
    simulator.args([request.seed, stride, seconds].map(|number| number.to_string()));
    let text = capture_within(&mut simulator, PATIENCE)?;
    let answer = text.lines().filter(|line| !line.starts_with("Loaded"));
    answer
        .clone()
        .filter(|line| !line.starts_with("violation"))
        .for_each(|line| println!("  {line}"));
    let number = |before: &str| {
        let rest = text.split(before).nth(1)?;
        rest.split(|c: char| !c.is_ascii_digit()).find(|word| !word.is_empty())?.parse::<u64>().ok()
    };
    let cases = number("cuts ").context(|| format!("no cuts in: {text}"))?;
    let wrong = number("wrong ").context(|| format!("no verdict in: {text}"))?;
    let told = answer.filter_map(|line| line.strip_prefix("violation: ")).map(str::to_owned);
    let mut violations: Vec<String> = told.collect();
    // The harness tells of the first few alone.
    violations.resize(wrong as usize, "one more".to_owned());
    Ok(Found { cases, known: 0, violations })
}
