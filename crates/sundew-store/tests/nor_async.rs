//! The async calls of the log on NOR flash do what the blocking ones do, wherever they are dropped.

#![cfg(feature = "async")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers fail as the tests do"
)]

mod nor_model;

use nor_model::{Act, Blocking, Calls, Device, Dice, Outcome};
use sundew_store::Error;
use sundew_store::log::{Appended, Cursor, Draft, Log, LogAsync, Mark, NorLog};
use sundew_store::log::{Priority, WhenFull};
use sundew_testkit::{Erased, Reading, Rewrite, SimFlash, Slow, Torn, poll_at_most};

const TORN: [Torn; 8] = [
    Torn::Before,
    Torn::FirstHalf,
    Torn::Random(7),
    Torn::Programmed,
    Torn::Erased,
    Torn::Unreadable,
    Torn::Metastable,
    Torn::Whole,
];

/// Makes async calls on flash that takes its time, and drops those that take more polls.
#[derive(Clone, Copy)]
struct Awaited {
    polls: u32,
    torn: Torn,
}

const WHOLE: Awaited = Awaited { polls: u32::MAX, torn: Torn::Before };

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Calls<SimFlash<SIZE, PAGE, WORD, READ>> for Awaited
{
    fn open(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
    ) -> Outcome<()> {
        poll_at_most(self.polls, LogAsync::open(log, &mut Slow::new(flash, self.torn)))
    }

    fn append(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Outcome<Appended> {
        let mut slow = Slow::new(flash, self.torn);
        let appended = LogAsync::append(log, &mut slow, draft, when_full);
        poll_at_most(self.polls, appended).filter(|_| flash.is_powered())
    }

    fn release(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
        up_to: Mark,
    ) -> Outcome<()> {
        let mut slow = Slow::new(flash, self.torn);
        let released = LogAsync::release(log, &mut slow, up_to);
        poll_at_most(self.polls, released).filter(|_| flash.is_powered())
    }
}

/// Runs what follows for flash of several kinds, with a seed.
macro_rules! on_all_flash {
    ($run:ident, $seeds:expr) => {
        for seed in $seeds {
            match seed % 5 {
                0 => $run(seed, SimFlash::<960, 240, 4>::new()),
                1 => $run(seed, SimFlash::<1280, 256, 8>::new().with_rewrite(Rewrite::Refused)),
                2 => $run(seed, SimFlash::<1152, 384, 16, 4>::new().with_rewrite(Rewrite::Refused)),
                3 => $run(seed, SimFlash::<1024, 256, 4>::new().with_erased(Erased::Zeros)),
                _ => $run(seed, SimFlash::<1920, 240, 1>::new()),
            }
        }
    };
}

fn any_act(dice: &mut Dice, page: usize) -> Act {
    let lines = [Priority::Normal, Priority::Normal, Priority::High, Priority::Low];
    let line = lines[dice.roll(4) as usize];
    match dice.roll(8) {
        0 => Act::Open,
        1..=5 => Act::Append(line, dice.roll(page as u32 / 3) as usize),
        _ => Act::Release(line, 1 + dice.roll(4) as usize),
    }
}

fn any_full(dice: &mut Dice) -> WhenFull {
    if dice.roll(2) == 0 { WhenFull::DropOldest } else { WhenFull::RefuseNew }
}

#[test]
fn either_face_leaves_the_same_bytes_and_one_may_go_on_for_the_other() {
    on_all_flash!(both_faces, 0..60);
}

fn both_faces<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    seed: u32,
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
) {
    let mut dice = Dice(seed);
    let mut blocking = Device::new(flash, any_full(&mut dice));
    blocking.name = format!("seed {seed}");
    let (mut awaited, mut mixed) = (blocking.clone(), blocking.clone());
    for turn in 0..120 {
        let act = any_act(&mut dice, PAGE);
        if dice.roll(16) == 0 {
            let (steps, torn) = (dice.roll(8), TORN[dice.roll(5) as usize]);
            for device in [&mut blocking, &mut awaited, &mut mixed] {
                device.flash.cut_after(steps, torn);
            }
        }
        let is_done = blocking.act_by(&mut Blocking, act);
        assert_eq!(awaited.act_by(&mut { WHOLE }, act), is_done);
        match dice.roll(2) {
            0 => mixed.act_by(&mut Blocking, act),
            _ => mixed.act_by(&mut { WHOLE }, act),
        };
        for other in [&mut awaited, &mut mixed] {
            assert!(blocking.flash.image() == other.flash.image(), "seed {seed}, turn {turn}");
            assert_eq!(format!("{:?}", blocking.log), format!("{:?}", other.log));
        }
        if !is_done {
            for device in [&mut blocking, &mut awaited, &mut mixed] {
                device.start(Reading::Mixed(turn));
            }
        }
    }
}

#[test]
fn a_call_that_is_dropped_leaves_no_more_than_a_power_cut() {
    on_all_flash!(dropped_everywhere, 0..10);
}

/// Goes through a life, drops each of its calls at each moment, and looks how that branch goes on.
fn dropped_everywhere<
    const SIZE: usize,
    const PAGE: usize,
    const WORD: usize,
    const READ: usize,
>(
    seed: u32,
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
) {
    let mut dice = Dice(seed);
    let mut device = Device::new(flash, any_full(&mut dice));
    let mut tears = TORN.into_iter().cycle();
    for turn in 0..40 {
        let act = any_act(&mut dice, PAGE);
        for polls in 1.. {
            let mut branch = device.clone();
            branch.name = format!("seed {seed}, turn {turn}, {act:?} dropped after {polls}");
            let torn = tears.next().unwrap();
            if branch.act_by(&mut Awaited { polls, torn }, act) {
                device = branch;
                break;
            }
            is_closed(&mut branch);
            open_again(&mut branch);
            branch.act(any_act(&mut dice, PAGE));
            if dice.roll(40) == 0 {
                branch.ends_well();
            }
        }
    }
}

/// No call goes on with a log whose last one was dropped.
fn is_closed<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    device: &mut Device<SIZE, PAGE, WORD, READ>,
) {
    let Device { name, flash, log, .. } = device;
    let before = *flash.image();
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 255]);
    let draft = Draft { priority: Priority::High, tag: 0, head: b"a", body: b"b" };
    let appended = Log::append(log, flash, draft, WhenFull::DropOldest);
    assert_eq!(appended, Err(Error::NotOpen), "{name}");
    let appended = { WHOLE }.append(log, flash, draft, WhenFull::DropOldest);
    assert_eq!(appended, Some(Err(Error::NotOpen)), "{name}");
    assert_eq!(Log::next(log, flash, &mut cursor, &mut buffer), Err(Error::NotOpen), "{name}");
    let mut opened = log.clone();
    Log::open(&mut opened, flash).unwrap();
    if let Some(item) = Log::next(&mut opened, flash, &mut cursor, &mut buffer).unwrap() {
        let released = { WHOLE }.release(log, flash, item.mark);
        assert_eq!(released, Some(Err(Error::NotOpen)), "{name}");
    }
    assert!(*flash.image() == before, "{name}: written while closed");
}

fn open_again<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    device: &mut Device<SIZE, PAGE, WORD, READ>,
) {
    Log::open(&mut device.log, &mut device.flash).unwrap();
    device.check();
}

#[test]
fn many_calls_may_be_dropped_in_one_life() {
    on_all_flash!(dropped_often, 0..100);
}

fn dropped_often<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    seed: u32,
    flash: SimFlash<SIZE, PAGE, WORD, READ>,
) {
    let mut dice = Dice(seed);
    let mut device = Device::new(flash, any_full(&mut dice));
    // As with power cuts: signs of one page settle four of them, if its words waver.
    let (mut dropped, mut pages) = (0, 0);
    for turn in 0..200 {
        device.name = format!("seed {seed}, turn {turn}");
        let act = any_act(&mut dice, PAGE);
        let is_dropped = dropped < 4 && dice.roll(4) == 0;
        let polls = if is_dropped { dice.roll(150) } else { u32::MAX };
        let torn = TORN[dice.roll(8) as usize];
        if !device.act_by(&mut Awaited { polls, torn }, act) {
            open_again(&mut device);
            dropped += 1;
        }
        if device.flash.counters().pages > pages {
            (dropped, pages) = (0, device.flash.counters().pages);
        }
    }
    device.ends_well();
}

#[test]
fn a_read_that_is_dropped_costs_nothing() {
    let mut flash = SimFlash::<1280, 256, 8>::new();
    let mut log = NorLog::new(sundew_core::Region::new(0, 1280));
    Log::open(&mut log, &mut flash).unwrap();
    for byte in 0..20 {
        let draft = Draft { priority: Priority::Low, tag: 0, head: &[byte], body: &[byte; 9] };
        Log::append(&mut log, &mut flash, draft, WhenFull::RefuseNew).unwrap();
    }
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 10]);
    for byte in 0..20 {
        for polls in 0.. {
            let mut slow = Slow::new(&mut flash, Torn::Before);
            let next = LogAsync::next(&mut log, &mut slow, &mut cursor, &mut buffer);
            if let Some(item) = poll_at_most(polls, next) {
                assert_eq!(item.unwrap().unwrap().bytes, [byte; 10]);
                break;
            }
        }
    }
    assert_eq!(Log::next(&mut log, &mut flash, &mut cursor, &mut buffer), Ok(None));
}

#[test]
fn clearing_that_is_dropped_is_done_again() {
    for polls in 1.. {
        let mut flash = SimFlash::<768, 256, 4>::new();
        let mut log = NorLog::new(sundew_core::Region::new(0, 768));
        Log::open(&mut log, &mut flash).unwrap();
        let draft = Draft { priority: Priority::Low, tag: 0, head: b"here", body: b"" };
        Log::append(&mut log, &mut flash, draft, WhenFull::RefuseNew).unwrap();
        let mut slow = Slow::new(&mut flash, Torn::FirstHalf);
        let is_done = poll_at_most(polls, LogAsync::clear(&mut log, &mut slow)).is_some();
        let (mut cursor, mut buffer) = (Cursor::default(), [0; 10]);
        let next = Log::next(&mut log, &mut flash, &mut cursor, &mut buffer);
        if is_done {
            assert_eq!(next, Ok(None));
            break;
        }
        assert_eq!(next, Err(Error::NotOpen));
        Log::clear(&mut log, &mut flash).unwrap();
        assert_eq!(Log::next(&mut log, &mut flash, &mut cursor, &mut buffer), Ok(None));
    }
}
