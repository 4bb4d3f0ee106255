//! A frame: what it says of itself, and how it is written and read.

use super::cobs;
use super::error::{FrameError, SealError};
use super::guard::Guard;

/// Holds the bytes of a frame's header: kind, device, number.
pub const HEADER: usize = 9;

/// Holds the longest frame in bytes before it is stuffed: header, body and what protects them.
pub const LONGEST: usize = 254;

/// Holds the bytes that the longest frame takes on the wire: a delimiter, the first distance, the
/// frame, a delimiter.
pub const ON_THE_WIRE: usize = LONGEST + 3;

/// Names what a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Carries a message up; its body begins with a byte for the port.
    Message,
    /// Says to the device that the message of that number is taken. It has no body, so that it is
    /// the same however often it is said.
    Taken,
    /// Says the same and carries a command, once for each number.
    Command,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Message => 1,
            Self::Taken => 2,
            Self::Command => 3,
        }
    }
}

/// Says what a frame is, who it is of or for, and which number it has or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Header {
    /// Names what the frame is for.
    pub kind: Kind,
    /// Holds the device's number on this line.
    pub device: u32,
    /// Holds the number of the message, 1 or more.
    pub number: u32,
}

impl Header {
    /// Reads the header of a frame that nobody has checked yet, such as to look for the key of its
    /// device.
    ///
    /// # Errors
    ///
    /// Returns [`FrameError`] where it is too short or no frame of this guard.
    pub fn peek<G: Guard>(frame: &[u8]) -> Result<Self, FrameError> {
        let Some((header, rest)) = frame.split_first_chunk::<HEADER>() else {
            return Err(FrameError::TooShort);
        };
        if rest.len() < G::BYTES {
            return Err(FrameError::TooShort);
        }
        Self::parse::<G>(*header).ok_or(FrameError::Foreign)
    }

    pub(super) const fn new(kind: Kind, device: u32, number: u32) -> Self {
        Self { kind, device, number }
    }

    fn bytes<G: Guard>(self) -> [u8; HEADER] {
        let mut bytes = [G::FAMILY | self.kind.code(); HEADER];
        let [_, rest @ ..] = &mut bytes;
        *rest = (u64::from(self.device) | u64::from(self.number) << 32).to_le_bytes();
        bytes
    }

    fn parse<G: Guard>(header: [u8; HEADER]) -> Option<Self> {
        let [first, rest @ ..] = header;
        if first & 0xF0 != G::FAMILY {
            return None;
        }
        let kind = match first & 0x0F {
            1 => Kind::Message,
            2 => Kind::Taken,
            3 => Kind::Command,
            _ => return None,
        };
        let rest = u64::from_le_bytes(rest);
        Some(Self::new(kind, rest as u32, (rest >> 32) as u32))
    }
}

/// Writes a frame as it goes over the wire, delimiters included, and returns its length.
///
/// `front` is the part of the body before the payload: the port of a message, nothing else.
pub(super) fn write<G: Guard>(
    guard: &G,
    header: Header,
    front: &[u8],
    payload: &[u8],
    out: &mut [u8],
) -> Result<usize, SealError> {
    let body_length = front.len() + payload.len();
    let length = HEADER + body_length + G::BYTES;
    if length > LONGEST {
        return Err(SealError::TooLarge);
    }
    let total = length + 3;
    let Some([first, stuffed @ .., last]) = out.get_mut(..total) else {
        return Err(SealError::NoRoom { needed: total });
    };
    (*first, *last) = (0, 0);
    let Some((_, frame)) = stuffed.split_first_mut() else { return Err(SealError::TooLarge) };
    let Some((head, rest)) = frame.split_first_chunk_mut::<HEADER>() else {
        return Err(SealError::TooLarge);
    };
    let Some((body, trailer)) = rest.split_at_mut_checked(body_length) else {
        return Err(SealError::TooLarge);
    };
    *head = header.bytes::<G>();
    let bytes = front.iter().chain(payload);
    body.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    trailer.fill(0);
    guard.protect(head, body, trailer);
    cobs::stuff(stuffed);
    Ok(total)
}

/// Checks a frame and returns its header and its body, which stands where it stood.
pub(super) fn read<'f, G: Guard>(
    guard: &G,
    frame: &'f mut [u8],
) -> Result<(Header, &'f mut [u8]), FrameError> {
    let header = Header::peek::<G>(frame)?;
    let Some((head, rest)) = frame.split_first_chunk_mut::<HEADER>() else {
        return Err(FrameError::TooShort);
    };
    let length = rest.len().saturating_sub(G::BYTES);
    let Some((body, trailer)) = rest.split_at_mut_checked(length) else {
        return Err(FrameError::TooShort);
    };
    if guard.check(head, body, trailer) { Ok((header, body)) } else { Err(FrameError::Altered) }
}
