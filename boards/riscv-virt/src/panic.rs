//! The end of a firmware with a bug: say where, then end the emulator with an error.

use core::panic::PanicInfo;

use crate::{console, say, test_device};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    console::start();
    // A line of its own, whatever was being written.
    say!("\npanic {info}");
    test_device::exit(test_device::Verdict::Failed)
}
