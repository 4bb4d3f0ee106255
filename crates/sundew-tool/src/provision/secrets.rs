//! Randomness of the operating system.

use crate::Failure;

/// Returns bytes that nobody can predict.
pub(super) fn fresh<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::Input(format!("no randomness to be had: {error}")))?;
    Ok(bytes)
}

/// Returns hex digits of bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
