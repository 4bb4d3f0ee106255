//! How each unit of the registry stands to the one that its dimension is named by.

use super::Unit;

/// Says `base = value x numerator / denominator x 10^exponent + offset / 100`.
pub(crate) struct Scale {
    pub(crate) base: Unit,
    pub(crate) numerator: u16,
    pub(crate) denominator: u8,
    pub(crate) exponent: i8,
    /// Holds hundredths of the base unit.
    pub(crate) offset: i16,
}

impl Scale {
    const fn shift(base: Unit, exponent: i8) -> Self {
        Self { base, numerator: 1, denominator: 1, exponent, offset: 0 }
    }

    const fn times(base: Unit, numerator: u16, exponent: i8) -> Self {
        Self { base, numerator, denominator: 1, exponent, offset: 0 }
    }

    const fn over(base: Unit, denominator: u8, exponent: i8) -> Self {
        Self { base, numerator: 1, denominator, exponent, offset: 0 }
    }

    const fn plus(base: Unit, offset: i16) -> Self {
        Self { base, numerator: 1, denominator: 1, exponent: 0, offset }
    }
}

impl Unit {
    /// Returns the unit that the registry of secondary units refers to (RFC 8798 section 3); a
    /// primary unit is its own.
    ///
    /// It is the [`base`](Self::base), but for `KiB` and `GB`, which the registry counts in bytes.
    ///
    /// ```
    /// use sundew_units::Unit;
    /// assert_eq!(Unit::DecibelMilliwatt.primary(), Unit::DecibelWatt);
    /// assert_eq!(Unit::Kibibyte.primary(), Unit::Byte);
    /// assert_eq!(Unit::Celsius.primary(), Unit::Celsius);
    /// ```
    #[must_use]
    pub const fn primary(self) -> Self {
        match self {
            Self::Kibibyte | Self::Gigabyte => Self::Byte,
            _ if self.is_primary() => self,
            _ => self.base(),
        }
    }

    /// Returns how the unit stands to its base. RFC 8798 section 3 has the factors of the
    /// secondary units; those of the primary ones follow from their descriptions in RFC 8428
    /// section 12.1 and RFC 8798 section 2.
    pub(crate) const fn scale(self) -> Scale {
        match self {
            Self::Gram => Scale::shift(Self::Kilogram, -3),
            Self::Celsius => Scale::plus(Self::Kelvin, 27_315),
            Self::Litre => Scale::shift(Self::CubicMetre, -3),
            Self::LitrePerSecond => Scale::shift(Self::CubicMetrePerSecond, -3),
            // No percentage: RFC 8428 section 12.1, note 2, has it as another name of "/".
            Self::PercentRatio => Scale::shift(Self::Ratio, 0),
            Self::PerMinute | Self::BeatPerMinute => Scale::over(Self::PerSecond, 60, 0),
            Self::Beats => Scale::shift(Self::Count, 0),
            Self::BelSoundPressure => Scale::shift(Self::Decibel, 1),
            Self::Byte => Scale::times(Self::Bit, 8, 0),
            // The ratio is no rational; `Unit::to` has it. Here only the dimension counts.
            Self::Degree => Scale::shift(Self::Radian, 0),
            Self::Millisecond => Scale::shift(Self::Second, -3),
            Self::Minute => Scale::times(Self::Second, 60, 0),
            Self::Hour => Scale::times(Self::Second, 3_600, 0),
            Self::Megahertz => Scale::shift(Self::Hertz, 6),
            Self::Kilowatt => Scale::shift(Self::Watt, 3),
            Self::KilovoltAmpere => Scale::shift(Self::VoltAmpere, 3),
            Self::Kilovar => Scale::shift(Self::Var, 3),
            Self::AmpereHour => Scale::times(Self::Coulomb, 3_600, 0),
            Self::WattHour => Scale::times(Self::Joule, 3_600, 0),
            Self::KilowattHour => Scale::times(Self::Joule, 3_600, 3),
            Self::VarHour => Scale::times(Self::VarSecond, 3_600, 0),
            Self::KilovarHour => Scale::times(Self::VarSecond, 3_600, 3),
            Self::VoltAmpereHour => Scale::times(Self::VoltAmpereSecond, 3_600, 0),
            Self::KilovoltAmpereHour => Scale::times(Self::VoltAmpereSecond, 3_600, 3),
            Self::WattHourPerKilometre => Scale::times(Self::JoulePerMetre, 36, -1),
            Self::Kibibyte => Scale::times(Self::Bit, 8 * 1_024, 0),
            Self::Gigabyte => Scale::times(Self::Bit, 8, 9),
            Self::MegabitPerSecond => Scale::shift(Self::BitPerSecond, 6),
            Self::BytePerSecond => Scale::times(Self::BitPerSecond, 8, 0),
            Self::MegabytePerSecond => Scale::times(Self::BitPerSecond, 8, 6),
            Self::Millivolt => Scale::shift(Self::Volt, -3),
            Self::Milliampere => Scale::shift(Self::Ampere, -3),
            Self::DecibelMilliwatt => Scale::plus(Self::DecibelWatt, -3_000),
            Self::MicrogramPerCubicMetre => Scale::shift(Self::KilogramPerCubicMetre, -9),
            Self::MillimetrePerHour => Scale::over(Self::MetrePerSecond, 36, -5),
            Self::MetrePerHour => Scale::over(Self::MetrePerSecond, 36, -2),
            Self::KilometrePerHour => Scale::over(Self::MetrePerSecond, 36, 1),
            Self::PartsPerMillion => Scale::shift(Self::Ratio, -6),
            Self::Percent => Scale::shift(Self::Ratio, -2),
            Self::Permille => Scale::shift(Self::Ratio, -3),
            Self::PartsPerBillion => Scale::shift(Self::Ratio, -9),
            Self::PartsPerTrillion => Scale::shift(Self::Ratio, -12),
            Self::Hectopascal => Scale::shift(Self::Pascal, 2),
            Self::Millimetre => Scale::shift(Self::Metre, -3),
            Self::Centimetre => Scale::shift(Self::Metre, -2),
            Self::Kilometre => Scale::shift(Self::Metre, 3),
            Self::MilligramPerLitre => Scale::shift(Self::KilogramPerCubicMetre, -3),
            Self::MicrogramPerLitre => Scale::shift(Self::KilogramPerCubicMetre, -6),
            Self::GramPerLitre => Scale::shift(Self::KilogramPerCubicMetre, 0),
            alone => Scale::shift(alone, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::unit::ALL;

    #[test]
    fn every_secondary_unit_has_a_primary_one() {
        for unit in ALL {
            assert!(unit.primary().is_primary(), "{unit}");
            assert_eq!(unit.primary() == *unit, unit.is_primary());
            assert!(unit.is_convertible_to(unit.primary()));
        }
    }
}
