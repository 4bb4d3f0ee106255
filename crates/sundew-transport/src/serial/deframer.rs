//! Frames out of a stream of bytes.

use super::cobs;
use super::error::FrameError;

/// Finds frames in what comes over a line, whatever else comes.
///
/// *RAM*: the buffer (255 bytes for the longest frame), and 8 bytes on a 32-bit part beside the
/// reference.
#[derive(Debug)]
pub struct Deframer<'a> {
    buffer: &'a mut [u8],
    filled: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Filling,
    /// More has come than there is room for; the rest, up to the delimiter, is dropped.
    Overrun,
    /// The buffer holds a frame that was handed out.
    Done,
}

impl<'a> Deframer<'a> {
    /// Begins with an empty buffer; a frame longer than the buffer is dropped and reported.
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, filled: 0, state: State::Filling }
    }

    /// Takes one byte; returns the frame that it ends, without stuffing.
    ///
    /// # Errors
    ///
    /// Returns [`FrameError::TooLong`] or [`FrameError::Misplaced`] at the end of what is no frame. The
    /// next frame is found all the same.
    pub fn push(&mut self, byte: u8) -> Result<Option<&mut [u8]>, FrameError> {
        if self.state == State::Done {
            (self.filled, self.state) = (0, State::Filling);
        }
        if byte != 0 {
            match self.buffer.get_mut(self.filled) {
                // Past 255 bytes no distance fits.
                Some(slot) if self.filled <= super::LONGEST => {
                    *slot = byte;
                    self.filled += 1;
                }
                _ => self.state = State::Overrun,
            }
            return Ok(None);
        }
        let state = core::mem::replace(&mut self.state, State::Done);
        if state == State::Overrun {
            return Err(FrameError::TooLong);
        }
        let Some(stuffed @ [_, ..]) = self.buffer.get_mut(..self.filled) else { return Ok(None) };
        cobs::unstuff(stuffed).map_err(|cobs::Misplaced| FrameError::Misplaced)?;
        Ok(stuffed.get_mut(1..))
    }

    /// Returns the bytes from `start` on of the frame that the last [`push`](Self::push) handed out.
    pub(super) fn last(&self, start: usize, length: usize) -> Option<&[u8]> {
        self.buffer.get(1..)?.get(start..)?.get(..length)
    }
}
