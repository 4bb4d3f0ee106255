//! One record of a pack, resolved.

use sundew_units::{Channel, Dec, Quality};

use super::{Name, Number, Text};
use crate::{Origin, Time};

/// Holds the value of a record; exactly one kind stands in each (RFC 8428 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Value<'a> {
    /// Holds a boolean.
    Boolean(bool),
    /// Holds bytes.
    Data(&'a [u8]),
    /// Holds a number in the record's unit.
    Number(Number),
    /// Holds a text.
    Text(Text<'a>),
}

impl Value<'_> {
    /// Returns the exact decimal, if it is one.
    pub const fn dec(self) -> Option<Dec> {
        match self {
            Self::Number(number) => number.dec(),
            _ => None,
        }
    }
}

impl<N: Into<Number>> From<N> for Value<'_> {
    fn from(number: N) -> Self {
        Self::Number(number.into())
    }
}

/// Holds one record of a pack: a reading, a command or its result.
///
/// ```
/// use sundew_codec::{Origin, Time, senml::Record};
/// use sundew_units::{Channel, ChannelId, Quantity};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// const INTERVAL: Channel = Channel::new(ChannelId(2), "interval", Quantity::Duration, 0);
///
/// let reading = Record::of(&AIR, 2_345)
///     .at(Time::Unix(1_700_000_000))
///     .with_origin(Origin::new(3, 1_041));
/// let command = Record::of(&INTERVAL, 60).with_id(7).expiring(1_700_000_600);
/// let result = Record::of(&INTERVAL, 60).with_id(7).with_result(0);
/// assert_eq!(reading.unit, "Cel");
/// assert_eq!(command.id, result.id);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Record<'a> {
    /// Names what was measured, or what is to be set.
    pub name: Name<'a>,
    /// Holds the unit's symbol; empty where it follows from the name.
    pub unit: Text<'a>,
    /// Holds the value, with the base value added; only a record with a sum may lack it, or the
    /// result of a command that failed.
    pub value: Option<Value<'a>>,
    /// Holds the integral of the value over time, in unit times seconds, base sum added.
    pub sum: Option<Number>,
    /// Tells when.
    pub time: Time,
    /// Holds the milliseconds to be added to [`time`](Self::time), 0 to 999; not with seconds since
    /// boot.
    pub millis: u16,
    /// Holds the seconds within which the next value comes at the latest.
    pub update_time: Option<Number>,
    /// Says how far the value can be trusted.
    pub quality: Quality,
    /// Names the queue's record that the value comes from.
    pub origin: Option<Origin>,
    /// Numbers the command.
    pub id: Option<u32>,
    /// Holds the Unix seconds from which on the command is void.
    pub expires: Option<u32>,
    /// Holds 0 for a command that was carried out, else the number of an error.
    pub result: Option<u16>,
}

impl<'a> Record<'a> {
    /// Holds a name and a time of now, nothing else.
    pub const fn new(name: &'a str) -> Self {
        Self::named(Name::new("", name))
    }

    /// Holds a value of a channel, in the channel's unit and with its places.
    ///
    /// A secondary unit is left out, since a pack of version 10 must not carry one (RFC 8798
    /// section 3); it then follows from the channel's name.
    pub const fn of(channel: &Channel, mantissa: i32) -> Self {
        let mut record = Self::new(channel.name());
        if channel.unit().is_primary() {
            record.unit = Text::new(channel.symbol());
        }
        let dec = Dec::new(mantissa, channel.exponent());
        record.value = Some(Value::Number(Number::Decimal(dec)));
        record
    }

    pub(super) const fn named(name: Name<'a>) -> Self {
        Self {
            name,
            unit: Text(&[]),
            value: None,
            sum: None,
            time: Time::NOW,
            millis: 0,
            update_time: None,
            quality: Quality::Good,
            origin: None,
            id: None,
            expires: None,
            result: None,
        }
    }

    /// Sets the value.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Sets the unit's symbol.
    #[must_use]
    pub const fn with_unit(mut self, symbol: &'a str) -> Self {
        self.unit = Text::new(symbol);
        self
    }

    /// Sets the time.
    #[must_use]
    pub const fn at(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    /// Sets the quality.
    #[must_use]
    pub const fn with_quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }

    /// Sets the queue's record that the value comes from.
    #[must_use]
    pub const fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Sets the number of the command.
    #[must_use]
    pub const fn with_id(mut self, id: u32) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the Unix seconds from which on the command is void.
    #[must_use]
    pub const fn expiring(mut self, unix: u32) -> Self {
        self.expires = Some(unix);
        self
    }

    /// Sets the result of the command.
    #[must_use]
    pub const fn with_result(mut self, result: u16) -> Self {
        self.result = Some(result);
        self
    }
}
