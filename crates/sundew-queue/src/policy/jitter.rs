//! Waits that differ, on a part that has no source of randomness.

use core::convert::Infallible;

use rand_core::TryRng;
use sundew_core::Ticks;

use super::backoff::up_to;

/// Draws numbers that differ between devices, between boots of one device, and from draw to draw.
///
/// **Not for secrets**: who knows a device's name can compute them all. They spread waits, which is
/// all that a fleet needs of them, and need neither a TRNG nor a seed in flash. The state is four
/// bytes, so of 10,000 devices one pair on average begins alike: two that knock at the same moment
/// are no herd.
///
/// ```
/// use sundew_core::Ticks;
/// use sundew_queue::policy::Jitter;
///
/// let now = Ticks::from_millis(0);
/// let mut one = Jitter::new(b"station-1", 1, now);
/// let mut other = Jitter::new(b"station-2", 1, now);
/// let mut rebooted = Jitter::new(b"station-1", 2, now);
/// let waits = [&mut one, &mut other, &mut rebooted].map(|jitter| jitter.up_to(60_000));
/// assert!(waits[0] != waits[1] && waits[0] != waits[2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Jitter(u32);

impl Jitter {
    /// Seeds from what no two devices share, such as a serial number, an EUI or the name that a
    /// broker knows, from the number of this boot, and from the moment, which adds what the time
    /// to get here varies by.
    pub const fn new(device: &[u8], boot: u16, now: Ticks) -> Self {
        // FNV-1a: one multiplication a byte. Names that differ in one byte never collide in it.
        let (mut state, mut rest) = (0x811C_9DC5_u32, device);
        while let Some((byte, behind)) = rest.split_first() {
            state = (state ^ *byte as u32).wrapping_mul(0x0100_0193);
            rest = behind;
        }
        // Stirred between, so that no sum of name, boot and ticks is another one's.
        state = stir(state ^ boot as u32);
        Self(stir(state ^ now.millis()))
    }

    /// Goes on where [`seed`](Self::seed) was read.
    pub const fn from_seed(seed: u32) -> Self {
        Self(seed)
    }

    /// Returns the state, for [`from_seed`](Self::from_seed).
    pub const fn seed(self) -> u32 {
        self.0
    }

    /// Draws a number from 0 to `most`, both included and equally likely.
    pub const fn up_to(&mut self, most: u32) -> u32 {
        up_to(most, self.draw())
    }

    const fn draw(&mut self) -> u32 {
        // A Weyl sequence, stirred: every state is met once in 2^32 draws.
        self.0 = self.0.wrapping_add(0x9E37_79B9);
        stir(self.0)
    }
}

/// Lets every bit of the input move every bit of the output; no two inputs give one output.
///
/// The constants are those of Chris Wellons' `lowbias32`, found by search.
const fn stir(mut bits: u32) -> u32 {
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x7FEB_352D);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x846C_A68B);
    bits ^ (bits >> 16)
}

impl TryRng for Jitter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.draw())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.draw()) << 32 | u64::from(self.draw()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(4) {
            for (byte, drawn) in part.iter_mut().zip(self.draw().to_le_bytes()) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use rand_core::Rng;
    use std::collections::BTreeSet;
    use std::format;

    const BEGIN: Ticks = Ticks::from_millis(0);

    fn first(device: &[u8], boot: u16, now: Ticks) -> u32 {
        Jitter::new(device, boot, now).up_to(u32::MAX)
    }

    /// Says how evenly `draws` fill 100 drawers: chi squared with 99 degrees of freedom, which is
    /// above 150 once in 1,400 runs.
    fn chi_squared(draws: impl Iterator<Item = u32>) -> u64 {
        let mut drawers = [0_u64; 100];
        for draw in draws {
            drawers[up_to(99, draw) as usize] += 1;
        }
        let all: u64 = drawers.iter().sum();
        drawers.iter().map(|count| count * count).sum::<u64>() * 100 / all - all
    }

    #[test]
    fn serial_numbers_that_follow_each_other_spread_evenly() {
        let firsts =
            (0..10_000).map(|serial| first(format!("dev-{serial:05}").as_bytes(), 1, BEGIN));
        assert!(chi_squared(firsts.clone()) < 150, "{}", chi_squared(firsts));
        let binary = (0..10_000_u32).map(|serial| first(&serial.to_le_bytes(), 1, BEGIN));
        assert!(chi_squared(binary.clone()) < 150, "{}", chi_squared(binary.clone()));
        assert!(binary.collect::<BTreeSet<_>>().len() >= 9_995);
    }

    #[test]
    fn boots_and_moments_spread_evenly() {
        let boots = (0..10_000_u16).map(|boot| first(b"dev", boot, BEGIN));
        assert!(chi_squared(boots.clone()) < 150, "{}", chi_squared(boots));
        let moments = (0..10_000_u16).map(|millis| first(b"dev", 1, BEGIN.after(millis.into())));
        assert!(chi_squared(moments.clone()) < 150, "{}", chi_squared(moments));
        // A device that starts later by as much as its boot is higher is not where it was.
        assert_ne!(first(b"dev", 1, BEGIN.after(2)), first(b"dev", 2, BEGIN.after(1)));
    }

    #[test]
    fn draws_of_one_device_spread_evenly_and_go_on_from_a_seed() {
        let mut jitter = Jitter::new(b"", 0, BEGIN);
        let draws: std::vec::Vec<u32> = (0..10_000).map(|_| jitter.up_to(u32::MAX)).collect();
        assert!(chi_squared(draws.iter().copied()) < 150);
        let mut again = Jitter::from_seed(jitter.seed());
        assert_eq!(again.next_u64(), jitter.next_u64());
        let mut bytes = [0; 6];
        again.fill_bytes(&mut bytes);
        assert_eq!(bytes[..4], jitter.next_u32().to_le_bytes());
    }
}
