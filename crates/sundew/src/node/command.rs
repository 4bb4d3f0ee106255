//! Commands that come down, and the results that go up.

use core::fmt;

use sundew_codec::Error;
use sundew_core::{Classify, ErrorKind};
use sundew_units::{Access, Channel};

use super::Refusal;
use super::profile::{Profile, Request, Speaker};

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
    /// Reports bytes that the node's profile cannot read.
    Malformed(Error),
    /// Reports a SenML pack without any record.
    Empty,
    /// Reports a SenML pack of more than one record: a command sets one channel.
    Several,
    /// Reports a SenML record without the number that its result would go by.
    NoId,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "command: {error}"),
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
///
/// Public in a private module, for [`Codec`](super::profile::Codec).
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub id: u32,
    pub channel: Option<&'static Channel>,
    pub mantissa: i32,
    pub outcome: Result<(), Refusal>,
    is_owed: bool,
}

impl Answer {
    /// Returns the number of the outcome; 0 is done.
    pub(super) fn result(&self) -> u16 {
        self.outcome.map_or_else(|refusal| u16::from(refusal.number()), |()| 0)
    }
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

    /// Reads a message from the command channel.
    pub(super) fn receive<P: Profile>(
        &mut self,
        payload: &[u8],
        speaker: Speaker<'_>,
    ) -> Result<Received, CommandError> {
        let request = P::command(payload, speaker)?;
        let id = request.id;
        if let Some(known) = self.answers.iter_mut().flatten().find(|answer| answer.id == id) {
            known.is_owed = true;
            return Ok(Received::Answered(*known));
        }
        Ok(match check(&request, speaker.unix) {
            Ok((channel, mantissa)) => Received::Command { id, channel, mantissa },
            Err(refusal) => Received::Answered(self.answer(id, request.channel, 0, Err(refusal))),
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

    /// Returns the oldest result that the other side is still to be told.
    pub(super) fn owed(&self) -> Option<&Answer> {
        self.answers.iter().rev().flatten().find(|answer| answer.is_owed)
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

fn check(request: &Request, unix: Option<u32>) -> Result<(&'static Channel, i32), Refusal> {
    let channel = request.channel.ok_or(Refusal::UnknownChannel)?;
    if channel.access() != Access::Writable {
        return Err(Refusal::ReadOnly);
    }
    if let Some(expires) = request.expires {
        match unix {
            None => return Err(Refusal::ClockUnknown),
            Some(now) if now >= expires => return Err(Refusal::Expired),
            Some(_) => {}
        }
    }
    let mantissa = request.value?;
    if channel.contains(mantissa) { Ok((channel, mantissa)) } else { Err(Refusal::OutOfRange) }
}
