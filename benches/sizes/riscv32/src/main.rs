//! Runs the size programs that are linked in, and reports their deepest stack.

#![no_std]
#![no_main]

#[allow(unsafe_code)]
mod board;
#[allow(unsafe_code)]
#[path = "../../stack.rs"]
mod stack;

use size_programs::{Bench, decimal, run};

#[riscv_rt::entry]
fn main() -> ! {
    let mut bench = Bench::new();
    let works = bench.touch();
    let top = board::stack_pointer();
    stack::paint(top);
    let before = board::instructions();
    let done = run(&mut bench) && works;
    let instructions = board::instructions().wrapping_sub(before);
    let depth = stack::painted_over(top);
    board::puts(if done { b"done stack " } else { b"failed stack " });
    decimal(depth, board::put);
    board::puts(b" instructions ");
    decimal(instructions, board::put);
    board::puts(b"\n");
    board::stop()
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::puts(b"panic\n");
    board::stop()
}
