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
    /// The time in instructions, where the machine counts those.
    pub(super) instructions: Option<u64>,
}

/// A tick of the AN385's timer at 25 MHz is 40 ns; `-icount shift=7` makes an instruction 128 ns.
const TICKS_TO_INSTRUCTIONS: (u64, u64) = (5, 16);

impl Cost {
    /// Returns the cost without what every program carries.
    pub(super) fn without(self, base: Self) -> Self {
        Self {
            flash: self.flash.saturating_sub(base.flash),
            ram: self.ram.saturating_sub(base.ram),
            cycles: self.cycles.zip(base.cycles).map(|(cycles, base)| cycles.saturating_sub(base)),
            instructions: self
                .instructions
                .zip(base.instructions)
                .map(|(instructions, base)| instructions.saturating_sub(base)),
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
    let (mut flash, mut ram) = sections(program)?;
    let script = script_bytes(program)?;
    flash = flash.saturating_sub(script);
    // On AVR constants lie in RAM.
    if machine.triple == "avr-none" {
        ram = ram.saturating_sub(script);
    }
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
    let (numerator, denominator) = TICKS_TO_INSTRUCTIONS;
    let from_ticks = |ticks| ticks * numerator / denominator;
    let instructions = number("instructions").or_else(|| number("ticks").map(from_ticks));
    Ok(Cost { flash, ram, stack, cycles: number("cycles"), instructions })
}

/// Returns the symbols of `core::panicking` in an ELF file.
///
/// # Errors
/// It is no ELF file.
pub(super) fn panics(program: &Path) -> Result<Vec<String>, Failure> {
    // Both ways of mangling spell a path `4core9panicking`.
    let names = symbols(program)?.into_iter().map(|(name, _)| name);
    Ok(names.filter(|name| name.contains("4core9panicking")).collect())
}

/// Returns the functions of a float library in an ELF file.
///
/// # Errors
/// It is no ELF file.
pub(super) fn floats(program: &Path) -> Result<Vec<String>, Failure> {
    let names = symbols(program)?.into_iter().map(|(name, _)| name);
    Ok(names.filter(|name| is_float(name)).collect())
}

/// Returns whether a symbol is float arithmetic, as libgcc, compiler-rt and the Arm ABI call it.
fn is_float(name: &str) -> bool {
    const OPERATIONS: [&str; 15] = [
        "add", "sub", "mul", "div", "neg", "cmp", "eq", "ne", "lt", "le", "gt", "ge", "unord",
        "pow", "extend",
    ];
    const CONVERSIONS: [&str; 5] = ["fix", "fixuns", "float", "floatun", "trunc"];
    if let Some(arm) = name.strip_prefix("__aeabi_") {
        let types = ["f", "d"];
        return types.iter().any(|it| arm.starts_with(it) && arm != "div0")
            || arm.contains("2f")
            || arm.contains("2d");
    }
    let Some(rest) = name.strip_prefix("__") else { return false };
    let is_one = |start: &str| {
        let types = rest.strip_prefix(start).unwrap_or_default();
        types.starts_with("sf") || types.starts_with("df")
    };
    let ends_in_float = rest.ends_with("sf") || rest.ends_with("df");
    OPERATIONS.into_iter().chain(CONVERSIONS).any(is_one)
        || (rest.starts_with("float") && ends_in_float)
}

/// Returns the bytes of what a program's parts answer, which stands for hardware.
fn script_bytes(program: &Path) -> Result<u64, Failure> {
    let symbols = symbols(program)?;
    let scripts = symbols.iter().filter(|(name, _)| name.contains("6SCRIPT"));
    Ok(scripts.map(|(_, bytes)| bytes).sum())
}

/// Returns the names and lengths of what an ELF file holds.
fn symbols(program: &Path) -> Result<Vec<(String, u64)>, Failure> {
    let bytes = std::fs::read(program).context(|| program.display().to_string())?;
    let file = object::File::parse(&*bytes).context(|| program.display().to_string())?;
    let named =
        |symbol: object::Symbol<'_, '_>| Some((symbol.name().ok()?.to_owned(), symbol.size()));
    Ok(file.symbols().filter_map(named).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_arithmetic_is_known_by_its_names() {
        for name in [
            "__addsf3",
            "__mulsf3",
            "__divdf3",
            "__fixsfsi",
            "__fixunssfsi",
            "__floatsisf",
            "__floatundidf",
            "__ltsf2",
            "__extendsfdf2",
            "__truncdfsf2",
            "__aeabi_fmul",
            "__aeabi_dadd",
            "__aeabi_i2f",
            "__aeabi_f2iz",
            "__aeabi_ul2d",
        ] {
            assert!(is_float(name), "{name}");
        }
        for name in [
            "__mulsi3",
            "__divmodsi4",
            "__udivmodhi4",
            "__aeabi_uidiv",
            "__aeabi_lmul",
            "__aeabi_memcpy",
            "__divdi3",
            "main",
            "__negdi2",
            "__aeabi_idivmod",
        ] {
            assert!(!is_float(name), "{name}");
        }
    }
}
