//! What a later version of a descriptor may change.

use sundew_units::{ChannelId, EvolutionError, Meaning};

use super::{Described, Descriptor};

impl<'a> Described<'a> {
    /// Returns what the id of the channel fixes for ever.
    pub fn meaning(&self) -> Meaning<'a> {
        // Both are ASCII in a descriptor that was parsed.
        let name = self.name.as_str().unwrap_or_default();
        let mut meaning = Meaning::new(name, self.unit.as_str().unwrap_or_default());
        meaning.quantity = self.quantity_number;
        meaning.exponent = self.exponent;
        meaning.kind = self.kind;
        meaning.low = self.low;
        meaning.bits = self.bits;
        meaning
    }
}

impl Descriptor<'_> {
    /// Checks that frames of this version and of an older one never give each other's decoders a
    /// wrong value, as [`Device::check_evolution`](sundew_units::Device::check_evolution) does.
    ///
    /// ```
    /// use sundew_codec::{Error, descriptor::{self, Descriptor}};
    /// use sundew_units::{Channel, ChannelId, Device, EvolutionError, Quantity};
    ///
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const WIND: Channel = Channel::new(ChannelId(2), "wind", Quantity::WindSpeed, -1);
    /// const FIRST: Device = Device::new("weather", 1, &[AIR]);
    /// const SECOND: Device = Device::new("weather", 2, &[WIND]); // and where is air?
    ///
    /// let first: [u8; descriptor::len(&FIRST)] = descriptor::bytes(&FIRST);
    /// let second: [u8; descriptor::len(&SECOND)] = descriptor::bytes(&SECOND);
    /// let (first, second) = (Descriptor::parse(&first)?, Descriptor::parse(&second)?);
    /// let error = second.check_evolution(&first).unwrap_err();
    /// assert_eq!(error, EvolutionError::Dropped { channel: ChannelId(1) });
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first rule that is broken.
    pub fn check_evolution(&self, older: &Descriptor<'_>) -> Result<(), EvolutionError> {
        if self.model() != older.model() {
            return Err(EvolutionError::Model);
        }
        if self.version() <= older.version() {
            return Err(EvolutionError::Version);
        }
        let is_retired = |id| self.retired().any(|retired| retired == id);
        for was in older.channels() {
            let channel = was.id;
            match self.channel(channel) {
                Some(is) => {
                    if let Some(what) = is.meaning().change_since(&was.meaning()) {
                        return Err(EvolutionError::Changed { channel, what });
                    }
                }
                None if is_retired(channel) => {}
                None => return Err(EvolutionError::Dropped { channel }),
            }
        }
        for channel in older.retired() {
            if self.channel(channel).is_some() {
                return Err(EvolutionError::Reused { channel });
            }
            if !is_retired(channel) {
                return Err(EvolutionError::Unretired { channel });
            }
        }
        let ids = older.channels().map(|channel| channel.id).chain(older.retired());
        let largest = ids.max().unwrap_or(ChannelId(0));
        for channel in self.channels().map(|channel| channel.id) {
            if channel <= largest && older.channel(channel).is_none() {
                return Err(EvolutionError::NotLast { channel });
            }
        }
        Ok(())
    }
}
