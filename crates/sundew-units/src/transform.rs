//! Conversions from what a part gives to what is meant, as constant data.
//!
//! A conversion belongs to a channel, not to the code that happens to read it: pulses per turn,
//! zero rules and fault bands stand in one constant that can be tested over its whole range.
//!
//! So the constructors that take a part's data panic where it makes no sense: in a constant that is
//! a compile error. What may be calibrated in the field, lines and breakpoints, has a `try_` form
//! beside it that gives `None`. The tables of thermometers and polynomials are for constants only.

mod affine;
mod circle;
mod compose;
mod fixed;
mod loop_current;
pub(crate) mod math;
mod polynomial;
mod rational;
mod resistance;
mod table;
mod thermocouple;

pub use affine::Affine;
pub use circle::{CircularMean, MeanDirection};
pub use compose::{Bounded, Then};
pub use loop_current::Namur;
pub use polynomial::{Piecewise, Polynomial};
pub use rational::Rational;
pub use resistance::{Divider, Ntc, platinum};
pub use table::{Breakpoints, Entry, Table};
pub use thermocouple::{Compensated, Thermocouple};

pub(crate) use fixed::Fixed;

use crate::Quality;

/// Holds a value and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Marked {
    /// Holds the value in units of its last decimal place.
    pub mantissa: i32,
    /// Says how far it can be trusted.
    pub quality: Quality,
}

impl Marked {
    /// Holds a good value.
    pub const fn good(mantissa: i32) -> Self {
        Self { mantissa, quality: Quality::Good }
    }

    /// Holds a value with a mark.
    pub const fn new(mantissa: i32, quality: Quality) -> Self {
        Self { mantissa, quality }
    }
}

/// Converts raw integers; what the integers stand for, each implementation says.
///
/// A trait and not an enum of all forms: firmware that uses a table links no polynomial.
pub trait Transform {
    /// Returns the value for `raw`; nothing overflows, what cannot be expressed is marked.
    fn apply(&self, raw: i32) -> Marked;
}

impl<T: Transform + ?Sized> Transform for &T {
    fn apply(&self, raw: i32) -> Marked {
        (**self).apply(raw)
    }
}
