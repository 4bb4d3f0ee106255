//! What a record is worth: how hard to try.

/// Says how hard to try to deliver a record; the numbers are frozen.
///
/// The queue stores it and hands it back. Who delivers acts on it, as
/// [`Policy::refused`](crate::policy::Policy::refused) says; nothing leaves the queue without an
/// [`ack`](crate::Queue::ack) or a drop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "frozen: two bits of each record")]
pub enum Effort {
    /// Asks for attempts until somebody took it.
    #[default]
    UntilTaken = 0,
    /// Asks for a few attempts, and for giving it up then.
    Few = 1,
    /// Asks for one attempt: what comes late is worth nothing.
    Once = 2,
}
