//! Compact frames: what waits, in columns.

use sundew_codec::{Error, Row, compact};
use sundew_units::Device;

use super::Profile;
use super::codec::{Codec, Packer, Request, Speaker, Taken, birth_or_hash};
use crate::node::command::{Answer, CommandError};

/// Sends compact frames: channel ids and mantissas, as many records as fit in one batch of columns.
///
/// 24 hourly records of two values take some 76 bytes. Who receives them needs the descriptor that
/// the node announces at birth, so the link and the node's `FRAME` must have room for it
/// ([`descriptor::len`](sundew_codec::descriptor::len)); where they have not, its hash goes up, and
/// the collector must know the descriptor. Records that an older firmware left behind travel under
/// the number of its table: a collector keeps the descriptors that it has seen.
///
/// *Stack*: 512 bytes for the records of one batch, which are some 50 of two values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Compact;

impl Profile for Compact {}

const STAGE_BYTES: usize = 512;

impl Codec for Compact {
    type Stage = [u8; STAGE_BYTES];
    const STAGE: [u8; STAGE_BYTES] = [0; STAGE_BYTES];
    type Left = ();
    type Packer<'b> = CompactPacker<'b>;

    fn packer<'b>(
        _: Speaker<'b>,
        (): (),
        stage: &'b mut [u8; STAGE_BYTES],
        frame: &'b mut [u8],
    ) -> CompactPacker<'b> {
        CompactPacker { batch: compact::Batch::new(stage, frame.len()), frame }
    }

    fn birth(device: &Device, frame: &mut [u8]) -> Result<usize, Error> {
        birth_or_hash(device, frame)
    }

    fn command(bytes: &[u8], speaker: Speaker<'_>) -> Result<Request, CommandError> {
        let command = compact::decode_command(bytes).map_err(CommandError::Malformed)?;
        Ok(Request::by_id(command, speaker.device))
    }

    fn answer(answer: &Answer, _: Speaker<'_>, frame: &mut [u8]) -> Result<usize, Error> {
        compact::encode_answer(&answer.by_id(), frame)
    }
}

#[derive(Debug)]
pub struct CompactPacker<'b> {
    batch: compact::Batch<'b>,
    frame: &'b mut [u8],
}

impl Packer for CompactPacker<'_> {
    type Left = ();

    fn push(&mut self, row: &Row<'_>) -> Taken {
        match self.batch.push(row) {
            Ok(()) => Taken::Whole,
            // No room, or another boot: the next message begins with this record.
            Err(error) if error.is_full() || !self.batch.is_empty() => Taken::Full,
            Err(_) => Taken::Nothing,
        }
    }

    fn finish(self) -> (usize, ()) {
        // What was taken has room: the batch knows the limit.
        (self.batch.encode(self.frame).unwrap_or_default(), ())
    }
}
