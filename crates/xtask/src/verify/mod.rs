//! `cargo verify`.

use crate::args::Args;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::new("`cargo verify` has not landed yet"))
}
