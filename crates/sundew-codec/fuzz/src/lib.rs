//! What the fuzz targets have in common: an independent reading of CBOR, and what holds of errors.

pub mod columns;
pub mod item;
pub mod pack;
pub mod rows;
#[path = "../../../sundew-sensors/fuzz/src/shell.rs"]
mod shell;

pub use shell::{cut, filled, mutant};

use sundew_codec::Error;

/// Checks that a decoder's error names a byte of the input, or the one behind it.
///
/// # Panics
///
/// Panics where it does not.
pub fn check_error(error: Error, bytes: &[u8]) {
    let position = error.position().expect("a decoder needs no buffer");
    assert!(position <= bytes.len(), "{error}, but there are {} bytes", bytes.len());
    assert!(!error.to_string().is_empty());
}

/// Flips one bit in the middle, where the run is to break on purpose.
pub fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if mutant("flip-bit")
        && let Some(byte) = bytes.get_mut(middle)
    {
        *byte ^= 1;
    }
}
