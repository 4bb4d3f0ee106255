//! The simulated board: a process of this computer.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Board;
use crate::demo::ledger::Ledger;
use crate::failure::Failure;
use crate::process::{cargo, command, run, target_dir};

/// Holds the program that was built.
pub(super) struct Host {
    program: PathBuf,
    /// Says what the program is told beside flash and port.
    options: Vec<String>,
}

impl Host {
    /// Builds `boards/host`.
    pub(super) fn build(options: &[&str], ledger: &Ledger) -> Result<Self, Failure> {
        ledger.show().say("building the node for this computer");
        run(cargo().args(["build", "--quiet", "--package", "sundew-board-host"]))?;
        let options = options.iter().map(|&option| option.to_owned()).collect();
        Ok(Self { program: target_dir().join("debug/sundew-board-host"), options })
    }
}

impl Board for Host {
    fn name(&self) -> &'static str {
        "host"
    }

    fn image_bytes(&self) -> u64 {
        1 << 20
    }

    fn command(&self, flash: &Path, port: u16) -> Command {
        let mut node = command(&self.program);
        node.arg("--flash").arg(flash).arg("--port").arg(port.to_string());
        node.args(&self.options);
        node
    }

    fn set_temperature(&self, _millicelsius: i32) -> Option<Result<(), Failure>> {
        None
    }
}
