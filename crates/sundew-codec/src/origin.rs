//! Which record of the queue a value comes from.

/// Names the queue's record that a value comes from, so that a receiver can tell a second delivery
/// from a second reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Origin {
    /// Numbers the boot.
    pub boot: u16,
    /// Numbers the record within the boot.
    pub sequence: u32,
}

impl Origin {
    /// Names record `sequence` of `boot`.
    pub const fn new(boot: u16, sequence: u32) -> Self {
        Self { boot, sequence }
    }
}
