//! The CRC-32 of IEEE 802.3, without its last inversion.

/// Carries `crc` over `bytes`; a check starts with all bits 1 or with what came before.
///
/// Bit by bit: a table of 1 KiB is half of an ATmega328P's RAM, where constants live.
#[inline(never)]
pub(crate) const fn crc32(mut crc: u32, mut bytes: &[u8]) -> u32 {
    while let [byte, rest @ ..] = bytes {
        crc ^= *byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = if crc & 1 == 0 { 0 } else { 0xEDB8_8320 };
            crc = (crc >> 1) ^ carry;
            bit += 1;
        }
        bytes = rest;
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn it_is_the_one_of_ethernet_and_zip() {
        assert_eq!(!crc32(u32::MAX, b"123456789"), 0xCBF4_3926);
        assert_eq!(!crc32(crc32(u32::MAX, b"1234"), b"56789"), 0xCBF4_3926);
    }
}
