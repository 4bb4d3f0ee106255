//! The end of a firmware with a bug: say where, then end the emulator with an error.

use core::panic::PanicInfo;

use crate::{console, say, semihosting};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    console::start();
    // A line of its own, whatever was being written.
    say!("\npanic {info}");
    semihosting::exit(semihosting::Verdict::Failed)
}
