//! `cargo prove`: the long proofs. Without a name it lists them.
//!
//! Each proof is a module that describes itself as a [`Proof`]; [`PROOFS`] is the table of them.
//! What all have in common stands here: the options, the loop over mutants, the last line.

mod cose;
mod crash;
mod drivers;
pub(crate) mod embassy_boot;
mod evolution;
mod fleet;
pub(crate) mod fuzz;
mod identity;
mod interop;
mod mutant;
mod pulse_avr;
mod queue;
mod queue_atmega328p;
mod queue_boards;
mod sealed_frames;
mod sensors_an385;
mod tls;
mod units;

use std::time::Duration;

use crate::args::Args;
use crate::demo::seed;
use crate::failure::{Context, Failure};

const HELP: &str = "\
Runs one of the long proofs; `cargo verify` runs a short slice of each.

  cargo prove                  lists the proofs
  cargo prove NAME [OPTIONS]   runs one

  --cases N      how many cases
  --seconds S    starts no new case after S seconds
  --seed N       repeats the choices of an earlier run
  --mutant NAME  breaks something on purpose; the proof must notice, and says so.
                 `all` runs the proof once with each of its mutants

The last line is for programs: prove: NAME cases=N known=K violations=0 ok

Proofs, with their own options and their mutants:";

/// Every proof, in the order of the list.
const PROOFS: &[Proof] = &[
    crash::HOST,
    crash::AN385,
    queue::CLOSURE,
    queue::RANDOM,
    queue::SETTINGS,
    identity::PROOF,
    units::PROOF,
    drivers::PROOF,
    fuzz::SENSORS,
    fuzz::CODEC,
    fuzz::QUEUE,
    fuzz::TRANSPORT,
    interop::PROOF,
    cose::PROOF,
    evolution::PROOF,
    pulse_avr::PROOF,
    queue_atmega328p::PROOF,
    sensors_an385::PROOF,
    embassy_boot::PROOF,
    fleet::PROOF,
    queue_boards::AN385,
    queue_boards::RISCV,
    sealed_frames::PROOF,
    tls::ATTACKS,
    tls::INTEROP,
    tls::MUTATIONS,
];

/// Describes a proof.
pub(super) struct Proof {
    /// The word after `cargo prove`.
    name: &'static str,
    /// What it proves, for the list.
    what: &'static str,
    /// The options that only this proof takes, each with a value, and what they do.
    options: &'static [(&'static str, &'static str)],
    /// What it can break on purpose, and how.
    mutants: &'static [(&'static str, &'static str)],
    run: fn(&Request<'_>) -> Result<Found, Failure>,
}

/// Holds what a run is told.
pub(super) struct Request<'a> {
    /// How many cases; each proof has its own default.
    cases: Option<u64>,
    /// Ends the run after the case that passes this time.
    limit: Option<Duration>,
    seed: u64,
    /// One of the proof's mutants.
    mutant: Option<&'static str>,
    /// What was given of the proof's own options.
    own: &'a [(&'static str, String)],
}

impl Request<'_> {
    /// Returns the value of one of the proof's own options.
    fn value(&self, option: &str) -> Option<&str> {
        let given = self.own.iter().find(|(name, _)| *name == option)?;
        Some(&given.1)
    }
}

/// Holds what a run found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many cases were judged.
    cases: u64,
    /// How many of them differ in a way that is known and documented.
    known: u64,
    /// What is wrong, a line each.
    violations: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// The proof found a violation, or could not be run.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        help();
        return Ok(());
    }
    let cases = args.number("--cases")?;
    let limit = args.number("--seconds")?.map(Duration::from_secs);
    let seed = args.number("--seed")?.map_or_else(seed, Ok)?;
    let mutant = args.value("--mutant")?;
    // A value of an option could pass for the name, so options go first: all proofs' options.
    let mut own = Vec::new();
    for (option, _) in PROOFS.iter().flat_map(|proof| proof.options) {
        if let Some(value) = args.value(option)? {
            own.push((*option, value));
        }
    }
    let wanted = args.positional();
    args.finish()?;
    let Some(wanted) = wanted else {
        for proof in PROOFS {
            println!("{:<14} {}", proof.name, proof.what);
        }
        return Ok(());
    };
    let proof = PROOFS.iter().find(|proof| proof.name == wanted);
    let proof = proof.context(|| format!("no proof `{wanted}`; `cargo prove` lists them"))?;
    for (option, _) in &own {
        if !proof.options.iter().any(|(name, _)| name == option) {
            return Err(Failure::new(format!("{option} is not an option of {}", proof.name)));
        }
    }
    println!("{}: seed {seed}", proof.name);
    let mut failed = Vec::new();
    for mutant in chosen(proof, mutant.as_deref())? {
        let request = Request { cases, limit, seed, mutant, own: &own };
        let found = (proof.run)(&request)?;
        for violation in found.violations.iter().take(20) {
            println!("violation: {violation}");
        }
        failed.extend(verdict(proof.name, &request, &found).err());
    }
    match failed.into_iter().next() {
        None => Ok(()),
        Some(first) => Err(first),
    }
}

/// Returns what to run: the proof as it is, one mutant, or each of them.
fn chosen(proof: &Proof, mutant: Option<&str>) -> Result<Vec<Option<&'static str>>, Failure> {
    let names = proof.mutants.iter().map(|(name, _)| *name);
    match mutant {
        None => Ok(vec![None]),
        Some("all") => Ok(names.map(Some).collect()),
        Some(wanted) => {
            let known = names.clone().collect::<Vec<_>>().join(", ");
            let name = names.into_iter().find(|name| *name == wanted);
            name.context(|| format!("--mutant {wanted}: not one of: {known}"))
                .map(|name| vec![Some(name)])
        }
    }
}

fn verdict(name: &str, request: &Request<'_>, found: &Found) -> Result<(), Failure> {
    let Found { cases, known, violations } = found;
    let (seed, violations) = (request.seed, violations.len());
    match (request.mutant, violations) {
        // A proof that judged nothing has proved nothing.
        (None, 0) if *cases > 0 => {
            println!("prove: {name} cases={cases} known={known} violations=0 ok");
        }
        (None, _) => {
            println!("prove: {name} cases={cases} known={known} violations={violations} FAILED");
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

fn help() {
    println!("{HELP}");
    for Proof { name, what, options, mutants, .. } in PROOFS {
        println!("\n  {name}: {what}");
        for (option, does) in *options {
            println!("    {option:<20} {does}");
        }
        for (mutant, breaks) in *mutants {
            println!("    --mutant {mutant}: {breaks}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn names_are_unique() {
        for (index, proof) in PROOFS.iter().enumerate() {
            assert!(PROOFS.iter().skip(index + 1).all(|other| other.name != proof.name));
            for (at, (mutant, _)) in proof.mutants.iter().enumerate() {
                assert!(*mutant != "all");
                assert!(proof.mutants.iter().skip(at + 1).all(|(other, _)| other != mutant));
            }
        }
    }

    #[test]
    fn what_no_proof_knows_is_refused_before_anything_runs() {
        for line in ["crash", "crash-host --mutant none", "crash-host --sort b", "crash-host x"] {
            assert!(run(args(line)).is_err(), "{line}");
        }
    }

    #[test]
    fn all_mutants_are_every_mutant() {
        let all = chosen(&crash::HOST, Some("all")).unwrap();
        assert_eq!(all, [Some("forget-record"), Some("stale-flash")]);
        assert_eq!(chosen(&crash::HOST, None).unwrap(), [None]);
    }

    #[test]
    fn nothing_judged_is_no_proof() {
        let request = Request { cases: None, limit: None, seed: 1, mutant: None, own: &[] };
        assert!(verdict("x", &request, &Found::default()).is_err());
        assert!(verdict("x", &request, &Found { cases: 1, ..Found::default() }).is_ok());
        let wrong = Found { cases: 1, violations: vec!["lost".to_owned()], ..Found::default() };
        assert!(verdict("x", &request, &wrong).is_err());
        let mutant = Request { mutant: Some("m"), ..request };
        assert!(verdict("x", &mutant, &wrong).is_ok());
        assert!(verdict("x", &mutant, &Found { cases: 1, ..Found::default() }).is_err());
    }
}
