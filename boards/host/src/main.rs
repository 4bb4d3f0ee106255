//! The host board.

fn main() {}
