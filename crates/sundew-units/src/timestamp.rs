//! When a reading was taken, for devices that may not know the time yet.

/// Tells when a reading was taken.
///
/// ```
/// use sundew_units::{Anchor, Timestamp};
///
/// let taken = Timestamp::SinceBoot { boot: 7, seconds: 30 };
/// let anchor = Anchor::new(7, 1_700_000_000);
/// assert_eq!(taken.repaired(anchor), Timestamp::Unix(1_700_000_030));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Timestamp {
    /// Holds seconds since 1970-01-01 UTC without leap seconds; good until 2106.
    Unix(u32),
    /// Holds seconds since a boot whose wall-clock time is not known yet.
    SinceBoot {
        /// Numbers the boot; the count is kept in flash and wraps after 65,536 boots.
        boot: u16,
        /// Holds the seconds since that boot.
        seconds: u32,
    },
}

impl Timestamp {
    /// Returns the absolute time where `anchor` belongs to the same boot, else itself.
    ///
    /// A sum past 2106 stays relative rather than wrap into 1970.
    #[must_use]
    pub const fn repaired(self, anchor: Anchor) -> Self {
        match self {
            Self::SinceBoot { boot, seconds } if boot == anchor.boot => {
                match anchor.unix_at_boot.checked_add(seconds) {
                    Some(unix) => Self::Unix(unix),
                    None => self,
                }
            }
            _ => self,
        }
    }
}

/// Ties one boot to the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Anchor {
    /// Numbers the boot.
    pub boot: u16,
    /// Holds the Unix time in seconds at which that boot's count was 0.
    pub unix_at_boot: u32,
}

impl Anchor {
    /// Ties `boot` to the wall clock: its second 0 was at `unix_at_boot`.
    pub const fn new(boot: u16, unix_at_boot: u32) -> Self {
        Self { boot, unix_at_boot }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_boot_is_repaired() {
        let anchor = Anchor::new(3, 1_000);
        let other = Timestamp::SinceBoot { boot: 2, seconds: 5 };
        assert_eq!(other.repaired(anchor), other);
        assert_eq!(Timestamp::Unix(9).repaired(anchor), Timestamp::Unix(9));
        let past_2106 = Timestamp::SinceBoot { boot: 3, seconds: u32::MAX };
        assert_eq!(past_2106.repaired(anchor), past_2106);
    }
}
