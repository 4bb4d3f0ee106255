//! What happens in a run, drawn from its seed before it begins.

use sundew_queue::{Priority, WhenFull};
use sundew_testkit::{Defect, Torn};

use super::dice::Dice;
use crate::device::Act;
use crate::part::Grain;
use crate::promise::PRIORITIES;

/// Holds all that is left to chance in a run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) script: Vec<Act>,
    pub(super) when_full: WhenFull,
    /// The steps from one start to the cut after it, and what the cut leaves.
    pub(super) cuts: Vec<(u32, Torn)>,
    /// How doubtful cells read, start by start.
    pub(super) readings: Vec<u32>,
    /// Before which start which place is worn out.
    pub(super) defect: Option<(usize, u32, Defect)>,
    /// For each act the read that fails in it; empty where none does.
    pub(super) failing_reads: Vec<Option<u32>>,
    /// The payload in bytes by which room is measured.
    pub(super) len: usize,
}

/// Says what a plan is drawn for.
pub(super) struct Bounds<'a> {
    /// The longest payload in bytes.
    pub(super) longest: usize,
    /// The acts of a script, at most.
    pub(super) acts: u32,
    /// The steps of an act without a cut, on average.
    pub(super) steps: u32,
    pub(super) grain: Grain,
    /// The kinds of tear.
    pub(super) tears: &'a [Torn],
}

const MOST_CUTS: u32 = 8;
const SHORTEST: u32 = 2;

impl Plan {
    pub(super) fn draw(seed: u64, bounds: &Bounds<'_>) -> Self {
        let dice = &mut Dice::new(seed);
        let longest = (bounds.longest as u32).max(SHORTEST + 1);
        // Short ones make many to a page, long ones few and many turns of the memory.
        let spread = dice.pick(&[8, 40, longest]).unwrap_or(longest).min(longest) - SHORTEST;
        let script = script(dice, bounds.acts, spread);
        let acts = script.len() as u32;
        let mut plan = Self {
            script,
            when_full: if dice.one_in(2) { WhenFull::RefuseNew } else { WhenFull::DropOldest },
            cuts: cuts(dice, acts * bounds.steps, bounds.tears),
            readings: Vec::new(),
            defect: None,
            failing_reads: Vec::new(),
            len: (SHORTEST + dice.below(spread)) as usize,
        };
        plan.readings = (0..=MOST_CUTS).map(|_| reading(dice)).collect();
        let may_wear = bounds.grain == Grain::Words || plan.when_full == WhenFull::RefuseNew;
        if may_wear && dice.one_in(5) {
            let mut kinds = vec![Defect::EraseFails, Defect::ProgramFails, Defect::ProgramIgnored];
            // An erase that is ignored and called done leaves words that waver, which look blank today.
            if plan.cuts.iter().all(|(_, torn)| *torn != Torn::Metastable) {
                kinds.push(Defect::EraseIgnored);
            }
            let starts = if bounds.grain == Grain::Words { 3 } else { 1 };
            let start = dice.below(starts) as usize;
            let offset = dice.below(1 << 16);
            plan.defect = dice.pick(&kinds).map(|kind| (start, offset, kind));
        } else if plan.when_full == WhenFull::RefuseNew && dice.one_in(4) {
            // Not where it may drop: what cannot be read just then, it cannot count.
            plan.failing_reads =
                (0..acts).map(|_| dice.one_in(6).then(|| dice.below(12))).collect();
        }
        plan
    }
}

fn script(dice: &mut Dice, most: u32, spread: u32) -> Vec<Act> {
    let acts = most / 4 + dice.below(most - most / 4);
    let is_one_line = dice.one_in(3);
    let only = line(dice);
    // From a device that hardly gets rid of anything to one that keeps up.
    let acks_in = dice.pick(&[2, 3, 8]).unwrap_or(3);
    let act = |dice: &mut Dice| {
        let priority = if is_one_line { only } else { line(dice) };
        if !dice.one_in(acks_in) {
            return Act::Record(priority, (SHORTEST + dice.below(spread)) as usize);
        }
        let count = if dice.one_in(8) { usize::MAX } else { 1 + dice.below(8) as usize };
        Act::Ack(priority, count)
    };
    (0..acts).map(|_| act(dice)).collect()
}

fn line(dice: &mut Dice) -> Priority {
    dice.pick(&PRIORITIES).unwrap_or(Priority::Normal)
}

/// Spreads cuts evenly over `steps`; one in four follows close behind the one before it, where
/// mending is under way.
fn cuts(dice: &mut Dice, steps: u32, tears: &[Torn]) -> Vec<(u32, Torn)> {
    let mut at: Vec<u32> = (0..dice.below(MOST_CUTS + 1)).map(|_| dice.below(steps)).collect();
    at.sort_unstable();
    // The worst of one kind comes of many of it.
    let only = if dice.one_in(2) { dice.pick(tears) } else { None };
    let mut before = 0;
    let mut cuts = Vec::new();
    for at in at {
        let gap = if dice.one_in(4) { dice.below(6) } else { at - before };
        before = at;
        let kind = only.or_else(|| dice.pick(tears)).unwrap_or(Torn::Before);
        cuts.push((gap, varied(dice, kind)));
    }
    cuts
}

/// Returns one of the many that a kind of tear stands for.
fn varied(dice: &mut Dice, kind: Torn) -> Torn {
    let reach = if dice.one_in(2) { 32 } else { 1024 };
    match kind {
        Torn::FirstHalf if !dice.one_in(4) => Torn::Prefix(1 + dice.below(reach) as u16),
        Torn::LastHalf if !dice.one_in(4) => Torn::Suffix(1 + dice.below(reach) as u16),
        Torn::Bits(_) => Torn::Bits(dice.below(256) as u8),
        Torn::Random(_) => Torn::Random(dice.below(u32::MAX)),
        other => other,
    }
}

/// Returns how doubtful cells read: as they were, as they were to become, or mixed by a seed.
fn reading(dice: &mut Dice) -> u32 {
    match dice.below(4) {
        0 => 0,
        1 => 1,
        _ => 2 + dice.below(u32::MAX - 2),
    }
}
