//! What no program of ours may contain, so that the checks for it are seen to work.

use core::hint::black_box;

/// `mutant-panics`: reads past an array, as far as the compiler knows.
#[cfg(feature = "mutant-panics")]
#[inline(never)]
pub(crate) fn panics() -> bool {
    let values = [1, 2, 3];
    values[black_box(2)] == 3
}

/// `mutant-floats`: converts a reading the other way.
#[cfg(feature = "mutant-floats")]
#[inline(never)]
pub(crate) fn floats() -> bool {
    let celsius = black_box(0x6422_u16) as f32 * 175.0 / 65_535.0 - 45.0;
    black_box((celsius * 100.0) as i32) == 2_344
}
