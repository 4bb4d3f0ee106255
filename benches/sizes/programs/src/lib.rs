//! The size programs: each does one typical thing with one crate.
//!
//! A program takes its input through [`core::hint::black_box`] and gives back whether everything
//! went as it must, so that the compiler can neither foresee nor drop the work, and a program that
//! fails early is not taken for a small one.

#![no_std]
#![forbid(unsafe_code)]

mod bench;
#[cfg(feature = "mutant-panics")]
mod mutant;
#[cfg(feature = "units")]
mod units;

pub use bench::Bench;

/// Runs every program that is linked in, and returns whether all did what they must.
#[inline(never)]
pub fn run(bench: &mut Bench) -> bool {
    let done = core::hint::black_box(bench).is_idle();
    #[cfg(feature = "mutant-panics")]
    let done = mutant::run() && done;
    #[cfg(feature = "units")]
    let done = units::run() && done;
    done
}

/// Writes a number as decimal digits, without `core::fmt`, which would link panics.
pub fn decimal(mut value: u32, put: impl Fn(u8)) {
    let mut digits = [b'0'; 10];
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        count += 1;
        if value == 0 {
            break;
        }
    }
    digits.iter().skip(10 - count).for_each(|digit| put(*digit));
}
