//! The SenML unit registry, with frozen numbers.

/// Declares the enum, and from the same rows both directions between unit and symbol.
macro_rules! units {
    ($($name:ident = $number:literal, $symbol:literal,)*) => {
        /// Names a unit of the SenML registry: RFC 8428 section 12.1, RFC 8798 and later entries.
        ///
        /// The numbers are frozen: 0 to 66 are the primary units, 128 to 166 the secondary ones of
        /// RFC 8798, and 240 to 255 are never assigned, so that a product may use them privately.
        /// A [`Channel`](crate::Channel) copies its symbol while compiling, so firmware carries the
        /// symbols it uses and not this table.
        ///
        /// ```
        /// use sundew_units::Unit;
        /// assert_eq!(Unit::from_symbol("Cel"), Some(Unit::Celsius));
        /// assert_eq!(Unit::KilometrePerHour.symbol(), "km/h");
        /// assert!(!Unit::KilometrePerHour.is_primary());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Unit {
            $(#[doc = concat!("Stands for `", $symbol, "`.")] $name = $number,)*
        }

        impl Unit {
            /// Returns the registered symbol, at most 8 bytes of ASCII.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol,)* }
            }

            /// Returns the unit of a registered symbol; symbols are case-sensitive.
            pub fn from_symbol(symbol: &str) -> Option<Self> {
                match symbol { $($symbol => Some(Self::$name),)* _ => None }
            }

            /// Returns the unit of a frozen number.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }
        }

        #[cfg(test)]
        const ALL: &[Unit] = &[$(Unit::$name),*];
    };
}

units! {
    Metre = 0, "m",
    Kilogram = 1, "kg",
    Gram = 2, "g",
    Second = 3, "s",
    Ampere = 4, "A",
    Kelvin = 5, "K",
    Candela = 6, "cd",
    Mole = 7, "mol",
    Hertz = 8, "Hz",
    Radian = 9, "rad",
    Steradian = 10, "sr",
    Newton = 11, "N",
    Pascal = 12, "Pa",
    Joule = 13, "J",
    Watt = 14, "W",
    Coulomb = 15, "C",
    Volt = 16, "V",
    Farad = 17, "F",
    Ohm = 18, "Ohm",
    Siemens = 19, "S",
    Weber = 20, "Wb",
    Tesla = 21, "T",
    Henry = 22, "H",
    Celsius = 23, "Cel",
    Lumen = 24, "lm",
    Lux = 25, "lx",
    Becquerel = 26, "Bq",
    Gray = 27, "Gy",
    Sievert = 28, "Sv",
    Katal = 29, "kat",
    SquareMetre = 30, "m2",
    CubicMetre = 31, "m3",
    Litre = 32, "l",
    MetrePerSecond = 33, "m/s",
    MetrePerSquareSecond = 34, "m/s2",
    CubicMetrePerSecond = 35, "m3/s",
    LitrePerSecond = 36, "l/s",
    WattPerSquareMetre = 37, "W/m2",
    CandelaPerSquareMetre = 38, "cd/m2",
    Bit = 39, "bit",
    BitPerSecond = 40, "bit/s",
    Latitude = 41, "lat",
    Longitude = 42, "lon",
    Ph = 43, "pH",
    Decibel = 44, "dB",
    DecibelWatt = 45, "dBW",
    BelSoundPressure = 46, "Bspl",
    Count = 47, "count",
    Ratio = 48, "/",
    PercentRatio = 49, "%",
    RelativeHumidity = 50, "%RH",
    EnergyLevelPercent = 51, "%EL",
    EnergyLevelSeconds = 52, "EL",
    PerSecond = 53, "1/s",
    PerMinute = 54, "1/min",
    BeatPerMinute = 55, "beat/min",
    Beats = 56, "beats",
    SiemensPerMetre = 57, "S/m",
    Byte = 58, "B",
    VoltAmpere = 59, "VA",
    VoltAmpereSecond = 60, "VAs",
    Var = 61, "var",
    VarSecond = 62, "vars",
    JoulePerMetre = 63, "J/m",
    KilogramPerCubicMetre = 64, "kg/m3",
    Degree = 65, "deg",
    NephelometricTurbidity = 66, "NTU",
    Millisecond = 128, "ms",
    Minute = 129, "min",
    Hour = 130, "h",
    Megahertz = 131, "MHz",
    Kilowatt = 132, "kW",
    KilovoltAmpere = 133, "kVA",
    Kilovar = 134, "kvar",
    AmpereHour = 135, "Ah",
    WattHour = 136, "Wh",
    KilowattHour = 137, "kWh",
    VarHour = 138, "varh",
    KilovarHour = 139, "kvarh",
    KilovoltAmpereHour = 140, "kVAh",
    WattHourPerKilometre = 141, "Wh/km",
    Kibibyte = 142, "KiB",
    Gigabyte = 143, "GB",
    MegabitPerSecond = 144, "Mbit/s",
    BytePerSecond = 145, "B/s",
    MegabytePerSecond = 146, "MB/s",
    Millivolt = 147, "mV",
    Milliampere = 148, "mA",
    DecibelMilliwatt = 149, "dBm",
    MicrogramPerCubicMetre = 150, "ug/m3",
    MillimetrePerHour = 151, "mm/h",
    MetrePerHour = 152, "m/h",
    PartsPerMillion = 153, "ppm",
    Percent = 154, "/100",
    Permille = 155, "/1000",
    Hectopascal = 156, "hPa",
    Millimetre = 157, "mm",
    Centimetre = 158, "cm",
    Kilometre = 159, "km",
    KilometrePerHour = 160, "km/h",
    PartsPerBillion = 161, "ppb",
    PartsPerTrillion = 162, "ppt",
    VoltAmpereHour = 163, "VAh",
    MilligramPerLitre = 164, "mg/l",
    MicrogramPerLitre = 165, "ug/l",
    GramPerLitre = 166, "g/l",
}

impl Unit {
    /// Returns the frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns whether the unit may stand in a SenML pack of version 10 (RFC 8798 section 3).
    pub const fn is_primary(self) -> bool {
        self.number() < 128
    }
}

impl core::fmt::Display for Unit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_whole_and_goes_both_ways() {
        assert_eq!(ALL.iter().filter(|unit| unit.is_primary()).count(), 67);
        assert_eq!(ALL.iter().filter(|unit| !unit.is_primary()).count(), 39);
        for unit in ALL {
            assert_eq!(Unit::from_symbol(unit.symbol()), Some(*unit));
            assert_eq!(Unit::from_number(unit.number()), Some(*unit));
            assert!(unit.symbol().len() <= 8, "{unit}");
            assert!(unit.number() < 240, "{unit} lies in the private range");
        }
    }

    #[test]
    fn what_is_not_registered_is_no_unit() {
        for symbol in ["", "celsius", "cel", "CEL", "m/s3", "rpm"] {
            assert_eq!(Unit::from_symbol(symbol), None, "{symbol}");
        }
        for number in [67, 127, 167, 240, 255] {
            assert_eq!(Unit::from_number(number), None, "{number}");
        }
    }
}
