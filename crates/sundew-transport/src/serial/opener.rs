//! The side that frames come to: a gateway, which knows each device's key.

use super::error::{FrameError, SealError};
use super::frame::{self, Header, Kind};
use super::guard::Guard;
use super::window::{Standing, Window};
use crate::link::Port;

/// Opens the frames of one device, each number once.
///
/// The order that loses nothing and repeats nothing: [`open`](Self::open); hand the message on until it
/// is safe; keep the [`window`](Self::window); only then [`acknowledge`](Self::acknowledge) or
/// [`command`](Self::command). A gateway that restarts in between takes the message once more, since the
/// device, which was not answered, sends it again.
///
/// *RAM*: the guard and 24 bytes on a 32-bit part.
#[derive(Clone, Debug)]
pub struct Opener<G> {
    guard: G,
    device: u32,
    window: Window,
}

/// Holds what a frame is that nobody has altered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Opened<'f> {
    /// Is a message that was not there before.
    New(Message<'f>),
    /// Is one that was: the answer has been lost, so answer once more. What is inside is not shown.
    Again {
        /// Holds its number.
        number: u32,
    },
}

/// Holds a message that came from the device.
#[derive(Debug)]
#[non_exhaustive]
pub struct Message<'f> {
    /// Says what the message is for.
    pub port: Port,
    /// Holds the payload.
    pub payload: &'f [u8],
    /// Allows one answer with a command.
    pub ticket: Ticket,
}

/// Allows one command in answer to a message; it cannot be copied, so that no two commands are sealed
/// under one number.
#[derive(Debug, PartialEq, Eq)]
pub struct Ticket {
    number: u32,
}

impl Ticket {
    /// Returns the number of the message.
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl<G: Guard> Opener<G> {
    /// Opens frames of `device` that have not been taken according to `window`.
    pub const fn new(guard: G, device: u32, window: Window) -> Self {
        Self { guard, device, window }
    }

    /// Returns what has been taken.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Opens a frame, as a [`Deframer`](super::Deframer) hands it out, and takes it in if it is new.
    ///
    /// # Errors
    ///
    /// Returns [`FrameError`] for anything but an unaltered message of this device; nothing has changed
    /// then but the bytes of `frame`.
    pub fn open<'f>(&mut self, frame: &'f mut [u8]) -> Result<Opened<'f>, FrameError> {
        let header = Header::peek::<G>(frame)?;
        if header.device != self.device {
            return Err(FrameError::OtherDevice);
        }
        let (Header { kind, number, .. }, body) = frame::read(&self.guard, frame)?;
        if kind != Kind::Message {
            return Err(FrameError::WrongWay);
        }
        match self.window.standing(number) {
            Standing::TooOld => Err(FrameError::TooOld),
            Standing::Taken => Ok(Opened::Again { number }),
            Standing::New => {
                let Some((code, payload)) = body.split_first() else {
                    return Err(FrameError::TooShort);
                };
                let port = super::port(*code).ok_or(FrameError::UnknownPort)?;
                self.window.take(number);
                Ok(Opened::New(Message { port, payload, ticket: Ticket { number } }))
            }
        }
    }

    /// Writes the answer that the message of that number is taken, as it goes over the wire; returns
    /// its length.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::NotTaken`] where it was not, [`SealError::NoRoom`] where `out` is too small.
    pub fn acknowledge(&self, number: u32, out: &mut [u8]) -> Result<usize, SealError> {
        if self.window.standing(number) != Standing::Taken {
            return Err(SealError::NotTaken);
        }
        self.write(Kind::Taken, number, &[], out)
    }

    /// Writes the answer that a message is taken and here is a command, as it goes over the wire;
    /// returns its length.
    ///
    /// Keep the bytes until the next message comes: where this answer is lost the message comes again,
    /// and the same bytes are the answer again. [`acknowledge`](Self::acknowledge) would lose the
    /// command.
    ///
    /// # Errors
    ///
    /// Returns [`SealError::TooLarge`] or [`SealError::NoRoom`]; the message can still be acknowledged.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is good for one command")]
    pub fn command(
        &self,
        ticket: Ticket,
        command: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SealError> {
        self.write(Kind::Command, ticket.number, command, out)
    }

    fn write(
        &self,
        kind: Kind,
        number: u32,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, SealError> {
        frame::write(&self.guard, Header::new(kind, self.device, number), &[], payload, out)
    }
}
