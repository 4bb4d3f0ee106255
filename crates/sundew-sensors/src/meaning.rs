//! What a value means where no part says so: pulses of a counter, volts at an input.
//!
//! A quantity and a decimal exponent as a type, so that [`Sensor::OUTPUTS`](crate::Sensor::OUTPUTS)
//! is a constant for a gauge of any kind too, and a channel of another kind is refused when it is
//! mounted. It takes no memory.

use crate::Output;
use sundew_units::Quantity;

/// Says in a type what a value means: a quantity in steps of a power of ten.
///
/// What is not in this module, the application names itself:
///
/// ```
/// use sundew_sensors::Output;
/// use sundew_sensors::meaning::Meaning;
/// use sundew_units::Quantity;
///
/// /// Tilt of the mast in hundredths of a degree.
/// struct Tilt;
///
/// impl Meaning for Tilt {
///     const OUTPUT: Output = Output::new(Quantity::Angle, -2);
/// }
/// ```
pub trait Meaning {
    /// Describes the value.
    const OUTPUT: Output;
}

macro_rules! meanings {
    ($($name:ident)*) => {$(
        #[doc = concat!(
            "Means [`Quantity::", stringify!($name), "`] in steps of `10^EXPONENT` of its unit."
        )]
        #[derive(Clone, Copy, Debug)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub struct $name<const EXPONENT: i8>;

        impl<const EXPONENT: i8> Meaning for $name<EXPONENT> {
            const OUTPUT: Output = Output::new(Quantity::$name, EXPONENT);
        }
    )*};
}

meanings! {
    AirPressure BatteryLevel Count Current Distance Energy EventRate Power Rainfall RainRate
    RelativeHumidity Resistance SoilMoisture Temperature Voltage Volume VolumeFlow WindDirection
    WindSpeed
}
