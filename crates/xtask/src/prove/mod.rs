//! `cargo prove`: the long proofs. Without a name it lists them.

mod crash;

use std::time::Duration;

use crate::args::Args;
use crate::demo::{BrokerKind, seed};
use crate::failure::Failure;

const HELP: &str = "\
Runs one of the long proofs; `cargo verify` runs a short slice of each.

  cargo prove                  lists the proofs
  cargo prove NAME [OPTIONS]   runs one

  --cases N      how many cases (crash runs: 50)
  --seconds S    starts no new case after S seconds
  --seed N       repeats the choices of an earlier run
  --mutant NAME  breaks something on purpose; the proof must notice, and says so
                 crash runs: forget-record (one row that arrived is forgotten),
                 stale-flash (writes of some cases never become durable)
  --broker NAME  crash runs: any, mosquitto or rumqttd

The last line is for programs: prove: NAME cases=N known=K violations=0 ok";

/// Names each proof, with the board of a crash run, and what it proves.
const PROOFS: [(&str, &str, &str); 2] = [
    ("crash-host", "host", "the node killed at random moments: all that was recorded arrives"),
    ("crash-an385", "mps2-an385", "the same with real firmware, by killing QEMU"),
];

/// Runs the command.
///
/// # Errors
/// The proof found a violation, or could not be run.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}");
        return Ok(());
    }
    let cases = args.number("--cases")?.unwrap_or(50);
    let limit = args.number("--seconds")?.map(Duration::from_secs);
    let seed = args.number("--seed")?.map_or_else(seed, Ok)?;
    let mutant = args.value("--mutant")?.map(|name| name.parse()).transpose()?;
    let broker = args.value("--broker")?.map_or(Ok(BrokerKind::Any), |name| name.parse())?;
    let wanted = args.positional();
    args.finish()?;
    let Some(wanted) = wanted else {
        for (name, _, what) in PROOFS {
            println!("{name:<14} {what}");
        }
        return Ok(());
    };
    let Some((name, board, _)) = PROOFS.into_iter().find(|(name, ..)| *name == wanted) else {
        return Err(Failure::new(format!("no proof `{wanted}`; `cargo prove` lists them")));
    };
    println!("{name}: seed {seed}");
    let options = crash::Options { board, broker, cases, limit, seed, mutant };
    let found = crash::run(&options)?;
    for violation in found.violations.iter().take(20) {
        println!("violation: {violation}");
    }
    verdict(name, seed, mutant, &found)
}

fn verdict(
    name: &str,
    seed: u64,
    mutant: Option<crash::Mutant>,
    found: &crash::Found,
) -> Result<(), Failure> {
    let (cases, violations) = (found.cases, found.violations.len());
    match (mutant, violations) {
        (None, 0) => println!("prove: {name} cases={cases} known=0 violations=0 ok"),
        (None, _) => {
            println!("prove: {name} cases={cases} known=0 violations={violations} FAILED");
            return Err(Failure::new(format!("repeat with: cargo prove {name} --seed {seed}")));
        }
        (Some(mutant), 0) => {
            println!("prove: {name} mutant={mutant} cases={cases} violations=0 FAILED");
            return Err(Failure::new(format!("the mutant {mutant} was not noticed")));
        }
        (Some(mutant), _) => {
            println!(
                "prove: {name} mutant={mutant} cases={cases} violations={violations} caught ok"
            );
        }
    }
    Ok(())
}
