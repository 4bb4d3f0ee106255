//! CBOR in the one form that is accepted: deterministic, as in RFC 8949 section 4.2.1.
//!
//! A general decoder takes more than one form of the same value; two devices, or a device and the
//! tool that made the message, may then read two things in it. It is also larger: this reads what
//! the crate's own formats have, and no floats.

use crate::{Fault, Malformed};

pub(crate) const UNSIGNED: u8 = 0;
pub(crate) const NEGATIVE: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;
pub(crate) const TAG: u8 = 6;
pub(crate) const SIMPLE: u8 = 7;

/// The argument of the simple value null.
const NULL: u32 = 22;
/// How deep arrays and maps of unknown meaning may lie in each other.
const DEEPEST: u8 = 4;

/// Reads item by item. After an error it stays where it was seen.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Names an entry of a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Number(i32),
    /// A text, which nothing here is named by.
    Text,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    pub(crate) const fn malformed(&self, fault: Fault) -> Malformed {
        Malformed { fault, position: self.at }
    }

    /// Goes to where another reader of the same bytes is.
    pub(crate) fn go_to(&mut self, other: &Self) {
        self.at = other.at;
    }

    /// Returns the bytes since `start`.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&self) -> Result<(), Fault> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(Fault::Trailing) }
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or(Fault::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    /// Reads the begin of an item: its major type and its argument.
    pub(crate) fn head(&mut self) -> Result<(u8, u32), Fault> {
        let first = self.byte()?;
        let (major, short) = (first >> 5, first & 0x1F);
        let (width, least) = match short {
            0..24 => return Ok((major, u32::from(short))),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => return Err(Fault::Range),
            31 => return Err(Fault::Indefinite),
            _ => return Err(Fault::Type),
        };
        if major == SIMPLE {
            return Err(Fault::Type);
        }
        let mut argument = 0;
        for _ in 0..width {
            argument = argument << 8 | u32::from(self.byte()?);
        }
        if argument < least { Err(Fault::NotShortest) } else { Ok((major, argument)) }
    }

    /// Reads the begin of an item that must be of one type, and returns its argument.
    pub(crate) fn expect(&mut self, major: u8) -> Result<u32, Fault> {
        match self.head()? {
            (found, argument) if found == major => Ok(argument),
            _ => Err(Fault::Type),
        }
    }

    pub(crate) fn number(&mut self) -> Result<i32, Fault> {
        let (major, argument) = self.head()?;
        match major {
            UNSIGNED => i32::try_from(argument).map_err(|_| Fault::Range),
            NEGATIVE => i32::try_from(argument).map(|it| -1 - it).map_err(|_| Fault::Range),
            _ => Err(Fault::Type),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let len = self.expect(BYTES)?;
        self.take(len)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        let len = self.expect(TEXT)?;
        core::str::from_utf8(self.take(len)?).map_err(|_| Fault::NotText)
    }

    /// Reads a byte string or null.
    pub(crate) fn bytes_or_null(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match self.head()? {
            (BYTES, len) => self.take(len).map(Some),
            (SIMPLE, NULL) => Ok(None),
            _ => Err(Fault::Type),
        }
    }

    /// Reads a byte string whose content is CBOR: returns a reader of it, whose positions are those
    /// in all the bytes.
    pub(crate) fn nested(&mut self) -> Result<Self, Fault> {
        let len = self.expect(BYTES)?;
        let start = self.at;
        self.take(len)?;
        Ok(Self { bytes: self.bytes.get(..self.at).unwrap_or_default(), at: start })
    }

    /// Reads the key of the next entry of a map; `last` holds the one before, encoded.
    pub(crate) fn label(&mut self, last: &mut &'a [u8]) -> Result<Label, Fault> {
        let start = self.at;
        let label = match self.head()? {
            (TEXT, len) => self.take(len).map(|_| Label::Text)?,
            (UNSIGNED, argument) => {
                Label::Number(i32::try_from(argument).map_err(|_| Fault::Range)?)
            }
            (NEGATIVE, argument) => {
                Label::Number(i32::try_from(argument).map(|it| -1 - it).map_err(|_| Fault::Range)?)
            }
            _ => return Err(Fault::Type),
        };
        self.in_order(start, last)?;
        Ok(label)
    }

    /// Passes over an item of unknown meaning, which must be in the one form all the same.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        self.skip_within(DEEPEST)
    }

    fn skip_within(&mut self, depth: u8) -> Result<(), Fault> {
        let (major, argument) = self.head()?;
        let deeper = || depth.checked_sub(1).ok_or(Fault::Depth);
        match major {
            UNSIGNED | NEGATIVE => Ok(()),
            // Nobody reads such a text, and to check it costs an AVR 256 bytes of RAM.
            BYTES | TEXT => self.take(argument).map(drop),
            ARRAY => {
                let depth = deeper()?;
                (0..argument).try_for_each(|_| self.skip_within(depth))
            }
            MAP => {
                let depth = deeper()?;
                let mut last = [].as_slice();
                (0..argument).try_for_each(|_| {
                    let start = self.at;
                    self.skip_within(depth)?;
                    self.in_order(start, &mut last)?;
                    self.skip_within(depth)
                })
            }
            TAG => self.skip_within(deeper()?),
            // False, true and null; all others, floats among them, have no use here.
            _ if (20..=NULL).contains(&argument) => Ok(()),
            _ => Err(Fault::Type),
        }
    }

    fn in_order(&self, start: usize, last: &mut &'a [u8]) -> Result<(), Fault> {
        let key = self.since(start);
        if key == *last {
            return Err(Fault::Duplicate);
        }
        if key < *last {
            return Err(Fault::Order);
        }
        *last = key;
        Ok(())
    }

    fn take(&mut self, len: u32) -> Result<&'a [u8], Fault> {
        let len = usize::try_from(len).map_err(|_| Fault::Truncated)?;
        let end = self.at.checked_add(len).ok_or(Fault::Truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or(Fault::Truncated)?;
        self.at = end;
        Ok(taken)
    }
}

/// Holds the begin of an item.
pub(crate) struct Head {
    bytes: [u8; 5],
    len: u8,
}

impl Head {
    /// Writes the begin of an item in its shortest form.
    pub(crate) const fn new(major: u8, argument: u32) -> Self {
        let [a, b, c, d] = argument.to_be_bytes();
        let major = major << 5;
        match argument {
            0..24 => Self { bytes: [major + d, 0, 0, 0, 0], len: 1 },
            24..0x100 => Self { bytes: [major + 24, d, 0, 0, 0], len: 2 },
            0x100..0x1_0000 => Self { bytes: [major + 25, c, d, 0, 0], len: 3 },
            _ => Self { bytes: [major + 26, a, b, c, d], len: 5 },
        }
    }

    /// Writes a number.
    pub(crate) const fn number(number: i32) -> Self {
        if number < 0 {
            Self::new(NEGATIVE, !number as u32)
        } else {
            Self::new(UNSIGNED, number as u32)
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// Takes what is written.
pub(crate) trait Sink {
    fn take(&mut self, bytes: &[u8]);
}

/// Writes into a buffer; goes on counting where the buffer ends.
pub(crate) struct Front<'b> {
    buffer: &'b mut [u8],
    at: usize,
}

impl<'b> Front<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, at: 0 }
    }

    /// Returns how many bytes were written, or would have been.
    pub(crate) const fn len(&self) -> usize {
        self.at
    }
}

impl Sink for Front<'_> {
    fn take(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(target) = self.buffer.get_mut(self.at..end) {
            target.copy_from_slice(bytes);
        }
        self.at = end;
    }
}

/// Writes items.
pub(crate) struct Writer<'s> {
    sink: &'s mut dyn Sink,
}

impl<'s> Writer<'s> {
    pub(crate) const fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.sink.take(bytes);
    }

    pub(crate) fn head(&mut self, major: u8, argument: usize) {
        // What is longer fits in no buffer of a device.
        self.unsigned(major, u32::try_from(argument).unwrap_or(u32::MAX));
    }

    pub(crate) fn unsigned(&mut self, major: u8, argument: u32) {
        self.raw(Head::new(major, argument).as_bytes());
    }

    pub(crate) fn number(&mut self, number: i32) {
        self.raw(Head::number(number).as_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len());
        self.raw(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len());
        self.raw(text.as_bytes());
    }
}
