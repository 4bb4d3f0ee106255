//! The registers of QEMU's RISC-V `virt` that a size program needs.

use core::arch::asm;

/// NS16550A; QEMU takes every byte at once.
const UART: *mut u8 = 0x1000_0000 as *mut u8;
/// What an untouched word of stack holds.
const PAINT: u32 = 0xCCCC_CCCC;
/// How deep below `main` it is painted: more than any board for these crates has.
const DEPTH: usize = 256 * 1024;

/// Returns the caller's stack pointer.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: copies a register.
    unsafe { asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack)) };
    pointer
}

/// Paints the stack below `top`, but for the frame of this function.
#[inline(never)]
pub(crate) fn paint(top: usize) {
    let end = stack_pointer() - 16;
    let mut at = top - DEPTH;
    while at < end {
        // SAFETY: below the stack pointer and above the static data; no interrupt is enabled.
        unsafe { (at as *mut u32).write_volatile(PAINT) };
        at += 4;
    }
}

/// Returns how many bytes below `top` were written since [`paint`].
#[inline(never)]
pub(crate) fn painted_over(top: usize) -> u32 {
    let mut at = top - DEPTH;
    // SAFETY: reads RAM that `paint` wrote.
    while at < top && unsafe { (at as *const u32).read_volatile() } == PAINT {
        at += 4;
    }
    (top - at) as u32
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
