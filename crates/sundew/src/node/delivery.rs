//! From records in flash to one message.

use embedded_storage::nor_flash::NorFlash;
use sundew_codec::{Origin, Row, Time, record};
use sundew_queue::{Cursor, Effort, Error, LONGEST_PAYLOAD, Mark, Position, Queue, Record, Stamp};
use sundew_store::log::{LONGEST, NorLog};
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

/// Names the records of one message, all of one priority: they are let go of by one mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) oldest: Position,
    pub(super) up_to: Position,
    pub(super) mark: Mark,
    pub(super) records: u16,
    /// The strongest among them: none is given up before its time.
    pub(super) effort: Effort,
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

/// Holds the bytes of the longest record that a node stores, with the queue's head.
const STORED: usize = LONGEST - LONGEST_PAYLOAD + record::capacity(Sample::CAPACITY);

/// Packs the oldest records that fit into `frame`.
///
/// What a profile cannot send of a record, such as a value whose channel this firmware does not
/// know, is left out of it: it can never be delivered, and must not stand in the way of those
/// behind it.
pub(super) fn pack<P: Profile, F: NorFlash>(
    queue: &mut Queue<NorLog>,
    flash: &mut F,
    speaker: Speaker<'_>,
    left: P::Left,
    uptime: &Uptime,
    frame: &mut [u8],
) -> Result<Packed<P::Left>, Error<F::Error>> {
    let (mut cursor, mut scratch) = (Cursor::default(), [0; STORED]);
    let mut stage = P::STAGE;
    let mut packer = P::packer(speaker, left, &mut stage, frame);
    let mut batch: Option<Batch> = None;
    let mut last = Taken::Nothing;
    let mut is_empty = true;
    loop {
        let stored = match queue.peek(flash, &mut cursor, &mut scratch) {
            Ok(Some(stored)) => stored,
            Ok(None) => break,
            // Counted by the queue; the cursor has passed it.
            Err(Error::Corrupt) => continue,
            Err(error) => return Err(error),
        };
        if batch.is_some_and(|batch| batch.mark.priority() != stored.priority) {
            break;
        }
        let position = stored.position;
        last = record::decode(stored.payload).map_or(Taken::Nothing, |values| {
            let origin = Origin::new(position.boot, position.sequence);
            let time = time(stored.stamp, position.boot, uptime);
            packer.push(&Row::new(values).at(time).with_origin(origin))
        });
        if last == Taken::Full {
            break;
        }
        is_empty &= last == Taken::Nothing;
        batch = Some(Batch::with(batch, &stored));
        if last == Taken::Part {
            break;
        }
    }
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

impl Batch {
    /// Adds a record to a batch, or begins one with it.
    fn with(batch: Option<Self>, stored: &Record<'_>) -> Self {
        let (up_to, mark, effort) = (stored.position, stored.mark, stored.effort);
        match batch {
            None => Self { oldest: up_to, up_to, mark, records: 1, effort },
            Some(Self { oldest, records, effort: strongest, .. }) => Self {
                oldest,
                up_to,
                mark,
                records: records.saturating_add(1),
                effort: if (effort as u8) < (strongest as u8) { effort } else { strongest },
            },
        }
    }
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
