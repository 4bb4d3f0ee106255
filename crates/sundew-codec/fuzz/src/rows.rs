//! Values of frames in one form, for comparing them, and back into rows.

use sundew_codec::{Entry, Error, Origin, Row, Time, record};
use sundew_units::{ChannelId, Quality};

/// Holds a value as numbers that can be sorted: channel, time's form and seconds, origin, mantissa,
/// quality.
pub type Plain = (u8, (u8, i64), Option<(u16, u32)>, i32, u8);

/// Brings an entry into that form.
///
/// # Panics
///
/// Panics for a form of time that is not known here.
pub fn plain(entry: &Entry) -> Plain {
    let origin = entry.origin.map(|origin| (origin.boot, origin.sequence));
    let (channel, quality) = (entry.channel.0, entry.quality.number());
    (channel, plain_time(entry.time), origin, entry.mantissa, quality)
}

/// Brings a time into that form.
///
/// # Panics
///
/// Panics for a form of time that is not known here.
pub fn plain_time(time: Time) -> (u8, i64) {
    match time {
        Time::FromNow(seconds) => (0, seconds.into()),
        Time::SinceBoot(seconds) => (1, seconds.into()),
        Time::Unix(seconds) => (2, seconds.into()),
        other => panic!("{other:?} is not known here"),
    }
}

/// Brings entries into that form, in order.
pub fn sorted(entries: &[Entry]) -> Vec<Plain> {
    let mut all: Vec<Plain> = entries.iter().map(plain).collect();
    all.sort_unstable();
    all
}

/// Holds values of one moment.
#[derive(Clone, Debug)]
pub struct Moment {
    time: Time,
    origin: Option<Origin>,
    values: Vec<(ChannelId, i32, Quality)>,
    stored: Vec<u8>,
}

impl Moment {
    /// Holds values as the queue stores them.
    ///
    /// # Errors
    ///
    /// Returns what the record's encoder says.
    pub fn new(
        schema: u16,
        time: Time,
        origin: Option<Origin>,
        values: Vec<(ChannelId, i32, Quality)>,
    ) -> Result<Self, Error> {
        let mut stored = vec![0; record::capacity(values.len())];
        let len = record::encode(schema, values.iter().copied(), &mut stored)?;
        stored.truncate(len);
        Ok(Self { time, origin, values, stored })
    }

    /// Returns the values.
    pub fn values(&self) -> &[(ChannelId, i32, Quality)] {
        &self.values
    }

    /// Returns the values as the encoders take them.
    ///
    /// # Panics
    ///
    /// Panics where the record's decoder does not read what its encoder wrote.
    pub fn row(&self) -> Row<'_> {
        let row = Row::new(record::decode(&self.stored).expect("it was encoded")).at(self.time);
        match self.origin {
            Some(origin) => row.with_origin(origin),
            None => row,
        }
    }
}

/// Puts entries back into rows: those of one time and origin belong together, but no two of one
/// channel.
///
/// # Panics
///
/// Panics where a record cannot be encoded.
pub fn moments(schema: u16, entries: &[Entry]) -> Vec<Moment> {
    let mut moments: Vec<(Time, Option<Origin>, Vec<(ChannelId, i32, Quality)>)> = Vec::new();
    for entry in entries {
        let Entry { channel, mantissa, quality, time, origin, .. } = *entry;
        let place = moments.iter_mut().find(|(own, whence, values)| {
            (*own, *whence) == (time, origin) && values.iter().all(|(id, ..)| *id != channel)
        });
        match place {
            Some((_, _, values)) => values.push((channel, mantissa, quality)),
            None => moments.push((time, origin, vec![(channel, mantissa, quality)])),
        }
    }
    moments
        .into_iter()
        .map(|(time, origin, values)| Moment::new(schema, time, origin, values).expect("it fits"))
        .collect()
}
