//! The registers of the MPS2 AN385 that a size program needs.

use core::arch::asm;

/// CMSDK UART 0: data at 0, state at 4 (bit 0: transmit buffer full), control at 8.
const UART: *mut u32 = 0x4000_4000 as *mut u32;

/// CMSDK timer 0: control at 0, value at 4, reload at 8; it counts 25 MHz down in 32 bits.
/// `SysTick` has 24, which are over after 5.2 million instructions: a handshake takes 20 times that.
const TIMER: *mut u32 = 0x4000_0000 as *mut u32;

/// Starts counting ticks.
pub(crate) fn start_ticks() {
    // SAFETY: registers of a timer that nothing else uses; its interrupt stays off.
    unsafe {
        TIMER.add(2).write_volatile(u32::MAX);
        TIMER.add(1).write_volatile(u32::MAX);
        TIMER.write_volatile(1);
    }
}

/// Returns the ticks since the start; from 171 s on, or 1,342 million instructions, they are wrong.
pub(crate) fn ticks() -> u32 {
    // SAFETY: as above.
    u32::MAX - unsafe { TIMER.add(1).read_volatile() }
}

/// Returns the caller's stack pointer.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: copies a register.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack)) };
    pointer
}

/// Sends a byte to the console.
pub(crate) fn put(byte: u8) {
    // SAFETY: registers of the UART, which nothing else uses.
    unsafe {
        UART.add(2).write_volatile(1);
        while UART.add(1).read_volatile() & 1 != 0 {}
        UART.write_volatile(u32::from(byte));
    }
}

/// Sends bytes to the console.
pub(crate) fn puts(bytes: &[u8]) {
    bytes.iter().for_each(|byte| put(*byte));
}

/// Ends the emulator (semihosting SYS_EXIT, ADP_Stopped_ApplicationExit).
pub(crate) fn stop() -> ! {
    loop {
        // SAFETY: a breakpoint that QEMU serves; without it the loop goes on.
        unsafe { asm!("bkpt 0xab", in("r0") 0x18, in("r1") 0x2_0026, options(nomem, nostack)) };
    }
}
