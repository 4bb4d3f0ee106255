//! The retry queue in real firmware on emulated boards: QEMU is killed again and again over one
//! flash image, and each life must find what the lives before had told.
//!
//! The firmware is `examples/queue_drill` on `boards/mps2-an385` and `boards/riscv-virt`. It tells
//! what it is going to do and what it did; a [`Judge`] keeps the ledger. Seven of
//! nine kills come where the firmware itself stops in the middle of a flash operation, half done as it
//! was ordered (QEMU finishes every word, so the tearing is simulated); the others come from
//! outside, at moments that nobody chose.

mod board;
mod judge;
mod lives;
mod machine;

use std::path::{Path, PathBuf};
use std::time::Instant;

use queue_drill::Habit;

use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::process::target_dir;
use board::Board;
use judge::Judge;
use lives::Lives;
use machine::Machine;

/// The queue on the AN385's PSRAM.
pub(super) const AN385: Proof = Proof {
    name: "queue-an385",
    what: "the queue in real firmware, killed in every kind of flash operation",
    options: &[],
    mutants: MUTANTS,
    run: |request| run(&board::AN385, request),
};

/// The queue on the parallel flash of RISC-V `virt`.
pub(super) const RISCV: Proof = Proof {
    name: "queue-riscv",
    what: "the same on RISC-V, with parallel NOR flash",
    options: &[],
    mutants: MUTANTS,
    run: |request| run(&board::RISCV, request),
};

const EARLY: &str = "recorded-early";
const NO_ACK: &str = "ack-forgotten";
const NO_DROP: &str = "drops-untold";
const STALE: &str = "stale-flash";
const DAMAGE: &str = "damaged-record";
const SWAPPED: &str = "swapped";
const MUTANTS: &[(&str, &str)] = &[
    (EARLY, "the firmware says `recorded` before it records"),
    (NO_ACK, "the firmware says `acked` and acknowledges nothing"),
    (NO_DROP, "the firmware keeps the drops of a full queue to itself"),
    (STALE, "writes of some lives never become durable"),
    (DAMAGE, "a byte of a stored record is turned around between two lives"),
    (SWAPPED, "two neighbours of what was read back change places"),
];

/// Of these, 90 are around a page turn, as many as its sweep takes, and 60 in acknowledgements
/// ([`Lives`]).
const CASES: u64 = 270;

/// What a mutant breaks between lives: every so many.
const NOW_AND_THEN: u64 = 4;

fn run(board: &Board, request: &Request<'_>) -> Result<Found, Failure> {
    let machine = Machine::build(board)?;
    let image = Image::new(board)?;
    let mut judge = Judge::new(board);
    judge.swaps = request.mutant == Some(SWAPPED);
    let habit = match request.mutant {
        Some(EARLY) => Habit::Early,
        Some(NO_ACK) => Habit::NoAck,
        Some(NO_DROP) => Habit::NoDrop,
        _ => Habit::Honest,
    };
    let mut choices = Choices::from_seed(request.seed);
    let mut lives = Lives::new(board, habit);
    let started = Instant::now();
    let cases = request.cases.unwrap_or(CASES);
    let mut kills = 0;

    while kills < cases && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        let before = match request.mutant {
            Some(STALE) if kills % NOW_AND_THEN == 0 => Some(image.read()?),
            _ => None,
        };
        let life = lives.next(&mut choices, judge.next_number());
        machine.live(&image.path, &life, &mut judge)?;
        kills += 1;
        if let Some(before) = before {
            image.write(&before)?;
        }
        if request.mutant == Some(DAMAGE) && kills % NOW_AND_THEN == 0 {
            image.damage(&judge)?;
        }
        if kills % 20 == 0 {
            println!("{kills:>4} kills, {:>3} s: {judge}", started.elapsed().as_secs());
        }
        if judge.violations.len() > 100 {
            break;
        }
    }
    // The last kill is judged by one more life, and then no room may have been lost on the way.
    let room = fill(&machine, &image, &mut judge, &mut lives)?;
    println!("at the end there is room for {room} of the longest records");
    if room < board.room() {
        judge.violations.push(format!("room for {room} records, not for {}", board.room()));
    }
    println!("{judge}; {} s", started.elapsed().as_secs());
    if judge.violations.is_empty() {
        judge.check_reach(kills)?;
        image.remove();
    } else {
        println!("the flash is kept in {}", image.path.display());
    }
    Ok(Found { cases: kills, known: 0, violations: judge.violations })
}

/// Delivers what is left, fills the queue until it refuses, and empties it again; returns how many
/// records it took.
fn fill(
    machine: &Machine<'_>,
    image: &Image,
    judge: &mut Judge<'_>,
    lives: &mut Lives<'_>,
) -> Result<u64, Failure> {
    for _ in 0..2 {
        machine.live(&image.path, &lives.empty(judge.next_number()), judge)?;
    }
    let before = judge.recorded();
    machine.live(&image.path, &lives.fill(judge.next_number()), judge)?;
    let filled = judge.recorded() - before;
    machine.live(&image.path, &lives.empty(judge.next_number()), judge)?;
    Ok(filled)
}

/// The file that the emulator keeps the flash in.
struct Image {
    path: PathBuf,
}

impl Image {
    fn new(board: &Board) -> Result<Self, Failure> {
        let folder = target_dir().join("prove");
        std::fs::create_dir_all(&folder).context(|| folder.display().to_string())?;
        let path = folder.join(format!("{}-{}.bin", board.name, std::process::id()));
        let image = Self { path };
        // A new part: every bit is 1.
        image.write(&vec![0xFF; board.image_bytes])?;
        Ok(image)
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        std::fs::read(&self.path).context(|| self.path.display().to_string())
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        std::fs::write(&self.path, bytes).context(|| self.path.display().to_string())
    }

    /// Turns a byte around of the oldest record that must be there; nothing where there is none.
    fn damage(&self, judge: &Judge<'_>) -> Result<(), Failure> {
        let Some(payload) = judge.oldest_payload() else { return Ok(()) };
        let mut bytes = self.read()?;
        let found = bytes.windows(payload.len()).position(|window| window == payload);
        if let Some(byte) = found.and_then(|at| bytes.get_mut(at + payload.len() - 1)) {
            *byte = !*byte;
            self.write(&bytes)?;
        }
        Ok(())
    }

    fn remove(&self) {
        let _ = std::fs::remove_file::<&Path>(&self.path);
    }
}
