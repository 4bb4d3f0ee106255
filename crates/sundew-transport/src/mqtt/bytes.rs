//! Moving and checking bytes, small and without a way to panic.

use core::cell::Cell;

/// Copies as much of `from` as has room.
///
/// `copy_from_slice` keeps its length check, and with it the panic machinery, at `opt-level = "z"`.
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Moves what follows the first `count` of the `held` bytes in `buffer` to its start, and returns
/// how many that are.
///
/// `copy_within` would bring in `memmove`, 770 bytes on thumbv6m.
pub(super) fn drop_front(buffer: &mut [u8], held: usize, count: usize) -> usize {
    let cells = Cell::from_mut(buffer).as_slice_of_cells();
    let rest = cells.get(count..held).unwrap_or_default();
    for (to, from) in cells.iter().zip(rest) {
        to.set(from.get());
    }
    rest.len()
}

/// Returns whether `bytes` are UTF-8 without NUL, as all text of MQTT is (section 1.5.3).
pub(super) fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte != 0) && is_utf8(bytes)
}

/// Returns whether `bytes` are well-formed (Unicode 15, table 3-7: no surrogates, nothing overlong).
///
/// `core::str::from_utf8` brings a table of 256 bytes, which lives in RAM on AVR.
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    let (mut left, mut low, mut high) = (0, 0x80, 0xBF);
    for &byte in bytes {
        if left > 0 {
            if byte < low || byte > high {
                return false;
            }
            left -= 1;
            (low, high) = (0x80, 0xBF);
            continue;
        }
        left = match byte {
            0..0x80 => 0,
            0xC2..0xE0 => 1,
            0xE0..0xF0 => 2,
            0xF0..0xF5 => 3,
            _ => return false,
        };
        // Only these four limit what may follow.
        match byte {
            0xE0 => low = 0xA0,
            0xED => high = 0x9F,
            0xF0 => low = 0x90,
            0xF4 => high = 0x8F,
            _ => {}
        }
    }
    left == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_is_what_the_library_takes_for_it() {
        // Every first byte, followed by every border of what may follow.
        let borders =
            [0, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xF0, 0xFF];
        for first in 0..=u8::MAX {
            for second in borders {
                for third in borders {
                    for fourth in borders {
                        let text = [first, second, third, fourth];
                        for end in 0..=4 {
                            let text = &text[..end];
                            assert_eq!(
                                is_utf8(text),
                                core::str::from_utf8(text).is_ok(),
                                "{text:x?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_front_is_dropped_and_nothing_beyond_moved() {
        for held in 0..=6 {
            for count in 0..=7 {
                let mut buffer = *b"abcdef";
                let left = drop_front(&mut buffer, held, count);
                let expected = b"abcdef".get(count..held).unwrap_or_default();
                assert_eq!(&buffer[..left], expected);
                assert_eq!(&buffer[held.max(left)..], &b"abcdef"[held.max(left)..]);
            }
        }
    }
}
