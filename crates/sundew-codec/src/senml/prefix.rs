//! What a record of a channel begins with, built while compiling.

use sundew_units::Channel;

use super::label;
use crate::cbor::{DECIMAL_FRACTION, major};

/// Holds the bytes of a channel's record up to its mantissa: the map's head, name, unit, the label
/// of the value and, where the exponent is not 0, the head of a decimal fraction.
///
/// All of it is known while compiling, so a device that sends readings only copies it:
/// [`PrefixedPack`](super::PrefixedPack) puts mantissas behind it. A prefix takes as many bytes
/// of flash as of the pack, on AVR of RAM too; 12 to 16 are usual. The length stands in the type;
/// a `&Prefix` is one of any length.
///
/// ```
/// use sundew_codec::senml::Prefix;
/// use sundew_units::{Channel, ChannelId, Quantity};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// static AIR_PREFIX: Prefix<[u8; Prefix::len_of(&AIR)]> = Prefix::of(&AIR);
///
/// // {0: "air", 1: "Cel", 2: 4([-2, ..
/// assert_eq!(AIR_PREFIX.as_bytes(), b"\xA3\x00\x63air\x01\x63Cel\x02\xC4\x82\x21");
/// let any: &Prefix = &AIR_PREFIX;
/// assert_eq!(any.record_len(2_345), 18);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Prefix<B: ?Sized = [u8]>(B);

impl Prefix {
    /// Returns the length of a channel's prefix.
    pub const fn len_of(channel: &Channel) -> usize {
        build(channel, &mut [])
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the length of a record: the prefix, and the mantissa in its shortest form.
    pub const fn record_len(&self, mantissa: i32) -> usize {
        self.0.len() + 1 + more_bytes((mantissa ^ mantissa >> 31) as u32) as usize
    }
}

impl<const N: usize> Prefix<[u8; N]> {
    /// Builds the prefix of a channel.
    ///
    /// A secondary unit is left out, since a pack of version 10 must not carry one (RFC 8798
    /// section 3); it then follows from the channel's name.
    ///
    /// # Panics
    ///
    /// Panics where the length is not [`Prefix::len_of`] of the channel. In a `const` or `static`
    /// that is a compile error, which is the intended use:
    ///
    /// ```compile_fail
    /// use sundew_codec::senml::Prefix;
    /// use sundew_units::{Channel, ChannelId, Quantity};
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const PREFIX: Prefix<[u8; 16]> = Prefix::of(&AIR);
    /// ```
    pub const fn of(channel: &Channel) -> Self {
        let mut bytes = [0; N];
        assert!(build(channel, &mut bytes) == N, "the length is Prefix::len_of the channel");
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

/// Returns how many bytes follow the first one of an integer in its shortest form.
pub(super) const fn more_bytes(argument: u32) -> u8 {
    match argument {
        0..=23 => 0,
        24..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 4,
    }
}

/// Writes a prefix as far as there is room, and returns its length.
const fn build(channel: &Channel, bytes: &mut [u8]) -> usize {
    let mut prefix = Draft { bytes, len: 1 };
    prefix.label(label::NAME);
    prefix.text(channel.name());
    let mut fields = 2;
    if channel.unit().is_primary() {
        fields += 1;
        prefix.label(label::UNIT);
        prefix.text(channel.symbol());
    }
    prefix.label(label::VALUE);
    if channel.exponent() != 0 {
        prefix.byte((major::TAG << 5) + DECIMAL_FRACTION);
        prefix.byte((major::ARRAY << 5) + 2);
        let exponent = channel.exponent();
        if exponent < 0 {
            prefix.head(major::NEGATIVE, !exponent as usize);
        } else {
            prefix.head(major::UNSIGNED, exponent as usize);
        }
    }
    let len = prefix.len;
    prefix.len = 0;
    prefix.head(major::MAP, fields);
    len
}

/// Holds a prefix that is being built.
struct Draft<'b> {
    bytes: &'b mut [u8],
    len: usize,
}

impl Draft<'_> {
    const fn byte(&mut self, byte: u8) {
        if let Some((_, [slot, ..])) = self.bytes.split_at_mut_checked(self.len) {
            *slot = byte;
        }
        self.len += 1;
    }

    const fn label(&mut self, label: i32) {
        self.head(major::UNSIGNED, label as usize);
    }

    const fn head(&mut self, major: u8, argument: usize) {
        let major = major << 5;
        match argument {
            0..=23 => self.byte(major + argument as u8),
            24..=0xFF => {
                self.byte(major + 24);
                self.byte(argument as u8);
            }
            _ => {
                assert!(argument <= 0xFFFF, "a name has at most 65,535 bytes");
                self.byte(major + 25);
                self.byte((argument >> 8) as u8);
                self.byte(argument as u8);
            }
        }
    }

    const fn text(&mut self, text: &str) {
        self.head(major::TEXT, text.len());
        let mut rest = text.as_bytes();
        while let [byte, tail @ ..] = rest {
            self.byte(*byte);
            rest = tail;
        }
    }
}
