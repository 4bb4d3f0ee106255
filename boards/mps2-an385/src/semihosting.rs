//! What the debugger at the other end lends the board: an exit, the time of day, a command line.
//!
//! "Semihosting for `AArch32` and `AArch64`", Arm IHI 0100. QEMU answers with
//! `-semihosting-config enable=on,target=native`; without it a call ends in a fault. A product has
//! an RTC or SNTP where this board asks for the time, and nothing where it asks for arguments.
#![expect(unsafe_code, reason = "a semihosting call hands pointers to the debugger")]

use core::time::Duration;

use cortex_m_semihosting::{debug, nr, syscall, syscall1};

/// Says how a test program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ends QEMU with exit code 0.
    Passed,
    /// Ends QEMU with exit code 1.
    Failed,
}

/// Ends the emulator.
pub fn exit(verdict: Verdict) -> ! {
    debug::exit(match verdict {
        Verdict::Passed => debug::EXIT_SUCCESS,
        Verdict::Failed => debug::EXIT_FAILURE,
    });
    loop {
        cortex_m::asm::wfi();
    }
}

/// Returns the time of day as the time since 1970-01-01 UTC, in whole seconds (`SYS_TIME`).
///
/// It stands in for a battery-backed RTC. The interface ends in 2106.
pub fn wall_clock() -> Duration {
    // SAFETY: SYS_TIME takes no argument block and writes no memory.
    let seconds = unsafe { syscall!(TIME) };
    Duration::from_secs(seconds as u64)
}

/// Returns the arguments that the emulator was given, or `None` where they are not UTF-8 or do
/// not fit `buffer` (`SYS_GET_CMDLINE`).
///
/// QEMU joins what `-semihosting-config arg=...` gives with spaces.
pub fn command_line(buffer: &mut [u8]) -> Option<&str> {
    // The block the call reads and writes: where to, and how long (in: space, out: text).
    let mut block = [buffer.as_mut_ptr() as usize, buffer.len()];
    // SAFETY: the debugger writes at most `block[1]` bytes to `block[0]`, which is `buffer`,
    // borrowed for longer than the call, and the length back to `block`.
    let status = unsafe { syscall1(nr::GET_CMDLINE, block.as_mut_ptr() as usize) };
    let [_, len] = block;
    if status != 0 {
        return None;
    }
    core::str::from_utf8(buffer.get(..len)?).ok()
}
