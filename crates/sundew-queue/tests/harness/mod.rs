//! Runs a queue beside a simple in-memory one and compares them after each operation.
//!
//! `tests/model.rs` draws the operations with proptest, `fuzz/` with libFuzzer.

#![allow(
    dead_code,
    unused_imports,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it fails as the tests do, and each of them uses a part"
)]

mod broken;
mod model;
mod parts;

pub(crate) use broken::Broken;
pub(crate) use parts::{PARTS, run_on};

use core::fmt::Debug;
use model::{Entry, Model, Passed};
use sundew_queue::{Class, Cursor, Error, Mark, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::Log;
use sundew_testkit::explore::Memory;

/// Is one thing that happens to a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation<T> {
    /// Records so many bytes.
    Record(Class, Clock, u8),
    /// Lets the reader go on by one record.
    Peek,
    /// Lets the reader start over.
    Restart,
    /// Acknowledges the record that the reader saw so many before its last.
    Ack(u8),
    /// Starts the device again.
    Reboot,
    /// Opens the queue again in the same boot.
    Reopen,
    /// Forgets all.
    Clear,
    /// Loses power in the step of the memory behind so many, if there is one before the next cut.
    Cut(u16, T),
}

/// Says which clock stamps a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// Counts since the boot.
    Boot,
    /// Counts since 1970.
    Unix,
}

/// Holds a queue, its memory, and what the outside knows about it.
pub(crate) struct Rig<L, M> {
    queue: Queue<L>,
    memory: M,
    /// Makes the log anew where it keeps its items in the memory.
    fresh: Option<Box<dyn Fn() -> L>>,
    when_full: WhenFull,
    /// The reading that metastable cells take at the next start.
    reading: u32,
    boot: u16,
    next: u32,
    dropped: u32,
    refused: u32,
    /// How many calls in a row failed with power on, on words that a cut left unfit.
    failed: u32,
    model: Model,
    cursor: Cursor,
    passed: Passed,
    /// What the reader saw since the queue was opened.
    seen: Vec<(Mark, u32)>,
}

impl<L, M> Rig<L, M>
where
    M: Memory,
    L: Log<M, Fault: Debug + PartialEq>,
{
    /// Opens a queue on an empty memory.
    pub(crate) fn new(
        log: L,
        memory: M,
        fresh: Option<Box<dyn Fn() -> L>>,
        when_full: WhenFull,
    ) -> Self {
        let mut rig = Self {
            queue: Queue::new(log, when_full),
            memory,
            fresh,
            when_full,
            reading: 0,
            boot: 1,
            next: 0,
            dropped: 0,
            refused: 0,
            failed: 0,
            model: Model::default(),
            cursor: Cursor::default(),
            passed: None,
            seen: Vec::new(),
        };
        rig.queue.open(&mut rig.memory, rig.boot).expect("an empty memory is a log");
        rig
    }

    /// Does one thing and compares; panics where the two differ.
    pub(crate) fn run(&mut self, operation: Operation<M::Tear>) {
        match operation {
            Operation::Record(class, clock, len) => self.record(class, clock, len),
            Operation::Peek => self.peek(),
            Operation::Restart => (self.cursor, self.passed) = (Cursor::default(), None),
            Operation::Ack(back) => self.ack(back),
            Operation::Reboot => self.reboot(),
            Operation::Reopen => self.reopen(),
            Operation::Clear => self.clear(),
            Operation::Cut(steps, tear) => self.memory.cut_after(steps.into(), tear),
        }
        let counters = self.queue.counters();
        assert_eq!(counters.recorded, self.next);
        assert_eq!((counters.dropped, counters.refused), (self.dropped, self.refused));
        assert!(!self.queue.is_empty() || self.model.is_empty(), "says it is empty and is not");
    }

    /// Compares all that is stored, and then that there is as much room as in a new one.
    ///
    /// `room` is how many records of 20 bytes each priority finds room for.
    pub(crate) fn finish(mut self, room: usize) {
        // A cut that did not come yet is forgotten.
        self.reboot();
        self.compare();
        self.drain();
        for priority in [Priority::High, Priority::Low, Priority::Normal] {
            let (mut taken, dropped) = (0, self.queue.counters().dropped);
            // More than twice what fits wears every page.
            while taken < 3 * room {
                match self.queue.record(&mut self.memory, Stamp::Unix(1), priority, &[7; 20]) {
                    Ok(_) => (taken, self.failed) = (taken + 1, 0),
                    Err(Error::Full) => break,
                    Err(error) => self.note(&error),
                }
            }
            assert!(taken >= room, "only {taken} of {priority:?} fit");
            let dropped = (self.queue.counters().dropped - dropped) as usize;
            // One whose writing failed may be there as well.
            let found = self.stored().len() + dropped;
            assert!(found >= taken, "of {taken} recorded, {found} are there or counted as dropped");
            self.drain();
        }
    }

    /// Acknowledges all that is stored.
    fn drain(&mut self) {
        // An ack empties a line, and each of the three may fail a few times first.
        for _ in 0..16 {
            let Some((last, _)) = self.stored().pop() else { break };
            match self.queue.ack(&mut self.memory, last) {
                Ok(()) => self.failed = 0,
                Err(error) => self.note(&error),
            }
        }
        assert!(self.stored().is_empty(), "acks do not empty it");
        self.model = Model::default();
        self.compare();
    }

    /// Bears a failure that goes away when the call is made again.
    fn note(&mut self, error: &Error<L::Fault>) {
        self.failed += 1;
        assert!(self.failed <= 3, "it fails again and again: {error:?}");
    }

    fn record(&mut self, class: Class, clock: Clock, len: u8) {
        let stamp = match clock {
            Clock::Boot => Stamp::SinceBoot(self.next ^ 0xA5A5),
            Clock::Unix => Stamp::Unix(self.next.wrapping_mul(0x9E37_79B9)),
        };
        let entry = self.model.draft(self.boot, self.next, stamp, class, len.into());
        let stored = self.queue.record(&mut self.memory, stamp, class, &entry.payload);
        if !self.memory.is_powered() {
            assert!(stored.is_err(), "a record is called durable without power");
            self.model.perhaps_recorded(entry, self.when_full);
            return self.recover();
        }
        match stored {
            Ok(position) => {
                assert_eq!(position, entry.position);
                let dropped = self.queue.counters().dropped - self.dropped;
                assert!(dropped == 0 || self.when_full == WhenFull::DropOldest);
                self.dropped += dropped;
                self.model.drop_oldest(dropped, class.priority);
                self.model.push(entry);
                self.next += 1;
                self.failed = 0;
            }
            Err(Error::Full) => {
                assert!(!self.model.is_empty(), "an empty queue is full");
                self.refused += 1;
            }
            Err(Error::Flash(_) | Error::Corrupt) => {
                self.next += 1;
                self.model.perhaps_recorded(entry, self.when_full);
                self.try_again();
                self.record(class, clock, len);
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Takes what is stored for the truth after a call that failed, and lets it be made again.
    fn try_again(&mut self) {
        self.failed += 1;
        assert!(self.failed <= 3, "it fails again and again");
        let stored = self.stored().into_iter().map(|(_, entry)| entry).collect();
        self.model.settle(stored);
    }

    fn peek(&mut self) {
        let mut buffer = [0xEE; 255];
        let found = self.queue.peek(&mut self.memory, &mut self.cursor, &mut buffer);
        if !self.memory.is_powered() {
            return self.recover();
        }
        let found = found.expect("reading works");
        let expected = self.model.behind(self.passed);
        assert_eq!(found.map(Entry::from), expected.cloned());
        if let (Some(record), Some(entry)) = (found, expected) {
            self.seen.push((record.mark, entry.id));
            self.passed = Some((entry.priority, entry.id));
        }
    }

    fn ack(&mut self, back: u8) {
        let at = self.seen.len().checked_sub(1 + usize::from(back));
        let Some(&(mark, id)) = at.and_then(|at| self.seen.get(at)) else { return };
        let acked = self.queue.ack(&mut self.memory, mark);
        if !self.memory.is_powered() {
            assert!(acked.is_err(), "an ack is called durable without power");
            self.model.perhaps_acked(mark.priority(), id);
            return self.recover();
        }
        match acked {
            Ok(()) => {
                self.model.ack(mark.priority(), id);
                self.failed = 0;
            }
            // Gone until the next start.
            Err(Error::Full) => self.model.ack_until_open(mark.priority(), id),
            Err(Error::Flash(_) | Error::Corrupt) => {
                self.model.perhaps_acked(mark.priority(), id);
                self.try_again();
                self.ack(back);
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    fn reboot(&mut self) {
        if self.fresh.is_some() {
            self.memory.power_off();
        }
        self.recover();
    }

    /// Starts the device after power was lost.
    fn recover(&mut self) {
        self.start();
        self.reopen();
    }

    fn start(&mut self) {
        self.reading = (self.reading + 1) % self.memory.readings();
        self.memory.power_on(self.reading);
        if let Some(fresh) = &self.fresh {
            self.queue = Queue::new(fresh(), self.when_full);
        }
        // A boot that got its number was a boot.
        self.boot += 1;
        (self.next, self.dropped, self.refused) = (0, 0, 0);
        self.queue.open(&mut self.memory, self.boot).expect("opening works");
    }

    fn reopen(&mut self) {
        self.queue.open(&mut self.memory, self.boot).expect("opening works");
        (self.cursor, self.passed) = (Cursor::default(), None);
        self.seen.clear();
        let stored = self.stored().into_iter().map(|(_, entry)| entry).collect();
        self.model.settle(stored);
    }

    fn clear(&mut self) {
        let mut cleared = self.queue.clear(&mut self.memory);
        if !self.memory.is_powered() {
            // Any of the pages may be left: who forgets starts over.
            self.start();
            cleared = self.queue.clear(&mut self.memory);
        }
        cleared.expect("clearing works");
        self.model = Model::default();
        (self.cursor, self.passed) = (Cursor::default(), None);
        self.seen.clear();
    }

    fn compare(&mut self) {
        let stored: Vec<_> = self.stored().into_iter().map(|(_, entry)| entry).collect();
        assert_eq!(stored, self.model.all());
        assert_eq!(self.queue.is_empty(), stored.is_empty(), "after all was read");
        assert_eq!(self.queue.count(&mut self.memory), Ok(stored.len() as u32));
    }

    fn stored(&mut self) -> Vec<(Mark, Entry)> {
        let (mut cursor, mut buffer, mut found) = (Cursor::default(), [0; 255], Vec::new());
        loop {
            match self.queue.peek(&mut self.memory, &mut cursor, &mut buffer) {
                Ok(Some(record)) => found.push((record.mark, Entry::from(record))),
                Ok(None) => return found,
                Err(error) => panic!("reading: {error:?}"),
            }
        }
    }
}
