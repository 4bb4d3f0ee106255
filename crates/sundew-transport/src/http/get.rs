//! The answer, read as it comes.

use super::field::{self, Field};
use super::{ETag, Error, Request};

/// Holds the most bytes of an answer before its body.
pub const HEAD_BYTES: u16 = 8_192;

/// Reads the answer to a request, in pieces of any size.
///
/// Header lines that do not matter may be longer than the buffer for lines; those that do, and each
/// name, must fit: 128 bytes are enough for any strong entity tag.
///
/// *RAM*: the buffer, and 192 bytes on a 32-bit part.
#[derive(Debug)]
pub struct Get<'b> {
    start: u32,
    last: u32,
    etag: Option<ETag>,
    line: &'b mut [u8],
    filled: usize,
    overrun: bool,
    /// The byte before was a CR.
    returning: bool,
    head_bytes: u16,
    length: Option<u32>,
    range: Option<(u32, u32, u32)>,
    tag: Tag,
    keeps_open: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Status,
    Fields,
    Body(u32),
    Failed(Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Missing,
    /// One that marks nothing, because it is weak, too long or none.
    Weak,
    Strong(ETag),
}

/// Says what an answer brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Head {
    /// Holds where the body begins in the file.
    pub start: u32,
    /// Holds the bytes of the body: those that were asked for, fewer only where the file ends.
    pub length: u32,
    /// Holds the size of the file in bytes.
    pub total: u32,
    /// Marks the file's state, where the server has a strong mark for it.
    pub etag: Option<ETag>,
    /// Says whether the session can carry another request.
    pub keeps_open: bool,
}

/// Holds what came out of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<'i> {
    /// Holds how many of the bytes are dealt with.
    pub consumed: usize,
    /// Holds what they say; `None` where more are needed.
    pub event: Option<Event<'i>>,
}

/// Holds a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'i> {
    /// Is everything before the body, and it is what was asked for.
    Head(Head),
    /// Is the next part of the body.
    Body(&'i [u8]),
}

impl<'b> Get<'b> {
    /// Waits for the answer to `request`; `line` is for header lines.
    pub const fn new(request: &Request<'_>, line: &'b mut [u8]) -> Self {
        Self {
            start: request.start,
            last: request.last,
            etag: request.etag,
            line,
            filled: 0,
            overrun: false,
            returning: false,
            head_bytes: 0,
            length: None,
            range: None,
            tag: Tag::Missing,
            keeps_open: true,
            state: State::Status,
        }
    }

    /// Returns whether the whole body has come.
    pub fn is_done(&self) -> bool {
        self.state == State::Body(0)
    }

    /// Takes bytes of the answer; call it again with those that are not consumed.
    ///
    /// # Errors
    ///
    /// Returns [`Error`] for what is not the answer to the request, and then always the same. Of an answer
    /// that is not taken no body is handed out.
    pub fn receive<'i>(&mut self, input: &'i [u8]) -> Result<Received<'i>, Error> {
        let received = self.advance(input);
        if let Err(error) = received {
            self.state = State::Failed(error);
        }
        received
    }

    fn advance<'i>(&mut self, input: &'i [u8]) -> Result<Received<'i>, Error> {
        match self.state {
            State::Failed(error) => return Err(error),
            State::Body(0) if !input.is_empty() => return Err(Error::Surplus),
            State::Body(left) => {
                let here = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let body = input.get(..here).unwrap_or_default();
                self.state = State::Body(left - here as u32);
                let event = (here > 0).then_some(Event::Body(body));
                return Ok(Received { consumed: here, event });
            }
            State::Status | State::Fields => {}
        }
        for (index, byte) in input.iter().enumerate() {
            self.head_bytes += 1;
            if self.head_bytes > HEAD_BYTES {
                return Err(Error::HeadTooLong);
            }
            if self.push(*byte)?
                && let Some(head) = self.end_line()?
            {
                return Ok(Received { consumed: index + 1, event: Some(Event::Head(head)) });
            }
        }
        Ok(Received { consumed: input.len(), event: None })
    }

    /// Takes a byte of a line; returns whether it is the last.
    fn push(&mut self, byte: u8) -> Result<bool, Error> {
        let wrong = match self.state {
            State::Status => Error::BadStatusLine,
            _ => Error::BadField,
        };
        match byte {
            b'\n' if self.returning => {
                self.returning = false;
                return Ok(true);
            }
            _ if self.returning => return Err(wrong),
            b'\r' => self.returning = true,
            b'\t' | b' '..=0x7E | 0x80.. => match self.line.get_mut(self.filled) {
                Some(slot) => {
                    *slot = byte;
                    self.filled += 1;
                }
                None => self.overrun = true,
            },
            _ => return Err(wrong),
        }
        Ok(false)
    }

    /// Deals with a whole line; returns the head behind the last.
    fn end_line(&mut self) -> Result<Option<Head>, Error> {
        let line = self.line.get(..self.filled).unwrap_or_default();
        let overrun = core::mem::replace(&mut self.overrun, false);
        self.filled = 0;
        if self.state == State::Status {
            let status = status(line).ok_or(Error::BadStatusLine)?;
            return match (status, self.etag) {
                (206, _) => {
                    self.state = State::Fields;
                    Ok(None)
                }
                (412, Some(_)) => Err(Error::Changed),
                _ => Err(Error::Status(status)),
            };
        }
        if line.is_empty() {
            return self.head().map(Some);
        }
        let (field, value) = match field::split(line) {
            Some((Field::Other, _)) => return Ok(None),
            _ if overrun => return Err(Error::LineTooLong),
            split => split.ok_or(Error::BadField)?,
        };
        match field {
            Field::Length if self.length.is_some() => return Err(Error::Repeated),
            Field::Range if self.range.is_some() => return Err(Error::Repeated),
            Field::Tag if self.tag != Tag::Missing => return Err(Error::Repeated),
            Field::Length => self.length = Some(field::number(value).ok_or(Error::BadLength)?),
            Field::Range => self.range = Some(field::range(value).ok_or(Error::BadRange)?),
            Field::Tag => self.tag = ETag::new(value).map_or(Tag::Weak, Tag::Strong),
            Field::Encoding => return Err(Error::Encoded),
            Field::ContentEncoding if !value.eq_ignore_ascii_case(b"identity") => {
                return Err(Error::Encoded);
            }
            Field::Connection if field::names(value, b"close") => self.keeps_open = false,
            Field::ContentEncoding | Field::Connection | Field::Other => {}
        }
        Ok(None)
    }

    /// Holds what came against what was asked for.
    fn head(&mut self) -> Result<Head, Error> {
        let (first, last, total) = self.range.ok_or(Error::BadRange)?;
        let end = total.checked_sub(1).ok_or(Error::BadRange)?;
        if first != self.start || last < first || last != self.last.min(end) {
            return Err(Error::BadRange);
        }
        let length = (last - first).checked_add(1).filter(|length| self.length == Some(*length));
        let length = length.ok_or(Error::BadLength)?;
        let etag = match self.tag {
            Tag::Strong(etag) => Some(etag),
            Tag::Missing | Tag::Weak => None,
        };
        if self.etag.is_some() && etag != self.etag {
            return Err(Error::Changed);
        }
        self.state = State::Body(length);
        Ok(Head { start: first, length, total, etag, keeps_open: self.keeps_open })
    }
}

/// Returns the status of a first line (RFC 9112 section 4).
fn status(line: &[u8]) -> Option<u16> {
    let (digits, rest) = line.strip_prefix(b"HTTP/1.1 ")?.split_first_chunk::<3>()?;
    let status = field::number(digits)? as u16;
    matches!(rest, [] | [b' ', ..]).then_some(status)
}
