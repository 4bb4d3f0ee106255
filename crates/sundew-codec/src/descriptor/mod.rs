//! A device's table of channels as bytes: deterministic CBOR, with a hash.
//!
//! A node announces its descriptor once a boot. Who has it reads the [`compact`](crate::compact)
//! and [`tiny`](crate::tiny) frames of the node without code of his own:
//!
//! ```
//! use sundew_codec::{Entry, Error, descriptor::{self, Descriptor}};
//! use sundew_units::{Channel, ChannelId, Device, Quantity};
//!
//! const HUT: Device = Device::new("hut", 1, &[
//!     Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 8_500),
//! ]);
//! const BYTES: [u8; descriptor::len(&HUT)] = descriptor::bytes(&HUT);
//! const HASH: u32 = descriptor::hash(&HUT);
//! assert_eq!(BYTES.len(), 37);
//!
//! let hut = Descriptor::parse(&BYTES)?;
//! assert_eq!(hut.hash(), HASH);
//! let air = hut.reading(&Entry::new(ChannelId(1), 2_345)).unwrap();
//! assert_eq!(air.to_string(), "air 23.45 Cel");
//! # Ok::<(), Error>(())
//! ```
//!
//! # Format
//!
//! One CBOR map in the deterministic encoding of RFC 8949 section 4.2.1. What has a default is left
//! out where it is the default, so that there is one spelling of a table and the hash names it:
//! CRC-32 (ISO-HDLC, zlib's) over the bytes.
//!
//! | key | of the map | |
//! |---|---|---|
//! | 0 | number of the format | 1; another one is refused |
//! | 1 | model | text |
//! | 2 | version of the table, the schema of frames | 0 to 65,535 |
//! | 3 | channels | array of maps, in the order of the table |
//! | 4 | retired ids | array; left out where empty |
//!
//! | key | of a channel | left out where it is |
//! |---|---|---|
//! | 0 | id, 0 to 255 | |
//! | 1 | name, as SenML allows | |
//! | 2 | number of the [`Quantity`](sundew_units::Quantity) | |
//! | 3 | symbol of the unit | |
//! | 4 | exponent, -128 to 127 | 0 |
//! | 5 | smallest mantissa | -2^31; of a counter 0 |
//! | 6 | largest mantissa | 2^31 - 1; of a counter modulus - 1 |
//! | 7 | bits in a tiny frame | what the range needs |
//! | 8 | kind: 1 counter, 2 counter since boot, 3 state, 4 event | gauge, 0 |
//! | 9 | modulus of a counter, 2 to 2^31 | no counter |
//! | 10 | 1: a command may set it | read only, 0 |
//!
//! Keys above these are of a later minor format and are passed over. A kind or an access above
//! these is refused, since the values would be taken for something else; an unknown quantity is
//! kept as its number, since unit and exponent say all that is needed to read the values.
//!
//! # JSON
//!
//! With feature `std`, `Descriptor::to_json` writes the same with names in the place of numbers, and
//! `from_json` reads it. As people write it, it is checked more closely: a unit is one of the SenML
//! registry and measures the quantity, while bytes may hold any symbol, such as one registered later.
//!
//! ```json
//! {
//!   "format": 1, "model": "weather", "version": 7,
//!   "channels": [
//!     { "id": 1, "name": "air", "quantity": "temperature", "unit": "Cel", "exponent": -2,
//!       "low": -4000, "high": 8500 },
//!     { "id": 2, "name": "rain", "quantity": "rainfall", "unit": "m", "exponent": -4,
//!       "kind": "counter", "modulus": 1024 },
//!     { "id": 5, "name": "interval", "quantity": "duration", "unit": "s", "access": "writable" }
//!   ],
//!   "retired": [3]
//! }
//! ```
//!
//! # What was released stays
//!
//! The rules of [`Device::evolved_from`] hold where it is called, so call it in each release but the
//! first. Keep the table of the release before as it went out, with its hash: then neither an id that
//! is taken again compiles, nor a change of the old table.
//!
//! ```
//! use sundew_codec::descriptor;
//! use sundew_units::{Channel, ChannelId, Device, Quantity};
//!
//! const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
//! const DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -1);
//! const WIND: Channel = Channel::new(ChannelId(3), "wind", Quantity::WindSpeed, -1);
//!
//! const RELEASE_1: Device = Device::new("weather", 1, &[AIR, DAMP]);
//! const _: () = assert!(descriptor::hash(&RELEASE_1) == 0xAF2C_5354, "release 1 is frozen");
//!
//! const STATION: Device = Device::new("weather", 2, &[AIR, WIND])
//!     .with_retired(&[DAMP.id()])
//!     .evolved_from(&RELEASE_1);
//! ```
//!
//! Had `DAMP` another range now, the hash would tell:
//!
//! ```compile_fail
//! # use sundew_codec::descriptor;
//! # use sundew_units::{Channel, ChannelId, Device, Quantity};
//! # const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
//! # const DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -1)
//! #     .with_range(0, 1_000);
//! const RELEASE_1: Device = Device::new("weather", 1, &[AIR, DAMP]);
//! const _: () = assert!(descriptor::hash(&RELEASE_1) == 0xAF2C_5354, "release 1 is frozen");
//! ```

mod described;
mod evolution;
mod hash;
mod items;
#[cfg(feature = "std")]
mod json;
mod parse;
mod write;

use sundew_units::Device;

use crate::Error;
use write::Sink;

pub use described::{Described, Reading};
pub use hash::crc32;
#[cfg(feature = "std")]
pub use json::{JsonError, from_json};
pub use parse::Descriptor;

/// Returns the bytes that the descriptor of a device takes.
pub const fn len(device: &Device) -> usize {
    let mut sink = Sink::new(&mut []);
    sink.device(device);
    sink.position()
}

/// Returns the descriptor of a device, for a constant; `LEN` is [`len`].
///
/// # Panics
///
/// Panics where `LEN` is not [`len`], which is a compile error in a `const`.
pub const fn bytes<const LEN: usize>(device: &Device) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    let mut sink = Sink::new(&mut bytes);
    sink.device(device);
    assert!(sink.position() == LEN, "LEN is not the length of the descriptor");
    bytes
}

/// Returns the hash of a device's descriptor: CRC-32 (ISO-HDLC, zlib's) over its bytes.
///
/// It takes no buffer, at run time neither.
pub const fn hash(device: &Device) -> u32 {
    let mut sink = Sink::hashing();
    sink.device(device);
    sink.hash()
}

/// Encodes the descriptor of a device and returns the number of bytes.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub const fn encode(device: &Device, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut sink = Sink::new(buffer);
    sink.device(device);
    sink.finish()
}
