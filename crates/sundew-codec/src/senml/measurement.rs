//! Readings out of a pack, for parts with no room for all of SenML.

use sundew_units::Dec;

use super::{Name, Text, VERSION};
use crate::{
    Error,
    cbor::{DECIMAL_FRACTION, major},
};

/// Holds one reading of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Measurement<'a> {
    /// Names what was measured.
    pub name: Name<'a>,
    /// Holds the unit's symbol; empty where it follows from the name.
    pub unit: Text<'a>,
    /// Holds the value.
    pub value: Dec,
}

/// Calls `each` with the readings of a pack: names, units and exact decimals, the base name and the
/// base unit applied.
///
/// This is for 8-bit parts and bootloaders: on AVR it takes an eighth of the flash of
/// [`PackDecoder`](super::PackDecoder), because it knows only what a list of values needs. It reads
/// arrays, maps and texts of definite length; integers of 32 bits and decimal fractions with
/// exponents of -24 to 23. Labels that it does not know are passed over, with a value that is no
/// array, map, tag or integer past 32 bits, unless they end in `_` (RFC 8428 section 4.4). **That goes for Sundew's own
/// labels too:** commands, origins and qualities need the `PackDecoder`.
///
/// Everything that it does not take is an error, never another value: times, sums, base values,
/// floats, texts and booleans as values, indefinite lengths, labels that stand twice in a record,
/// versions above [`VERSION`]. A record without a value is passed over. What `PackDecoder` says of
/// a pack that is read here without an error is the same (`tests/measurements.rs`).
///
/// ```
/// use sundew_codec::{Error, senml::measurements};
///
/// // [{-2: "dev1:", 0: "air", 1: "Cel", 2: 4([-2, 2345])}]
/// let bytes = b"\x81\xA4\x21\x65dev1:\x00\x63air\x01\x63Cel\x02\xC4\x82\x21\x19\x09\x29";
/// measurements(bytes, |reading| {
///     assert_eq!(reading.name, "dev1:air");
///     assert_eq!(reading.unit, "Cel");
///     assert_eq!(reading.value.to_string(), "23.45");
/// })?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// Returns [`Error::Truncated`] where bytes are missing, and [`Error::Unsupported`] with the offset
/// of an item for everything else. `each` was then called with the readings before that.
pub fn measurements<'a>(
    bytes: &'a [u8],
    mut each: impl FnMut(&Measurement<'a>),
) -> Result<(), Error> {
    let none = Text(&[]);
    let mut found =
        Measurement { name: Name { base: none, own: none }, unit: none, value: Dec::new(0, 0) };
    let mut base_unit = none;
    let mut items = Items { rest: bytes, start: 0, first: 0, argument: 0, content: &[], fault: 0 };
    let mut records = items.entries(major::ARRAY);
    'pack: while records != 0 {
        records -= 1;
        found.name.own = none;
        found.unit = none;
        let mut fields = items.entries(major::MAP);
        let mut seen = 0_u8;
        loop {
            if items.fault != 0 {
                break 'pack;
            }
            if fields == 0 {
                break;
            }
            fields -= 1;
            let label = items.label();
            let first = items.next();
            let bit = 1 << label;
            let again = seen & bit != 0;
            seen = (seen | bit) & !(1 << label::OTHER);
            let is_taken = match label {
                _ if again => false,
                label::VALUE => items.number(&mut found.value),
                // A version in its shortest form is its first byte.
                label::BASE_VERSION => first <= VERSION,
                _ if first >> 5 == major::TEXT => {
                    let text = Text(items.content);
                    match label {
                        label::NAME => found.name.own = text,
                        label::UNIT => found.unit = text,
                        label::BASE_NAME => found.name.base = text,
                        label::BASE_UNIT => base_unit = text,
                        _ => {}
                    }
                    label != label::REFUSED
                }
                // No array, map or tag; 0xF8 begins what would be a simple value in two bytes.
                label::OTHER => matches!(first, 0..=0x7F | 0xE0..=0xF7 | 0xF9..),
                _ => false,
            };
            if !is_taken {
                items.fail();
            }
        }
        if found.unit.is_empty() {
            found.unit = base_unit;
        }
        if seen & 1 << label::VALUE != 0 {
            each(&found);
        }
    }
    if items.fault == 0 {
        if items.rest.is_empty() {
            return Ok(());
        }
        items.fault = items.rest.len() + 1;
    }
    let position = bytes.len() + 1 - items.fault;
    Err(if position == bytes.len() {
        Error::Truncated { position }
    } else {
        Error::Unsupported { position }
    })
}

/// Numbers the labels, so that those of one record fit the bits of a byte.
mod label {
    pub(super) const NAME: u8 = 0;
    pub(super) const UNIT: u8 = 1;
    pub(super) const VALUE: u8 = 2;
    /// Is passed over.
    pub(super) const OTHER: u8 = 3;
    pub(super) const BASE_VERSION: u8 = 4;
    pub(super) const BASE_NAME: u8 = 5;
    /// Would change what the record means.
    pub(super) const REFUSED: u8 = 6;
    pub(super) const BASE_UNIT: u8 = 7;
}

/// Begins a float of 64 bits (RFC 8949 section 3.3).
const DOUBLE: u8 = (major::SIMPLE << 5) + 27;

/// Holds the numbers of the labels 0 to 8 in the low halves, and of -1 to -9 in the high ones
/// (RFC 8428 section 6, table 4).
const LABELS: [u8; 9] = [0x40, 0x51, 0x62, 0x76, 0x66, 0x66, 0x36, 0x36, 0x36];

/// Reads item by item. After a fault nothing is left to read, and every item is a 0: so one look at
/// the fault per field is enough, and the decoder half as large as with one per item.
struct Items<'a> {
    rest: &'a [u8],
    /// Holds how many bytes were left where the last item began; 0 where some of it are missing.
    start: usize,
    /// Holds the first byte of the last item.
    first: u8,
    /// Holds the argument of its head; `u32::MAX` stands for a double.
    argument: u32,
    /// Holds the content of the last string.
    content: &'a [u8],
    /// Holds one more than `start` was at the first fault, 0 before it.
    fault: usize,
}

impl<'a> Items<'a> {
    /// Reads the label of a field, and returns its number here.
    fn label(&mut self) -> u8 {
        let first = self.next();
        if first >= major::BYTES << 5 {
            let is_text = first >> 5 == major::TEXT;
            return if is_text && !matches!(self.content, [.., b'_']) {
                label::OTHER
            } else {
                label::REFUSED
            };
        }
        match LABELS.get(self.length()) {
            Some(labels) if first < major::NEGATIVE << 5 => labels & 0x0F,
            Some(labels) => labels >> 4,
            None => label::OTHER,
        }
    }

    /// Takes the number whose first item was read; returns whether it is one.
    fn number(&mut self, value: &mut Dec) -> bool {
        let mut exponent = 0;
        if self.first == (major::TAG << 5) + DECIMAL_FRACTION {
            if self.next() != (major::ARRAY << 5) + 2 {
                return false;
            }
            exponent = self.next();
            if exponent >= 24 {
                // 0x20 to 0x37 are -1 to -24.
                exponent = 0x1F_u8.wrapping_sub(exponent);
                if exponent < 0xE8 {
                    return false;
                }
            }
            self.next();
        }
        let mut mantissa = self.argument as i32;
        if mantissa < 0 || self.first >= major::BYTES << 5 {
            return false;
        }
        if self.first >= major::NEGATIVE << 5 {
            // -1 - n is the complement of n.
            mantissa = !mantissa;
        }
        *value = Dec::new(mantissa, exponent as i8);
        true
    }

    /// Reads the head of an array or a map, and returns the number of its entries.
    fn entries(&mut self, kind: u8) -> usize {
        if self.next() >> 5 != kind {
            self.fail();
        }
        self.length()
    }

    /// Reads the head of an item, and its content where it is a string.
    #[inline(never)]
    fn next(&mut self) -> u8 {
        self.start = self.rest.len();
        let first = self.folded(1) as u8;
        self.first = first;
        let information = first & 0x1F;
        self.argument = u32::from(information);
        if information >= 24 {
            // Of the long heads only that of a double may stand here, to be passed over: an integer
            // in one could be a label, such as -2, that would go unseen.
            if information >= 27 && first != DOUBLE {
                self.fail();
            }
            self.argument = self.folded(1 << (information & 3));
            if first == DOUBLE {
                self.argument = u32::MAX;
            }
        }
        if matches!(first >> 5, major::BYTES | major::TEXT) {
            self.content = self.take(self.length());
        }
        first
    }

    fn length(&self) -> usize {
        usize::try_from(self.argument).unwrap_or(usize::MAX)
    }

    /// Takes bytes as one number, of which the last four count.
    #[inline(never)]
    fn folded(&mut self, len: usize) -> u32 {
        let mut value = 0;
        for byte in self.take(len) {
            value = value << 8 | u32::from(*byte);
        }
        value
    }

    #[inline(never)]
    fn take(&mut self, len: usize) -> &'a [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            self.start = 0;
            self.fail();
            return &[];
        };
        self.rest = rest;
        taken
    }

    #[inline(never)]
    fn fail(&mut self) {
        if self.fault == 0 {
            self.fault = self.start + 1;
        }
        self.rest = &[];
    }
}
