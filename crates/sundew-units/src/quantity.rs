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
    /// Names a length, such as a distance or a level.
    Distance = 15,
    /// Names a mass.
    Mass = 16,
    /// Names an acceleration.
    Acceleration = 17,
    /// Names the density of magnetic flux.
    MagneticFluxDensity = 18,
    /// Names an electric resistance.
    Resistance = 19,
    /// Names the share of carbon dioxide in air.
    CarbonDioxide = 20,
    /// Names the mass of particles in a volume of air.
    ParticulateMatter = 21,
    /// Names the mass of water vapour in a volume of air.
    AbsoluteHumidity = 22,
    /// Names the pressure of air reduced to sea level.
    SeaLevelPressure = 23,
    /// Names the temperature at which the water vapour of the air condenses.
    DewPoint = 24,
    /// Names the share of water in a volume of soil.
    SoilMoisture = 25,
    /// Names a volume.
    Volume = 26,
    /// Names the volume that passes in a time.
    VolumeFlow = 27,
    /// Names the height of rain that falls in a time.
    RainRate = 28,
    /// Names how often something happens in a time, such as turns of a cup anemometer.
    EventRate = 29,
    /// Names the share of volatile organic compounds in air.
    VolatileOrganics = 30,
    /// Names a part's own number without a unit, such as ticks of a gas sensor or of a converter.
    RawSignal = 31,
    /// Names the angle between two directions, such as a tilt.
    Angle = 32,
    /// Names the power of light on a surface.
    Irradiance = 33,
    /// Names an electric charge.
    Charge = 34,
    /// Names a frequency of an oscillation.
    Frequency = 35,
    /// Names the acidity of a liquid.
    Acidity = 36,
    /// Names the electric conductivity of a liquid or of soil.
    Conductivity = 37,
    /// Names the share of something in something, as 0 to 1.
    Share = 38,
}

impl Quantity {
    /// Returns the SenML primary unit in which the quantity is reported.
    pub const fn canonical_unit(self) -> Unit {
        match self {
            Self::Temperature | Self::DewPoint => Unit::Celsius,
            Self::RelativeHumidity => Unit::RelativeHumidity,
            Self::AirPressure | Self::SeaLevelPressure => Unit::Pascal,
            Self::WindSpeed | Self::RainRate => Unit::MetrePerSecond,
            Self::WindDirection | Self::Angle => Unit::Degree,
            Self::Rainfall | Self::Distance => Unit::Metre,
            Self::Voltage => Unit::Volt,
            Self::Current => Unit::Ampere,
            Self::Power => Unit::Watt,
            Self::Energy => Unit::Joule,
            Self::Illuminance => Unit::Lux,
            Self::BatteryLevel => Unit::EnergyLevelPercent,
            Self::Duration => Unit::Second,
            Self::Count | Self::RawSignal => Unit::Count,
            Self::State
            | Self::CarbonDioxide
            | Self::SoilMoisture
            | Self::VolatileOrganics
            | Self::Share => Unit::Ratio,
            Self::Mass => Unit::Kilogram,
            Self::Acceleration => Unit::MetrePerSquareSecond,
            Self::MagneticFluxDensity => Unit::Tesla,
            Self::Resistance => Unit::Ohm,
            Self::ParticulateMatter | Self::AbsoluteHumidity => Unit::KilogramPerCubicMetre,
            Self::Volume => Unit::CubicMetre,
            Self::VolumeFlow => Unit::CubicMetrePerSecond,
            Self::EventRate => Unit::PerSecond,
            Self::Irradiance => Unit::WattPerSquareMetre,
            Self::Charge => Unit::Coulomb,
            Self::Frequency => Unit::Hertz,
            Self::Acidity => Unit::Ph,
            Self::Conductivity => Unit::SiemensPerMetre,
        }
    }
}
