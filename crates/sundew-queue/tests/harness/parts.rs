//! The logs and memories that a queue is tried on.

use core::hash::Hasher;

use super::broken::Broken;
use super::{Operation, Rig};
use core::fmt::Debug;
use embedded_storage::nor_flash::NorFlash;
use sundew_core::Region;
use sundew_queue::WhenFull;
use sundew_store::log::{EepromLog, Log, NorLog, RamLog};
use sundew_testkit::explore::Memory;
use sundew_testkit::{Erased, Rewrite, SimEeprom, SimFlash, Torn};

/// How many there are.
pub(crate) const PARTS: usize = 6;

/// Runs operations on one of the parts, and compares all the way.
pub(crate) fn run_on(
    part: usize,
    when_full: WhenFull,
    operations: impl Iterator<Item = Operation<Torn>>,
    mutant: fn(&str) -> bool,
) {
    let nor = |len| move || NorLog::new(Region::new(0, len));
    match part {
        // A record of 20 bytes takes 36; pages have room for 96 bytes at least.
        0 => {
            let log = Broken { log: RamLog::<300>::new(), mutant };
            run(Rig::new(log, NoMemory, None, when_full), operations, 8);
        }
        1 => {
            let memory = SimFlash::<960, 240, 4>::new();
            let room = room(&memory, 960);
            run(rig(memory, nor(960), when_full, mutant), operations, room);
        }
        2 => {
            let memory = SimFlash::<1024, 256, 8>::new().with_rewrite(Rewrite::Refused);
            let room = room(&memory, 1024);
            run(rig(memory, nor(1024), when_full, mutant), operations, room);
        }
        3 => {
            let memory = SimFlash::<1200, 240, 1>::new().with_erased(Erased::Zeros);
            let log = || NorLog::new(Region::new(0, 1200)).erased_to_zero();
            let room = room(&memory, 1200);
            run(rig(memory, log, when_full, mutant), operations, room);
        }
        4 => {
            let memory = SimFlash::<1920, 384, 16, 4>::new().with_rewrite(Rewrite::Refused);
            let room = room(&memory, 1920);
            run(rig(memory, nor(1920), when_full, mutant), operations, room);
        }
        _ => {
            let log = || EepromLog::<80>::new(Region::new(0, 800));
            let operations = operations.map(|operation| match operation {
                // Its bytes have no error correction.
                Operation::Cut(steps, Torn::Unreadable | Torn::Programmed) => {
                    Operation::Cut(steps, Torn::Erased)
                }
                other => other,
            });
            run(rig(SimEeprom::<800>::new(), log, when_full, mutant), operations, 10);
        }
    }
}

/// Returns how many records of 20 bytes a flash has room for, however it was used before.
fn room<F: NorFlash>(_: &F, len: u32) -> usize {
    NorLog::capacity::<F>(Region::new(0, len), 30) as usize
}

fn rig<L, M>(
    memory: M,
    log: impl Fn() -> L + 'static,
    when_full: WhenFull,
    mutant: fn(&str) -> bool,
) -> Rig<Broken<L>, M>
where
    M: Memory,
    L: Log<M, Fault: Debug + PartialEq>,
{
    let fresh = move || Broken { log: log(), mutant };
    Rig::new(fresh(), memory, Some(Box::new(fresh)), when_full)
}

fn run<L, M>(mut rig: Rig<L, M>, operations: impl Iterator<Item = Operation<M::Tear>>, room: usize)
where
    M: Memory,
    L: Log<M, Fault: Debug + PartialEq>,
{
    for operation in operations {
        rig.run(operation);
    }
    rig.finish(room);
}

/// Takes the place of a memory where there is none; it never loses power.
#[derive(Clone)]
struct NoMemory;

impl Memory for NoMemory {
    type Tear = Torn;

    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        []
    }

    fn steps(&self) -> u32 {
        0
    }

    fn cut_after(&mut self, _: u32, _: Torn) {}

    fn power_off(&mut self) {}

    fn is_powered(&self) -> bool {
        true
    }

    fn power_on(&mut self, _: u32) {}

    fn fingerprint<H: Hasher>(&self, _: &mut H) {}
}
