//! Writes items into a slice, and goes on counting where the slice ends.

use super::{DECIMAL_FRACTION, major};
use crate::{Error, bits::BitWriter};

/// Writes from an offset on; what lies past the end of the buffer is counted but not stored.
pub(crate) struct Writer<'b> {
    buffer: &'b mut [u8],
    position: usize,
}

impl<'b> Writer<'b> {
    pub(crate) fn new(buffer: &'b mut [u8], position: usize) -> Self {
        Self { buffer, position }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Returns the end of what was written.
    pub(crate) fn finish(self) -> Result<usize, Error> {
        let needed = self.position;
        if needed <= self.buffer.len() { Ok(needed) } else { Err(Error::Full { needed }) }
    }

    // Never inlined, as the bounds check at each of its many callers would double the encoder.
    #[inline(never)]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.replace(self.position, byte);
        self.position = self.position.saturating_add(1);
    }

    /// Writes over a byte that was written before.
    pub(crate) fn replace(&mut self, position: usize, byte: u8) {
        if let Some(slot) = self.buffer.get_mut(position) {
            *slot = byte;
        }
    }

    /// Returns whether nothing more is stored.
    pub(crate) fn is_past_end(&self) -> bool {
        self.position >= self.buffer.len()
    }

    /// Counts bytes that would not be stored.
    pub(crate) fn skip(&mut self, len: usize) {
        self.position = self.position.saturating_add(len);
    }

    /// Writes bits from here on, and fills up the last byte with 0.
    pub(crate) fn packed(&mut self, write: impl FnOnce(&mut BitWriter<'_>)) {
        let mut bits = BitWriter::new(self.buffer, self.position);
        write(&mut bits);
        self.position = bits.position();
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let rest = self.buffer.get_mut(self.position..).unwrap_or_default();
        for (slot, byte) in rest.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.position = self.position.saturating_add(bytes.len());
    }

    /// Writes the head of an item in its shortest form (RFC 8949 section 4.2.1).
    #[inline(never)]
    pub(crate) fn head(&mut self, major: u8, argument: u32) {
        let major = major << 5;
        let [_, _, second, first] = argument.to_be_bytes();
        match argument {
            0..=23 => self.byte(major + first),
            24..=0xFF => {
                self.byte(major + 24);
                self.byte(first);
            }
            0x100..=0xFFFF => {
                self.byte(major + 25);
                self.byte(second);
                self.byte(first);
            }
            _ => {
                self.byte(major + 26);
                self.four(argument);
            }
        }
    }

    pub(crate) fn integer(&mut self, value: i32) {
        // -1 - value of a negative number is its bitwise complement.
        if value < 0 {
            self.head(major::NEGATIVE, !value as u32);
        } else {
            self.head(major::UNSIGNED, value as u32);
        }
    }

    pub(crate) fn wide_integer(&mut self, value: i64) {
        let (kind, argument) = if value < 0 {
            (major::NEGATIVE, !value as u64)
        } else {
            (major::UNSIGNED, value as u64)
        };
        match u32::try_from(argument) {
            Ok(argument) => self.head(kind, argument),
            Err(_) => self.eight(kind, argument),
        }
    }

    pub(crate) fn float(&mut self, bits: u64) {
        self.eight(major::SIMPLE, bits);
    }

    pub(crate) fn decimal(&mut self, mantissa: i32, exponent: i8) {
        self.byte((major::TAG << 5) + DECIMAL_FRACTION);
        self.byte((major::ARRAY << 5) + 2);
        self.integer(i32::from(exponent));
        self.integer(mantissa);
    }

    pub(crate) fn string(&mut self, major: u8, bytes: &[u8]) {
        self.head(major, bytes.len() as u32);
        self.bytes(bytes);
    }

    fn eight(&mut self, major: u8, argument: u64) {
        self.byte((major << 5) + 27);
        self.four((argument >> 32) as u32);
        self.four(argument as u32);
    }

    fn four(&mut self, argument: u32) {
        self.bytes(&argument.to_be_bytes());
    }
}
