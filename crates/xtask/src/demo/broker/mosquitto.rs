//! Eclipse Mosquitto, the broker that most devices in the field talk to.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Setup, log};
use crate::demo::guard::Guard;
use crate::failure::{Context, Failure};
use crate::packages::{BROKER, ensure};
use crate::process::{capture, find_program};

/// Holds where the two programs are.
pub(super) struct Found {
    server: PathBuf,
    password_tool: PathBuf,
}

/// Finds mosquitto, or installs it where that is possible.
pub(super) fn find_or_install() -> Result<Found, Failure> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let [server, _clients, _tools] = BROKER;
    ensure(&[server])?;
    find().context(|| "mosquitto was installed but is not on PATH")
}

fn find() -> Option<Found> {
    // Debian keeps servers out of a user's PATH.
    let aside = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].map(Path::new);
    let server = find_program("mosquitto")
        .or_else(|| aside.into_iter().find(|path| path.is_file()).map(Path::to_path_buf))?;
    Some(Found { server, password_tool: find_program("mosquitto_passwd")? })
}

/// Starts mosquitto with a configuration of its own.
pub(super) fn start(found: &Found, setup: &Setup<'_>) -> Result<Guard, Failure> {
    let Setup { folder, certificates, device, tls_port, plain_port } = setup;
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).context(|| format!("cannot write {}", path.display()))
    };
    let passwords = folder.join("broker.passwords");
    let mut hash = Command::new(&found.password_tool);
    hash.arg("-b").arg("-c").arg(&passwords).args([&device.user, &device.password]);
    capture(&mut hash)?;
    let id = &device.id;
    write(
        "broker.acl",
        format!(
            "user {}\ntopic write sundew/{id}/up\ntopic write sundew/{id}/res\n\
             topic write sundew/{id}/birth\n\
             topic read sundew/{id}/cmd\n",
            device.user
        ),
    )?;
    let file = |path: &Path| path.display().to_string();
    // `user` counts only for root: by default mosquitto would change to a user of its own, who
    // cannot read this folder.
    let configuration = folder.join("broker.conf");
    write(
        "broker.conf",
        format!(
            "per_listener_settings true\n\
             persistence false\n\
             log_dest stderr\n\
             log_type all\n\
             user root\n\
             listener {tls_port} 127.0.0.1\n\
             certfile {certificate}\n\
             keyfile {key}\n\
             tls_version tlsv1.3\n\
             allow_anonymous false\n\
             password_file {passwords}\n\
             acl_file {acl}\n\
             listener {plain_port} 127.0.0.1\n\
             allow_anonymous true\n",
            certificate = file(&certificates.server),
            key = file(&certificates.server_key),
            passwords = file(&passwords),
            acl = file(&folder.join("broker.acl")),
        ),
    )?;
    let mut command = Command::new(&found.server);
    command.arg("-c").arg(&configuration).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(log(folder)?);
    Guard::start("mosquitto", &mut command)
}

#[cfg(test)]
pub(super) fn is_there() -> bool {
    find().is_some()
}
