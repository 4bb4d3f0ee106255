//! From records in flash to one message.

use core::ops::ControlFlow;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sundew_codec::{Origin, Row, Time, record};
use sundew_queue::legacy::Queue;
use sundew_queue::{Position, Stamp};
use sundew_transport::link::Token;
use sundew_units::{Sample, Timestamp};

use super::profile::{Packer, Profile, Speaker, Taken};
use super::uptime::Uptime;

/// Names a message that was sent and not acknowledged yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight<L> {
    pub(super) token: Token,
    pub(super) cargo: Cargo<L>,
}

/// Says what a message carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cargo<L> {
    /// Tells what the device is.
    Birth,
    /// Holds records.
    Batch(Batch),
    /// Holds records, of the newest of them a part; this is left of it.
    Part(Batch, L),
    /// Holds the result of the command with a number.
    Answer(u32),
}

/// Names the records of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) up_to: Position,
    pub(super) records: u16,
}

/// Says what could be put together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Packed<L> {
    /// Nothing waits.
    Nothing,
    /// No record of the batch has a value that can be read: there is nothing to send.
    Unreadable(Batch),
    /// So many bytes of the frame hold the oldest records that fit.
    Message(usize, Cargo<L>),
    /// Not even the oldest record fits.
    TooNarrow,
}

/// Packs the oldest records that fit into `frame`.
///
/// What a profile cannot send of a record, such as a value whose channel this firmware does not
/// know, is left out of it: it can never be delivered, and must not stand in the way of those
/// behind it.
pub(super) fn pack<P: Profile, F: MultiwriteNorFlash>(
    queue: &mut Queue,
    flash: &mut F,
    speaker: Speaker<'_>,
    left: P::Left,
    uptime: &Uptime,
    frame: &mut [u8],
) -> Result<Packed<P::Left>, sundew_queue::Error<F::Error>> {
    let mut scratch = [0; record::capacity(Sample::CAPACITY)];
    let mut stage = P::STAGE;
    let mut packer = P::packer(speaker, left, &mut stage, frame);
    let mut batch: Option<Batch> = None;
    let mut last = Taken::Nothing;
    let mut is_empty = true;
    queue.visit(flash, &mut scratch, |stored| {
        let position = stored.position;
        last = record::decode(stored.payload).map_or(Taken::Nothing, |values| {
            let origin = Origin::new(position.boot, position.sequence);
            let time = time(stored.stamp, position.boot, uptime);
            packer.push(&Row::new(values).at(time).with_origin(origin))
        });
        if last == Taken::Full {
            return ControlFlow::Break(());
        }
        is_empty &= last == Taken::Nothing;
        let records = batch.map_or(1, |batch| batch.records.saturating_add(1));
        batch = Some(Batch { up_to: position, records });
        if last == Taken::Part { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let (len, left) = packer.finish();
    Ok(match (batch, last) {
        (Some(batch), Taken::Part) => Packed::Message(len, Cargo::Part(batch, left)),
        (Some(batch), _) if is_empty => Packed::Unreadable(batch),
        // Taken and yet not packed: a fault of the profile must not cost the records.
        (Some(_), _) if len == 0 => Packed::TooNarrow,
        (Some(batch), _) => Packed::Message(len, Cargo::Batch(batch)),
        (None, Taken::Full) => Packed::TooNarrow,
        (None, _) => Packed::Nothing,
    })
}

/// Tells when a record was taken as exactly as is known now.
fn time(stamp: Stamp, boot: u16, uptime: &Uptime) -> Time {
    let taken = match stamp {
        Stamp::Unix(unix) => Timestamp::Unix(unix),
        Stamp::SinceBoot(seconds) => Timestamp::SinceBoot { boot, seconds },
        _ => return Time::NOW,
    };
    match uptime.repaired(taken) {
        // Of this boot: without a wall clock "so many seconds ago" is exact all the same.
        Timestamp::SinceBoot { boot, seconds } if boot == uptime.boot() => {
            let ago = uptime.seconds().saturating_sub(seconds);
            Time::FromNow(i32::try_from(ago).map_or(i32::MIN, |ago| -ago))
        }
        taken => taken.into(),
    }
}
