//! The memories that are searched: small, and each unlike the others in what decides for a log.

use core::time::Duration;

use sundew_queue::{Priority, WhenFull};
use sundew_testkit::explore::{Explorer, Memory, Path, Report, Stop, System};
use sundew_testkit::{Erased, Rewrite, Torn};

use crate::backend::{Alone, Backend, Eeprom, Nor, Queued, Sequential};
use crate::device::{Act, Device};
use crate::part::Watched;

/// Is a kind of fault: how a step is left in which power is lost.
pub(crate) struct Faults {
    pub(crate) name: &'static str,
    pub(crate) tears: &'static [Torn],
    /// How many acts of a script are searched at once.
    pub(crate) window: usize,
}

/// The kinds of fault that are searched: words and pages that a cut leaves in any mix of what they
/// were and what they were to be, and that stay so; words that cannot be read until they are erased;
/// and words and pages that read in one way at one start and in another at the next, which have four
/// readings at each start: so their windows are shorter.
pub(crate) const FAULTS: &[Faults] = &[
    Faults {
        name: "lasting",
        tears: &[
            Torn::Before,
            Torn::FirstHalf,
            Torn::LastHalf,
            Torn::Random(1),
            Torn::Programmed,
            Torn::Erased,
            Torn::Whole,
        ],
        window: 6,
    },
    Faults {
        name: "ecc",
        tears: &[Torn::Before, Torn::Unreadable, Torn::FirstHalf, Torn::Whole],
        window: 6,
    },
    Faults { name: WAVERING, tears: &[Torn::Before, Torn::Metastable, Torn::Whole], window: 4 },
];

/// Names the faults that no log can settle in the very first page, before which nothing stands.
pub(crate) const WAVERING: &str = "wavering";

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
    /// The acts in a window.
    pub(crate) window: usize,
    /// The kinds of fault that the log does not claim to survive: what is found there is known.
    pub(crate) known: &'static [&'static str],
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
        Explorer::new(self.device(window.from, window.to)).tears(self.tears(faults))
    }

    /// Lists those of a kind that the memory can be left by.
    fn tears(&self, faults: &Faults) -> Vec<Torn> {
        let tears: Vec<_> = self.backend.memory().tears().into_iter().collect();
        faults.tears.iter().copied().filter(|tear| tears.contains(tear)).collect()
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

    /// Returns how many acts a window has that closes.
    fn window(&self) -> usize;

    /// Returns whether the memory can be left like that.
    fn suits(&self, faults: &Faults) -> bool;

    /// Returns whether the log claims nothing for faults of this kind.
    fn is_known(&self, faults: &Faults) -> bool;

    /// Returns whether anything is claimed for a window.
    fn claims(&self, faults: &Faults, window: Window) -> bool;

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

    fn window(&self) -> usize {
        self.window
    }

    fn suits(&self, faults: &Faults) -> bool {
        // Before and Whole are left by every memory.
        self.tears(faults).len() > 2
    }

    fn is_known(&self, faults: &Faults) -> bool {
        self.known.contains(&faults.name)
    }

    /// The first page is announced by none; [`NorLog`](sundew_store::log::NorLog) says so.
    fn claims(&self, faults: &Faults, window: Window) -> bool {
        faults.name != WAVERING || window.from > 0
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

/// Lists what a proof searches.
pub(crate) type Geometries = &'static [&'static dyn Geometry];

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
    on(name, script, rounds, Alone(Nor { erased, rewrite }))
}

const fn on<B>(name: &'static str, script: Script, rounds: usize, backend: B) -> Setup<B> {
    Setup { name, backend, script, rounds, len: 2, window: 6, known: &[] }
}

/// Every geometry: the name says the pages, the word in bytes and what is special.
pub(crate) const GEOMETRIES: Geometries = &[
    &setup::<432, 144, 8, 1>("3x144-w8-line", Script::Line, 6),
    &setup::<432, 144, 8, 1>("3x144-w8-drops", Script::Drops, 5),
    &setup::<432, 144, 8, 1>("3x144-w8-tides", Script::Tides, 3),
    &setup::<576, 144, 8, 1>("4x144-w8-line", Script::Line, 8),
    &setup::<816, 272, 16, 1>("3x272-w16-line", Script::Line, 6),
    &setup::<816, 272, 16, 4>("3x272-w16-r4-drops", Script::Drops, 5),
    &setup::<1536, 512, 32, 32>("3x512-w32-r32-line", Script::Line, 6),
    &setup::<1536, 512, 32, 1>("3x512-w32-tides", Script::Tides, 3),
    &special::<504, 168, 4, 1>(
        "3x168-w4-clears-line",
        Script::Line,
        6,
        Erased::Ones,
        Rewrite::ClearsBits,
    ),
    &special::<504, 168, 4, 4>(
        "3x168-w4-r4-clears-drops",
        Script::Drops,
        5,
        Erased::Ones,
        Rewrite::ClearsBits,
    ),
    &special::<432, 144, 8, 1>(
        "3x144-w8-e0-line",
        Script::Line,
        6,
        Erased::Zeros,
        Rewrite::Refused,
    ),
    &special::<432, 144, 8, 8>(
        "3x144-w8-r8-e0-drops",
        Script::Drops,
        5,
        Erased::Zeros,
        Rewrite::Refused,
    ),
    &Setup { window: 4, ..on("3x192-w8-queue-line", Script::Line, 12, Queued(PLAIN)) },
    &Setup { window: 4, ..on("eeprom-4x12-line", Script::Line, 6, Alone(Eeprom::<48, 12>)) },
    &Setup { window: 4, ..on("eeprom-3x12-drops", Script::Drops, 3, Alone(Eeprom::<36, 12>)) },
    &Setup {
        window: 4,
        known: &["ecc", WAVERING],
        ..on("sequential-3x64-w4-line", Script::Line, 9, Alone(Sequential::<192, 64, 4>))
    },
];

const PLAIN: Nor<576, 192, 8, 1> = Nor { erased: Erased::Ones, rewrite: Rewrite::Refused };
