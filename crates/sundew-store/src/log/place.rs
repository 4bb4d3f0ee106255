//! How places in a log are named.

/// Says how much an item matters; the numbers are frozen.
///
/// Each priority is a line of its own: higher ones are read first, lower ones are dropped first.
#[expect(clippy::exhaustive_enums, reason = "three lines are what the flash holds, for ever")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Priority {
    /// Marks what may be lost first, such as diagnostics.
    Low = 0,
    /// Marks ordinary readings.
    #[default]
    Normal = 1,
    /// Marks alarms and events.
    High = 2,
}

/// Names one item of a log: which line, and which place in it.
///
/// A place is given once only, as long as the log is not cleared. Later items of a priority have
/// later places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mark {
    pub(crate) priority: Priority,
    /// The page or slot, so that it need not be searched.
    pub(crate) page: u16,
    /// Grows from item to item, and wraps.
    pub(crate) place: u32,
}

impl Mark {
    /// Returns the line that the item queues in.
    pub const fn priority(self) -> Priority {
        self.priority
    }
}

/// Remembers how far a reader has come; `default` starts at the oldest item of the highest
/// priority.
///
/// It is a value of its own, so that a reader can go on behind what is in flight, and start over
/// when that was lost. A cursor survives appends, releases and drops; not another `open`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cursor {
    /// The item that was passed last; those of higher priorities are passed, too.
    pub(crate) passed: Option<Mark>,
}
