//! Reads items from a slice.

use super::{DECIMAL_FRACTION, major};
use crate::Error;

/// Nests no deeper than this in fields that are skipped. SenML itself nests two levels; a limit
/// keeps the RAM of a skip at a few bytes, whatever a peer sends.
const DEPTH: usize = 8;

/// Holds the head of one item (RFC 8949 section 3).
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) major: u8,
    /// Holds the low five bits: 24 to 27 say how wide the argument is, 31 that the length is
    /// indefinite.
    pub(crate) information: u8,
    pub(crate) argument: u64,
    /// Holds where the item begins.
    pub(crate) position: usize,
}

impl Head {
    pub(crate) fn is_indefinite(&self) -> bool {
        self.information == 31
    }

    /// Returns an integer of either sign where it fits 32 bits.
    pub(crate) fn integer(&self) -> Option<i32> {
        let value = i32::try_from(self.argument).ok()?;
        match self.major {
            major::UNSIGNED => Some(value),
            major::NEGATIVE => Some(!value),
            _ => None,
        }
    }

    pub(crate) fn syntax(&self) -> Error {
        Error::Syntax { position: self.position }
    }

    pub(crate) fn range(&self) -> Error {
        Error::Range { position: self.position }
    }

    pub(crate) fn unsupported(&self) -> Error {
        Error::Unsupported { position: self.position }
    }
}

/// Says what ends a container that is being skipped.
#[derive(Clone, Copy)]
enum Open {
    Items(usize),
    /// Waits for a break, which may come only where `key` is next (in arrays, always).
    Array,
    Map {
        key_is_next: bool,
    },
    /// Holds the chunks of a string of one major type.
    Chunks(u8),
}

/// Reads from a slice and knows where it is.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    pub(crate) fn head(&mut self) -> Result<Head, Error> {
        let position = self.position;
        let first = self.byte()?;
        let (major, information) = (first >> 5, first & 0x1F);
        let mut argument = u64::from(information);
        match information {
            0..=23 => {}
            24..=27 => {
                argument = 0;
                for _ in 0..1_u8 << (information - 24) {
                    argument = argument << 8 | u64::from(self.byte()?);
                }
            }
            31 if matches!(major, 2..=5 | major::SIMPLE) => {}
            _ => return Err(Error::Syntax { position }),
        }
        Ok(Head { major, information, argument, position })
    }

    /// Takes a break where one is next (RFC 8949 section 3.2.1).
    pub(crate) fn take_break(&mut self) -> bool {
        let found = self.bytes.get(self.position) == Some(&0xFF);
        if found {
            self.position += 1;
        }
        found
    }

    /// Takes the content of a string whose head was read; an indefinite one is refused.
    pub(crate) fn content(&mut self, head: Head) -> Result<&'a [u8], Error> {
        if head.is_indefinite() {
            return Err(head.syntax());
        }
        let truncated = Error::Truncated { position: self.bytes.len() };
        let len = usize::try_from(head.argument).map_err(|_| truncated)?;
        let end = self.position.checked_add(len).ok_or(truncated)?;
        let content = self.bytes.get(self.position..end).ok_or(truncated)?;
        self.position = end;
        Ok(content)
    }

    /// Takes a string of one major type.
    pub(crate) fn string(&mut self, major: u8) -> Result<&'a [u8], Error> {
        let head = self.head()?;
        if head.major == major { self.content(head) } else { Err(head.syntax()) }
    }

    /// Takes an unsigned integer of at most 32 bits.
    pub(crate) fn unsigned(&mut self) -> Result<u32, Error> {
        let head = self.head()?;
        if head.major != major::UNSIGNED {
            return Err(head.syntax());
        }
        u32::try_from(head.argument).map_err(|_| head.range())
    }

    /// Takes exponent and mantissa of a decimal fraction whose tag was read.
    pub(crate) fn decimal(&mut self, tag: Head) -> Result<(i32, i8), Error> {
        if tag.argument != u64::from(DECIMAL_FRACTION) {
            return Err(tag.unsupported());
        }
        let array = self.head()?;
        let two = array.argument == 2 && !array.is_indefinite();
        if array.major != major::ARRAY || !(two || array.is_indefinite()) {
            return Err(array.syntax());
        }
        let exponent = self.head()?;
        let mantissa = self.head()?;
        for part in [exponent, mantissa] {
            if part.major > major::NEGATIVE {
                // Tags 2 and 3 make a mantissa of any length (RFC 8949 section 3.4.3).
                let big = part.major == major::TAG;
                return Err(if big { part.unsupported() } else { part.syntax() });
            }
        }
        if array.is_indefinite() && !self.take_break() {
            return Err(array.syntax());
        }
        let places = exponent.integer().and_then(|places| i8::try_from(places).ok());
        match (mantissa.integer(), places) {
            (Some(mantissa), Some(places)) => Ok((mantissa, places)),
            _ => Err(tag.range()),
        }
    }

    /// Passes over one item of any kind, with what is nested in it.
    pub(crate) fn skip(&mut self) -> Result<(), Error> {
        let mut stack = [Open::Items(0); DEPTH];
        let mut depth = 0_usize;
        let mut open = Open::Items(1);
        loop {
            let ended = match &mut open {
                Open::Items(0) => true,
                Open::Items(left) => {
                    *left -= 1;
                    false
                }
                Open::Array | Open::Chunks(_) => self.take_break(),
                Open::Map { key_is_next } => {
                    let ended = *key_is_next && self.take_break();
                    *key_is_next = !*key_is_next;
                    ended
                }
            };
            if ended {
                let Some(outer) = depth.checked_sub(1) else { return Ok(()) };
                depth = outer;
                open = stack.get(depth).copied().unwrap_or(Open::Items(0));
                continue;
            }
            let head = self.head()?;
            if let Open::Chunks(of) = open
                && (head.major != of || head.is_indefinite())
            {
                return Err(head.syntax());
            }
            if let Some(inner) = self.enter(head)? {
                *stack.get_mut(depth).ok_or(head.unsupported())? = open;
                depth += 1;
                open = inner;
            }
        }
    }

    /// Takes the rest of an item, or says what is nested in it.
    fn enter(&mut self, head: Head) -> Result<Option<Open>, Error> {
        let indefinite = head.is_indefinite();
        Ok(match head.major {
            major::BYTES | major::TEXT if indefinite => Some(Open::Chunks(head.major)),
            major::BYTES | major::TEXT => {
                self.content(head)?;
                None
            }
            major::ARRAY if indefinite => Some(Open::Array),
            major::MAP if indefinite => Some(Open::Map { key_is_next: true }),
            major::ARRAY => Some(Open::Items(self.count(head, 1)?)),
            major::MAP => Some(Open::Items(self.count(head, 2)?)),
            major::TAG => Some(Open::Items(1)),
            // A break outside of an indefinite item, or a simple value below 32 in two bytes.
            major::SIMPLE if indefinite || head.information == 24 && head.argument < 32 => {
                return Err(head.syntax());
            }
            _ => None,
        })
    }

    /// Returns the number of items in a container of definite length. Each takes a byte at least,
    /// so more items than bytes are left means that some are missing.
    pub(crate) fn count(&self, head: Head, items_per_entry: usize) -> Result<usize, Error> {
        let left = self.bytes.len().saturating_sub(self.position);
        usize::try_from(head.argument)
            .ok()
            .and_then(|entries| entries.checked_mul(items_per_entry))
            .filter(|items| *items <= left)
            .ok_or(Error::Truncated { position: self.bytes.len() })
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let position = self.position;
        let byte = self.bytes.get(position).ok_or(Error::Truncated { position })?;
        self.position += 1;
        Ok(*byte)
    }
}
