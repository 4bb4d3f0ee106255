//! What a record is worth: which line it waits in, and how hard to try.

use sundew_store::log::Priority;

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

impl Effort {
    /// Reads the stored number. An effort of a later version is tried for as long as any.
    pub(crate) const fn from_stored(number: u8) -> Self {
        match number {
            1 => Self::Few,
            2 => Self::Once,
            _ => Self::UntilTaken,
        }
    }
}

/// Says what a record is worth: the line it waits in, and the effort to deliver it.
///
/// A [`Priority`] alone is a class whose records are tried until they are taken:
///
/// ```
/// use sundew_queue::{Class, Effort, Priority};
///
/// let alarm = Class::from(Priority::High);
/// assert_eq!(alarm, Class { priority: Priority::High, effort: Effort::UntilTaken });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Class {
    /// Holds the line that the record waits in.
    pub priority: Priority,
    /// Holds how hard to try to deliver it.
    pub effort: Effort,
}

impl From<Priority> for Class {
    fn from(priority: Priority) -> Self {
        Self { priority, effort: Effort::UntilTaken }
    }
}
