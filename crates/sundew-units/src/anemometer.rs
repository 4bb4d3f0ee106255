//! Wind from rotations: the transfer functions of common anemometers.
//!
//! What is published for an anemometer is a function of *something* per second: of closures of its
//! switch for one, of turns for another, and a turn may be one, two or three closures. Users of the
//! same part differ by that factor of two; here each model holds its number of pulses per turn and
//! whether its formula counts pulses or turns, and is asked with pulses only.
//!
//! All give metres per second with 3 places (mm/s). The functions are those of the makers, for the
//! part as it leaves the factory; none knows ice, dirt or a mast's shadow. A mean over minutes is to be
//! taken of speeds, not of pulses, where the function is no straight line through 0.

mod models;

pub use models::{
    DAVIS_6410, ELTAKO_WS, NRG_40, PEET_BROS_ULTIMETER, SPARKFUN, YOUNG_05103, YOUNG_05305,
};

use crate::Quality;
use crate::pulses::{millihertz, millihertz_of_turns};
use crate::transform::{Marked, Transform};

/// Says what a published formula counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Argument {
    /// Counts pulses: closures of a switch, periods of a coil.
    Pulses,
    /// Counts turns of the shaft.
    Turns,
}

/// Converts pulses of an anemometer to a speed of wind, in metres per second with 3 places.
///
/// As a [`Transform`] it takes millihertz of *pulses*, for those who measure the time between two.
///
/// ```
/// use sundew_units::anemometer::{NRG_40, SPARKFUN};
///
/// // 25 closures in 10 s.
/// assert_eq!(SPARKFUN.speed(25, 10_000).mantissa, 1_667);
/// assert_eq!(NRG_40.speed(25, 10_000).mantissa, 2_263);
/// assert_eq!(NRG_40.speed(0, 10_000).mantissa, 0);
/// assert_eq!(SPARKFUN.pulses_per_turn(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Anemometer<T> {
    pulses_per_turn: u8,
    argument: Argument,
    transform: T,
}

impl<T> Anemometer<T> {
    /// Describes a model by its pulses per turn, by what its formula counts, and by the formula, from
    /// millihertz of that to millimetres per second.
    ///
    /// # Panics
    ///
    /// Panics where there is no pulse in a turn. In a `const` that is a compile error, which is the
    /// intended use.
    pub const fn new(pulses_per_turn: u8, argument: Argument, transform: T) -> Self {
        assert!(pulses_per_turn > 0, "no pulse in a turn");
        Self { pulses_per_turn, argument, transform }
    }

    /// Returns how many pulses a turn gives.
    pub const fn pulses_per_turn(&self) -> u8 {
        self.pulses_per_turn
    }

    /// Returns what the published formula counts.
    pub const fn argument(&self) -> Argument {
        self.argument
    }
}

impl<T: Transform> Anemometer<T> {
    /// Returns the mean speed over a window in milliseconds, from the pulses in it.
    ///
    /// The rate is rounded to a millihertz first, and the error of the whole is half of what a
    /// millihertz is more than the formula's own. An empty window is a [`Quality::Fault`], a rate
    /// beyond an i32 [`Quality::OverRange`].
    pub fn speed(&self, pulses: u32, window_ms: u32) -> Marked {
        if window_ms == 0 {
            return Marked::new(0, Quality::Fault);
        }
        let rate = match self.argument {
            Argument::Pulses => millihertz(pulses, window_ms),
            Argument::Turns => millihertz_of_turns(pulses, self.pulses_per_turn, window_ms),
        };
        rate.map_or(Marked::new(i32::MAX, Quality::OverRange), |rate| self.transform.apply(rate))
    }
}

impl<T: Transform> Transform for Anemometer<T> {
    /// Takes millihertz of pulses.
    fn apply(&self, raw: i32) -> Marked {
        let rate = match self.argument {
            Argument::Turns if raw > 0 => {
                millihertz_of_turns(raw.unsigned_abs(), self.pulses_per_turn, 1_000_000)
            }
            _ => Some(raw),
        };
        self.transform.apply(rate.unwrap_or(raw))
    }
}
