//! Tiny frames: a presence bitmap and bit-packed values, for radios of 8 to 51 bytes.

use sundew_units::{ChannelId, Device};

use crate::{Answer, Command, Entry, Error, Row};

/// Says how a channel's value is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Field {
    /// Holds the smallest mantissa.
    pub low: i32,
    /// Holds how many bits `mantissa - low` takes, 0 to 32.
    pub bits: u8,
}

impl Field {
    /// Describes a field.
    pub const fn new(low: i32, bits: u8) -> Self {
        Self { low, bits }
    }
}

/// Knows the fields of a schema.
pub trait Layout {
    /// Returns the number of the schema.
    fn schema(&self) -> u16;

    /// Returns how a channel is packed, if the schema has it.
    fn field(&self, channel: ChannelId) -> Option<Field>;
}

impl Layout for Device {
    fn schema(&self) -> u16 {
        self.version()
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        let channel = self.channel(channel)?;
        Some(Field::new(channel.range().0, channel.bits()))
    }
}

/// Holds the largest schema number of a tiny frame.
pub const MAX_SCHEMA: u16 = 110;

/// Says where the kind of a frame travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Carrier {
    /// Puts the kind into the first byte of the frame.
    Frame,
    /// Leaves the kind to the link, such as to the port of a LoRaWAN frame.
    Port,
}

/// Marks values of a row by their place in it, up to 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Selection(u32);

impl Selection {
    /// Marks no value.
    pub const NONE: Self = Self(0);
    /// Marks every value.
    pub const ALL: Self = Self(u32::MAX);

    /// Returns whether no value is marked.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the value at a place is marked.
    pub const fn contains(self, place: u8) -> bool {
        place < 32 && self.0 >> place & 1 == 1
    }
}

/// Says what was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Packed {
    /// Holds the number of bytes.
    pub len: usize,
    /// Holds the kind of the frame: its first byte, or its port.
    pub kind: u8,
    /// Marks the values that are in the frame.
    pub sent: Selection,
    /// Marks the wanted values that did not fit, for the next frame.
    pub left_out: Selection,
    /// Marks the wanted values whose channel the schema does not have; no frame takes them.
    pub unknown: Selection,
}

/// Packs as many of the `wanted` values of a row as `buffer` takes.
///
/// # Errors
///
/// Returns [`Error::Full`] where not a single value fits.
pub fn encode(
    layout: &impl Layout,
    row: &Row<'_>,
    wanted: Selection,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<Packed, Error> {
    let _ = (layout, row, wanted, carrier, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads the head of a frame; `kind` is its port, or `None` where its first byte says it.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode<'a, L: Layout>(
    layout: &'a L,
    kind: Option<u8>,
    bytes: &'a [u8],
) -> Result<Entries<'a, L>, Error> {
    let _ = kind;
    Ok(Entries { layout, bytes })
}

/// Iterates over the values of a frame, in the order of their ids; ends after the first error.
#[derive(Clone, Debug)]
pub struct Entries<'a, L> {
    layout: &'a L,
    bytes: &'a [u8],
}

impl<L: Layout> Iterator for Entries<'_, L> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = (self.layout.schema(), self.bytes);
        None
    }
}

/// Encodes a command of at most 8 bytes.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_command(
    command: &Command,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let _ = (command, carrier, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_command(carrier: Carrier, bytes: &[u8]) -> Result<Command, Error> {
    let _ = (carrier, bytes);
    Err(Error::Unsupported { position: 0 })
}

/// Encodes the result of a command.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_answer(answer: &Answer, carrier: Carrier, buffer: &mut [u8]) -> Result<usize, Error> {
    let _ = (answer, carrier, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads the result of a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_answer(carrier: Carrier, bytes: &[u8]) -> Result<Answer, Error> {
    let _ = (carrier, bytes);
    Err(Error::Unsupported { position: 0 })
}

/// Encodes which descriptor the device works by: its schema and its hash.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_birth(
    schema: u16,
    hash: u32,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let _ = (schema, hash, carrier, buffer);
    Err(Error::Unsupported { position: 0 })
}

/// Reads schema and hash of the descriptor that a device works by.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_birth(carrier: Carrier, bytes: &[u8]) -> Result<(u16, u32), Error> {
    let _ = (carrier, bytes);
    Err(Error::Unsupported { position: 0 })
}
