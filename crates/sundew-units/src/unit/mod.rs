//! The SenML unit registry, with frozen numbers.

mod registry;
mod scale;

pub(crate) use registry::registry;

/// Declares the enum, and from the same rows both directions between unit and symbol.
macro_rules! units {
    ($($name:ident = $number:literal, $symbol:literal,)*) => {
        /// Names a unit of the SenML registry: RFC 8428 section 12.1, RFC 8798 and later entries.
        ///
        /// The numbers are frozen: 0 to 66 are the primary units, 128 to 166 the secondary ones of
        /// RFC 8798, and 240 to 255 are never assigned, so that a product may use them in formats of
        /// its own. What has no registered symbol is no unit here, as no other SenML decoder would
        /// know it: report revolutions per minute in `1/min`.
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
        pub(crate) const ALL: &[Unit] = &[$(Unit::$name),*];
    };
}

registry!(units);

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
