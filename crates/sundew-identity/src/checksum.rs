//! CRC-32 as in IEEE 802.3 and zlib.

/// Computes the checksum of what it is shown.
///
/// Bit by bit: the record is read once per boot, and a table would cost 1 KB, on AVR of RAM.
pub(crate) struct Crc32(u32);

impl Crc32 {
    pub(crate) const fn new() -> Self {
        Self(u32::MAX)
    }

    pub(crate) fn absorb(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 ^= u32::from(*byte);
            for _ in 0..8 {
                let carry = self.0 & 1;
                self.0 >>= 1;
                if carry != 0 {
                    self.0 ^= 0xEDB8_8320;
                }
            }
        }
    }

    pub(crate) const fn finish(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_crc_catalogue() {
        let crc32 = |parts: &[&[u8]]| {
            let mut crc = Crc32::new();
            for part in parts {
                crc.absorb(part);
            }
            crc.finish()
        };
        // CRC-32/ISO-HDLC, https://reveng.sourceforge.io/crc-catalogue/17plus.htm
        assert_eq!(crc32(&[b"123456789"]), 0xCBF4_3926);
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xCBF4_3926);
        assert_eq!(crc32(&[]), 0);
    }
}
