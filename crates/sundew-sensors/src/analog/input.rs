//! What the rest needs of a converter.

use core::fmt;

/// Converts the voltage at one input; any converter, on the chip or on a bus.
///
/// ```
/// use core::convert::Infallible;
/// use sundew_sensors::analog::AdcInput;
///
/// /// Stands for the HAL's converter with a pin.
/// struct Battery;
///
/// impl AdcInput for Battery {
///     type Error = Infallible;
///     const BITS: u32 = 12;
///
///     fn sample(&mut self) -> Result<u16, Infallible> {
///         Ok(2_048)
///     }
/// }
/// assert_eq!(Battery.sample(), Ok(2_048));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[allow(async_fn_in_trait, reason = "what a future may be sent to is the caller's matter")]
pub trait AdcInput {
    /// Says why a conversion failed.
    type Error: fmt::Debug;

    /// Holds the number of bits of a code: 1 to 16.
    ///
    /// A code stands for `code / 2^BITS` of the reference; converters that are read left-aligned
    /// have 16.
    const BITS: u32;

    /// Converts once.
    ///
    /// # Errors
    ///
    /// Returns the converter's error.
    async fn sample(&mut self) -> Result<u16, Self::Error>;
}

/// Makes an input of `BITS` bits of a function; see [`closure`].
#[derive(Clone, Copy, Debug)]
pub struct Closure<const BITS: u32, F>(F);

/// Makes an input of `BITS` bits of a closure, which may be async.
///
/// ```
/// use sundew_sensors::analog::{AdcInput, closure};
/// use sundew_testkit::SimAdc;
///
/// let adc = SimAdc::new(12);
/// adc.set(7);
/// let mut input = closure::<12, _>(|| adc.sample());
/// assert_eq!(input.sample(), Ok(7));
/// ```
pub const fn closure<const BITS: u32, F>(sample: F) -> Closure<BITS, F> {
    const { assert!(BITS >= 1 && BITS <= 16, "a converter of 1 to 16 bits") };
    Closure(sample)
}

impl<const BITS: u32, F: FnMut() -> Result<u16, E>, E: fmt::Debug> AdcInput for Closure<BITS, F> {
    type Error = E;

    const BITS: u32 = BITS;

    fn sample(&mut self) -> Result<u16, E> {
        (self.0)()
    }
}

#[cfg(feature = "async")]
impl<const BITS: u32, F: AsyncFnMut() -> Result<u16, E>, E: fmt::Debug> AdcInputAsync
    for Closure<BITS, F>
{
    type Error = E;

    const BITS: u32 = BITS;

    async fn sample(&mut self) -> Result<u16, E> {
        (self.0)().await
    }
}
