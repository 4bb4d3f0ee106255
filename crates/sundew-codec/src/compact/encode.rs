//! Rows into a frame.

use sundew_units::{ChannelId, Quality};

use super::{
    MAX_ROWS,
    column::Survey,
    frame::{Cells, Channels, Common, Form, Repeats, gather},
};
use crate::{
    Error, Origin, Row,
    bits::{BitWriter, zig_zag},
    cbor::{Writer, major},
    record,
};

/// Holds `null`, where there is a quality but no origin.
const NULL: u32 = 22;

/// Encodes rows of one schema, and returns the number of bytes.
///
/// The rows are gone through a few times for each channel, so that no memory but `buffer` is
/// needed. [`Batch`](super::Batch) gathers rows until a frame is full. Of a row that holds a channel
/// twice, the second value travels as a further row of the same time and origin.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small, [`Error::Range`]
/// where the rows cannot stand in one frame or there is none, and the error of a malformed record.
/// They cannot where they differ in schema, in boot, in the form of time, or in whether they have
/// an origin at all; where there are more than [`MAX_ROWS`]; and where a time cannot be told,
/// absolute before 1978 or 8.5 years from now.
pub fn encode<'a>(
    rows: impl Iterator<Item = Row<'a>> + Clone,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    write_rows(rows, &mut writer)?;
    writer.finish()
}

/// Encodes one row, and returns the number of bytes: what [`encode`] does, in less flash.
///
/// # Errors
///
/// Returns the errors of [`encode`], and [`Error::Range`] where the row holds a channel twice, which
/// takes a frame of two rows.
pub fn encode_row(row: &Row<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    write_row(row, &mut writer)?;
    writer.finish()
}

/// Returns the bytes that [`encode`] would take, without encoding.
///
/// # Errors
///
/// Returns the errors of [`encode`] but [`Error::Full`].
pub fn len<'a>(rows: impl Iterator<Item = Row<'a>> + Clone) -> Result<usize, Error> {
    let mut writer = Writer::new(&mut [], 0);
    write_rows(rows, &mut writer)?;
    Ok(writer.position())
}

const RANGE: Error = Error::Range { position: 0 };

fn write_row(row: &Row<'_>, writer: &mut Writer<'_>) -> Result<(), Error> {
    let (common, seconds) = Common::of(row).ok_or(RANGE)?;
    let (mut count, mut marked) = (0, 0);
    let (mut is_sorted, mut least) = (true, 0);
    for value in row.values.clone() {
        let (channel, _, quality) = value?;
        count += 1;
        marked += u32::from(quality != Quality::Good);
        is_sorted &= u16::from(channel.0) >= least;
        least = u16::from(channel.0) + 1;
    }
    start(common, marked > 0, writer);
    write_first(common.form, seconds, writer);
    writer.head(major::MAP, count);
    let mut walk = Walk::new(row, is_sorted);
    while let Some((channel, mantissa, _)) = walk.next(row) {
        count -= 1;
        writer.head(major::UNSIGNED, u32::from(channel.0));
        writer.integer(mantissa);
    }
    if count > 0 {
        return Err(RANGE); // a channel is in it twice
    }
    if let Some(Origin { boot, sequence }) = row.origin {
        writer.head(major::ARRAY, 2);
        writer.head(major::UNSIGNED, u32::from(boot));
        writer.head(major::UNSIGNED, sequence);
    }
    if marked > 0 {
        start_qualities(common, marked, writer);
        walk = Walk::new(row, is_sorted);
        while let Some((channel, _, quality)) = walk.next(row) {
            if quality != Quality::Good {
                writer.head(major::UNSIGNED, u32::from(channel.0));
                writer.head(major::UNSIGNED, u32::from(quality.number()));
            }
        }
    }
    Ok(())
}

/// Finds the values of a row by ascending id. Values that ascend already, as those of a sample do,
/// take one walk, others a walk for each value, which is what takes no memory.
struct Walk<'a> {
    rest: record::Values<'a>,
    is_sorted: bool,
    /// Holds one more than the last id, 0 before the first.
    least: u16,
}

impl<'a> Walk<'a> {
    fn new(row: &Row<'a>, is_sorted: bool) -> Self {
        Self { rest: row.values.clone(), is_sorted, least: 0 }
    }

    #[inline(never)]
    fn next(&mut self, row: &Row<'a>) -> Option<(ChannelId, i32, Quality)> {
        if !self.is_sorted {
            self.rest = row.values.clone();
        }
        let mut found: Option<(ChannelId, i32, Quality)> = None;
        while let Some(Ok(value)) = self.rest.next() {
            let id = value.0.0;
            if u16::from(id) >= self.least && found.is_none_or(|(found, ..)| id < found.0) {
                found = Some(value);
                if self.is_sorted {
                    break;
                }
            }
        }
        self.least = u16::from(found?.0.0) + 1;
        found
    }
}

/// Writes the head of the frame and the schema.
#[inline(never)]
fn start(common: Common, is_marked: bool, writer: &mut Writer<'_>) {
    let items = if is_marked { 5 } else { 3 + u32::from(common.boot.is_some()) };
    writer.head(major::ARRAY, items);
    writer.head(major::UNSIGNED, u32::from(common.schema));
}

/// Writes the time of the first row.
#[inline(never)]
fn write_first(form: Form, seconds: u32, writer: &mut Writer<'_>) {
    match form {
        Form::FromNow => return writer.integer(seconds as i32),
        Form::SinceBoot => writer.head(major::ARRAY, 1),
        Form::Unix => {}
    }
    writer.head(major::UNSIGNED, seconds);
}

/// Writes the head of the qualities, and what stands for the origin where there is none.
fn start_qualities(common: Common, marked: u32, writer: &mut Writer<'_>) {
    if common.boot.is_none() {
        writer.head(major::SIMPLE, NULL);
    }
    writer.head(major::MAP, marked);
}

fn write_rows<'a, I>(rows: I, writer: &mut Writer<'_>) -> Result<(), Error>
where
    I: Iterator<Item = Row<'a>> + Clone,
{
    let mut shared = None;
    let mut count = 0_u16;
    let mut repeats = Repeats::No;
    for row in rows.clone() {
        let (own, _) = Common::of(&row).ok_or(RANGE)?;
        let found = gather(row.values.clone(), &mut Channels::default(), &mut Channels::default())?;
        count = count.saturating_add(found.turns(&row.values));
        if *shared.get_or_insert(own) != own || count > MAX_ROWS {
            return Err(RANGE);
        }
        if found == Repeats::Possible {
            repeats = found;
        }
    }
    let common = shared.ok_or(RANGE)?;
    write(common, count, rows.filter_map(|row| Cells::of(&row, repeats)), writer)
}

/// Writes a frame of `count` rows, from 1 to [`MAX_ROWS`], where each turn is one.
pub(super) fn write<'a, I>(
    common: Common,
    count: u16,
    rows: I,
    writer: &mut Writer<'_>,
) -> Result<(), Error>
where
    I: Iterator<Item = Cells<'a>> + Clone,
{
    let (mut channels, mut marked) = (Channels::default(), Channels::default());
    for row in rows.clone() {
        gather(row.values, &mut channels, &mut marked)?;
    }
    let columns = Columns { rows };
    start(common, marked.count > 0, writer);
    let times = columns.survey(Field::Time);
    if count > 1 {
        writer.head(major::ARRAY, 3);
    }
    write_first(common.form, times.first as u32, writer);
    if count > 1 {
        writer.head(major::UNSIGNED, u32::from(count));
        columns.write_steps(Field::Time, &times, writer);
    }
    writer.head(major::MAP, u32::from(channels.count));
    for channel in channels.iter() {
        writer.head(major::UNSIGNED, u32::from(channel.0));
        columns.write_values(channel, count, writer);
    }
    if let Some(boot) = common.boot {
        columns.write_origin(boot, writer);
    }
    if marked.count > 0 {
        start_qualities(common, u32::from(marked.count), writer);
        for channel in marked.iter() {
            writer.head(major::UNSIGNED, u32::from(channel.0));
            columns.write_qualities(channel, writer);
        }
    }
    Ok(())
}

/// Names a column of the frame.
#[derive(Clone, Copy)]
enum Field {
    Time,
    Sequence,
    Channel(ChannelId),
}

/// Looks at rows column by column.
struct Columns<I> {
    rows: I,
}

impl<'a, I: Iterator<Item = Cells<'a>> + Clone> Columns<I> {
    /// Calls `found` with each row that has a number in a column.
    // The one loop of all that follows: as an iterator it was written out for each of them, and the
    // encoder was twice as large.
    #[inline(never)]
    fn each(&self, field: Field, found: &mut dyn FnMut(u16, i32, Quality)) {
        let mut number = 0;
        for row in self.rows.clone() {
            for turn in 0..row.turns {
                let one = match field {
                    Field::Time => Some((row.seconds as i32, Quality::Good)),
                    Field::Sequence => Some((row.sequence as i32, Quality::Good)),
                    Field::Channel(channel) => row
                        .values
                        .clone()
                        .flatten()
                        .filter(|(own, ..)| *own == channel)
                        .nth(usize::from(turn))
                        .map(|(_, mantissa, quality)| (mantissa, quality)),
                };
                if let Some((mantissa, quality)) = one {
                    found(number, mantissa, quality);
                }
                number += 1;
            }
        }
    }

    #[inline(never)]
    fn survey(&self, field: Field) -> Survey {
        let mut survey = Survey::default();
        self.each(field, &mut |_, number, _| survey.add(number));
        survey.weigh();
        survey
    }

    /// Writes all but the first number.
    #[inline(never)]
    fn write_steps(&self, field: Field, survey: &Survey, writer: &mut Writer<'_>) {
        match survey.step() {
            Some(step) => writer.integer(step),
            None => self.pack(field, survey, None, writer),
        }
    }

    fn write_values(&self, channel: ChannelId, rows: u16, writer: &mut Writer<'_>) {
        let field = Field::Channel(channel);
        let survey = self.survey(field);
        if survey.count < rows {
            self.write_presence(field, rows, writer);
        }
        match survey.step() {
            Some(0) => writer.integer(survey.first),
            _ => self.pack(field, &survey, Some(survey.first), writer),
        }
    }

    fn write_presence(&self, field: Field, rows: u16, writer: &mut Writer<'_>) {
        writer.head(major::ARRAY, 2);
        writer.head(major::BYTES, u32::from(rows.div_ceil(8)));
        writer.packed(|bits| {
            let mut next = 0;
            self.each(field, &mut |row, _, _| {
                while next < row {
                    bits.put(0, 1);
                    next += 1;
                }
                bits.put(1, 1);
                next += 1;
            });
            while next < rows {
                bits.put(0, 1);
                next += 1;
            }
        });
    }

    /// Writes a string of the steps, behind the first number where it is not told apart.
    #[inline(never)]
    fn pack(&self, field: Field, survey: &Survey, first: Option<i32>, writer: &mut Writer<'_>) {
        let head = |bits: &mut BitWriter<'_>| {
            if let Some(first) = first {
                bits.varint(zig_zag(first));
            }
            bits.varint(zig_zag(survey.smallest));
        };
        let mut counted = BitWriter::new(&mut [], 0);
        head(&mut counted);
        let len = counted.position() + usize::from(survey.packed_len);
        writer.head(major::BYTES, len as u32);
        if writer.is_past_end() {
            return writer.skip(len);
        }
        writer.packed(|bits| {
            head(bits);
            let mut last = None;
            self.each(field, &mut |_, number, _| {
                if let Some(last) = last.replace(number) {
                    let step = number.wrapping_sub(last);
                    bits.put(step.wrapping_sub(survey.smallest) as u32, survey.width);
                }
            });
        });
    }

    fn write_origin(&self, boot: u16, writer: &mut Writer<'_>) {
        let survey = self.survey(Field::Sequence);
        let is_told = survey.count == 1 || survey.step() == Some(1);
        writer.head(major::ARRAY, if is_told { 2 } else { 3 });
        writer.head(major::UNSIGNED, u32::from(boot));
        writer.head(major::UNSIGNED, survey.first as u32);
        if !is_told {
            self.write_steps(Field::Sequence, &survey, writer);
        }
    }

    /// Writes a quality that holds for all rows, or where it changes.
    fn write_qualities(&self, channel: ChannelId, writer: &mut Writer<'_>) {
        let (mut first, mut changes) = (None, 0);
        let mut last = Quality::Good;
        self.each(Field::Channel(channel), &mut |_, _, quality| {
            first = first.or(Some(quality));
            changes += u32::from(quality != last);
            last = quality;
        });
        match first {
            Some(first) if changes == 1 && first != Quality::Good => {
                return writer.head(major::UNSIGNED, u32::from(first.number()));
            }
            _ => writer.head(major::ARRAY, changes * 2),
        }
        last = Quality::Good;
        self.each(Field::Channel(channel), &mut |row, _, quality| {
            if quality != last {
                writer.head(major::UNSIGNED, u32::from(row));
                writer.head(major::UNSIGNED, u32::from(quality.number()));
            }
            last = quality;
        });
    }
}
