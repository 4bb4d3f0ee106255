//! Rows into a frame.

use sundew_units::{ChannelId, Quality};

use super::{
    MAX_ROWS,
    column::Survey,
    frame::{Channels, Common, Form, gather},
};
use crate::{
    Error, Origin, Row,
    cbor::{Writer, major},
};

/// Holds `null`, where there is a quality but no origin.
const NULL: u32 = 22;

/// Encodes rows of one schema, and returns the number of bytes.
///
/// The rows are gone through a few times for each channel, so that no memory but `buffer` is
/// needed. [`Batch`](super::Batch) gathers rows until a frame is full.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small, [`Error::Range`]
/// where the rows cannot stand in one frame or there is none, and the error of a malformed record.
/// They cannot where they differ in schema, in boot, in the form of time, or in whether they have
/// an origin at all; where there are more than [`MAX_ROWS`]; where a row holds a channel twice; and
/// where a time cannot be told, absolute before 1978 or 8.5 years from now.
pub fn encode<'a>(
    rows: impl Iterator<Item = Row<'a>> + Clone,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    write(rows, &mut writer)?;
    writer.finish()
}

/// Encodes one row, and returns the number of bytes: what [`encode`] does, in less flash.
///
/// # Errors
///
/// Returns the errors of [`encode`].
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
    write(rows, &mut writer)?;
    Ok(writer.position())
}

const RANGE: Error = Error::Range { position: 0 };

fn write_row(row: &Row<'_>, writer: &mut Writer<'_>) -> Result<(), Error> {
    let (common, seconds) = Common::of(row).ok_or(RANGE)?;
    let (mut channels, mut marked) = (Channels::default(), Channels::default());
    gather(row, &mut channels, &mut marked)?;
    start(common, &marked, writer);
    write_first(common.form, seconds, writer);
    writer.head(major::MAP, u32::from(channels.count()));
    for channel in channels.iter() {
        if let Some((mantissa, _)) = value(row, channel) {
            writer.head(major::UNSIGNED, u32::from(channel.0));
            writer.integer(mantissa);
        }
    }
    match row.origin {
        Some(Origin { boot, sequence }) => {
            writer.head(major::ARRAY, 2);
            writer.head(major::UNSIGNED, u32::from(boot));
            writer.head(major::UNSIGNED, sequence);
        }
        None if marked.count() > 0 => writer.head(major::SIMPLE, NULL),
        None => {}
    }
    if marked.count() > 0 {
        writer.head(major::MAP, u32::from(marked.count()));
        for channel in marked.iter() {
            if let Some((_, quality)) = value(row, channel) {
                writer.head(major::UNSIGNED, u32::from(channel.0));
                writer.head(major::UNSIGNED, u32::from(quality.number()));
            }
        }
    }
    Ok(())
}

fn write<'a, I>(rows: I, writer: &mut Writer<'_>) -> Result<(), Error>
where
    I: Iterator<Item = Row<'a>> + Clone,
{
    let mut all = rows.clone();
    let first = all.next().ok_or(RANGE)?;
    let (common, seconds) = Common::of(&first).ok_or(RANGE)?;
    let (mut channels, mut marked) = (Channels::default(), Channels::default());
    gather(&first, &mut channels, &mut marked)?;
    let mut count = 1;
    for row in all {
        let (own, _) = Common::of(&row).ok_or(RANGE)?;
        if own != common || count == MAX_ROWS {
            return Err(RANGE);
        }
        gather(&row, &mut channels, &mut marked)?;
        count += 1;
    }
    if count == 1 {
        return write_row(&first, writer);
    }

    let columns = Columns { rows };
    start(common, &marked, writer);
    writer.head(major::ARRAY, 3);
    write_first(common.form, seconds, writer);
    writer.head(major::UNSIGNED, u32::from(count));
    columns.write_steps(Field::Time, writer);
    writer.head(major::MAP, u32::from(channels.count()));
    for channel in channels.iter() {
        writer.head(major::UNSIGNED, u32::from(channel.0));
        columns.write_values(channel, count, writer);
    }
    if let Some(boot) = common.boot {
        columns.write_origin(boot, writer);
    } else if marked.count() > 0 {
        writer.head(major::SIMPLE, NULL);
    }
    if marked.count() > 0 {
        writer.head(major::MAP, u32::from(marked.count()));
        for channel in marked.iter() {
            writer.head(major::UNSIGNED, u32::from(channel.0));
            columns.write_qualities(channel, writer);
        }
    }
    Ok(())
}

/// Writes the head of the frame and the schema.
fn start(common: Common, marked: &Channels, writer: &mut Writer<'_>) {
    let items = match (marked.count() > 0, common.boot) {
        (true, _) => 5,
        (false, Some(_)) => 4,
        (false, None) => 3,
    };
    writer.head(major::ARRAY, items);
    writer.head(major::UNSIGNED, u32::from(common.schema));
}

/// Writes the time of the first row.
fn write_first(form: Form, seconds: u32, writer: &mut Writer<'_>) {
    match form {
        Form::FromNow => return writer.integer(seconds as i32),
        Form::SinceBoot => writer.head(major::ARRAY, 1),
        Form::Unix => {}
    }
    writer.head(major::UNSIGNED, seconds);
}

fn value(row: &Row<'_>, channel: ChannelId) -> Option<(i32, Quality)> {
    row.values
        .clone()
        .flatten()
        .find(|(own, ..)| *own == channel)
        .map(|(_, mantissa, quality)| (mantissa, quality))
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

impl<'a, I: Iterator<Item = Row<'a>> + Clone> Columns<I> {
    /// Returns the numbers of a column, of the rows that have it.
    fn numbers(&self, field: Field) -> impl Iterator<Item = i32> {
        self.rows.clone().filter_map(move |row| match field {
            Field::Time => Common::of(&row).map(|(_, seconds)| seconds as i32),
            Field::Sequence => row.origin.map(|origin| origin.sequence as i32),
            Field::Channel(channel) => value(&row, channel).map(|(mantissa, _)| mantissa),
        })
    }

    fn survey(&self, field: Field) -> Option<Survey> {
        Survey::of(self.numbers(field))
    }

    fn write_steps(&self, field: Field, writer: &mut Writer<'_>) {
        if let Some(survey) = self.survey(field) {
            survey.write_steps(self.numbers(field), writer);
        }
    }

    fn write_values(&self, channel: ChannelId, rows: u16, writer: &mut Writer<'_>) {
        let field = Field::Channel(channel);
        let Some(survey) = self.survey(field) else { return };
        if survey.count < rows {
            writer.head(major::ARRAY, 2);
            writer.head(major::BYTES, u32::from(rows.div_ceil(8)));
            let mut held = 0;
            let mut mask = 1_u8;
            for row in self.rows.clone() {
                if value(&row, channel).is_some() {
                    held |= mask;
                }
                mask = mask.rotate_left(1);
                if mask == 1 {
                    writer.byte(held);
                    held = 0;
                }
            }
            if mask != 1 {
                writer.byte(held);
            }
        }
        survey.write_values(self.numbers(field), writer);
    }

    fn write_origin(&self, boot: u16, writer: &mut Writer<'_>) {
        let Some(survey) = self.survey(Field::Sequence) else { return };
        let consecutive = survey.step() == Some(1);
        writer.head(major::ARRAY, if consecutive { 2 } else { 3 });
        writer.head(major::UNSIGNED, u32::from(boot));
        writer.head(major::UNSIGNED, survey.first as u32);
        if !consecutive {
            survey.write_steps(self.numbers(Field::Sequence), writer);
        }
    }

    /// Writes a quality that holds for all rows, or where it changes.
    fn write_qualities(&self, channel: ChannelId, writer: &mut Writer<'_>) {
        let mut changes = 0;
        let mut first = Quality::Good;
        self.each_change(channel, |_, quality, is_first| {
            changes += 1;
            if is_first {
                first = quality;
            }
        });
        if changes == 1 && first != Quality::Good {
            return writer.head(major::UNSIGNED, u32::from(first.number()));
        }
        writer.head(major::ARRAY, changes * 2);
        self.each_change(channel, |row, quality, _| {
            writer.head(major::UNSIGNED, u32::from(row));
            writer.head(major::UNSIGNED, u32::from(quality.number()));
        });
    }

    /// Calls `found` with each row whose quality differs from that of the row before, and with
    /// whether it is the channel's first row.
    fn each_change(&self, channel: ChannelId, mut found: impl FnMut(u16, Quality, bool)) {
        let mut last = Quality::Good;
        let mut is_first = true;
        for (number, row) in (0_u16..).zip(self.rows.clone()) {
            let Some((_, quality)) = value(&row, channel) else { continue };
            if quality != last {
                found(number, quality, is_first);
            }
            last = quality;
            is_first = false;
        }
    }
}
