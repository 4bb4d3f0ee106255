//! How base values are added (RFC 8428 section 4.1).

use core::fmt::Debug;

use super::Number;

/// Says how a [`PackDecoder`](super::PackDecoder) adds a base value to a value, and a base sum to a
/// sum: [`ExactSums`] or [`RoundedSums`].
#[expect(private_bounds, reason = "sealed on purpose: there are two ways")]
pub trait Sums: Sealed + Debug {}

/// Adds exact decimals, and refuses what has no exact sum: floats, and digits past 32 bits.
///
/// What our own packs need, and all that is linked where nothing else is asked for.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExactSums;

/// Adds exact decimals likewise, and everything else as doubles, rounded to the nearest one.
///
/// For receivers of packs that others made; without a floating-point unit it links the addition of
/// doubles.
///
/// ```
/// use sundew_codec::{Error, senml::{Number, PackDecoder, RoundedSums, Value}};
///
/// // [{-5: 20.5, 0: "a", 2: 4([-1, 15])}]
/// let pack = b"\x81\xA3\x24\xF9\x4D\x20\x00\x61a\x02\xC4\x82\x20\x0F";
/// let mut records = PackDecoder::<RoundedSums>::with_sums(pack);
/// let value = records.next().unwrap()?.value;
/// assert_eq!(value, Some(Value::Number(Number::Float(22.0_f64.to_bits()))));
/// assert_eq!(PackDecoder::new(pack).next(), Some(Err(Error::Unsupported { position: 1 })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RoundedSums;

/// Keeps [`Sums`] to the types of this module.
pub(super) trait Sealed {
    /// Returns the sum, or `None` where it is refused.
    fn sum(own: Number, base: Number) -> Option<Number>;
}

impl Sums for ExactSums {}
impl Sums for RoundedSums {}

impl Sealed for ExactSums {
    fn sum(own: Number, base: Number) -> Option<Number> {
        own.plus(base)
    }
}

impl Sealed for RoundedSums {
    fn sum(own: Number, base: Number) -> Option<Number> {
        own.plus(base).or_else(|| {
            let sum = f64::from_bits(own.double()) + f64::from_bits(base.double());
            sum.is_finite().then_some(Number::Float(sum.to_bits()))
        })
    }
}
