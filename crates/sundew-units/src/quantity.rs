//! What is measured, apart from the unit it is measured in.

use crate::Unit;

/// Names what a channel measures.
///
/// ```
/// use sundew_units::{Quantity, Unit};
/// assert_eq!(Quantity::WindSpeed.canonical_unit(), Unit::MetrePerSecond);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum Quantity {
    /// Names the temperature of air, a liquid or a surface.
    Temperature = 0,
    /// Names the relative humidity of air.
    RelativeHumidity = 1,
    /// Names the absolute pressure of air, not reduced to sea level.
    AirPressure = 2,
    /// Names the speed of wind.
    WindSpeed = 3,
    /// Names the direction that the wind comes from, clockwise from north.
    WindDirection = 4,
    /// Names the height of fallen rain.
    Rainfall = 5,
    /// Names an electric potential difference.
    Voltage = 6,
    /// Names an electric current.
    Current = 7,
    /// Names an electric power.
    Power = 8,
    /// Names an energy.
    Energy = 9,
    /// Names the illumination of a surface.
    Illuminance = 10,
    /// Names the charge of a battery relative to its full charge.
    BatteryLevel = 11,
    /// Names a length of time, such as a reporting interval.
    Duration = 12,
    /// Names a number of things.
    Count = 13,
    /// Names a state: 0 is off, 1 is on, more is the channel's own.
    State = 14,
}

impl Quantity {
    /// Returns the SenML primary unit in which the quantity is reported.
    pub const fn canonical_unit(self) -> Unit {
        match self {
            Self::Temperature => Unit::Celsius,
            Self::RelativeHumidity => Unit::RelativeHumidity,
            Self::AirPressure => Unit::Pascal,
            Self::WindSpeed => Unit::MetrePerSecond,
            Self::WindDirection => Unit::Degree,
            Self::Rainfall => Unit::Metre,
            Self::Voltage => Unit::Volt,
            Self::Current => Unit::Ampere,
            Self::Power => Unit::Watt,
            Self::Energy => Unit::Joule,
            Self::Illuminance => Unit::Lux,
            Self::BatteryLevel => Unit::EnergyLevelPercent,
            Self::Duration => Unit::Second,
            Self::Count => Unit::Count,
            Self::State => Unit::Ratio,
        }
    }
}
