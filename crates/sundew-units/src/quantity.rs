//! What is measured, apart from the unit it is measured in.

use crate::Unit;

/// Declares the enum, and from the same rows both directions between it, number and name.
macro_rules! quantities {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal,)*) => {
        /// Names what a channel measures.
        ///
        /// Number and name are frozen: descriptors carry the one in CBOR and the other in JSON.
        ///
        /// ```
        /// use sundew_units::{Quantity, Unit};
        /// assert_eq!(Quantity::WindSpeed.canonical_unit(), Unit::MetrePerSecond);
        /// assert_eq!(Quantity::WindSpeed.name(), "wind_speed");
        /// assert_eq!(Quantity::from_number(3), Some(Quantity::WindSpeed));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Quantity {
            $($(#[$doc])* $name = $number,)*
        }

        impl Quantity {
            /// Returns the frozen name: lower case, with underscores between words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the quantity of a frozen name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }

            /// Returns the quantity of a frozen number.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }
        }

        #[cfg(test)]
        const ALL: &[Quantity] = &[$(Quantity::$name),*];
    };
}

quantities! {
    /// Names the temperature of air, a liquid or a surface.
    Temperature = 0, "temperature",
    /// Names the relative humidity of air.
    RelativeHumidity = 1, "relative_humidity",
    /// Names the absolute pressure of air, not reduced to sea level.
    AirPressure = 2, "air_pressure",
    /// Names the speed of wind.
    WindSpeed = 3, "wind_speed",
    /// Names the direction that the wind comes from, clockwise from north.
    WindDirection = 4, "wind_direction",
    /// Names the height of fallen rain.
    Rainfall = 5, "rainfall",
    /// Names an electric potential difference.
    Voltage = 6, "voltage",
    /// Names an electric current.
    Current = 7, "current",
    /// Names an electric power.
    Power = 8, "power",
    /// Names an energy.
    Energy = 9, "energy",
    /// Names the illumination of a surface.
    Illuminance = 10, "illuminance",
    /// Names the charge of a battery relative to its full charge.
    BatteryLevel = 11, "battery_level",
    /// Names a length of time, such as a reporting interval.
    Duration = 12, "duration",
    /// Names a number of things.
    Count = 13, "count",
    /// Names a state: 0 is off, 1 is on, more is the channel's own.
    State = 14, "state",
    /// Names a length, such as a distance or a level.
    Distance = 15, "distance",
    /// Names a mass.
    Mass = 16, "mass",
    /// Names an acceleration.
    Acceleration = 17, "acceleration",
    /// Names the density of magnetic flux.
    MagneticFluxDensity = 18, "magnetic_flux_density",
    /// Names an electric resistance.
    Resistance = 19, "resistance",
    /// Names the share of carbon dioxide in air.
    CarbonDioxide = 20, "carbon_dioxide",
    /// Names the mass of particles in a volume of air.
    ParticulateMatter = 21, "particulate_matter",
    /// Names the mass of water vapour in a volume of air.
    AbsoluteHumidity = 22, "absolute_humidity",
    /// Names the pressure of air reduced to sea level.
    SeaLevelPressure = 23, "sea_level_pressure",
    /// Names the temperature at which the water vapour of the air condenses.
    DewPoint = 24, "dew_point",
    /// Names the share of water in a volume of soil.
    SoilMoisture = 25, "soil_moisture",
    /// Names a volume.
    Volume = 26, "volume",
    /// Names the volume that passes in a time.
    VolumeFlow = 27, "volume_flow",
    /// Names the height of rain that falls in a time.
    RainRate = 28, "rain_rate",
    /// Names how often something happens in a time, such as turns of a cup anemometer.
    EventRate = 29, "event_rate",
    /// Names the share of volatile organic compounds in air.
    VolatileOrganics = 30, "volatile_organics",
    /// Names a part's own number without a unit, such as ticks of a gas sensor or of a converter.
    RawSignal = 31, "raw_signal",
    /// Names the angle between two directions, such as a tilt.
    Angle = 32, "angle",
    /// Names the power of light on a surface.
    Irradiance = 33, "irradiance",
    /// Names an electric charge.
    Charge = 34, "charge",
    /// Names a frequency of an oscillation.
    Frequency = 35, "frequency",
    /// Names the acidity of a liquid.
    Acidity = 36, "acidity",
    /// Names the electric conductivity of a liquid or of soil.
    Conductivity = 37, "conductivity",
    /// Names the share of something in something, as 0 to 1.
    Share = 38, "share",
}

impl Quantity {
    /// Returns the frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_go_both_ways() {
        for quantity in ALL {
            assert_eq!(Quantity::from_number(quantity.number()), Some(*quantity));
            assert_eq!(Quantity::from_name(quantity.name()), Some(*quantity));
        }
        assert_eq!((0..=u8::MAX).filter_map(Quantity::from_number).count(), ALL.len());
        assert_eq!(Quantity::from_name("Temperature"), None);
    }
}
