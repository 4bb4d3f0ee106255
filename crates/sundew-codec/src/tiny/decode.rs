//! From a frame to values.

use sundew_units::{ChannelId, Quality};

use super::{AGE, Field, Kind, Layout, MARKED, MORE, ORIGIN, QUALITY_BITS, SINCE_BOOT, TIME, UNIX};
use crate::{Entry, Error, Origin, Time, bits::BitReader, record};

/// Reads the head of a frame; `kind` is its port, or `None` where its first byte says it.
///
/// The layout may be of another version than the frame ([`Entries::schema`]): channels keep their
/// fields for ever, so that the values are right as far as the layout knows them.
///
/// # Errors
///
/// Returns an error that names the byte; [`Error::Unsupported`] for a frame that holds no values.
pub fn decode<'a, L: Layout>(
    layout: &'a L,
    kind: Option<u8>,
    bytes: &'a [u8],
) -> Result<Entries<'a, L>, Error> {
    let mut reader = BitReader::new(bytes);
    head(layout, kind, &mut reader).ok_or(reader.fault)
}

fn head<'a, L: Layout>(
    layout: &'a L,
    kind: Option<u8>,
    reader: &mut BitReader<'a>,
) -> Option<Entries<'a, L>> {
    let kind = match kind {
        Some(kind) => kind,
        None => reader.byte()?,
    };
    let Some(Kind::Values { schema }) = Kind::from_number(kind) else {
        reader.fault = Error::Unsupported { position: 0 };
        return None;
    };
    let mut flags = 0;
    let mut time = Time::NOW;
    let mut origin = None;
    if kind & 1 == 1 {
        let position = reader.position();
        flags = reader.byte()?;
        if flags & !(TIME | ORIGIN | MARKED) != 0 {
            reader.fault = Error::Unsupported { position };
            return None;
        }
        time = read_time(flags & TIME, reader)?;
        if flags & ORIGIN != 0 {
            let position = reader.position();
            let Ok(boot) = u16::try_from(reader.varint()?) else {
                reader.fault = Error::Range { position };
                return None;
            };
            origin = Some(Origin::new(boot, reader.varint()?));
        }
    }
    let bitmap = bitmap(reader)?;
    Some(Entries {
        layout,
        schema,
        time,
        origin,
        is_marked: flags & MARKED != 0,
        bitmap,
        ids: Ids::new(bitmap),
        reader: reader.clone(),
        is_done: false,
    })
}

fn read_time(form: u8, reader: &mut BitReader<'_>) -> Option<Time> {
    let position = reader.position();
    Some(match form {
        AGE => {
            // Down to -2^31, which has no positive counterpart.
            let Some(seconds) = 0_i32.checked_sub_unsigned(reader.varint()?) else {
                reader.fault = Error::Range { position };
                return None;
            };
            Time::FromNow(seconds)
        }
        UNIX => {
            let mut seconds = 0;
            for _ in 0..4 {
                seconds = seconds << 8 | u32::from(reader.byte()?);
            }
            Time::Unix(seconds)
        }
        SINCE_BOOT => Time::SinceBoot(reader.varint()?),
        _ => Time::NOW,
    })
}

/// Takes the bytes of the bitmap.
fn bitmap<'a>(reader: &mut BitReader<'a>) -> Option<&'a [u8]> {
    let mut ahead = reader.clone();
    let mut len = 0;
    loop {
        let position = ahead.position();
        let Some(group) = ahead.byte() else {
            reader.fault = ahead.fault;
            return None;
        };
        let bits = group & !MORE;
        let is_last = bits == group;
        // Ids end with 255, in the third bit of the 37th byte; and a last byte without a bit would
        // be a second spelling.
        if len == 36 && (bits > 0b111 || !is_last) || is_last && bits == 0 && len > 0 {
            reader.fault = Error::Syntax { position };
            return None;
        }
        len += 1;
        if is_last {
            return reader.slice(len);
        }
    }
}

/// Iterates over the values of a frame, in the order of their ids; ends after the first error, and
/// where the first channel is [`unknown`](Self::unknown).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Entries<'a, L> {
    layout: &'a L,
    schema: u16,
    time: Time,
    origin: Option<Origin>,
    is_marked: bool,
    bitmap: &'a [u8],
    ids: Ids<'a>,
    reader: BitReader<'a>,
    is_done: bool,
}

impl<L: Layout> Entries<'_, L> {
    /// Returns the number of the schema that the sender works by.
    pub const fn schema(&self) -> u16 {
        self.schema
    }

    /// Returns when the values were taken.
    pub const fn time(&self) -> Time {
        self.time
    }

    /// Returns the queue's record that the values come from.
    pub const fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// Returns the first channel of the frame that the layout does not have; neither this nor a
    /// later one of the frame can be read.
    pub fn unknown(&self) -> Option<ChannelId> {
        Ids::new(self.bitmap).find(|channel| self.layout.field(*channel).is_none())
    }

    fn entry(&mut self, channel: ChannelId, field: Field) -> Option<Entry> {
        let position = self.reader.position();
        let above = self.reader.take(field.bits.min(32))?;
        let Some(mantissa) = field.low.checked_add_unsigned(above) else {
            self.reader.fault = Error::Range { position };
            return None;
        };
        let quality = if self.is_marked {
            record::quality(self.reader.take(QUALITY_BITS)? as u8)
        } else {
            Quality::Good
        };
        Some(Entry { channel, mantissa, quality, time: self.time, origin: self.origin })
    }
}

impl<L: Layout> Iterator for Entries<'_, L> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let Some(channel) = self.ids.next() else {
            self.is_done = true;
            let position = self.reader.position();
            return if self.reader.is_at_end() {
                None
            } else {
                Some(Err(Error::Syntax { position }))
            };
        };
        let Some(field) = self.layout.field(channel) else {
            self.is_done = true;
            return None;
        };
        let entry = self.entry(channel, field);
        self.is_done = entry.is_none();
        Some(entry.ok_or(self.reader.fault))
    }
}

impl<L: Layout> core::iter::FusedIterator for Entries<'_, L> {}

/// Iterates over the channels whose bit is set.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Ids<'a> {
    groups: &'a [u8],
    bits: u8,
    left: u8,
    id: u8,
}

impl<'a> Ids<'a> {
    const fn new(groups: &'a [u8]) -> Self {
        Self { groups, bits: 0, left: 0, id: 0 }
    }
}

impl Iterator for Ids<'_> {
    type Item = ChannelId;

    fn next(&mut self) -> Option<ChannelId> {
        loop {
            if self.left == 0 {
                let (group, rest) = self.groups.split_first()?;
                self.groups = rest;
                self.bits = *group;
                self.left = 7;
            }
            let is_set = self.bits & 1 == 1;
            self.bits >>= 1;
            self.left -= 1;
            // Past 255 no bit is set.
            self.id = self.id.wrapping_add(1);
            if is_set {
                return Some(ChannelId(self.id));
            }
        }
    }
}
