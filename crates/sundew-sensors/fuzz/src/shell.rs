//! What the fuzz targets of this crate and of the codec have in common.

use std::sync::OnceLock;

/// Cuts an input into as many bytes as its first says, and the rest.
pub fn cut(input: &[u8]) -> (&[u8], &[u8]) {
    let Some((count, rest)) = input.split_first() else { return (&[], &[]) };
    rest.split_at(usize::from(*count).min(rest.len()))
}

/// Fills `N` bytes with what there is, and zeros.
#[must_use]
pub fn filled<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut all = [0; N];
    all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    all
}

/// Says what a run breaks on purpose, to show that it would be noticed.
pub fn mutant(name: &str) -> bool {
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("SUNDEW_FUZZ_MUTANT").ok());
    chosen.as_deref() == Some(name)
}
