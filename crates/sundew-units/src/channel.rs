//! One thing a device measures or lets itself be told, as constant data.

use crate::{Quantity, Unit};

/// Numbers a channel of one device; an id fixes unit, exponent and kind for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChannelId(
    /// Holds the number, frozen once a device is in the field.
    pub u8,
);

/// Says how successive values of a channel belong together.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Kind, Quantity};
///
/// // A rain gauge that counts tips of 0.2 mm and shows four digits.
/// const TIPS: Channel = Channel::new(ChannelId(4), "tips", Quantity::Count, 0)
///     .with_kind(Kind::Counter { modulus: 10_000 });
/// assert_eq!(TIPS.kind(), Kind::Counter { modulus: 10_000 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Marks a value of the moment, such as a temperature.
    Gauge,
    /// Marks a total that only grows and starts again at 0 after `modulus - 1`.
    Counter {
        /// Holds the number of different values the counter can show.
        modulus: u32,
    },
    /// Marks one of a few states, such as on and off.
    State,
    /// Marks something that happened, once per reading.
    Event,
}

/// Says who may set a channel's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Access {
    /// Lets the device alone set the value.
    ReadOnly,
    /// Lets a command set the value, within the channel's range.
    Writable,
}

/// Describes one channel of a [`Device`](crate::Device): unit and decimal exponent are held here
/// once, so that a [`Reading`](crate::Reading) carries a bare integer.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Quantity, Unit};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2)
///     .with_range(-4_000, 12_500);
/// assert_eq!(AIR.unit(), Unit::Celsius);
/// assert_eq!(AIR.symbol(), "Cel");
/// assert!(AIR.contains(2_345)); // 23.45 Cel
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Channel {
    id: ChannelId,
    name: &'static str,
    quantity: Quantity,
    unit: Unit,
    symbol: &'static str,
    exponent: i8,
    kind: Kind,
    low: i32,
    high: i32,
    access: Access,
}

impl Channel {
    /// Describes a read-only gauge in the quantity's canonical unit, with the full i32 range.
    ///
    /// A value is `mantissa x 10^exponent`. `name` is a SenML name: ASCII letters, digits and
    /// `-:./_`, beginning with a letter or digit (RFC 8428 section 4.5.1).
    ///
    /// # Panics
    ///
    /// Panics where `name` breaks that rule. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn new(id: ChannelId, name: &'static str, quantity: Quantity, exponent: i8) -> Self {
        assert!(is_senml_name(name.as_bytes()), "not a SenML name (RFC 8428 section 4.5.1)");
        let unit = quantity.canonical_unit();
        Self {
            id,
            name,
            quantity,
            unit,
            symbol: unit.symbol(),
            exponent,
            kind: Kind::Gauge,
            low: i32::MIN,
            high: i32::MAX,
            access: Access::ReadOnly,
        }
    }

    /// Reports in another unit than the canonical one.
    #[must_use]
    pub const fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self.symbol = unit.symbol();
        self
    }

    /// Says how successive values belong together.
    #[must_use]
    pub const fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Limits the mantissa to `low..=high`; what lies outside is marked, never clipped.
    #[must_use]
    pub const fn with_range(mut self, low: i32, high: i32) -> Self {
        self.low = low;
        self.high = high;
        self
    }

    /// Lets a command set the value.
    #[must_use]
    pub const fn writable(mut self) -> Self {
        self.access = Access::Writable;
        self
    }

    /// Returns the id.
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// Returns the SenML name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what is measured.
    pub const fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Returns the unit of the values.
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// Returns the unit's symbol, without linking the table of all of them.
    pub const fn symbol(&self) -> &'static str {
        self.symbol
    }

    /// Returns the power of ten that a mantissa is multiplied by.
    pub const fn exponent(&self) -> i8 {
        self.exponent
    }

    /// Returns how successive values belong together.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns who may set the value.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Returns the smallest and the largest mantissa in range.
    pub const fn range(&self) -> (i32, i32) {
        (self.low, self.high)
    }

    /// Returns whether a mantissa lies in the range.
    pub const fn contains(&self, mantissa: i32) -> bool {
        self.low <= mantissa && mantissa <= self.high
    }
}

const fn is_senml_name(name: &[u8]) -> bool {
    let mut rest = name;
    let mut first = true;
    while let [byte, tail @ ..] = rest {
        let inner = matches!(byte, b'-' | b':' | b'.' | b'/' | b'_');
        if !(byte.is_ascii_alphanumeric() || inner && !first) {
            return false;
        }
        first = false;
        rest = tail;
    }
    !first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rfc() {
        for good in ["a", "0", "air", "urn:dev:ow:10e2073a0108006", "a-b.c/d_e"] {
            assert!(is_senml_name(good.as_bytes()), "{good}");
        }
        for bad in ["", "-a", "_a", "a b", "a+b", "\u{e4}", "/a"] {
            assert!(!is_senml_name(bad.as_bytes()), "{bad}");
        }
    }
}
