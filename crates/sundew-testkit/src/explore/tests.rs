//! A counter in two slots that survives everything, and what becomes of it when it is broken.

use core::hash::{Hash, Hasher};
use core::time::Duration;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};

use super::{Explorer, Memory, Stop, System};
use crate::{Rewrite, SimFlash, Torn};

const PAGE: u32 = 16;

/// Counts in two pages by turns; a slot is the count and its complement, in words of four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    Sound,
    /// Believes a count without looking at its complement.
    Unchecked,
    /// Writes over the slot that is valid.
    SameSlot,
    /// Erases both before it writes.
    ErasesFirst,
    /// Says that it is done before it is.
    Early,
    /// Writes a number into a page that is not erased.
    NoErase,
}

type Flash = SimFlash<32, 16, 4>;

impl Counter {
    /// Returns the count and its slot.
    fn read(self, flash: &mut Flash) -> (u32, u32) {
        let slots = [0, 1].map(|slot| (self.read_slot(flash, slot), slot));
        slots.into_iter().max().unwrap_or_default()
    }

    fn read_slot(self, flash: &mut Flash, slot: u32) -> u32 {
        let mut bytes = [0; 8];
        let Ok(()) = flash.read(slot * PAGE, &mut bytes) else { return 0 };
        let (count, complement) = bytes.split_at(4);
        let is_sound = count.iter().zip(complement).all(|(byte, other)| *byte == !other);
        let is_taken = count.iter().any(|byte| *byte != 0xFF);
        let count = u32::from_le_bytes(count.try_into().unwrap());
        if is_sound || (self == Self::Unchecked && is_taken) { count } else { 0 }
    }

    fn add(self, flash: &mut Flash) -> Result<(), Stop> {
        let (count, slot) = self.read(flash);
        let slot = if self == Self::SameSlot { slot } else { 1 - slot };
        let from = slot * PAGE;
        match self {
            Self::ErasesFirst => flash.erase(0, 2 * PAGE)?,
            Self::NoErase => {}
            _ => flash.erase(from, from + PAGE)?,
        }
        let count = (count + 1).to_le_bytes();
        flash.write(from, &count)?;
        flash.write(from + 4, &count.map(|byte| !byte))?;
        Ok(())
    }
}

impl System for Counter {
    type Memory = Flash;
    type Live = ();
    type Model = u32;

    fn start(&self) -> (Flash, u32) {
        (Flash::new().with_rewrite(Rewrite::Refused), 0)
    }

    fn open(&self, flash: &mut Flash, counted: &mut u32) -> Result<(), Stop> {
        let (found, _) = self.read(flash);
        if !(*counted..=*counted + 1).contains(&found) {
            return Err(Stop::violation(format!("{counted} counted, {found} found")));
        }
        *counted = found;
        Ok(())
    }

    fn choices(&self, counted: &u32) -> usize {
        usize::from(*counted < 4)
    }

    fn name(&self, _: usize) -> String {
        "add one".to_string()
    }

    fn operate(
        &self,
        _: usize,
        (): &mut (),
        flash: &mut Flash,
        counted: &mut u32,
    ) -> Result<(), Stop> {
        if *self == Self::Early {
            *counted += 1;
            return self.add(flash);
        }
        self.add(flash)?;
        *counted += 1;
        Ok(())
    }
}

/// Its kinds of tears are named here, so that the paths below stay what they are.
fn explorer(counter: Counter) -> Explorer<Counter> {
    let bits = [Torn::Bits(0x55), Torn::Bits(0xAA)];
    let tears = [Torn::Before, Torn::FirstHalf, Torn::Unreadable, Torn::Whole];
    Explorer::new(counter).tears(tears.into_iter().chain(bits))
}

#[test]
fn a_counter_in_two_slots_survives_any_number_of_cuts() {
    let report = explorer(Counter::Sound).run();
    assert!(report.holds(), "{report}");
    assert!(report.states > 50 && report.boots > 50, "{report}");
    assert!(report.to_string().contains(" closed=yes violations=0"), "{report}");
}

#[test]
fn broken_counters_are_caught_by_the_shortest_path() {
    for (broken, id, last, what) in [
        (
            Counter::Unchecked,
            "b.d0c1t1.b",
            "add one: power is lost in step 1, FirstHalf",
            "0 counted, 4294901761 found",
        ),
        (
            Counter::SameSlot,
            "b.d0.d0c0t1.b",
            "add one: power is lost in step 0, FirstHalf",
            "1 counted, 0 found",
        ),
        (
            Counter::ErasesFirst,
            "b.d0.d0c0t1.b",
            "add one: power is lost in step 0, FirstHalf",
            "1 counted, 0 found",
        ),
        (
            Counter::Early,
            "b.d0c0t0.b",
            "add one: power is lost in step 0, Before",
            "1 counted, 0 found",
        ),
    ] {
        let explorer = explorer(broken);
        let report = explorer.run();
        let finding = report.findings.first().unwrap();
        assert_eq!((finding.path.id().as_str(), finding.what.as_str()), (id, what), "{broken:?}");
        let cut = finding.path.turns().iter().rev().nth(1);
        assert_eq!(cut.unwrap(), last, "{broken:?}");
        assert_eq!(explorer.rerun(id).unwrap(), finding.path);
    }
    let report = explorer(Counter::NoErase).run();
    let finding = report.findings.first().unwrap();
    assert_eq!(finding.what, "failed: NotErased { offset: 0 }");
    assert_eq!(finding.path.id(), "b.d0.d0.d0");
}

#[test]
fn the_number_of_threads_does_not_show() {
    for system in [Counter::Sound, Counter::SameSlot] {
        let [one, three] = [1, 3].map(|threads| {
            let report = explorer(system).threads(threads).go_on().run();
            let ids: Vec<_> = report.findings.iter().map(|finding| finding.path.id()).collect();
            (report.states, report.boots, report.violations, ids)
        });
        assert_eq!(one, three);
    }
}

#[test]
fn bounds_end_a_search_and_are_told() {
    let by_states = explorer(Counter::Sound).max_states(20).run();
    let by_time = explorer(Counter::Sound).max_time(Duration::ZERO).run();
    for report in [by_states, by_time] {
        assert!(!report.closed && !report.holds() && report.violations == 0);
        assert!(report.to_string().contains("closed=cap"), "{report}");
    }
}

#[test]
fn tears_can_be_narrowed() {
    let whole = [Torn::Before, Torn::Whole];
    // Between operations nothing is torn, so nothing need be checked: what a weaker model misses.
    let report = Explorer::new(Counter::Unchecked).tears(whole).run();
    assert!(report.holds(), "{report}");
}

#[test]
fn an_id_of_something_else_is_refused_or_told() {
    let explorer = explorer(Counter::Sound);
    assert!(explorer.rerun("x2.y").is_err());
    let wrong = explorer.rerun("d0").unwrap();
    assert_eq!(wrong.violation(), Some("does not fit: the path is of another system"));
    let short = explorer.rerun("b.d0c9t0").unwrap();
    assert!(short.violation().unwrap().contains("not deterministic"), "{short}");
}

/// A vendor's own model: one cell that a torn write leaves floating until it is written again.
#[derive(Clone)]
struct Cell {
    value: Option<u8>,
    read_as: u8,
    powered: bool,
    steps: u32,
    cut: Option<u32>,
}

impl Cell {
    fn write(&mut self, value: u8) {
        match &mut self.cut {
            _ if !self.powered => return,
            Some(0) => {
                (self.value, self.powered) = (None, false);
            }
            Some(left) => {
                *left -= 1;
                self.value = Some(value);
            }
            None => self.value = Some(value),
        }
        self.steps += 1;
    }
}

impl Memory for Cell {
    type Tear = &'static str;

    fn tears(&self) -> impl IntoIterator<Item = &'static str> {
        ["floating"]
    }

    fn steps(&self) -> u32 {
        self.steps
    }

    fn cut_after(&mut self, steps: u32, _: &'static str) {
        self.cut = Some(steps);
    }

    fn power_off(&mut self) {
        self.powered = false;
    }

    fn is_powered(&self) -> bool {
        self.powered
    }

    fn readings(&self) -> u32 {
        if self.value.is_none() { 2 } else { 1 }
    }

    fn power_on(&mut self, reading: u32) {
        (self.powered, self.cut) = (true, None);
        self.read_as = self.value.unwrap_or(reading as u8);
    }

    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        (self.value, self.powered, self.powered.then_some(self.read_as)).hash(hasher);
    }
}

/// Sets a flag, and believes for ever what it reads at one start.
struct Flag;

impl System for Flag {
    type Memory = Cell;
    type Live = ();
    type Model = bool;

    fn start(&self) -> (Cell, bool) {
        (Cell { value: Some(0), read_as: 0, powered: false, steps: 0, cut: None }, false)
    }

    fn open(&self, cell: &mut Cell, seen: &mut bool) -> Result<(), Stop> {
        assert!(!*seen || cell.read_as == 1, "it was set, and is not");
        *seen = cell.read_as == 1;
        Ok(())
    }

    fn choices(&self, _: &bool) -> usize {
        1
    }

    fn operate(&self, _: usize, (): &mut (), cell: &mut Cell, _: &mut bool) -> Result<(), Stop> {
        cell.write(1);
        Ok(())
    }
}

#[test]
fn a_model_of_ones_own_is_explored_with_every_reading() {
    let report = Explorer::new(Flag).run();
    let finding = report.findings.first().unwrap();
    assert_eq!(finding.what, "panicked: it was set, and is not");
    assert_eq!(finding.path.id(), "b.d0c0t0.b1.x.b");
    let line = finding.path.turns().get(2).unwrap();
    assert_eq!(line, "boot, doubtful cells read their way 1");
}
