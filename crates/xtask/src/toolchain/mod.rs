//! `cargo xtask toolchain`: a compiler that can build for each embedded target, and where it is.
//!
//! Two ways lead there. With internet, `rustup target add` brings a prebuilt `core`. Without it, or
//! for AVR, for which nobody ships one, [`compose`] builds `core` from Debian's packages.

mod compose;
mod rustup;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::failure::{Context, Failure};
use crate::process;

const HELP: &str = "\
Prepares the compiler for the embedded targets and says where it is.

usage: cargo xtask toolchain [--composed] [TARGET..]

Without a TARGET it prepares all seven. For each target it takes the first way that works:

  1. `rustup target add TARGET` in the toolchain in use. Never for avr-none: its core must be
     built for one CPU.
  2. On Debian: a compiler composed of the packages rustc-web and rust-web-src (installed
     when run as root) under target/toolchain, with `core` and `alloc` built from source.
     About 25 s per target on 2 cores, then kept until either compiler changes.

--composed skips the first way.

Then, by hand, with the values it prints:
  RUSTC=.../bin/rustc cargo build --release --target thumbv6m-none-eabi";

/// Names a target and the CPU that `core` is built for where the target alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The name that `--target` takes.
    pub(crate) triple: &'static str,
    /// What `-Ctarget-cpu` takes.
    pub(crate) cpu: Option<&'static str>,
}

/// The targets that every `no_std` crate builds for.
pub(crate) const TARGETS: [Target; 7] = [
    Target { triple: "thumbv6m-none-eabi", cpu: None },
    Target { triple: "thumbv7m-none-eabi", cpu: None },
    Target { triple: "thumbv7em-none-eabihf", cpu: None },
    Target { triple: "thumbv8m.main-none-eabihf", cpu: None },
    Target { triple: "riscv32imc-unknown-none-elf", cpu: None },
    Target { triple: "riscv32imac-unknown-none-elf", cpu: None },
    Target { triple: "avr-none", cpu: Some("atmega328p") },
];

/// Builds for one target.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    /// The target that it builds for.
    pub(crate) target: Target,
    /// The composed sysroot; `None` is rustup's own toolchain.
    composed: Option<PathBuf>,
}

impl Toolchain {
    /// Returns `cargo SUBCOMMAND --target ...` at the root of the repository, with what this target
    /// needs in its environment, building below `target/embedded`.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = process::cargo();
        cargo.args([subcommand, "--target", self.target.triple]).arg("--target-dir");
        // A folder of its own: with another compiler, each build would discard the other's.
        cargo.arg(embedded_dir());
        self.set_environment(&mut cargo);
        cargo
    }

    /// Returns `cargo clippy --target ...` with the clippy that belongs to the compiler, where
    /// that is installed.
    pub(crate) fn clippy(&self) -> Option<Command> {
        const DEBIAN: &str = "/usr/bin/cargo-clippy";
        let Some(sysroot) = &self.composed else {
            return Some(self.cargo("clippy"));
        };
        if !Path::new(DEBIAN).exists() {
            return None;
        }
        let mut clippy = process::command(DEBIAN);
        clippy.args(["clippy", "--target", self.target.triple]).arg("--target-dir");
        clippy.arg(embedded_dir()).env("SYSROOT", sysroot);
        self.set_environment(&mut clippy);
        Some(clippy)
    }

    /// Returns the folder where [`Toolchain::cargo`] puts release builds.
    pub(crate) fn release_dir(&self) -> PathBuf {
        embedded_dir().join(self.target.triple).join("release")
    }

    /// Returns the compiler's version, to write beside what was measured with it.
    ///
    /// # Errors
    /// The compiler does not start.
    pub(crate) fn version(&self) -> Result<String, Failure> {
        let mut rustc = match &self.composed {
            Some(sysroot) => process::command(sysroot.join("bin/rustc")),
            None => process::command("rustc"),
        };
        let line = process::capture(rustc.arg("-V").env_remove("LD_LIBRARY_PATH"))?;
        Ok(line.split_whitespace().nth(1).unwrap_or(line.trim()).to_owned())
    }

    fn set_environment(&self, command: &mut Command) {
        // It would override the flags below; LD_LIBRARY_PATH (cargo sets it for what it runs)
        // would hand one compiler the libraries of the other.
        command.env_remove("RUSTFLAGS").env_remove("LD_LIBRARY_PATH");
        if let Some(sysroot) = &self.composed {
            command.env("RUSTC", sysroot.join("bin/rustc"));
        }
        if let Some(cpu) = self.target.cpu {
            let name = self.target.triple.to_uppercase().replace(['-', '.'], "_");
            command.env(format!("CARGO_TARGET_{name}_RUSTFLAGS"), format!("-Ctarget-cpu={cpu}"));
        }
    }
}

/// Prepares a compiler for each of the targets, in their order.
///
/// # Errors
/// Neither way works here; the failure says what to install.
pub(crate) fn prepare(targets: &[Target]) -> Result<Vec<Toolchain>, Failure> {
    let with_rustup = rustup::add(targets);
    let rest: Vec<Target> =
        targets.iter().copied().filter(|target| !with_rustup.contains(target)).collect();
    let composed = if rest.is_empty() {
        None
    } else {
        Some(compose::sysroot(&rest).inspect_err(|_| rustup::forget())?)
    };
    let toolchain = |target: &Target| Toolchain {
        target: *target,
        composed: if with_rustup.contains(target) { None } else { composed.clone() },
    };
    Ok(targets.iter().map(toolchain).collect())
}

/// Prepares a compiler for each of the targets, one and the same where that is possible.
///
/// Two compilers make two sizes of one program; only the composed one builds for every target.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn prepare_to_measure(targets: &[Target]) -> Result<Vec<Toolchain>, Failure> {
    match compose::sysroot(targets) {
        Ok(sysroot) => Ok(composed(targets, &sysroot)),
        Err(_) => prepare(targets),
    }
}

/// Prepares a compiler for one target, by its name.
///
/// # Errors
/// The target is none of [`TARGETS`], or cannot be prepared here.
pub(crate) fn prepare_one(triple: &str) -> Result<Toolchain, Failure> {
    prepare(&[find(triple)?])?.pop().context(|| format!("no compiler for {triple}"))
}

/// Finds one of [`TARGETS`] by its name.
///
/// # Errors
/// It is none of them; the failure lists them.
pub(crate) fn find(triple: &str) -> Result<Target, Failure> {
    TARGETS.into_iter().find(|target| target.triple == triple).context(|| {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.triple).collect();
        format!("unknown target `{triple}`; known: {}", known.join(" "))
    })
}

/// Runs the command.
///
/// # Errors
/// A word is unknown, or a target cannot be prepared here.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}");
        return Ok(());
    }
    let composed_only = args.flag("--composed");
    let mut targets = Vec::new();
    while let Some(triple) = args.positional() {
        targets.push(find(&triple)?);
    }
    args.finish()?;
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    let toolchains = if composed_only {
        let sysroot = compose::sysroot(&targets)?;
        let composed =
            |target: &Target| Toolchain { target: *target, composed: Some(sysroot.clone()) };
        targets.iter().map(composed).collect()
    } else {
        prepare(&targets)?
    };
    for toolchain in &toolchains {
        println!("{}", describe(toolchain)?);
    }
    Ok(())
}

fn composed(targets: &[Target], sysroot: &Path) -> Vec<Toolchain> {
    let toolchain =
        |target: &Target| Toolchain { target: *target, composed: Some(sysroot.to_path_buf()) };
    targets.iter().map(toolchain).collect()
}

fn describe(toolchain: &Toolchain) -> Result<String, Failure> {
    let Target { triple, cpu } = toolchain.target;
    let rustc = match &toolchain.composed {
        Some(sysroot) => format!("RUSTC={}", sysroot.join("bin/rustc").display()),
        None => "the toolchain of rustup, nothing to set".to_owned(),
    };
    let flags = cpu.map(|cpu| format!(" RUSTFLAGS=-Ctarget-cpu={cpu}")).unwrap_or_default();
    Ok(format!("{triple:30} {} {rustc}{flags}", toolchain.version()?))
}

fn embedded_dir() -> PathBuf {
    process::target_dir().join("embedded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn avr_is_built_for_one_cpu_wherever_its_core_comes_from() {
        let target = find("avr-none").unwrap();
        let toolchain = Toolchain { target, composed: Some(PathBuf::from("/s")) };
        let cargo = toolchain.cargo("build");
        let value = |name: &str| {
            let found = cargo.get_envs().find(|(key, _)| *key == name).and_then(|(_, v)| v);
            found.map(|value| value.to_string_lossy().into_owned())
        };
        assert_eq!(
            value("CARGO_TARGET_AVR_NONE_RUSTFLAGS").as_deref(),
            Some("-Ctarget-cpu=atmega328p")
        );
        assert_eq!(value("RUSTC").as_deref(), Some("/s/bin/rustc"));
    }

    #[test]
    fn an_unknown_target_is_answered_with_the_known_ones() {
        let failure = find("thumbv6m").unwrap_err().to_string();
        assert!(failure.contains("thumbv6m-none-eabi"), "{failure}");
    }
}
