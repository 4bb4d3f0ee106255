//! Quantities whose unit and decimal places are part of the type.
//!
//! `Celsius<-2>` holds hundredths of a degree Celsius in an `i32`, and nothing else. There is one
//! such type for each unit of the registry; all of them are [`Amount`]s. A range may follow, which
//! is then kept by construction: `Celsius<-2, -4_000, 12_500>`.
//!
//! Conversions are worked out while compiling. Where no value of the range could fit the target, or
//! the dimensions differ, there is no program:
//!
//! ```
//! use sundew_units::Rounding;
//! use sundew_units::typed::{KilometrePerHour, MetrePerSecond};
//!
//! type Wind = KilometrePerHour<-1, 0, 3_000>; // up to 300.0 km/h
//! let wind = Wind::new(360).unwrap();
//! let si: MetrePerSecond<-3> = wind.to(Rounding::HalfEven);
//! assert_eq!(si.mantissa(), 10_000);
//! assert_eq!(si.dec().to_string(), "10.000");
//! ```
//!
//! ```compile_fail
//! # use sundew_units::Rounding;
//! # use sundew_units::typed::{Kilowatt, MetrePerSecond};
//! let power = Kilowatt::<-1, 0, 3_000>::new(360).unwrap();
//! let speed: MetrePerSecond<-3> = power.to(Rounding::HalfEven); // kW is no speed
//! ```
//!
//! ```compile_fail
//! # use sundew_units::Rounding;
//! # use sundew_units::typed::{KilometrePerHour, MetrePerSecond};
//! let wind = KilometrePerHour::<-1>::from_mantissa(360); // any i32
//! let fine: MetrePerSecond<-3> = wind.to(Rounding::HalfEven); // 27.8 times as many
//! ```
//!
//! ```compile_fail
//! # use sundew_units::Rounding;
//! # use sundew_units::typed::{KilometrePerHour, MetrePerSecond};
//! let wind = KilometrePerHour::<-1, 0, 3_000>::new(360).unwrap();
//! let calm: MetrePerSecond<-3, 0, 50_000> = wind.to(Rounding::HalfEven); // 83.333 m/s at most
//! ```
//!
//! ```compile_fail
//! # use sundew_units::typed::Celsius;
//! let sum = Celsius::<-2>::from_mantissa(1).checked_add(Celsius::<-3>::from_mantissa(1));
//! ```

mod narrow;

use core::fmt;
use core::marker::PhantomData;

use narrow::Narrow;

use crate::unit::registry;
use crate::{Channel, Conversion, Dec, Quantity, Rounding, Unit};

/// Stands for a unit in a type; the types in [`marker`] do.
pub trait Marker: Copy {
    /// Names the unit.
    const UNIT: Unit;
}

macro_rules! quantities {
    ($($name:ident = $number:literal, $symbol:literal,)*) => {
        /// The units as types.
        pub mod marker {
            $(
                #[doc = concat!("Stands for `", $symbol, "`.")]
                #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
                #[non_exhaustive]
                pub enum $name {}

                impl super::Marker for $name {
                    const UNIT: crate::Unit = crate::Unit::$name;
                }
            )*
        }

        $(
            #[doc = concat!("Holds `", $symbol, "` in steps of `10^EXPONENT`, from `LOW` to `HIGH` steps.")]
            pub type $name<
                const EXPONENT: i8,
                const LOW: i32 = { i32::MIN },
                const HIGH: i32 = { i32::MAX },
            > = Amount<marker::$name, EXPONENT, LOW, HIGH>;
        )*
    };
}

registry!(quantities);

/// Holds `mantissa x 10^EXPONENT` of a unit, with a mantissa of `LOW` to `HIGH`.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Dec, Quantity, Rounding};
/// use sundew_units::typed::{Celsius, Kelvin};
///
/// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
/// const _: () = assert!(Celsius::<-2>::fits(&AIR));
///
/// let air = Celsius::<-2, -4_000, 12_500>::new(2_345).unwrap();
/// let kelvin: Kelvin<-1> = air.to(Rounding::HalfEven);
/// assert_eq!(kelvin.dec(), Dec::new(2_966, -1));
/// assert_eq!(Celsius::<-2, -4_000, 12_500>::new(12_501), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount<
    U,
    const EXPONENT: i8,
    const LOW: i32 = { i32::MIN },
    const HIGH: i32 = { i32::MAX },
> {
    mantissa: i32,
    unit: PhantomData<U>,
}

impl<U: Marker, const EXPONENT: i8> Amount<U, EXPONENT> {
    /// Holds `mantissa x 10^EXPONENT`.
    pub const fn from_mantissa(mantissa: i32) -> Self {
        Self { mantissa, unit: PhantomData }
    }
}

impl<U: Marker, const EXPONENT: i8, const LOW: i32, const HIGH: i32>
    Amount<U, EXPONENT, LOW, HIGH>
{
    /// Names the unit.
    pub const UNIT: Unit = U::UNIT;

    /// Holds `mantissa x 10^EXPONENT`, or returns `None` outside the range.
    pub const fn new(mantissa: i32) -> Option<Self> {
        const { assert!(LOW <= HIGH, "the range is empty") };
        if LOW <= mantissa && mantissa <= HIGH {
            Some(Self { mantissa, unit: PhantomData })
        } else {
            None
        }
    }

    /// Returns a number of the unit, or `None` where it has more places or lies outside the range.
    pub const fn from_dec(value: Dec) -> Option<Self> {
        match value.at_exponent(EXPONENT) {
            Some(value) => Self::new(value.mantissa()),
            None => None,
        }
    }

    /// Returns the number of steps of `10^EXPONENT`.
    pub const fn mantissa(self) -> i32 {
        self.mantissa
    }

    /// Returns the number without its unit.
    pub const fn dec(self) -> Dec {
        Dec::new(self.mantissa, EXPONENT)
    }

    /// Returns the value in another unit, place or range, whatever the value is.
    ///
    /// That the whole range fits is checked while compiling, which is why it cannot fail. Where
    /// the numbers are small enough, which is seen while compiling too, the work is one 32-bit
    /// multiplication and one division, or less.
    #[inline]
    #[must_use]
    pub const fn to<V: Marker, const TO: i8, const FROM: i32, const UNTIL: i32>(
        self,
        rounding: Rounding,
    ) -> Amount<V, TO, FROM, UNTIL> {
        let conversion = const { Conversion::between(U::UNIT, V::UNIT) };
        const {
            let conversion = Conversion::between(U::UNIT, V::UNIT);
            // Conversions rise with the value, and no rounding leaves floor and ceiling.
            let low = conversion.convert(Dec::new(LOW, EXPONENT), TO, Rounding::Floor);
            let high = conversion.convert(Dec::new(HIGH, EXPONENT), TO, Rounding::Ceiling);
            let (Some(low), Some(high)) = (low, high) else {
                panic!("values of the range do not fit the target's mantissa");
            };
            assert!(
                FROM <= low.mantissa() && high.mantissa() <= UNTIL,
                "values of the range lie outside the target's range"
            );
        };
        let narrow = const {
            Narrow::new(Conversion::between(U::UNIT, V::UNIT), [EXPONENT, TO], [LOW, HIGH])
        };
        let mantissa = match narrow {
            Some(narrow) => narrow.apply(self.mantissa, rounding),
            None => match conversion.convert(self.dec(), TO, rounding) {
                Some(value) => value.mantissa(),
                // Ruled out above.
                None => UNTIL,
            },
        };
        Amount { mantissa, unit: PhantomData }
    }

    /// Returns the value in another unit, place or range, or `None` where this value does not fit.
    /// The dimensions are checked while compiling.
    #[inline]
    #[must_use]
    pub const fn try_to<V: Marker, const TO: i8, const FROM: i32, const UNTIL: i32>(
        self,
        rounding: Rounding,
    ) -> Option<Amount<V, TO, FROM, UNTIL>> {
        let conversion = const { Conversion::between(U::UNIT, V::UNIT) };
        match conversion.convert(self.dec(), TO, rounding) {
            Some(value) => Amount::new(value.mantissa()),
            None => None,
        }
    }

    /// Returns the sum, or `None` outside the range.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.mantissa.checked_add(other.mantissa) {
            Some(mantissa) => Self::new(mantissa),
            None => None,
        }
    }

    /// Returns the difference, or `None` outside the range.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.mantissa.checked_sub(other.mantissa) {
            Some(mantissa) => Self::new(mantissa),
            None => None,
        }
    }

    /// Returns whether every value can be a reading of the channel as it is: same unit, same
    /// exponent, and the channel's range holds the type's. A type without a range fits any.
    pub const fn fits(channel: &Channel) -> bool {
        let (low, high) = channel.range();
        let has_range = LOW != i32::MIN || HIGH != i32::MAX;
        channel.unit().number() == U::UNIT.number()
            && channel.exponent() == EXPONENT
            && (!has_range || low <= LOW && HIGH <= high)
    }

    /// Returns whether it is what a driver's output gives: an exponent of the canonical unit.
    pub const fn is_output(quantity: Quantity, exponent: i8) -> bool {
        quantity.canonical_unit().number() == U::UNIT.number() && exponent == EXPONENT
    }
}

#[cfg(feature = "float")]
impl<U: Marker, const EXPONENT: i8, const LOW: i32, const HIGH: i32>
    Amount<U, EXPONENT, LOW, HIGH>
{
    /// Returns the number as a float; see [`Dec::to_f64`].
    pub fn to_f64(self) -> f64 {
        self.dec().to_f64()
    }

    /// Returns the number as a float; see [`Dec::to_f32`].
    pub fn to_f32(self) -> f32 {
        self.dec().to_f32()
    }

    /// Returns the nearest value to a float; see [`Dec::from_f64`].
    pub fn from_f64(value: f64) -> Option<Self> {
        Self::new(Dec::from_f64(value, EXPONENT)?.mantissa())
    }
}

impl<U: Marker, const EXPONENT: i8, const LOW: i32, const HIGH: i32> fmt::Debug
    for Amount<U, EXPONENT, LOW, HIGH>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}e{EXPONENT} {}", self.mantissa, U::UNIT)
    }
}

impl<U: Marker, const EXPONENT: i8, const LOW: i32, const HIGH: i32> fmt::Display
    for Amount<U, EXPONENT, LOW, HIGH>
{
    /// Writes number and unit, such as `23.45 Cel`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dec(), const { U::UNIT.symbol() })
    }
}

#[cfg(feature = "defmt")]
impl<U: Marker, const EXPONENT: i8, const LOW: i32, const HIGH: i32> defmt::Format
    for Amount<U, EXPONENT, LOW, HIGH>
{
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=i32}e{=i8} {=str}", self.mantissa, EXPONENT, U::UNIT.symbol());
    }
}

#[cfg(test)]
mod tests;
