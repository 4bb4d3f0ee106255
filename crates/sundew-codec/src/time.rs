//! When something was measured, as far as is known, in all profiles.

use sundew_units::Timestamp;

#[cfg(doc)]
use crate::Origin;

/// Marks the first second that counts as absolute (RFC 8428 section 4.5.3): 1978-07-04 21:24:16
/// UTC. What is smaller is relative to now.
pub const FIRST_ABSOLUTE: u32 = 1 << 28;

/// Tells when a value was taken or is to be taken over, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Time {
    /// Holds seconds from now: 0 is roughly when the pack was sent, negative is past.
    FromNow(i32),
    /// Holds seconds since the boot that [`Origin`] names, of a device that does not know the
    /// time. Other decoders see it as roughly now.
    SinceBoot(u32),
    /// Holds seconds since 1970-01-01 UTC; not less than
    /// [`FIRST_ABSOLUTE`].
    Unix(u32),
}

impl Time {
    /// Means roughly when the pack was sent.
    pub const NOW: Self = Self::FromNow(0);
}

impl From<Timestamp> for Time {
    /// Takes the seconds over; the boot goes to [`Origin`].
    ///
    /// A clock that shows a time before 1978 does not know the time, and a pack cannot say such
    /// a time: it becomes [`NOW`](Self::NOW), so that no stored record is ever stuck for its time.
    ///
    /// ```
    /// use sundew_codec::Time;
    /// use sundew_units::Timestamp;
    /// assert_eq!(Time::from(Timestamp::Unix(1_700_000_000)), Time::Unix(1_700_000_000));
    /// assert_eq!(Time::from(Timestamp::Unix(86_400)), Time::NOW);
    /// ```
    fn from(timestamp: Timestamp) -> Self {
        match timestamp {
            Timestamp::Unix(seconds) if seconds >= FIRST_ABSOLUTE => Self::Unix(seconds),
            Timestamp::SinceBoot { seconds, .. } => Self::SinceBoot(seconds),
            _ => Self::NOW,
        }
    }
}
