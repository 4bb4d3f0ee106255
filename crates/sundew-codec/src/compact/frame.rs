//! What all rows of a frame have in common.

use sundew_units::ChannelId;

use crate::{Error, FIRST_ABSOLUTE, Row, Time, record::Values};

/// Says what the numbers of a time column count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Form {
    FromNow,
    SinceBoot,
    Unix,
}

impl Form {
    /// Splits a time; `None` where a frame cannot say it.
    pub(super) fn of(time: Time) -> Option<(Self, u32)> {
        match time {
            Time::FromNow(seconds) if seconds < FIRST_ABSOLUTE as i32 => {
                Some((Self::FromNow, seconds as u32))
            }
            Time::SinceBoot(seconds) => Some((Self::SinceBoot, seconds)),
            Time::Unix(seconds) if seconds >= FIRST_ABSOLUTE => Some((Self::Unix, seconds)),
            Time::FromNow(_) | Time::Unix(_) => None,
        }
    }

    /// Joins what [`of`](Self::of) split; `None` where no frame can say it.
    pub(super) fn time(self, seconds: u32) -> Option<Time> {
        match self {
            Self::FromNow => {
                let seconds = seconds as i32;
                (seconds < FIRST_ABSOLUTE as i32).then_some(Time::FromNow(seconds))
            }
            Self::SinceBoot => Some(Time::SinceBoot(seconds)),
            Self::Unix => (seconds >= FIRST_ABSOLUTE).then_some(Time::Unix(seconds)),
        }
    }
}

/// Holds what must be the same in all rows of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Common {
    pub(super) schema: u16,
    pub(super) form: Form,
    pub(super) boot: Option<u16>,
}

impl Common {
    /// Returns what a row has, and the number of its time.
    pub(super) fn of(row: &Row<'_>) -> Option<(Self, u32)> {
        let (form, seconds) = Form::of(row.time)?;
        let boot = row.origin.map(|origin| origin.boot);
        Some((Self { schema: row.schema(), form, boot }, seconds))
    }
}

/// Holds what of a row goes into columns.
pub(super) struct Cells<'a> {
    pub(super) seconds: u32,
    /// Holds the sequence of the origin, any number where there is none.
    pub(super) sequence: u32,
    pub(super) values: Values<'a>,
    /// Holds how many rows of the frame the values take: one has the first value of each channel,
    /// the next one the second value, and so on.
    pub(super) turns: u16,
}

impl<'a> Cells<'a> {
    pub(super) fn of(row: &Row<'a>, repeats: Repeats) -> Option<Self> {
        let (_, seconds) = Common::of(row)?;
        let sequence = row.origin.map_or(0, |origin| origin.sequence);
        let values = row.values.clone();
        Some(Self { seconds, sequence, turns: repeats.turns(&values), values })
    }
}

/// Says whether a channel may be twice in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    No,
    Possible,
}

impl Repeats {
    /// Returns how many values the channel has that has the most of them, at least 1.
    pub(super) fn turns(self, values: &Values<'_>) -> u16 {
        let mut most = 1;
        if self == Self::Possible {
            for (channel, ..) in values.clone().flatten() {
                let same = values.clone().flatten().filter(|(own, ..)| *own == channel);
                most = most.max(same.fold(0_u16, |count, _| count.saturating_add(1)));
            }
        }
        most
    }
}

/// Holds a set of channels.
#[derive(Clone, Copy, Default)]
pub(super) struct Channels {
    bits: [u8; 32],
    pub(super) count: u16,
}

impl Channels {
    /// Adds a channel and returns whether it is new.
    #[inline(never)]
    pub(super) fn insert(&mut self, channel: ChannelId) -> bool {
        let mask = 1 << (channel.0 & 7);
        let Some(byte) = self.bits.get_mut(usize::from(channel.0 >> 3)) else { return false };
        let is_new = *byte & mask == 0;
        *byte |= mask;
        self.count += u16::from(is_new);
        is_new
    }

    /// Returns the first channel whose id is not below `id`.
    #[inline(never)]
    pub(super) fn from(&self, id: u16) -> Option<ChannelId> {
        for id in id..256 {
            let byte = self.bits.get(usize::from(id >> 3))?;
            if byte >> (id & 7) & 1 == 1 {
                return Some(ChannelId(id as u8));
            }
        }
        None
    }

    /// Returns the channels in ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = ChannelId> + '_ {
        core::iter::successors(self.from(0), |channel| self.from(u16::from(channel.0) + 1))
    }
}

/// Adds the channels of a row to those of the frame, and those that are not good to `marked`.
///
/// # Errors
///
/// Returns the error of a malformed record.
pub(super) fn gather(
    values: Values<'_>,
    channels: &mut Channels,
    marked: &mut Channels,
) -> Result<Repeats, Error> {
    let mut repeats = Repeats::No;
    let mut own = Channels::default();
    for value in values {
        let (channel, _, quality) = value?;
        if !own.insert(channel) {
            repeats = Repeats::Possible;
        }
        channels.insert(channel);
        if quality.number() != 0 {
            marked.insert(channel);
        }
    }
    Ok(repeats)
}
