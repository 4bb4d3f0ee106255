//! `mutant-panics`: what no program may contain, so that the check for it is seen to work.

use core::hint::black_box;

#[inline(never)]
pub(crate) fn run() -> bool {
    let values = [1, 2, 3];
    values[black_box(2)] == 3
}
