//! The memories of random runs: as large as their logs can be turned over a few times in a run.

use sundew_testkit::explore::{Memory, System};
use sundew_testkit::{Erased, Rewrite, Torn};

use super::Kinds;
use super::plan::{Bounds, Plan};
use super::run::{Tally, Tell, run};
use crate::backend::{Backend, Eeprom, Nor, Queued, Wear};
use crate::device::Device;
use crate::part::Watched;

/// Is a memory with a queue on it.
struct Setup<B> {
    name: &'static str,
    backend: B,
    /// The acts of a script, at most.
    acts: u32,
}

/// Is a [`Setup`] of whatever size.
pub(super) trait Geometry: Sync {
    fn name(&self) -> &'static str;

    /// Looks at the memory and its log, once for all runs.
    fn course(&'static self, kinds: Kinds<'_>) -> Box<dyn Course>;
}

/// Is a geometry with all that its runs have in common.
pub(super) trait Course: Sync {
    /// Goes the run of a seed; returns what is wrong.
    fn run(&self, seed: u64, tally: &mut Tally, tell: Tell<'_>) -> Option<String>;
}

struct Track<B: 'static> {
    setup: &'static Setup<B>,
    tears: Vec<Torn>,
    longest: usize,
    steps: u32,
}

/// The scripts that say how many steps an act takes.
const SAMPLES: u64 = 8;

impl<B: Backend> Geometry for Setup<B> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn course(&'static self, kinds: Kinds<'_>) -> Box<dyn Course> {
        let longest = (1..=sundew_queue::LONGEST_PAYLOAD)
            .rev()
            .find(|len| self.backend.room(*len, Wear::None) > 0)
            .unwrap_or(0);
        let memory = self.backend.memory();
        let tears = memory.tears().into_iter().filter(|torn| kinds.has(*torn)).collect();
        let mut track = Track { setup: self, tears, longest, steps: 1 };
        let (mut steps, mut acts) = (0, 0);
        for seed in 0..SAMPLES {
            let Plan { script, when_full, len, .. } = Plan::draw(seed, &track.bounds());
            acts += script.len() as u32;
            let device = Device::new(&self.backend, script, when_full, len);
            let (mut memory, mut promises) = device.start();
            // What is wrong here is wrong in the runs, too, and told there.
            if let Ok(mut running) = device.boot(&mut memory, &mut promises) {
                while device.choices(&promises) > 0
                    && device.operate(0, &mut running, &mut memory, &mut promises).is_ok()
                {
                }
            }
            steps += memory.steps();
        }
        track.steps = (steps / acts.max(1)).max(1);
        Box::new(track)
    }
}

impl<B: Backend> Track<B> {
    fn bounds(&self) -> Bounds<'_> {
        let Self { setup, tears, longest, steps } = self;
        let grain = B::Memory::GRAIN;
        Bounds { longest: *longest, acts: setup.acts, steps: *steps, grain, tears }
    }
}

impl<B: Backend> Course for Track<B> {
    fn run(&self, seed: u64, tally: &mut Tally, tell: Tell<'_>) -> Option<String> {
        run(&self.setup.backend, &self.bounds(), seed, tally, tell)
    }
}

const fn nor<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    name: &'static str,
    erased: Erased,
    rewrite: Rewrite,
    acts: u32,
) -> Setup<Queued<Nor<SIZE, PAGE, WORD, READ>>> {
    Setup { name, backend: Queued(Nor { erased, rewrite }), acts }
}

/// Every geometry: the name says the pages, the word in bytes and what is special.
pub(super) const GEOMETRIES: &[&dyn Geometry] = &[
    &nor::<1024, 256, 8, 1>("4x256-w8", Erased::Ones, Rewrite::Refused, 80),
    &nor::<2560, 512, 4, 1>("5x512-w4-clears", Erased::Ones, Rewrite::ClearsBits, 120),
    &nor::<3072, 512, 16, 16>("6x512-w16-r16", Erased::Ones, Rewrite::Refused, 120),
    &nor::<4096, 512, 32, 1>("8x512-w32", Erased::Ones, Rewrite::Refused, 120),
    &nor::<5120, 1024, 4, 4>("5x1024-w4-r4-clears", Erased::Ones, Rewrite::ClearsBits, 160),
    &nor::<2048, 256, 4, 1>("8x256-w4-e0", Erased::Zeros, Rewrite::Refused, 120),
    &Setup { name: "eeprom-31x32", backend: Queued(Eeprom::<992, 32>), acts: 120 },
];
