//! The weather node on the AN385.
#![no_std]
#![no_main]

use board::{Board, say, semihosting};

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(Ok(_board)) = Board::take() else { semihosting::exit(semihosting::Verdict::Failed) };
    say!("boot 0");
    semihosting::exit(semihosting::Verdict::Passed)
}
