//! The side that frames come from: a device.

use sundew_identity::FrameNumbers;

use super::error::{FrameError, SealError};
use super::frame::{self, HEADER, Header, Kind};
use super::guard::Guard;
use crate::link::Port;

/// Makes a device's messages into frames, each under a number of its own, and understands the answers.
///
/// *RAM*: the guard and 12 bytes.
#[derive(Debug)]
pub struct Sealer<G> {
    guard: G,
    device: u32,
    numbers: FrameNumbers,
}

/// Holds what the gateway says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Answer {
    /// Holds the number of the message that is taken.
    pub number: u32,
    /// Holds the length of the command that came along, in bytes; it begins at byte
    /// [`Answer::COMMAND_AT`] of the frame.
    pub command: Option<u8>,
}

impl Answer {
    /// Holds where a command begins in the frame that brought it.
    pub const COMMAND_AT: usize = HEADER;
}

impl<G: Guard> Sealer<G> {
    /// Makes frames of `device` under numbers that were never used with this guard's key.
    pub const fn new(guard: G, device: u32, numbers: FrameNumbers) -> Self {
        Self { guard, device, numbers }
    }

    /// Returns how many frames can be made before more numbers must be reserved.
    pub const fn left(&self) -> u32 {
        self.numbers.left()
    }

    /// Writes a message as it goes over the wire; returns its number and its length.
    ///
    /// # Errors
    ///
    /// Returns [`SealError`] where it does not fit, which takes no number, or where no number is left.
    pub fn seal(
        &mut self,
        port: Port,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<(u32, usize), SealError> {
        let length = super::overhead::<G>() + payload.len();
        if length > super::ON_THE_WIRE {
            return Err(SealError::TooLarge);
        }
        if length > out.len() {
            return Err(SealError::NoRoom { needed: length });
        }
        let number = self.numbers.take().ok_or(SealError::NumbersUsedUp)?;
        let header = Header::new(Kind::Message, self.device, number);
        let length = frame::write(&self.guard, header, &[super::code(port)], payload, out)?;
        Ok((number, length))
    }

    /// Checks an answer, as a [`Deframer`](super::Deframer) hands it out. Whether its number is the one
    /// that is waited for is the caller's to look at.
    ///
    /// # Errors
    ///
    /// Returns [`FrameError`] for anything but an unaltered answer to this device.
    pub fn answer(&self, frame: &mut [u8]) -> Result<Answer, FrameError> {
        let header = Header::peek::<G>(frame)?;
        if header.device != self.device {
            return Err(FrameError::OtherDevice);
        }
        let (Header { kind, number, .. }, body) = frame::read(&self.guard, frame)?;
        let command = match kind {
            Kind::Message => return Err(FrameError::WrongWay),
            Kind::Taken => None,
            Kind::Command => Some(body.len() as u8),
        };
        Ok(Answer { number, command })
    }
}
