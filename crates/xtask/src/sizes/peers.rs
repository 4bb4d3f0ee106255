//! `cargo bench-peers`: ours beside what others publish, on the same bench, in the same run.
//!
//! Nothing is judged: the versions of others are theirs to change, and one run tells the difference.

use std::fmt::Write;

use super::measure::{Cost, build, measure};
use super::programs::{MACHINES, Machine};
use super::{lock, prepare_machines, table::grouped, toolchains, wear};
use crate::args::Args;
use crate::failure::{Context, Failure};
use crate::toolchain::Toolchain;

const HELP: &str = "\
Measures our programs beside those of other crates for the same job.

usage: cargo bench-peers [--only WORD]

  --only WORD  the programs whose names contain WORD; `wear` is the second table alone

Flash without what the empty program `base` carries, instructions on QEMU's mps2-an385 (-icount
shift=7, read from a timer), cycles on simavr's ATmega328P. Then what a million records ask of the
flash, on a simulated one that counts. The printed tables are Markdown; benches/README.md keeps them
with their conditions.";

/// The targets of the comparison: smallest and larger Cortex-M, and AVR.
const TRIPLES: [&str; 3] = ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "avr-none"];

/// The features of `benches/sizes/programs`, and what each is, job by job.
const PEERS: [(&str, &str); 28] = [
    ("peer-units-sundew", "three conversions of any value: sundew-units, integers"),
    ("peer-units-typed", "the same of known ranges: sundew-units, integers"),
    ("peer-units-uom-f32", "the same: uom 0.38, f32"),
    ("peer-units-uom-f64", "the same: uom 0.38, f64"),
    ("driver-bme280", "BME280 brought up and read: sundew-sensors, integers"),
    ("peer-bme280", "the same: bme280 0.5, f32"),
    ("driver-sht3x", "SHT3x started and read: sundew-sensors, integers"),
    ("peer-sht31", "the same: sht31 0.3, f32"),
    ("senml-encode", "three readings into SenML: sundew-codec, prefixes, decimals"),
    ("peer-encode-sundew", "the same: sundew-codec, general, decimals"),
    ("peer-encode-minicbor", "the same: minicbor 2.3 by hand, decimals"),
    ("peer-encode-minicbor-derive", "the same: minicbor 2.3 derived, f32"),
    ("peer-encode-cbor4ii", "the same: cbor4ii 1.2 by hand, f32"),
    ("peer-encode-senml-cbor", "the same: senml-cbor 0.1, f64"),
    ("peer-encode-json", "the same: serde-json-core 0.6, f32"),
    ("senml-decode", "three readings out of SenML: sundew-codec, readings only, decimals"),
    ("peer-decode-sundew", "the same: sundew-codec, general, decimals"),
    ("peer-decode-minicbor", "the same: minicbor 2.3 by hand, decimals"),
    ("peer-decode-minicbor-derive", "the same: minicbor 2.3 derived, f32"),
    ("peer-decode-cbor4ii", "the same: cbor4ii 1.2 by hand, f32"),
    ("peer-decode-senml-cbor", "the same: senml-cbor 0.1, f64"),
    ("peer-decode-json", "the same: serde-json-core 0.6, f32"),
    ("compact-encode", "seven readings of the queue into 36 bytes: sundew-codec, compact"),
    ("compact-decode", "out of them: sundew-codec, compact"),
    ("tiny-encode", "seven readings of the queue into 12 bytes: sundew-codec, tiny"),
    ("tiny-decode", "out of them: sundew-codec, tiny"),
    ("queue", "a record kept, found, released: sundew-queue on NorLog"),
    ("peer-queue-sequential", "the same: sequential-storage 8, async through a loop that polls"),
];

/// Runs the command.
///
/// # Errors
/// A program of ours does not build or run; one of another crate says why it does not, and the
/// rest goes on.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}");
        return Ok(());
    }
    let only = args.value("--only")?.unwrap_or_default();
    args.finish()?;
    if only == "wear" {
        println!("{}", wear::markdown()?);
        return Ok(());
    }
    let peers: Vec<_> = PEERS.iter().filter(|(name, _)| name.contains(&only)).collect();
    prepare_machines()?;
    let _lock = lock()?;
    let mut rows: Vec<String> =
        peers.iter().map(|(name, what)| format!("| {what} (`{name}`) |")).collect();
    let mut head = String::from("| job |");
    for (machine, toolchain) in MACHINES.iter().zip(toolchains()?) {
        if !TRIPLES.contains(&machine.triple) {
            continue;
        }
        println!("{} (rustc {})", machine.triple, toolchain.version()?);
        let _ = write!(head, " {} |", machine.label);
        let base = one(&toolchain, machine, None).context(|| "base")?;
        for ((name, _), row) in peers.iter().zip(&mut rows) {
            let cell = match one(&toolchain, machine, Some(name)) {
                Ok(cost) => shown(name, cost.without(base)),
                Err(failure)
                    if name.starts_with("peer-")
                        && !name.ends_with("sundew")
                        && !name.ends_with("typed") =>
                {
                    let text = failure.to_string();
                    let reason = text.lines().find(|line| {
                        // As the two linkers say it.
                        line.contains("overflow") || line.contains("is not within region")
                    });
                    println!("  {name}: {}", reason.unwrap_or(&text));
                    reason.map_or("does not link", |_| "too large").to_owned()
                }
                Err(failure) => return Err(failure).context(|| (*name).to_owned()),
            };
            println!("  {name:20} {cell}");
            // Writing to a String cannot fail.
            let _ = write!(row, " {cell} |");
        }
    }
    println!("\n{head}\n|---|{}", "---:|".repeat(TRIPLES.len()));
    for row in rows {
        println!("{row}");
    }
    if only.is_empty() || only == "queue" {
        println!("\n{}", wear::markdown()?);
    }
    Ok(())
}

fn one(toolchain: &Toolchain, machine: &Machine, name: Option<&str>) -> Result<Cost, Failure> {
    measure(machine, &build(toolchain, machine, name)?)
}

fn shown(name: &str, cost: Cost) -> String {
    let mut flash = format!("{} B", grouped(cost.flash));
    // The others need little of it and none has much to say.
    if name.contains("queue") {
        let _ = write!(flash, ", stack {} B", grouped(cost.stack));
    }
    let time = match (cost.cycles, cost.instructions) {
        (Some(cycles), _) => format!(", {} cycles", grouped(cycles)),
        (None, Some(instructions)) => format!(", {} instructions", grouped(instructions)),
        (None, None) => String::new(),
    };
    flash + &time
}
