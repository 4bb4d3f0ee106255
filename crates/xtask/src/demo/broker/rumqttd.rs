//! rumqttd, for machines where mosquitto is not and cannot be installed.
//!
//! It is built from `crates/xtask/broker`, a package of its own: some 150 crates that nobody has
//! to build who has mosquitto.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Setup, log};
use crate::demo::guard::Guard;
use crate::demo::ledger::Ledger;
use crate::failure::{Context, Failure};
use crate::process::{cargo, root, run, target_dir};

/// Builds the broker and returns the program.
pub(super) fn build(ledger: &Ledger) -> Result<PathBuf, Failure> {
    ledger.show().say("building rumqttd (1 to 2 minutes the first time)");
    let target = target_dir().join("broker");
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--manifest-path"]);
    build.arg(root().join("crates/xtask/broker/Cargo.toml")).arg("--target-dir").arg(&target);
    run(&mut build)?;
    Ok(target.join("debug/sundew-demo-broker"))
}

/// Starts the broker.
pub(super) fn start(program: &Path, setup: &Setup<'_>) -> Result<Guard, Failure> {
    let mut command = Command::new(program);
    command.arg(setup.tls_port.to_string()).arg(setup.plain_port.to_string());
    command.arg(&setup.certificates.server).arg(&setup.certificates.server_key);
    // The password goes through a file that only this user can read, not through the arguments
    // that every user can list.
    let accounts = setup.folder.join("broker.accounts");
    let account = format!("{}\n{}\n", setup.device.user, setup.device.password);
    std::fs::write(&accounts, account)
        .context(|| format!("cannot write {}", accounts.display()))?;
    command.arg(&accounts).stdin(Stdio::null());
    command.stdout(log(setup.folder)?).stderr(log(setup.folder)?);
    Guard::start("rumqttd", &mut command)
}
