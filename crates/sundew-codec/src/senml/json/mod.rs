//! SenML packs in JSON: RFC 8428 section 5, media type `application/senml+json`, content format 110.
//!
//! JSON is translated to CBOR and back, field by field, so that base fields, times, versions and
//! labels have one set of rules in this crate: those of [`PackDecoder`] and [`PackEncoder`].
//! Numbers keep every digit and every place that a [`Number`](super::Number) can hold; what has more
//! digits becomes the nearest double, as in other readers of JSON; base values are added as
//! [`RoundedSums`] does. Labels that neither the RFC nor
//! we know are translated too, as section 6 asks.
//!
//! ```
//! use sundew_codec::{Error, Time, senml::{PackEncoder, Record, json::{self, JsonPack}}};
//! use sundew_units::Dec;
//!
//! let mut payload = [0; 64];
//! let mut pack = PackEncoder::new(&mut payload, "dev1:");
//! let air = Record::new("air").with_unit("Cel").at(Time::Unix(1_700_000_000));
//! pack.push(&air.with_value(Dec::new(2_340, -2)))?;
//!
//! let text = json::from_cbor(pack.finish())?;
//! assert_eq!(text, r#"[{"bn":"dev1:","bt":1700000000,"n":"air","u":"Cel","v":23.40}]"#);
//!
//! let back = JsonPack::parse(text.as_bytes())?;
//! let record = back.records().next().unwrap();
//! assert_eq!(record.name, "dev1:air");
//! assert_eq!(record.value.unwrap().dec(), Some(Dec::new(2_340, -2)));
//!
//! let error = JsonPack::parse(br#"[{"n":"a","v":}]"#).unwrap_err();
//! assert_eq!(error, Error::Syntax { position: 14 });
//! # Ok::<(), Error>(())
//! ```
//!
//! A float has no mark of its own in JSON: it is written with the fewest digits that are the same
//! double, and read as the decimal which these digits are.

mod base64;
mod from_cbor;
mod number;
mod parse;
mod to_cbor;

use std::vec::Vec;

use super::{PackDecoder, Record, RoundedSums};
use crate::Error;

#[cfg(doc)]
use super::PackEncoder;

pub use from_cbor::from_cbor;

/// Names the integer labels -6 to 8 (RFC 8428 section 6, table 4).
const LABELS: [&str; 15] =
    ["bs", "bv", "bu", "bt", "bn", "bver", "n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"];

/// Translates a pack from JSON to CBOR.
///
/// # Errors
///
/// See [`JsonPack::parse`].
pub fn to_cbor(text: &[u8]) -> Result<Vec<u8>, Error> {
    JsonPack::parse(text).map(|pack| pack.cbor)
}

/// Holds a pack that was read from JSON and found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPack {
    cbor: Vec<u8>,
}

impl JsonPack {
    /// Reads a pack, and all of its records.
    ///
    /// # Errors
    ///
    /// Returns what [`PackDecoder`] says of the same pack in CBOR, and [`Error::Syntax`],
    /// [`Error::Truncated`] or, past ten levels of nesting, [`Error::Unsupported`] for what is no
    /// JSON (RFC 8259) of ours; with positions in `text`. A number that is larger than all doubles
    /// is out of [`Error::Range`].
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let pack = to_cbor::pack(&parse::parse(text)?)?;
        match PackDecoder::<RoundedSums>::with_sums(&pack.bytes).find_map(Result::err) {
            Some(error) => Err(pack.moved(error)),
            None => Ok(Self { cbor: pack.bytes }),
        }
    }

    /// Returns the records, with the base fields applied.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        PackDecoder::<RoundedSums>::with_sums(&self.cbor).filter_map(Result::ok)
    }

    /// Returns the same pack in CBOR.
    pub fn as_cbor(&self) -> &[u8] {
        &self.cbor
    }
}
