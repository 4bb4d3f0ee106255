//! A copy of the crates that a mutant needs, in a folder below `target/`, with the one change.

use std::fs;
use std::path::{Path, PathBuf};

use super::Mutant;
use crate::failure::{Context, Failure};
use crate::process;

/// Copies the crates, changes the one place, and returns the folder.
///
/// # Errors
/// The place is not there exactly once, or nothing can be written.
pub(super) fn make(mutant: &Mutant, crates: &[&str], folder: &Path) -> Result<PathBuf, Failure> {
    let root = process::root();
    for package in crates {
        copy(&root.join("crates").join(package), &folder.join("crates").join(package))?;
    }
    let manifest = read(&root.join("Cargo.toml"))?;
    let manifest: String = manifest
        .lines()
        .filter(|line| !line.starts_with("exclude = "))
        .map(|line| if line.starts_with("members = ") { "members = [\"crates/*\"]" } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("Cargo.lock"), &read(&root.join("Cargo.lock"))?)?;
    let changed = mutant.applied(&read(&root.join(mutant.file))?)?;
    write(&folder.join(mutant.file), &changed)?;
    Ok(folder.to_owned())
}

/// Copies a folder; what is the same already keeps its time, so that cargo leaves it alone.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).context(|| to.display().to_string())?;
    // What an older copy has and the sources no longer do.
    for entry in fs::read_dir(to).context(|| to.display().to_string())?.flatten() {
        let path = entry.path();
        if !from.join(entry.file_name()).exists() {
            let gone =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            gone.context(|| path.display().to_string())?;
        }
    }
    for entry in fs::read_dir(from).context(|| from.display().to_string())? {
        let entry = entry.context(|| from.display().to_string())?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to)?;
        } else {
            // Bytes, since a stored image is no text.
            write(&to, fs::read(&path).context(|| path.display().to_string())?)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).context(|| path.display().to_string())
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|before| before == bytes.as_ref()) {
        return Ok(());
    }
    fs::write(path, bytes).context(|| path.display().to_string())
}
