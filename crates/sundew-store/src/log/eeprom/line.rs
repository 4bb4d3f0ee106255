//! One priority's place among the slots.

/// What is known of a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Line {
    /// Items up to this place are gone.
    pub(super) released: u32,
    /// The place of the newest item, or `released`.
    pub(super) newest: u32,
}

impl Line {
    /// Returns whether nothing waits.
    pub(super) const fn is_empty(self) -> bool {
        self.released == self.newest
    }
}
