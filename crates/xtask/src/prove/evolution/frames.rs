//! What a device of one version sends, in every profile, and what is true of it.

use sundew_codec::{
    Entry, Error, Origin, Row, Time, compact, record,
    senml::{PackEncoder, Record},
    tiny::{self, Carrier, Selection},
};
use sundew_units::{ChannelId, Dec, Quality};

use super::library::Library;
use super::versions::{Spec, Version};
use crate::demo::Choices;

pub(super) const BASE: &str = "urn:dev:mac:0024befffe804ff1:";

/// Names what bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Record,
    Senml,
    Compact,
    Tiny,
}

/// Holds bytes that were sent, and what they stand for.
pub(super) struct Frame {
    pub(super) profile: Profile,
    pub(super) bytes: Vec<u8>,
    /// Holds the readings in the order of the profile.
    pub(super) truth: Vec<Truth>,
}

/// Holds what a decoder has to make of a value, if it knows the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) id: u8,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) value: Dec,
    pub(super) quality: Quality,
    pub(super) time: Time,
    pub(super) origin: Option<Origin>,
}

impl Truth {
    fn of(spec: &Spec, entry: &Entry) -> Self {
        Self {
            id: spec.id,
            name: spec.name.to_owned(),
            unit: spec.unit.symbol().to_owned(),
            value: Dec::new(entry.mantissa, spec.exponent),
            quality: entry.quality,
            time: entry.time,
            origin: entry.origin,
        }
    }
}

/// Holds one moment's values, sorted by id.
struct Moment {
    stored: Vec<u8>,
    truth: Vec<Truth>,
    time: Time,
    origin: Option<Origin>,
}

impl Moment {
    fn random(
        version: &Version,
        time: Time,
        origin: Option<Origin>,
        choices: &mut Choices,
    ) -> Result<Self, Error> {
        let mut specs: Vec<_> = version.specs.iter().filter(|_| choices.below(5) > 0).collect();
        if specs.is_empty() {
            specs.extend(version.specs.first());
        }
        specs.sort_by_key(|spec| spec.id);
        specs.truncate(32);
        let entries = specs.iter().map(|spec| {
            let mut entry = Entry::new(ChannelId(spec.id), mantissa(spec, choices));
            entry.quality = match choices.below(12) {
                _ if entry.mantissa > spec.high => Quality::OverRange,
                0 => Quality::Stale,
                1 => Quality::Uncalibrated,
                _ => Quality::Good,
            };
            (entry.time, entry.origin) = (time, origin);
            entry
        });
        let entries: Vec<_> = entries.collect();
        let mut stored = vec![0; record::capacity(entries.len())];
        let values = entries.iter().map(|entry| (entry.channel, entry.mantissa, entry.quality));
        let len = record::encode(version.device.version(), values, &mut stored)?;
        stored.truncate(len);
        let truth = specs.iter().zip(&entries).map(|(spec, entry)| Truth::of(spec, entry));
        Ok(Self { stored, truth: truth.collect(), time, origin })
    }

    fn row(&self) -> Result<Row<'_>, Error> {
        let row = Row::new(record::decode(&self.stored)?).at(self.time);
        Ok(match self.origin {
            Some(origin) => row.with_origin(origin),
            None => row,
        })
    }
}

/// Returns a mantissa that the field holds: the ends as often as all the rest.
fn mantissa(spec: &Spec, choices: &mut Choices) -> i32 {
    match choices.below(6) {
        0 => spec.low,
        1 => spec.high,
        2 => spec.end(),
        _ => {
            let span = i64::from(spec.end()) - i64::from(spec.low);
            let above = choices.below(span as u64 + 1);
            i64::from(spec.low).saturating_add_unsigned(above) as i32
        }
    }
}

/// Returns a frame of each profile.
pub(super) fn frames(
    version: &Version,
    library: &Library,
    choices: &mut Choices,
) -> Result<[Frame; 5], Error> {
    let boot = choices.below(1 << 16) as u16;
    let sequence = choices.below(1 << 20) as u32;
    let form = choices.below(4);
    let time = |at: u32| match form {
        0 => Time::NOW,
        1 => Time::FromNow(-100_000 + 600 * at as i32),
        2 => Time::Unix(1_700_000_000 + 3_600 * at),
        _ => Time::SinceBoot(60 * at),
    };
    let has_origin = form == 3 || choices.below(2) == 0;
    let mut moments = Vec::new();
    for at in 0..2 + choices.below(5) as u32 {
        let origin = has_origin.then_some(Origin::new(boot, sequence + at));
        moments.push(Moment::random(version, time(at), origin, choices)?);
    }
    let (first, _) = moments.split_first().ok_or(Error::Range { position: 0 })?;
    // A record has neither time nor origin: the queue keeps them.
    let mut bare = first.truth.clone();
    for truth in &mut bare {
        (truth.time, truth.origin) = (Time::NOW, None);
    }
    let mut columns: Vec<_> = moments.iter().flat_map(|moment| moment.truth.clone()).collect();
    columns.sort_by_key(|truth| truth.id);
    let rows = moments.iter().map(Moment::row).collect::<Result<Vec<_>, _>>()?;
    let frame = |profile, bytes, truth| Frame { profile, bytes, truth };
    Ok([
        frame(Profile::Record, first.stored.clone(), bare),
        frame(Profile::Senml, senml(version, &first.truth)?, first.truth.clone()),
        frame(
            Profile::Compact,
            filled(|buffer| compact::encode_row(&first.row()?, buffer))?,
            first.truth.clone(),
        ),
        frame(
            Profile::Compact,
            filled(|buffer| compact::encode(rows.iter().cloned(), buffer))?,
            columns,
        ),
        frame(Profile::Tiny, tiny(version, library, &first.row()?)?, first.truth.clone()),
    ])
}

fn senml(version: &Version, truth: &[Truth]) -> Result<Vec<u8>, Error> {
    let mut buffer = vec![0; 8_192];
    let mut pack = PackEncoder::new(&mut buffer, BASE);
    for truth in truth {
        let Some(channel) = version.device.channel(ChannelId(truth.id)) else { continue };
        let record =
            Record::of(channel, truth.value.mantissa()).at(truth.time).with_quality(truth.quality);
        pack.push(&match truth.origin {
            Some(origin) => record.with_origin(origin),
            None => record,
        })?;
    }
    Ok(pack.finish().to_vec())
}

fn tiny(version: &Version, library: &Library, row: &Row<'_>) -> Result<Vec<u8>, Error> {
    filled(|buffer| {
        let layout = library.layout(&version.device);
        let packed = tiny::encode(&layout, row, Selection::ALL, Carrier::Frame, buffer)?;
        if packed.left_out.is_empty() && packed.unknown.is_empty() {
            Ok(packed.len)
        } else {
            Err(Error::Full { needed: 0 })
        }
    })
}

fn filled(fill: impl FnOnce(&mut [u8]) -> Result<usize, Error>) -> Result<Vec<u8>, Error> {
    let mut buffer = vec![0; 8_192];
    let len = fill(&mut buffer)?;
    buffer.truncate(len);
    Ok(buffer)
}
