//! What the values of a sensor mean, since the wire does not say: constant data.

use super::codec::{Check, Command};
use crate::Output;
use sundew_units::{Dec, Quantity, Rounding};

/// Says by which command a sensor measures; numbers are 0 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Method {
    /// Measures while the bus is left to it: `aM!`.
    Measure(u8),
    /// Measures while others may be spoken to: `aC!`.
    Concurrent(u8),
    /// Has values at any time: `aR0!`.
    Continuous(u8),
}

impl Method {
    pub(super) const fn command(self, check: Check) -> Command {
        match self {
            Self::Measure(number) => Command::Measure(number, check),
            Self::Concurrent(number) => Command::Concurrent(number, check),
            Self::Continuous(number) => Command::Continuous(number, check),
        }
    }
}

/// Describes one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Column {
    /// Names what it measures.
    pub quantity: Quantity,
    /// Holds the power of ten that makes the sensor's unit the canonical one: 3 for kPa, -3 for mm.
    pub scale: i8,
    /// Holds the power of ten that the output's integer is multiplied by.
    pub exponent: i8,
}

impl Column {
    /// Describes a value in `10^scale` of the quantity's canonical unit, whose output is in steps
    /// of `10^exponent` of it.
    pub const fn new(quantity: Quantity, scale: i8, exponent: i8) -> Self {
        Self { quantity, scale, exponent }
    }

    /// Returns the output's integer, rounded to the nearest, or `None` where it does not fit.
    pub(super) fn value(self, sent: Dec) -> Option<i32> {
        let exponent = sent.exponent().checked_add(self.scale)?;
        let value = Dec::new(sent.mantissa(), exponent);
        value.rescale(self.exponent, Rounding::HalfAwayFromZero).map(Dec::mantissa)
    }
}

/// Describes the first `N` values of a sensor; implemented by a type without values.
pub trait Table<const N: usize> {
    /// Holds how it measures.
    const METHOD: Method;
    /// Holds whether it can send checksums.
    const CHECK: Check;
    /// Describes the values, in the order in which they are sent.
    const COLUMNS: [Column; N];
}

pub(super) const fn outputs<T: Table<N>, const N: usize>() -> [Output; N] {
    let mut outputs = [Output::new(Quantity::RawSignal, 0); N];
    let mut from: &[Column] = &T::COLUMNS;
    let mut to: &mut [Output] = &mut outputs;
    while let ([column, columns @ ..], [output, outputs @ ..]) = (from, to) {
        *output = Output::new(column.quantity, column.exponent);
        (from, to) = (columns, outputs);
    }
    outputs
}
