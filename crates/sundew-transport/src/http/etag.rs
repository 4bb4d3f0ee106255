//! The mark of a file's state.

/// Marks the state of a file, as the server names it: the quotes and what is in them, at most 64 bytes.
///
/// Only a strong one is kept; by a weak one (`W/`) two states may be alike and differ in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ETag {
    bytes: [u8; LONGEST],
    length: u8,
}

const LONGEST: usize = 64;

impl ETag {
    /// Takes an entity tag, quotes included; `None` where it is weak, too long or none (RFC 9110 section
    /// 8.8.3).
    pub fn new(tag: &[u8]) -> Option<Self> {
        let [b'"', inner @ .., b'"'] = tag else { return None };
        if !inner.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x7E | 0x80..)) {
            return None;
        }
        let mut bytes = [0; LONGEST];
        let room = bytes.get_mut(..tag.len())?;
        room.iter_mut().zip(tag).for_each(|(to, from)| *to = *from);
        Some(Self { bytes, length: tag.len() as u8 })
    }

    /// Returns the tag, quotes included.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl core::fmt::Debug for ETag {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ETag({})", self.as_bytes().escape_ascii())
    }
}
