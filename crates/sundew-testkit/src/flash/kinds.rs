//! How a simulated flash fails, and what it counts.

/// Says what writing a word again, without an erase between, does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rewrite {
    /// Lets a second write clear more bits, as most plain NOR parts do; setting one is an error.
    #[default]
    ClearsBits,
    /// Refuses every second write, as parts with ECC and write-once cells do.
    Refused,
}

/// Says how much of the step in which power is lost takes effect.
///
/// A step is the programming of one word or the erasing of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Torn {
    /// Changes nothing: power is lost just before the step.
    Before,
    /// Changes the first half of the bytes; of a word of one byte, the high four bits.
    FirstHalf,
    /// Changes those bits of every byte that are 1 in the mask.
    Bits(u8),
    /// Leaves cells whose error correction fails: reading them is [`FlashError::Unreadable`]
    /// until the page is erased.
    Unreadable,
    /// Changes everything, but the call still fails: what was written is there and not reported.
    Whole,
}

impl Torn {
    /// Returns which bits of the byte at `position` of `len` the torn step changes.
    pub(super) const fn mask(self, position: usize, len: usize) -> u8 {
        match self {
            Self::FirstHalf if len == 1 => 0xF0,
            Self::FirstHalf if position < len / 2 => 0xFF,
            Self::Before | Self::FirstHalf | Self::Unreadable => 0,
            Self::Bits(mask) => mask,
            Self::Whole => 0xFF,
        }
    }
}

/// Names the operations that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Names a call of `read`.
    Read = 0,
    /// Names a call of `write`.
    Write = 1,
    /// Names a call of `erase`.
    Erase = 2,
}

/// Says why [`SimFlash`](crate::SimFlash) refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashError {
    /// Reports an offset or length that is no multiple of the word or page.
    NotAligned,
    /// Reports a range that reaches past the end.
    OutOfBounds,
    /// Reports a word that was written before and cannot take the new value without an erase.
    NotErased {
        /// Holds the offset of the word in bytes.
        offset: u32,
    },
    /// Reports a word whose error correction fails.
    Unreadable {
        /// Holds the offset of the word in bytes.
        offset: u32,
    },
    /// Reports that power is off, or was lost during this call.
    PowerLost,
    /// Reports a fault that [`SimFlash::fail`](crate::SimFlash::fail) asked for; nothing changed.
    Injected,
}

impl core::fmt::Display for FlashError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAligned => f.write_str("flash access not aligned"),
            Self::OutOfBounds => f.write_str("flash access out of bounds"),
            Self::NotErased { offset } => write!(f, "word at {offset} written without an erase"),
            Self::Unreadable { offset } => write!(f, "word at {offset} fails its correction"),
            Self::PowerLost => f.write_str("flash has no power"),
            Self::Injected => f.write_str("injected flash fault"),
        }
    }
}

impl core::error::Error for FlashError {}

/// Counts what was asked of a [`SimFlash`](crate::SimFlash) since it was made, failed calls
/// included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlashCounters {
    /// Counts calls of `read`.
    pub reads: u32,
    /// Counts calls of `write`.
    pub writes: u32,
    /// Counts calls of `erase`.
    pub erases: u32,
    /// Counts bytes read.
    pub bytes_read: u32,
    /// Counts words programmed.
    pub words: u32,
    /// Counts pages erased.
    pub pages: u32,
    /// Counts words that were programmed again without an erase between.
    pub rewrites: u32,
}

impl FlashCounters {
    /// Returns the steps in which power can be lost: words programmed and pages erased.
    pub const fn steps(&self) -> u32 {
        self.words + self.pages
    }
}
