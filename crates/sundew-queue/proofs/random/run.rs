//! One run: a device that lives through what its plan has for it.

use core::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sundew_testkit::Torn;
use sundew_testkit::explore::{Memory, Stop, System};

use super::plan::{Bounds, Plan};
use super::{WAVERED, WORN};
use crate::backend::{Backend, Wear};
use crate::device::Device;
use crate::part::{Grain, Watched};

/// Counts what runs did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) runs: u64,
    pub(super) cuts: u64,
    pub(super) boots: u64,
    pub(super) acts: u64,
    pub(super) steps: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.cuts += other.cuts;
        self.boots += other.boots;
        self.acts += other.acts;
        self.steps += other.steps;
    }
}

/// How many cuts in a row, within one change of pages, may leave words that waver: `NorLog` gives no
/// promise for a fourth where a sign says that no page comes next.
const SETTLED: u32 = 3;

/// Counts the cuts in a row that left words that waver, with nothing written whole between them.
#[derive(Debug, Default)]
struct Doubt {
    row: u32,
    most: u32,
}

impl Doubt {
    fn cut(&mut self, torn: Torn) {
        self.row += u32::from(torn == Torn::Metastable);
        self.most = self.most.max(self.row);
    }
}

/// Is told what happens, line by line.
pub(super) type Tell<'t> = &'t mut dyn FnMut(Arguments<'_>);

/// Goes through the run of a seed; returns what is wrong, if anything is.
pub(super) fn run<B: Backend>(
    backend: &B,
    bounds: &Bounds<'_>,
    seed: u64,
    tally: &mut Tally,
    tell: Tell<'_>,
) -> Option<String> {
    let plan = Plan::draw(seed, bounds);
    tally.runs += 1;
    let mut doubt = Doubt::default();
    let lived = catch_unwind(AssertUnwindSafe(|| live(backend, &plan, &mut doubt, tally, tell)));
    match lived {
        Ok(Ok(())) => None,
        Ok(Err(Stop::Violation(what))) => {
            let has_limits = bounds.grain == Grain::Words;
            Some(if has_limits && plan.defect.is_some() {
                format!("{WORN}{what}")
            } else if has_limits && doubt.most > SETTLED {
                format!("{WAVERED}{what}")
            } else {
                what
            })
        }
        Ok(Err(_)) => Some("says that power was lost; it was not".to_owned()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(format!("panicked: {}", text.unwrap_or("for a reason of its own")))
        }
    }
}

fn live<B: Backend>(
    backend: &B,
    plan: &Plan,
    doubt: &mut Doubt,
    tally: &mut Tally,
    tell: Tell<'_>,
) -> Result<(), Stop> {
    let mut device = Device::new(backend, plan.script.clone(), plan.when_full, plan.len);
    device.wear = if plan.defect.is_some() { Wear::OnePage } else { Wear::None };
    device.laps = 1;
    device.failing_reads.clone_from(&plan.failing_reads);
    let device = device;
    tell(format_args!(
        "{:?}, {} acts, reads fail: {:?}",
        plan.when_full,
        plan.script.len(),
        plan.failing_reads
    ));
    let (mut memory, mut promises) = device.start();
    let mut cuts = plan.cuts.iter();
    for (boot, reading) in plan.readings.iter().enumerate() {
        if boot > 0 {
            memory.power_off();
            memory.power_on(*reading);
            tell(format_args!("power on, doubtful cells read by {reading}"));
        }
        if let Some((_, offset, defect)) = plan.defect.filter(|(start, ..)| *start == boot) {
            memory.wear_out(offset, defect);
            tell(format_args!("worn out at {offset}: {defect:?}"));
        }
        let cut = cuts.next();
        if let Some((steps, torn)) = cut {
            memory.cut_after(*steps, *torn);
            tell(format_args!("cut to come after {steps} steps: {torn:?}"));
        }
        tally.boots += 1;
        let before = memory.steps();
        let lived = awake(&device, &mut memory, &mut promises, doubt, tally, tell);
        tally.steps += u64::from(memory.steps().wrapping_sub(before));
        if memory.is_powered() {
            lived?;
            // The script has ended; what is left must do for another one.
            memory.power_off();
            memory.power_on(*reading);
            device.boot(&mut memory, &mut promises)?;
            return device.refill(memory);
        }
        tally.cuts += 1;
        if let Some((_, torn)) = cut {
            doubt.cut(*torn);
        }
        tell(format_args!("power is lost"));
    }
    Ok(())
}

/// Boots and does what is left of the script.
fn awake<B: Backend>(
    device: &Device<'_, B>,
    memory: &mut B::Memory,
    promises: &mut <Device<'_, B> as System>::Model,
    doubt: &mut Doubt,
    tally: &mut Tally,
    tell: Tell<'_>,
) -> Result<(), Stop> {
    let mut running = device.boot(memory, promises)?;
    tell(format_args!("open: {running:?}"));
    while device.choices(promises) > 0 && memory.is_powered() {
        let act = promises.begun;
        tally.acts += 1;
        let steps = memory.steps();
        let done = device.operate(0, &mut running, memory, promises);
        let steps = memory.steps().wrapping_sub(steps);
        let what = device.script.get(usize::from(act));
        tell(format_args!("{act}: {what:?}, {steps} steps: {running:?}"));
        if memory.is_powered() {
            done?;
            if steps > 0 {
                doubt.row = 0;
            }
        }
    }
    Ok(())
}
