//! How a pack is written where more than one way is right.

use core::marker::PhantomData;

use super::{Number, VERSION, VERSION_SECONDARY_UNITS};
use crate::cbor::Writer;

/// Says how a [`PackEncoder`](super::PackEncoder) writes: [`Exact`], [`Shortest`] or
/// [`SecondaryUnits`]. A choice of type and not of value, so that firmware links the one it uses.
///
/// ```
/// use sundew_codec::{Error, senml::{PackEncoder, Record, SecondaryUnits, Shortest}};
/// use sundew_units::{Channel, ChannelId, Dec, Quantity, Unit};
///
/// const WIND: Channel = Channel::new(ChannelId(1), "wind", Quantity::WindSpeed, -1)
///     .with_unit(Unit::KilometrePerHour);
///
/// let mut payload = [0; 64];
/// let mut pack = PackEncoder::<SecondaryUnits<Shortest>>::with_style(&mut payload, "");
/// pack.push(&Record::in_unit_of(&WIND, 185))?;
/// // [{-1: 26, 0: "wind", 1: "km/h", 2: 18.5}]
/// assert_eq!(pack.finish(), b"\x81\xA4\x20\x18\x1A\x00\x64wind\x01\x64km/h\x02\xF9\x4C\xA0");
/// # Ok::<(), Error>(())
/// ```
#[expect(private_bounds, reason = "sealed on purpose: what a style may change is the encoder's")]
pub trait Style: Sealed + core::fmt::Debug {}

/// Writes every number with the places it has: integers, and decimal fractions (tag 4) otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Exact;

/// Writes each number as the shortest of integer, half, single and double that is exactly the
/// nearest double, for receivers that do not read decimal fractions.
///
/// The double is the one that reads the same digits (RFC 8428 section 6); what is lost is the number
/// of places. On average a value with a fraction takes 9 bytes instead of 5.
#[derive(Clone, Copy, Debug)]
pub struct Shortest;

/// Declares version 26, in which units may be secondary ones (RFC 8798), and writes like `S`.
///
/// Only for receivers that are known to read it: all others have to refuse the pack.
#[derive(Clone, Copy, Debug)]
pub struct SecondaryUnits<S = Exact>(PhantomData<S>);

/// Keeps [`Style`] to the types of this module.
pub(super) trait Sealed {
    /// Holds the base version of the pack.
    const VERSION: u8;

    fn number(number: Number, writer: &mut Writer<'_>);
}

impl Style for Exact {}
impl Style for Shortest {}
impl<S: Style> Style for SecondaryUnits<S> {}

impl Sealed for Exact {
    const VERSION: u8 = VERSION;

    fn number(number: Number, writer: &mut Writer<'_>) {
        number.encode(writer);
    }
}

impl Sealed for Shortest {
    const VERSION: u8 = VERSION;

    fn number(number: Number, writer: &mut Writer<'_>) {
        number.encode_shortest(writer);
    }
}

impl<S: Style> Sealed for SecondaryUnits<S> {
    const VERSION: u8 = VERSION_SECONDARY_UNITS;

    fn number(number: Number, writer: &mut Writer<'_>) {
        S::number(number, writer);
    }
}
