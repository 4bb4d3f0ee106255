//! The parts of QEMU's RISC-V `virt` that the retry queue needs, each in a file of its own.
//!
//! [`Board::take`] starts the console and hands out every part once. The README says how to run it.
#![no_std]

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

pub mod console;
pub mod flash;
mod memory_map;
mod panic;
pub mod test_device;

/// Holds every part of the board, so that each exists once.
#[non_exhaustive]
pub struct Board {
    /// Holds the flash that survives a restart.
    pub flash: flash::Flash,
}

impl Board {
    /// Starts the console and returns the parts; `None` the second time.
    ///
    /// # Errors
    ///
    /// Returns [`flash::Absent`] where no flash answers.
    pub fn take() -> Option<Result<Self, flash::Absent>> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        // A load and a store are enough: one hart, and no interrupt is on.
        if TAKEN.load(Relaxed) {
            return None;
        }
        TAKEN.store(true, Relaxed);
        console::start();
        Some(flash::Flash::start().map(|flash| Self { flash }))
    }
}
