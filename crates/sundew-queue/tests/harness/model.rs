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
    lines: [Line; 3],
    next_id: u32,
}

#[derive(Debug, Default)]
struct Line {
    /// Acknowledged, but may come back with the next start.
    ghosts: VecDeque<Entry>,
    entries: VecDeque<Entry>,
    /// How many of the first entries may be gone at the next start.
    loose: usize,
    /// Whether the last entry may never have been stored.
    last_is_unsure: bool,
}

const LINES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

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
        self.lines[entry.priority as usize].entries.push_back(entry);
    }

    /// Drops the oldest of the lowest priority that has any, again and again.
    pub(crate) fn drop_oldest(&mut self, count: u32, highest: Priority) {
        for _ in 0..count {
            let mut lines = self.lines[..=highest as usize].iter_mut();
            let line = lines.find(|line| !line.entries.is_empty());
            line.expect("more was dropped than there was").entries.pop_front();
        }
    }

    pub(crate) fn ack(&mut self, priority: Priority, id: u32) {
        let line = &mut self.lines[priority as usize];
        line.entries.retain(|entry| entry.id > id);
        line.ghosts.retain(|entry| entry.id > id);
    }

    pub(crate) fn ack_until_open(&mut self, priority: Priority, id: u32) {
        let line = &mut self.lines[priority as usize];
        while line.entries.front().is_some_and(|entry| entry.id <= id) {
            line.ghosts.extend(line.entries.pop_front());
        }
    }

    pub(crate) fn perhaps_acked(&mut self, priority: Priority, id: u32) {
        let line = &mut self.lines[priority as usize];
        line.loose = line.entries.iter().filter(|entry| entry.id <= id).count();
    }

    pub(crate) fn perhaps_recorded(&mut self, entry: Entry, when_full: WhenFull) {
        let priority = entry.priority;
        self.push(entry);
        self.lines[priority as usize].last_is_unsure = true;
        if when_full == WhenFull::DropOldest {
            for line in &mut self.lines[..=priority as usize] {
                line.loose = line.entries.len();
            }
        }
    }

    pub(crate) fn perhaps_cleared(&mut self) {
        for line in &mut self.lines {
            line.loose = line.entries.len();
        }
    }

    /// Takes what was found after a start for the truth, if it can be.
    pub(crate) fn settle(&mut self, found: Vec<Entry>) {
        let mut found = VecDeque::from(found);
        for priority in LINES {
            let line = std::mem::take(&mut self.lines[priority as usize]);
            let mut stored = VecDeque::new();
            while found.front().is_some_and(|entry| entry.priority == priority) {
                stored.extend(found.pop_front());
            }
            let latest = line.ghosts.len() + line.loose;
            let mut known: Vec<Entry> = line.ghosts.into_iter().chain(line.entries).collect();
            let is_stored = stored.back().map(|entry| entry.id) == known.last().map(|last| last.id);
            if line.last_is_unsure && !is_stored {
                known.pop();
            }
            let gone = known.len().checked_sub(stored.len());
            let gone = gone.unwrap_or_else(|| panic!("{priority:?}: invented: {stored:?}"));
            assert_eq!(stored, &known[gone..], "{priority:?}: order, or a hole");
            assert!(gone <= latest, "{priority:?}: {gone} are gone, {latest} may be");
            self.lines[priority as usize].entries = stored;
        }
        assert!(found.is_empty(), "lines out of order: {found:?}");
    }

    /// Returns what a reader must find next.
    pub(crate) fn behind(&self, passed: Passed) -> Option<&Entry> {
        self.lines.iter().rev().flat_map(|line| &line.entries).find(|entry| match passed {
            Some((priority, id)) if priority == entry.priority => entry.id > id,
            Some((priority, _)) => entry.priority < priority,
            None => true,
        })
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        LINES.iter().flat_map(|line| self.lines[*line as usize].entries.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.entries.is_empty())
    }
}
