//! A device's table of channels as bytes: deterministic CBOR, with a hash.

use sundew_units::{Access, Channel, ChannelId, Device, Kind, Quantity};

use crate::tiny::{Field, Layout};
use crate::{Error, senml::Text};

/// Returns the bytes that the descriptor of a device takes.
pub const fn len(device: &Device) -> usize {
    let _ = device;
    0
}

/// Returns the descriptor of a device, for a constant; `LEN` is [`len`].
pub const fn bytes<const LEN: usize>(device: &Device) -> [u8; LEN] {
    let _ = device;
    [0; LEN]
}

/// Returns the hash of a device's descriptor: CRC-32 (ISO-HDLC, as zlib's) over its bytes.
pub const fn hash(device: &Device) -> u32 {
    let _ = device;
    0
}

/// Encodes the descriptor of a device and returns the number of bytes.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub const fn encode(device: &Device, buffer: &mut [u8]) -> Result<usize, Error> {
    let _ = (device, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Holds a descriptor that was read: all that a decoder needs to know of a device.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor<'a> {
    bytes: &'a [u8],
}

impl<'a> Descriptor<'a> {
    /// Reads a descriptor and checks all of it.
    ///
    /// # Errors
    ///
    /// Returns an error that names the byte.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let _ = bytes;
        Err(Error::Unsupported { position: 0 })
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the hash of the bytes.
    pub const fn hash(&self) -> u32 {
        0
    }

    /// Returns the name of the model.
    pub const fn model(&self) -> Text<'a> {
        Text::new("")
    }

    /// Returns the version of the table.
    pub const fn version(&self) -> u16 {
        0
    }

    /// Returns the channels, in the order of the table.
    pub fn channels(&self) -> impl Iterator<Item = Described<'a>> + Clone + use<'a> {
        core::iter::empty()
    }

    /// Returns the channel with an id.
    pub fn channel(&self, id: ChannelId) -> Option<Described<'a>> {
        self.channels().find(|channel| channel.id == id)
    }

    /// Returns the ids that were used once and must not be used again.
    pub fn retired(&self) -> impl Iterator<Item = ChannelId> + Clone + use<'a> {
        core::iter::empty()
    }
}

impl Layout for Descriptor<'_> {
    fn schema(&self) -> u16 {
        self.version()
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        let channel = self.channel(channel)?;
        Some(Field::new(channel.low, channel.bits))
    }
}

/// Holds one channel of a [`Descriptor`].
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
