//! The registers of QEMU's RISC-V `virt` that a size program needs.

use core::arch::asm;

/// NS16550A; QEMU takes every byte at once.
const UART: *mut u8 = 0x1000_0000 as *mut u8;

/// Returns the instructions that were executed since the start; from 4,294 million on they begin anew.
pub(crate) fn instructions() -> u32 {
    let count;
    // SAFETY: reads a counter that nothing stops.
    unsafe { asm!("csrr {}, minstret", out(reg) count, options(nomem, nostack)) };
    count
}

/// Returns the caller's stack pointer.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: copies a register.
    unsafe { asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack)) };
    pointer
}

/// Sends a byte to the console.
pub(crate) fn put(byte: u8) {
    // SAFETY: the transmit register of the UART, which nothing else uses.
    unsafe { UART.write_volatile(byte) };
}

/// Sends bytes to the console.
pub(crate) fn puts(bytes: &[u8]) {
    bytes.iter().for_each(|byte| put(*byte));
}

/// Ends the emulator through the test finisher.
pub(crate) fn stop() -> ! {
    // SAFETY: QEMU ends at this write.
    unsafe { (0x0010_0000 as *mut u32).write_volatile(0x5555) };
    #[allow(clippy::empty_loop)]
    loop {}
}
