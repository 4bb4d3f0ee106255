//! Tiny frames: a presence bitmap and bit-packed values, for radios of 8 to 51 bytes.
//!
//! The kind of a frame is its first byte, or the port of a link that has one ([`Carrier`]):
//!
//! | kind | meaning |
//! |---|---|
//! | 1 | birth: the descriptor's hash (4 bytes, highest first), then its schema |
//! | 2 x schema, even | values, good and of now |
//! | 2 x schema + 1, odd | the same behind a header |
//! | 222 | down: a command; up: an answer |
//!
//! A schema is 1 to 110, so that a kind is a LoRaWAN port (1 to 223). A frame of values is a header
//! where its kind says so, a bitmap, and the values. All integers below but those that say otherwise
//! take 7 bits to a byte, lowest first, where bit 7 says that another byte follows.
//!
//! - **Header**: a byte of flags. Bits 0 and 1 are the form of the time: 0 now, 1 age in seconds,
//!   2 Unix seconds (4 bytes, highest first), 3 seconds since the boot of the origin. Bit 2: boot and
//!   sequence of the origin follow the time. Bit 3: each value is followed by 3 bits of quality. The
//!   others are 0.
//! - **Bitmap**: 7 channels to a byte, the lowest bit is channel 1; bit 7 says that another byte
//!   follows.
//! - **Values**, in the order of the channels: `mantissa - low` in the bits of the [`Field`], lowest
//!   bits first, without a gap; zeros fill the last byte.
//!
//! New channels take new ids at the end, so an older decoder reads the channels that it knows, and
//! [`Entries::unknown`] tells that there was more. A newer one stops at a channel that was retired
//! since, as its table has no bits for it. So a receiver keeps the table of each schema it was sent
//! and reads a frame by its own: [`Kind::from_number`] tells which, from the first byte or the port.
//! And [`encode`] leaves the values of a retired channel that still lie in the queue out
//! ([`Packed::unknown`]): retire a channel when the queues have drained.
//!
//! What a frame takes beyond its values, in bytes:
//!
//! | | |
//! |---|---|
//! | kind | 1, or 0 in a port |
//! | bitmap | 1 up to channel 7, 2 up to channel 14 |
//! | header, for any of the following | 1 |
//! | age | 1 below 128 s, 2 below 4.5 h, 3 below 24 days |
//! | Unix time | 4 |
//! | seconds since boot | 1 to 5: 3 below 24 days |
//! | origin | 2 in the first 128 boots below record 128, 3 below record 16,384; 8 at most |
//! | quality | 3 bits for each value of a frame in which any is not good |
//!
//! ```
//! use sundew_codec::{Row, record, tiny::{self, Carrier, Selection}};
//! use sundew_units::{Channel, ChannelId, Device, Quantity, Sample};
//!
//! const AIR: Channel =
//!     Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 8_500);
//! const RAIN: Channel = Channel::new(ChannelId(2), "rain", Quantity::Rainfall, -4);
//! const STATION: Device = Device::new("weather", 7, &[AIR, RAIN.with_range(0, 1_023)]);
//! const _: () = assert!(tiny::fits(&STATION));
//!
//! let mut sample = Sample::new();
//! sample.push(&AIR, 2_345)?;
//! sample.push(&RAIN, 126)?;
//! let mut stored = [0; record::capacity(2)];
//! let len = record::encode(7, sample.values(), &mut stored)?;
//! let row = Row::new(record::decode(&stored[..len])?);
//!
//! let mut frame = [0; 12]; // as large as the link's payload
//! let packed = tiny::encode(&STATION, &row, Selection::ALL, Carrier::Frame, &mut frame)?;
//! assert_eq!(packed.len, 5); // kind, bitmap, 24 bits
//! assert!(packed.left_out.is_empty());
//!
//! let mut entries = tiny::decode(&STATION, None, &frame[..packed.len])?;
//! assert_eq!(entries.next().unwrap()?.mantissa, 2_345);
//! assert_eq!(entries.next().unwrap()?.mantissa, 126);
//! assert!(entries.next().is_none() && entries.unknown().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod message;

pub use decode::{Entries, decode};
pub use encode::{Packed, Selection, encode, plan};
pub use message::{
    decode_answer, decode_birth, decode_command, encode_answer, encode_birth, encode_command,
};
use sundew_units::{ChannelId, Device};

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
    /// Describes a field; more than 32 bits count as 32.
    pub const fn new(low: i32, bits: u8) -> Self {
        Self { low, bits: if bits > 32 { 32 } else { bits } }
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

/// Returns whether every value of a device can travel in tiny frames: its version is 1 to
/// [`MAX_SCHEMA`], and no channel has the id 0.
///
/// ```
/// use sundew_codec::tiny;
/// use sundew_units::{Channel, ChannelId, Device, Quantity};
/// const AIR: Channel = Channel::new(ChannelId(0), "air", Quantity::Temperature, -2);
/// assert!(!tiny::fits(&Device::new("weather", 1, &[AIR])));
/// assert!(!tiny::fits(&Device::new("weather", 111, &[])));
/// ```
pub const fn fits(device: &Device) -> bool {
    let mut rest = device.channels();
    while let [channel, tail @ ..] = rest {
        if channel.id().0 == 0 {
            return false;
        }
        rest = tail;
    }
    0 < device.version() && device.version() <= MAX_SCHEMA
}

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

/// Names what a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Announces the descriptor that a device works by.
    Birth,
    /// Holds values of a schema.
    Values {
        /// Holds the schema's number.
        schema: u16,
    },
    /// Holds a command where it goes down, and the answer to one where it goes up.
    Command,
}

impl Kind {
    const BIRTH: u8 = 1;
    const COMMAND: u8 = 222;

    /// Returns what a number stands for: the first byte of a frame, or its port.
    ///
    /// ```
    /// use sundew_codec::tiny::Kind;
    /// assert_eq!(Kind::from_number(15), Some(Kind::Values { schema: 7 }));
    /// assert_eq!(Kind::from_number(223), None);
    /// ```
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            Self::BIRTH => Some(Self::Birth),
            2..=221 => Some(Self::Values { schema: (number >> 1) as u16 }),
            Self::COMMAND => Some(Self::Command),
            _ => None,
        }
    }
}

// What the flags of a header mean.
const AGE: u8 = 1;
const UNIX: u8 = 2;
const SINCE_BOOT: u8 = 3;
const TIME: u8 = 3;
const ORIGIN: u8 = 4;
const MARKED: u8 = 8;

/// Holds the bits that the quality of a value takes.
const QUALITY_BITS: u8 = 3;
/// Says in a byte of the bitmap that another one follows.
const MORE: u8 = 0x80;
