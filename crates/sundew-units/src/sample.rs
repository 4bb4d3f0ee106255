//! The values that were taken at one moment.

use core::fmt;

use crate::{Channel, ChannelId, Quality};

/// Holds up to [`Sample::CAPACITY`] values taken at one moment; together they become one record.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Quality, Quantity, Sample};
///
/// const AIR: Channel =
///     Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 12_500);
/// let mut sample = Sample::new();
/// sample.push(&AIR, 2_345).unwrap();
/// sample.push(&AIR, 13_000).unwrap();
/// let qualities: Vec<_> = sample.values().map(|(_, _, quality)| quality).collect();
/// assert_eq!(qualities, [Quality::Good, Quality::OverRange]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sample {
    values: [(ChannelId, i32, Quality); Self::CAPACITY],
    len: u8,
}

/// Reports that a [`Sample`] holds as many values as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct SampleFull;

impl fmt::Display for SampleFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sample holds 8 values already")
    }
}

impl core::error::Error for SampleFull {}

impl Sample {
    /// Holds the number of values that fit: 8, which is 96 bytes.
    pub const CAPACITY: usize = 8;

    /// Holds nothing yet.
    pub const fn new() -> Self {
        Self { values: [(ChannelId(0), 0, Quality::Good); Self::CAPACITY], len: 0 }
    }

    /// Adds a value, good where it lies in the channel's range, else marked under or over it.
    ///
    /// # Errors
    ///
    /// Returns [`SampleFull`] where [`Sample::CAPACITY`] values are held.
    pub fn push(&mut self, channel: &Channel, mantissa: i32) -> Result<(), SampleFull> {
        let (low, high) = channel.range();
        let quality = if mantissa < low {
            Quality::UnderRange
        } else if mantissa > high {
            Quality::OverRange
        } else {
            Quality::Good
        };
        self.push_marked(channel.id(), mantissa, quality)
    }

    /// Adds a value with a quality that the caller knows better.
    ///
    /// # Errors
    ///
    /// Returns [`SampleFull`] where [`Sample::CAPACITY`] values are held.
    pub fn push_marked(
        &mut self,
        channel: ChannelId,
        mantissa: i32,
        quality: Quality,
    ) -> Result<(), SampleFull> {
        let slot = self.values.get_mut(usize::from(self.len)).ok_or(SampleFull)?;
        *slot = (channel, mantissa, quality);
        self.len += 1;
        Ok(())
    }

    /// Returns the values in the order they were added.
    pub fn values(&self) -> impl Iterator<Item = (ChannelId, i32, Quality)> + '_ {
        self.values.iter().take(usize::from(self.len)).copied()
    }

    /// Returns how many values are held.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Returns whether no value is held.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets all values.
    pub const fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninth_value_is_refused_and_none_is_lost() {
        let mut sample = Sample::new();
        for i in 0..8 {
            sample.push_marked(ChannelId(i), i32::from(i), Quality::Good).unwrap();
        }
        assert_eq!(sample.push_marked(ChannelId(9), 9, Quality::Good), Err(SampleFull));
        assert_eq!(sample.values().map(|(_, value, _)| value).sum::<i32>(), 28);
    }
}
