//! Consistent overhead byte stuffing (Cheshire and Baker, 1999), in place.
//!
//! A frame is at most 254 bytes here, so that it has one byte of overhead, always the first, and its
//! zeros become distances where they stand. No second buffer is needed, which is why this is not the
//! crate `cobs`: its encoder copies, and it brings `heapless` and `thiserror`. Tests compare with it.

/// Says that bytes between two delimiters are not stuffed: a distance leads past the end, or the
/// last one short of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misplaced;

/// Stuffs `frame[1..]`; `frame[0]` becomes the first distance. No byte is 0 afterwards.
///
/// Of more than 255 bytes in all no distance would fit a byte; callers have no such frame.
pub(super) fn stuff(frame: &mut [u8]) {
    if let Some(first) = frame.first_mut() {
        *first = 0;
    }
    let mut distance: u8 = 1;
    for byte in frame.iter_mut().rev() {
        if *byte == 0 {
            *byte = distance;
            distance = 1;
        } else {
            distance = distance.wrapping_add(1);
        }
    }
}

/// Brings back what [`stuff`] was given, in `frame[1..]`.
pub(super) fn unstuff(frame: &mut [u8]) -> Result<(), Misplaced> {
    // Counts the bytes from here to the next zero; the end is one.
    let mut ahead: u8 = 1;
    for byte in frame.iter_mut() {
        ahead = ahead.wrapping_sub(1);
        if *byte == 0 {
            return Err(Misplaced);
        }
        if ahead == 0 {
            ahead = *byte;
            *byte = 0;
        }
    }
    if ahead == 1 && !frame.is_empty() { Ok(()) } else { Err(Misplaced) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    extern crate std;

    fn stuffed(raw: &[u8]) -> Vec<u8> {
        let mut frame = Vec::from([0xAA]);
        frame.extend(raw);
        stuff(&mut frame);
        frame
    }

    #[test]
    fn the_published_examples() {
        let run: Vec<u8> = (1..=254).collect();
        let mut long = Vec::from([0xFF]);
        long.extend(&run);
        let examples: [(&[u8], &[u8]); 7] = [
            (&[], &[1]),
            (&[0], &[1, 1]),
            (&[0, 0], &[1, 1, 1]),
            (&[0x11, 0x22, 0, 0x33], &[3, 0x11, 0x22, 2, 0x33]),
            (&[0x11, 0x22, 0x33, 0x44], &[5, 0x11, 0x22, 0x33, 0x44]),
            (&[0x11, 0, 0, 0], &[2, 0x11, 1, 1, 1]),
            (&run, &long),
        ];
        for (raw, coded) in examples {
            assert_eq!(stuffed(raw), coded);
        }
    }

    #[test]
    fn what_is_not_stuffed_is_refused() {
        for wrong in [&[][..], &[0], &[2], &[3, 1], &[1, 2], &[5, 1, 2, 3], &[2, 0], &[255]] {
            assert_eq!(unstuff(&mut Vec::from(wrong)), Err(Misplaced), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn it_comes_back_and_is_what_the_crate_makes(
            raw in prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..=254),
        ) {
            let mut frame = stuffed(&raw);
            prop_assert!(!frame.contains(&0));
            prop_assert_eq!(&frame, &cobs::encode_vec(&raw));
            prop_assert_eq!(unstuff(&mut frame), Ok(()));
            prop_assert_eq!(&frame[1..], &raw[..]);
        }

        /// The crate takes what ends early at its word, so only what both take is compared.
        #[test]
        fn any_bytes_are_refused_or_stuffed(mut frame in prop::collection::vec(1_u8.., 0..=255)) {
            let given = frame.clone();
            if unstuff(&mut frame).is_ok() {
                prop_assert_eq!(stuffed(&frame[1..]), given.clone());
                prop_assert_eq!(cobs::decode_vec(&given).unwrap(), &frame[1..]);
            }
        }
    }
}
