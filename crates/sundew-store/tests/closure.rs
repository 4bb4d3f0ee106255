//! Every state that power cuts can leave: a setting has its old value or its new one.
//!
//! Cuts hit every step of every save, in the ways of `TEARS`; words and pages that are torn may
//! read in another way at each start. How many saves are cut is bounded in each run, so that it
//! ends.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use sundew_core::Region;
use sundew_store::{Key, Setting, Settings};
use sundew_testkit::explore::{Explorer, Stop, System};
use sundew_testkit::{Erased, Rewrite, SimFlash, Torn};

const KEYS: usize = 2;

const TEARS: [Torn; 5] =
    [Torn::Before, Torn::FirstHalf, Torn::Unreadable, Torn::Metastable, Torn::Whole];

/// Saves at will under two keys.
struct Device<const SIZE: usize, const PAGE: usize, const WORD: usize> {
    rewrite: Rewrite,
    erased: Erased,
    /// Saves that were made before the search begins.
    before: u16,
    /// Saves that return, at most.
    saves: u16,
    /// Saves that are cut, at most.
    cuts: u8,
}

#[derive(Clone, Copy, Debug, Default, Hash)]
struct World {
    cuts: u8,
    is_saving: bool,
    keys: [Known; KEYS],
}

/// What the world knows of a key.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Known {
    /// What was saved last by a call that returned.
    saved: u16,
    /// Whether calls that did not return may have left one more than was saved.
    doubtful: bool,
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize> Device<SIZE, PAGE, WORD> {
    const fn settings(&self) -> Settings {
        let settings = Settings::new(Region::new(0, SIZE as u32));
        if matches!(self.erased, Erased::Zeros) { settings.erased_to_zero() } else { settings }
    }

    fn check(&self, flash: &mut SimFlash<SIZE, PAGE, WORD>, world: &World) -> Result<(), Stop> {
        for (number, known) in world.keys.iter().enumerate() {
            let found = self.settings().read(flash, setting(number)).map_err(Stop::failed)?;
            let is_right = found.is_some_and(|found| {
                found == known.saved || (known.doubtful && found == known.saved + 1)
            });
            if !is_right {
                return Err(Stop::violation(format!("key {number}: {known:?}, {found:?} found")));
            }
        }
        Ok(())
    }
}

fn setting(number: usize) -> Setting<u16> {
    Setting::new(Key::application(64 + number as u8).unwrap())
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize> System for Device<SIZE, PAGE, WORD> {
    type Memory = SimFlash<SIZE, PAGE, WORD>;
    type Live = ();
    type Model = World;

    fn start(&self) -> (Self::Memory, World) {
        let mut flash = SimFlash::new().with_rewrite(self.rewrite).with_erased(self.erased);
        let mut world = World::default();
        for number in 0..KEYS {
            self.settings().write(&mut flash, setting(number), &0).unwrap();
        }
        for round in 1..=self.before {
            self.settings().write(&mut flash, setting(0), &round).unwrap();
            world.keys[0].saved = round;
        }
        (flash, world)
    }

    fn open(&self, flash: &mut Self::Memory, world: &mut World) -> Result<(), Stop> {
        world.cuts += u8::from(world.is_saving);
        world.is_saving = false;
        self.check(flash, world)
    }

    fn choices(&self, world: &World) -> usize {
        let saved: u16 = world.keys.iter().map(|known| known.saved).sum();
        if saved < self.before + self.saves && world.cuts < self.cuts { KEYS } else { 0 }
    }

    fn operate(
        &self,
        choice: usize,
        (): &mut (),
        flash: &mut Self::Memory,
        world: &mut World,
    ) -> Result<(), Stop> {
        let value = world.keys[choice].saved + 1;
        world.keys[choice].doubtful = true;
        world.is_saving = true;
        self.settings().write(flash, setting(choice), &value).map_err(Stop::failed)?;
        world.keys[choice] = Known { saved: value, doubtful: false };
        world.is_saving = false;
        self.check(flash, world)
    }
}

fn closes<const SIZE: usize, const PAGE: usize, const WORD: usize>(
    device: Device<SIZE, PAGE, WORD>,
    tears: &[Torn],
) {
    let report = Explorer::new(device).tears(tears.iter().copied()).run();
    println!("pages of {PAGE}, words of {WORD}: {report}");
    let nearest = report.findings.first().map(ToString::to_string);
    assert!(report.holds(), "{report}\n{}", nearest.unwrap_or_default());
}

/// The pages are so short that each save changes pages.
#[test]
fn cuts_in_changes_of_pages_leave_the_old_value_or_the_new_one() {
    for (rewrite, erased) in
        [(Rewrite::Refused, Erased::Ones), (Rewrite::ClearsBits, Erased::Zeros)]
    {
        let device = Device::<512, 256, 16> { rewrite, erased, before: 1, saves: 2, cuts: 1 };
        closes(device, &TEARS);
    }
    // What is between two values is the worst that is known: one more cut, of that kind alone.
    let (rewrite, erased) = (Rewrite::ClearsBits, Erased::Ones);
    let device = Device::<512, 256, 16> { rewrite, erased, before: 1, saves: 1, cuts: 2 };
    closes(device, &[Torn::Metastable]);
}

/// Values are appended, until one changes pages.
#[test]
fn cuts_while_values_are_appended_leave_the_old_value_or_the_new_one() {
    let (rewrite, erased) = (Rewrite::Refused, Erased::Ones);
    closes(Device::<640, 320, 16> { rewrite, erased, before: 0, saves: 4, cuts: 1 }, &TEARS);
}

/// Minutes on two cores: `cargo test --release -p sundew-store --test closure -- --ignored`.
#[test]
#[ignore = "a long proof"]
fn two_and_three_cuts_do_so_too() {
    for rewrite in [Rewrite::Refused, Rewrite::ClearsBits] {
        for erased in [Erased::Ones, Erased::Zeros] {
            let device = Device::<512, 256, 16> { rewrite, erased, before: 1, saves: 2, cuts: 2 };
            closes(device, &TEARS);
        }
    }
    let (rewrite, erased) = (Rewrite::Refused, Erased::Ones);
    closes(Device::<768, 256, 16> { rewrite, erased, before: 2, saves: 2, cuts: 2 }, &TEARS);
    closes(Device::<640, 320, 16> { rewrite, erased, before: 0, saves: 4, cuts: 2 }, &TEARS);
    // Not where words can be programmed twice: the README says what three such cuts do there.
    let device = Device::<512, 256, 16> { rewrite, erased, before: 1, saves: 2, cuts: 3 };
    closes(device, &[Torn::Metastable]);
}
