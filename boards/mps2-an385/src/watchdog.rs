//! The reset that comes when the loop stops: CMSDK APB watchdog.
//!
//! Registers: Cortex-M System Design Kit TRM (Arm DDI 0479), section 4.8.

use crate::{clock::CORE_HZ, memory_map::WATCHDOG};

const LOAD: usize = 0x000;
const CONTROL: usize = 0x008;
const CLEAR_INTERRUPT: usize = 0x00C;
const LOCK: usize = 0xC00;

const CONTROL_COUNT: u32 = 1 << 0;
const CONTROL_RESET: u32 = 1 << 1;
const UNLOCK: u32 = 0x1ACC_E551;
const CYCLES_PER_MS: u32 = CORE_HZ / 1_000;

/// Resets the board when it is not fed.
///
/// A missed feed raises an NMI first, in which `cortex-m-rt` stops the firmware for good; the
/// reset follows one period later.
#[non_exhaustive]
pub struct Watchdog;

impl Watchdog {
    /// Holds the longest period in milliseconds (171 s): 2^32 cycles of 25 MHz.
    pub const LONGEST_MS: u32 = u32::MAX / CYCLES_PER_MS;

    pub(crate) const fn new() -> Self {
        Self
    }

    /// Starts it with a period of at least 1 and at most [`LONGEST_MS`](Self::LONGEST_MS).
    pub fn start(&mut self, period_ms: u32) {
        let period_ms = period_ms.clamp(1, Self::LONGEST_MS);
        WATCHDOG.write(LOCK, UNLOCK);
        WATCHDOG.write(LOAD, period_ms * CYCLES_PER_MS);
        WATCHDOG.write(CONTROL, CONTROL_COUNT | CONTROL_RESET);
        WATCHDOG.write(LOCK, 0);
    }

    /// Starts the period anew.
    pub fn feed(&mut self) {
        WATCHDOG.write(LOCK, UNLOCK);
        WATCHDOG.write(CLEAR_INTERRUPT, 1);
        WATCHDOG.write(LOCK, 0);
    }
}
