//! The parts of Arm's MPS2 AN385 (Cortex-M3) that a Sundew node needs, each in a file of its own.
//!
//! [`Board::take`] starts the clock and hands out every part once. The README says how to run it.
#![no_std]

pub mod arguments;
pub mod clock;
pub mod console;
pub mod ethernet;
pub mod flash;
pub mod i2c;
mod lan9118;
mod memory_map;
mod panic;
pub mod semihosting;
pub mod tcp;
pub mod watchdog;

/// Holds every part of the board, so that each exists once.
#[non_exhaustive]
pub struct Board {
    /// Holds the bus with the sensors.
    pub i2c: i2c::I2c,
    /// Holds the flash that survives a restart.
    pub flash: flash::Flash,
    /// Holds the network port; [`tcp::Tcp`] takes it.
    pub ethernet: ethernet::Ethernet,
    /// Holds the memory of the network stack.
    pub tcp_memory: &'static mut tcp::Memory,
    /// Holds the watchdog, not started.
    pub watchdog: watchdog::Watchdog,
}

impl Board {
    /// Starts clock, console, bus and network port, and returns the parts; `None` the second time.
    ///
    /// # Errors
    ///
    /// Returns [`ethernet::Absent`] where no LAN9118 answers.
    pub fn take() -> Option<Result<Self, ethernet::Absent>> {
        let core = cortex_m::Peripherals::take()?;
        let tcp_memory = cortex_m::singleton!(: tcp::Memory = tcp::Memory::new())?;
        clock::start(core.SYST);
        console::start();
        Some(ethernet::Ethernet::start().map(|ethernet| Self {
            i2c: i2c::I2c::start(),
            flash: flash::Flash::new(),
            ethernet,
            tcp_memory,
            watchdog: watchdog::Watchdog::new(),
        }))
    }
}
