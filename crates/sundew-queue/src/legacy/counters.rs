//! Numbers that tell what happened to records.

use super::record::age_key;
use crate::Position;

/// Counts what happened to records since [`open`](super::Queue::open), so that no loss is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// Counts records that were made durable.
    pub recorded: u32,
    /// Counts records that were removed because they were acknowledged.
    pub acknowledged: u32,
    /// Counts records that were erased to make room (`WhenFull::DropOldest`).
    pub dropped: u32,
    /// Counts records that were not taken because the queue was full (`WhenFull::RefuseNew`).
    pub refused: u32,
    /// Counts records that were here and can be read no more: numbers left out between two stored
    /// records, and records that were readable before.
    ///
    /// A record whose [`record`](super::Queue::record) ended in an error leaves a number out, too.
    pub missing: u32,
    /// Counts items passed over whose bytes are sound but no record of a layout known here, and
    /// item headers that damage made up.
    pub unreadable: u32,
}

/// What a count of all records finds.
#[derive(Default)]
pub(crate) struct Census {
    pub(crate) records: u32,
    pub(crate) unreadable: u32,
    pub(crate) missing: u32,
    last: Option<Position>,
    /// The highest sequence of the boot last asked for.
    highest: Option<Position>,
}

impl Census {
    pub(crate) fn see(&mut self, position: Position, boot: u16) {
        self.records += 1;
        let expected = match self.last {
            // An order that damage bent tells nothing about what is left out.
            Some(last) if age_key(position, boot) < age_key(last, boot) => None,
            Some(last) if last.boot == position.boot => last.sequence.checked_add(1),
            Some(_) => Some(0),
            None => None,
        };
        let left_out = expected.and_then(|expected| position.sequence.checked_sub(expected));
        self.missing = self.missing.saturating_add(left_out.unwrap_or(0));
        self.last = Some(position);
        let higher = self.highest.is_none_or(|highest| position.sequence > highest.sequence);
        if position.boot == boot && higher {
            self.highest = Some(position);
        }
    }

    pub(crate) fn next_of(&self, boot: u16) -> u32 {
        match self.highest {
            Some(highest) if highest.boot == boot => highest.sequence.saturating_add(1),
            _ => 0,
        }
    }
}
