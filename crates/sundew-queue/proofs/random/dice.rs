//! Choices that a seed repeats.

/// Throws dice: `SplitMix64`, by its published constants.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `end`, which is not 0.
    pub(super) const fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        // The high bits of a product are even enough: no choice here has 2^20 sides.
        ((bits >> 32) * end as u64 >> 32) as u32
    }

    pub(super) const fn one_in(&mut self, sides: u32) -> bool {
        self.below(sides) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, sides: &[T]) -> Option<T> {
        sides.get(self.below(sides.len() as u32) as usize).copied()
    }
}
