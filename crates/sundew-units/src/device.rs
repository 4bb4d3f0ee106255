//! All channels of one model of device, as constant data.

use core::fmt;

use crate::{Channel, ChannelId};

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
}

/// Says why a table of channels describes no device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DeviceError {
    /// Reports two channels with one id.
    SameId,
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameId => f.write_str("two channels of the device share an id"),
        }
    }
}

impl core::error::Error for DeviceError {}

impl Device {
    /// Describes `version` of `model` by its channels.
    ///
    /// # Panics
    ///
    /// Panics where two channels share an id. In a `const` that is a compile error, which is the
    /// intended use:
    ///
    /// ```compile_fail
    /// use sundew_units::{Channel, ChannelId, Device, Quantity};
    /// const TWICE: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    /// const STATION: Device = Device::new("weather", 1, &[TWICE, TWICE]);
    /// ```
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn new(model: &'static str, version: u16, channels: &'static [Channel]) -> Self {
        match Self::try_new(model, version, channels) {
            Ok(device) => device,
            Err(DeviceError::SameId) => panic!("two channels of the device share an id"),
        }
    }

    /// Describes `version` of `model` by its channels.
    ///
    /// # Errors
    ///
    /// Returns [`DeviceError::SameId`] where two channels share an id.
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
                others = tail;
            }
            rest = tail;
        }
        Ok(Self { model, version, channels })
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

    /// Returns the channel with an id.
    pub fn channel(&self, id: ChannelId) -> Option<&'static Channel> {
        self.channels.iter().find(|channel| channel.id() == id)
    }

    /// Returns the channel with a SenML name.
    pub fn channel_named(&self, name: &str) -> Option<&'static Channel> {
        self.channels.iter().find(|channel| channel.name() == name)
    }
}
