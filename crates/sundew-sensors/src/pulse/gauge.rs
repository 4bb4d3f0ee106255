//! What one pulse stands for, as a fraction, so that no total drifts.

use core::marker::PhantomData;

use crate::ConfigError;
use crate::meaning::{Energy, Meaning, Rainfall, Volume};

/// Counts 0.2794 mm (0.011 in) for each tip: SparkFun/Argent weather meter kit.
pub const RAIN_0_2794_MM: Gauge<Rainfall<-7>> = Gauge::new(2_794, 1);

/// Counts 0.2 mm for each tip: Davis 6464M, Misol, most metric buckets.
pub const RAIN_0_2_MM: Gauge<Rainfall<-7>> = Gauge::new(2_000, 1);

/// Counts a 450th of a litre for each pulse: YF-S201 and its like.
///
/// Their makers state 7.5 Hz for each litre per minute, which is 450 pulses, within 10 %; a turbine
/// that is calibrated with a bucket gets its own [`Gauge::per_litre`].
pub const FLOW_450_PER_LITRE: Gauge<Volume<-6>> = Gauge::per_litre(450);

/// Counts a watt-hour for each pulse of an S0 output (EN 62053-31).
pub const S0_1000_PER_KILOWATT_HOUR: Gauge<Energy<2>> = Gauge::per_kilowatt_hour(1_000);

/// Holds what one pulse stands for: `numerator / denominator` steps of `M`.
///
/// ```
/// use sundew_sensors::meaning::{Rainfall, Volume};
/// use sundew_sensors::pulse::Gauge;
///
/// /// A hundredth of an inch is 0.254 mm.
/// const IMPERIAL: Gauge<Rainfall<-7>> = Gauge::new(2_540, 1);
/// /// A water meter with a contact for each 10 litres, in thousandths of a cubic metre.
/// const WATER: Gauge<Volume<-3>> = Gauge::new(10, 1);
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gauge<M> {
    numerator: u16,
    denominator: u16,
    meaning: PhantomData<M>,
}

impl<M: Meaning> Gauge<M> {
    /// Counts `numerator / denominator` steps of `M` for each pulse.
    ///
    /// # Panics
    ///
    /// Panics where one of them is 0. In a `const` that is a compile error, which is the intended
    /// use; a value from settings goes through [`try_new`](Self::try_new).
    pub const fn new(numerator: u16, denominator: u16) -> Self {
        assert!(numerator != 0 && denominator != 0, "a pulse stands for something finite");
        Self { numerator, denominator, meaning: PhantomData }
    }

    /// Does the same with numbers that are not known before.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Setting`] where one of them is 0.
    pub const fn try_new(numerator: u16, denominator: u16) -> Result<Self, ConfigError> {
        if numerator == 0 || denominator == 0 {
            return Err(ConfigError::Setting);
        }
        Ok(Self { numerator, denominator, meaning: PhantomData })
    }

    /// Returns the steps of `pulses` pulses and what remains of them, given what remained before.
    ///
    /// 65,535 x 65,535 + 65,534 is below 2^32: 32 bits are enough.
    pub(super) const fn share(self, pulses: u16, remainder: u16) -> (u32, u16) {
        let sum = pulses as u32 * self.numerator as u32 + remainder as u32;
        if self.denominator == 1 {
            return (sum, 0);
        }
        let denominator = self.denominator as u32;
        // A remainder is smaller than its denominator, which has 16 bits.
        (sum / denominator, (sum % denominator) as u16)
    }

    /// Returns `remainder`, or 0 where this gauge cannot have left it.
    pub(super) const fn possible(self, remainder: u16) -> u16 {
        if remainder < self.denominator { remainder } else { 0 }
    }
}

impl Gauge<Volume<-6>> {
    /// Counts millilitres of a meter that gives `pulses` pulses for each litre.
    ///
    /// # Panics
    ///
    /// Panics where `pulses` is 0; in a `const` that is a compile error.
    pub const fn per_litre(pulses: u16) -> Self {
        Self::new(1_000, pulses)
    }
}

impl Gauge<Energy<2>> {
    /// Counts hundreds of joules of a meter that gives `pulses` pulses for each kilowatt-hour.
    ///
    /// At this exponent 31 bits hold 59,652 kWh.
    ///
    /// # Panics
    ///
    /// Panics where `pulses` is 0; in a `const` that is a compile error.
    pub const fn per_kilowatt_hour(pulses: u16) -> Self {
        Self::new(36_000, pulses)
    }
}

// Derived, these would ask the same of `M`.
impl<M> Clone for Gauge<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Gauge<M> {}
