//! The one register of the ATmega328P that a size program needs, and its entry.

/// GPIOR0, a register for free use; the harness watches what is written to it.
const MARK: *mut u8 = 0x3E as *mut u8;

/// Begins the measurement.
pub(crate) const START: u8 = 1;
/// Ends it: all programs did what they must.
pub(crate) const STOP: u8 = 2;
/// Ends it: one did not.
pub(crate) const FAILED: u8 = 3;
/// Ends it in the panic handler.
pub(crate) const PANICKED: u8 = 4;

/// Tells the harness where the program is.
pub(crate) fn mark(place: u8) {
    // SAFETY: a register without a function.
    unsafe { MARK.write_volatile(place) };
}

/// Entered by avr-libc's start-up code.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    crate::measure();
    #[allow(clippy::empty_loop)]
    loop {}
}

// libgcc's division and avr-libc's memcpy are written in assembly. Named here, they are linked
// before compiler_builtins, whose portable ones cost the program `units` 1,250 bytes more.
#[link(name = "gcc")]
#[link(name = "c")]
unsafe extern "C" {}
