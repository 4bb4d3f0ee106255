//! `cargo verify`: everything that a change must pass.
//!
//! Each step has a name, says what it took, and when it fails how to run it alone. A failed step
//! does not end the run: whoever waits for CI wants all of what is wrong, not the first of it.

mod boards;
mod embedded;
mod host;
mod licences;

use std::time::{Duration, Instant};

use crate::args::Args;
use crate::failure::Failure;
use crate::packages;

const HELP: &str = "\
Runs everything that a change must pass, and installs what that needs.

usage: cargo verify [--quick] [--only STEP]... [--list]

  --quick       leaves out the steps that start an emulator
  --only STEP   runs one step; may be given more than once
  --list        lists the steps

A step that fails does not stop the others. The last line is the sum of all tests that ran:
`N passed, N failed`. The exit code is 0 only when every step passed.

Debian 12 with rustup, git and build-essential is enough: the rest is installed by apt-get
when run as root, else named in one line. From a clean clone on 2 cores allow an hour.";

/// One thing that a change must pass.
struct Step {
    name: &'static str,
    what: &'static str,
    /// Whether `--quick` leaves it out.
    emulates: bool,
    run: fn(&mut Tests) -> Result<(), Failure>,
}

const fn step(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Tests) -> Result<(), Failure>,
) -> Step {
    Step { name, what, emulates: false, run }
}

const fn emulated(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Tests) -> Result<(), Failure>,
) -> Step {
    Step { name, what, emulates: true, run }
}

/// The steps, cheapest answer first; the tests already want openssl, mosquitto, nats-server and nginx.
const STEPS: &[Step] = &[
    step("packages", "the system's packages for the steps below", packages_for_all),
    step("fmt", "rustfmt agrees, firmware included", host::fmt),
    step("licences", "every dependency's licence is one of deny.toml's", licences::check),
    step("clippy", "clippy has nothing to say about host code", host::clippy),
    step("test", "tests and doc tests, default features", host::test_default),
    step("test-all-features", "tests and doc tests, all features", host::test_all_features),
    step("docs", "every link of the documentation leads somewhere", host::docs),
    step("toolchain", "a compiler for each embedded target", embedded::toolchain),
    step("features", "each feature by itself on thumbv6m", embedded::features),
    step("targets", "every no_std crate on every target", embedded::targets),
    step("firmware", "boards and size programs build, clippy included", embedded::firmware),
    step("panics", "our own code brings no panic and no float into firmware", embedded::panics),
    emulated("sizes", "flash, RAM and stack are within their budgets", boards::sizes),
    step("units", "cargo prove units, and all of its mutants", boards::units),
    step("drivers-mutant", "the drivers' tests notice a broken driver", boards::drivers_mutant),
    emulated("sensors-an385", "a slice of cargo prove sensors-an385", boards::sensors_an385),
    step("demo-host", "cargo demo", boards::demo_host),
    step("demo-lorawan", "cargo demo --link lorawan-eu868-dr0", boards::demo_lorawan),
    emulated(
        "demo-mps2-an385",
        "cargo demo --board mps2-an385 --profile compact",
        boards::demo_an385,
    ),
    step(
        "queue-closure",
        "a slice of cargo prove queue-closure, and a broken log",
        boards::queue_closure,
    ),
    step(
        "settings-closure",
        "a slice of cargo prove settings-closure, and broken settings",
        boards::settings_closure,
    ),
    step(
        "queue-random",
        "a slice of cargo prove queue-random, and a broken log",
        boards::queue_random,
    ),
    step("crash-host", "a slice of cargo prove crash-host", boards::crash_host),
    step(
        "fuzz",
        "some seconds of each target of fuzz-sensors, codec-fuzz, queue-fuzz and transport-fuzz",
        boards::fuzz,
    ),
    step(
        "identity-closure",
        "a slice of cargo prove identity-closure, and a broken change of records",
        boards::identity_closure,
    ),
    step(
        "cose-interop",
        "cbor2 and OpenSSL check what we sign, and sign what we check",
        boards::cose_interop,
    ),
    step(
        "sealed-frames",
        "a slice of cargo prove sealed-frames, and all of its mutants",
        boards::sealed_frames,
    ),
    step("tls", "cargo prove tls-attacks, and a slice of tls-mutations", boards::tls),
    step("codec-interop", "others decode what the codec writes", boards::codec_interop),
    step(
        "codec-evolution",
        "a slice of cargo prove codec-evolution, and all of its mutants",
        boards::codec_evolution,
    ),
    step(
        "queue-embassy-boot",
        "a slice of cargo prove queue-embassy-boot, and all of its mutants",
        boards::queue_embassy_boot,
    ),
    step(
        "fleet",
        "cargo prove fleet, that its plot is what it gives, and its mutants",
        boards::fleet,
    ),
    emulated(
        "queue-atmega328p",
        "a slice of cargo prove queue-atmega328p, and all of its mutants",
        boards::queue_atmega328p,
    ),
    emulated("crash-an385", "a slice of cargo prove crash-an385", boards::crash_an385),
    emulated(
        "queue-an385",
        "a slice of cargo prove queue-an385, and a mutant",
        boards::queue_an385,
    ),
    emulated("queue-riscv", "a slice of cargo prove queue-riscv", boards::queue_riscv),
];

/// The sums of all `test result` lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tests {
    passed: u64,
    failed: u64,
}

impl Tests {
    /// Takes one line of output, and adds it up when it is a `test result` line.
    fn read_line(&mut self, line: &str) {
        let Some(counts) = line.trim_start().strip_prefix("test result:") else {
            return;
        };
        let count = |word: &str| {
            let (before, _) = counts.split_once(word)?;
            before.split_whitespace().next_back()?.parse::<u64>().ok()
        };
        self.passed += count(" passed").unwrap_or(0);
        self.failed += count(" failed").unwrap_or(0);
    }
}

/// Runs the command.
///
/// # Errors
/// A word is unknown, or a step fails.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}\n\nsteps:");
        list();
        return Ok(());
    }
    if args.flag("--list") {
        list();
        return args.finish();
    }
    let quick = args.flag("--quick");
    let mut only = Vec::new();
    while let Some(name) = args.value("--only")? {
        if !STEPS.iter().any(|step| step.name == name) {
            return Err(Failure::new(format!("no step `{name}`; see cargo verify --list")));
        }
        only.push(name);
    }
    args.finish()?;
    let chosen: Vec<&Step> = if only.is_empty() {
        STEPS.iter().filter(|step| !(quick && step.emulates)).collect()
    } else {
        STEPS.iter().filter(|step| only.iter().any(|name| name == step.name)).collect()
    };
    run_steps(&chosen)
}

fn run_steps(steps: &[&Step]) -> Result<(), Failure> {
    let mut tests = Tests::default();
    let mut table = Vec::new();
    let started = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        println!("\n== {}/{} {}: {}", index + 1, steps.len(), step.name, step.what);
        let begin = Instant::now();
        let outcome = (step.run)(&mut tests);
        let took = begin.elapsed();
        match &outcome {
            Ok(()) => println!("== {} ok, {}", step.name, shown(took)),
            Err(failure) => {
                println!("{failure}");
                println!("== {} FAILED, {}", step.name, shown(took));
                println!("   rerun: cargo verify --only {}", step.name);
            }
        }
        table.push((step.name, took, outcome.is_ok()));
    }

    println!("\nstep                  time  result");
    for (name, took, ok) in &table {
        println!("{name:18} {:>7}  {}", shown(*took), if *ok { "ok" } else { "FAILED" });
    }
    println!("{:18} {:>7}", "all", shown(started.elapsed()));
    let failed: Vec<&str> =
        table.iter().filter(|(_, _, ok)| !ok).map(|(name, _, _)| *name).collect();
    for name in &failed {
        println!("rerun: cargo verify --only {name}");
    }
    println!("{} of {} steps passed; tests:", steps.len() - failed.len(), steps.len());
    // Whoever compares runs reads the last line, so nothing may follow it.
    println!("{} passed, {} failed", tests.passed, tests.failed);
    if failed.is_empty() { Ok(()) } else { Err(Failure::told()) }
}

fn list() {
    for Step { name, what, emulates, .. } in STEPS {
        let note = if *emulates { " (not in --quick)" } else { "" };
        println!("  {name:18} {what}{note}");
    }
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f32();
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
}

fn packages_for_all(_tests: &mut Tests) -> Result<(), Failure> {
    let mut all = vec![
        packages::QEMU_ARM,
        packages::QEMU_RISCV,
        packages::NODE_JS,
        packages::NATS,
        packages::NGINX,
    ];
    all.extend(packages::BROKER);
    all.extend(packages::SIMAVR);
    all.extend(packages::AVR_LINKER);
    packages::ensure(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_results_add_up() {
        let mut tests = Tests::default();
        tests.read_line("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered");
        tests.read_line("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured");
        tests.read_line("test reading ... ok");
        assert_eq!(tests, Tests { passed: 15, failed: 2 });
    }

    #[test]
    fn step_names_are_unique() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(!STEPS.iter().skip(index + 1).any(|other| other.name == step.name));
        }
    }
}
