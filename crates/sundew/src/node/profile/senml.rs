//! SenML packs: every value with its name and unit.

use sundew_codec::senml::{Name, PackDecoder, PackEncoder, Record, Value};
use sundew_codec::{Error, Row};
use sundew_units::{Channel, Dec, Device};

use super::Profile;
use super::codec::{Codec, Packer, Request, Speaker, Taken};
use crate::node::Refusal;
use crate::node::command::{Answer, CommandError};

/// Sends SenML packs in CBOR (RFC 8428), which need no descriptor to be understood.
///
/// 7 weather readings with units take about 120 bytes. A command is a pack of one record. The
/// descriptor is announced where the link has room for it; nothing depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Senml;

impl Profile for Senml {}

impl Codec for Senml {
    type Stage = [u8; 0];
    const STAGE: [u8; 0] = [];
    type Left = ();
    type Packer<'b> = SenmlPacker<'b>;

    fn packer<'b>(
        speaker: Speaker<'b>,
        (): (),
        _: &'b mut [u8; 0],
        frame: &'b mut [u8],
    ) -> SenmlPacker<'b> {
        SenmlPacker { pack: PackEncoder::new(frame, speaker.name), device: speaker.device }
    }

    fn command(bytes: &[u8], speaker: Speaker<'_>) -> Result<Request, CommandError> {
        let mut records = PackDecoder::new(bytes);
        let record = records.next().ok_or(CommandError::Empty)?.map_err(CommandError::Malformed)?;
        match records.next() {
            None => {}
            Some(Ok(_)) => return Err(CommandError::Several),
            Some(Err(error)) => return Err(CommandError::Malformed(error)),
        }
        let id = record.id.ok_or(CommandError::NoId)?;
        let mut channels = speaker.device.channels().iter();
        let channel = channels.find(|channel| is_named(&record, speaker.name, channel));
        let value = channel.map_or(Err(Refusal::UnknownChannel), |channel| value(&record, channel));
        Ok(Request { id, channel, value, expires: record.expires })
    }

    fn answer(answer: &Answer, speaker: Speaker<'_>, frame: &mut [u8]) -> Result<usize, Error> {
        let mut pack = PackEncoder::new(frame, speaker.name);
        let record = match (answer.channel, answer.result()) {
            (Some(channel), 0) => Record::of(channel, answer.mantissa),
            (Some(channel), _) => Record::new(channel.name()),
            (None, _) => Record::new(""),
        };
        pack.push(&record.with_id(answer.id).with_result(answer.result()))?;
        Ok(pack.finish().len())
    }
}

/// Returns whether a command means a channel, by its name alone or after the device's.
fn is_named(record: &Record<'_>, name: &str, channel: &Channel) -> bool {
    record.name == *channel.name() || record.name == Name::new(name, channel.name())
}

fn value(record: &Record<'_>, channel: &Channel) -> Result<i32, Refusal> {
    if !record.unit.is_empty() && record.unit != *channel.symbol() {
        return Err(Refusal::WrongUnit);
    }
    let value = record.value.and_then(Value::dec);
    let value = value.and_then(|value| value.at_exponent(channel.exponent()));
    value.map(Dec::mantissa).ok_or(Refusal::OutOfRange)
}

#[derive(Debug)]
pub struct SenmlPacker<'b> {
    pack: PackEncoder<'b>,
    device: &'static Device,
}

impl Packer for SenmlPacker<'_> {
    type Left = ();

    fn push(&mut self, row: &Row<'_>) -> Taken {
        let mark = self.pack.mark();
        let mut taken = Taken::Nothing;
        for (id, mantissa, quality) in row.values.clone().flatten() {
            let Some(channel) = self.device.channel(id) else { continue };
            let mut record = Record::of(channel, mantissa).with_quality(quality).at(row.time);
            record.origin = row.origin;
            match self.pack.push(&record) {
                Ok(()) => taken = Taken::Whole,
                Err(error) if error.is_full() => {
                    self.pack.rewind(mark);
                    return Taken::Full;
                }
                Err(_) => {}
            }
        }
        taken
    }

    fn finish(self) -> (usize, ()) {
        let len = if self.pack.is_empty() { 0 } else { self.pack.finish().len() };
        (len, ())
    }
}
