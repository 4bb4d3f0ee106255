//! Tiny frames: one record, bit by bit, for radios.

use sundew_codec::tiny::{self, Carrier, Packed, Selection};
use sundew_codec::{Error, Origin, Row, Time};
use sundew_units::Device;

use super::Profile;
use super::codec::{Codec, Packer, Request, Speaker, Taken, birth_or_hash};
use crate::node::command::{Answer, CommandError};

/// Sends tiny frames: one record each, and more than one where the link has no room for all of its
/// values. The record stays in flash until the last of them is delivered.
///
/// Time and place in the queue travel where they put no value into a further frame. Where they
/// would, the time becomes an age, which a link that delivers at once makes exact again; where that
/// is not enough the place is left out, and with it the time of records from before a restart of a
/// device that does not know the time.
///
/// Records that an older firmware left behind travel as this firmware's table says; values whose
/// channels it has no more are given up.
///
/// Not every table of channels suits: [`tiny::fits`] says so while compiling. Where it does not, no
/// record is sent, nor lost.
///
/// The kind of a frame is its first byte. A link with ports of its own, such as LoRaWAN, may carry
/// that byte as the port and put it back on the way down. A descriptor, which goes up once a boot
/// where a message has room for it, is no tiny frame and has no such byte: that link gives it a port
/// that no frame has, 223, or reports less room than it takes, so that its hash goes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tiny;

impl Profile for Tiny {}

impl Codec for Tiny {
    type Stage = [u8; 0];
    const STAGE: [u8; 0] = [];
    type Left = Left;
    type Packer<'b> = TinyPacker<'b>;

    fn packer<'b>(
        speaker: Speaker<'b>,
        left: Left,
        _: &'b mut [u8; 0],
        frame: &'b mut [u8],
    ) -> TinyPacker<'b> {
        TinyPacker { device: speaker.device, unix: speaker.unix, left, frame, len: 0 }
    }

    fn birth(device: &Device, frame: &mut [u8]) -> Result<usize, Error> {
        birth_or_hash(device, frame)
    }

    fn command(bytes: &[u8], speaker: Speaker<'_>) -> Result<Request, CommandError> {
        let command = tiny::decode_command(Carrier::Frame, bytes);
        Ok(Request::by_id(command.map_err(CommandError::Malformed)?, speaker.device))
    }

    fn answer(answer: &Answer, _: Speaker<'_>, frame: &mut [u8]) -> Result<usize, Error> {
        tiny::encode_answer(&answer.by_id(), Carrier::Frame, frame)
    }
}

/// Marks the values of a record that are still to be sent; all of those of any other record are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Left(Option<(Origin, Selection)>);

impl Left {
    fn of(self, row: &Row<'_>) -> Selection {
        match self.0 {
            Some((origin, left)) if row.origin == Some(origin) => left,
            _ => Selection::ALL,
        }
    }
}

#[derive(Debug)]
pub struct TinyPacker<'b> {
    device: &'static Device,
    unix: Option<u32>,
    left: Left,
    frame: &'b mut [u8],
    len: usize,
}

impl TinyPacker<'_> {
    fn encode(&mut self, row: &Row<'_>, wanted: Selection) -> Result<Packed, Error> {
        tiny::encode(self.device, row, wanted, Carrier::Frame, self.frame)
    }

    /// Returns the time as an age, which takes 1 to 3 bytes where a Unix time takes 4. A time that
    /// lies ahead, since the clock was set back, has none.
    fn aged(&self, time: Time) -> Time {
        let Time::Unix(taken) = time else { return time };
        let age = self.unix.and_then(|now| i32::try_from(now.checked_sub(taken)?).ok());
        age.map_or(time, |age| Time::FromNow(-age))
    }
}

impl Packer for TinyPacker<'_> {
    type Left = Left;

    fn push(&mut self, row: &Row<'_>) -> Taken {
        if self.len > 0 {
            return Taken::Full;
        }
        let (wanted, origin) = (self.left.of(row), row.origin);
        // As it mostly goes, and then nothing else need be tried.
        if let Ok(packed) = self.encode(row, wanted)
            && packed.left_out.is_empty()
            && !packed.sent.is_empty()
        {
            self.len = packed.len;
            return Taken::Whole;
        }
        let aged = row.clone().at(self.aged(row.time));
        // Without its boot, seconds since that boot would mean nothing.
        let time = if let Time::SinceBoot(_) = aged.time { Time::NOW } else { aged.time };
        let bare = Row::new(row.values.clone()).at(time);
        let limit = self.frame.len();
        let most = match tiny::plan(self.device, &bare, wanted, Carrier::Frame, limit) {
            Ok(packed) if packed.sent.is_empty() => return Taken::Nothing,
            Ok(packed) => packed.left_out,
            // A table that tiny frames cannot speak of costs no record: all of them wait.
            Err(error) if error.is_full() || !tiny::fits(self.device) => return Taken::Full,
            Err(_) => return Taken::Nothing,
        };
        // Whatever costs no value its place travels too.
        for row in [row, &aged, &bare] {
            let Ok(packed) = self.encode(row, wanted) else { continue };
            if packed.left_out == most {
                self.len = packed.len;
                break;
            }
        }
        if most.is_empty() {
            return Taken::Whole;
        }
        self.left = Left(origin.map(|origin| (origin, most)));
        Taken::Part
    }

    fn finish(self) -> (usize, Left) {
        (self.len, self.left)
    }
}
