//! The simple queue: three lists, and what the outside cannot know after a cut.

use std::collections::VecDeque;

use sundew_queue::{Class, Effort, Position, Priority, Record, Stamp, WhenFull};

/// Holds a record as it was recorded; the id is the payload's first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) position: Position,
    pub(crate) stamp: Stamp,
    pub(crate) priority: Priority,
    pub(crate) effort: Effort,
    pub(crate) payload: Vec<u8>,
}

impl From<Record<'_>> for Entry {
    fn from(record: Record<'_>) -> Self {
        let Record { position, stamp, priority, effort, payload, .. } = record;
        let id = payload.first_chunk().map_or(u32::MAX, |id| u32::from_le_bytes(*id));
        Self { id, position, stamp, priority, effort, payload: payload.to_vec() }
    }
}

/// Says which record a reader saw last.
pub(crate) type Passed = Option<(Priority, u32)>;

#[derive(Debug, Default)]
pub(crate) struct Model {
    lines: [VecDeque<Kept>; 3],
    next_id: u32,
}

/// Holds a record, and what a cut left open about it. Cells that a cut left between two values may
/// read as one at this start and as the other at the next.
#[derive(Debug)]
struct Kept {
    entry: Entry,
    /// Whether it is there since the last start.
    is_there: bool,
    /// An ack or a drop of it was cut short.
    may_be_gone: bool,
    /// Its own writing was.
    may_be_missing: bool,
}

impl Model {
    pub(crate) fn draft(
        &mut self,
        boot: u16,
        sequence: u32,
        stamp: Stamp,
        class: Class,
        len: usize,
    ) -> Entry {
        let id = self.next_id;
        self.next_id += 1;
        let mut payload = id.to_le_bytes().to_vec();
        // Runs of zeros and of ones are what logs trip over.
        payload.resize(4 + len, [0x00, 0xFF, id as u8][id as usize % 3]);
        let Class { priority, effort } = class;
        Entry { id, position: Position { boot, sequence }, stamp, priority, effort, payload }
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        let line = &mut self.lines[entry.priority as usize];
        line.push_back(Kept { entry, is_there: true, may_be_gone: false, may_be_missing: false });
    }

    /// Drops the oldest of the lowest priority that has any, again and again.
    pub(crate) fn drop_oldest(&mut self, count: u32, highest: Priority) {
        for _ in 0..count {
            let line = self.lowest(highest).expect("more was dropped than there was");
            while line.pop_front().is_some_and(|kept| !kept.is_there) {}
        }
    }

    pub(crate) fn ack(&mut self, priority: Priority, id: u32) {
        self.lines[priority as usize].retain(|kept| kept.entry.id > id);
    }

    pub(crate) fn ack_until_open(&mut self, priority: Priority, id: u32) {
        self.perhaps_acked(priority, id);
        let line = self.lines[priority as usize].iter_mut();
        for kept in line.filter(|kept| kept.entry.id <= id) {
            kept.is_there = false;
        }
    }

    pub(crate) fn perhaps_acked(&mut self, priority: Priority, id: u32) {
        let line = self.lines[priority as usize].iter_mut();
        for kept in line.filter(|kept| kept.entry.id <= id) {
            kept.may_be_gone = true;
        }
    }

    pub(crate) fn perhaps_recorded(&mut self, entry: Entry, when_full: WhenFull) {
        let priority = entry.priority;
        if when_full == WhenFull::DropOldest
            && let Some(line) = self.lowest(priority)
        {
            for kept in line {
                kept.may_be_gone = true;
            }
        }
        self.lines[priority as usize].push_back(Kept {
            entry,
            is_there: true,
            may_be_gone: false,
            may_be_missing: true,
        });
    }

    /// Compares with what was found after a start.
    pub(crate) fn settle(&mut self, found: Vec<Entry>) {
        let mut found = VecDeque::from(found);
        for kept in self.lines.iter_mut().rev().flatten() {
            kept.is_there = found.front() == Some(&kept.entry);
            if kept.is_there {
                found.pop_front();
            } else {
                assert!(kept.may_be_gone || kept.may_be_missing, "lost: {:?}", kept.entry);
            }
        }
        assert!(found.is_empty(), "came back, made up or out of order: {found:?}");
    }

    fn lowest(&mut self, highest: Priority) -> Option<&mut VecDeque<Kept>> {
        let mut lines = self.lines[..=highest as usize].iter_mut();
        lines.find(|line| line.iter().any(|kept| kept.is_there))
    }

    fn there(&self) -> impl Iterator<Item = &Entry> {
        let all = self.lines.iter().rev().flatten();
        all.filter(|kept| kept.is_there).map(|kept| &kept.entry)
    }

    /// Returns what a reader must find next.
    pub(crate) fn behind(&self, passed: Passed) -> Option<&Entry> {
        self.there().find(|entry| match passed {
            Some((priority, id)) if priority == entry.priority => entry.id > id,
            Some((priority, _)) => entry.priority < priority,
            None => true,
        })
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        self.there().cloned().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.there().next().is_none()
    }
}
