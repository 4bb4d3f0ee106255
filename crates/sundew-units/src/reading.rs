//! One measured value, as it stays from the register to the wire.

use crate::{ChannelId, Timestamp};

/// Says how far a value can be trusted; the numbers are frozen, they go on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum Quality {
    /// Marks a value within the part's stated accuracy.
    #[default]
    Good = 0,
    /// Marks a value taken before the part was calibrated or warm.
    Uncalibrated = 1,
    /// Marks a value that is possible but unlikely.
    Suspect = 2,
    /// Marks a value below the channel's range.
    UnderRange = 3,
    /// Marks a value above the channel's range.
    OverRange = 4,
    /// Marks a reading whose value means nothing, because the part failed.
    Fault = 5,
    /// Marks a value repeated because no newer one could be had.
    Stale = 6,
}

impl Quality {
    /// Returns the frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the quality of a frozen number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Good,
            1 => Self::Uncalibrated,
            2 => Self::Suspect,
            3 => Self::UnderRange,
            4 => Self::OverRange,
            5 => Self::Fault,
            6 => Self::Stale,
            _ => return None,
        })
    }
}

/// Holds one value of one channel: `mantissa x 10^exponent`, where unit and exponent are the
/// channel's.
///
/// ```
/// use sundew_units::{ChannelId, Quality, Reading, Timestamp};
/// let reading = Reading::new(ChannelId(1), 2_345, Timestamp::Unix(1_700_000_000));
/// assert_eq!(reading.quality, Quality::Good);
/// assert!(size_of::<Reading>() <= 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Reading {
    /// Names the channel, which holds unit and exponent.
    pub channel: ChannelId,
    /// Says how far the value can be trusted.
    pub quality: Quality,
    /// Holds the value in units of the channel's last decimal place.
    pub mantissa: i32,
    /// Tells when the value was taken.
    pub time: Timestamp,
}

// A sample of eight must fit 128 bytes of an ATmega328P's 2,048.
const _: () = assert!(size_of::<Reading>() <= 16);

impl Reading {
    /// Holds a good value.
    pub const fn new(channel: ChannelId, mantissa: i32, time: Timestamp) -> Self {
        Self { channel, quality: Quality::Good, mantissa, time }
    }

    /// Marks how far the value can be trusted.
    #[must_use]
    pub const fn with_quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_numbers_go_both_ways() {
        let known = (0..=u8::MAX).filter_map(Quality::from_number).count();
        assert_eq!(known, 7);
        for number in 0..7 {
            assert_eq!(Quality::from_number(number).unwrap().number(), number);
        }
    }
}
