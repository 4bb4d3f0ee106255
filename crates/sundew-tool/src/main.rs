//! The command `sundew`; see the crate's README.

mod decode;
mod describe;
mod encode;
mod failure;
mod input;
mod json;
mod moment;
mod provision;
mod schema;
mod style;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anstream::AutoStream;
use clap::{Parser, Subcommand};

use failure::Failure;

/// Reads, writes and describes what Sundew devices send and store, and makes their records.
#[derive(Parser)]
#[command(name = "sundew", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  sundew decode 81a3006361697201634365 6c02c48221190929
  sundew encode --to senml air=23.45
  sundew decode --help

Exit codes: 0 done, 1 wrong input, 2 wrong arguments.";

#[derive(Subcommand)]
enum Command {
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Describe(Box<describe::Arguments>),
    Provision(Box<provision::Arguments>),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Colours stay on a terminal only, and only where NO_COLOR is not set.
    let mut out = AutoStream::auto(io::stdout().lock());
    let ended = match arguments.command {
        Command::Decode(arguments) => decode::run(&arguments, &mut out),
        Command::Encode(arguments) => encode::run(&arguments, &mut out),
        Command::Describe(arguments) => describe::run(&arguments, &mut out),
        Command::Provision(arguments) => provision::run(&arguments, &mut out),
    };
    let ended = ended.and_then(|()| Ok(out.flush()?));
    let (message, code) = match ended {
        Ok(()) => return ExitCode::SUCCESS,
        // The reader of a pipe, such as `head`, has seen enough.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(Failure::Usage(message)) => (message + " (see sundew --help)", 2),
        Err(Failure::Input(message)) => (message, 1),
        Err(Failure::Io(error)) => (error.to_string(), 1),
    };
    style::complain(&message);
    ExitCode::from(code)
}
