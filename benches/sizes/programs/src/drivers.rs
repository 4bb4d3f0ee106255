//! `driver-*`: a driver alone: made, started, read, its values given away.
//!
//! What the parts answer is a static called `SCRIPT`; it stands for hardware, so `cargo sizes` takes
//! its bytes off again. Every driver must come to an `Ok`, its identity and checksums looked at.

#[allow(unused_imports, reason = "a program links one driver of one bus")]
mod i2c;
mod one_wire;
#[allow(dead_code, reason = "a program links one driver of one bus")]
mod pins;
#[allow(unused_imports, reason = "a program links one driver of one bus")]
mod spi;
#[allow(unused_imports, reason = "a program links one driver of one bus")]
mod uart;

use core::hint::black_box;

use embedded_hal::delay::DelayNs;
use sundew_sensors::Sensor;

use crate::Bench;

/// Runs the driver that is linked in, and returns whether it did what it must.
pub(crate) fn run(bench: &mut Bench) -> bool {
    let done = i2c::run(&mut bench.bus);
    let done = spi::run(&mut bench.bus) && done;
    let done = one_wire::run(&mut bench.line) && done;
    let done = pins::run(&mut bench.line) && done;
    uart::run(&bench.port) && done
}

/// A pin and a delay that do nothing: what a HAL brings for them is not the driver's.
#[allow(dead_code, reason = "few drivers want pins or a delay")]
struct Nothing;

impl DelayNs for Nothing {
    fn delay_ns(&mut self, _: u32) {}
}

/// Starts and reads, as a super-loop does; nobody waits for a part that answers from a script.
///
/// Some parts take several starts to come up.
#[allow(dead_code, reason = "a UART has its own way")]
fn measure<S: Sensor<N>, const N: usize>(sensor: &mut S) -> bool {
    for _ in 0..black_box(2) {
        if black_box(sensor.start()).is_err() {
            return false;
        }
        if black_box(sensor.read()).is_ok() {
            return true;
        }
    }
    false
}
