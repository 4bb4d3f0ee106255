//! The boards that the node runs on, each as a process of this computer.

mod an385;
mod host;

use std::path::Path;
use std::process::Command;

use super::ledger::Ledger;
use super::profile::Profile;
use crate::failure::Failure;

/// Runs the node on one kind of board.
pub(crate) trait Board {
    /// Returns the name that `--board` takes.
    fn name(&self) -> &'static str;

    /// Returns the length of the flash image's file in bytes; the part itself is its first MiB.
    fn image_bytes(&self) -> u64;

    /// Returns the command that runs the node until it is killed, its console on stdout.
    fn command(&self, flash: &Path, port: u16) -> Command;

    /// Sets what the sensor measures; `None` where the board's sensor has a mind of its own.
    ///
    /// # Errors
    /// The board does not take it.
    fn set_temperature(&self, millicelsius: i32) -> Option<Result<(), Failure>>;
}

/// Builds the firmware of a board for a profile, which takes its time the first time.
///
/// # Errors
/// There is no such board, or it cannot be built or emulated here.
pub(crate) fn build(
    name: &str,
    profile: Profile,
    ledger: &Ledger,
) -> Result<Box<dyn Board>, Failure> {
    match name {
        "host" => build_host(&["--profile", profile.name()], ledger),
        "mps2-an385" => Ok(Box::new(an385::An385::build(profile, ledger)?)),
        _ => Err(Failure::new(format!("--board {name}: not host or mps2-an385"))),
    }
}

/// Builds the node for this computer, which is told `options` beside flash and port.
///
/// # Errors
/// It cannot be built.
pub(crate) fn build_host(options: &[&str], ledger: &Ledger) -> Result<Box<dyn Board>, Failure> {
    Ok(Box::new(host::Host::build(options, ledger)?))
}
