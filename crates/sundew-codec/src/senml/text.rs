//! Text as packs carry it, checked only when it is used as text.

use core::fmt;

/// Holds the bytes of a text string.
///
/// Firmware compares names and units byte by byte, as RFC 8428 section 3 asks, and need not link
/// the check for UTF-8 (on AVR 0.4 KB of flash and a table of 256 bytes in RAM);
/// [`as_str`](Self::as_str) makes it.
///
/// ```
/// use sundew_codec::senml::Text;
/// let unit = Text::new("Cel");
/// assert_eq!(unit, "Cel");
/// assert_eq!(unit.as_str(), Ok("Cel"));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Text<'a>(pub(crate) &'a [u8]);

impl<'a> Text<'a> {
    /// Holds a text.
    pub const fn new(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    /// Returns the bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Returns the text.
    ///
    /// # Errors
    ///
    /// Returns an error where the sender wrote something else than UTF-8.
    pub const fn as_str(self) -> Result<&'a str, core::str::Utf8Error> {
        core::str::from_utf8(self.0)
    }

    /// Returns whether there is no byte.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Text<'_> {
    /// Writes the text, with U+FFFD for what is not UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// Holds the name of a record: a base that several records share, and the record's own part.
///
/// ```
/// use sundew_codec::senml::Name;
/// let name = Name::new("urn:dev:ow:10e2073a01080063:", "voltage");
/// assert_eq!(name, "urn:dev:ow:10e2073a01080063:voltage");
/// assert_eq!(name.to_string(), "urn:dev:ow:10e2073a01080063:voltage");
/// assert_eq!(name.own, "voltage");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Name<'a> {
    /// Holds what stands before [`own`](Self::own); empty where the pack has no base name.
    pub base: Text<'a>,
    /// Holds the record's own part.
    pub own: Text<'a>,
}

impl<'a> Name<'a> {
    /// Holds a name of two parts.
    pub const fn new(base: &'a str, own: &'a str) -> Self {
        Self { base: Text::new(base), own: Text::new(own) }
    }

    /// Returns whether there is no byte in either part.
    pub const fn is_empty(self) -> bool {
        self.base.is_empty() && self.own.is_empty()
    }

    fn bytes(&self) -> impl Iterator<Item = &u8> {
        self.base.0.iter().chain(self.own.0)
    }
}

/// Compares the whole names, wherever they are divided.
impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl PartialEq<str> for Name<'_> {
    fn eq(&self, other: &str) -> bool {
        self.bytes().eq(other.as_bytes())
    }
}

impl PartialEq<&str> for Name<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base, self.own)
    }
}
