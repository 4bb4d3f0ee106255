//! The record's bytes.

use super::{DeviceRecord, Psk};
use crate::anchors::Anchors;
use crate::cbor::{Front, Label, MAP, Reader, Sink, UNSIGNED, Writer};
use crate::checksum::Crc32;
use crate::{Error, Fault};

const MAGIC: [u8; 4] = *b"SDID";
const VERSION: u16 = 2;
/// Magic, version, length, checksum.
pub(crate) const HEADER: usize = 12;

/// Stands before the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// The length in bytes of what follows.
    pub(crate) len: u16,
    pub(crate) checksum: u32,
}

impl Header {
    /// Computes the header of a record; `None` where that is longer than 65,535 bytes.
    pub(crate) fn of(record: &DeviceRecord<'_>) -> Option<Self> {
        let mut length = Front::new(&mut []);
        record.write(&mut length);
        let len = u16::try_from(length.len()).ok()?;
        let mut crc = Crc32::new();
        crc.take(&Self::front(len));
        record.write(&mut crc);
        Some(Self { len, checksum: crc.finish() })
    }

    const fn front(len: u16) -> [u8; 8] {
        let ([m0, m1, m2, m3], [v0, v1], [l0, l1]) =
            (MAGIC, VERSION.to_le_bytes(), len.to_le_bytes());
        [m0, m1, m2, m3, v0, v1, l0, l1]
    }

    pub(crate) const fn to_bytes(self) -> [u8; HEADER] {
        let [m0, m1, m2, m3, v0, v1, l0, l1] = Self::front(self.len);
        let [c0, c1, c2, c3] = self.checksum.to_le_bytes();
        [m0, m1, m2, m3, v0, v1, l0, l1, c0, c1, c2, c3]
    }

    pub(crate) fn parse<E>(image: &[u8]) -> Result<Self, Error<E>> {
        let (header, _) = image.split_first_chunk::<HEADER>().ok_or(Error::Corrupt)?;
        if *header == [0xFF; HEADER] || *header == [0; HEADER] {
            return Err(Error::NotProvisioned);
        }
        let [m0, m1, m2, m3, v0, v1, l0, l1, c0, c1, c2, c3] = *header;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(Error::Corrupt);
        }
        let len = u16::from_le_bytes([l0, l1]);
        match u16::from_le_bytes([v0, v1]) {
            VERSION => Ok(Self { len, checksum: u32::from_le_bytes([c0, c1, c2, c3]) }),
            found => Err(Error::Version { found }),
        }
    }

    /// Begins the checksum of what must follow.
    pub(crate) fn check(self) -> Crc32 {
        let mut crc = Crc32::new();
        crc.take(&Self::front(self.len));
        crc
    }
}

impl Sink for Crc32 {
    fn take(&mut self, bytes: &[u8]) {
        self.absorb(bytes);
    }
}

impl<'a> DeviceRecord<'a> {
    /// Writes the record, as flash holds it, to the front of `image` and returns its length in
    /// bytes.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where `image` is too short, or the record longer than 65,535
    /// bytes.
    pub fn encode<E>(&self, image: &mut [u8]) -> Result<usize, Error<E>> {
        let header = Header::of(self).ok_or(Error::TooLong { needed: usize::MAX })?;
        let room = image.len();
        let mut front = Front::new(image);
        front.take(&header.to_bytes());
        self.write(&mut front);
        let needed = front.len();
        if needed <= room { Ok(needed) } else { Err(Error::TooLong { needed }) }
    }

    /// Reads a record from the bytes that [`encode`](Self::encode) wrote; what follows them is
    /// ignored.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProvisioned`] where the bytes are erased, [`Error::Corrupt`] where they
    /// are something else or the checksum fails, and [`Error::Version`] and [`Error::Malformed`]
    /// where the record cannot be understood.
    pub fn decode<E>(image: &'a [u8]) -> Result<Self, Error<E>> {
        let header = Header::parse(image)?;
        let body = image.get(HEADER..).and_then(|rest| rest.get(..usize::from(header.len)));
        let body = body.ok_or(Error::Corrupt)?;
        let mut crc = header.check();
        crc.take(body);
        if crc.finish() != header.checksum {
            return Err(Error::Corrupt);
        }
        let mut reader = Reader::new(body);
        Self::read(&mut reader).map_err(|fault| Error::Malformed(reader.malformed(fault)))
    }

    /// Writes the record without its header.
    pub(crate) fn write(&self, sink: &mut dyn Sink) {
        let mut writer = Writer::new(sink);
        let texts = [(1, self.serial), (2, self.class), (3, self.server_name)];
        let psk = self.psk.unwrap_or(Psk { identity: &[], key: &[] });
        let bytes = [
            (6, self.psk.map(|psk| psk.identity)),
            (7, self.psk.map(|_| psk.key)),
            (8, Some(self.certificate).filter(|it| !it.is_empty())),
            (9, Some(self.private_key).filter(|it| !it.is_empty())),
            (10, Some(self.link_key).filter(|it| !it.is_empty())),
            (11, self.seed.map(<[u8; 32]>::as_slice)),
        ];
        let count = 3
            + texts.iter().filter(|(_, text)| !text.is_empty()).count()
            + usize::from(self.user.is_some())
            + usize::from(self.password.is_some())
            + bytes.iter().filter(|(_, bytes)| bytes.is_some()).count();
        writer.head(MAP, count);
        writer.number(0);
        writer.text(self.id);
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            writer.number(key);
            writer.text(text);
        }
        if let Some(user) = self.user {
            writer.number(4);
            writer.text(user);
        }
        if let Some(password) = self.password {
            writer.number(5);
            writer.bytes(password);
        }
        for (key, bytes) in bytes {
            if let Some(bytes) = bytes {
                writer.number(key);
                writer.bytes(bytes);
            }
        }
        writer.number(12);
        writer.unsigned(UNSIGNED, self.sequence);
        writer.number(13);
        writer.raw(self.anchors.as_bytes());
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let mut record = DeviceRecord::new("");
        let (mut identity, mut key) = (None, None);
        let (mut has_id, mut has_sequence, mut has_anchors) = (false, false, false);
        let mut last = [].as_slice();
        for _ in 0..reader.expect(MAP)? {
            let Label::Number(label) = reader.label(&mut last)? else {
                reader.skip()?;
                continue;
            };
            match label {
                0 => (record.id, has_id) = (reader.text()?, true),
                1 => record.serial = reader.text()?,
                2 => record.class = reader.text()?,
                3 => record.server_name = reader.text()?,
                4 => record.user = Some(reader.text()?),
                5 => record.password = Some(reader.bytes()?),
                6 => identity = Some(reader.bytes()?),
                7 => key = Some(reader.bytes()?),
                8 => record.certificate = reader.bytes()?,
                9 => record.private_key = reader.bytes()?,
                10 => record.link_key = reader.bytes()?,
                11 => {
                    let seed = reader.bytes()?.try_into().map_err(|_| Fault::Range)?;
                    record.seed = Some(seed);
                }
                12 => (record.sequence, has_sequence) = (reader.expect(UNSIGNED)?, true),
                13 => (record.anchors, has_anchors) = (Anchors::read(reader)?, true),
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        record.psk = match (identity, key) {
            (Some(identity), Some(key)) => Some(Psk { identity, key }),
            (None, None) => None,
            _ => return Err(Fault::Missing),
        };
        if has_id && has_sequence && has_anchors { Ok(record) } else { Err(Fault::Missing) }
    }
}
