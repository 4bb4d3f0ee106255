//! What is left of a step in which power was lost, and how it reads afterwards.

/// Says how much of the step in which power is lost takes effect.
///
/// A step is the programming of one word or the erasing of one page, and in EEPROM the writing of
/// one byte. Whatever is torn counts as programmed, even where nothing of it can be seen: cells
/// that may be programmed once refuse to be programmed again until they are erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Torn {
    /// Changes nothing: power is lost just before the step.
    Before,
    /// Changes the first half of the bytes; of a single byte, the high four bits.
    FirstHalf,
    /// Changes the last half of the bytes; of a single byte, the low four bits.
    LastHalf,
    /// Changes the first so many bytes of the word or page.
    Prefix(u16),
    /// Changes the last so many bytes of the word or page.
    Suffix(u16),
    /// Changes those bits of every byte that are 1 in the mask.
    Bits(u8),
    /// Changes about half of the bits; which ones, the seed and the place say.
    Random(u32),
    /// Leaves every bit programmed, as the first phase of an erase does on many parts.
    Programmed,
    /// Leaves what an erase without the programming leaves: a page or a byte of EEPROM erased but
    /// not to be trusted, a word of flash as it was.
    Erased,
    /// Leaves cells whose error correction fails: reading them is an error until they are erased.
    Unreadable,
    /// Leaves cells between two values: after each power-on they read as the old value, the new
    /// one or a mix, as [`Reading`] says, until they are erased.
    Metastable,
    /// Changes everything, but the call still fails: what was written is there and not reported.
    Whole,
}

impl Torn {
    /// Returns which bits of the byte at `position` of `len` take their new value, where that can
    /// be said bit by bit; `place` tells one byte of the memory from another.
    pub(crate) fn mask(self, position: usize, len: usize, place: usize) -> u8 {
        let all_if = |takes: bool| if takes { 0xFF } else { 0 };
        match self {
            Self::FirstHalf if len == 1 => 0xF0,
            Self::LastHalf if len == 1 => 0x0F,
            Self::FirstHalf => all_if(position < len / 2),
            Self::LastHalf => all_if(position >= len / 2),
            Self::Prefix(bytes) => all_if(position < usize::from(bytes)),
            Self::Suffix(bytes) => all_if(len - position <= usize::from(bytes)),
            Self::Bits(mask) => mask,
            Self::Random(seed) => noise(seed, place) as u8,
            Self::Whole => 0xFF,
            Self::Before
            | Self::Programmed
            | Self::Erased
            | Self::Unreadable
            | Self::Metastable => 0,
        }
    }
}

/// Says how metastable cells read from a power-on to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reading {
    /// Reads each torn place as it was before.
    #[default]
    Old,
    /// Reads each torn place as it was meant to become.
    New,
    /// Reads each torn place as the old, as the new or bit by bit from both, by the seed.
    Mixed(u32),
}

impl Reading {
    /// Returns which bits of the byte at `place` in a torn word, which may be part of a torn page,
    /// read as new.
    pub(crate) fn new_bits(self, page: Option<usize>, word: usize, place: usize) -> u8 {
        let seed = match self {
            Self::Old => return 0,
            Self::New => return 0xFF,
            Self::Mixed(seed) => seed,
        };
        // A log sees more of a page wholly old beside a word wholly new than of loose bits, so
        // each level takes a side as often as it leaves the choice to the next one.
        for (salt, level) in page.into_iter().chain([word]).enumerate() {
            match noise(seed ^ 0x5EED_0000 ^ salt as u32, level) % 3 {
                0 => return 0,
                1 => return 0xFF,
                _ => {}
            }
        }
        noise(seed, place) as u8
    }
}

/// Returns 32 bits that look random and depend on nothing but the seed and the place.
fn noise(seed: u32, place: usize) -> u32 {
    // The finaliser of MurmurHash3: each bit of the input moves about half of the output's.
    let mut bits = seed.wrapping_mul(0x9E37_79B9) ^ (place as u32).wrapping_add(0x7F4A_7C15);
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85EB_CA6B);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xC2B2_AE35);
    bits ^ (bits >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_and_ends_add_up() {
        for len in [1, 2, 4, 7, 256] {
            for position in 0..len {
                let mask = |torn: Torn| torn.mask(position, len, position);
                assert_eq!(mask(Torn::FirstHalf) ^ mask(Torn::LastHalf), 0xFF);
                for bytes in 0..len {
                    let ends =
                        mask(Torn::Prefix(bytes as u16)) ^ mask(Torn::Suffix((len - bytes) as u16));
                    assert_eq!(ends, 0xFF, "{position} of {len}");
                }
                assert_eq!(mask(Torn::Prefix(u16::MAX)) & mask(Torn::Suffix(u16::MAX)), 0xFF);
            }
        }
    }

    #[test]
    fn random_bits_are_about_half_and_differ_by_seed_and_place() {
        let ones = |seed| (0..1000).map(move |at| Torn::Random(seed).mask(0, 4, at).count_ones());
        let sum: u32 = ones(7).sum();
        assert!((3800..4200).contains(&sum), "{sum} of 8000 bits");
        assert!(ones(7).ne(ones(8)));
    }

    #[test]
    fn a_mix_takes_either_side_whole_and_mixes() {
        let seen = |wanted: fn(u8) -> bool| {
            (0..64).any(|seed| (0..8).all(|at| wanted(Reading::Mixed(seed).new_bits(None, 0, at))))
        };
        assert!(seen(|bits| bits == 0));
        assert!(seen(|bits| bits == 0xFF));
        assert!(seen(|bits| bits != 0 && bits != 0xFF));
    }
}
