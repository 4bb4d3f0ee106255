//! The memories that are searched: small, and each unlike the others in what decides for a log.

use core::time::Duration;

use sundew_queue::{Priority, WhenFull};
use sundew_testkit::explore::{Explorer, Path, Report, Stop, System};
use sundew_testkit::{Erased, Rewrite, Torn};

use crate::backend::{Alone, Backend, Nor};
use crate::device::{Act, Device};
use crate::part::Watched;

/// Is a kind of fault: how a step is left in which power is lost.
pub(crate) struct Faults {
    pub(crate) name: &'static str,
    pub(crate) tears: &'static [Torn],
}

/// The kinds of fault that are searched by default. Each is searched for itself, with cuts before
/// and behind each step: a tear multiplies the states that the others leave, and all of them at once
/// do not close.
pub(crate) const FAULTS: &[Faults] = &[
    Faults { name: "prefix", tears: &[Torn::Before, Torn::FirstHalf, Torn::Whole] },
    Faults { name: "suffix", tears: &[Torn::Before, Torn::LastHalf, Torn::Whole] },
    Faults { name: "random", tears: &[Torn::Before, Torn::Random(1), Torn::Whole] },
    Faults { name: "zeros", tears: &[Torn::Before, Torn::Programmed, Torn::Whole] },
    Faults { name: "blank", tears: &[Torn::Before, Torn::Erased, Torn::Whole] },
    Faults { name: "ecc", tears: &[Torn::Before, Torn::Unreadable, Torn::Whole] },
];

/// Is searched by `--faults metastable` only. It has findings: behind two cuts whose words waver, and
/// read one way at one start and another way at the next, a record may be lost or come again.
pub(crate) const METASTABLE: Faults =
    Faults { name: "metastable", tears: &[Torn::Before, Torn::Metastable, Torn::Whole] };

/// Is what a device does in a search.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// One line, two to four records waiting.
    Line,
    /// Three lines, and never enough room: drops.
    Drops,
    /// Records until it is full, then all of them acknowledged.
    Tides,
}

impl Script {
    fn acts(self, rounds: usize, len: usize) -> Vec<Act> {
        let record = |priority| Act::Record(priority, len);
        let (low, normal, high) = (Priority::Low, Priority::Normal, Priority::High);
        let round: &[Act] = match self {
            Self::Line => &[record(normal), record(normal), Act::Ack(normal, 2)],
            Self::Drops => {
                &[record(low), record(normal), record(high), Act::Ack(high, 1), record(low)]
            }
            Self::Tides => &[
                record(normal),
                record(normal),
                record(normal),
                record(normal),
                record(normal),
                record(normal),
                Act::Ack(normal, 3),
                Act::Ack(normal, usize::MAX),
            ],
        };
        let before: &[Act] = match self {
            Self::Line => &[record(normal), record(normal)],
            _ => &[],
        };
        [before.to_vec(), round.repeat(rounds)].concat()
    }
}

/// Is what is searched: what is under test, and what the device does with it.
pub(crate) struct Setup<B> {
    pub(crate) name: &'static str,
    pub(crate) backend: B,
    pub(crate) script: Script,
    /// How often the script's round is gone.
    pub(crate) rounds: usize,
    /// The payload in bytes.
    pub(crate) len: usize,
}

impl<B: Backend> Setup<B> {
    fn device(&'static self, from: usize, to: usize) -> Device<'static, B> {
        let when_full = match self.script {
            Script::Drops => WhenFull::DropOldest,
            _ => WhenFull::RefuseNew,
        };
        let mut script = self.script.acts(self.rounds, self.len);
        script.truncate(to);
        let mut device = Device::new(&self.backend, script, when_full, self.len);
        device.from = from as u16;
        device
    }

    fn explorer(&'static self, window: Window, faults: &Faults) -> Explorer<Device<'static, B>> {
        Explorer::new(self.device(window.from, window.to)).tears(faults.tears.iter().copied())
    }
}

/// Is a part of a script: power is cut in it, and was never before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Says where a search gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) states: u64,
}

/// Is a [`Setup`] of whatever size.
pub(crate) trait Geometry: Sync {
    fn name(&self) -> &'static str;

    /// Returns how many acts the script has.
    fn acts(&self) -> usize;

    /// Searches.
    fn close(&'static self, window: Window, faults: &Faults, limits: Limits) -> Report;

    /// Goes a way again.
    fn rerun(&'static self, window: Window, faults: &Faults, id: &str) -> Result<Path, String>;

    /// Returns how often each page is erased where nothing fails, on average.
    fn wraps(&'static self) -> Result<f32, Stop>;
}

impl<B: Backend> Geometry for Setup<B> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn acts(&self) -> usize {
        self.script.acts(self.rounds, self.len).len()
    }

    fn close(&'static self, window: Window, faults: &Faults, limits: Limits) -> Report {
        let explorer = self.explorer(window, faults);
        explorer.max_time(limits.time).max_states(limits.states).run()
    }

    fn rerun(&'static self, window: Window, faults: &Faults, id: &str) -> Result<Path, String> {
        self.explorer(window, faults).rerun(id)
    }

    fn wraps(&'static self) -> Result<f32, Stop> {
        let device = self.device(0, usize::MAX);
        let (mut memory, mut promises) = device.start();
        let mut live = device.open(&mut memory, &mut promises)?;
        while device.choices(&promises) > 0 {
            device.operate(0, &mut live, &mut memory, &mut promises)?;
        }
        Ok(memory.wraps())
    }
}

type Flash<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> =
    Setup<Alone<Nor<SIZE, PAGE, WORD, READ>>>;

const fn setup<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    name: &'static str,
    script: Script,
    rounds: usize,
) -> Flash<SIZE, PAGE, WORD, READ> {
    special(name, script, rounds, Erased::Ones, Rewrite::Refused)
}

const fn special<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    name: &'static str,
    script: Script,
    rounds: usize,
    erased: Erased,
    rewrite: Rewrite,
) -> Flash<SIZE, PAGE, WORD, READ> {
    Setup { name, backend: Alone(Nor { erased, rewrite }), script, rounds, len: 2 }
}

/// Every geometry: the name says the pages, the word in bytes and what is special.
pub(crate) const GEOMETRIES: &[&dyn Geometry] = &[
    &setup::<144, 48, 8, 1>("3x48-w8-line", Script::Line, 6),
    &setup::<144, 48, 8, 1>("3x48-w8-drops", Script::Drops, 3),
    &setup::<144, 48, 8, 1>("3x48-w8-tides", Script::Tides, 3),
    &setup::<240, 80, 16, 1>("3x80-w16-line", Script::Line, 6),
    &setup::<240, 80, 16, 4>("3x80-w16-r4-drops", Script::Drops, 3),
    &setup::<384, 128, 32, 32>("3x128-w32-r32-line", Script::Line, 6),
    &setup::<384, 128, 32, 1>("3x128-w32-tides", Script::Tides, 3),
    &special::<144, 48, 4, 1>(
        "3x48-w4-clears-line",
        Script::Line,
        6,
        Erased::Ones,
        Rewrite::ClearsBits,
    ),
    &special::<144, 48, 8, 4>(
        "3x48-w8-clears-drops",
        Script::Drops,
        3,
        Erased::Ones,
        Rewrite::ClearsBits,
    ),
    &special::<144, 48, 8, 1>("3x48-w8-e0-line", Script::Line, 6, Erased::Zeros, Rewrite::Refused),
    &special::<144, 48, 8, 8>(
        "3x48-w8-r8-e0-drops",
        Script::Drops,
        3,
        Erased::Zeros,
        Rewrite::Refused,
    ),
];
