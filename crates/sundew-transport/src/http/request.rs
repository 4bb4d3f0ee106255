//! The request.

use super::{ETag, RequestError};

/// Asks a server for some bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    host: &'a str,
    path: &'a str,
    pub(super) start: u32,
    pub(super) last: u32,
    pub(super) etag: Option<ETag>,
}

impl<'a> Request<'a> {
    /// Asks for `length` bytes from `start` on, or as many as there are.
    ///
    /// # Errors
    ///
    /// Returns [`RequestError`] where host or path have bytes that would end the line, or the range is
    /// empty or passes 2^32.
    pub fn new(
        host: &'a str,
        path: &'a str,
        start: u32,
        length: u32,
    ) -> Result<Self, RequestError> {
        let is_visible = |text: &str| text.bytes().all(|byte| matches!(byte, 0x21..=0x7E));
        if host.is_empty() || !is_visible(host) {
            return Err(RequestError::Host);
        }
        if !path.starts_with('/') || !is_visible(path) {
            return Err(RequestError::Path);
        }
        let last = length.checked_sub(1).and_then(|length| start.checked_add(length));
        let last = last.ok_or(RequestError::Range)?;
        Ok(Self { host, path, start, last, etag: None })
    }

    /// Asks for them only as long as the file is the one that was marked so.
    #[must_use]
    pub const fn unchanged(mut self, etag: ETag) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Writes the request and returns its length.
    ///
    /// # Errors
    ///
    /// Returns [`RequestError::NoRoom`] where `out` is too small; host, path and 61 bytes are enough, and
    /// with an entity tag 12 bytes and the tag more.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, RequestError> {
        let mut writer = Writer { out, length: 0 };
        writer.put(b"GET ")?;
        writer.put(self.path.as_bytes())?;
        writer.put(b" HTTP/1.1\r\nHost: ")?;
        writer.put(self.host.as_bytes())?;
        writer.put(b"\r\nRange: bytes=")?;
        writer.number(self.start)?;
        writer.put(b"-")?;
        writer.number(self.last)?;
        if let Some(etag) = &self.etag {
            writer.put(b"\r\nIf-Match: ")?;
            writer.put(etag.as_bytes())?;
        }
        writer.put(b"\r\n\r\n")?;
        Ok(writer.length)
    }
}

struct Writer<'a> {
    out: &'a mut [u8],
    length: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), RequestError> {
        let room = self.out.get_mut(self.length..).and_then(|rest| rest.get_mut(..bytes.len()));
        let room = room.ok_or(RequestError::NoRoom)?;
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.length += bytes.len();
        Ok(())
    }

    fn number(&mut self, mut number: u32) -> Result<(), RequestError> {
        let mut digits = [b'0'; 10];
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            used += 1;
            if number == 0 {
                break;
            }
        }
        self.put(digits.get(10 - used..).unwrap_or_default())
    }
}
