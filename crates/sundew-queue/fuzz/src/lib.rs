//! What the fuzz targets run; each is a function of bytes.

#[path = "../../tests/harness/mod.rs"]
mod harness;
mod image;
#[allow(dead_code, reason = "`cut` is for inputs of two parts")]
#[path = "../../../sundew-sensors/fuzz/src/shell.rs"]
mod shell;

pub use image::image;

use harness::{Clock, Operation, PARTS, run_on};
use shell::{filled, mutant};
use sundew_queue::{Class, Effort, Priority, WhenFull};
use sundew_testkit::Torn;

/// Reads operations, four bytes each, and runs a queue beside the simple one.
///
/// # Panics
///
/// Panics where the two differ.
pub fn operations(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let part = usize::from(choice / 2) % PARTS;
    let operations = rest.chunks(4).map(|bytes| operation(filled(bytes)));
    run_on(part, policy(*choice), operations, mutant);
}

fn policy(choice: u8) -> WhenFull {
    if choice & 1 == 0 { WhenFull::RefuseNew } else { WhenFull::DropOldest }
}

fn operation([what, a, b, c]: [u8; 4]) -> Operation<Torn> {
    match what % 16 {
        0..6 => Operation::Record(class(a), clock(a), b % 40),
        6..10 => Operation::Peek,
        10 | 11 => Operation::Ack(a % 8),
        12 => Operation::Restart,
        13 if a & 1 == 0 => Operation::Reboot,
        13 if a == 255 => Operation::Clear,
        13 => Operation::Reopen,
        _ => Operation::Cut(u16::from(a % 48), torn(b, c)),
    }
}

fn class(choice: u8) -> Class {
    let priority = match choice % 4 {
        0 => Priority::Low,
        3 => Priority::High,
        _ => Priority::Normal,
    };
    let effort = match choice / 4 % 4 {
        0 => Effort::Few,
        1 => Effort::Once,
        _ => Effort::UntilTaken,
    };
    Class { priority, effort }
}

fn clock(choice: u8) -> Clock {
    if choice & 0x80 == 0 { Clock::Boot } else { Clock::Unix }
}

fn torn(kind: u8, seed: u8) -> Torn {
    match kind % 10 {
        0 => Torn::Before,
        1 => Torn::FirstHalf,
        2 => Torn::LastHalf,
        3 => Torn::Bits(seed),
        4 => Torn::Random(seed.into()),
        5 => Torn::Programmed,
        6 => Torn::Erased,
        7 => Torn::Unreadable,
        8 => Torn::Metastable,
        _ => Torn::Whole,
    }
}
