//! Reads items from a slice.
//!
//! Everything here returns `None` on a fault and leaves the fault in the reader. Handing errors up
//! by value through each `?` made the decoder three times as large on AVR.

use super::{DECIMAL_FRACTION, major};
use crate::Error;

/// Nests no deeper than this in fields that are skipped. SenML itself nests two levels; a limit
/// keeps the RAM of a skip at a few bytes, whatever a peer sends.
const DEPTH: usize = 8;

/// Stands for the number of items left in an indefinite array while it is skipped. Numbers of
/// definite arrays never come near it, since each item takes a byte.
const ARRAY: usize = usize::MAX;
/// The same in an indefinite map where a key is next, and where a break may come.
const KEY: usize = usize::MAX - 1;
/// The same in an indefinite map where a value is next.
const VALUE: usize = usize::MAX - 2;

/// Reads from a slice, and holds the head of the last item (RFC 8949 section 3).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Holds where the last head began.
    pub(crate) start: usize,
    pub(crate) major: u8,
    /// Holds the low five bits of the first byte: 24 to 27 say how wide the argument is, 31 that
    /// the length is indefinite.
    pub(crate) information: u8,
    /// Holds the lower half of the argument.
    pub(crate) low: u32,
    /// Holds the upper half of the argument, 0 but in items with 8 bytes of it.
    pub(crate) high: u32,
    pub(crate) fault: Error,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            start: 0,
            major: 0,
            information: 0,
            low: 0,
            high: 0,
            fault: Error::Syntax { position: 0 },
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// Reports that the last item does not belong where it is.
    pub(crate) fn syntax<T>(&mut self) -> Option<T> {
        self.fault = Error::Syntax { position: self.start };
        None
    }

    /// Reports that the last item is a number that does not fit.
    pub(crate) fn range<T>(&mut self) -> Option<T> {
        self.fault = Error::Range { position: self.start };
        None
    }

    /// Reports that the last item would have to be understood.
    pub(crate) fn unsupported<T>(&mut self) -> Option<T> {
        self.fault = Error::Unsupported { position: self.start };
        None
    }

    fn truncated<T>(&mut self) -> Option<T> {
        self.fault = Error::Truncated { position: self.bytes.len() };
        None
    }

    /// Reads a head into the fields of the reader.
    #[inline(never)]
    pub(crate) fn head(&mut self) -> Option<()> {
        self.start = self.position;
        let first = self.byte()?;
        self.major = first >> 5;
        self.information = first & 0x1F;
        self.low = u32::from(self.information);
        self.high = 0;
        match self.information {
            0..=23 => {}
            24..=27 => {
                self.low = 0;
                for _ in 0..1_u8 << (self.information - 24) {
                    self.high = self.high << 8 | self.low >> 24;
                    self.low = self.low << 8 | u32::from(self.byte()?);
                }
            }
            31 if matches!(self.major, 2..=5 | major::SIMPLE) => {}
            _ => return self.syntax(),
        }
        Some(())
    }

    /// Reads a head that must be of one major type.
    #[inline(never)]
    pub(crate) fn expect(&mut self, major: u8) -> Option<()> {
        self.head()?;
        if self.major == major { Some(()) } else { self.syntax() }
    }

    pub(crate) fn is_indefinite(&self) -> bool {
        self.information == 31
    }

    /// Returns the integer that was read, where it fits 32 bits.
    pub(crate) fn integer(&self) -> Option<i32> {
        if self.high != 0 || self.low > i32::MAX as u32 || self.major > major::NEGATIVE {
            return None;
        }
        // -1 - n is the complement of n.
        let value = self.low as i32;
        Some(if self.major == major::NEGATIVE { !value } else { value })
    }

    /// Takes a break where one is next (RFC 8949 section 3.2.1).
    pub(crate) fn take_break(&mut self) -> bool {
        let found = self.bytes.get(self.position) == Some(&0xFF);
        if found {
            self.position += 1;
        }
        found
    }

    /// Takes the content of the string whose head was read; an indefinite one is refused.
    #[inline(never)]
    pub(crate) fn content(&mut self) -> Option<&'a [u8]> {
        if self.is_indefinite() {
            return self.syntax();
        }
        let len = self.count()?;
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let Some((content, _)) = rest.split_at_checked(len) else { return self.truncated() };
        self.position += len;
        Some(content)
    }

    /// Takes a text.
    pub(crate) fn text(&mut self) -> Option<&'a [u8]> {
        self.expect(major::TEXT)?;
        self.content()
    }

    /// Takes an unsigned integer of at most 32 bits.
    pub(crate) fn unsigned(&mut self) -> Option<u32> {
        self.expect(major::UNSIGNED)?;
        if self.high == 0 { Some(self.low) } else { self.range() }
    }

    /// Takes exponent and mantissa of the decimal fraction whose tag was read.
    pub(crate) fn decimal(&mut self) -> Option<(i32, i8)> {
        if self.low != u32::from(DECIMAL_FRACTION) || self.high != 0 {
            return self.unsupported();
        }
        self.expect(major::ARRAY)?;
        let is_indefinite = self.is_indefinite();
        if !is_indefinite && (self.low != 2 || self.high != 0) {
            return self.syntax();
        }
        let exponent = self.part()?;
        let Ok(exponent) = i8::try_from(exponent) else { return self.range() };
        let mantissa = self.part()?;
        if is_indefinite && !self.take_break() {
            self.start = self.position;
            return self.syntax();
        }
        Some((mantissa, exponent))
    }

    /// Takes an integer of a decimal fraction.
    fn part(&mut self) -> Option<i32> {
        self.head()?;
        match self.major {
            major::UNSIGNED | major::NEGATIVE => match self.integer() {
                None => self.range(),
                integer => integer,
            },
            // Tags 2 and 3 make a mantissa of any length (RFC 8949 section 3.4.3).
            major::TAG => self.unsupported(),
            _ => self.syntax(),
        }
    }

    /// Passes over one item of any kind, with what is nested in it.
    #[inline(never)]
    pub(crate) fn skip(&mut self) -> Option<()> {
        let mut outer = [0_usize; DEPTH];
        let mut depth = 0_usize;
        let mut left = 1_usize;
        loop {
            if left == 0 || matches!(left, ARRAY | KEY) && self.take_break() {
                let Some(below) = depth.checked_sub(1) else { return Some(()) };
                depth = below;
                left = outer.get(depth).copied().unwrap_or(0);
                continue;
            }
            left = match left {
                ARRAY => ARRAY,
                KEY => VALUE,
                VALUE => KEY,
                _ => left - 1,
            };
            self.head()?;
            let indefinite = self.is_indefinite();
            let inner = match self.major {
                major::BYTES | major::TEXT if indefinite => {
                    self.chunks()?;
                    continue;
                }
                major::BYTES | major::TEXT => {
                    self.content()?;
                    continue;
                }
                major::ARRAY if indefinite => ARRAY,
                major::MAP if indefinite => KEY,
                major::ARRAY => self.count()?,
                // Cannot overflow: a slice has at most isize::MAX bytes.
                major::MAP => self.count()? << 1,
                major::TAG => 1,
                // A break outside of an indefinite item, or a simple value below 32 in two bytes.
                major::SIMPLE if indefinite || self.information == 24 && self.low < 32 => {
                    return self.syntax();
                }
                _ => continue,
            };
            let Some(slot) = outer.get_mut(depth) else { return self.unsupported() };
            *slot = left;
            depth += 1;
            left = inner;
        }
    }

    /// Takes the chunks of the indefinite string whose head was read: strings of the same kind.
    fn chunks(&mut self) -> Option<()> {
        let major = self.major;
        while !self.take_break() {
            self.expect(major)?;
            self.content()?;
        }
        Some(())
    }

    /// Returns the number of entries in the container whose head was read. Each takes a byte at
    /// least, so more entries than bytes are left means that some are missing.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let left = self.bytes.len().saturating_sub(self.position);
        match usize::try_from(self.low) {
            Ok(entries) if self.high == 0 && entries <= left => Some(entries),
            _ => self.truncated(),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let Some(byte) = self.bytes.get(self.position) else { return self.truncated() };
        self.position += 1;
        Some(*byte)
    }
}
