//! Rows that wait until a frame is full.

use super::{
    MAX_ROWS,
    encode::write,
    frame::{Cells, Channels, Common, Repeats, gather},
};
use crate::{
    Error, Row,
    bits::{BitReader, BitWriter, un_zig_zag, zig_zag},
    cbor::Writer,
    record::Values,
};

/// Gathers rows until a frame is full.
///
/// A row takes as much of the buffer as its record, and 3 bytes or more for length, time and
/// sequence: 10 for temperature and humidity every hour. Each row that is added costs a run
/// through all that are there, for each channel.
#[derive(Debug)]
pub struct Batch<'b> {
    buffer: &'b mut [u8],
    limit: usize,
    common: Option<Common>,
    used: usize,
    count: u16,
    len: usize,
    /// Holds time and sequence of the last row.
    last: (u32, u32),
}

impl<'b> Batch<'b> {
    /// Starts a batch for a frame of `limit` bytes; `buffer` holds the rows until they are encoded.
    pub const fn new(buffer: &'b mut [u8], limit: usize) -> Self {
        Self { buffer, limit, common: None, used: 0, count: 0, len: 0, last: (0, 0) }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where the row fits neither the frame nor the buffer, or there are
    /// [`MAX_ROWS`] rows, [`Error::Range`] where it cannot stand in one frame with the others, or
    /// in none ([`encode`](super::encode()) says when), and the error of a malformed record. The
    /// batch is unchanged then. A row that is refused by an empty batch will be refused by any of
    /// this size.
    pub fn push(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let range = Error::Range { position: self.len };
        let (common, _) = Common::of(row).ok_or(range)?;
        let cells = Cells::of(row, Repeats::No).ok_or(range)?;
        let Cells { seconds, sequence, values, .. } = cells;
        if self.common.is_some_and(|own| own != common) {
            return Err(range);
        }
        let bytes = values.as_bytes();
        let mut writer = BitWriter::new(self.buffer, self.used);
        let repeats = gather(values.clone(), &mut Channels::default(), &mut Channels::default())?;
        writer.varint((bytes.len() as u32) << 1 | u32::from(repeats == Repeats::Possible));
        for (number, last) in [(seconds, self.last.0), (sequence, self.last.1)] {
            writer.varint(zig_zag(number.wrapping_sub(last) as i32));
        }
        writer.bytes(bytes);
        let used = writer.finish()?;
        let count = self.count.saturating_add(repeats.turns(&values));
        if count > MAX_ROWS {
            return Err(Error::Full { needed: self.limit.saturating_add(1) });
        }
        let mut counted = Writer::new(&mut [], 0);
        write(common, count, Staged::new(self.buffer, used, common), &mut counted)?;
        let len = counted.position();
        if len > self.limit {
            return Err(Error::Full { needed: len });
        }
        self.common = Some(common);
        self.used = used;
        self.count = count;
        self.len = len;
        self.last = (seconds, sequence);
        Ok(())
    }

    /// Returns the number of rows in the frame; a row that holds a channel twice counts as two.
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// Returns whether there is no row yet.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the number of bytes that [`encode`](Self::encode) will return; 0 where there is no
    /// row.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Forgets all rows.
    pub const fn clear(&mut self) {
        self.common = None;
        self.used = 0;
        self.count = 0;
        self.len = 0;
        self.last = (0, 0);
    }

    /// Encodes the rows into `frame` and returns the number of bytes, 0 where there is no row.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Full`] where `frame` is shorter than [`len`](Self::len).
    pub fn encode(&self, frame: &mut [u8]) -> Result<usize, Error> {
        let Some(common) = self.common else { return Ok(0) };
        let mut writer = Writer::new(frame, 0);
        let rows = Staged::new(self.buffer, self.used, common);
        write(common, self.count, rows, &mut writer)?;
        writer.finish()
    }
}

/// Iterates over staged rows: for each the length of its values, with the lowest bit saying whether
/// a channel is twice among them, its time and its sequence as
/// steps from the row before, and the values as they were.
#[derive(Clone)]
struct Staged<'a> {
    bytes: BitReader<'a>,
    schema: u16,
    last: (u32, u32),
}

impl<'a> Staged<'a> {
    fn new(buffer: &'a [u8], used: usize, common: Common) -> Self {
        let bytes = BitReader::new(buffer.get(..used).unwrap_or_default());
        Self { bytes, schema: common.schema, last: (0, 0) }
    }

    /// Reads a number as a step from the last one.
    fn step(&mut self, last: u32) -> Option<u32> {
        Some(last.wrapping_add(un_zig_zag(self.bytes.varint()?) as u32))
    }
}

impl<'a> Iterator for Staged<'a> {
    type Item = Cells<'a>;

    fn next(&mut self) -> Option<Cells<'a>> {
        let head = self.bytes.varint()?;
        let repeats = if head & 1 == 0 { Repeats::No } else { Repeats::Possible };
        let seconds = self.step(self.last.0)?;
        let sequence = self.step(self.last.1)?;
        self.last = (seconds, sequence);
        let values = Values::of(self.schema, self.bytes.slice((head >> 1) as usize)?);
        Some(Cells { seconds, sequence, turns: repeats.turns(&values), values })
    }
}
