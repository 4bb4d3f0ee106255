//! Fields of any number of bits, lowest bits first, and the integers of varying length among them.

use crate::Error;

/// Writes bits from a byte on; what lies past the end of the buffer is counted but not stored.
pub(crate) struct BitWriter<'b> {
    buffer: &'b mut [u8],
    position: usize,
    /// Holds how many bits of the byte at `position` are taken, 0 to 7.
    used: u8,
}

impl<'b> BitWriter<'b> {
    pub(crate) fn new(buffer: &'b mut [u8], position: usize) -> Self {
        Self { buffer, position, used: 0 }
    }

    /// Returns the end of what was written, rounded up to whole bytes.
    pub(crate) fn position(&self) -> usize {
        self.position + usize::from(self.used != 0)
    }

    /// Returns the end of what was written.
    pub(crate) fn finish(self) -> Result<usize, Error> {
        let needed = self.position();
        if needed <= self.buffer.len() { Ok(needed) } else { Err(Error::Full { needed }) }
    }

    /// Writes the lowest `width` bits of a value, up to 32; the rest of the last byte is 0.
    #[inline(never)]
    pub(crate) fn put(&mut self, value: u32, width: u8) {
        let mut rest = value;
        let mut left = width;
        while left > 0 {
            let taken = left.min(8 - self.used);
            let chunk = rest as u8 & (0xFF >> (8 - taken));
            if let Some(slot) = self.buffer.get_mut(self.position) {
                let before = if self.used == 0 { 0 } else { *slot };
                *slot = before | chunk << self.used;
            }
            // By 8, bytes move; by any other number AVR goes bit by bit.
            rest = if taken == 8 { rest >> 8 } else { rest >> taken };
            left -= taken;
            self.used += taken;
            if self.used == 8 {
                self.used = 0;
                self.position = self.position.saturating_add(1);
            }
        }
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.put(u32::from(byte), 8);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// Sets bits of a byte that was written before.
    pub(crate) fn mark(&mut self, position: usize, bits: u8) {
        if let Some(slot) = self.buffer.get_mut(position) {
            *slot |= bits;
        }
    }

    /// Writes 7 bits to a byte, lowest first; bit 7 says that another byte follows (LEB128).
    pub(crate) fn varint(&mut self, value: u32) {
        let mut rest = value;
        while rest > 0x7F {
            self.byte(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.byte(rest as u8);
    }
}

/// Reads what a [`BitWriter`] wrote. Like the reader of CBOR it returns `None` on a fault and
/// leaves the fault in itself.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Holds how many bits of the byte at `position` were read, 0 to 7.
    used: u8,
    pub(crate) fault: Error,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, used: 0, fault: Error::Syntax { position: 0 } }
    }

    /// Returns the byte in which the next bit lies.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Returns whether nothing is left but the zeros that fill the last byte.
    pub(crate) fn is_at_end(&self) -> bool {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        match rest {
            [] => true,
            [last] => self.used != 0 && last >> self.used == 0,
            _ => false,
        }
    }

    /// Reads `width` bits, up to 32.
    #[inline(never)]
    pub(crate) fn take(&mut self, width: u8) -> Option<u32> {
        let mut value = 0;
        let mut done = 0;
        while done < width {
            let Some(byte) = self.bytes.get(self.position) else {
                self.fault = Error::Truncated { position: self.bytes.len() };
                return None;
            };
            let taken = (width - done).min(8 - self.used);
            let chunk = byte >> self.used & (0xFF >> (8 - taken));
            value |= u32::from(chunk) << done;
            done += taken;
            self.used += taken;
            if self.used == 8 {
                self.used = 0;
                self.position += 1;
            }
        }
        Some(value)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(8).map(|byte| byte as u8)
    }

    /// Takes whole bytes; the reader must stand between two.
    pub(crate) fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let Some((slice, _)) = rest.split_at_checked(len) else {
            self.fault = Error::Truncated { position: self.bytes.len() };
            return None;
        };
        self.position += len;
        Some(slice)
    }

    /// Takes an integer of varying length in its shortest spelling.
    pub(crate) fn varint(&mut self) -> Option<u32> {
        let start = self.position;
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7F);
            // The fifth byte starts at bit 28: only 4 of its bits fit, and nothing after it. A
            // last byte of 0 would be a second spelling of a shorter integer.
            if shift == 28 && byte > 0x0F || byte == 0 && shift > 0 {
                self.fault = Error::Syntax { position: start };
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
    }
}

/// Folds the sign into the lowest bit, so that small numbers of either sign stay small.
pub(crate) const fn zig_zag(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// Undoes [`zig_zag`].
pub(crate) const fn un_zig_zag(folded: u32) -> i32 {
    (folded >> 1) as i32 ^ -((folded & 1) as i32)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_lowest_bits_come_first() {
        let mut buffer = [0xFF; 4];
        let mut writer = BitWriter::new(&mut buffer, 0);
        writer.put(0b101, 3);
        writer.put(0xABC, 12);
        writer.put(9, 0);
        writer.varint(300);
        assert_eq!(writer.position(), 4);
        // 101, then 0xABC, then 0xAC 0x02 one bit further on.
        assert_eq!(buffer, [0xE5, 0x55, 0x56, 0x01]);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut buffer = [0; 2];
        let mut writer = BitWriter::new(&mut buffer, 1);
        writer.put(u32::MAX, 32);
        writer.put(1, 1);
        assert_eq!(writer.finish(), Err(Error::Full { needed: 6 }));
        assert_eq!(buffer, [0, 0xFF]);
    }

    #[test]
    fn an_integer_has_one_spelling() {
        for (bytes, expected) in [
            (&[0x7F][..], Ok(0x7F)),
            (&[0x80, 0x01], Ok(0x80)),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Ok(u32::MAX)),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0x1F], Err(Error::Syntax { position: 0 })),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0x01], Err(Error::Syntax { position: 0 })),
            (&[0x80, 0x00], Err(Error::Syntax { position: 0 })),
            (&[0x80], Err(Error::Truncated { position: 1 })),
            (&[], Err(Error::Truncated { position: 0 })),
        ] {
            let mut reader = BitReader::new(bytes);
            assert_eq!(reader.varint().ok_or(reader.fault), expected, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn every_field_comes_back(
            fields in prop::collection::vec((any::<u32>(), 0_u8..=32, any::<bool>()), 0..20),
        ) {
            let mut buffer = [0xA5; 180];
            let mut writer = BitWriter::new(&mut buffer, 0);
            for &(value, width, varint) in &fields {
                if varint { writer.varint(value) } else { writer.put(value, width) }
            }
            let len = writer.finish().unwrap();
            let mut reader = BitReader::new(&buffer[..len]);
            for &(value, width, varint) in &fields {
                let mask = u32::MAX.checked_shr(32 - u32::from(width)).unwrap_or(0);
                let (found, expected) =
                    if varint { (reader.varint(), value) } else { (reader.take(width), value & mask) };
                prop_assert_eq!(found, Some(expected));
            }
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn signs_fold_and_unfold(value in any::<i32>()) {
            prop_assert_eq!(un_zig_zag(zig_zag(value)), value);
        }
    }
}
