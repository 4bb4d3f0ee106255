//! The project's own commands: `demo`, `verify`, `prove`, `sizes`, `bench-peers`
//! and `toolchain`.
//!
//! Each command is a module with one door, `run(Args) -> Result<(), Failure>`. This file only
//! picks the door, so that a command can be read without the others.

mod args;
mod demo;
mod failure;
mod packages;
mod process;
mod prove;
mod python;
mod qmp;
mod sizes;
mod toolchain;
mod verify;
mod workspace;

use std::process::ExitCode;

use args::Args;
use failure::Failure;

const HELP: &str = "\
Sundew's own commands. Run them from anywhere inside the repository.

  cargo demo       sense, normalise, queue and deliver over TLS, live, on one board
  cargo verify     everything that a change must pass
  cargo prove      the long proofs (crash runs, closures, fuzzers)
  cargo sizes      flash, RAM and stack of the size programs, against their budgets
  cargo bench-peers
                   ours beside other crates for the same job
  cargo xtask toolchain
                   prepares the compiler for the embedded targets and says where it is

`cargo COMMAND --help` explains each.";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    match dispatch(&command, Args::new(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_told() {
                eprintln!("error: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, args: Args) -> Result<(), Failure> {
    match command {
        "demo" => demo::run(args),
        "verify" => verify::run(args),
        "prove" => prove::run(args),
        "sizes" => sizes::run(args),
        "bench-peers" => sizes::peers::run(args),
        "toolchain" => toolchain::run(args),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("no command `{other}`\n\n{HELP}"))),
    }
}
