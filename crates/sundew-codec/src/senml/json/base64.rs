//! Data values in base64url without padding (RFC 4648 section 5).

use std::{string::String, vec::Vec};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn encode(bytes: &[u8], text: &mut String) {
    for chunk in bytes.chunks(3) {
        let all = (0..3).fold(0, |all, at| all << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        for shift in [18, 12, 6, 0].into_iter().take(chunk.len() + 1) {
            text.extend(ALPHABET.get(all >> shift & 63).map(|letter| char::from(*letter)));
        }
    }
}

/// Returns the bytes; `None` for other letters, for padding, and for bits that no byte has.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut all = 0;
        for letter in chunk {
            all = all << 6 | ALPHABET.iter().position(|known| known == letter)?;
        }
        let spare = match chunk.len() {
            4 => 0,
            3 => 2,
            2 => 4,
            _ => return None,
        };
        if all & ((1 << spare) - 1) != 0 {
            return None;
        }
        all >>= spare;
        let count = chunk.len() - 1;
        bytes.extend((0..count).rev().map(|at| (all >> (8 * at)) as u8));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_rfc_4648() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"fooba", "Zm9vYmE"),
            (b"foobar", "Zm9vYmFy"),
            (b"\xFB\xFF", "-_8"),
        ] {
            let mut written = String::new();
            encode(bytes, &mut written);
            assert_eq!(written, text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
        for wrong in ["Z", "Zg==", "Zh", "Zm9", "+/8", "Zm 9v", "Zm9vY"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut text = String::new();
            encode(&bytes, &mut text);
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }
}
