//! The command `sundew`; see the crate's README.

mod decode;
mod input;
mod json;
mod moment;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

const HELP: &str = "\
sundew - look into what Sundew devices send and store

usage: sundew <command> [options]

commands:
  decode    show a SenML pack or a queue record as a table or JSON lines

sundew <command> --help says more, sundew --version tells the version.
";

/// Says why the command ended early.
enum Failure {
    /// Holds what is wrong with the arguments.
    Usage(String),
    /// Holds what is wrong with the input.
    Input(String),
    /// Holds what went wrong with a file or a pipe.
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    let ended = run(&arguments, &mut out).and_then(|()| Ok(out.flush()?));
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
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(io::stderr(), "sundew: {message}");
    ExitCode::from(code)
}

fn run(arguments: &[String], out: &mut impl Write) -> Result<(), Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(Failure::Usage("no command".into()));
    };
    match command.as_str() {
        "decode" => decode::run(rest, out),
        "help" | "--help" | "-h" => Ok(out.write_all(HELP.as_bytes())?),
        "--version" | "-V" => Ok(writeln!(out, "sundew {}", env!("CARGO_PKG_VERSION"))?),
        other => Err(Failure::Usage(format!("unknown command '{other}'"))),
    }
}
