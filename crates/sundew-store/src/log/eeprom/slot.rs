//! The bytes of a slot (SPEC.md has them, too).

use crate::crc::crc32;
use crate::log::Priority;

/// The bytes before those of the item.
pub(super) const HEAD: usize = 10;

/// Says in the kind that the item was released; the bits below are its priority.
const RELEASED: u8 = 0b0100;

/// Holds what stands before an item's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) check: u32,
    pub(super) place: u32,
    pub(super) kind: u8,
    pub(super) len: u8,
}

impl Head {
    /// Heads an item; its check comes later.
    pub(super) const fn item(place: u32, priority: Priority, tag: u8, len: u8) -> Self {
        Self { check: 0, place, kind: tag << 4 | priority as u8, len }
    }

    /// Says that the item of this place is released, and all before it.
    pub(super) const fn released(place: u32, priority: Priority) -> Self {
        Self { check: 0, place, kind: RELEASED | priority as u8, len: 0 }
    }

    pub(super) const fn from_bytes(bytes: [u8; HEAD]) -> Self {
        let [c0, c1, c2, c3, p0, p1, p2, p3, kind, len] = bytes;
        Self {
            check: u32::from_le_bytes([c0, c1, c2, c3]),
            place: u32::from_le_bytes([p0, p1, p2, p3]),
            kind,
            len,
        }
    }

    pub(super) const fn to_bytes(self) -> [u8; HEAD] {
        let [c0, c1, c2, c3] = self.check.to_le_bytes();
        let [p0, p1, p2, p3, kind, len] = self.checked_bytes();
        [c0, c1, c2, c3, p0, p1, p2, p3, kind, len]
    }

    /// Returns those of its bytes that the check covers.
    pub(super) const fn checked_bytes(&self) -> [u8; HEAD - 4] {
        let [p0, p1, p2, p3] = self.place.to_le_bytes();
        [p0, p1, p2, p3, self.kind, self.len]
    }

    pub(super) const fn is_released(&self) -> bool {
        self.kind & RELEASED != 0
    }

    pub(super) const fn tag(&self) -> u8 {
        self.kind >> 4
    }

    /// Returns the line of the item; `None` where no version wrote such a kind.
    pub(super) const fn priority(&self) -> Option<Priority> {
        match self.kind & 0b1011 {
            0 => Some(Priority::Low),
            1 => Some(Priority::Normal),
            2 => Some(Priority::High),
            _ => None,
        }
    }
}

/// Returns what each check of a log with slots of `len` bytes starts from: bytes of another version,
/// or of slots of another length, are no items.
pub(super) const fn check_start(len: usize) -> u32 {
    const VERSION: u8 = 1;
    let [low, high] = (len as u16).to_le_bytes();
    crc32(u32::MAX, &[VERSION, low, high])
}

/// Returns whether `a` comes after `b`; places wrap.
pub(super) const fn is_after(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() > 0
}
