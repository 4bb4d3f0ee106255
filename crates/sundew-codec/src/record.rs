//! What the queue stores: one sample as a schema number and bare integers.
//!
//! Names, units and exponents stay in the [`Device`](sundew_units::Device) table, so that a
//! temperature of 23.45 Cel takes 3 bytes in flash. Layout, frozen since it persists:
//!
//! | bytes | meaning |
//! |---|---|
//! | 2 | schema, little endian |
//! | then per value: 1 | channel |
//! | 1 to 5 | zig-zag mantissa, lowest bits first: 6 bits, then 7 in each further byte; bit 7 says that another byte follows, bit 6 of the first that a quality follows |
//! | 0 or 1 | quality, left out where it is good |

use sundew_units::{ChannelId, Quality};

use crate::{Error, cbor::Writer};

const MORE: u8 = 0x80;
const MARKED: u8 = 0x40;

/// Returns the bytes that always suffice for a record of `values` values.
///
/// ```
/// use sundew_codec::record;
/// use sundew_units::Sample;
/// const BUFFER: usize = record::capacity(Sample::CAPACITY);
/// assert_eq!(BUFFER, 58);
/// ```
pub const fn capacity(values: usize) -> usize {
    2 + 7 * values
}

/// Encodes values that were taken together, and returns the number of bytes.
///
/// `schema` is the number under which [`decode`] finds the table of channels again, such as
/// [`Device::version`](sundew_units::Device::version).
///
/// ```
/// use sundew_codec::record;
/// use sundew_units::{Channel, ChannelId, Quantity, Sample};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// let mut sample = Sample::new();
/// sample.push(&AIR, 2_345).unwrap();
///
/// let mut buffer = [0; record::capacity(1)];
/// let len = record::encode(7, sample.values(), &mut buffer).unwrap();
/// assert_eq!(len, 5);
///
/// let mut decoded = record::decode(&buffer[..len]).unwrap();
/// assert_eq!(decoded.schema(), 7);
/// assert_eq!(decoded.next().unwrap().unwrap(), (ChannelId(1), 2_345, Default::default()));
/// assert!(decoded.next().is_none());
/// ```
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode(
    schema: u16,
    values: impl IntoIterator<Item = (ChannelId, i32, Quality)>,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    writer.bytes(&schema.to_le_bytes());
    for (channel, mantissa, quality) in values {
        writer.byte(channel.0);
        let mark = if quality == Quality::Good { 0 } else { MARKED };
        let mut rest = ((mantissa << 1) ^ (mantissa >> 31)) as u32;
        let mut byte = rest as u8 & 0x3F | mark;
        rest >>= 6;
        while rest != 0 {
            writer.byte(byte | MORE);
            byte = rest as u8 & 0x7F;
            rest >>= 7;
        }
        writer.byte(byte);
        if mark != 0 {
            writer.byte(quality.number());
        }
    }
    writer.finish()
}

/// Reads the schema of a record and returns its values as an iterator.
///
/// # Errors
///
/// Returns [`Error::Truncated`] where even the schema is missing.
pub fn decode(bytes: &[u8]) -> Result<Values<'_>, Error> {
    match bytes {
        [low, high, rest @ ..] => Ok(Values::of(u16::from_le_bytes([*low, *high]), rest)),
        _ => Err(Error::Truncated { position: bytes.len() }),
    }
}

/// Iterates over the values of one record; ends after the first error.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Values<'a> {
    schema: u16,
    rest: &'a [u8],
    position: usize,
}

impl<'a> Values<'a> {
    /// Holds the values that follow a schema.
    pub(crate) const fn of(schema: u16, bytes: &'a [u8]) -> Self {
        Self { schema, rest: bytes, position: 2 }
    }

    /// Returns the number of the schema that the channels belong to.
    pub const fn schema(&self) -> u16 {
        self.schema
    }

    /// Returns the bytes of the values that are left.
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.rest
    }

    // Hands faults up as `None` with the position at the fault: a `Result` of an error that names a
    // byte goes through memory for each byte on AVR.
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.position += 1;
        Some(*byte)
    }

    fn value(&mut self) -> Option<(ChannelId, i32, Quality)> {
        let channel = ChannelId(self.byte()?);
        let first = self.byte()?;
        let mut zig_zag = u32::from(first & 0x3F);
        let mut more = first & MORE != 0;
        let mut shift = 6;
        while more {
            // The fifth byte starts at bit 27: only 5 of its bits fit, and nothing after it. A
            // last byte of 0 would be a second spelling of a shorter record.
            let byte = *self.rest.first()?;
            let bits = u32::from(byte & 0x7F);
            if shift > 27 || shift == 27 && bits > 0x1F || byte == 0 {
                return None;
            }
            self.byte()?;
            more = byte & MORE != 0;
            zig_zag |= bits << shift;
            shift += 7;
        }
        let mantissa = (zig_zag >> 1) as i32 ^ -((zig_zag & 1) as i32);
        let quality = if first & MARKED == 0 { Quality::Good } else { quality(self.byte()?) };
        Some((channel, mantissa, quality))
    }
}

impl Iterator for Values<'_> {
    type Item = Result<(ChannelId, i32, Quality), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some(value) = self.value() else {
            let position = self.position;
            let is_cut = core::mem::take(&mut self.rest).is_empty();
            return Some(Err(if is_cut {
                Error::Truncated { position }
            } else {
                Error::Syntax { position }
            }));
        };
        Some(Ok(value))
    }
}

impl core::iter::FusedIterator for Values<'_> {}

/// Reads a quality; a number of a later version than this one is at least a doubt.
pub(crate) fn quality(number: u8) -> Quality {
    Quality::from_number(number).unwrap_or(Quality::Suspect)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn encoded(values: &[(ChannelId, i32, Quality)]) -> Vec<u8> {
        let mut buffer = std::vec![0; capacity(values.len())];
        let len = encode(0x0102, values.iter().copied(), &mut buffer).unwrap();
        buffer.truncate(len);
        buffer
    }

    #[test]
    fn the_layout_is_frozen() {
        let golden: &[(i32, Quality, &[u8])] = &[
            (0, Quality::Good, &[2, 1, 9, 0x00]),
            (-1, Quality::Good, &[2, 1, 9, 0x01]),
            (31, Quality::Good, &[2, 1, 9, 0x3E]),
            (32, Quality::Good, &[2, 1, 9, 0x80, 0x01]),
            (2_345, Quality::Good, &[2, 1, 9, 0x92, 0x49]),
            (-400, Quality::Fault, &[2, 1, 9, 0xDF, 0x0C, 5]),
            (i32::MAX, Quality::Good, &[2, 1, 9, 0xBE, 0xFF, 0xFF, 0xFF, 0x1F]),
            (i32::MIN, Quality::Stale, &[2, 1, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 6]),
        ];
        for &(mantissa, quality, bytes) in golden {
            let value = (ChannelId(9), mantissa, quality);
            assert_eq!(encoded(&[value]), bytes, "{mantissa}");
            let mut values = decode(bytes).unwrap();
            assert_eq!(values.schema(), 0x0102);
            assert_eq!(values.next(), Some(Ok(value)));
            assert_eq!(values.next(), None);
        }
    }

    #[test]
    fn what_does_not_fit_says_what_it_needs() {
        let values = [(ChannelId(1), 2_345, Quality::Good); 3];
        for size in 0..11 {
            let mut buffer = [0; 11];
            let error = encode(1, values, &mut buffer[..size]).unwrap_err();
            assert_eq!(error, Error::Full { needed: 11 });
        }
    }

    #[test]
    fn a_second_spelling_is_refused() {
        let cases: &[(&[u8], Error)] = &[
            (&[1], Error::Truncated { position: 1 }),
            (&[1, 0, 5], Error::Truncated { position: 3 }),
            (&[1, 0, 5, 0x80], Error::Truncated { position: 4 }),
            (&[1, 0, 5, 0x40], Error::Truncated { position: 4 }),
            (&[1, 0, 5, 0x80, 0x00], Error::Syntax { position: 4 }),
            (&[1, 0, 5, 0x80, 0x80, 0x80, 0x80, 0x20], Error::Syntax { position: 7 }),
            (&[1, 0, 5, 0x80, 0x80, 0x80, 0x80, 0x81, 0x01], Error::Syntax { position: 8 }),
        ];
        for (bytes, error) in cases {
            let found = decode(bytes).and_then(|mut values| values.next().unwrap());
            assert_eq!(found, Err(*error), "{bytes:x?}");
        }
    }

    #[test]
    fn a_quality_of_a_later_version_is_a_doubt() {
        let mut values = decode(&[0, 0, 1, 0x40, 200]).unwrap();
        assert_eq!(values.next(), Some(Ok((ChannelId(1), 0, Quality::Suspect))));
    }

    proptest! {
        #[test]
        fn every_record_comes_back(
            raw in prop::collection::vec((any::<u8>(), any::<i32>(), 0_u8..7), 0..12),
        ) {
            let values: Vec<_> =
                raw.iter().map(|&(c, m, q)| (ChannelId(c), m, quality(q))).collect();
            let back: Result<Vec<_>, _> = decode(&encoded(&values)).unwrap().collect();
            prop_assert_eq!(back, Ok(values));
        }

        #[test]
        fn any_bytes_give_values_or_an_error_within_them(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let end = decode(&bytes).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            if let Err(error) = end {
                prop_assert!(error.position().unwrap() <= bytes.len());
            }
        }
    }
}
