//! All channels of one model of device, as constant data.

mod evolution;

use core::fmt;

use crate::{Channel, ChannelId};

pub use evolution::{Change, EvolutionError, Meaning};

/// Describes one model of device: the one table from which codecs, decoders and dashboards work.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Device, Quantity};
///
/// const STATION: Device = Device::new(
///     "weather",
///     1,
///     &[
///         Channel::new(ChannelId(1), "air", Quantity::Temperature, -2),
///         Channel::new(ChannelId(2), "interval", Quantity::Duration, 0).writable(),
///     ],
/// );
/// assert_eq!(STATION.channel(ChannelId(2)).unwrap().name(), "interval");
/// assert_eq!(STATION.channel_named("air").unwrap().id(), ChannelId(1));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Device {
    model: &'static str,
    version: u16,
    channels: &'static [Channel],
    retired: &'static [ChannelId],
}

/// Says why a table of channels describes no device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DeviceError {
    /// Reports two channels with one id, or an id that is retired twice.
    SameId,
    /// Reports two channels with one name.
    SameName,
    /// Reports a channel whose id is retired.
    RetiredId,
}

impl DeviceError {
    const fn text(self) -> &'static str {
        match self {
            Self::SameId => "two channels of the device share an id",
            Self::SameName => "two channels of the device share a name",
            Self::RetiredId => "a channel of the device has a retired id",
        }
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for DeviceError {}

impl Device {
    /// Describes `version` of `model` by its channels.
    ///
    /// # Panics
    ///
    /// Panics where two channels share an id or a name. In a `const` that is a compile error,
    /// which is the intended use:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    /// const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const DAMP: Channel = Channel::new(ChannelId(1), "damp", Quantity::RelativeHumidity, -1);
    /// const STATION: Device = Device::new("weather", 1, &[AIR, DAMP]);
    /// ```
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn new(model: &'static str, version: u16, channels: &'static [Channel]) -> Self {
        match Self::try_new(model, version, channels) {
            Ok(device) => device,
            Err(error) => panic!("{}", error.text()),
        }
    }

    /// Describes `version` of `model` by its channels.
    ///
    /// # Errors
    ///
    /// Returns [`DeviceError::SameId`] or [`DeviceError::SameName`] where two channels share one.
    pub const fn try_new(
        model: &'static str,
        version: u16,
        channels: &'static [Channel],
    ) -> Result<Self, DeviceError> {
        let mut rest = channels;
        while let [channel, tail @ ..] = rest {
            let mut others = tail;
            while let [other, tail @ ..] = others {
                if channel.id().0 == other.id().0 {
                    return Err(DeviceError::SameId);
                }
                if same(channel.name(), other.name()) {
                    return Err(DeviceError::SameName);
                }
                others = tail;
            }
            rest = tail;
        }
        Ok(Self { model, version, channels, retired: &[] })
    }

    /// Lists the ids that channels of older versions had, and that no channel may have again.
    ///
    /// Frames of the old versions are still in queues and databases; a channel that took over an
    /// id would give their values another meaning. Retire a channel when the queues of its devices
    /// have drained: a table without it has no name, unit and bits for the values that are left.
    ///
    /// # Panics
    ///
    /// Panics where a channel has a retired id, and where an id is listed twice. In a `const` that
    /// is a compile error, which is the intended use:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    /// const DAMP: Channel = Channel::new(ChannelId(2), "damp", Quantity::RelativeHumidity, -1);
    /// const STATION: Device = Device::new("weather", 2, &[DAMP]).with_retired(&[ChannelId(2)]);
    /// ```
    #[must_use]
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn with_retired(self, retired: &'static [ChannelId]) -> Self {
        match self.try_with_retired(retired) {
            Ok(device) => device,
            Err(error) => panic!("{}", error.text()),
        }
    }

    /// Lists the ids that channels of older versions had, and that no channel may have again.
    ///
    /// # Errors
    ///
    /// Returns [`DeviceError::RetiredId`] where a channel has a retired id, and
    /// [`DeviceError::SameId`] where an id is listed twice.
    pub const fn try_with_retired(
        mut self,
        retired: &'static [ChannelId],
    ) -> Result<Self, DeviceError> {
        let mut rest = retired;
        while let [id, tail @ ..] = rest {
            if self.find(*id).is_some() {
                return Err(DeviceError::RetiredId);
            }
            if contains(tail, *id) {
                return Err(DeviceError::SameId);
            }
            rest = tail;
        }
        self.retired = retired;
        Ok(self)
    }

    /// Returns the name of the model.
    pub const fn model(&self) -> &'static str {
        self.model
    }

    /// Returns the version of the table; a change of any channel raises it.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// Returns the channels, in the order of the table.
    pub const fn channels(&self) -> &'static [Channel] {
        self.channels
    }

    /// Returns the ids that were used once and must not be used again.
    pub const fn retired(&self) -> &'static [ChannelId] {
        self.retired
    }

    /// Returns the channel with an id.
    pub fn channel(&self, id: ChannelId) -> Option<&'static Channel> {
        self.channels.iter().find(|channel| channel.id() == id)
    }

    /// Returns the channel with a SenML name.
    pub fn channel_named(&self, name: &str) -> Option<&'static Channel> {
        self.channels.iter().find(|channel| channel.name() == name)
    }

    /// Does what [`channel`](Self::channel) does, in a constant.
    const fn find(&self, id: ChannelId) -> Option<&'static Channel> {
        let mut rest = self.channels;
        while let [channel, tail @ ..] = rest {
            if channel.id().0 == id.0 {
                return Some(channel);
            }
            rest = tail;
        }
        None
    }
}

const fn contains(ids: &[ChannelId], id: ChannelId) -> bool {
    let mut rest = ids;
    while let [other, tail @ ..] = rest {
        if other.0 == id.0 {
            return true;
        }
        rest = tail;
    }
    false
}

/// Compares two texts in a constant.
const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([a, left_tail @ ..], [b, right_tail @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (left_tail, right_tail);
    }
    left.is_empty() && right.is_empty()
}
