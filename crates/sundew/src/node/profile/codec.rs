//! What the node asks of a profile.

use core::fmt::Debug;

use sundew_codec::tiny::Carrier;
use sundew_codec::{Error, Row, descriptor, tiny};
use sundew_units::{Channel, Device};

use crate::node::Refusal;
use crate::node::command::{Answer, CommandError};

/// Turns records into messages and messages into commands.
///
/// This module is private, so that nobody but the node calls it or implements it.
pub trait Codec: Copy + Debug {
    /// Lends the memory in which records wait until their message is put together.
    type Stage: AsMut<[u8]>;
    const STAGE: Self::Stage;
    /// Remembers the part of a record that is still to be sent.
    type Left: Copy + Debug + Default;
    type Packer<'b>: Packer<Left = Self::Left>;

    /// Starts a message in `frame`; `left` is what is left of the oldest record.
    fn packer<'b>(
        speaker: Speaker<'b>,
        left: Self::Left,
        stage: &'b mut Self::Stage,
        frame: &'b mut [u8],
    ) -> Self::Packer<'b>;

    /// Writes what the device is and returns the number of bytes.
    fn birth(device: &Device, frame: &mut [u8]) -> Result<usize, Error> {
        descriptor::encode(device, frame)
    }

    /// Reads what came down the command channel.
    fn command(bytes: &[u8], speaker: Speaker<'_>) -> Result<Request, CommandError>;

    /// Writes the result of a command and returns the number of bytes.
    fn answer(answer: &Answer, speaker: Speaker<'_>, frame: &mut [u8]) -> Result<usize, Error>;
}

/// Puts a message together.
pub trait Packer {
    type Left;

    /// Adds the values of a record, oldest first.
    fn push(&mut self, row: &Row<'_>) -> Taken;

    /// Ends the message; returns its bytes, 0 where nothing was taken, and what is left of a record
    /// that was taken in part.
    fn finish(self) -> (usize, Self::Left);
}

/// Says what a message took of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it.
    Whole,
    /// Some of its values: the message is full, the next one takes the others.
    Part,
    /// Nothing, since the message is full.
    Full,
    /// Nothing, since there is nothing in it that this firmware can send.
    Nothing,
}

/// Holds a command as it was asked for; nothing about it is checked yet.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub id: u32,
    pub channel: Option<&'static Channel>,
    /// Holds the mantissa at the channel's exponent.
    pub value: Result<i32, Refusal>,
    pub expires: Option<u32>,
}

impl Request {
    /// Takes over a command of the profiles that know channels by their ids.
    pub(super) fn by_id(command: sundew_codec::Command, device: &Device) -> Self {
        let sundew_codec::Command { id, channel, mantissa, expires, .. } = command;
        Self { id, channel: device.channel(channel), value: Ok(mantissa), expires }
    }
}

impl Answer {
    /// Returns the answer as the profiles send it that know channels by their ids.
    pub(super) fn by_id(&self) -> sundew_codec::Answer {
        match (self.channel, self.result()) {
            (Some(channel), 0) => sundew_codec::Answer::done(self.id, channel.id(), self.mantissa),
            (_, result) => sundew_codec::Answer::failed(self.id, result),
        }
    }
}

/// Knows who speaks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'n> {
    /// Stands before the channels' names.
    pub name: &'n str,
    pub device: &'static Device,
    /// Holds the Unix time now, if it is known.
    pub unix: Option<u32>,
}

/// Writes the descriptor, or where there is no room for it, which one it is: schema and hash.
pub(super) fn birth_or_hash(device: &Device, frame: &mut [u8]) -> Result<usize, Error> {
    descriptor::encode(device, frame).or_else(|_| {
        let hash = descriptor::hash(device);
        tiny::encode_birth(device.version(), hash, Carrier::Frame, frame)
    })
}
