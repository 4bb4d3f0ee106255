//! Builds one size program for one machine, reads its sizes from the ELF file and runs it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, elf};

use super::programs::{Machine, Run};
use crate::failure::{Context, Failure};
use crate::process;
use crate::toolchain::Toolchain;

/// A program takes some milliseconds; QEMU's start and a busy machine take the rest.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one program costs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// Code, constants and initial values.
    pub(super) flash: u64,
    /// Static data.
    pub(super) ram: u64,
    /// The deepest point below the caller.
    pub(super) stack: u64,
    /// The time in cycles, where the machine counts them.
    pub(super) cycles: Option<u64>,
}

impl Cost {
    /// Returns the cost without what every program carries.
    pub(super) fn without(self, base: Self) -> Self {
        Self {
            flash: self.flash.saturating_sub(base.flash),
            ram: self.ram.saturating_sub(base.ram),
            ..self
        }
    }
}

/// Builds a program, or `base` when `feature` is `None`, and returns its ELF file.
///
/// # Errors
/// It does not compile.
pub(super) fn build(
    toolchain: &Toolchain,
    machine: &Machine,
    feature: Option<&str>,
) -> Result<PathBuf, Failure> {
    let mut cargo = toolchain.cargo("build");
    cargo.current_dir(process::root().join(machine.dir)).args(["--quiet", "--release", "--locked"]);
    if let Some(feature) = feature {
        cargo.arg("--features").arg(format!("size-programs/{feature}"));
    }
    process::capture(&mut cargo)?;
    let suffix = if machine.triple == "avr-none" { "program.elf" } else { "program" };
    Ok(toolchain.release_dir().join(suffix))
}

/// Measures an ELF file: its sections, and the stack that it uses when it runs.
///
/// # Errors
/// It is no ELF file, or the program does not end as it must.
pub(super) fn measure(machine: &Machine, program: &Path) -> Result<Cost, Failure> {
    let (flash, ram) = sections(program)?;
    let answer = answer(machine, program)?;
    let number = |name: &str| {
        let mut words = answer.split_whitespace();
        words.find(|word| *word == name)?;
        words.next()?.parse::<u64>().ok()
    };
    if !answer.contains("done ") {
        return Err(Failure::new(format!("the program did not end as it must: {answer}")));
    }
    let stack = number("stack").context(|| format!("no stack in: {answer}"))?;
    Ok(Cost { flash, ram, stack, cycles: number("cycles") })
}

/// Returns the symbols of `core::panicking` in an ELF file.
///
/// # Errors
/// It is no ELF file.
pub(super) fn panics(program: &Path) -> Result<Vec<String>, Failure> {
    let bytes = std::fs::read(program).context(|| program.display().to_string())?;
    let file = object::File::parse(&*bytes).context(|| program.display().to_string())?;
    let names = file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned));
    // Both ways of mangling spell a path `4core9panicking`.
    Ok(names.filter(|name| name.contains("4core9panicking")).collect())
}

fn sections(program: &Path) -> Result<(u64, u64), Failure> {
    let bytes = std::fs::read(program).context(|| program.display().to_string())?;
    let file = object::File::parse(&*bytes).context(|| program.display().to_string())?;
    let (mut flash, mut ram) = (0, 0);
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        let is_reserved = matches!(section.name(), Ok(".stack" | ".heap"));
        if sh_flags & u64::from(elf::SHF_ALLOC) == 0 || is_reserved {
            continue;
        }
        if section.kind() != SectionKind::UninitializedData {
            flash += section.size();
        }
        if sh_flags & u64::from(elf::SHF_WRITE) != 0 {
            ram += section.size();
        }
    }
    if flash == 0 {
        return Err(Failure::new(format!("{} holds nothing to load", program.display())));
    }
    Ok((flash, ram))
}

fn answer(machine: &Machine, program: &Path) -> Result<String, Failure> {
    let mut command = match machine.run {
        Run::Qemu(emulator, words) => {
            let mut qemu = process::command(emulator);
            qemu.args(words).args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
            qemu.arg("-kernel");
            qemu
        }
        Run::Simavr => process::command(harness()?),
    };
    process::capture_within(command.arg(program), PATIENCE)
}

/// Compiles the harness where it is older than its source, and returns its path.
fn harness() -> Result<PathBuf, Failure> {
    let source = process::root().join("benches/sizes/avr/harness.c");
    let program = process::target_dir().join("embedded/avr-harness");
    let changed = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    if changed(&program).is_none() || changed(&program) < changed(&source) {
        let mut compiler = process::command("cc");
        compiler.args(["-O2", "-Wall", "-Wextra", "-o"]).arg(&program).arg(&source);
        process::capture(compiler.args(["-lsimavr", "-lelf"]))?;
    }
    Ok(program)
}
