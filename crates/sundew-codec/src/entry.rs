//! One value out of a frame.

use sundew_units::{ChannelId, Quality};

use crate::{Origin, Time};

/// Holds one value of a [`compact`](crate::compact) or [`tiny`](crate::tiny) frame, with all that
/// travelled with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Entry {
    /// Names the channel; the sender's descriptor holds its unit and exponent.
    pub channel: ChannelId,
    /// Holds the value in units of the channel's last decimal place.
    pub mantissa: i32,
    /// Says how far the value can be trusted.
    pub quality: Quality,
    /// Tells when the value was taken.
    pub time: Time,
    /// Names the queue's record that the value comes from.
    pub origin: Option<Origin>,
}

impl Entry {
    /// Holds a good value of now.
    pub const fn new(channel: ChannelId, mantissa: i32) -> Self {
        Self { channel, mantissa, quality: Quality::Good, time: Time::NOW, origin: None }
    }
}
