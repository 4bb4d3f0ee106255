//! Descriptors of devices, read from what a user has at hand.

use sundew_codec::descriptor::{self, Described, Descriptor};

use crate::{Failure, input};

/// Returns the channel that a name of a pack means: behind the name of the device, which ends in a
/// colon or a slash, or alone.
pub(crate) fn channel_named<'a>(name: &str, descriptor: &Descriptor<'a>) -> Option<Described<'a>> {
    let is_own = |own: &str| {
        let device = name.strip_suffix(own);
        device.is_some_and(|device| device.is_empty() || device.ends_with([':', '/']))
    };
    descriptor
        .channels()
        .filter(|channel| is_own(&channel.name.to_string()))
        .max_by_key(|channel| channel.name.as_bytes().len())
}

/// Holds the bytes of a descriptor.
pub(crate) struct Schema(Vec<u8>);

impl Schema {
    /// Reads a descriptor from where `source` says.
    pub(crate) fn load(source: &str) -> Result<Self, Failure> {
        Self::from_bytes(input::bytes(source, input::Encoding::Auto)?)
    }

    /// Takes a descriptor as CBOR or JSON.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Self, Failure> {
        let bytes = if input::is_json(&bytes) {
            let json = str::from_utf8(&bytes).map_err(Failure::input)?;
            descriptor::from_json(json).map_err(Failure::input)?
        } else {
            bytes
        };
        Descriptor::parse(&bytes).map_err(|error| Failure::of(error, &bytes))?;
        Ok(Self(bytes))
    }

    /// Returns the descriptor.
    pub(crate) fn descriptor(&self) -> Result<Descriptor<'_>, Failure> {
        Descriptor::parse(&self.0).map_err(|error| Failure::of(error, &self.0))
    }
}
