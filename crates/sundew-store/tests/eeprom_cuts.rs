//! Power cuts under the EEPROM log: every state that any number of them can leave behind.
#![allow(clippy::indexing_slicing, clippy::unused_self, reason = "a test program")]

use core::cmp::Reverse;
use core::hash::{Hash, Hasher};
use core::time::Duration;
use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{Cursor, Draft, EepromLog, Log, Mark, Occupancy, Priority, WhenFull};
use sundew_testkit::explore::{Explorer, Memory, Stop, System};
use sundew_testkit::{EepromError, SimEeprom, Torn};

/// A head and one byte of an item.
const SLOT: usize = 11;

/// A device that keeps items in `SIZE / SLOT` slots, up to `items` of them.
struct Device<const SIZE: usize> {
    items: u8,
    choices: &'static [Choice],
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Append(Priority, WhenFull),
    /// Releases the first item that a reader finds.
    ReleaseFirst,
    /// Releases all items of the highest priority that holds any.
    ReleaseLine,
}

/// What the world knows. An item's one byte is its number; numbers grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct World {
    next: u8,
    /// Those that were reported as stored.
    stored: Vec<(Priority, u8)>,
    /// Those that may be there or not: dropping or releasing them was under way.
    open: Vec<(Priority, u8)>,
    /// Those that nobody was told of: appending them was under way. One may be there at one start
    /// and not at the next, and stand behind an item that came later.
    ghosts: Vec<(Priority, u8)>,
}

/// A part of `SIZE` bytes, which counts states as one where they differ in rubbish alone.
#[derive(Clone)]
struct Part<const SIZE: usize>(SimEeprom<SIZE>);

impl<const SIZE: usize> Memory for Part<SIZE> {
    type Tear = Torn;

    fn tears(&self) -> impl IntoIterator<Item = Torn> {
        Memory::tears(&self.0)
    }

    fn steps(&self) -> u32 {
        self.0.steps()
    }

    fn cut_after(&mut self, steps: u32, tear: Torn) {
        self.0.cut_after(steps, tear);
    }

    fn power_off(&mut self) {
        self.0.power_off();
    }

    fn is_powered(&self) -> bool {
        self.0.is_powered()
    }

    fn readings(&self) -> u32 {
        self.0.readings()
    }

    fn power_on(&mut self, reading: u32) {
        Memory::power_on(&mut self.0, reading);
    }

    /// Of a slot that is no item however its doubtful bytes read, only the place and what follows
    /// it count: a check that fails, fails, whatever its bytes.
    fn fingerprint<H: Hasher>(&self, hasher: &mut H) {
        self.is_powered().hash(hasher);
        let mut readings = vec![*self.0.image()];
        for reading in 0..self.readings() {
            let mut other = self.0.clone();
            Memory::power_on(&mut other, reading);
            readings.push(*other.image());
        }
        for at in (0..SIZE / SLOT).map(|slot| slot * SLOT) {
            let slots: Vec<&[u8]> = readings.iter().map(|image| &image[at..at + SLOT]).collect();
            let may_hold = slots.iter().any(|slot| is_sound(slot));
            for slot in slots {
                slot[if may_hold { 0 } else { 4 }..10].hash(hasher);
                slot[if may_hold { 10 } else { SLOT }..].hash(hasher);
            }
        }
    }
}

/// Checks a slot as SPEC.md says, apart from the code under test.
fn is_sound(slot: &[u8]) -> bool {
    let mut crc = u32::MAX;
    let len = usize::from(slot[9]);
    let Some(body) = slot.get(10..10 + len) else { return false };
    for byte in [1, SLOT as u8, 0].iter().chain(&slot[4..10]).chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xEDB8_8320 };
        }
    }
    crc.to_le_bytes() == slot[..4]
}

type Found = Vec<(Priority, u8, Mark)>;

fn read<const SIZE: usize>(
    log: &EepromLog<SLOT>,
    memory: &Part<SIZE>,
) -> Result<Found, Error<EepromError>> {
    let (mut log, mut memory) = (log.clone(), memory.clone());
    let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 1], Vec::new());
    while let Some(item) = log.next(&mut memory.0, &mut cursor, &mut buffer)? {
        found.push((item.mark.priority(), item.bytes[0], item.mark));
    }
    Ok(found)
}

impl<const SIZE: usize> Device<SIZE> {
    const SLOTS: usize = SIZE / SLOT;

    fn check(
        &self,
        log: &EepromLog<SLOT>,
        memory: &Part<SIZE>,
        world: &World,
    ) -> Result<Found, Stop> {
        let found = read(log, memory).map_err(Stop::failed)?;
        let is_found = |one: &(Priority, u8)| found.iter().any(|item| (item.0, item.1) == *one);
        if let Some(lost) = world.stored.iter().find(|one| !is_found(one)) {
            return Err(Stop::violation(format!("item {lost:?} is lost")));
        }
        for (priority, number, _) in &found {
            let one = (*priority, *number);
            let known = [&world.stored, &world.open, &world.ghosts];
            if !known.iter().any(|list| list.contains(&one)) {
                return Err(Stop::violation(format!("item {one:?} came back")));
            }
        }
        let told = found.iter().filter(|item| !world.ghosts.contains(&(item.0, item.1)));
        if !told.is_sorted_by_key(|item| (Reverse(item.0), item.1)) {
            return Err(Stop::violation("the order is wrong"));
        }
        Ok(found)
    }
}

impl<const SIZE: usize> System for Device<SIZE> {
    type Memory = Part<SIZE>;
    type Live = EepromLog<SLOT>;
    type Model = World;

    fn start(&self) -> (Self::Memory, World) {
        (Part(SimEeprom::new()), World::default())
    }

    fn open(&self, memory: &mut Self::Memory, world: &mut World) -> Result<Self::Live, Stop> {
        let mut log = EepromLog::new(Region::new(0, SIZE as u32));
        let before = memory.steps();
        log.open(&mut memory.0).map_err(Stop::failed)?;
        if memory.steps() != before {
            return Err(Stop::violation("opening wrote"));
        }
        self.check(&log, memory, world)?;
        Ok(log)
    }

    fn choices(&self, _: &World) -> usize {
        self.choices.len()
    }

    fn name(&self, choice: usize) -> String {
        format!("{:?}", self.choices[choice])
    }

    fn operate(
        &self,
        choice: usize,
        log: &mut Self::Live,
        memory: &mut Self::Memory,
        world: &mut World,
    ) -> Result<(), Stop> {
        let found = read(log, memory).map_err(Stop::failed)?;
        match self.choices[choice] {
            Choice::Append(..) if world.next == self.items => return Ok(()),
            Choice::Append(priority, when_full) => {
                let new = (priority, world.next);
                world.next += 1;
                world.ghosts.push(new);
                // As many items fit as there are slots, and only then one is dropped: the oldest of
                // the lowest priority, none above the new one's.
                let lowest = found.iter().map(|item| item.0).min();
                let victim = found
                    .iter()
                    .find(|item| Some(item.0) == lowest)
                    .map(|item| (item.0, item.1))
                    .filter(|_| found.len() == Self::SLOTS);
                let is_refused = victim.is_some_and(|(lowest, _)| {
                    when_full == WhenFull::RefuseNew || lowest > priority
                });
                let victim = victim.filter(|_| !is_refused);
                if let Some(victim) = victim.filter(|victim| !world.ghosts.contains(victim)) {
                    world.stored.retain(|one| *one != victim);
                    world.open.push(victim);
                }
                let draft = Draft { priority, tag: 0, head: &[], body: &[new.1] };
                match log.append(&mut memory.0, draft, when_full) {
                    Ok(appended) if !is_refused => {
                        if usize::from(appended.dropped) != usize::from(victim.is_some()) {
                            return Err(Stop::violation("dropped another number of items"));
                        }
                        world.stored.push(new);
                        // In number order, so that equal worlds are equal.
                        world.stored.sort_unstable();
                        world.ghosts.retain(|one| *one != new && Some(*one) != victim);
                        world.open.retain(|one| Some(*one) != victim);
                    }
                    Err(Error::Full) if is_refused => world.ghosts.retain(|one| *one != new),
                    Err(Error::Flash(EepromError::PowerLost)) => return Err(Stop::PowerLost),
                    other => return Err(Stop::violation(format!("append gave {other:?}"))),
                }
            }
            Choice::ReleaseFirst | Choice::ReleaseLine => {
                let Some(line) = found.first().map(|item| item.0) else { return Ok(()) };
                let of_line = found.iter().filter(|item| item.0 == line);
                let upto = if let Choice::ReleaseFirst = self.choices[choice] { 1 } else { 99 };
                let named: Vec<_> = of_line.take(upto).collect();
                let Some((_, _, mark)) = named.last() else { return Ok(()) };
                // Those that were told of, and cannot be seen just now, are older.
                let told = named.iter().filter(|item| !world.ghosts.contains(&(item.0, item.1)));
                let last = told.map(|item| item.1).max();
                let covers = |one: &(Priority, u8)| one.0 == line && Some(one.1) <= last;
                world.open.extend(world.stored.iter().filter(|one| covers(one)));
                world.open.sort_unstable();
                world.open.dedup();
                world.stored.retain(|one| !covers(one));
                log.release(&mut memory.0, *mark).map_err(Stop::failed)?;
                world.open.retain(|one| !covers(one));
                world.ghosts.retain(|one| !named.iter().any(|item| (item.0, item.1) == *one));
            }
        }
        let found = self.check(log, memory, world)?;
        if log.is_empty() != found.is_empty() {
            return Err(Stop::violation("is_empty is wrong"));
        }
        Ok(())
    }
}

fn explore<const SIZE: usize>(items: u8, choices: &'static [Choice], tears: &[Torn]) -> bool {
    let device = Device::<SIZE> { items, choices };
    let report = Explorer::new(device).tears(tears.iter().copied()).max_time(LIMIT).run();
    println!("{} slots, {items} items, {choices:?}, {tears:?}: {report}", SIZE / SLOT);
    for finding in &report.findings {
        println!("{finding}");
    }
    assert_eq!(report.violations, 0);
    report.closed
}

const LIMIT: Duration = Duration::from_mins(10);

const ONE_LINE: &[Choice] =
    &[Choice::Append(Priority::Normal, WhenFull::DropOldest), Choice::ReleaseFirst];
const TWO_LINES: &[Choice] = &[
    Choice::Append(Priority::Normal, WhenFull::DropOldest),
    Choice::Append(Priority::High, WhenFull::RefuseNew),
    Choice::ReleaseLine,
];

#[test]
fn no_item_is_lost_and_none_comes_back_in_one_line() {
    assert!(explore::<{ 2 * SLOT }>(3, ONE_LINE, &[Torn::Metastable]));
}

#[test]
fn no_item_is_lost_and_none_comes_back_in_two_lines() {
    assert!(explore::<{ 2 * SLOT }>(3, TWO_LINES, &[Torn::Random(1)]));
}

/// Run it with `cargo test -p sundew-store --release -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn more_items_and_slots_and_tears() {
    use Torn::{Before, Erased, Metastable, Random};
    for tears in [&[Before, Metastable][..], &[Erased, Random(1)]] {
        explore::<{ 2 * SLOT }>(4, ONE_LINE, tears);
        explore::<{ 2 * SLOT }>(5, TWO_LINES, tears);
        explore::<{ 3 * SLOT }>(4, ONE_LINE, tears);
        explore::<{ 3 * SLOT }>(5, TWO_LINES, tears);
    }
}
