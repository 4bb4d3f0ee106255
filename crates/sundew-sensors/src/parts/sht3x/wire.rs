//! Commands, timings and the status register; all pure.

use super::Repeatability;

/// Asks for the serial number (from the vendor's public driver).
pub(super) const SERIAL_NUMBER: u16 = 0x3780;
/// Asks for the status register (table 17).
pub(super) const STATUS: u16 = 0xF32D;
/// Clears the status register (table 19).
pub(super) const CLEAR_STATUS: u16 = 0x3041;
/// Ends the periodic mode, in 1 ms (4.8).
pub(super) const STOP: u16 = 0x3093;
/// Resets the part (4.9).
pub(super) const SOFT_RESET: u16 = 0x30A2;
/// Covers the 1.5 ms of a reset (table 4), rounded up, and one millisecond as [`wait_ms`] does.
pub(super) const RESET_MS: u32 = 3;

/// Returns the wait of a measurement (table 4): the maximum, rounded up, and one millisecond for a
/// clock that ticks just after the start.
pub(super) const fn wait_ms(repeatability: Repeatability) -> u32 {
    match repeatability {
        Repeatability::Low => 6,
        Repeatability::Medium => 8,
        Repeatability::High => 17,
    }
}

/// Holds what a part says of itself (table 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status(u16);

impl Status {
    pub(super) const fn from_word(word: u16) -> Self {
        Self(word)
    }

    /// Returns whether the part restarted since the status was last cleared.
    pub const fn is_restarted(self) -> bool {
        self.0 & 1 << 4 != 0
    }

    /// Returns whether the heater is on.
    pub const fn is_heated(self) -> bool {
        self.0 & 1 << 13 != 0
    }

    /// Returns whether the last command was none of the part's, or was damaged.
    pub const fn is_command_refused(self) -> bool {
        self.0 & 1 << 1 != 0
    }
}
