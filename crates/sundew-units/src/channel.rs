//! One thing a device measures or lets itself be told, as constant data.

use crate::{Kind, Quantity, Unit};

/// Numbers a channel of one device; an id fixes unit, exponent and kind for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChannelId(
    /// Holds the number, frozen once a device is in the field.
    pub u8,
);

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

/// Marks a number of bits that [`Channel::with_bits`] asked for.
const WIDENED: u8 = 0x80;

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
    /// Holds how many bits pack a value, and [`WIDENED`] where more were asked for. Counting them
    /// each time takes 32-bit shifts by the dozen, which is what a small target spends most on.
    bits: u8,
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
        assert!(Self::is_name(name.as_bytes()), "not a SenML name (RFC 8428 section 4.5.1)");
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
            bits: 32,
            access: Access::ReadOnly,
        }
    }

    /// Reports in another unit than the canonical one.
    ///
    /// # Panics
    ///
    /// Panics where the unit does not measure the quantity, which is a compile error in a `const`:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Quantity, Unit};
    /// const AIR: Channel =
    ///     Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_unit(Unit::Pascal);
    /// ```
    #[must_use]
    pub const fn with_unit(mut self, unit: Unit) -> Self {
        let canonical = self.quantity.canonical_unit();
        assert!(unit.is_convertible_to(canonical), "the unit does not measure the quantity");
        self.unit = unit;
        self.symbol = unit.symbol();
        self
    }

    /// Says how successive values belong together. A counter's range becomes `0..modulus`.
    ///
    /// # Panics
    ///
    /// Panics for a counter's modulus below 2 or above `2^31`, past which a mantissa would turn
    /// negative, and where `with_bits` gave too few bits before.
    #[must_use]
    pub const fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        match kind {
            Kind::Counter { modulus } | Kind::CounterSinceBoot { modulus } => {
                assert!(2 <= modulus && modulus <= 1 << 31, "a modulus is 2 to 2^31");
                self.with_range(0, (modulus - 1) as i32)
            }
            Kind::Gauge | Kind::State | Kind::Event => self,
        }
    }

    /// Limits the mantissa to `low..=high`. What lies outside is marked, and clipped only by a
    /// bit-packed frame that has no bits for it. A counter has its range from its modulus:
    /// [`Kind::growth`] takes no value outside of it.
    ///
    /// # Panics
    ///
    /// Panics where `low` is above `high`, and where `with_bits` gave too few bits before.
    #[must_use]
    pub const fn with_range(mut self, low: i32, high: i32) -> Self {
        assert!(low <= high, "the range is empty");
        self.low = low;
        self.high = high;
        let bits = self.range_bits();
        if self.bits & WIDENED == 0 {
            self.bits = bits;
        }
        assert!(self.bits() >= bits, "too few bits for the range");
        self
    }

    /// Takes more bits than the range needs in a bit-packed frame, so that a later version of the
    /// device may widen the range and still be read.
    ///
    /// # Panics
    ///
    /// Panics for fewer bits than the range needs, and for more than 32.
    #[must_use]
    pub const fn with_bits(mut self, bits: u8) -> Self {
        assert!(self.range_bits() <= bits && bits <= 32, "too few bits for the range, or over 32");
        self.bits = bits | WIDENED;
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

    /// Returns how many bits hold `mantissa - low` in a bit-packed frame: as many as the range
    /// needs, or as [`with_bits`](Self::with_bits) says. A range of one value needs none.
    pub const fn bits(&self) -> u8 {
        self.bits & !WIDENED
    }

    /// Returns whether a mantissa lies in the range.
    pub const fn contains(&self, mantissa: i32) -> bool {
        self.low <= mantissa && mantissa <= self.high
    }

    /// Returns whether bytes are a SenML name, as [`new`](Self::new) asks for.
    pub const fn is_name(name: &[u8]) -> bool {
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

    const fn range_bits(&self) -> u8 {
        // The difference of any two i32 fits a u32.
        let steps = self.high.wrapping_sub(self.low) as u32;
        (u32::BITS - steps.leading_zeros()) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rfc() {
        for good in ["a", "0", "air", "urn:dev:ow:10e2073a0108006", "a-b.c/d_e"] {
            assert!(Channel::is_name(good.as_bytes()), "{good}");
        }
        for bad in ["", "-a", "_a", "a b", "a+b", "\u{e4}", "/a"] {
            assert!(!Channel::is_name(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn bits_follow_the_range_unless_more_are_asked_for() {
        let plain = Channel::new(ChannelId(1), "a", Quantity::Temperature, -2);
        assert_eq!(plain.bits(), 32);
        for (low, high, bits) in
            [(0, 0, 0), (0, 1, 1), (-4_000, 12_500, 15), (-1, 0, 1), (0, 255, 8), (0, 256, 9)]
        {
            assert_eq!(plain.with_range(low, high).bits(), bits, "{low}..={high}");
        }
        assert_eq!(plain.with_range(0, 9).with_bits(12).bits(), 12);
        assert_eq!(plain.with_range(i32::MIN, -1).bits(), 31);
    }

    #[test]
    #[should_panic(expected = "too few bits")]
    fn a_range_that_outgrows_its_bits_is_refused() {
        let narrow = Channel::new(ChannelId(1), "a", Quantity::Count, 0).with_range(0, 9);
        let _ = narrow.with_bits(4).with_range(0, 16);
    }
}
