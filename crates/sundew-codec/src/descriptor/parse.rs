//! Reads descriptors.

use sundew_units::ChannelId;

use super::write::FORMAT;
use super::{Described, Reading, crc32, items::Items};
use crate::cbor::major;
use crate::tiny::{Field, Layout};
use crate::{Entry, Error, senml::Text};

/// Holds a descriptor that was read: all that a decoder needs to know of a device.
///
/// What is asked of it is read from the bytes again; it holds no table of its own, so that it takes
/// the same few words for any number of channels.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Descriptor<'a> {
    bytes: &'a [u8],
    model: Text<'a>,
    version: u16,
    /// Holds the bytes from the first channel on.
    channels: &'a [u8],
    channel_count: usize,
    /// Holds the bytes from the first retired id on.
    retired: &'a [u8],
    retired_count: usize,
}

impl<'a> Descriptor<'a> {
    /// Reads a descriptor and checks all of it, so that nothing that is asked of it later can fail.
    ///
    /// # Errors
    ///
    /// Returns an error that names the byte: bytes that are cut short, another format or a kind of
    /// a later version, a number out of its range, a second spelling of what has one, a missing
    /// field, an id or a name that stands twice, or a retired id in use.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut items = Items::new(bytes);
        let mut parsed = Self {
            bytes,
            model: Text::default(),
            version: 0,
            channels: &[],
            channel_count: 0,
            retired: &[],
            retired_count: 0,
        };
        match parsed.read(&mut items) {
            Some(()) => Ok(parsed),
            None => Err(items.0.fault),
        }
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the hash of the bytes.
    pub const fn hash(&self) -> u32 {
        crc32(self.bytes)
    }

    /// Returns the name of the model.
    pub const fn model(&self) -> Text<'a> {
        self.model
    }

    /// Returns the version of the table.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// Returns the channels, in the order of the table.
    pub fn channels(&self) -> impl Iterator<Item = Described<'a>> + Clone + use<'a> {
        let mut items = Items::new(self.channels);
        (0..self.channel_count).map_while(move |_| items.channel())
    }

    /// Returns the channel with an id.
    pub fn channel(&self, id: ChannelId) -> Option<Described<'a>> {
        self.channels().find(|channel| channel.id == id)
    }

    /// Returns the channel with a SenML name.
    pub fn channel_named(&self, name: &str) -> Option<Described<'a>> {
        self.channels().find(|channel| channel.name == name)
    }

    /// Returns the ids that were used once and must not be used again.
    pub fn retired(&self) -> impl Iterator<Item = ChannelId> + Clone + use<'a> {
        let mut items = Items::new(self.retired);
        (0..self.retired_count).map_while(move |_| items.id())
    }

    /// Returns what a value of a frame means; `None` where the table does not have its channel.
    pub fn reading(&self, entry: &Entry) -> Option<Reading<'a>> {
        self.channel(entry.channel).map(|channel| Reading::new(channel, entry))
    }

    fn read(&mut self, items: &mut Items<'a>) -> Option<()> {
        let entries = items.container(major::MAP)?;
        let mut last = None;
        let mut seen = 0;
        for _ in 0..entries {
            match items.key(&mut last)? {
                0 => {
                    if items.unsigned(u32::MAX)? != FORMAT {
                        return items.0.unsupported();
                    }
                }
                1 => {
                    self.model = Text(items.text()?);
                    if self.model.as_str().is_err() {
                        return items.0.syntax();
                    }
                }
                2 => self.version = items.unsigned(0xFFFF)? as u16,
                3 => self.read_channels(items)?,
                4 => self.read_retired(items)?,
                _ => {
                    items.0.skip()?;
                    continue;
                }
            }
            seen += 1;
        }
        // Keys rise, so four known ones that are not the retired ids are the four that must be there.
        let has_all = seen == 4 && self.retired_count == 0 || seen == 5;
        if !has_all {
            items.0.start = 0;
            return items.0.syntax();
        }
        if !items.0.is_at_end() {
            items.0.start = items.0.position();
            return items.0.syntax();
        }
        Some(())
    }

    fn read_channels(&mut self, items: &mut Items<'a>) -> Option<()> {
        let count = items.container(major::ARRAY)?;
        self.channels = self.bytes.get(items.0.position()..)?;
        for _ in 0..count {
            let channel = items.channel()?;
            let is_taken =
                |other: Described<'_>| other.id == channel.id || other.name == channel.name;
            if self.channels().any(is_taken) {
                return items.0.syntax();
            }
            self.channel_count += 1;
        }
        Some(())
    }

    fn read_retired(&mut self, items: &mut Items<'a>) -> Option<()> {
        let count = items.container(major::ARRAY)?;
        if count == 0 {
            return items.0.syntax();
        }
        self.retired = self.bytes.get(items.0.position()..)?;
        for _ in 0..count {
            let id = items.id()?;
            if self.channel(id).is_some() || self.retired().any(|other| other == id) {
                return items.0.syntax();
            }
            self.retired_count += 1;
        }
        Some(())
    }
}

impl Layout for Descriptor<'_> {
    fn schema(&self) -> u16 {
        self.version()
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        let channel = self.channel(channel)?;
        Some(Field::new(channel.low, channel.bits))
    }
}
