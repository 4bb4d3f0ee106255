//! SenML packs in CBOR: RFC 8428, media type `application/senml+cbor`.
//!
//! [`PackEncoder`] fills a slice with one [`Record`] after the other until none fits,
//! [`PackDecoder`] gives them back with the base fields applied. Readings, commands and the results
//! of commands are records with different fields.
//!
//! A device that sends values of its own channels, all of one time, has a shorter way: a [`Prefix`]
//! for each channel, built while compiling, and [`PrefixedPack`], which joins them with mantissas.
//! [`measurements`] is the way back for parts with no room for all of SenML.
//!
//! Beside the fields of the RFC, these labels are written as text keys. None ends in `_`, so other
//! decoders pass over them (RFC 8428 section 4.4):
//!
//! | label | type | meaning |
//! |---|---|---|
//! | `boot` | u16 | the boot in which the values were recorded. A base field, as the RFC asks of labels that begin with `b`: it holds for the records after it too |
//! | `seq` | u32 | with `boot`, the queue's record that the value comes from |
//! | `q` | u8 | [`Quality::number`](sundew_units::Quality::number), where it is not good |
//! | `up` | u32 | seconds since that boot, where the time is not known |
//! | `id` | u32 | numbers a command, and its result |
//! | `exp` | u32 | Unix seconds from which on a command is void |
//! | `res` | u16 | 0 for a command that was carried out, else the number of an error |
//!
//! From the queue to the wire, a device goes through its table of channels:
//!
//! ```
//! use sundew_codec::{Error, Origin, Time, record, senml::{PackEncoder, Record}};
//! use sundew_units::{Channel, ChannelId, Device, Quantity, Timestamp};
//!
//! const STATION: Device = Device::new("weather", 7, &[
//!     Channel::new(ChannelId(1), "air", Quantity::Temperature, -2),
//!     Channel::new(ChannelId(2), "humidity", Quantity::RelativeHumidity, -1),
//! ]);
//!
//! let stored = [7, 0, 1, 0x92, 0x49, 2, 0xB8, 0x0C]; // schema 7: 23.45 Cel, 41.2 %RH
//! let time = Time::from(Timestamp::SinceBoot { boot: 3, seconds: 90 });
//! let mut payload = [0; 256];
//! let mut pack = PackEncoder::new(&mut payload, "dev1:");
//! for value in record::decode(&stored)? {
//!     let (id, mantissa, quality) = value?;
//!     if let Some(channel) = STATION.channel(id) {
//!         let record = Record::of(channel, mantissa).with_quality(quality);
//!         pack.push(&record.at(time).with_origin(Origin::new(3, 1_041)))?;
//!     }
//! }
//! assert_eq!((pack.count(), pack.len()), (2, 79));
//! # Ok::<(), Error>(())
//! ```

mod decode;
mod double;
mod encode;
#[cfg(feature = "std")]
pub mod json;
mod length;
mod measurement;
mod number;
mod prefix;
mod prefixed;
mod record;
mod resolve;
mod secondary;
mod style;
mod sums;
mod text;

pub use decode::PackDecoder;
pub use encode::{Mark, PackEncoder};
pub use length::PackLength;
pub use measurement::{Measurement, measurements};
pub use number::Number;
pub use prefix::Prefix;
pub use prefixed::PrefixedPack;
pub use record::{Record, Value};
pub use resolve::resolve;
pub use style::{Exact, SecondaryUnits, Shortest, Style};
pub use sums::{ExactSums, RoundedSums, Sums};
pub use text::{Name, Text};

/// Holds the version of SenML that is written where nothing else is asked for (RFC 8428).
pub const VERSION: u8 = 10;

/// Holds the version with the feature "Secondary Units": 10 and the bit of feature code 4 (RFC 9100
/// section 4). Beside it and what is not above [`VERSION`], no version is read.
pub const VERSION_SECONDARY_UNITS: u8 = VERSION | 1 << 4;

/// Numbers the integer labels (RFC 8428 section 6, table 4).
mod label {
    pub(super) const BASE_SUM: i32 = -6;
    pub(super) const BASE_VALUE: i32 = -5;
    pub(super) const BASE_UNIT: i32 = -4;
    pub(super) const BASE_TIME: i32 = -3;
    pub(super) const BASE_NAME: i32 = -2;
    pub(super) const BASE_VERSION: i32 = -1;
    pub(super) const NAME: i32 = 0;
    pub(super) const UNIT: i32 = 1;
    pub(super) const VALUE: i32 = 2;
    pub(super) const STRING_VALUE: i32 = 3;
    pub(super) const BOOLEAN_VALUE: i32 = 4;
    pub(super) const SUM: i32 = 5;
    pub(super) const TIME: i32 = 6;
    pub(super) const UPDATE_TIME: i32 = 7;
    pub(super) const DATA_VALUE: i32 = 8;

    pub(super) const BOOT: &[u8] = b"boot";
    pub(super) const SEQUENCE: &[u8] = b"seq";
    pub(super) const QUALITY: &[u8] = b"q";
    pub(super) const UPTIME: &[u8] = b"up";
    pub(super) const ID: &[u8] = b"id";
    pub(super) const EXPIRES: &[u8] = b"exp";
    pub(super) const RESULT: &[u8] = b"res";
}
