//! The steps that run the whole thing: the demo on each board, and a slice of each long proof.

use super::Tests;
use crate::args::Args;
use crate::failure::Failure;
use crate::{demo, prove, sizes};

pub(super) fn sizes(_tests: &mut Tests) -> Result<(), Failure> {
    sizes::run(words("--check"))
}

pub(super) fn demo_host(_tests: &mut Tests) -> Result<(), Failure> {
    demo::run(words("--board host"))
}

/// From a fixed seed, so that the same frames are lost.
pub(super) fn demo_lorawan(_tests: &mut Tests) -> Result<(), Failure> {
    demo::run(words("--link lorawan-eu868-dr0 --seed 7"))
}

pub(super) fn demo_an385(_tests: &mut Tests) -> Result<(), Failure> {
    demo::run(words("--board mps2-an385 --profile compact"))
}

pub(super) fn crash_host(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("crash-host --seconds 30"))
}

pub(super) fn crash_an385(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("crash-an385 --seconds 60"))
}

pub(super) fn queue_an385(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-an385 --seconds 40"))?;
    prove::run(words("queue-an385 --cases 12 --mutant recorded-early"))
}

/// A life there takes some seconds: its pages are of 256 KiB.
pub(super) fn queue_riscv(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-riscv --seconds 30"))
}

/// From a fixed seed, so that a change and not the day decides.
pub(super) fn fuzz(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("fuzz-sensors --seconds 10 --seed 1"))?;
    prove::run(words("codec-fuzz --seconds 6 --seed 1"))?;
    prove::run(words("queue-fuzz --seconds 8 --seed 1"))?;
    prove::run(words("transport-fuzz --seconds 8 --seed 1"))
}

pub(super) fn sealed_frames(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("sealed-frames --cases 500000"))?;
    prove::run(words("sealed-frames --mutant all"))
}

pub(super) fn tls(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("tls-attacks"))?;
    prove::run(words("tls-mutations --cases 10000 --seed 1"))
}

pub(super) fn codec_interop(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("codec-interop --cases 400"))?;
    prove::run(words("codec-interop --cases 50 --mutant all"))
}

pub(super) fn identity_closure(_tests: &mut Tests) -> Result<(), Failure> {
    for scene in ["streams", "floor", "reset"] {
        prove::run(words(&format!("identity-closure --scene {scene}")))?;
    }
    prove::run(words("identity-closure --mutant said-once --scene anchors"))
}

pub(super) fn cose_interop(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("cose-interop --cases 500"))?;
    prove::run(words("cose-interop --cases 50 --mutant all"))
}

pub(super) fn codec_evolution(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("codec-evolution --cases 50000"))?;
    prove::run(words("codec-evolution --cases 10000 --mutant all"))
}

/// Behind 20,000 states the one search that does not close finds nothing new.
pub(super) fn queue_embassy_boot(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-embassy-boot --cases 20000"))?;
    prove::run(words("queue-embassy-boot --cases 2000 --mutant all"))
}

/// From the seed of the plot; the mutants in a fleet of a tenth.
pub(super) fn fleet(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("fleet --seed 1"))?;
    prove::run(words("fleet --seed 1 --nodes 1000 --mutant all"))
}

pub(super) fn queue_closure(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-closure --window 3 --seconds 400"))?;
    prove::run(words("queue-closure --mutant marks-forgotten --seconds 30"))
}

/// Two saves in a row, in each memory; longer rows are the proof's own.
pub(super) fn settings_closure(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("settings-closure --window 2 --seconds 25"))?;
    prove::run(words("settings-closure --window 2 --mutant copies-count"))
}

/// Every tear that a memory has, cells that read one thing today and another tomorrow among them.
pub(super) fn queue_random(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-random --faults all --cases 100000 --seed 1"))?;
    prove::run(words("queue-random --faults stable --cases 1000 --seed 1 --mutant no-crc"))
}

pub(super) fn sensors_an385(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("sensors-an385 --cases 300"))
}

/// From a fixed seed, so that a change and not the day decides.
pub(super) fn queue_atmega328p(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("queue-atmega328p --cases 4000 --seconds 40 --seed 1"))?;
    prove::run(words("queue-atmega328p --seed 1 --mutant all"))
}

pub(super) fn units(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("units"))?;
    prove::run(words("units --cases 1000000 --mutant all"))
}

/// One broken place and no more: the sweeps themselves are tests, so `test` has run them.
pub(super) fn drivers_mutant(_tests: &mut Tests) -> Result<(), Failure> {
    prove::run(words("drivers --mutant sensirion-offset"))
}

fn words(line: &str) -> Args {
    Args::new(line.split_whitespace().map(str::to_owned))
}
