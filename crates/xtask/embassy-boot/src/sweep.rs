//! One power cut at each step of each thing that the bootloader does, then three starts.

use sundew_testkit::{Rewrite, Torn};

use crate::device::{Device, Flash, Image, Mutant};

/// Six pages of 256 bytes: what each of 408 steps of a swap leaves.
const PAGE: usize = 256;
const SIZE: usize = 15 * PAGE;
type Part = Flash<SIZE, PAGE>;

/// What is torn, and how.
struct Model {
    name: &'static str,
    rewrite: Rewrite,
    /// What a cut leaves of a word and of a page, once for each seed.
    tears: fn(u32) -> [Torn; 2],
    seeds: u32,
}

const MODELS: [Model; 6] = [
    Model {
        name: "clean",
        rewrite: Rewrite::ClearsBits,
        tears: |_| [Torn::Before, Torn::Before],
        seeds: 1,
    },
    Model {
        name: "clean-once",
        rewrite: Rewrite::Refused,
        tears: |_| [Torn::Before, Torn::Before],
        seeds: 1,
    },
    Model {
        name: "half-once",
        rewrite: Rewrite::Refused,
        tears: |_| [Torn::FirstHalf, Torn::Before],
        seeds: 1,
    },
    Model {
        name: "random",
        rewrite: Rewrite::ClearsBits,
        tears: |seed| [Torn::Random(seed), Torn::Random(seed)],
        seeds: 20,
    },
    Model {
        name: "ecc",
        rewrite: Rewrite::ClearsBits,
        tears: |_| [Torn::Unreadable, Torn::Unreadable],
        seeds: 1,
    },
    Model {
        name: "ecc-once",
        rewrite: Rewrite::Refused,
        tears: |_| [Torn::Unreadable, Torn::Unreadable],
        seeds: 1,
    },
];

/// What is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Swap,
    Revert,
    Confirm,
    Request,
}

const PHASES: [(Phase, &str); 4] = [
    (Phase::Swap, "swap"),
    (Phase::Revert, "revert"),
    (Phase::Confirm, "confirm"),
    (Phase::Request, "request"),
];

/// What became of the cuts of one model and phase.
pub(crate) struct Row {
    pub(crate) place: String,
    pub(crate) cuts: u64,
    /// Starts that fail, for ever.
    pub(crate) stuck: u64,
    /// Starts of something that is neither image.
    pub(crate) mixed: u64,
    /// Updates that were asked for and reverted before they ran once.
    pub(crate) untried: u64,
}

/// Runs all of them.
pub(crate) fn run(mutant: Option<Mutant>) -> Result<Vec<Row>, String> {
    let device = Device { mutant };
    let mut rows = Vec::new();
    for model in &MODELS {
        for (phase, name) in PHASES {
            let place = format!("sweep/{}/{name}", model.name);
            rows.push(swept(device, model, phase, place)?);
        }
    }
    Ok(rows)
}

fn swept(
    device: Device<SIZE, PAGE>,
    model: &Model,
    phase: Phase,
    place: String,
) -> Result<Row, String> {
    let ready = phase.prepared(device, model.rewrite).map_err(|why| format!("{place}: {why}"))?;
    let mut row = Row { place, cuts: 0, stuck: 0, mixed: 0, untried: 0 };
    let mut step = 0;
    // A page that is erased whole at this step tells an erase from a word that is programmed.
    let mut pages = ready.counters().pages;
    loop {
        let whole = cut(device, &ready, phase, step, Torn::Whole);
        if whole.is_powered() {
            return Ok(row);
        }
        let is_erase = whole.counters().pages > pages;
        pages = whole.counters().pages;
        for seed in 0..model.seeds {
            let [word, page] = (model.tears)(seed);
            let mut flash = cut(device, &ready, phase, step, if is_erase { page } else { word });
            row.cuts += 1;
            judge(device, phase, &mut flash, &mut row);
        }
        step += 1;
    }
}

fn cut(device: Device<SIZE, PAGE>, ready: &Part, phase: Phase, step: u32, torn: Torn) -> Part {
    let mut flash = ready.clone();
    flash.cut_after(step, torn);
    // Only whether there is power at its end says what came of it.
    let _ = phase.done(device, &mut flash);
    flash
}

fn judge(device: Device<SIZE, PAGE>, phase: Phase, flash: &mut Part, row: &mut Row) {
    let mut images = Vec::new();
    for _ in 0..3 {
        flash.power_on();
        if device.boot(flash).is_err() {
            row.stuck += 1;
            return;
        }
        images.push(Device::image(flash));
    }
    row.mixed += u64::from(images.contains(&Image::Mixed));
    row.untried += u64::from(phase == Phase::Swap && !images.contains(&Image::New));
}

impl Phase {
    /// Returns a flash in which this comes next.
    fn prepared(self, device: Device<SIZE, PAGE>, rewrite: Rewrite) -> Result<Part, String> {
        let mut flash = device.downloaded(rewrite);
        if self != Self::Request {
            Self::Request.done(device, &mut flash)?;
        }
        if matches!(self, Self::Revert | Self::Confirm) {
            Self::Swap.done(device, &mut flash)?;
        }
        Ok(flash)
    }

    fn done(self, device: Device<SIZE, PAGE>, flash: &mut Part) -> Result<(), String> {
        match self {
            Self::Swap | Self::Revert => {
                device.boot(flash).map(drop).map_err(|error| format!("{error:?}"))
            }
            Self::Confirm => device.confirm(flash).map_err(|error| format!("{error:?}")),
            Self::Request => device.request(flash).map_err(|error| format!("{error:?}")),
        }
    }
}
