//! What comes down to a device, and what it says to it, in the profiles that know channel ids.

use sundew_units::ChannelId;

/// Holds a command: one channel is to take a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Command {
    /// Numbers the command; a second one with this number is the same one again.
    pub id: u32,
    /// Names the channel to set.
    pub channel: ChannelId,
    /// Holds the value in units of the channel's last decimal place.
    pub mantissa: i32,
    /// Holds the Unix seconds from which on the command is void.
    pub expires: Option<u32>,
}

impl Command {
    /// Holds a command that never expires.
    pub const fn new(id: u32, channel: ChannelId, mantissa: i32) -> Self {
        Self { id, channel, mantissa, expires: None }
    }

    /// Sets the Unix seconds from which on the command is void.
    #[must_use]
    pub const fn expiring(mut self, unix: u32) -> Self {
        self.expires = Some(unix);
        self
    }
}

/// Holds the result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Answer {
    /// Numbers the command.
    pub id: u32,
    /// Names the channel and the value it has taken; `None` where the command failed.
    pub value: Option<(ChannelId, i32)>,
    /// Holds 0 for a command that was carried out, else the number of an error.
    pub result: u16,
}

impl Answer {
    /// Says that a command was carried out.
    pub const fn done(id: u32, channel: ChannelId, mantissa: i32) -> Self {
        Self { id, value: Some((channel, mantissa)), result: 0 }
    }

    /// Says that a command failed; `result` is the number of the error, not 0.
    pub const fn failed(id: u32, result: u16) -> Self {
        Self { id, value: None, result }
    }
}
