//! A frame into values.

use core::iter::FusedIterator;

use sundew_units::{ChannelId, Quality};

use super::{
    MAX_ROWS,
    column::{Cursor, is_filled},
    frame::Form,
};
use crate::{
    Entry, Error, FIRST_ABSOLUTE, Origin,
    bits::BitReader,
    cbor::{Reader, major},
    record::quality,
};

/// Reads the head of a frame: all but the values.
///
/// Items behind the fifth of the frame are of a later version, and passed over. Indefinite lengths
/// are refused.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode(bytes: &[u8]) -> Result<Entries<'_>, Error> {
    let mut reader = Reader::new(bytes);
    Entries::open(&mut reader).ok_or(reader.fault)
}

/// Iterates over the values of a frame, channel by channel; ends after the first error.
///
/// At most [`MAX_ROWS`] values per channel come out, each after a bounded number of steps.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entries<'a> {
    schema: u16,
    rows: u16,
    form: Form,
    /// Holds where the time stands, for an error in it.
    time_position: usize,
    times: Cursor<'a>,
    origins: Option<(u16, Cursor<'a>)>,
    reader: Reader<'a>,
    channels_left: usize,
    marks: Reader<'a>,
    marks_left: usize,
    last: Option<u8>,
    /// Holds the column that is being read; at its end, `row` is `rows`.
    column: Column<'a>,
}

#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Column<'a> {
    channel: ChannelId,
    row: u16,
    /// Holds a bit for each row, 1 where it has the channel; `None` where all have it.
    presence: Option<BitReader<'a>>,
    values: Cursor<'a>,
    times: Cursor<'a>,
    sequences: Cursor<'a>,
    quality: Quality,
    /// Holds the next row with another quality, and that.
    change: Option<(u16, u8)>,
    changes: Reader<'a>,
    changes_left: usize,
}

impl<'a> Entries<'a> {
    /// Returns the number of the schema that the channels belong to.
    pub const fn schema(&self) -> u16 {
        self.schema
    }

    /// Returns the number of rows that the frame has.
    pub const fn rows(&self) -> u16 {
        self.rows
    }

    fn open(reader: &mut Reader<'a>) -> Option<Self> {
        let items = definite(reader, major::ARRAY)?;
        if items < 3 {
            return reader.syntax();
        }
        let schema = number(reader)?;
        let time_position = reader.position();
        let (form, rows, times) = times(reader)?;

        let mut values = reader.clone();
        reader.skip()?;
        let mut origins = None;
        if items > 3 {
            reader.head()?;
            if reader.major != major::SIMPLE {
                origins = Some(origin(reader, rows)?);
            } else if reader.information != 22 || items == 4 {
                return reader.syntax();
            }
        }
        let mut marks = reader.clone();
        let mut marks_left = 0;
        if items > 4 {
            reader.skip()?;
        }
        for _ in 5..items {
            reader.skip()?;
        }
        if !reader.is_at_end() {
            reader.start = reader.position();
            return reader.syntax();
        }
        // What follows was passed over once, so that only its kind can be wrong.
        let Some(channels_left) = definite(&mut values, major::MAP) else {
            return fail(reader, &values);
        };
        if items > 4 {
            let Some(count) = filled_map(&mut marks) else { return fail(reader, &marks) };
            marks_left = count;
        }
        let changes = marks.clone();
        Some(Self {
            schema,
            rows,
            form,
            time_position,
            origins,
            reader: values,
            channels_left,
            marks,
            marks_left,
            last: None,
            column: Column {
                channel: ChannelId(0),
                row: rows,
                presence: None,
                values: times.clone(),
                times: times.clone(),
                sequences: times.clone(),
                quality: Quality::Good,
                change: None,
                changes,
                changes_left: 0,
            },
            times,
        })
    }

    /// Starts the next channel; `None` on a fault.
    fn start_channel(&mut self) -> Option<()> {
        let reader = &mut self.reader;
        let id = key(reader, self.last)?;
        self.last = Some(id);
        reader.head()?;
        let mut presence = None;
        let mut count = self.rows;
        if reader.major == major::ARRAY && self.rows > 1 {
            if reader.count()? != 2 || reader.is_indefinite() {
                return reader.syntax();
            }
            reader.expect(major::BYTES)?;
            let bits = reader.content()?;
            if !is_filled(bits, usize::from(self.rows)) {
                return reader.syntax();
            }
            // Some of the rows and not all of them.
            count = bits.iter().map(|byte| byte.count_ones() as u16).sum();
            if count == 0 || count >= self.rows {
                return reader.syntax();
            }
            presence = Some(BitReader::new(bits));
            reader.head()?;
        }
        self.column.values = Cursor::values(reader, count)?;
        self.column.channel = ChannelId(id);
        self.column.row = 0;
        self.column.presence = presence;
        self.column.times = self.times.clone();
        if let Some((_, sequences)) = &self.origins {
            self.column.sequences = sequences.clone();
        }
        Some(())
    }

    /// Starts the qualities of the channel; `None` on a fault.
    fn start_qualities(&mut self) -> Option<()> {
        let column = &mut self.column;
        column.quality = Quality::Good;
        column.change = None;
        column.changes_left = 0;
        if self.marks_left == 0 {
            return Some(());
        }
        let mut ahead = self.marks.clone();
        let Some(id) = byte(&mut ahead) else { return fail(&mut self.marks, &ahead) };
        if id > column.channel.0 {
            return Some(());
        }
        self.marks = ahead;
        if id < column.channel.0 {
            return self.marks.syntax(); // no channel of the frame, or not in order
        }
        self.marks_left -= 1;
        self.marks.head()?;
        if self.marks.major == major::ARRAY && self.rows > 1 {
            if self.marks.is_indefinite() {
                return self.marks.unsupported();
            }
            let items = self.marks.count()?;
            if items == 0 || items % 2 != 0 {
                return self.marks.syntax();
            }
            column.changes = self.marks.clone();
            column.changes_left = items;
            for _ in 0..items {
                self.marks.skip()?;
            }
            return column.next_change(self.rows, None);
        }
        column.quality = mark(&mut self.marks)?;
        Some(())
    }

    fn step(&mut self) -> Result<Option<Entry>, Error> {
        loop {
            if self.column.row >= self.rows {
                let Some(left) = self.channels_left.checked_sub(1) else {
                    if self.marks_left == 0 {
                        return Ok(None);
                    }
                    return Err(Error::Syntax { position: self.marks.position() });
                };
                self.channels_left = left;
                self.start_channel().ok_or(self.reader.fault)?;
                if self.start_qualities().is_none() {
                    let changes = self.column.changes_left > 0;
                    return Err(if changes { self.column.changes.fault } else { self.marks.fault });
                }
            }
            if let Some(entry) = self.row()? {
                return Ok(Some(entry));
            }
        }
    }

    /// Takes the next row of the column.
    fn row(&mut self) -> Result<Option<Entry>, Error> {
        let column = &mut self.column;
        let row = column.row;
        if let Some((changed, number)) = column.change
            && changed == row
        {
            column.quality = quality(number);
            column.next_change(self.rows, column.change).ok_or(column.changes.fault)?;
        }
        let is_present = match &mut column.presence {
            Some(bits) => bits.take(1) == Some(1),
            None => true,
        };
        let entry = if is_present {
            let time = self.form.time(column.times.number);
            let time = time.ok_or(Error::Range { position: self.time_position })?;
            let origin = self.origins.as_ref();
            let origin = origin.map(|(boot, _)| Origin::new(*boot, column.sequences.number));
            let mantissa = column.values.number as i32;
            column.values.advance();
            Some(Entry { channel: column.channel, mantissa, quality: column.quality, time, origin })
        } else {
            None
        };
        column.times.advance();
        column.sequences.advance();
        column.row += 1;
        Ok(entry)
    }
}

impl Column<'_> {
    /// Reads the next change of quality, which must be behind the last one.
    fn next_change(&mut self, rows: u16, last: Option<(u16, u8)>) -> Option<()> {
        let reader = &mut self.changes;
        self.change = None;
        let Some(left) = self.changes_left.checked_sub(2) else { return Some(()) };
        let row: u16 = number(reader)?;
        if row >= rows {
            return reader.range();
        }
        if last.is_some_and(|(last, _)| last >= row) {
            return reader.syntax();
        }
        let quality = byte(reader)?;
        // A change is one: to another number, and at first to one that is not good.
        if quality == last.map_or(0, |(_, quality)| quality) {
            return reader.syntax();
        }
        self.change = Some((row, quality));
        self.changes_left = left;
        Some(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step().transpose();
        if matches!(next, Some(Err(_))) {
            self.column.row = self.rows;
            self.channels_left = 0;
            self.marks_left = 0;
        }
        next
    }
}

impl FusedIterator for Entries<'_> {}

/// Reads form, number and cursor of the times.
fn times<'a>(reader: &mut Reader<'a>) -> Option<(Form, u16, Cursor<'a>)> {
    reader.head()?;
    let (form, first) = match reader.major {
        major::ARRAY if reader.is_indefinite() => return reader.unsupported(),
        major::ARRAY => match reader.count()? {
            1 => (Form::SinceBoot, reader.unsigned()?),
            3 => return batch_times(reader),
            _ => return reader.syntax(),
        },
        _ => seconds(reader)?,
    };
    Some((form, 1, Cursor::even(first, 0)))
}

fn batch_times<'a>(reader: &mut Reader<'a>) -> Option<(Form, u16, Cursor<'a>)> {
    reader.head()?;
    let (form, first) = if reader.major == major::ARRAY && reader.low == 1 && reader.high == 0 {
        (Form::SinceBoot, reader.unsigned()?)
    } else {
        seconds(reader)?
    };
    let rows = number(reader)?;
    match rows {
        0 | 1 => reader.syntax(),
        2..=MAX_ROWS => Some((form, rows, Cursor::steps(reader, first, rows)?)),
        _ => reader.range(),
    }
}

/// Takes the Unix seconds, or those from now, whose head was read.
fn seconds(reader: &mut Reader<'_>) -> Option<(Form, u32)> {
    match reader.major {
        major::UNSIGNED if reader.high == 0 && reader.low >= FIRST_ABSOLUTE => {
            Some((Form::Unix, reader.low))
        }
        major::UNSIGNED | major::NEGATIVE => match reader.integer() {
            Some(seconds) => Some((Form::FromNow, seconds as u32)),
            None => reader.range(),
        },
        _ => reader.syntax(),
    }
}

/// Reads boot and sequences from the array whose head was read.
fn origin<'a>(reader: &mut Reader<'a>, rows: u16) -> Option<(u16, Cursor<'a>)> {
    if reader.major != major::ARRAY {
        return reader.syntax();
    }
    if reader.is_indefinite() {
        return reader.unsupported();
    }
    let items = reader.count()?;
    if items != 2 && (items != 3 || rows < 2) {
        return reader.syntax();
    }
    let boot = number(reader)?;
    let first = reader.unsigned()?;
    if items == 2 {
        return Some((boot, Cursor::even(first, 1)));
    }
    let sequences = Cursor::steps(reader, first, rows)?;
    if sequences.is_even(1) { reader.syntax() } else { Some((boot, sequences)) }
}

/// Reads a channel's id as a key: in ascending order, and none twice.
fn key(reader: &mut Reader<'_>, last: Option<u8>) -> Option<u8> {
    let id = byte(reader)?;
    if last.is_some_and(|last| last >= id) { reader.syntax() } else { Some(id) }
}

/// Takes the quality whose head was read; good is left out, so that it is a fault here.
fn mark(reader: &mut Reader<'_>) -> Option<Quality> {
    if reader.major != major::UNSIGNED {
        return reader.syntax();
    }
    match u8::try_from(reader.low) {
        Ok(0) => reader.syntax(),
        Ok(number) if reader.high == 0 => Some(quality(number)),
        _ => reader.range(),
    }
}

pub(super) fn number(reader: &mut Reader<'_>) -> Option<u16> {
    match u16::try_from(reader.unsigned()?) {
        Ok(number) => Some(number),
        Err(_) => reader.range(),
    }
}

pub(super) fn byte(reader: &mut Reader<'_>) -> Option<u8> {
    match u8::try_from(reader.unsigned()?) {
        Ok(number) => Some(number),
        Err(_) => reader.range(),
    }
}

/// Reads the head of an array or a map of definite length, and returns the number of entries.
pub(super) fn definite(reader: &mut Reader<'_>, major: u8) -> Option<usize> {
    reader.expect(major)?;
    if reader.is_indefinite() { reader.unsupported() } else { reader.count() }
}

/// Reads the head of a map that is left out where it is empty.
fn filled_map(reader: &mut Reader<'_>) -> Option<usize> {
    let count = definite(reader, major::MAP)?;
    if count == 0 { reader.syntax() } else { Some(count) }
}

/// Takes over the fault of another reader.
fn fail<T>(reader: &mut Reader<'_>, other: &Reader<'_>) -> Option<T> {
    reader.fault = other.fault;
    None
}
