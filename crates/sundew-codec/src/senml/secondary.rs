//! Secondary units (RFC 8798), for who asks for them.

use sundew_units::{Channel, Unit};

use super::{Record, Text, Value};

impl Record<'_> {
    /// Holds a value of a channel, in the channel's unit even where that is a secondary one.
    ///
    /// Only a pack of version 26 may carry such a record: see
    /// [`SecondaryUnits`](super::SecondaryUnits). [`of`](Self::of) is for all others.
    pub const fn in_unit_of(channel: &Channel, mantissa: i32) -> Self {
        let mut record = Self::of(channel, mantissa);
        record.unit = Text::new(channel.symbol());
        record
    }

    /// Returns the record in the primary unit (RFC 8798 section 3), unchanged where its unit is a
    /// primary one already, unknown or left out; `None` where the value or the sum is a float or
    /// has no exact decimal there, as 1 km/h has none in m/s.
    ///
    /// Links the table of all units, 1.5 KB and more: for gateways, not for nodes.
    ///
    /// ```
    /// use sundew_codec::senml::Record;
    /// use sundew_units::Dec;
    ///
    /// let wind = Record::new("wind").with_unit("km/h").with_value(Dec::new(180, -1));
    /// let primary = wind.in_primary_unit().unwrap();
    /// assert_eq!(primary.unit, "m/s");
    /// assert_eq!(primary.value.unwrap().dec(), Some(Dec::new(500, -2)));
    ///
    /// let slow = wind.with_value(Dec::new(1, 0)); // 0.2777... m/s
    /// assert_eq!(slow.in_primary_unit(), None);
    /// ```
    #[must_use]
    pub fn in_primary_unit(mut self) -> Option<Self> {
        let symbol = self.unit.as_str().unwrap_or_default();
        let Some(unit) = Unit::from_symbol(symbol).filter(|unit| !unit.is_primary()) else {
            return Some(self);
        };
        let primary = unit.primary();
        let conversion = unit.to(primary)?;
        self.unit = Text::new(primary.symbol());
        if let Some(Value::Number(value)) = self.value {
            let dec = conversion.convert_exact(value.dec()?)?;
            self.value = Some(Value::Number(dec.into()));
        }
        if let Some(sum) = self.sum {
            // An offset would have to be added for each second of a span that nobody wrote down.
            if conversion.offset().mantissa() != 0 {
                return None;
            }
            self.sum = Some(conversion.convert_exact(sum.dec()?)?.into());
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::senml::Number;
    use sundew_units::Dec;

    fn primary(symbol: &str, value: Dec) -> Option<(Record<'_>, Dec)> {
        let record = Record::new("x").with_unit(symbol).with_value(value).in_primary_unit()?;
        Some((record, record.value.unwrap().dec().unwrap()))
    }

    #[test]
    fn the_examples_of_rfc_8798() {
        let (record, value) = primary("ms", Dec::new(100, 0)).unwrap();
        assert_eq!(record.unit, "s");
        assert!(value.same_number(Dec::new(1, -1)));
        let (record, value) = primary("dBm", Dec::new(10, 0)).unwrap();
        assert_eq!(record.unit, "dBW");
        assert!(value.same_number(Dec::new(-20, 0)));
    }

    #[test]
    fn bytes_are_primary_and_not_bits() {
        let (record, value) = primary("KiB", Dec::new(2, 0)).unwrap();
        assert_eq!(record.unit, "B");
        assert!(value.same_number(Dec::new(2_048, 0)));
        let (record, value) = primary("GB", Dec::new(15, -1)).unwrap();
        assert_eq!(record.unit, "B");
        assert!(value.same_number(Dec::new(15, 8)));
    }

    #[test]
    fn what_is_no_secondary_unit_is_left_alone() {
        for symbol in ["Cel", "", "furlong", "bit"] {
            let record = Record::new("x").with_unit(symbol).with_value(Dec::new(7, -1));
            assert_eq!(record.in_primary_unit(), Some(record));
        }
    }

    #[test]
    fn sums_are_converted_but_not_with_an_offset() {
        let mut record = Record::new("x").with_unit("kW").with_value(Dec::new(1, 0));
        record.sum = Some(Dec::new(25, -1).into());
        let sum = record.in_primary_unit().unwrap().sum.unwrap().dec().unwrap();
        assert!(sum.same_number(Dec::new(2_500, 0)));
        assert_eq!(record.with_unit("dBm").in_primary_unit(), None);
        record.sum = Some(Number::Float(1));
        assert_eq!(record.in_primary_unit(), None);
    }
}
