//! Frames of what was made, each with what others must find in it.

mod compact;
mod descriptor;
mod senml;
mod tiny;

use sundew_codec::{Answer, Command, Origin, Time};
use sundew_units::{ChannelId, Quality};

pub(super) use senml::nearest;

use super::made::Made;
use crate::demo::Choices;
use crate::failure::Failure;

/// Holds bytes for one of the others, and what it must make of them.
pub(super) struct Frame {
    /// Names the format, and with it who decodes it.
    pub(super) format: &'static str,
    /// What the decoder must be told beside the bytes; a word, `-` for nothing.
    pub(super) context: String,
    pub(super) bytes: Vec<u8>,
    pub(super) expected: Expected,
}

/// Says what a decoder must make of a frame.
pub(super) enum Expected {
    /// These values, in any order.
    Rows(Vec<String>),
    /// A refusal, for a reason that is known.
    Refusal(&'static str),
}

/// Encodes what was made in every way there is.
pub(super) fn all(
    made: &Made,
    choices: &mut Choices,
    frames: &mut Vec<Frame>,
) -> Result<(), Failure> {
    senml::add(made, frames)?;
    compact::add(made, choices, frames)?;
    tiny::add(made, choices, frames)?;
    descriptor::add(&made.device, frames)
}

impl Frame {
    pub(super) fn rows(format: &'static str, bytes: Vec<u8>, rows: Vec<String>) -> Self {
        Self { format, context: "-".to_owned(), bytes, expected: Expected::Rows(rows) }
    }

    fn refused(format: &'static str, bytes: &[u8], cause: &'static str) -> Self {
        let expected = Expected::Refusal(cause);
        Self { format, context: "-".to_owned(), bytes: bytes.to_vec(), expected }
    }
}

/// Writes a time as `decode.py` does.
fn time(time: Time) -> String {
    match time {
        Time::Unix(seconds) => format!("u{seconds}"),
        Time::SinceBoot(seconds) => format!("b{seconds}"),
        Time::FromNow(seconds) => format!("n{seconds}"),
        _ => "?".to_owned(),
    }
}

/// Writes an origin as `decode.py` does.
fn origin_of(origin: Option<Origin>) -> String {
    origin.map_or("-".to_owned(), |Origin { boot, sequence, .. }| format!("{boot}.{sequence}"))
}

/// Writes an entry as `decode.py` does.
fn entry(
    (id, mantissa, quality): (ChannelId, i32, Quality),
    when: Time,
    origin: Option<Origin>,
) -> String {
    let (time, origin) = (time(when), origin_of(origin));
    format!("{}|{mantissa}|{time}|{origin}|{}", id.0, quality.number())
}

/// Holds a command and an answer to it, with their lines in `decode.py`.
struct Exchange {
    command: Command,
    answer: Answer,
    command_row: String,
    answer_row: String,
}

impl Exchange {
    fn make(choices: &mut Choices) -> Self {
        let id = u32::try_from(choices.below(1 << 20)).unwrap_or(0);
        let channel = ChannelId(u8::try_from(choices.below(256)).unwrap_or(0));
        let mantissa = i32::try_from(choices.below(1 << 31)).unwrap_or(0);
        let mantissa = if id & 1 == 0 { mantissa } else { !mantissa >> (id & 31) };
        let mut command = Command::new(id, channel, mantissa);
        if choices.below(2) == 0 {
            command = command.expiring(1 + u32::try_from(choices.below(1 << 32)).unwrap_or(0) / 2);
        }
        let answer = match u16::try_from(choices.below(300)).unwrap_or(0) {
            0..150 => Answer::done(id, channel, mantissa),
            error => Answer::failed(id, error),
        };
        let expires = command.expires.map_or("-".to_owned(), |unix| unix.to_string());
        let value = answer.value.map_or("-".to_owned(), |(id, value)| format!("{}={value}", id.0));
        let command_row = format!("{id}|{}|{mantissa}|{expires}", channel.0);
        let answer_row = format!("{id}|{value}|{}", answer.result);
        Self { command, answer, command_row, answer_row }
    }
}
