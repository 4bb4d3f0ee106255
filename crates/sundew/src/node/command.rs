//! Commands that come down, and the results that go up.

use core::fmt;

use sundew_codec::Error;
use sundew_codec::senml::{Name, PackDecoder, PackEncoder, Record, Value};
use sundew_core::{Classify, ErrorKind};
use sundew_units::{Access, Channel, Device};

use super::Refusal;

/// Says why a message on the command channel is no command, so that there is nothing to answer.
///
/// ```
/// use sundew::core::{Classify, ErrorKind};
/// use sundew::node::CommandError;
///
/// assert_eq!(CommandError::NoId.kind(), ErrorKind::Peer); // who sends it must act
/// assert_eq!(CommandError::NoId.to_string(), "command without an id");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CommandError {
    /// Reports bytes that are no SenML pack.
    Pack(Error),
    /// Reports a pack without any record.
    Empty,
    /// Reports a pack of more than one record: a command sets one channel.
    Several,
    /// Reports a record without the number that its result would go by.
    NoId,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack(error) => write!(f, "command: {error}"),
            Self::Empty => f.write_str("command without a record"),
            Self::Several => f.write_str("command of several records"),
            Self::NoId => f.write_str("command without an id"),
        }
    }
}

impl core::error::Error for CommandError {}

impl Classify for CommandError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Peer
    }
}

/// Holds how many commands are remembered, and how many results may wait for the link.
const REMEMBERED: usize = 4;

/// Keeps the results of commands until the other side holds them.
///
/// A command that comes again, because its acknowledgement was lost, is answered again and not
/// carried out again. A restart forgets that: who sends commands that must not be carried out twice
/// gives them an expiry.
#[derive(Debug)]
pub(super) struct Commands {
    /// Holds the latest answers, the newest first.
    answers: [Option<Answer>; REMEMBERED],
}

/// Holds the result of one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) id: u32,
    pub(super) channel: Option<&'static Channel>,
    pub(super) mantissa: i32,
    pub(super) outcome: Result<(), Refusal>,
    is_owed: bool,
}

/// Holds what came down the command channel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Received {
    /// Is to be carried out.
    Command { id: u32, channel: &'static Channel, mantissa: i32 },
    /// Was refused, or carried out before.
    Answered(Answer),
}

impl Commands {
    pub(super) const fn new() -> Self {
        Self { answers: [None; REMEMBERED] }
    }

    /// Reads a message from the command channel; `unix` is the time now, if it is known.
    pub(super) fn receive(
        &mut self,
        payload: &[u8],
        name: &str,
        device: &Device,
        unix: Option<u32>,
    ) -> Result<Received, CommandError> {
        let mut records = PackDecoder::new(payload);
        let record = records.next().ok_or(CommandError::Empty)?.map_err(CommandError::Pack)?;
        match records.next() {
            None => {}
            Some(Ok(_)) => return Err(CommandError::Several),
            Some(Err(error)) => return Err(CommandError::Pack(error)),
        }
        let id = record.id.ok_or(CommandError::NoId)?;
        if let Some(known) = self.answers.iter_mut().flatten().find(|answer| answer.id == id) {
            known.is_owed = true;
            return Ok(Received::Answered(*known));
        }
        let channel = device.channels().iter().find(|channel| is_named(&record, name, channel));
        Ok(match check(&record, channel, unix) {
            Ok((channel, mantissa)) => Received::Command { id, channel, mantissa },
            Err(refusal) => Received::Answered(self.answer(id, channel, 0, Err(refusal))),
        })
    }

    /// Notes the result of a command, and that the other side is to be told.
    pub(super) fn answer(
        &mut self,
        id: u32,
        channel: Option<&'static Channel>,
        mantissa: i32,
        outcome: Result<(), Refusal>,
    ) -> Answer {
        let answer = Answer { id, channel, mantissa, outcome, is_owed: true };
        self.answers.rotate_right(1);
        if let Some(newest) = self.answers.first_mut() {
            *newest = Some(answer);
        }
        answer
    }

    /// Puts the oldest result that is owed into a pack.
    pub(super) fn pack<'b>(
        &self,
        name: &'b str,
        frame: &'b mut [u8],
    ) -> Option<(u32, Result<&'b [u8], Error>)> {
        let answer = self.answers.iter().rev().flatten().find(|answer| answer.is_owed)?;
        let mut pack = PackEncoder::new(frame, name);
        let record = match (answer.channel, answer.outcome) {
            (Some(channel), Ok(())) => Record::of(channel, answer.mantissa),
            (Some(channel), Err(_)) => Record::new(channel.name()),
            (None, _) => Record::new(""),
        };
        let number = answer.outcome.map_or_else(Refusal::number, |()| 0);
        let record = record.with_id(answer.id).with_result(u16::from(number));
        Some((answer.id, pack.push(&record).map(|()| pack.finish())))
    }

    /// Notes that the other side holds the result of a command.
    pub(super) fn told(&mut self, id: u32) {
        for answer in self.answers.iter_mut().flatten() {
            if answer.id == id {
                answer.is_owed = false;
            }
        }
    }
}

/// Returns whether a command means a channel, by its name alone or after the device's.
fn is_named(record: &Record<'_>, name: &str, channel: &Channel) -> bool {
    record.name == *channel.name() || record.name == Name::new(name, channel.name())
}

fn check(
    record: &Record<'_>,
    channel: Option<&'static Channel>,
    unix: Option<u32>,
) -> Result<(&'static Channel, i32), Refusal> {
    let channel = channel.ok_or(Refusal::UnknownChannel)?;
    if channel.access() != Access::Writable {
        return Err(Refusal::ReadOnly);
    }
    if let Some(expires) = record.expires {
        match unix {
            None => return Err(Refusal::ClockUnknown),
            Some(now) if now >= expires => return Err(Refusal::Expired),
            Some(_) => {}
        }
    }
    if !record.unit.is_empty() && record.unit != *channel.symbol() {
        return Err(Refusal::WrongUnit);
    }
    let value = record.value.and_then(Value::dec).ok_or(Refusal::OutOfRange)?;
    let value = value.at_exponent(channel.exponent()).ok_or(Refusal::OutOfRange)?;
    if channel.contains(value.mantissa()) {
        Ok((channel, value.mantissa()))
    } else {
        Err(Refusal::OutOfRange)
    }
}
