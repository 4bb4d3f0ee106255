//! A channel as the generators see it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Number;
use sundew_codec::descriptor::{Described, Descriptor};
use sundew_units::{Access, Dec, Kind, Quantity, Unit};

use crate::Failure;

/// Holds a channel with its texts, and with the key under which it stands among the others.
#[derive(Debug)]
pub(super) struct Named {
    /// Holds the name made of `a-z A-Z 0-9 _ -` alone.
    pub(super) key: String,
    pub(super) id: u8,
    pub(super) name: String,
    pub(super) quantity: Quantity,
    pub(super) unit: Unit,
    pub(super) exponent: i8,
    pub(super) kind: Kind,
    pub(super) bounds: [Option<Dec>; 2],
    pub(super) writable: bool,
}

impl Named {
    /// Returns the channels of a device; keys that would fall together get the id as a suffix.
    ///
    /// # Errors
    ///
    /// Returns an error for a name that is the suffixed key of another channel: one of the two would
    /// be missing where keys are the names of members.
    pub(super) fn all(descriptor: &Descriptor<'_>) -> Result<Vec<Self>, Failure> {
        let mut named: Vec<_> =
            descriptor.channels().map(|channel| Self::of(&channel)).collect::<Result<_, _>>()?;
        let mut uses = BTreeMap::new();
        for channel in &named {
            *uses.entry(channel.key.clone()).or_insert(0) += 1;
        }
        for channel in &mut named {
            if uses.get(&channel.key).is_some_and(|uses| *uses > 1) {
                channel.key = format!("{}_{}", channel.key, channel.id);
            }
        }
        let mut keys = BTreeSet::new();
        for channel in &named {
            if !keys.insert(&channel.key) {
                return Err(Failure::Input(format!(
                    "the names of two channels become '{}'",
                    channel.key
                )));
            }
        }
        Ok(named)
    }

    fn of(channel: &Described<'_>) -> Result<Self, Failure> {
        let name = channel.name.to_string();
        let unknown =
            |what| Failure::Input(format!("channel '{name}' has {what} of a later version"));
        let unit = Unit::from_symbol(&channel.unit.to_string()).ok_or_else(|| unknown("a unit"))?;
        let quantity = channel.quantity.ok_or_else(|| unknown("a quantity"))?;
        let dec = |mantissa| Some(Dec::new(mantissa, channel.exponent));
        Ok(Self {
            key: key(&name),
            id: channel.id.0,
            quantity,
            unit,
            exponent: channel.exponent,
            kind: channel.kind,
            bounds: [
                dec(channel.low).filter(|_| channel.low != i32::MIN),
                dec(channel.high).filter(|_| channel.high != i32::MAX),
            ],
            writable: channel.access == Access::Writable,
            name,
        })
    }

    /// Returns whether the values are 0 and 1 alone, and written so: `1.0` is no `1` to who compares
    /// texts.
    pub(super) fn is_switch(&self) -> bool {
        let [low, high] = [0, 1].map(|mantissa| Some(Dec::new(mantissa, 0)));
        self.quantity == Quantity::State && self.bounds == [low, high]
    }
}

/// Returns a name with `_` for each character that topics and ids may not have.
pub(super) fn key(name: &str) -> String {
    name.chars().map(|each| if is_key(each) { each } else { '_' }).collect()
}

/// Returns whether Home Assistant takes the character in a topic and an id.
pub(super) fn is_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// Returns a decimal as a JSON number with its digits.
pub(super) fn number(dec: Dec) -> Number {
    Number::from_string_unchecked(dec.to_string())
}

/// Returns the step between neighbouring values.
pub(super) fn step(channel: &Named) -> Dec {
    Dec::new(1, channel.exponent)
}
