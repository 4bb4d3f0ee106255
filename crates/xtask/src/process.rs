//! Programs that these commands start, and where they start them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure};

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Returns the folder that holds everything that is built; `cargo clean` empties it.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Starts a command at the root of the repository, for the caller to add to.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Starts `cargo`, without what the outer cargo left in the environment for this process.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a command to its end, its output on this terminal.
///
/// # Errors
/// It cannot be started, or it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().context(|| format!("cannot start {}", shown(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{} ended with {status}", shown(command))))
}

/// Runs a command quietly and returns what it printed on stdout.
///
/// # Errors
/// It cannot be started, or it fails: what it printed is then in the failure.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .context(|| format!("cannot start {}", shown(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{} ended with {}\n{text}{errors}", shown(command), output.status)))
}

/// Finds a program on PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Shows a command as it would be typed.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command quietly, and ends it when it takes longer than `limit`; returns what it printed
/// on stdout, which must be less than a pipe holds (64 KiB).
///
/// # Errors
/// It cannot be started, it fails, or it took too long.
pub(crate) fn capture_within(command: &mut Command, limit: Duration) -> Result<String, Failure> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context(|| format!("cannot start {}", shown(command)))?;
    let status = loop {
        match child.try_wait().context(|| shown(command))? {
            Some(status) => break Some(status),
            None if started.elapsed() > limit => {
                // It may have ended by itself just now; either way it is gone afterwards.
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let mut text = String::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_string(&mut text).context(|| shown(command))?;
    }
    match status {
        Some(status) if status.success() => Ok(text),
        Some(status) => {
            Err(Failure::new(format!("{} ended with {status}\n{text}", shown(command))))
        }
        None => {
            let seconds = limit.as_secs();
            Err(Failure::new(format!("{} took over {seconds} s\n{text}", shown(command))))
        }
    }
}
