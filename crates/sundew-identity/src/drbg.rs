//! Random numbers for parts that have no source of them.
//!
//! Read first: `ChaCha20` in RFC 8439 section 2.3; the wish list for such a generator in RFC 4086
//! section 7.

use crate::boot::last_boot;
use crate::chacha::{Words, block};
use crate::{DeviceRecord, Error};
use core::convert::Infallible;
use core::fmt;
use embedded_storage::nor_flash::NorFlash;
use rand_core::{TryCryptoRng, TryRng};
use sundew_store::{Setting, Settings};
use zeroize::Zeroize;

/// Generates random numbers from a seed that was written in the factory.
///
/// The device record holds a seed of 32 bytes, the settings count how often it was used. The count
/// is advanced, and durable, **before** anything is handed out, so no start repeats the stream of
/// another, wherever power fails. The number of the boot goes into the stream, too: should the
/// newest count rot and an older one come back, the stream still differs.
///
/// Each block of 64 bytes that is made is half the next key, half output, and the old key is gone:
/// who reads the RAM learns nothing of what was drawn before. Who reads the flash can compute every
/// stream that was not stirred. Boards with any source of entropy, however poor, should
/// [`stir`](Self::stir).
///
/// *RAM*: 68 bytes.
///
/// ```
/// use rand_core::Rng;
/// use sundew_core::Region;
/// use sundew_identity::{DeviceRecord, Drbg, Error};
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// let bare = DeviceRecord::new("weather-7");
/// assert_eq!(Drbg::open(&mut flash, &settings, &bare).unwrap_err(), Error::NotProvisioned);
///
/// let record = bare.with_seed(b"32 bytes that only a good source");
/// let first = Drbg::open(&mut flash, &settings, &record)?.next_u64();
/// let second = Drbg::open(&mut flash, &settings, &record)?.next_u64();
/// assert_ne!(first, second);
/// # Ok::<(), Error<sundew_testkit::FlashError>>(())
/// ```
pub struct Drbg {
    key: [u32; 8],
    /// What was made and not drawn yet, from its end.
    output: [u8; 32],
    left: u8,
}

/// What a block is for; part of the nonce, so frozen.
#[derive(Clone, Copy)]
enum Domain {
    Start = 1,
    Output = 2,
    Stir = 3,
}

impl Drbg {
    /// Makes a generator whose stream was never handed out; that is durable before it returns.
    ///
    /// To be called once a boot, after [`next_boot`](crate::next_boot). More often does no harm but
    /// to the flash.
    ///
    /// *Blocking time*: two loads and one save, see [`Settings`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProvisioned`] where the record has no seed, [`Error::WeakSeed`] where all
    /// its bytes are equal, [`Error::Exhausted`] after 4,294,967,295 starts, and [`Error::Corrupt`]
    /// and [`Error::Storage`] where the count could not be read or advanced: there is no generator
    /// then.
    pub fn open<F: NorFlash>(
        flash: &mut F,
        settings: &Settings,
        record: &DeviceRecord<'_>,
    ) -> Result<Self, Error<F::Error>> {
        let seed = record.seed.ok_or(Error::NotProvisioned)?;
        if is_flat(seed) {
            return Err(Error::WeakSeed);
        }
        let last = match settings.read(flash, Setting::RANDOM_COUNTER) {
            Ok(last) => last.unwrap_or(0),
            Err(sundew_store::Error::Corrupt) => return Err(Error::Corrupt),
            Err(error) => return Err(error.into()),
        };
        let count = last.checked_add(1).ok_or(Error::Exhausted)?;
        let boot = last_boot(flash, *settings)?;
        settings.write(flash, Setting::RANDOM_COUNTER, &count)?;
        Ok(Self::start(seed, count, boot))
    }

    /// Mixes `entropy` into what comes next.
    ///
    /// It never makes the generator worse, even if somebody else chose the bytes. It is not stored:
    /// stir again after each boot.
    pub fn stir(&mut self, entropy: &[u8]) {
        for chunk in entropy.chunks(32) {
            for (index, byte) in chunk.iter().enumerate() {
                if let Some(word) = self.key.get_mut(index / 4) {
                    *word ^= u32::from(*byte) << (8 * (index % 4));
                }
            }
            // The length tells a chunk from the same one with zeros behind it.
            let made = block(&self.key, [0, Domain::Stir as u32, chunk.len() as u32, 0]);
            self.take(&made);
        }
        self.left = 0;
    }

    pub(crate) fn start(seed: &[u8; 32], count: u32, boot: u16) -> Self {
        let mut drbg = Self { key: [0; 8], output: [0; 32], left: 0 };
        for (word, bytes) in drbg.key.iter_mut().zip(seed.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let made = block(&drbg.key, [0, Domain::Start as u32, count, u32::from(boot)]);
        drbg.take(&made);
        drbg.left = 0;
        drbg
    }

    /// Takes the first half of a block as the next key, the other as output.
    fn take(&mut self, made: &Words<16>) {
        let (key, output) = made.split_at(8);
        for (to, from) in self.key.iter_mut().zip(key) {
            *to = *from;
        }
        for (to, from) in self.output.as_chunks_mut().0.iter_mut().zip(output) {
            *to = from.to_le_bytes();
        }
        self.left = self.output.len() as u8;
    }

    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            let made = block(&self.key, [0, Domain::Output as u32, 0, 0]);
            self.take(&made);
        }
        self.left = self.left.saturating_sub(1);
        self.output.get_mut(usize::from(self.left)).map_or(0, core::mem::take)
    }

    fn array<const LEN: usize>(&mut self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes.fill_with(|| self.byte());
        bytes
    }
}

impl Drop for Drbg {
    fn drop(&mut self) {
        self.key.zeroize();
        self.output.zeroize();
    }
}

impl TryRng for Drbg {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.array()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.array()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill_with(|| self.byte());
        Ok(())
    }
}

impl TryCryptoRng for Drbg {}

impl fmt::Debug for Drbg {
    /// Writes nothing of the state, which is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drbg").finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Drbg {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Drbg {{ .. }}");
    }
}

fn is_flat(seed: &[u8; 32]) -> bool {
    let [first, rest @ ..] = seed;
    rest.iter().all(|byte| byte == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;
    use sundew_core::Region;
    use sundew_testkit::SimFlash;

    const SETTINGS: Settings = Settings::new(Region::new(0, 2048));

    fn hex(text: &str) -> [u8; 40] {
        let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        core::array::from_fn(|index| digits(2 * index))
    }

    #[test]
    fn the_stream_is_frozen() {
        let mut flash = SimFlash::<2048, 1024, 4>::new();
        crate::next_boot(&mut flash, &SETTINGS).unwrap();
        let seed = core::array::from_fn(|index| index as u8);
        let record = DeviceRecord::new("").with_seed(&seed);
        let mut drbg = Drbg::open(&mut flash, &SETTINGS, &record).unwrap();
        let mut drawn = [0; 40];
        drbg.fill_bytes(&mut drawn);
        assert_eq!(SETTINGS.read(&mut flash, Setting::RANDOM_COUNTER), Ok(Some(1)));
        // Computed by another implementation: SPEC.md in Python, on the block of RFC 8439.
        assert_eq!(
            drawn,
            hex("35e7363c9809997de442d5a179dd778010c12ed2b2cff7da851a9f66221d7fbc0c194a6c503115f4")
        );
        drbg.stir(b"entropy");
        drbg.fill_bytes(&mut drawn);
        assert_eq!(
            drawn,
            hex("8bae202529a153655b795f350cd4a80911b186e2ccdc4207882e1dc78763c772ca17dab25c8a8821")
        );
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_generator_takes_the_ram_that_its_docs_say() {
        assert_eq!(size_of::<Drbg>(), 68);
    }

    #[test]
    fn what_was_drawn_is_not_kept() {
        let mut drbg = Drbg::start(&[7; 32], 1, 1);
        let first = drbg.next_u64().to_le_bytes();
        assert!(!drbg.output.windows(8).any(|window| window == first));
        assert_eq!(drbg.output[24..], [0; 8]);
    }

    #[test]
    fn stirring_depends_on_every_byte_and_on_the_state() {
        let fresh = |seed: u8| Drbg::start(&[seed; 32], 1, 1);
        let draw = |seed: u8, entropy: &[u8]| {
            let mut generator = fresh(seed);
            generator.stir(entropy);
            generator.next_u64()
        };
        let long = [9; 70];
        let mut changed = long;
        changed[69] = 8;
        let draws = [
            fresh(1).next_u64(),
            draw(1, &[0]),
            draw(1, &[0, 0]),
            draw(1, &[1]),
            draw(2, &[1]),
            draw(1, &long),
            draw(1, &changed),
            draw(1, &long[..64]),
        ];
        for (index, one) in draws.iter().enumerate() {
            assert!(!draws[..index].contains(one), "{index}");
        }
        assert_eq!(draw(1, &long), draw(1, &long));
    }

    #[test]
    fn a_seed_that_no_source_made_and_a_count_that_is_none_are_refused() {
        let mut flash = SimFlash::<2048, 1024, 4>::new();
        let mut open = |seed: &[u8; 32]| {
            Drbg::open(&mut flash, &SETTINGS, &DeviceRecord::new("").with_seed(seed)).err()
        };
        assert_eq!(open(&[0; 32]), Some(Error::WeakSeed));
        assert_eq!(open(&[0xFF; 32]), Some(Error::WeakSeed));
        let seed = core::array::from_fn(|index| index as u8);
        assert_eq!(open(&seed), None);
        let key = Setting::RANDOM_COUNTER.key();
        SETTINGS.save(&mut flash, key, &[1, 2, 3]).unwrap();
        let record = DeviceRecord::new("").with_seed(&seed);
        assert_eq!(Drbg::open(&mut flash, &SETTINGS, &record).err(), Some(Error::Corrupt));
        SETTINGS.write(&mut flash, Setting::RANDOM_COUNTER, &u32::MAX).unwrap();
        assert_eq!(Drbg::open(&mut flash, &SETTINGS, &record).err(), Some(Error::Exhausted));
    }
}
