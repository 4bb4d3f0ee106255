//! What a driver of this crate can do.

use sundew_core::Classify;
use sundew_units::{Quality, Quantity};

/// Says what one output of a sensor is: `mantissa x 10^exponent` of a quantity's canonical unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Output {
    /// Names what is measured; the unit is its [canonical one](Quantity::canonical_unit).
    pub quantity: Quantity,
    /// Holds the power of ten that the integer is multiplied by.
    pub exponent: i8,
}

impl Output {
    /// Describes an output in steps of `10^exponent` of the quantity's canonical unit.
    pub const fn new(quantity: Quantity, exponent: i8) -> Self {
        Self { quantity, exponent }
    }
}

/// Measures `N` values in two phases, so that nobody waits inside a driver.
///
/// [`start`](Self::start) begins a measurement and says for how long the caller should do something
/// else; [`read`](Self::read) collects it. Asking for too few milliseconds is an error that can be
/// told (or, where the part cannot tell, a stale value: the driver's page says so).
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::sht4x::{self, Sht4x};
/// use sundew_testkit::{SimBus, SimClock, SimSht4x};
///
/// fn measure<S: Sensor<N>, const N: usize>(
///     sensor: &mut S,
///     clock: &SimClock,
/// ) -> Result<[i32; N], S::Error> {
///     clock.advance_millis(sensor.start()?);
///     sensor.read()
/// }
///
/// let clock = SimClock::new();
/// let part = SimSht4x::new(&clock, 0x44);
/// let bus = SimBus::new([&part]);
/// part.set(-1_234, 5_678);
/// let mut sensor = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
/// assert_eq!(measure(&mut sensor, &clock), Ok([-1_234, 5_678]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[allow(async_fn_in_trait, reason = "what a future may be sent to is the caller's matter")]
pub trait Sensor<const N: usize> {
    /// Says why a measurement failed, and who must act on it.
    type Error: Classify;

    /// Describes the values, in the order in which they are read.
    const OUTPUTS: [Output; N];

    /// Begins a measurement and returns the milliseconds to wait before it can be read.
    ///
    /// # Errors
    ///
    /// Returns the driver's error; nothing was begun then.
    async fn start(&mut self) -> Result<u32, Self::Error>;

    /// Returns the values of the measurement that was begun.
    ///
    /// # Errors
    ///
    /// Returns the driver's error; the measurement is to be begun again then.
    async fn read(&mut self) -> Result<[i32; N], Self::Error>;

    /// Says how far the last value of an output can be trusted, where the part itself tells.
    ///
    /// What lies outside its channel's range is found when it is added to a sample; this is for
    /// what the number does not show, such as a gas sensor that is not warm yet.
    fn quality(&self, output: usize) -> Quality {
        let _ = output;
        Quality::Good
    }
}
