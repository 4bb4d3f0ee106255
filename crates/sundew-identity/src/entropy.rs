//! Noise of the board, tested while it is used.
//!
//! Read first: NIST SP 800-90B sections 4.3 and 4.4.

use crate::Drbg;
use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Gives samples of some noise: the lowest bits of an ADC, the watchdog's oscillator against a timer.
///
/// One sample is a byte, of which most bits may be constant. Samples need not be spread evenly; they
/// must be taken far enough apart that each has the entropy that is claimed for it.
pub trait EntropySource {
    /// Is what can go wrong while sampling.
    type Error;

    /// Says how much min-entropy each sample has at least; claim less than was measured.
    const CLAIM: Claim;

    /// Takes a sample.
    ///
    /// # Errors
    ///
    /// Returns the error of the part.
    fn sample(&mut self) -> Result<u8, Self::Error>;
}

/// Names a min-entropy, in bits for each sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Claim {
    /// An eighth of a bit.
    Eighth,
    /// A quarter of a bit.
    Quarter,
    /// Half a bit.
    Half,
    /// One bit.
    One,
    /// Two bits.
    Two,
    /// Four bits.
    Four,
}

impl Claim {
    /// Returns how many equal samples in a row are a failure, and how many samples in a window that
    /// equal its first.
    ///
    /// A sound source is taken for a broken one once in 2^20 runs or windows: `1 + 20/H`, and one
    /// above the binomial quantile of `WINDOW` trials of `2^-H` (SP 800-90B sections 4.4.1 and 4.4.2),
    /// computed with 80 decimal places.
    const fn cutoffs(self) -> (u16, u16) {
        match self {
            Self::Eighth => (161, 497),
            Self::Quarter => (81, 468),
            Self::Half => (41, 410),
            Self::One => (21, 311),
            Self::Two => (11, 177),
            Self::Four => (6, 62),
        }
    }

    /// Returns how many samples have 512 bits of entropy: twice what the generator's key can hold.
    const fn samples(self) -> u16 {
        match self {
            Self::Eighth => 4096,
            Self::Quarter => 2048,
            Self::Half => 1024,
            Self::One => 512,
            Self::Two => 256,
            Self::Four => 128,
        }
    }
}

/// Samples in the window of the adaptive proportion test.
const WINDOW: u16 = 512;
/// Samples that a source must stand before any is trusted (section 4.3, requirement 4).
const START_UP: u16 = 1024;

/// Says why no entropy was gathered; `E` is the error of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NoEntropy<E> {
    /// The source repeats one sample: it is stuck.
    Repetition,
    /// The source gives one sample far too often.
    Proportion,
    /// The source could not be sampled.
    Source(E),
}

impl<E: fmt::Debug> Classify for NoEntropy<E> {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

impl<E: fmt::Debug> fmt::Display for NoEntropy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repetition => f.write_str("the source of entropy is stuck"),
            Self::Proportion => f.write_str("the source of entropy is biased"),
            Self::Source(error) => write!(f, "the source of entropy: {error:?}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for NoEntropy<E> {}

/// Gathers entropy from a source that is tested all the while.
///
/// The tests are those of SP 800-90B: repetition count and adaptive proportion, over every sample,
/// and over 1,024 before any is counted. A source that fails is not asked again, until somebody makes
/// a new `Harvest`.
///
/// They find a source that breaks. They cannot find out how much entropy there is: that is
/// [`CLAIM`](EntropySource::CLAIM), from a measurement on the board, and a source that somebody
/// controls may pass.
///
/// *RAM*: 12 bytes and the source.
///
/// ```
/// use sundew_core::Region;
/// use sundew_identity::{Claim, DeviceRecord, Drbg, EntropySource, Harvest, NoEntropy};
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// struct Adc(u32); // an open pin, say
/// impl EntropySource for Adc {
///     type Error = core::convert::Infallible;
///     const CLAIM: Claim = Claim::Half;
///     fn sample(&mut self) -> Result<u8, Self::Error> {
///         self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
///         Ok((self.0 >> 24) as u8 & 3)
///     }
/// }
///
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// let record = DeviceRecord::new("weather-7").with_seed(b"from the factory's random source");
/// let mut rng = Drbg::open(&mut flash, &settings, &record)?;
/// assert_eq!(Harvest::new(Adc(1)).stir(&mut rng), Ok(()));
///
/// struct Cut; // the pin's trace is broken
/// impl EntropySource for Cut {
///     type Error = core::convert::Infallible;
///     const CLAIM: Claim = Claim::Half;
///     fn sample(&mut self) -> Result<u8, Self::Error> {
///         Ok(0)
///     }
/// }
/// assert_eq!(Harvest::new(Cut).stir(&mut rng), Err(NoEntropy::Repetition));
/// # Ok::<(), sundew_identity::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Debug)]
pub struct Harvest<S> {
    source: S,
    health: Health,
    has_started: bool,
}

impl<S: EntropySource> Harvest<S> {
    /// Gathers from `source`; nothing is sampled yet.
    pub const fn new(source: S) -> Self {
        Self { source, health: Health::new(S::CLAIM), has_started: false }
    }

    /// Stirs 512 bits of the source's entropy into `rng`, by its [claim](EntropySource::CLAIM).
    ///
    /// *Blocking time*: 128 to 4,096 samples, and at least 1,024 more the first time; a block of
    /// `ChaCha20` for each 32.
    ///
    /// # Errors
    ///
    /// Returns why the source is not to be trusted. What it gave until then was stirred in and
    /// harms nothing, so a device with a provisioned seed may go on; it should tell somebody.
    pub fn stir(&mut self, rng: &mut Drbg) -> Result<(), NoEntropy<S::Error>> {
        if !self.has_started {
            self.gather(rng, START_UP)?;
            self.has_started = true;
        }
        self.gather(rng, S::CLAIM.samples())
    }

    fn gather(&mut self, rng: &mut Drbg, samples: u16) -> Result<(), NoEntropy<S::Error>> {
        for _ in 0..samples / 32 {
            let mut chunk = [0; 32];
            for place in &mut chunk {
                if let Some(fault) = self.health.fault {
                    return Err(fault.into());
                }
                *place = self.source.sample().map_err(NoEntropy::Source)?;
                self.health.take(*place);
            }
            rng.stir(&chunk);
        }
        self.health.fault.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Repetition,
    Proportion,
}

impl<E> From<Fault> for NoEntropy<E> {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Repetition => Self::Repetition,
            Fault::Proportion => Self::Proportion,
        }
    }
}

/// Holds both tests.
#[derive(Debug)]
struct Health {
    claim: Claim,
    fault: Option<Fault>,
    last: u8,
    /// Samples that equal the last, itself included; 0 before the first.
    run: u16,
    first: u8,
    /// Samples of the window so far.
    seen: u16,
    /// Those that equal its first, itself included.
    same: u16,
}

impl Health {
    const fn new(claim: Claim) -> Self {
        Self { claim, fault: None, last: 0, run: 0, first: 0, seen: 0, same: 0 }
    }

    const fn take(&mut self, sample: u8) {
        let (repetition, proportion) = self.claim.cutoffs();
        self.run = if self.run > 0 && sample == self.last { self.run.saturating_add(1) } else { 1 };
        self.last = sample;
        if self.run >= repetition {
            self.fault = Some(Fault::Repetition);
        }
        if self.seen == 0 {
            (self.first, self.same) = (sample, 0);
        }
        if sample == self.first {
            self.same += 1;
        }
        if self.same >= proportion && self.fault.is_none() {
            self.fault = Some(Fault::Proportion);
        }
        self.seen += 1;
        if self.seen == WINDOW {
            self.seen = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    const CLAIMS: [Claim; 6] =
        [Claim::Eighth, Claim::Quarter, Claim::Half, Claim::One, Claim::Two, Claim::Four];

    fn fault(claim: Claim, samples: impl IntoIterator<Item = u8>) -> (Option<Fault>, usize) {
        let mut health = Health::new(claim);
        let mut taken = 0;
        for sample in samples {
            health.take(sample);
            taken += 1;
            if health.fault.is_some() {
                break;
            }
        }
        (health.fault, taken)
    }

    #[test]
    fn a_source_that_is_stuck_is_found_at_the_cutoff() {
        for claim in CLAIMS {
            let cutoff = usize::from(claim.cutoffs().0);
            assert_eq!(fault(claim, [7; 300]), (Some(Fault::Repetition), cutoff));
            let almost = (0..cutoff).map(|index| u8::from(index == cutoff - 1));
            assert_eq!(fault(claim, almost).0, None, "{claim:?}");
        }
    }

    #[test]
    fn a_source_that_is_biased_is_found_at_the_cutoff() {
        for claim in CLAIMS {
            let (repetition, proportion) = claim.cutoffs();
            // The first sample of the window, with another in between before it is a run.
            let period = usize::from(repetition - 1);
            let biased = |index: usize| u8::from(index % period == period - 1);
            let at = (0..).scan(0, |same, index| {
                *same += usize::from(biased(index) == 0);
                Some((index, *same))
            });
            let expected = at.take(512).find(|(_, same)| *same == usize::from(proportion));
            let found = fault(claim, (0..512).map(biased));
            match expected {
                Some((index, _)) => assert_eq!(found, (Some(Fault::Proportion), index + 1)),
                None => assert_eq!(found.0, None),
            }
        }
    }

    #[test]
    fn the_window_begins_anew() {
        // 310 of the first sample in each window, at a claim of one bit, whose cutoff is 311.
        let window = |index: usize| {
            if index % 512 < 465 && index % 3 != 2 { 9 } else { (index % 200) as u8 + 10 }
        };
        assert_eq!(fault(Claim::One, (0..4096).map(window)).0, None);
        let more = |index: usize| {
            if index % 512 < 468 && index % 3 != 2 { 9 } else { (index % 200) as u8 + 10 }
        };
        assert_eq!(fault(Claim::One, (0..4096).map(more)).0, Some(Fault::Proportion));
    }

    /// Counts how often it is asked, and is stuck from some sample on.
    struct Dying(u32, u32);

    impl EntropySource for &mut Dying {
        type Error = ();
        const CLAIM: Claim = Claim::Two;

        fn sample(&mut self) -> Result<u8, ()> {
            self.0 += 1;
            Ok(if self.0 < self.1 { (self.0.wrapping_mul(2_654_435_761) >> 24) as u8 } else { 0 })
        }
    }

    #[test]
    fn a_source_that_breaks_is_found_at_once_and_not_asked_again() {
        let mut source = Dying(0, 1_200);
        let mut rng = Drbg::start(&[7; 32], 1, 1);
        let mut harvest = Harvest::new(&mut source);
        assert_eq!(harvest.stir(&mut rng), Err(NoEntropy::Repetition));
        assert_eq!(harvest.stir(&mut rng), Err(NoEntropy::Repetition));
        assert_eq!(source.0, 1_200 + 10);
        let mut source = Dying(0, u32::MAX);
        let mut harvest = Harvest::new(&mut source);
        assert_eq!(harvest.stir(&mut rng), Ok(()));
        assert_eq!(harvest.stir(&mut rng), Ok(()));
        assert_eq!(source.0, 1_024 + 2 * 256, "tested once before it is counted");
    }

    #[test]
    fn sound_noise_passes() {
        let mut state = 1_u64;
        let mut noise = |mask: u8| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8 & mask
        };
        for (claim, mask) in [(Claim::One, 1), (Claim::Two, 3), (Claim::Four, 15), (Claim::Half, 1)]
        {
            let samples: Vec<u8> = (0..100_000).map(|_| noise(mask)).collect();
            assert_eq!(fault(claim, samples).0, None, "{claim:?}");
        }
    }

    #[test]
    fn the_repetition_cutoffs_are_those_of_the_standard() {
        for (claim, eighths) in CLAIMS.into_iter().zip([1_u16, 2, 4, 8, 16, 32]) {
            assert_eq!(claim.cutoffs().0, 1 + (20 * 8_u16).div_ceil(eighths));
            assert_eq!(claim.samples() * eighths / 8, 512);
        }
    }
}
