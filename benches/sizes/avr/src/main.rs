//! Runs the size programs that are linked in, between two marks that the harness waits for.

#![no_std]
#![no_main]

#[allow(unsafe_code)]
mod board;

use board::{FAILED, PANICKED, START, STOP, mark};
use size_programs::{Bench, run};

/// Called by the entry in [`board`].
fn measure() {
    let mut bench = Bench::new();
    let works = bench.touch();
    mark(START);
    let done = run(&mut bench);
    mark(if done && works { STOP } else { FAILED });
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    mark(PANICKED);
    loop {}
}
