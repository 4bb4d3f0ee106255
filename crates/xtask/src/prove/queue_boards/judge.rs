//! The ledger: what the device told, and what it must therefore find at the next start.

mod reach;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;

use queue_drill::{LONGEST, Line, Named, Sample, Shown};
use sundew_queue::{Position, Priority, WhenFull};

use super::board::Board;
use super::lives::Life;
use crate::failure::Failure;
use reach::Reach;

/// Highest first, as a reader comes by them.
const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

/// Reads what a device tells over all its lives, and says what is wrong.
pub(super) struct Judge<'b> {
    board: &'b Board,
    /// What the device must hold, a line of each priority, highest first, oldest first.
    held: [VecDeque<Entry>; 3],
    /// What was told to be begun, and not to be done.
    pending: Option<Pending>,
    /// What the start of this life showed so far; `None` once it is settled.
    found: Option<Vec<Shown>>,
    /// How far the reader of this life came, in the order of reading.
    reader: usize,
    boot: u16,
    when_full: WhenFull,
    next_number: u32,
    recorded: u64,
    reach: Reach,
    /// Whether neighbours are swapped on purpose now and then.
    pub(super) swaps: bool,
    pub(super) violations: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    sample: Sample,
    /// `None` where the power went before the name was told.
    position: Option<Position>,
    fate: Fate,
}

/// Says what may have become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was told to be recorded, and not to be gone.
    Stays,
    /// The power went while it came or went, or its acknowledgement could not be noted.
    MayBeGone,
}

#[derive(Clone, Copy, Debug)]
enum Pending {
    Record { record: Named, len: u8, when_full: WhenFull },
    Ack(Named),
}

impl<'b> Judge<'b> {
    pub(super) fn new(board: &'b Board) -> Self {
        Self {
            board,
            held: [const { VecDeque::new() }; 3],
            pending: None,
            found: None,
            reader: 0,
            boot: 0,
            when_full: WhenFull::DropOldest,
            next_number: 0,
            recorded: 0,
            reach: Reach::default(),
            swaps: false,
            violations: Vec::new(),
        }
    }

    /// Returns a number that no record had.
    pub(super) fn next_number(&self) -> u32 {
        self.next_number
    }

    /// Counts the records that were told to be recorded, over all lives.
    pub(super) fn recorded(&self) -> u64 {
        self.recorded
    }

    /// Returns the payload of the oldest record that must be there.
    pub(super) fn oldest_payload(&self) -> Option<Vec<u8>> {
        let stays = |entry: &&Entry| entry.fate == Fate::Stays;
        let oldest = self.held.iter().flatten().find(stays)?;
        Some(oldest.sample.payload(&mut [0; LONGEST]).to_vec())
    }

    /// Starts a life.
    pub(super) fn begin(&mut self, life: &Life) {
        self.found = Some(Vec::new());
        self.boot = life.order.boot;
        self.when_full = life.order.when_full;
    }

    /// Returns whether this life has shown what it found.
    pub(super) fn has_opened(&self) -> bool {
        self.found.is_none()
    }

    /// Takes a line; returns whether the device stands still now.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        let Some(line) = Line::parse(line) else {
            self.wrong(format_args!("the device says `{line}`"));
            // A panic ends the emulator.
            return line.starts_with("panic");
        };
        match line {
            Line::Ready => {}
            Line::Held(shown) => {
                if let Some(found) = &mut self.found {
                    found.push(shown);
                }
            }
            // The start reads to the end.
            Line::Drained if self.found.is_some() => {}
            Line::Opened => self.settle(),
            Line::Record { record, len } => {
                self.next_number = self.next_number.max(record.number + 1);
                let when_full = self.when_full;
                self.pending = Some(Pending::Record { record, len, when_full });
            }
            Line::Recorded { position, dropped } => self.recorded_told(position, dropped),
            Line::Refused => self.pending = None,
            Line::Reading => self.reader = 0,
            Line::Seen(shown) => self.seen(shown),
            Line::Drained => {
                if let Some(entry) = self.next_to_read() {
                    self.wrong(format_args!("a reader found no more, but {entry} waits"));
                }
            }
            Line::Ack(record) => self.pending = Some(Pending::Ack(record)),
            Line::Acked => self.acked_told(),
            Line::AckPassedBy => self.passed_by(),
            Line::Cut(place) => {
                self.reach.cut(place);
                return true;
            }
            Line::Ended => return true,
            Line::Fault(what) => {
                self.wrong(what);
                // Some faults are told in the middle of a life, others end it.
                return !what.starts_with("a word") && !what.starts_with("the part");
            }
        }
        false
    }

    /// Ends a life: whatever is pending may have been done or not.
    pub(super) fn end(&mut self) {
        if self.found.is_some() {
            // What is pending is of an earlier life.
            self.reach.before_opened += 1;
            return;
        }
        match self.pending {
            Some(Pending::Record { .. }) => self.reach.in_record += 1,
            Some(Pending::Ack(_)) => self.reach.in_ack += 1,
            None => self.reach.between += 1,
        }
    }

    /// Fails where the kills came at moments at which nothing could have gone wrong.
    pub(super) fn check_reach(&self, kills: u64) -> Result<(), Failure> {
        self.reach.check(kills)
    }

    fn recorded_told(&mut self, position: Position, dropped: u32) {
        let Some(Pending::Record { record, len, .. }) = self.pending.take() else {
            return self.wrong("`recorded` out of turn");
        };
        if position.boot != self.boot {
            self.wrong(format_args!("{} has the boot {}", shown(record), position.boot));
        }
        if dropped > 0 && self.when_full == WhenFull::RefuseNew {
            self.wrong(format_args!("{dropped} dropped by a queue that refuses"));
        }
        self.reach.dropped += u64::from(dropped);
        if let Some(victim) = self.victim(record.priority) {
            let waiting = victim.len();
            victim.drain(..waiting.min(dropped as usize));
            if waiting < dropped as usize {
                self.wrong(format_args!("{dropped} dropped of {waiting}"));
            }
        } else if dropped > 0 {
            self.wrong(format_args!("{dropped} dropped of none"));
        }
        let entry = Entry {
            sample: Sample { number: record.number, len },
            position: Some(position),
            fate: Fate::Stays,
        };
        self.recorded += 1;
        self.line(record.priority).push_back(entry);
    }

    fn acked_told(&mut self) {
        let Some(Pending::Ack(up_to)) = self.pending.take() else {
            return self.wrong("`acked` out of turn");
        };
        let line = self.line(up_to.priority);
        match line.iter().position(|entry| entry.sample.number == up_to.number) {
            Some(last) => drop(line.drain(..=last)),
            None => self.wrong(format_args!("acked, but never there: {}", shown(up_to))),
        }
    }

    /// The queue could not note an acknowledgement: the records come again, or they do not.
    fn passed_by(&mut self) {
        let Some(Pending::Ack(up_to)) = self.pending.take() else { return };
        self.reach.passed_by += 1;
        for entry in self.line(up_to.priority) {
            entry.fate = Fate::MayBeGone;
            if entry.sample.number == up_to.number {
                break;
            }
        }
    }

    /// Compares one record with the next that a reader must come by.
    fn seen(&mut self, seen: Shown) {
        match self.next_to_read() {
            Some(entry) if entry.is(seen) => {}
            Some(entry) => {
                self.wrong(format_args!("a reader came by {}, not by {entry}", shown(seen.record)));
            }
            None => {
                self.wrong(format_args!("a reader came by {}, not by none", shown(seen.record)));
            }
        }
        self.reader += 1;
    }

    fn next_to_read(&self) -> Option<Entry> {
        let in_order = self.held.iter().flatten().filter(|entry| entry.fate == Fate::Stays);
        in_order.copied().nth(self.reader)
    }

    /// Compares what the start of a life showed with the ledger, which is then what was shown.
    fn settle(&mut self) {
        let mut found = self.found.take().unwrap_or_default();
        if let Some(Pending::Record { record, .. }) = self.pending {
            let is_there = found.iter().any(|shown| shown.record == record);
            self.reach.survived += u64::from(is_there);
        }
        self.loosen();
        if self.swaps && found.len() > 1 && self.boot.is_multiple_of(4) {
            let middle = found.len() / 2;
            found.swap(middle - 1, middle);
        }
        self.reach.lives += 1;
        self.reach.most_held = self.reach.most_held.max(found.len());
        let order = found.iter().map(|shown| index(shown.record.priority));
        if !order.is_sorted() {
            self.wrong("the priorities are mixed up");
        }
        for priority in PRIORITIES {
            let told = std::mem::take(self.line(priority));
            let here: Vec<Shown> =
                found.iter().copied().filter(|shown| shown.record.priority == priority).collect();
            self.settle_line(&told, &here);
            let stays = |shown: Shown| Entry {
                sample: Sample { number: shown.record.number, len: shown.len },
                position: Some(shown.position),
                fate: Fate::Stays,
            };
            self.line(priority).extend(here.into_iter().map(stays));
        }
    }

    fn settle_line(&mut self, told: &VecDeque<Entry>, found: &[Shown]) {
        let mut rest = told.iter();
        for here in found {
            // Everything that is passed over must be allowed to be gone.
            let mut passed = Vec::new();
            let known = rest.clone().any(|entry| entry.sample.number == here.record.number);
            if !known {
                let again = told.iter().any(|entry| entry.sample.number == here.record.number);
                let why = if again {
                    "is out of order"
                } else if here.record.number < self.next_number {
                    "was told to be gone"
                } else {
                    "was never recorded"
                };
                self.wrong(format_args!("{} {why}", shown(here.record)));
                continue;
            }
            for entry in rest.by_ref() {
                if entry.sample.number == here.record.number {
                    if !entry.is(*here) {
                        self.wrong(format_args!("{entry} came back as {here:?}"));
                    }
                    break;
                }
                passed.push(entry);
            }
            for entry in passed {
                self.gone(entry);
            }
        }
        rest.for_each(|entry| self.gone(entry));
    }

    fn gone(&mut self, entry: &Entry) {
        if entry.fate == Fate::Stays {
            self.wrong(format_args!("lost: {entry}"));
        }
    }

    /// Marks what may be gone since the power went in the middle of what is pending.
    fn loosen(&mut self) {
        match self.pending.take() {
            None => {}
            Some(Pending::Ack(up_to)) => {
                for entry in self.line(up_to.priority) {
                    entry.fate = Fate::MayBeGone;
                    if entry.sample.number == up_to.number {
                        break;
                    }
                }
            }
            Some(Pending::Record { record, len, when_full }) => {
                // One call drops a page at most, and only if it may.
                let page = self.board.page_records() as usize;
                if when_full == WhenFull::DropOldest
                    && let Some(victim) = self.victim(record.priority)
                {
                    victim.iter_mut().take(page).for_each(|entry| entry.fate = Fate::MayBeGone);
                }
                let sample = Sample { number: record.number, len };
                let entry = Entry { sample, position: None, fate: Fate::MayBeGone };
                self.line(record.priority).push_back(entry);
            }
        }
    }

    fn line(&mut self, priority: Priority) -> &mut VecDeque<Entry> {
        let [high, normal, low] = &mut self.held;
        match priority {
            Priority::High => high,
            Priority::Normal => normal,
            Priority::Low => low,
        }
    }

    /// Returns the line that makes room for a record of this priority.
    fn victim(&mut self, priority: Priority) -> Option<&mut VecDeque<Entry>> {
        let may_go = self.held.iter_mut().skip(index(priority)).rev();
        may_go.into_iter().find(|line| !line.is_empty())
    }

    fn wrong(&mut self, what: impl fmt::Display) {
        let (boot, pending) = (self.boot, self.pending);
        let pending = pending.map(|pending| format!(", pending {pending:?}")).unwrap_or_default();
        self.violations.push(format!("boot {boot}: {what}{pending}"));
    }
}

impl Entry {
    /// Returns whether this is what was read.
    fn is(&self, read: Shown) -> bool {
        let Self { sample, position, .. } = *self;
        let mut buffer = [0; LONGEST];
        let class = sample.class();
        let sum = Sample::sum(sample.stamp(), class.effort, sample.payload(&mut buffer));
        read.record == Named { priority: class.priority, number: sample.number }
            && read.len == sample.len
            && read.sum == sum
            && position.is_none_or(|position| position == read.position)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sample { number, len } = self.sample;
        let priority = self.sample.class().priority;
        write!(f, "{} of {len} bytes", shown(Named { priority, number }))?;
        match self.position {
            Some(Position { boot, sequence }) => write!(f, " ({boot}/{sequence})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Judge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records, {}", self.recorded, self.reach)
    }
}

fn index(priority: Priority) -> usize {
    PRIORITIES.iter().position(|other| *other == priority).unwrap_or(0)
}

fn shown(record: Named) -> String {
    format!("record {} ({:?})", record.number, record.priority)
}
