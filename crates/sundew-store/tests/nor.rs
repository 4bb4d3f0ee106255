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
    every_single_cut(&SimFlash::<1024, 256, 16, 4>::new().with_rewrite(Rewrite::Refused), 1);
    every_single_cut(&SimFlash::<2048, 512, 32>::new().with_rewrite(Rewrite::Refused), 1);
    every_single_cut(&SimFlash::<768, 192, 2, 4>::new(), 1);
    every_single_cut(&SimFlash::<1024, 256, 4>::new(), 1);
    every_single_cut(&SimFlash::<768, 256, 1>::new(), 1);
}

#[test]
#[ignore = "takes long"]
fn random_cuts_many() {
    let seeds: u32 = std::env::var("SEEDS").map_or(2000, |seeds| seeds.parse().unwrap());
    let first: u32 = std::env::var("SEED").map_or(0, |seed| seed.parse().unwrap());
    for seed in first..first + seeds {
        random_cuts(seed);
    }
}

#[test]
fn random_cuts_some() {
    for seed in 0..60 {
        random_cuts(seed);
    }
}

fn random_cuts(seed: u32) {
    let zeros = SimFlash::<1024, 256, 4>::new().with_erased(Erased::Zeros);
    match seed % 5 {
        0 => random_life(seed, SimFlash::<512, 128, 4>::new()),
        1 => random_life(seed, SimFlash::<1280, 256, 8>::new().with_rewrite(Rewrite::Refused)),
        2 => random_life(seed, SimFlash::<768, 256, 16, 4>::new().with_rewrite(Rewrite::Refused)),
        3 => random_life(seed, zeros),
        _ => random_life(seed, SimFlash::<1024, 128, 1>::new()),
    }
}

fn random_life<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    seed: u32,
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
) {
    let mut dice = nor_model::Dice(seed);
    let when_full = [WhenFull::DropOldest, WhenFull::RefuseNew][dice.roll(2) as usize];
    let mut device = Device::new(flash, when_full);
    let lines = [NORMAL, NORMAL, HIGH, LOW];
    let kinds = dice.roll(4) + 1;
    let longest = PAGE as u32 / 3;
    for turn in 0..200 {
        device.name = format!("SEED={seed} SEEDS=1 turn {turn}");
        if dice.roll(4) == 0 {
            let torn = TORN[dice.roll(TORN.len() as u32) as usize];
            device.flash.cut_after(dice.roll(8), torn);
        }
        let line = lines[dice.roll(kinds) as usize];
        device.act(match dice.roll(8) {
            0 => Act::Open,
            1..=4 => Act::Append(line, dice.roll(longest) as usize),
            _ => Act::Release(line, 1 + dice.roll(4) as usize),
        });
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
