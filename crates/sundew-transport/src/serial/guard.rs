//! What keeps a frame from being taken for another: a checksum against noise, a seal against people.

use super::frame::HEADER;

/// Protects a frame: writes what follows it, and checks that when it comes in.
///
/// [`Crc32`] finds noise. `Key`, with the feature `sealed`, is for wires and radios that
/// somebody else can reach.
pub trait Guard {
    /// Holds the high half of a frame's first byte, so that one guard's frames are no other's.
    const FAMILY: u8;

    /// Holds the bytes that follow a frame.
    const BYTES: usize;

    /// Protects `header` and `body`, may encrypt the body, and fills `trailer`, which has
    /// [`BYTES`](Self::BYTES).
    fn protect(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &mut [u8]);

    /// Undoes it, and says whether nothing was changed; where something was, the body is of no use.
    fn check(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &[u8]) -> bool;
}

/// Finds noise: CRC-32 as in Ethernet and zip, over header and body, little end first.
///
/// It keeps nobody out: whoever reaches the wire can write frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Crc32;

impl Guard for Crc32 {
    const FAMILY: u8 = 0x10;
    const BYTES: usize = 4;

    fn protect(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &mut [u8]) {
        super::copy(trailer, &checksum(header, body));
    }

    fn check(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &[u8]) -> bool {
        trailer == checksum(header, body)
    }
}

/// A bit at a time: a table of 1 KB would lie in the RAM of an AVR.
fn checksum(header: &[u8; HEADER], body: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in header.iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0xEDB8_8320;
            }
        }
    }
    (!crc).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_the_published_one() {
        assert_eq!(checksum(b"123456789", &[]), 0xCBF4_3926_u32.to_le_bytes());
    }
}
