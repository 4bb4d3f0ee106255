//! How a pack is written where more than one way is right.

use core::marker::PhantomData;

use super::{Number, VERSION, VERSION_SECONDARY_UNITS, double};
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exact;

/// Writes each number as the shortest of integer, half, single and double that is exactly the
/// nearest double, for receivers that do not read decimal fractions.
///
/// The double is the one that reads the same digits (RFC 8428 section 6); what is lost is the number
/// of places. Seven weather readings with short names take 128 bytes instead of 111. Three take 65,087 cycles of an
/// ATmega328P instead of 10,896 and 3.5 KB of its flash more, 1.1 KB of a Cortex-M3's.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shortest;

/// Declares version 26, in which units may be secondary ones (RFC 8798), and writes like `S`.
///
/// Only for receivers that are known to read it: all others have to refuse the pack.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SecondaryUnits<S = Exact>(PhantomData<S>);

/// Keeps [`Style`] to the types of this module.
pub(super) trait Sealed {
    /// Holds the base version of the pack.
    const VERSION: u8;

    fn number(number: Number, writer: &mut Writer<'_>);

    /// Returns whether [`time`](Self::time) can write it.
    fn has_time(_seconds: i64, _millis: u16) -> bool {
        true
    }

    fn time(seconds: i64, millis: u16, writer: &mut Writer<'_>);
}

/// Writes seconds and milliseconds as an integer where there are no milliseconds, or else as the
/// shortest float that is the nearest double.
pub(super) fn thousandths(seconds: i64, millis: u16, writer: &mut Writer<'_>) {
    if millis == 0 {
        return writer.wide_integer(seconds);
    }
    // Seconds are within 2^33.
    let all = seconds * 1_000 + i64::from(millis);
    let sign = u64::from(all < 0) << 63;
    double::write(double::nearest(all.unsigned_abs(), -3) | sign, writer);
}

impl Style for Exact {}
impl Style for Shortest {}
impl<S: Style> Style for SecondaryUnits<S> {}

impl Sealed for Exact {
    const VERSION: u8 = VERSION;

    fn number(number: Number, writer: &mut Writer<'_>) {
        number.encode(writer);
    }

    fn has_time(seconds: i64, millis: u16) -> bool {
        millis == 0 || small(seconds).is_some()
    }

    fn time(seconds: i64, millis: u16, writer: &mut Writer<'_>) {
        match small(seconds) {
            Some(seconds) if millis != 0 => {
                writer.decimal(seconds * 1_000 + i32::from(millis), -3);
            }
            _ => writer.wide_integer(seconds),
        }
    }
}

impl Sealed for Shortest {
    const VERSION: u8 = VERSION;

    fn number(number: Number, writer: &mut Writer<'_>) {
        number.encode_shortest(writer);
    }

    fn time(seconds: i64, millis: u16, writer: &mut Writer<'_>) {
        thousandths(seconds, millis, writer);
    }
}

impl<S: Style> Sealed for SecondaryUnits<S> {
    const VERSION: u8 = VERSION_SECONDARY_UNITS;

    fn number(number: Number, writer: &mut Writer<'_>) {
        S::number(number, writer);
    }

    fn has_time(seconds: i64, millis: u16) -> bool {
        S::has_time(seconds, millis)
    }

    fn time(seconds: i64, millis: u16, writer: &mut Writer<'_>) {
        S::time(seconds, millis, writer);
    }
}

/// Returns seconds whose milliseconds fit an i32: 24.8 days to either side.
fn small(seconds: i64) -> Option<i32> {
    i32::try_from(seconds).ok().filter(|seconds| seconds.unsigned_abs() < i32::MAX as u32 / 1_000)
}
