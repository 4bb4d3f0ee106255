//! A device with a log on simulated flash, and what the world knows about it.

use sundew_core::Region;
use sundew_store::Error;
use sundew_store::log::{
    Appended, Cursor, Draft, Log, Mark, NorLog, Occupancy, Priority, WhenFull,
};
use sundew_testkit::{FlashError, Reading, SimFlash};

pub(crate) const LINES: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];

/// Is what a device does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Appends an item with so many bytes behind its name.
    Append(Priority, usize),
    /// Releases the so many oldest, or as many as there are.
    Release(Priority, usize),
    /// Opens the log anew.
    Open,
}

/// Rolls numbers that a seed decides.
pub(crate) struct Dice(pub(crate) u32);

impl Dice {
    pub(crate) fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x21F0_AAAD);
        mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x735A_2D97);
        (mixed ^ (mixed >> 15)) % below
    }
}

/// Makes the calls; `None` says that one did not come to its end.
pub(crate) trait Calls<F> {
    fn open(&mut self, log: &mut NorLog, flash: &mut F) -> Outcome<()>;

    fn append(
        &mut self,
        log: &mut NorLog,
        flash: &mut F,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Outcome<Appended>;

    fn release(&mut self, log: &mut NorLog, flash: &mut F, up_to: Mark) -> Outcome<()>;
}

pub(crate) type Outcome<T> = Option<Result<T, Error<FlashError>>>;

/// Makes blocking calls, which power ends.
pub(crate) struct Blocking;

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Calls<SimFlash<SIZE, PAGE, WORD, READ>> for Blocking
{
    fn open(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
    ) -> Outcome<()> {
        Some(log.open(flash))
    }

    fn append(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
        draft: Draft<'_>,
        when_full: WhenFull,
    ) -> Outcome<Appended> {
        let appended = log.append(flash, draft, when_full);
        flash.is_powered().then_some(appended)
    }

    fn release(
        &mut self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
        up_to: Mark,
    ) -> Outcome<()> {
        let released = log.release(flash, up_to);
        flash.is_powered().then_some(released)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Promise {
    id: u16,
    is_sure: bool,
}

#[derive(Clone)]
pub(crate) struct Device<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
{
    pub(crate) name: String,
    pub(crate) flash: SimFlash<SIZE, PAGE, WORD, READ>,
    pub(crate) log: NorLog,
    /// The log before it is opened.
    fresh: NorLog,
    when_full: WhenFull,
    next: u16,
    promises: [Vec<Promise>; 3],
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Device<SIZE, PAGE, WORD, READ>
{
    pub(crate) fn new(flash: SimFlash<SIZE, PAGE, WORD, READ>, when_full: WhenFull) -> Self {
        let log = NorLog::new(Region::new(0, SIZE as u32));
        let fresh = if flash.image()[0] == 0 { log.erased_to_zero() } else { log };
        let mut device = Self {
            name: String::new(),
            log: fresh.clone(),
            fresh,
            flash,
            when_full,
            next: 0,
            promises: Default::default(),
        };
        device.log.open(&mut device.flash).unwrap();
        device
    }

    /// Gives power and checks what is found.
    pub(crate) fn start(&mut self, reading: Reading) {
        self.flash.power_off();
        self.flash.power_on_reading(reading);
        self.log = self.fresh.clone();
        self.log.open(&mut self.flash).unwrap();
        self.check();
    }

    /// Does something; afterwards power may be gone.
    pub(crate) fn act(&mut self, act: Act) {
        self.act_by(&mut Blocking, act);
    }

    /// Does something by other calls than the blocking ones; returns whether they came to their end.
    pub(crate) fn act_by(
        &mut self,
        calls: &mut impl Calls<SimFlash<SIZE, PAGE, WORD, READ>>,
        act: Act,
    ) -> bool {
        let erased = self.flash.counters().pages;
        let is_done = match act {
            Act::Append(priority, len) => self.append(calls, priority, len),
            Act::Release(priority, count) => self.release(calls, priority, count),
            Act::Open => {
                self.log = self.fresh.clone();
                calls.open(&mut self.log, &mut self.flash).map(Result::unwrap).is_some()
            }
        };
        assert!(self.flash.counters().pages <= erased + 1, "{}: erased twice", self.name);
        if is_done {
            self.check();
        }
        is_done
    }

    /// Lets go of everything and fills the log again, more than once.
    pub(crate) fn ends_well(&mut self) {
        let pages = SIZE / PAGE;
        self.flash.cut_after(u32::MAX, sundew_testkit::Torn::Before);
        for round in 0..3 {
            for priority in LINES {
                self.release(&mut Blocking, priority, usize::MAX);
            }
            // Where damage ate the last ones, the log knows once it has looked.
            let (mut cursor, mut buffer) = (Cursor::default(), [0; 255]);
            assert_eq!(self.log.next(&mut self.flash, &mut cursor, &mut buffer), Ok(None));
            assert!(self.log.is_empty(), "{}: not empty", self.name);
            let room = NorLog::capacity::<SimFlash<SIZE, PAGE, WORD, READ>>(
                Region::new(0, SIZE as u32),
                9,
            );
            let room = room as usize;
            let mut count = 0;
            while count < room + usize::from(round == 1) * 4 * pages {
                let before = self.promises.iter().map(Vec::len).sum::<usize>();
                self.append(&mut Blocking, Priority::Normal, 7);
                let after = self.promises.iter().map(Vec::len).sum::<usize>();
                if count < room {
                    assert_eq!(after, before + 1, "{}: no room for {count}", self.name);
                }
                count += 1;
            }
            self.check();
        }
    }

    fn append(
        &mut self,
        calls: &mut impl Calls<SimFlash<SIZE, PAGE, WORD, READ>>,
        priority: Priority,
        len: usize,
    ) -> bool {
        let id = self.next;
        self.next += 1;
        let (head, body) = (id.to_le_bytes(), vec![id as u8 | 0xE0; len]);
        let draft = Draft { priority, tag: id as u8 & 15, head: &head, body: &body };
        self.line(priority).push(Promise { id, is_sure: false });
        let before = self.clone();
        let mut tries = 0;
        let appended = loop {
            tries += 1;
            match calls.append(&mut self.log, &mut self.flash, draft, self.when_full) {
                Some(Err(Error::Flash(_) | Error::Corrupt)) if tries < 6 => {}
                other => break other,
            }
        };
        let Some(appended) = appended else {
            // What would have been dropped may be gone. Who looks first may see that a line is empty,
            // and drop less.
            let Self { mut flash, mut log, .. } = before;
            flash.cut_after(u32::MAX, sundew_testkit::Torn::Before);
            let seen = self.seen(&mut log.clone(), &mut flash);
            if let Ok(appended) = log.append(&mut flash, draft, self.when_full) {
                for (line, id) in victims(&seen, appended.dropped) {
                    for promise in self.line(line).iter_mut().filter(|promise| promise.id == id) {
                        promise.is_sure = false;
                    }
                }
            }
            return false;
        };
        match appended {
            Ok(appended) => {
                let Self { mut flash, mut log, .. } = before;
                flash.cut_after(u32::MAX, sundew_testkit::Torn::Before);
                let seen = self.seen(&mut log, &mut flash);
                for (line, id) in victims(&seen, appended.dropped) {
                    assert!(line <= priority);
                    // An older one that is not there now must not come again either.
                    self.line(line).retain(|promise| promise.id > id);
                }
                assert_eq!(appended.mark.priority(), priority);
                self.line(priority).last_mut().unwrap().is_sure = true;
            }
            Err(Error::Full) => {
                assert!(
                    self.when_full == WhenFull::RefuseNew || {
                        let Self { mut flash, mut log, .. } = before;
                        self.seen(&mut log, &mut flash).iter().all(|(line, ..)| *line > priority)
                    },
                    "{}: full",
                    self.name
                );
                self.line(priority).pop();
            }
            Err(error) => panic!("{}: {error}", self.name),
        }
        true
    }

    fn release(
        &mut self,
        calls: &mut impl Calls<SimFlash<SIZE, PAGE, WORD, READ>>,
        priority: Priority,
        count: usize,
    ) -> bool {
        let (mut log, mut flash) = (self.log.clone(), self.flash.clone());
        let seen = self.seen(&mut log, &mut flash);
        let mut line = seen.iter().filter(|(line, ..)| *line == priority);
        let count = count.min(line.clone().count());
        let Some((_, id, mark)) = count.checked_sub(1).and_then(|last| line.nth(last)) else {
            return true;
        };
        let mut tries = 0;
        let released = loop {
            tries += 1;
            match calls.release(&mut self.log, &mut self.flash, *mark) {
                Some(Err(Error::Flash(_) | Error::Corrupt)) if tries < 6 => {}
                other => break other,
            }
        };
        if let Some(released) = released {
            released.unwrap_or_else(|error| panic!("{}: release: {error}", self.name));
            self.line(priority).retain(|promise| promise.id > *id);
        } else {
            for promise in self.line(priority).iter_mut().filter(|promise| promise.id <= *id) {
                promise.is_sure = false;
            }
        }
        released.is_some()
    }

    /// Checks that what waits is what must, without changing anything.
    pub(crate) fn check(&mut self) {
        let (mut log, mut flash) = (self.log.clone(), self.flash.clone());
        let seen = self.seen(&mut log, &mut flash);
        for (line, promises) in LINES.into_iter().zip(&self.promises) {
            let found: Vec<u16> =
                seen.iter().filter(|(other, ..)| *other == line).map(|(_, id, _)| *id).collect();
            let name = &self.name;
            assert!(found.is_sorted_by(|a, b| a < b), "{name}: {line:?} out of order: {found:?}");
            for id in &found {
                assert!(
                    promises.iter().any(|promise| promise.id == *id),
                    "{name}: {line:?} came again: {id} of {found:?}, {promises:?}"
                );
            }
            for promise in promises.iter().filter(|promise| promise.is_sure) {
                assert!(
                    found.contains(&promise.id),
                    "{name}: {line:?} lost {promise:?}: {found:?}"
                );
            }
        }
    }

    fn seen(
        &self,
        log: &mut NorLog,
        flash: &mut SimFlash<SIZE, PAGE, WORD, READ>,
    ) -> Vec<(Priority, u16, Mark)> {
        let (mut cursor, mut buffer) = (Cursor::default(), [0; 255]);
        let mut seen = Vec::new();
        while let Some(item) = log.next(flash, &mut cursor, &mut buffer).unwrap() {
            let id = u16::from_le_bytes([item.bytes[0], item.bytes[1]]);
            assert!(item.bytes[2..].iter().all(|byte| *byte == id as u8 | 0xE0), "{}", self.name);
            assert_eq!(item.tag, id as u8 & 15, "{}", self.name);
            seen.push((item.mark.priority(), id, item.mark));
        }
        seen
    }

    fn line(&mut self, priority: Priority) -> &mut Vec<Promise> {
        &mut self.promises[priority as usize]
    }
}

/// Names what was dropped: the oldest of the lowest line.
fn victims(seen: &[(Priority, u16, Mark)], dropped: u16) -> Vec<(Priority, u16)> {
    let Some(line) = seen.iter().map(|(line, ..)| *line).min() else { return Vec::new() };
    let ids = seen.iter().filter(|(other, ..)| *other == line).map(|(_, id, _)| (line, *id));
    ids.take(usize::from(dropped)).collect()
}
