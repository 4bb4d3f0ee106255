//! The log on NOR flash keeps what `log::Log` promises, whatever the flash does at a power cut.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers fail as the tests do"
)]

mod nor_model;

use nor_model::{Act, Device};
use sundew_store::log::{Priority, WhenFull};
use sundew_testkit::{Erased, Reading, Rewrite, SimFlash, Torn};

const HIGH: Priority = Priority::High;
const NORMAL: Priority = Priority::Normal;
const LOW: Priority = Priority::Low;

const TORN: [Torn; 13] = [
    Torn::Before,
    Torn::FirstHalf,
    Torn::LastHalf,
    Torn::Prefix(5),
    Torn::Suffix(3),
    Torn::Bits(0x5A),
    Torn::Random(1),
    Torn::Random(2),
    Torn::Programmed,
    Torn::Erased,
    Torn::Unreadable,
    Torn::Metastable,
    Torn::Whole,
];

const SCRIPT: [Act; 26] = [
    Act::Append(NORMAL, 3),
    Act::Append(NORMAL, 30),
    Act::Append(HIGH, 3),
    Act::Append(NORMAL, 12),
    Act::Release(HIGH, 1),
    Act::Append(LOW, 7),
    Act::Append(NORMAL, 21),
    Act::Append(NORMAL, 21),
    Act::Release(NORMAL, 2),
    Act::Append(NORMAL, 40),
    Act::Append(HIGH, 12),
    Act::Append(NORMAL, 21),
    Act::Open,
    Act::Append(NORMAL, 21),
    Act::Append(NORMAL, 21),
    Act::Append(NORMAL, 21),
    Act::Append(LOW, 21),
    Act::Append(NORMAL, 21),
    Act::Append(HIGH, 21),
    Act::Append(NORMAL, 21),
    Act::Release(NORMAL, 1),
    Act::Release(NORMAL, 9),
    Act::Append(NORMAL, 21),
    Act::Append(NORMAL, 21),
    Act::Append(NORMAL, 21),
    Act::Release(HIGH, 9),
];

/// Runs the script with one cut at every step, torn in so many ways, other ones from step to step,
/// and goes on for some acts.
fn every_single_cut<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    flash: &SimFlash<SIZE, PAGE, WORD, READ>,
    ways: usize,
) {
    for when_full in [WhenFull::DropOldest, WhenFull::RefuseNew] {
        let mut device = Device::new(flash.clone(), when_full);
        let mut tears = TORN.into_iter().cycle();
        for (index, act) in SCRIPT.into_iter().enumerate() {
            let mut whole = device.clone();
            whole.act(act);
            let steps = whole.flash.counters().steps() - device.flash.counters().steps();
            for step in (0..steps).flat_map(|step| [step].repeat(ways)) {
                let torn = tears.next().unwrap();
                let mut device = device.clone();
                device.name = format!("act {index}, step {step}, {torn:?}, {when_full:?}");
                device.flash.cut_after(step, torn);
                device.act(act);
                for reading in [Reading::New, Reading::Old, Reading::Mixed(step)] {
                    device.start(reading);
                    device.act(SCRIPT[(index + 1) % SCRIPT.len()]);
                }
                device.ends_well();
            }
            device = whole;
        }
    }
}

#[test]
fn no_cut_loses_a_record_or_brings_one_back() {
    every_single_cut(&SimFlash::<1280, 256, 8>::new().with_rewrite(Rewrite::Refused), TORN.len());
}

#[test]
fn no_cut_does_on_other_flash() {
    every_single_cut(&SimFlash::<1536, 384, 16, 4>::new().with_rewrite(Rewrite::Refused), 1);
    every_single_cut(&SimFlash::<2560, 640, 32>::new().with_rewrite(Rewrite::Refused), 1);
    every_single_cut(&SimFlash::<960, 240, 2, 4>::new(), 1);
    every_single_cut(&SimFlash::<1024, 256, 4>::new(), 1);
    every_single_cut(&SimFlash::<768, 256, 1>::new(), 1);
}

/// Is what leaves words and pages that read as one thing today and as another tomorrow.
const WAVERING: [Torn; 3] = [Torn::Before, Torn::Metastable, Torn::Whole];

#[test]
#[ignore = "takes long"]
fn random_cuts_many() {
    seeds().for_each(random_cuts);
}

#[test]
#[ignore = "takes long"]
fn random_cuts_that_waver_many() {
    seeds().for_each(random_cuts_that_waver);
}

fn seeds() -> std::ops::Range<u32> {
    let number = |name, or| std::env::var(name).map_or(or, |number| number.parse().unwrap());
    let first = number("SEED", 0);
    first..first + number("SEEDS", 2000)
}

#[test]
fn random_cuts_some() {
    (0..60).for_each(random_cuts);
}

#[test]
fn random_cuts_that_waver_some() {
    (0..100).for_each(random_cuts_that_waver);
}

fn random_cuts(seed: u32) {
    let zeros = SimFlash::<1024, 256, 4>::new().with_erased(Erased::Zeros);
    let once = Rewrite::Refused;
    match seed % 5 {
        0 => random_life(seed, SimFlash::<960, 240, 4>::new(), &TORN),
        1 => random_life(seed, SimFlash::<1280, 256, 8>::new().with_rewrite(once), &TORN),
        2 => random_life(seed, SimFlash::<1152, 384, 16, 4>::new().with_rewrite(once), &TORN),
        3 => random_life(seed, zeros, &TORN),
        _ => random_life(seed, SimFlash::<1920, 240, 1>::new(), &TORN),
    }
}

fn random_cuts_that_waver(seed: u32) {
    let once = Rewrite::Refused;
    match seed % 3 {
        0 => random_life(seed, SimFlash::<960, 240, 4>::new().with_rewrite(once), &WAVERING),
        1 => random_life(seed, SimFlash::<1280, 256, 8>::new().with_rewrite(once), &WAVERING),
        _ => random_life(seed, SimFlash::<1152, 384, 16, 4>::new().with_rewrite(once), &WAVERING),
    }
}

fn random_life<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    seed: u32,
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
    tears: &[Torn],
) {
    let mut dice = nor_model::Dice(seed);
    let when_full = [WhenFull::DropOldest, WhenFull::RefuseNew][dice.roll(2) as usize];
    let mut device = Device::new(flash, when_full);
    let lines = [NORMAL, NORMAL, HIGH, LOW];
    let kinds = dice.roll(4) + 1;
    let longest = PAGE as u32 / 3;
    // A page has room for six signs, and each life that writes before a change of pages is over takes
    // one, one of them two: behind the last, what is seen of the change is believed.
    let (mut lives, mut words, mut pages) = (0, 0, 0);
    for turn in 0..200 {
        device.name = format!("SEED={seed} SEEDS=1 turn {turn}");
        if lives < 4 && dice.roll(4) == 0 {
            let torn = tears[dice.roll(tears.len() as u32) as usize];
            device.flash.cut_after(dice.roll(8), torn);
        }
        let line = lines[dice.roll(kinds) as usize];
        let act = match dice.roll(8) {
            0 if lives < 3 => Act::Open,
            0..=4 => Act::Append(line, dice.roll(longest) as usize),
            _ => Act::Release(line, 1 + dice.roll(4) as usize),
        };
        device.act(act);
        let counters = device.flash.counters();
        if device.flash.is_powered() && counters.pages > pages {
            lives = 0;
        } else if !device.flash.is_powered() || matches!(act, Act::Open) {
            lives += u32::from(counters.words > words);
            words = counters.words;
        }
        pages = counters.pages;
        while !device.flash.is_powered() {
            let reading = match dice.roll(4) {
                0 => Reading::Old,
                1 => Reading::New,
                _ => Reading::Mixed(dice.roll(1 << 16)),
            };
            device.start(reading);
            if dice.roll(3) == 0 {
                device.flash.power_off();
            }
        }
    }
    device.ends_well();
}
