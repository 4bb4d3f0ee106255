//! From a row of the queue to frames that a link takes.

use sundew_units::{ChannelId, Quality};

use super::{
    AGE, Carrier, Field, Layout, MARKED, MAX_SCHEMA, MORE, ORIGIN, QUALITY_BITS, SINCE_BOOT, UNIX,
};
use crate::{Error, Row, Time, bits::BitWriter, record::Values};

/// Marks values of a row by their place in it, up to 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Selection(u32);

impl Selection {
    /// Marks no value.
    pub const NONE: Self = Self(0);
    /// Marks every value.
    pub const ALL: Self = Self(u32::MAX);

    /// Returns whether no value is marked.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the value at a place is marked.
    pub const fn contains(self, place: u8) -> bool {
        place < 32 && self.0 >> place & 1 == 1
    }

    const fn with(self, place: u8) -> Self {
        Self(self.0 | 1 << place)
    }

    const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    const fn overlaps(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

/// Says what was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Packed {
    /// Holds the number of bytes.
    pub len: usize,
    /// Holds the kind of the frame: its first byte, or its port.
    pub kind: u8,
    /// Marks the values that are in the frame.
    pub sent: Selection,
    /// Marks the wanted values that did not fit, for the next frame.
    pub left_out: Selection,
    /// Marks the wanted values whose channel the schema does not have; no frame takes them.
    pub unknown: Selection,
}

/// Packs as many of the `wanted` values of a row as `buffer` takes.
///
/// The first frame of a row wants [`Selection::ALL`], each further one what the one before left
/// out; all of them carry the time and the origin of the row. Values go in by ascending id, and one
/// that does not fit makes way for the next. A value outside of its field becomes the field's end
/// and is marked [`Quality::UnderRange`] or [`Quality::OverRange`], unless it is marked
/// [`Quality::Fault`]. Where no wanted value is in the schema, the frame holds none.
///
/// # Errors
///
/// Returns [`Error::Full`] with the bytes that the smallest value takes where none fits, and
/// [`Error::Range`] for a time in the future, for a schema that is not 1 to [`MAX_SCHEMA`], and
/// for a row of more than 32 values.
pub fn encode(
    layout: &impl Layout,
    row: &Row<'_>,
    wanted: Selection,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<Packed, Error> {
    let plan = Plan::of(layout, row, wanted, carrier, buffer.len())?;
    plan.write(layout, row, carrier, buffer);
    Ok(plan.packed)
}

/// Returns what [`encode`] would pack into `limit` bytes, without encoding.
///
/// # Errors
///
/// Returns the errors of [`encode`].
pub fn plan(
    layout: &impl Layout,
    row: &Row<'_>,
    wanted: Selection,
    carrier: Carrier,
    limit: usize,
) -> Result<Packed, Error> {
    Ok(Plan::of(layout, row, wanted, carrier, limit)?.packed)
}

/// Holds all that is decided before the first byte is written.
struct Plan {
    packed: Packed,
    flags: u8,
    is_sorted: bool,
    /// Holds the bytes of the bitmap.
    groups: u8,
}

impl Plan {
    fn of(
        layout: &impl Layout,
        row: &Row<'_>,
        wanted: Selection,
        carrier: Carrier,
        limit: usize,
    ) -> Result<Self, Error> {
        let schema = layout.schema();
        if schema == 0 || schema > MAX_SCHEMA {
            return Err(Error::Range { position: 0 });
        }
        let (flags, head) = head(row)?;
        let head = head + usize::from(carrier == Carrier::Frame);
        let survey = Survey::of(layout, row, wanted)?;
        let mut plan = Self {
            packed: Packed {
                len: head,
                kind: schema as u8 * 2,
                sent: Selection::NONE,
                left_out: survey.known,
                unknown: survey.unknown,
            },
            flags,
            is_sorted: survey.is_sorted,
            groups: 1,
        };
        if plan.takes_all(&survey, head, limit) {
            return Ok(plan);
        }
        plan.flags = flags;
        let mut chosen = Ok(());
        if survey.marked.overlaps(survey.known) {
            plan.flags |= MARKED;
            chosen = plan.choose(layout, row, survey.known, head, limit);
        }
        // Where no marked value came in, room for marks would be wasted.
        if !plan.packed.sent.overlaps(survey.marked) {
            plan.flags = flags;
            let unmarked = survey.known.without(survey.marked);
            if chosen.is_ok() || !unmarked.is_empty() {
                chosen = plan.choose(layout, row, unmarked, head, limit);
            }
        }
        chosen?;
        plan.packed.left_out = survey.known.without(plan.packed.sent);
        plan.packed.kind += u8::from(plan.flags != 0);
        Ok(plan)
    }

    /// Packs everything where that is in order and fits, as it mostly does: one walk less.
    fn takes_all(&mut self, survey: &Survey, head: usize, limit: usize) -> bool {
        let mut ids = Groups::new();
        if survey.last > 0 {
            ids.advance_to(ChannelId(survey.last));
        }
        let mut bits = survey.bits;
        if !survey.marked.is_empty() {
            self.flags |= MARKED;
            bits += survey.known.0.count_ones() as u16 * u16::from(QUALITY_BITS);
        }
        let head = head + usize::from(self.flags != 0);
        let len = head + usize::from(ids.index) + 1 + usize::from(bits.div_ceil(8));
        let takes_all = survey.is_sorted && len <= limit;
        if takes_all {
            self.groups = ids.index + 1;
            self.packed.len = len;
            self.packed.sent = survey.known;
            self.packed.left_out = Selection::NONE;
            self.packed.kind += u8::from(self.flags != 0);
        }
        takes_all
    }

    /// Decides which of the candidates go in.
    fn choose(
        &mut self,
        layout: &impl Layout,
        row: &Row<'_>,
        candidates: Selection,
        head: usize,
        limit: usize,
    ) -> Result<(), Error> {
        let head = head + usize::from(self.flags != 0);
        let marks = if self.flags & MARKED == 0 { 0 } else { QUALITY_BITS };
        let mut ids = Groups::new();
        let mut bits = 0;
        self.packed.sent = Selection::NONE;
        self.packed.len = head + 1;
        self.groups = 1;
        let mut needed = if candidates.is_empty() { head + 1 } else { usize::MAX };
        for (place, value, field) in Ascending::new(layout, row, candidates, self.is_sorted) {
            ids.advance_to(value.0);
            let more = bits + u16::from(field.bits + marks);
            let len = head + usize::from(ids.index) + 1 + usize::from(more.div_ceil(8));
            if len <= limit {
                bits = more;
                self.groups = ids.index + 1;
                self.packed.len = len;
                self.packed.sent = self.packed.sent.with(place);
            }
            needed = needed.min(len);
        }
        if needed <= limit { Ok(()) } else { Err(Error::Full { needed }) }
    }

    fn write(&self, layout: &impl Layout, row: &Row<'_>, carrier: Carrier, buffer: &mut [u8]) {
        let mut writer = BitWriter::new(buffer, 0);
        if carrier == Carrier::Frame {
            writer.byte(self.packed.kind);
        }
        if self.flags != 0 {
            write_header(&mut writer, self.flags, row);
        }
        // The bits of the bitmap are set as the values come.
        let bitmap = writer.position();
        for left in (0..self.groups).rev() {
            writer.byte(if left == 0 { 0 } else { MORE });
        }
        let mut ids = Groups::new();
        for (_, (channel, mantissa, quality), field) in
            Ascending::new(layout, row, self.packed.sent, self.is_sorted)
        {
            ids.advance_to(channel);
            writer.mark(bitmap + usize::from(ids.index), ids.bit(channel));
            let (raw, quality) = fit(field, mantissa, quality);
            writer.put(raw, field.bits);
            if self.flags & MARKED != 0 {
                writer.put(u32::from(number(quality)), QUALITY_BITS);
            }
        }
    }
}

/// Returns the flags of time and origin, and the bytes that follow them.
fn head(row: &Row<'_>) -> Result<(u8, usize), Error> {
    let (mut flags, mut len) = match row.time {
        Time::FromNow(0) => (0, 0),
        Time::FromNow(seconds) if seconds > 0 => return Err(Error::Range { position: 0 }),
        Time::FromNow(seconds) => (AGE, varint_len(seconds.unsigned_abs())),
        Time::SinceBoot(seconds) => (SINCE_BOOT, varint_len(seconds)),
        Time::Unix(_) => (UNIX, 4),
    };
    if let Some(origin) = row.origin {
        flags |= ORIGIN;
        len += varint_len(u32::from(origin.boot)) + varint_len(origin.sequence);
    }
    Ok((flags, len))
}

fn write_header(writer: &mut BitWriter<'_>, flags: u8, row: &Row<'_>) {
    writer.byte(flags);
    match row.time {
        Time::FromNow(0) => {}
        Time::FromNow(seconds) => writer.varint(seconds.unsigned_abs()),
        Time::SinceBoot(seconds) => writer.varint(seconds),
        Time::Unix(seconds) => writer.bytes(&seconds.to_be_bytes()),
    }
    if let Some(origin) = row.origin {
        writer.varint(u32::from(origin.boot));
        writer.varint(origin.sequence);
    }
}

const fn varint_len(value: u32) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x001F_FFFF => 3,
        0x0020_0000..=0x0FFF_FFFF => 4,
        _ => 5,
    }
}

/// Returns what a field holds for a value, and the quality that goes with it.
#[inline(never)]
fn fit(field: Field, mantissa: i32, quality: Quality) -> (u32, Quality) {
    // 0 bits leave no steps, 32 bits all of them.
    let steps = u32::MAX.checked_shr(32 - u32::from(field.bits)).unwrap_or(0);
    // The difference of two i32 that are in order fits a u32.
    let above = mantissa.wrapping_sub(field.low) as u32;
    let (raw, outside) = if mantissa < field.low {
        (0, Quality::UnderRange)
    } else if above > steps {
        (steps, Quality::OverRange)
    } else {
        return (above, quality);
    };
    (raw, if quality == Quality::Fault { quality } else { outside })
}

/// Returns 3 bits for a quality; one that this format does not have is at least a doubt.
fn number(quality: Quality) -> u8 {
    match quality.number() {
        number @ 0..=6 => number,
        _ => Quality::Suspect.number(),
    }
}

/// Holds what a first look at the values of a row tells.
struct Survey {
    known: Selection,
    unknown: Selection,
    /// Marks the values that do not travel as good.
    marked: Selection,
    /// Says whether the ids of the wanted values ascend, so that one walk finds them in order.
    is_sorted: bool,
    /// Holds the bits of all known values together.
    bits: u16,
    /// Holds the id of the last known value, 0 where there is none.
    last: u8,
}

impl Survey {
    fn of(layout: &impl Layout, row: &Row<'_>, wanted: Selection) -> Result<Self, Error> {
        let mut survey = Self {
            known: Selection::NONE,
            unknown: Selection::NONE,
            marked: Selection::NONE,
            is_sorted: true,
            bits: 0,
            last: 0,
        };
        let mut values = row.values.clone();
        let mut next_place = 0;
        while let Some(value) = next(&mut values) {
            let (channel, mantissa, quality) = value?;
            let place = next_place;
            next_place += 1;
            if place == 32 {
                return Err(Error::Range { position: 0 });
            }
            if wanted.contains(place) {
                match field_of(layout, channel) {
                    None => survey.unknown = survey.unknown.with(place),
                    Some(field) => {
                        survey.known = survey.known.with(place);
                        if fit(field, mantissa, quality).1 != Quality::Good {
                            survey.marked = survey.marked.with(place);
                        }
                        survey.is_sorted &= channel.0 > survey.last;
                        survey.last = channel.0;
                        survey.bits += u16::from(field.bits);
                    }
                }
            }
        }
        Ok(survey)
    }
}

/// Returns how a channel is packed; the bitmap has no place for the id 0.
#[inline(never)]
fn field_of(layout: &impl Layout, channel: ChannelId) -> Option<Field> {
    if channel.0 == 0 { None } else { layout.field(channel) }
}

type Value = (ChannelId, i32, Quality);

/// Takes a value of a row. Never inlined: two walks need it.
#[inline(never)]
fn next(values: &mut Values<'_>) -> Option<Result<Value, Error>> {
    values.next()
}

/// Iterates over selected values of a row by ascending id, without a table of them: values that
/// ascend already, as those of a sample in the order of its table do, take one walk, others a walk
/// for each value. Of two values of one channel it returns the first.
struct Ascending<'a, L> {
    layout: &'a L,
    start: Values<'a>,
    selected: Selection,
    is_sorted: bool,
    rest: Values<'a>,
    place: u8,
    last: u8,
}

impl<'a, L: Layout> Ascending<'a, L> {
    fn new(layout: &'a L, row: &Row<'a>, selected: Selection, is_sorted: bool) -> Self {
        let start = row.values.clone();
        Self { layout, rest: start.clone(), start, selected, is_sorted, place: 0, last: 0 }
    }
}

impl<L: Layout> Iterator for Ascending<'_, L> {
    type Item = (u8, Value, Field);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        if !self.is_sorted {
            self.rest = self.start.clone();
            self.place = 0;
        }
        let mut lowest: Option<(u8, Value)> = None;
        while let Some(Ok(value)) = next(&mut self.rest) {
            let place = self.place;
            self.place += 1;
            let id = value.0.0;
            let is_lower = lowest.is_none_or(|(_, lowest)| id < lowest.0.0);
            if id > self.last && is_lower && self.selected.contains(place) {
                lowest = Some((place, value));
                if self.is_sorted {
                    break;
                }
            }
        }
        let (place, value) = lowest?;
        self.last = value.0.0;
        Some((place, value, field_of(self.layout, value.0)?))
    }
}

/// Finds the place of ascending ids in the bitmap, without a division by 7.
struct Groups {
    /// Holds which byte of the bitmap.
    index: u8,
    /// Holds the id of its lowest bit.
    first: u8,
}

impl Groups {
    const fn new() -> Self {
        Self { index: 0, first: 1 }
    }

    /// Returns whether an id, not below those of this byte, is in it.
    const fn holds(&self, id: ChannelId) -> bool {
        id.0 - self.first < 7
    }

    const fn bit(&self, id: ChannelId) -> u8 {
        1 << (id.0 - self.first)
    }

    fn advance(&mut self) {
        self.index += 1;
        // The last byte begins at 253.
        self.first = self.first.saturating_add(7);
    }

    fn advance_to(&mut self, id: ChannelId) {
        while !self.holds(id) {
            self.advance();
        }
    }
}
