//! From records in flash to one message, and back to the flash once it arrived.

use core::ops::ControlFlow;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sundew_codec::record;
use sundew_codec::senml::{Origin, PackEncoder, Record, Time};
use sundew_queue::{Position, Queue, Stamp};
use sundew_transport::link::Token;
use sundew_units::{Device, Timestamp};

use super::uptime::Uptime;

/// Names a message that was sent and not acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flight {
    Batch(Token, Batch),
    Answer(Token, u32),
}

impl Flight {
    pub(super) const fn token(self) -> Token {
        match self {
            Self::Batch(token, _) | Self::Answer(token, _) => token,
        }
    }
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
    /// Every record of the batch is unreadable: there is nothing to send, only to let go of.
    Unreadable(Batch),
    /// These bytes hold the oldest records that fit.
    Message(&'b [u8], Batch),
    /// Not even the oldest record fits.
    TooNarrow,
}

/// Puts the oldest records into one pack, as many as `frame` takes.
///
/// A record whose bytes cannot be read, or that names a channel this firmware no longer has, is
/// counted into the batch without its value: it can never be delivered, and must not stand in the
/// way of those behind it.
pub(super) fn pack<'b, F: MultiwriteNorFlash>(
    queue: &mut Queue,
    flash: &mut F,
    name: &'b str,
    device: &Device,
    uptime: &Uptime,
    frame: &'b mut [u8],
) -> Result<Packed<'b>, sundew_queue::Error<F::Error>> {
    let mut scratch = [0; record::capacity(sundew_units::Sample::CAPACITY)];
    let mut pack = PackEncoder::new(frame, name);
    let mut batch: Option<Batch> = None;
    let mut too_narrow = false;
    queue.visit(flash, &mut scratch, |stored| {
        let position = stored.position;
        let mark = pack.mark();
        let origin = Origin::new(position.boot, position.sequence);
        let time = time(stored.stamp, position.boot, uptime);
        let values = record::decode(stored.payload).into_iter().flatten().flatten();
        for (id, mantissa, quality) in values {
            let Some(channel) = device.channel(id) else { continue };
            let value =
                Record::of(channel, mantissa).with_quality(quality).at(time).with_origin(origin);
            match pack.push(&value) {
                Ok(()) => {}
                Err(error) if error.is_full() => {
                    pack.rewind(mark);
                    too_narrow = batch.is_none();
                    return ControlFlow::Break(());
                }
                // A time before 1978 cannot be told: the value goes without it.
                Err(_) if pack.push(&value.at(Time::NOW)).is_ok() => {}
                Err(_) => return ControlFlow::Break(()),
            }
        }
        let records = batch.map_or(0, |batch| batch.records).saturating_add(1);
        batch = Some(Batch { up_to: position, records });
        ControlFlow::Continue(())
    })?;
    Ok(match batch {
        Some(batch) if pack.is_empty() => Packed::Unreadable(batch),
        Some(batch) => Packed::Message(pack.finish(), batch),
        None if too_narrow => Packed::TooNarrow,
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
    match uptime.anchor().map_or(taken, |anchor| taken.repaired(anchor)) {
        // Of this boot: without a wall clock "so many seconds ago" is exact all the same.
        Timestamp::SinceBoot { boot, seconds } if boot == uptime.boot() => {
            let ago = uptime.seconds().saturating_sub(seconds);
            Time::FromNow(i32::try_from(ago).map_or(i32::MIN, |ago| -ago))
        }
        taken => taken.into(),
    }
}
