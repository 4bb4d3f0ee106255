//! A channel as its descriptor tells of it, and a value with all that it means.

use core::fmt;

use sundew_units::{Access, Channel, ChannelId, Dec, Kind, Quality, Quantity};

use crate::{Entry, Origin, Time, senml::Text};

/// Holds one channel of a [`Descriptor`](super::Descriptor).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Described<'a> {
    /// Numbers the channel.
    pub id: ChannelId,
    /// Holds the SenML name.
    pub name: Text<'a>,
    /// Says what is measured; `None` for a quantity of a later version than this decoder.
    pub quantity: Option<Quantity>,
    /// Holds the number of the quantity, known or not.
    pub quantity_number: u8,
    /// Holds the symbol of the unit.
    pub unit: Text<'a>,
    /// Holds the power of ten that a mantissa is multiplied by.
    pub exponent: i8,
    /// Says how successive values belong together.
    pub kind: Kind,
    /// Holds the smallest mantissa in range.
    pub low: i32,
    /// Holds the largest mantissa in range.
    pub high: i32,
    /// Holds how many bits the value takes in a tiny frame.
    pub bits: u8,
    /// Says who may set the value.
    pub access: Access,
}

impl Described<'static> {
    /// Describes a channel.
    pub const fn of(channel: &Channel) -> Self {
        let (low, high) = channel.range();
        Self {
            id: channel.id(),
            name: Text::new(channel.name()),
            quantity: Some(channel.quantity()),
            quantity_number: channel.quantity().number(),
            unit: Text::new(channel.symbol()),
            exponent: channel.exponent(),
            kind: channel.kind(),
            low,
            high,
            bits: channel.bits(),
            access: channel.access(),
        }
    }
}

impl Described<'_> {
    /// Returns the value of a mantissa.
    pub const fn value(&self, mantissa: i32) -> Dec {
        Dec::new(mantissa, self.exponent)
    }

    /// Returns how many bits the range needs.
    pub(super) const fn range_bits(&self) -> u8 {
        // The difference of any two i32 fits a u32.
        let steps = self.high.wrapping_sub(self.low) as u32;
        (u32::BITS - steps.leading_zeros()) as u8
    }
}

/// Holds a value out of a frame with all that it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Reading<'a> {
    /// Holds the channel: name, unit, kind.
    pub channel: Described<'a>,
    /// Holds the value in the channel's unit, with the places it was taken with.
    pub value: Dec,
    /// Says how far the value can be trusted.
    pub quality: Quality,
    /// Tells when the value was taken.
    pub time: Time,
    /// Names the queue's record that the value comes from.
    pub origin: Option<Origin>,
}

impl<'a> Reading<'a> {
    /// Joins a channel with a value of it.
    pub const fn new(channel: Described<'a>, entry: &Entry) -> Self {
        let Entry { mantissa, quality, time, origin, .. } = *entry;
        Self { value: channel.value(mantissa), channel, quality, time, origin }
    }
}

impl fmt::Display for Reading<'_> {
    /// Writes name, value and unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.channel.name, self.value, self.channel.unit)
    }
}
