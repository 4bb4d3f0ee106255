//! Numbers that tell what happened to records.

/// Counts what happened to records in this boot, so that no loss is silent.
///
/// Losses stop counting at 65,535 of a kind: the queue has 64 bytes for all that it knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// Counts the numbers that were given out: records whose [`record`](crate::Queue::record)
    /// returned, and those whose call ended in an error that may have left them stored.
    pub recorded: u32,
    /// Counts records that were dropped to make room
    /// ([`DropOldest`](crate::WhenFull::DropOldest)).
    pub dropped: u32,
    /// Counts records that were not taken because the queue was full.
    pub refused: u32,
    /// Counts items that [`peek`](crate::Queue::peek) passed over, each time that it did: sound
    /// ones, but too short to be a record. Stops at 255.
    pub unreadable: u32,
}
