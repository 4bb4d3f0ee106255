//! One item as the storage beneath holds it.

use crate::log::{Draft, LONGEST, Mark, Priority};

/// Version and line, then the place.
pub(super) const HEADER: usize = 6;

/// The version of the layout, in the upper four bits of the first byte.
const VERSION: u8 = 0x10;

/// Each byte is stored as its exclusive or with this. The storage takes eight aligned FF for the
/// end of a page: FF in an item could hide what lies behind it, should the header in front be
/// damaged. So the run that does is an unlikely one, of 5A.
const MASK: u8 = 0xA5;

/// Holds one item; some drivers take only word-aligned buffers.
#[repr(align(4))]
pub(super) struct Buffer<const ITEM: usize>(pub(super) [u8; ITEM]);

/// What stands before the bytes.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) mark: Mark,
    pub(super) tag: u8,
}

/// Writes an item to the front of `target` and returns it, or `None` where it does not fit.
pub(super) fn encode<'t>(draft: &Draft<'_>, place: u32, target: &'t mut [u8]) -> Option<&'t [u8]> {
    let len = draft.head.len().checked_add(draft.body.len()).filter(|len| *len <= LONGEST)?;
    let item = target.get_mut(..HEADER + len)?;
    let (header, bytes) = item.split_first_chunk_mut::<HEADER>()?;
    let line = (draft.priority as u8) << 4 | (draft.tag & 0x0F);
    let [p0, p1, p2, p3] = place.to_le_bytes();
    *header = [VERSION, line, p0, p1, p2, p3];
    for (stored, byte) in bytes.iter_mut().zip(draft.head.iter().chain(draft.body)) {
        *stored = byte ^ MASK;
    }
    Some(item)
}

/// Reads what stands before the bytes, and the bytes as they are stored; `None` for another layout.
pub(super) fn decode(item: &[u8]) -> Option<(Head, &[u8])> {
    let (header, bytes) = item.split_first_chunk::<HEADER>()?;
    let [VERSION, line, p0, p1, p2, p3] = *header else { return None };
    let priority = match line >> 4 {
        0 => Priority::Low,
        1 => Priority::Normal,
        2 => Priority::High,
        _ => return None,
    };
    let place = u32::from_le_bytes([p0, p1, p2, p3]);
    Some((Head { mark: Mark { priority, page: 0, place }, tag: line & 0x0F }, bytes))
}

/// Copies stored bytes to the front of `target`, as they were before they were stored.
pub(super) fn unmask<'t>(stored: &[u8], target: &'t mut [u8]) -> Option<&'t [u8]> {
    let target = target.get_mut(..stored.len())?;
    for (byte, stored) in target.iter_mut().zip(stored) {
        *byte = stored ^ MASK;
    }
    Some(target)
}

/// Returns whether `place` was given after `other`; places wrap.
pub(super) const fn is_later(place: u32, other: u32) -> bool {
    (place.wrapping_sub(other) as i32) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAFT: Draft<'_> =
        Draft { priority: Priority::High, tag: 9, head: &[0xFF], body: &[0, 1] };

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut target = [0; 9];
        let item = encode(&DRAFT, 0x0403_0201, &mut target).unwrap();
        assert_eq!(item, [0x10, 0x29, 1, 2, 3, 4, 0x5A, 0xA5, 0xA4]);
        let (head, stored) = decode(item).unwrap();
        assert_eq!((head.mark.priority, head.mark.place), (Priority::High, 0x0403_0201));
        assert_eq!(head.tag, 9);
        assert_eq!(unmask(stored, &mut [0; 4]), Some(&[0xFF, 0, 1][..]));
        assert_eq!(encode(&DRAFT, 0, &mut [0; 8]), None);
    }

    #[test]
    fn another_layout_is_no_item() {
        for header in [[0x20, 0x00], [0x11, 0x00], [0x10, 0x30], [0x10, 0xF0]] {
            let [version, line] = header;
            assert!(decode(&[version, line, 0, 0, 0, 0]).is_none(), "{header:?}");
        }
        assert!(decode(&[0x10, 0, 0, 0, 0]).is_none());
    }

    #[test]
    fn places_are_compared_across_their_wrap() {
        assert!(is_later(0, u32::MAX) && is_later(5, 4));
        assert!(!is_later(4, 4) && !is_later(u32::MAX, 0));
    }
}
