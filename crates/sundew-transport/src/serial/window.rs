//! Which numbers have been taken.

/// Remembers the numbers that were taken: the highest and the 64 below it.
///
/// Keep [`to_bytes`](Self::to_bytes) where a restart does not lose it, or else what was taken before
/// the restart is taken again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Window {
    highest: u32,
    /// Bit n says that `highest - 1 - n` was taken.
    below: u64,
}

/// Says what a number is to a [`Window`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    New,
    Taken,
    TooOld,
}

impl Window {
    /// Has taken nothing yet.
    pub const EMPTY: Self = Self { highest: 0, below: 0 };

    /// Returns the highest number that was taken, 0 where none was.
    pub const fn highest(self) -> u32 {
        self.highest
    }

    /// Returns what [`from_bytes`](Self::from_bytes) takes.
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        let (highest, below) = bytes.split_at_mut(4);
        super::copy(highest, &self.highest.to_le_bytes());
        super::copy(below, &self.below.to_le_bytes());
        bytes
    }

    /// Goes on where another left off.
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        let highest = bytes.first_chunk().copied().unwrap_or_default();
        let below = bytes.last_chunk().copied().unwrap_or_default();
        Self { highest: u32::from_le_bytes(highest), below: u64::from_le_bytes(below) }
    }

    pub(super) const fn standing(self, number: u32) -> Standing {
        if number > self.highest {
            return Standing::New;
        }
        // No device numbers from 0.
        match self.highest - number {
            _ if number == 0 => Standing::TooOld,
            0 => Standing::Taken,
            distance @ 1..=64 => match self.below >> (distance - 1) & 1 {
                0 => Standing::New,
                _ => Standing::Taken,
            },
            _ => Standing::TooOld,
        }
    }

    pub(super) const fn take(&mut self, number: u32) {
        if number > self.highest {
            let by = number - self.highest;
            // The highest so far takes its place below the new one.
            self.below = match by {
                _ if self.highest == 0 => 0,
                1..=63 => self.below << by | 1 << (by - 1),
                64 => 1 << 63,
                _ => 0,
            };
            self.highest = number;
        } else if let 1..=64 = self.highest - number {
            self.below |= 1 << (self.highest - number - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    extern crate std;

    proptest! {
        /// A set of all numbers ever taken says the same.
        #[test]
        fn it_is_a_set_that_forgets_the_old(
            steps in prop::collection::vec(prop_oneof![0_u32..200, 1_u32.., Just(u32::MAX)], 1..300),
        ) {
            let (mut window, mut taken) = (Window::EMPTY, BTreeSet::new());
            let mut at = 0_u32;
            for step in steps {
                let number = if step < 200 { at.saturating_sub(100).saturating_add(step) } else { step };
                let highest = taken.last().copied().unwrap_or(0);
                let expected = if number == 0 || (number <= highest && highest - number > 64) {
                    Standing::TooOld
                } else if taken.contains(&number) {
                    Standing::Taken
                } else {
                    Standing::New
                };
                prop_assert_eq!(window.standing(number), expected, "{} after {}", number, highest);
                if expected == Standing::New {
                    window.take(number);
                    taken.insert(number);
                    at = number;
                }
                window = Window::from_bytes(window.to_bytes());
                prop_assert_eq!(window.highest(), taken.last().copied().unwrap_or(0));
            }
        }
    }
}
