//! `cargo sizes`: what each crate costs a vendor, measured, against budgets.

mod book;
mod measure;
mod parts;
pub(crate) mod peers;
mod programs;
mod table;
mod wear;

use std::fs::File;

use crate::args::Args;
use crate::failure::{Context, Failure};
use crate::packages::{self, AVR_LINKER, QEMU_ARM, QEMU_RISCV, SIMAVR};
use crate::process;
use crate::toolchain::{self, Toolchain};
use book::Book;
use measure::{Cost, build, floats, measure, panics};
use programs::{MACHINES, Machine, PROGRAMS, Panics, Program, drivers};

const HELP: &str = "\
Measures flash, static RAM and deepest stack of the size programs in benches/sizes.

usage: cargo sizes [--check | --bless] [--only PROGRAM]

  (neither)       measures, prints the table, rewrites it in README.md from sizes.toml
  --check         fails on a passed budget, on numbers that sizes.toml no longer tells,
                  and on a table in a README that differs from sizes.toml
  --bless         writes what was measured to sizes.toml and the READMEs. Budgets stay:
                  they are raised by hand, with a reason in the commit
  --only PROGRAM  one program instead of all; `drivers` is each driver alone

Flash is all that is loaded, RAM what is static, both without what the empty program `base`
carries; stack is the deepest point below the caller. QEMU runs the Cortex-M and RISC-V
programs on a painted stack, simavr the ATmega328P's with the stack pointer watched.";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Show,
    Check,
    Bless,
}

/// Runs the command.
///
/// # Errors
/// A program does not build or run, or with `--check` something is over its budget.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}");
        return Ok(());
    }
    let mode = match (args.flag("--check"), args.flag("--bless")) {
        (false, false) => Mode::Show,
        (true, false) => Mode::Check,
        (false, true) => Mode::Bless,
        (true, true) => return Err(Failure::new("--check and --bless exclude each other")),
    };
    let only = args.value("--only")?;
    args.finish()?;
    let all = all();
    let chosen = chosen(&all, only.as_deref())?;

    prepare_machines()?;
    let _lock = lock()?;
    let mut book = Book::open()?;
    let mut wrong = Vec::new();
    for (machine, toolchain) in MACHINES.iter().zip(toolchains()?) {
        let compiler = toolchain.version()?;
        println!("{} (rustc {compiler})", machine.triple);
        let base = measure_one(&toolchain, machine, None)?;
        println!("  {:16} {}", "base", shown(base));
        for program in &chosen {
            if let Some(reason) = not_on(program, machine) {
                println!("  {:16} not on this target: {reason}", program.name);
                continue;
            }
            if !is_on(program, machine) {
                continue;
            }
            let cost = measure_one(&toolchain, machine, Some(program))
                .context(|| format!("{} on {}", program.name, machine.triple))?
                .without(base);
            println!("  {:16} {}", program.name, shown(cost));
            if mode == Mode::Bless {
                book.bless(program.name, machine.triple, cost);
            }
            if mode != Mode::Show {
                wrong.extend(book.judge(program.name, machine.triple, cost, &compiler));
            }
        }
        if mode == Mode::Bless {
            book.set_compiler(machine.triple, &compiler);
        }
    }
    if mode == Mode::Bless {
        book.save()?;
    }
    let table = table::markdown(&book);
    println!("\nflash / RAM / stack in bytes, as in sizes.toml:\n\n{table}");
    let handshakes = table::handshake(table::handshakes(&book));
    for place in [table::sizes(table), table::parts(parts::markdown(&book)), handshakes] {
        if mode == Mode::Check {
            wrong.extend(place.judge());
        } else {
            place.write()?;
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(wrong.join("\n       ")))
}

/// Fails when a size program of our own crates can panic or counts in floats, or when this check
/// would not see it.
///
/// # Errors
/// A program holds a symbol of `core::panicking`, or a function of a float library; the failure
/// names all of them.
pub(crate) fn refuse_panics_and_floats() -> Result<(), Failure> {
    packages::ensure(&AVR_LINKER)?;
    let _lock = lock()?;
    let (all, mut wrong) = (all(), Vec::new());
    for (machine, toolchain) in MACHINES.iter().zip(toolchains()?) {
        let mutant = build(&toolchain, machine, Some("mutant-panics"))?;
        if panics(&mutant)?.is_empty() {
            wrong.push(format!("{}: the check does not see a panic", machine.triple));
        }
        let mutant = build(&toolchain, machine, Some("mutant-floats"))?;
        if floats(&mutant)?.is_empty() {
            wrong.push(format!("{}: the check does not see a float", machine.triple));
        }
        for program in &all {
            if not_on(program, machine).is_some() || !is_on(program, machine) {
                continue;
            }
            let file = build(&toolchain, machine, Some(program.name))?;
            let found = panics(&file)?;
            let place = format!("{} on {}", program.name, machine.triple);
            wrong.extend(floats(&file)?.iter().map(|symbol| format!("{place}: {symbol}")));
            match program.panics {
                Panics::Refused => {
                    wrong.extend(found.iter().map(|symbol| format!("{place}: {symbol}")));
                }
                Panics::Known(_) if found.is_empty() => {
                    wrong.push(format!("{place}: no panic any more; say so in programs.rs"));
                }
                Panics::Known(reason) => println!("  {place}: known: {reason}"),
            }
        }
        println!("{}: looked at", machine.triple);
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("panics or floats are linked:\n  {}", wrong.join("\n  "))))
}

fn measure_one(
    toolchain: &Toolchain,
    machine: &Machine,
    program: Option<&Program>,
) -> Result<Cost, Failure> {
    let mut cost = measure(machine, &build(toolchain, machine, program.map(|it| it.name))?)?;
    let sources = process::root().join("benches/sizes/programs/src");
    for recording in program.map(|it| it.recordings).unwrap_or_default() {
        let path = sources.join(recording);
        let bytes = std::fs::metadata(&path).context(|| path.display().to_string())?.len();
        cost.flash -= bytes;
        // On AVR constants lie in RAM.
        if machine.triple == "avr-none" {
            cost.ram -= bytes;
        }
    }
    Ok(cost)
}

fn all() -> Vec<Program> {
    PROGRAMS.iter().copied().chain(drivers()).collect()
}

fn chosen<'p>(all: &'p [Program], only: Option<&str>) -> Result<Vec<&'p Program>, Failure> {
    let Some(wanted) = only else { return Ok(all.iter().collect()) };
    let is_meant = |program: &&Program| {
        program.name == wanted || (wanted == "drivers" && program.name.starts_with("driver-"))
    };
    let found: Vec<&Program> = all.iter().filter(is_meant).collect();
    if found.is_empty() {
        let names: Vec<&str> = all.iter().map(|program| program.name).collect();
        let names = names.join(" ");
        return Err(Failure::new(format!("no program `{wanted}`; there are {names}")));
    }
    Ok(found)
}

fn is_on(program: &Program, machine: &Machine) -> bool {
    program.only_on.is_empty() || program.only_on.contains(&machine.triple)
}

fn not_on(program: &Program, machine: &Machine) -> Option<&'static str> {
    let row = program.not_on.iter().find(|(triple, _)| *triple == machine.triple)?;
    Some(row.1)
}

fn prepare_machines() -> Result<(), Failure> {
    let mut all = vec![QEMU_ARM, QEMU_RISCV];
    all.extend(AVR_LINKER);
    all.extend(SIMAVR);
    packages::ensure(&all)
}

/// Returns a compiler for each machine, the same one for all where that is possible.
fn toolchains() -> Result<Vec<Toolchain>, Failure> {
    let targets: Result<Vec<_>, _> =
        MACHINES.iter().map(|machine| toolchain::find(machine.triple)).collect();
    toolchain::prepare_to_measure(&targets?)
}

/// Two runs at once would measure each other's builds.
fn lock() -> Result<File, Failure> {
    let dir = process::target_dir().join("embedded");
    std::fs::create_dir_all(&dir).context(|| dir.display().to_string())?;
    let file = File::create(dir.join("sizes.lock")).context(|| "sizes.lock")?;
    file.lock().context(|| "sizes.lock")?;
    Ok(file)
}

fn shown(cost: Cost) -> String {
    let Cost { flash, ram, stack, cycles, instructions } = cost;
    let time = match (cycles, instructions) {
        (Some(cycles), _) => format!("   {cycles} cycles"),
        (None, Some(instructions)) => format!("   {instructions} instructions"),
        (None, None) => String::new(),
    };
    format!("flash {flash:6}   ram {ram:5}   stack {stack:5}{time}")
}
