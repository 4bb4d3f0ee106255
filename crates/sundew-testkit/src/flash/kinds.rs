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

/// Says what erased cells read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Erased {
    /// Reads as 0xFF; programming makes zeros. Nearly every part.
    #[default]
    Ones,
    /// Reads as 0x00; programming makes ones, as on the STM32L0 and L1.
    Zeros,
}

impl Erased {
    /// Returns an erased byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ones => 0xFF,
            Self::Zeros => 0,
        }
    }
}

/// Says what is wrong with a page, or with a byte of EEPROM, for ever.
///
/// Where a part checks itself the call fails; where it does not, the call reports success and only
/// reading back shows that nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Defect {
    /// Makes each erase fail and change nothing.
    EraseFails,
    /// Makes each programming fail and change nothing.
    ProgramFails,
    /// Makes each erase report success and change nothing.
    EraseIgnored,
    /// Makes each programming report success and change nothing.
    ProgramIgnored,
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
    /// Reports a page that was broken by [`SimFlash::break_page`](crate::SimFlash::break_page).
    BadPage {
        /// Holds the offset of the page in bytes.
        offset: u32,
    },
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
            Self::BadPage { offset } => write!(f, "page at {offset} is worn out"),
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
