//! A painted stack: how deep a program went. For every runner whose stack grows down in plain RAM.

use crate::board::stack_pointer;

/// What an untouched word of stack holds; the same as cortex-m-rt's own paint.
const PAINT: u32 = 0xCCCC_CCCC;
/// How deep below `main` it is painted: more than any board for these crates has.
const DEPTH: usize = 256 * 1024;

/// Paints the stack below `top`, but for the frame of this function.
#[inline(never)]
pub(crate) fn paint(top: usize) {
    let end = stack_pointer() - 16;
    let mut at = top - DEPTH;
    while at < end {
        // SAFETY: below the stack pointer and above the static data; no interrupt is enabled.
        unsafe { (at as *mut u32).write_volatile(PAINT) };
        at += 4;
    }
}

/// Returns how many bytes below `top` were written since [`paint`].
#[inline(never)]
pub(crate) fn painted_over(top: usize) -> u32 {
    let mut at = top - DEPTH;
    // SAFETY: reads RAM that `paint` wrote.
    while at < top && unsafe { (at as *const u32).read_volatile() } == PAINT {
        at += 4;
    }
    (top - at) as u32
}
