//! What is recorded: everything about a record follows from its number.

use sundew_queue::{Class, Effort, LONGEST_PAYLOAD, Priority, Stamp};

/// Holds the length in bytes of the longest payload.
pub const LONGEST: usize = LONGEST_PAYLOAD;

/// The number itself stands in front of the payload.
const NUMBER: usize = 4;

/// Makes the record of one number, for the firmware that stores it and for whoever judges what
/// came back.
///
/// ```
/// use queue_drill::{LONGEST, Sample};
///
/// let (sample, mut buffer) = (Sample { number: 7, len: 20 }, [0; LONGEST]);
/// let payload = sample.payload(&mut buffer);
/// assert_eq!(Sample::of(payload), Some(sample));
/// let sum = Sample::sum(sample.stamp(), sample.class().effort, payload);
/// assert_ne!(sum, Sample::sum(sample.stamp(), sample.class().effort, b"other bytes"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the firmware and its judge agree on it")]
pub struct Sample {
    /// Holds the number, which no other record gets.
    pub number: u32,
    /// Holds the length of the payload in bytes, from 4 to [`LONGEST`].
    pub len: u8,
}

impl Sample {
    /// Reads number and length from a stored payload; `None` where it is too short for one.
    pub fn of(payload: &[u8]) -> Option<Self> {
        let (number, _) = payload.split_first_chunk::<NUMBER>()?;
        let len = u8::try_from(payload.len()).ok()?;
        Some(Self { number: u32::from_le_bytes(*number), len })
    }

    /// Writes the payload into `buffer`.
    pub fn payload(self, buffer: &mut [u8; LONGEST]) -> &[u8] {
        let mut state = mixed(self.number);
        for byte in &mut *buffer {
            state = mixed(state);
            *byte = state as u8;
        }
        let number = self.number.to_le_bytes();
        buffer.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        buffer.get(..usize::from(self.len).max(NUMBER)).unwrap_or(buffer)
    }

    /// Returns what the record is worth: half are ordinary, an eighth is urgent.
    pub const fn class(self) -> Class {
        let draw = mixed(self.number ^ 0x5EED);
        let priority = match draw % 8 {
            0 => Priority::High,
            1..=4 => Priority::Normal,
            _ => Priority::Low,
        };
        let effort = match draw / 8 % 3 {
            0 => Effort::UntilTaken,
            1 => Effort::Few,
            _ => Effort::Once,
        };
        Class { priority, effort }
    }

    /// Returns when it says that it was made.
    pub const fn stamp(self) -> Stamp {
        let seconds = mixed(self.number ^ 0x71ED);
        if seconds.is_multiple_of(2) { Stamp::Unix(seconds) } else { Stamp::SinceBoot(seconds) }
    }

    /// Returns a sum over what a record holds besides its priority (FNV-1a of 32 bits).
    pub fn sum(stamp: Stamp, effort: Effort, payload: &[u8]) -> u32 {
        let (clock, seconds) = match stamp {
            Stamp::SinceBoot(seconds) => (0, seconds),
            Stamp::Unix(seconds) => (1, seconds),
            // None that is stored here.
            _ => (2, 0),
        };
        let head = [clock, effort as u8];
        let bytes = head.iter().copied().chain(seconds.to_le_bytes());
        bytes
            .chain(payload.iter().copied())
            .fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }
}

/// Scatters the bits of a number, one to one (Mueller's mix of 32 bits).
pub(crate) const fn mixed(mut bits: u32) -> u32 {
    bits = bits.wrapping_add(0x9E37_79B9);
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x045D_9F3B);
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x045D_9F3B);
    bits ^ (bits >> 16)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::borrow::ToOwned as _;

    use super::*;

    #[test]
    fn every_priority_and_effort_and_clock_comes_up() {
        let samples = || (0..1_000).map(|number| Sample { number, len: 16 });
        for priority in [Priority::Low, Priority::Normal, Priority::High] {
            let count = samples().filter(|sample| sample.class().priority == priority).count();
            assert!((80..=580).contains(&count), "{priority:?}: {count}");
        }
        for effort in [Effort::UntilTaken, Effort::Few, Effort::Once] {
            assert!(samples().filter(|sample| sample.class().effort == effort).count() > 250);
        }
        let unix = samples().filter(|sample| matches!(sample.stamp(), Stamp::Unix(_))).count();
        assert!((400..600).contains(&unix), "{unix}");
    }

    #[test]
    fn a_changed_byte_changes_the_sum() {
        let sample = Sample { number: 70_000, len: 200 };
        let mut buffer = [0; LONGEST];
        let payload = sample.payload(&mut buffer).to_owned();
        let sum = |bytes: &[u8]| Sample::sum(sample.stamp(), Effort::Few, bytes);
        for at in 0..payload.len() {
            let mut other = payload.clone();
            other[at] ^= 1;
            assert_ne!(sum(&other), sum(&payload), "{at}");
        }
    }
}
