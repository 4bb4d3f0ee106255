//! Moving bytes without a way to panic.

use core::cell::Cell;

/// Copies as much of `from` as has room.
///
/// `copy_from_slice` keeps its length check, and with it the panic machinery, at `opt-level = "z"`.
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Moves what follows the first `count` of the `held` bytes in `buffer` to its start, and returns
/// how many that are.
///
/// `copy_within` would bring in `memmove`, 770 bytes on thumbv6m.
pub(super) fn drop_front(buffer: &mut [u8], held: usize, count: usize) -> usize {
    let cells = Cell::from_mut(buffer).as_slice_of_cells();
    let rest = cells.get(count..held).unwrap_or_default();
    for (to, from) in cells.iter().zip(rest) {
        to.set(from.get());
    }
    rest.len()
}
