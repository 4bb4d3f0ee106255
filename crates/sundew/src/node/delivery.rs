//! From records in flash to one message.

use core::ops::ControlFlow;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sundew_codec::senml::{PackEncoder, Record};
use sundew_codec::{Error, Origin, Time, record};
use sundew_queue::{Position, Queue, Stamp};
use sundew_transport::link::Token;
use sundew_units::{Device, Sample, Timestamp};

use super::uptime::Uptime;

/// Names a message that was sent and not acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) token: Token,
    pub(super) cargo: Cargo,
}

/// Says what a message carries: records, or the result of the command with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cargo {
    Batch(Batch),
    Answer(u32),
}

/// Names the records of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) up_to: Position,
    pub(super) records: u16,
}

/// Says what could be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed<'b> {
    /// Nothing waits.
    Nothing,
    /// No record of the batch has a value that can be read: there is nothing to send.
    Unreadable(Batch),
    /// These bytes hold the oldest records that fit.
    Message(&'b [u8], Batch),
    /// Not even the oldest record fits.
    TooNarrow,
}

/// Puts the oldest records into one pack, as many as `frame` takes.
///
/// A value that cannot be read, or whose channel this firmware no longer has, is left out of its
/// record: it can never be delivered, and must not stand in the way of those behind it.
pub(super) fn pack<'b, F: MultiwriteNorFlash>(
    queue: &mut Queue,
    flash: &mut F,
    name: &'b str,
    device: &Device,
    uptime: &Uptime,
    frame: &'b mut [u8],
) -> Result<Packed<'b>, sundew_queue::Error<F::Error>> {
    let mut scratch = [0; record::capacity(Sample::CAPACITY)];
    let mut pack = PackEncoder::new(frame, name);
    let mut batch: Option<Batch> = None;
    let mut is_full = false;
    queue.visit(flash, &mut scratch, |stored| {
        let position = stored.position;
        let mark = pack.mark();
        let origin = Origin::new(position.boot, position.sequence);
        let time = time(stored.stamp, position.boot, uptime);
        for (id, mantissa, quality) in
            record::decode(stored.payload).into_iter().flatten().flatten()
        {
            let Some(channel) = device.channel(id) else { continue };
            let value = Record::of(channel, mantissa).with_quality(quality);
            is_full = pack.push(&value.at(time).with_origin(origin)).is_err_and(Error::is_full);
            if is_full {
                pack.rewind(mark);
                return ControlFlow::Break(());
            }
        }
        let records = batch.map_or(1, |batch| batch.records.saturating_add(1));
        batch = Some(Batch { up_to: position, records });
        ControlFlow::Continue(())
    })?;
    Ok(match batch {
        Some(batch) if pack.is_empty() => Packed::Unreadable(batch),
        Some(batch) => Packed::Message(pack.finish(), batch),
        None if is_full => Packed::TooNarrow,
        None => Packed::Nothing,
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
