//! What the workspace consists of, as `cargo metadata` tells it.

use std::path::PathBuf;

use cargo_metadata::{MetadataCommand, Package, TargetKind};

use crate::failure::{Context, Failure};
use crate::process;

/// A workspace of firmware, outside ours: it has its own profile, targets and lock file.
pub(crate) struct Firmware {
    /// Its folder, from the root of the repository.
    pub(crate) dir: &'static str,
    /// Its packages, by folder, and the targets that each builds for.
    pub(crate) packages: &'static [(&'static str, &'static [&'static str])],
}

/// Every workspace of firmware.
pub(crate) const FIRMWARE: [Firmware; 4] = [
    Firmware { dir: "boards/atmega328p", packages: &[("boards/atmega328p", &["avr-none"])] },
    Firmware {
        dir: "boards/mps2-an385",
        packages: &[("boards/mps2-an385", &["thumbv7m-none-eabi"])],
    },
    Firmware {
        dir: "boards/riscv-virt",
        packages: &[("boards/riscv-virt", &["riscv32imc-unknown-none-elf"])],
    },
    Firmware {
        dir: "benches/sizes",
        packages: &[
            ("benches/sizes/programs", &["thumbv6m-none-eabi"]),
            ("benches/sizes/cortex-m", &["thumbv6m-none-eabi", "thumbv7m-none-eabi"]),
            ("benches/sizes/riscv32", &["riscv32imc-unknown-none-elf"]),
            ("benches/sizes/avr", &["avr-none"]),
            ("benches/sizes/pulse", &["avr-none"]),
        ],
    },
];

/// Returns the packages of the workspace, sorted by name.
///
/// # Errors
/// A manifest is wrong.
pub(crate) fn packages() -> Result<Vec<Package>, Failure> {
    let mut command = MetadataCommand::new();
    command.no_deps().manifest_path(process::root().join("Cargo.toml"));
    let metadata = command.exec().context(|| "cargo metadata")?;
    let mut packages = metadata.packages;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

/// Returns the packages that must build where there is no operating system.
///
/// # Errors
/// A manifest is wrong, or a source cannot be read.
pub(crate) fn no_std_packages() -> Result<Vec<Package>, Failure> {
    let mut found = Vec::new();
    for package in packages()? {
        if let Some(source) = library_source(&package) {
            let text = std::fs::read_to_string(&source).context(|| source.display().to_string())?;
            if text.contains("no_std") {
                found.push(package);
            }
        }
    }
    Ok(found)
}

fn library_source(package: &Package) -> Option<PathBuf> {
    let is_library = |kinds: &[TargetKind]| kinds.contains(&TargetKind::Lib);
    let library = package.targets.iter().find(|target| is_library(&target.kind))?;
    Some(library.src_path.clone().into_std_path_buf())
}
