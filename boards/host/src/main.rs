//! The host board.

mod arguments;
mod clock;
mod console;
mod flash;
mod tcp;
mod weather;

fn main() {}
