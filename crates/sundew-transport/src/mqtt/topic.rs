//! Topic names, never assembled in RAM.

use super::ConfigError;

/// Holds a topic name in up to three pieces, so that none has to be put together in a buffer.
///
/// ```
/// use sundew_transport::mqtt::{ConfigError, DeviceId, Topic};
///
/// let id = DeviceId::new("greenhouse-7").unwrap();
/// assert!(id.readings().is(b"sundew/greenhouse-7/up"));
/// assert!(Topic::new("site/door").unwrap().is(b"site/door"));
/// assert_eq!(Topic::new("site/+"), Err(ConfigError::Topic));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Topic<'a>([&'a str; 3]);

impl<'a> Topic<'a> {
    /// Takes a whole topic name.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Topic`] for a name that is empty or longer than 65,535 bytes, or that
    /// has a wildcard or a NUL in it (sections 4.7.1 and 4.7.3).
    pub const fn new(name: &'a str) -> Result<Self, ConfigError> {
        if name.is_empty() || name.len() > u16::MAX as usize || has(name, b"+#\0") {
            return Err(ConfigError::Topic);
        }
        Ok(Self([name, "", ""]))
    }

    /// Returns whether this is the topic `name`.
    pub fn is(&self, name: &[u8]) -> bool {
        let rest = self.0.iter().try_fold(name, |rest, piece| rest.strip_prefix(piece.as_bytes()));
        rest == Some(b"")
    }

    pub(super) fn pieces(&self) -> &[&'a str; 3] {
        &self.0
    }

    pub(super) fn length(&self) -> usize {
        self.0.iter().map(|piece| piece.len()).sum()
    }

    pub(super) fn field_length(&self) -> u32 {
        2 + self.length() as u32
    }
}

/// Holds the name of a device, which is its client identifier and the middle of its topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeviceId<'a>(&'a str);

impl<'a> DeviceId<'a> {
    /// Is the longest name in bytes; it bounds the buffers.
    pub const MAX_LENGTH: usize = 64;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::DeviceId`] for a name that is empty, longer than
    /// [`MAX_LENGTH`](Self::MAX_LENGTH), or has a `+`, `#`, `/`, or control character in it: with
    /// one of them a device could speak on, or listen to, the topics of others.
    pub const fn new(id: &'a str) -> Result<Self, ConfigError> {
        let mut index = 0;
        let mut bytes = id.as_bytes();
        while let [first, rest @ ..] = bytes {
            if *first < b' ' || *first == 0x7F {
                return Err(ConfigError::DeviceId);
            }
            bytes = rest;
            index += 1;
        }
        if index == 0 || index > Self::MAX_LENGTH || has(id, b"+#/") {
            return Err(ConfigError::DeviceId);
        }
        Ok(Self(id))
    }

    /// Returns the name.
    pub const fn name(self) -> &'a str {
        self.0
    }

    /// Returns the topic that readings go up on: `sundew/<id>/up`.
    pub const fn readings(self) -> Topic<'a> {
        Topic(["sundew/", self.0, "/up"])
    }

    /// Returns the topic that commands come down on: `sundew/<id>/cmd`.
    pub const fn commands(self) -> Topic<'a> {
        Topic(["sundew/", self.0, "/cmd"])
    }

    /// Returns the topic that results of commands go up on: `sundew/<id>/res`.
    pub const fn results(self) -> Topic<'a> {
        Topic(["sundew/", self.0, "/res"])
    }

    /// Returns the topic that the device announces itself on: `sundew/<id>/birth`.
    pub const fn births(self) -> Topic<'a> {
        Topic(["sundew/", self.0, "/birth"])
    }
}

const fn has(text: &str, any_of: &[u8]) -> bool {
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        let mut wanted = any_of;
        while let [one, others @ ..] = wanted {
            if *first == *one {
                return true;
            }
            wanted = others;
        }
        bytes = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;

    #[test]
    fn a_device_cannot_name_itself_into_foreign_topics() {
        for bad in ["", "+", "#", "a/b", "a+", "x#", "a\0", "a\n", "\u{7f}"] {
            assert_eq!(DeviceId::new(bad), Err(ConfigError::DeviceId), "{bad:?}");
        }
        let longest = "x".repeat(DeviceId::MAX_LENGTH);
        assert!(DeviceId::new(&longest).is_ok());
        let longer = longest + "x";
        assert_eq!(DeviceId::new(&longer), Err(ConfigError::DeviceId));
        assert!(DeviceId::new("Ger\u{e4}t 7").is_ok());
    }

    #[test]
    fn topics_compare_whole() {
        let topic = DeviceId::new("d").unwrap().commands();
        assert_eq!(topic.pieces().iter().copied().collect::<String>(), "sundew/d/cmd");
        assert_eq!(topic.length(), 12);
        for (name, same) in [
            ("sundew/d/cmd", true),
            ("sundew/d/cmd/x", false),
            ("sundew/d/cm", false),
            ("sundew/dd/cmd", false),
            ("Sundew/d/cmd", false),
            ("", false),
        ] {
            assert_eq!(topic.is(name.as_bytes()), same, "{name}");
        }
    }

    #[test]
    fn bad_topics_are_refused() {
        let long = "t".repeat(65_536);
        for bad in ["", "a/#", "+/a", "a\0b", &long] {
            assert_eq!(Topic::new(bad), Err(ConfigError::Topic));
        }
    }
}
