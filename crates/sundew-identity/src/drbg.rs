//! Random numbers for parts that have no source of them.
//!
//! Read first: `ChaCha20` in RFC 8439 section 2.3; the wish list for such a generator in RFC 4086
//! section 7.

use crate::Error;
use crate::boot::last_boot;
use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use core::fmt;
use embedded_storage::nor_flash::NorFlash;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use sundew_store::{Setting, Settings};
use zeroize::Zeroizing;

/// Generates random numbers from a seed that was written in the factory.
///
/// Flash holds one seed of 32 bytes. [`open`](Self::open) derives two things from it by `ChaCha20`,
/// in domains of their own: the seed of the next boot, stored **before** anything is handed out,
/// and the stream of this boot. So no boot repeats the stream of another, wherever power fails. The
/// number of the boot goes into the stream, too: should the newest seed rot and an older one come
/// back, the stream still differs.
///
/// It is as secret as the flash: who can read it can compute the streams of this boot and all
/// later ones. Boards with any source of entropy, however poor, should [`stir`](Self::stir).
///
/// *RAM*: 320 bytes (336 on x86), of which 256 are the four blocks that `ChaCha20` makes at a time;
/// [`open`](Self::open) takes about 2.2 KB of stack (sum of the frames on thumbv6m at opt-level z).
///
/// ```
/// use rand_core::Rng;
/// use sundew_core::Region;
/// use sundew_identity::{Drbg, Error};
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// assert_eq!(Drbg::open(&mut flash, &settings).unwrap_err(), Error::NotProvisioned);
///
/// let from_the_factory = *b"32 bytes that only a good source";
/// Drbg::provision(&mut flash, &settings, &from_the_factory)?;
/// let first = Drbg::open(&mut flash, &settings)?.next_u64();
/// let second = Drbg::open(&mut flash, &settings)?.next_u64();
/// assert_ne!(first, second);
/// # Ok::<(), Error<sundew_testkit::FlashError>>(())
/// ```
pub struct Drbg {
    stream: ChaCha20Rng,
}

type Seed = Zeroizing<[u8; 32]>;

/// What a derived seed is for; part of the nonce, so frozen.
#[derive(Clone, Copy)]
enum Domain {
    NextBoot = 1,
    Stream = 2,
    Stir = 3,
}

impl Drbg {
    /// Writes the first seed; for the factory, and for a device that has a better source now.
    ///
    /// # Errors
    ///
    /// Returns [`Error::WeakSeed`] where all bytes are equal, and [`Error::Storage`].
    pub fn provision<F: NorFlash>(
        flash: &mut F,
        settings: &Settings,
        seed: &[u8; 32],
    ) -> Result<(), Error<F::Error>> {
        if is_flat(seed) {
            return Err(Error::WeakSeed);
        }
        Ok(settings.write(flash, Setting::RANDOM_SEED, seed)?)
    }

    /// Makes the generator of this boot; the seed of the next is durable before it returns.
    ///
    /// To be called once a boot, after [`next_boot`](crate::next_boot). More often does no harm but
    /// to the flash.
    ///
    /// *Blocking time*: two loads and one save, see [`Settings`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProvisioned`] where there is no seed, [`Error::Corrupt`] where it is
    /// none, and [`Error::Storage`] where the next seed could not be stored: there is no generator
    /// then.
    pub fn open<F: NorFlash>(flash: &mut F, settings: &Settings) -> Result<Self, Error<F::Error>> {
        let stored = match settings.read(flash, Setting::RANDOM_SEED) {
            Ok(Some(stored)) if !is_flat(&stored) => Seed::new(stored),
            Ok(None) => return Err(Error::NotProvisioned),
            Ok(Some(_)) | Err(sundew_store::Error::Corrupt) => return Err(Error::Corrupt),
            Err(error) => return Err(error.into()),
        };
        let boot = last_boot(flash, *settings)?;
        let next = derive(&stored, Domain::NextBoot, 0);
        settings.write(flash, Setting::RANDOM_SEED, &next)?;
        Ok(Self::from_seed(&derive(&stored, Domain::Stream, boot)))
    }

    /// Mixes `entropy` into what comes next.
    ///
    /// It never makes the generator worse, even if somebody else chose the bytes. It is not stored:
    /// stir again after each boot.
    pub fn stir(&mut self, entropy: &[u8]) {
        let mut seed = Seed::new([0; 32]);
        self.stream.fill_bytes(seed.as_mut());
        for chunk in entropy.chunks(32) {
            for (byte, fresh) in seed.iter_mut().zip(chunk) {
                *byte ^= fresh;
            }
            // The length tells a chunk from the same one with zeros behind it.
            seed = derive(&seed, Domain::Stir, chunk.len() as u16);
        }
        *self = Self::from_seed(&seed);
    }

    fn from_seed(seed: &Seed) -> Self {
        Self { stream: ChaCha20Rng::from_seed(**seed) }
    }
}

impl TryRng for Drbg {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.stream.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.stream.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.stream.try_fill_bytes(bytes)
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

/// Returns the first 32 bytes of the `ChaCha20` key stream of `seed` whose nonce names the use.
fn derive(seed: &Seed, domain: Domain, detail: u16) -> Seed {
    let mut stream = ChaCha20Rng::from_seed(**seed);
    stream.set_stream((domain as u64) << 32 | u64::from(detail));
    let mut derived = Seed::new([0; 32]);
    stream.fill_bytes(derived.as_mut());
    derived
}

fn is_flat(seed: &[u8; 32]) -> bool {
    let [first, rest @ ..] = seed;
    rest.iter().all(|byte| byte == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sundew_core::Region;
    use sundew_testkit::SimFlash;

    const SETTINGS: Settings = Settings::new(Region::new(0, 2048));

    fn sequence_seed() -> [u8; 32] {
        core::array::from_fn(|index| index as u8)
    }

    fn hex(text: &str) -> [u8; 32] {
        let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        core::array::from_fn(|index| digits(2 * index))
    }

    #[test]
    fn derivation_and_stream_are_frozen() {
        let mut flash = SimFlash::<2048, 1024, 4>::new();
        crate::next_boot(&mut flash, &SETTINGS).unwrap();
        Drbg::provision(&mut flash, &SETTINGS, &sequence_seed()).unwrap();
        let mut first = [0; 32];
        Drbg::open(&mut flash, &SETTINGS).unwrap().fill_bytes(&mut first);
        let stored = SETTINGS.read(&mut flash, Setting::RANDOM_SEED).unwrap().unwrap();
        // Computed by another implementation: the block function of RFC 8439 section 2.3 in
        // Python, with the 64-bit counter and nonce of the original cipher.
        assert_eq!(stored, hex("2e180680f4d93645d1b9381fc0b02e6fd028c32dcfba0b5bdfed66789e8b3a57"));
        assert_eq!(first, hex("a74465d76432f61e89cd2188119c59045077467dd718854022ec9ada3f777c4b"));
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_generator_takes_the_ram_that_its_docs_say() {
        // What `ChaCha20` keeps to choose an instruction set is on x86 only, and padded.
        assert!(size_of::<Drbg>() <= 336);
    }

    #[test]
    fn stirring_depends_on_every_byte_and_on_the_state() {
        let fresh = |seed: u8| Drbg::from_seed(&Seed::new([seed; 32]));
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
            draw(1, &[]),
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
    fn a_seed_that_no_source_made_is_refused() {
        let mut flash = SimFlash::<2048, 1024, 4>::new();
        let mut provision = |seed| Drbg::provision(&mut flash, &SETTINGS, seed);
        assert_eq!(provision(&[0; 32]), Err(Error::WeakSeed));
        assert_eq!(provision(&[0xFF; 32]), Err(Error::WeakSeed));
        for stored in [&[0xFF; 32][..], &[1, 2, 3], &[7; 40]] {
            SETTINGS.save(&mut flash, Setting::RANDOM_SEED.key(), stored).unwrap();
            let refused = Drbg::open(&mut flash, &SETTINGS);
            assert_eq!(refused.err(), Some(Error::Corrupt));
        }
    }
}
