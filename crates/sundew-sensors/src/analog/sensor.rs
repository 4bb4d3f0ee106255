//! One input as a sensor.

use core::marker::PhantomData;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::analog::AdcInput;
#[cfg(feature = "async")]
use crate::analog::AdcInputAsync;
use crate::meaning::Meaning;
use crate::{Error, Output, Sensor};
use sundew_units::{Marked, Quality, Transform};

/// Chooses how many conversions make a value; powers of two, so that no division is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Oversampling {
    /// Takes one.
    None = 0,
    /// Averages 2.
    Of2 = 1,
    /// Averages 4.
    Of4 = 2,
    /// Averages 8.
    Of8 = 3,
    /// Averages 16.
    Of16 = 4,
    /// Averages 32.
    Of32 = 5,
    /// Averages 64.
    Of64 = 6,
}

/// Measures by an input of a converter and a [`Transform`], in steps of `M`.
///
/// Each code is converted by itself and the results are averaged: a transform that is not linear
/// would make another value of an average of codes. The worst mark of them is the value's
/// [`quality`](Sensor::quality), so one conversion in a fault band is enough.
///
/// *Blocking time*: as many conversions as [`Oversampling`] says, in `read`. On an `ATmega328P` with
/// a clock of 125 kHz one takes 104 microseconds: no more than 8, to stay below 1 ms.
///
/// *Cancel safety* (async): nothing is kept between calls.
///
/// *RAM*: the input, the transform and 4 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Analog<M, A, T> {
    input: A,
    transform: T,
    oversampling: Oversampling,
    settling_ms: u16,
    quality: Quality,
    meaning: PhantomData<M>,
}

impl<M: Meaning, A, T: Transform> Analog<M, A, T> {
    /// Takes an input and what to make of its codes.
    pub const fn new(input: A, transform: T, oversampling: Oversampling) -> Self {
        Self {
            input,
            transform,
            oversampling,
            settling_ms: 0,
            quality: Quality::Good,
            meaning: PhantomData,
        }
    }

    /// Asks for a wait between `start` and `read`, for a circuit that is switched on for it.
    #[must_use]
    pub const fn with_settling(mut self, milliseconds: u16) -> Self {
        self.settling_ms = milliseconds;
        self
    }

    /// Returns the input, for instance to switch its supply.
    pub const fn input(&mut self) -> &mut A {
        &mut self.input
    }
}

#[maybe_async_cfg::maybe(
    idents(AdcInput(sync), Sensor(sync)),
    sync(keep_self),
    async(keep_self, feature = "async")
)]
impl<M: Meaning, A: AdcInput, T: Transform> Sensor<1> for Analog<M, A, T> {
    type Error = Error<A::Error>;

    const OUTPUTS: [Output; 1] = [M::OUTPUT];

    async fn start(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from(self.settling_ms))
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        let mut mean = Mean::new(self.oversampling);
        for _ in 0..1_u8 << self.oversampling as u8 {
            let code = self.input.sample().await.map_err(Error::Bus)?;
            mean.add(self.transform.apply(share(code, A::BITS)));
        }
        let Marked { mantissa, quality, .. } = mean.mean();
        self.quality = quality;
        Ok([mantissa])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}

/// Returns the share of the reference that a code stands for, in 65,536ths.
pub(super) const fn share(code: u16, bits: u32) -> i32 {
    let unused = 16_u32.saturating_sub(bits);
    ((code as u32) << unused) as i32
}

/// Averages a power of two of values, with the worst of their marks.
struct Mean {
    shift: u8,
    /// Sums what is left of each value when it is divided beforehand, so that no sum overflows.
    quotients: i32,
    rests: i32,
    quality: Quality,
}

impl Mean {
    const fn new(oversampling: Oversampling) -> Self {
        Self { shift: oversampling as u8, quotients: 0, rests: 0, quality: Quality::Good }
    }

    fn add(&mut self, value: Marked) {
        self.quotients += value.mantissa >> self.shift;
        self.rests += value.mantissa & ((1 << self.shift) - 1);
        self.quality = worse(self.quality, value.quality);
    }

    /// Returns the nearest integer, halves upwards.
    fn mean(&self) -> Marked {
        let half = 1 << self.shift >> 1;
        // Rounding up adds at most 1 to a mean that is i32::MAX only without a rest.
        Marked::new(self.quotients + ((self.rests + half) >> self.shift), self.quality)
    }
}

/// Returns the mark that says less good of a value.
pub(super) fn worse(one: Quality, other: Quality) -> Quality {
    let rank = |quality| match quality {
        Quality::Good => 0,
        Quality::Uncalibrated => 1,
        Quality::Suspect => 2,
        Quality::Stale => 3,
        Quality::UnderRange | Quality::OverRange => 4,
        // Faults, and whatever mark is invented next.
        _ => 5,
    };
    if rank(other) > rank(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_the_nearest_integer_and_never_overflow() {
        const KINDS: [Oversampling; 7] = {
            use Oversampling::{None, Of2, Of4, Of8, Of16, Of32, Of64};
            [None, Of2, Of4, Of8, Of16, Of32, Of64]
        };
        let values = [i32::MIN, i32::MIN + 1, -5, -1, 0, 1, 3, 1_000_003, i32::MAX - 1, i32::MAX];
        for kind in KINDS {
            let count = 1_i64 << kind as u8;
            for first in values {
                for second in values {
                    for others in values {
                        let mut mean = Mean::new(kind);
                        let mut sum = 0_i64;
                        for place in 0..count {
                            let firsts = [first, second];
                            let value = firsts.get(place as usize).unwrap_or(&others);
                            mean.add(Marked::good(*value));
                            sum += i64::from(*value);
                        }
                        let nearest = (sum + count / 2).div_euclid(count);
                        assert_eq!(i64::from(mean.mean().mantissa), nearest, "{kind:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_worst_mark_stays() {
        use Quality::{Fault, Good, OverRange, Stale, Suspect, Uncalibrated};
        let marks = [Good, Uncalibrated, Suspect, Stale, OverRange, Fault];
        for (one, first) in marks.into_iter().enumerate() {
            for (other, second) in marks.into_iter().enumerate() {
                assert_eq!(worse(first, second), marks[one.max(other)]);
            }
        }
    }
}
