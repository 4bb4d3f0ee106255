//! `cargo sizes`.

use crate::args::Args;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::new("`cargo sizes` has not landed yet"))
}

/// Fails when a size program of our own crates can panic.
pub(crate) fn refuse_panics() -> Result<(), Failure> {
    Err(Failure::new("has not landed yet"))
}
