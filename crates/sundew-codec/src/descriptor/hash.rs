//! The checksum that names a table.

const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Returns the CRC-32 (ISO-HDLC, as zlib's `crc32`) of bytes.
///
/// ```
/// assert_eq!(sundew_codec::descriptor::crc32(b"123456789"), 0xCBF4_3926);
/// ```
pub const fn crc32(bytes: &[u8]) -> u32 {
    let mut state = START;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        state = step(state, *byte);
        rest = tail;
    }
    !state
}

/// Holds the state before the first byte; the complement of the last state is the checksum.
pub(super) const START: u32 = !0;

/// Takes one byte into the state. A table of 1 KiB would save a node some milliseconds a boot.
pub(super) const fn step(state: u32, byte: u8) -> u32 {
    let mut state = state ^ byte as u32;
    let mut bit = 0;
    while bit < 8 {
        let low = state & 1;
        state >>= 1;
        if low != 0 {
            state ^= POLYNOMIAL;
        }
        bit += 1;
    }
    state
}
