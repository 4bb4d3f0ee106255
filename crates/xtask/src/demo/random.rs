//! Randomness of the operating system, and a small repeatable generator for scenarios.

use std::io::Read;

use crate::failure::{Context, Failure};

/// Returns bytes that nobody can predict.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context(|| "cannot read /dev/urandom")?;
    Ok(bytes)
}

/// Repeats the same choices for the same seed: `SplitMix64`, by its published constants
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
pub(crate) struct Choices(u64);

impl Choices {
    /// Starts from a seed, which a report prints so that a run can be repeated.
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number from 0 to `below - 1`; 0 where `below` is 0.
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(below).unwrap_or(0)
    }
}

/// Returns a seed that differs from run to run.
pub(crate) fn seed() -> Result<u64, Failure> {
    // Short enough to be typed again.
    Ok(u64::from(u32::from_le_bytes(bytes()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_stays_in_range() {
        let draw = |seed| {
            let mut choices = Choices::from_seed(seed);
            (0..100).map(|_| choices.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!((0..10).all(|value| draw(7).contains(&value)));
        assert_eq!(Choices::from_seed(1).below(0), 0);
    }
}
