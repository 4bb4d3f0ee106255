//! What a later version of a device may change, and what stays for ever.

use core::fmt;

use super::{Device, contains, same};
use crate::{Channel, ChannelId, Kind};

/// Holds what the id of a channel fixes for ever: all that turns the bits of a frame into a value,
/// and the name, by which alone a SenML pack names it.
///
/// The largest value of the range is not among it: it may rise and fall as long as the field keeps
/// its [`bits`](Channel::bits). Neither is who may set the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Meaning<'a> {
    /// Holds the SenML name.
    pub name: &'a str,
    /// Holds the number of the quantity.
    pub quantity: u8,
    /// Holds the symbol of the unit.
    pub unit: &'a str,
    /// Holds the power of ten that a mantissa is multiplied by.
    pub exponent: i8,
    /// Says how successive values belong together, with the modulus of a counter.
    pub kind: Kind,
    /// Holds the smallest mantissa, from which a bit-packed frame counts.
    pub low: i32,
    /// Holds how many bits the value takes in a bit-packed frame.
    pub bits: u8,
}

impl<'a> Meaning<'a> {
    /// Holds a name and a unit, and 0 in all the rest.
    pub const fn new(name: &'a str, unit: &'a str) -> Self {
        Self { name, quantity: 0, unit, exponent: 0, kind: Kind::Gauge, low: 0, bits: 0 }
    }

    /// Returns the first thing that is not what it was.
    pub const fn change_since(&self, older: &Meaning<'_>) -> Option<Change> {
        Some(if !same(self.name, older.name) {
            Change::Name
        } else if self.quantity != older.quantity {
            Change::Quantity
        } else if !same(self.unit, older.unit) {
            Change::Unit
        } else if self.exponent != older.exponent {
            Change::Exponent
        } else if !is_kind(self.kind, older.kind) {
            Change::Kind
        } else if self.low != older.low {
            Change::Low
        } else if self.bits != older.bits {
            Change::Bits
        } else {
            return None;
        })
    }
}

impl Channel {
    /// Returns what the id of the channel fixes for ever.
    pub const fn meaning(&self) -> Meaning<'static> {
        Meaning {
            quantity: self.quantity().number(),
            exponent: self.exponent(),
            kind: self.kind(),
            low: self.range().0,
            bits: self.bits(),
            ..Meaning::new(self.name(), self.symbol())
        }
    }
}

/// Says what of a [`Meaning`] is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Change {
    /// Reports another name.
    Name,
    /// Reports another quantity.
    Quantity,
    /// Reports another unit.
    Unit,
    /// Reports another exponent.
    Exponent,
    /// Reports another kind or another modulus.
    Kind,
    /// Reports another smallest value.
    Low,
    /// Reports another number of bits.
    Bits,
}

/// Says why a table of channels is no later version of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EvolutionError {
    /// Reports a table of another model.
    Model,
    /// Reports a version that is not above the older one.
    Version,
    /// Reports a channel that does not mean what it meant.
    Changed {
        /// Names the channel.
        channel: ChannelId,
        /// Says what is different.
        what: Change,
    },
    /// Reports an id that is neither in use any more nor retired.
    Dropped {
        /// Holds the id.
        channel: ChannelId,
    },
    /// Reports an id that was retired and is in use again.
    Reused {
        /// Holds the id.
        channel: ChannelId,
    },
    /// Reports an id that was retired and is not listed any more.
    Unretired {
        /// Holds the id.
        channel: ChannelId,
    },
    /// Reports a new id that is not above all ids of the older table. A decoder of the older one
    /// reads a bit-packed frame up to the first value it does not know, which has to be behind all
    /// that it does know.
    NotLast {
        /// Holds the id.
        channel: ChannelId,
    },
}

impl EvolutionError {
    /// Returns the id at fault; `None` where the whole table is.
    pub const fn channel(self) -> Option<ChannelId> {
        match self {
            Self::Model | Self::Version => None,
            Self::Changed { channel, .. }
            | Self::Dropped { channel }
            | Self::Reused { channel }
            | Self::Unretired { channel }
            | Self::NotLast { channel } => Some(channel),
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Model => "the older table is of another model",
            Self::Version => "the version is not above the older one",
            Self::Changed { what, .. } => match what {
                Change::Name => "the name changed: retire the id and take a new one",
                Change::Quantity => "the quantity changed: retire the id and take a new one",
                Change::Unit => "the unit changed: retire the id and take a new one",
                Change::Exponent => "the exponent changed: retire the id and take a new one",
                Change::Kind => "kind or modulus changed: retire the id and take a new one",
                Change::Low => "the smallest value changed: retire the id and take a new one",
                Change::Bits => "the number of bits changed: retire the id and take a new one",
            },
            Self::Dropped { .. } => "the id is gone and not among the retired ones",
            Self::Reused { .. } => "the id was retired and is in use again",
            Self::Unretired { .. } => "the id was retired and is not listed any more",
            Self::NotLast { .. } => "the new id is not above all older ones",
        }
    }
}

impl fmt::Display for EvolutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(ChannelId(id)) = self.channel() {
            write!(f, "channel {id}: ")?;
        }
        f.write_str(self.text())
    }
}

impl core::error::Error for EvolutionError {}

impl Device {
    /// Makes sure that this is a later version of `older`, as [`check_evolution`] says.
    ///
    /// Nothing is checked where it is not called: the compiler knows the older table only if it is
    /// kept. Keep it as it was released, next to its hash, which `sundew_codec::descriptor` shows.
    ///
    /// ```
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    ///
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -1);
    /// const WIND: Channel = Channel::new(ChannelId(3), "wind", Quantity::WindSpeed, -1);
    ///
    /// const RELEASED: Device = Device::new("weather", 1, &[AIR, DAMP]);
    /// const STATION: Device = Device::new("weather", 2, &[AIR, WIND])
    ///     .with_retired(&[ChannelId(2)])
    ///     .evolved_from(&RELEASED);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics where it is not. In a `const` that is a compile error, which is the intended use;
    /// here an id is given to another channel:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    ///
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const WIND: Channel = Channel::new(ChannelId(1), "wind", Quantity::WindSpeed, -1);
    ///
    /// const RELEASED: Device = Device::new("weather", 1, &[AIR]);
    /// const STATION: Device = Device::new("weather", 2, &[WIND]).evolved_from(&RELEASED);
    /// ```
    ///
    /// and here a retired one is taken again:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    ///
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const WIND: Channel = Channel::new(ChannelId(2), "wind", Quantity::WindSpeed, -1);
    ///
    /// const RELEASED: Device = Device::new("weather", 1, &[AIR]).with_retired(&[ChannelId(2)]);
    /// const STATION: Device = Device::new("weather", 2, &[AIR, WIND]).evolved_from(&RELEASED);
    /// ```
    ///
    /// [`check_evolution`]: Self::check_evolution
    #[must_use]
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn evolved_from(self, older: &Device) -> Self {
        match self.check_evolution(older) {
            Ok(()) => self,
            Err(error) => panic!("{}", error.text()),
        }
    }

    /// Checks that frames of this version and of an older one never give each other's decoders a
    /// wrong value.
    ///
    /// The model is the same and the version higher; what an id [means](Meaning) has not changed;
    /// an id that is gone is retired, and stays so; a new id is above all that were there. Checking
    /// each version against the one before it is enough.
    ///
    /// A new id may take over the name of one that is gone, as a channel with a wider range does. In
    /// a SenML pack, which has names and units but no ids, the two are one: let it measure the same.
    ///
    /// # Errors
    ///
    /// Returns the first rule that is broken.
    pub const fn check_evolution(&self, older: &Device) -> Result<(), EvolutionError> {
        if !same(self.model, older.model) {
            return Err(EvolutionError::Model);
        }
        if self.version <= older.version {
            return Err(EvolutionError::Version);
        }
        let mut largest = 0;
        let mut rest = older.channels;
        while let [was, tail @ ..] = rest {
            let channel = was.id();
            match self.find(channel) {
                Some(is) => {
                    if let Some(what) = is.meaning().change_since(&was.meaning()) {
                        return Err(EvolutionError::Changed { channel, what });
                    }
                }
                None if contains(self.retired, channel) => {}
                None => return Err(EvolutionError::Dropped { channel }),
            }
            largest = if channel.0 > largest { channel.0 } else { largest };
            rest = tail;
        }
        let mut rest = older.retired;
        while let [channel, tail @ ..] = rest {
            let channel = *channel;
            if self.find(channel).is_some() {
                return Err(EvolutionError::Reused { channel });
            }
            if !contains(self.retired, channel) {
                return Err(EvolutionError::Unretired { channel });
            }
            largest = if channel.0 > largest { channel.0 } else { largest };
            rest = tail;
        }
        let mut rest = self.channels;
        while let [is, tail @ ..] = rest {
            let channel = is.id();
            if channel.0 <= largest && older.find(channel).is_none() {
                return Err(EvolutionError::NotLast { channel });
            }
            rest = tail;
        }
        Ok(())
    }
}

const fn is_kind(kind: Kind, older: Kind) -> bool {
    let is_modulus = match (kind.modulus(), older.modulus()) {
        (None, None) => true,
        (Some(modulus), Some(older)) => modulus == older,
        _ => false,
    };
    kind.number() == older.number() && is_modulus
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quantity, Unit};

    const AIR: Channel =
        Channel::new(ChannelId(1), "air", Quantity::Temperature, -2).with_range(-4_000, 8_500);
    const RAIN: Channel = Channel::new(ChannelId(3), "rain", Quantity::Rainfall, -4)
        .with_kind(Kind::Counter { modulus: 1_024 });
    const OLD: Device = Device::new("weather", 1, &[AIR, RAIN]).with_retired(&[ChannelId(2)]);
    const RETIRED: &[ChannelId] = &[ChannelId(2)];

    fn check(
        channels: &'static [Channel],
        retired: &'static [ChannelId],
    ) -> Option<EvolutionError> {
        let newer = Device::new("weather", 2, channels).with_retired(retired);
        newer.check_evolution(&OLD).err()
    }

    #[test]
    fn what_a_version_may_do() {
        const WIND: Channel = Channel::new(ChannelId(4), "wind", Quantity::WindSpeed, -1);
        const WIDER: Channel = AIR.with_range(-4_000, 12_000).writable();
        assert_eq!(check(&[AIR, RAIN], RETIRED), None);
        assert_eq!(check(&[WIND, RAIN, AIR], RETIRED), None, "order does not matter");
        assert_eq!(check(&[AIR, WIND], &[ChannelId(3), ChannelId(2)]), None);
        assert_eq!(WIDER.bits(), AIR.bits());
        assert_eq!(check(&[WIDER, RAIN], RETIRED), None, "the field has room");
    }

    #[test]
    fn what_an_id_means_stays() {
        macro_rules! changed {
            ($($changed:expr => $what:ident,)*) => {$({
                const CHANGED: Channel = $changed;
                let error = EvolutionError::Changed { channel: CHANGED.id(), what: Change::$what };
                let other = if CHANGED.id().0 == 1 { const { &[CHANGED, RAIN] } }
                    else { const { &[AIR, CHANGED] } };
                assert_eq!(check(other, RETIRED), Some(error), "{error}");
            })*};
        }
        changed! {
            Channel::new(ChannelId(1), "outside", Quantity::Temperature, -2)
                .with_range(-4_000, 8_500) => Name,
            Channel::new(ChannelId(1), "air", Quantity::DewPoint, -2)
                .with_range(-4_000, 8_500) => Quantity,
            AIR.with_unit(Unit::Kelvin) => Unit,
            Channel::new(ChannelId(1), "air", Quantity::Temperature, -1)
                .with_range(-4_000, 8_500) => Exponent,
            AIR.with_kind(Kind::State) => Kind,
            RAIN.with_kind(Kind::CounterSinceBoot { modulus: 1_024 }) => Kind,
            RAIN.with_kind(Kind::Counter { modulus: 1_023 }) => Kind,
            AIR.with_range(-3_999, 8_500) => Low,
            AIR.with_range(-4_000, 12_384) => Bits,
            AIR.with_bits(15) => Bits,
            AIR.with_range(-4_000, 0) => Bits,
        }
    }

    #[test]
    fn ids_are_not_taken_twice() {
        const SECOND: Channel = Channel::new(ChannelId(2), "wind", Quantity::WindSpeed, -1);
        const ZERO: Channel = Channel::new(ChannelId(0), "wind", Quantity::WindSpeed, -1);
        let two = ChannelId(2);
        assert_eq!(check(&[AIR], RETIRED), Some(EvolutionError::Dropped { channel: ChannelId(3) }));
        assert_eq!(check(&[AIR, SECOND, RAIN], &[]), Some(EvolutionError::Reused { channel: two }));
        assert_eq!(check(&[AIR, RAIN], &[]), Some(EvolutionError::Unretired { channel: two }));
        assert_eq!(
            check(&[AIR, RAIN, ZERO], RETIRED),
            Some(EvolutionError::NotLast { channel: ChannelId(0) })
        );
    }

    #[test]
    fn the_table_as_a_whole() {
        assert_eq!(OLD.check_evolution(&OLD), Err(EvolutionError::Version));
        let other = Device::new("hut", 2, OLD.channels());
        assert_eq!(other.check_evolution(&OLD), Err(EvolutionError::Model));
        assert_eq!(
            other.try_with_retired(&[ChannelId(3)]).err(),
            Some(crate::DeviceError::RetiredId)
        );
        let twice = other.try_with_retired(&[ChannelId(9), ChannelId(9)]);
        assert_eq!(twice.err(), Some(crate::DeviceError::SameId));
    }
}
