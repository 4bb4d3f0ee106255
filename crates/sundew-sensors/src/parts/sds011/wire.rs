//! Frames, commands and timings; all pure.

use crate::uart::{Layout, Scanner, Verdict};

/// Counts the bytes of a frame from the part.
pub(super) const LEN: usize = 10;
/// Counts the bytes of a command.
pub(super) const COMMAND_LEN: usize = 19;

/// Sends a frame by itself (protocol, "Set data reporting mode"); kept without a supply.
pub(super) const BE_ACTIVE: [u8; COMMAND_LEN] = command(2, 1, 0);
/// Sends a frame when it is asked (ibidem).
pub(super) const BE_ASKED: [u8; COMMAND_LEN] = command(2, 1, 1);
/// Asks for a frame ("Query data command").
pub(super) const QUERY: [u8; COMMAND_LEN] = command(4, 0, 0);
/// Stops fan and laser ("Set sleep and work").
pub(super) const SLEEP: [u8; COMMAND_LEN] = command(6, 1, 0);
/// Starts fan and laser (ibidem).
pub(super) const WORK: [u8; COMMAND_LEN] = command(6, 1, 1);

/// Covers the longest interval between frames, 1 s + 0.5 s (specification, "Serial data output"),
/// the 10 ms of a frame and the 40 ms of two commands, rounded up.
pub(super) const ACTIVE_WAIT_MS: u32 = 1_600;
/// Covers the 60 ms of three commands and the answer: the protocol has no figure for the latter.
pub(super) const ASKED_WAIT_MS: u32 = 501;
/// Holds from when on values are stable (the vendor advises 30 s of work before one is taken).
pub(super) const WARM_UP_MS: u32 = 30_000;

/// Returns a command to every part, 0xFFFF: head, data, sum of the data, tail.
const fn command(kind: u8, is_write: u8, value: u8) -> [u8; COMMAND_LEN] {
    // 0xFF twice is -2.
    let sum = kind.wrapping_add(is_write).wrapping_add(value).wrapping_sub(2);
    [0xAA, 0xB4, kind, is_write, value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, sum, 0xAB]
}

/// Holds the content of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Frame {
    /// Answers a command other than a query.
    Answer {
        /// Holds the command: 2 is the mode, 6 is sleep or work.
        command: u8,
        /// Holds its data.
        data: [u8; 3],
        /// Holds the part's own number.
        identity: u16,
    },
    /// Holds values.
    Values {
        /// Holds PM2.5 in 0.1 ug/m3.
        pm2_5: u16,
        /// Holds PM10 in 0.1 ug/m3.
        pm10: u16,
        /// Holds the part's own number.
        identity: u16,
    },
}

impl Frame {
    fn new(bytes: &[u8; LEN]) -> Self {
        let [_, kind, data @ .., id_high, id_low, _, _] = *bytes;
        let identity = u16::from_be_bytes([id_high, id_low]);
        let [low, high, low10, high10] = data;
        if kind == VALUES {
            let pm2_5 = u16::from_le_bytes([low, high]);
            Self::Values { pm2_5, pm10: u16::from_le_bytes([low10, high10]), identity }
        } else {
            Self::Answer { command: low, data: [high, low10, high10], identity }
        }
    }
}

/// Finds frames in what the part sends, one byte at a time.
///
/// It resynchronises by itself: a frame that follows rubbish is found with its last byte.
///
/// ```
/// use sundew_sensors::sds011::{Frame, Parser};
///
/// // The example of the protocol description: 123.6 and 261.8 ug/m3.
/// let example = [0xAA, 0xC0, 0xD4, 0x04, 0x3A, 0x0A, 0xA1, 0x60, 0x1D, 0xAB];
/// let mut parser = Parser::new();
/// let noise = [0xAA, 0xAA, 0xC0];
/// let mut frames = noise.into_iter().chain(example).filter_map(|byte| parser.push(byte));
/// let Some(Frame::Values { pm2_5, pm10, identity, .. }) = frames.next() else { panic!() };
/// assert_eq!((pm2_5, pm10, identity), (1_236, 2_618, 0xA160));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Parser(Scanner<LEN>);

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// Holds nothing yet.
    pub const fn new() -> Self {
        Self(Scanner::new())
    }

    /// Takes a byte and returns the frame that it completes.
    pub fn push(&mut self, byte: u8) -> Option<Frame> {
        self.0.push(byte, &Frames).map(Frame::new)
    }
}

const VALUES: u8 = 0xC0;
const ANSWER: u8 = 0xC5;

/// Tells frames: 0xAA, 0xC0 or 0xC5, six bytes of data, their sum, 0xAB.
pub(super) struct Frames;

impl Layout<LEN> for Frames {
    /// Is PM2.5 and PM10.
    type Value = [u16; 2];

    fn value(&self, frame: &[u8; LEN]) -> Option<[u16; 2]> {
        match Frame::new(frame) {
            Frame::Values { pm2_5, pm10, .. } => Some([pm2_5, pm10]),
            Frame::Answer { .. } => None,
        }
    }

    fn judge(&self, bytes: &[u8]) -> Verdict {
        match bytes {
            [0xAA] => Verdict::Begins,
            [0xAA, VALUES | ANSWER, rest @ ..] => {
                let Ok([data @ .., sum, tail]) = <&[u8; LEN - 2]>::try_from(rest) else {
                    return Verdict::Begins;
                };
                let right = data.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
                match *tail {
                    0xAB if *sum == right => Verdict::Whole,
                    0xAB => Verdict::WrongChecksum,
                    _ => Verdict::No,
                }
            }
            _ => Verdict::No,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn encode(kind: u8, data: [u8; 6]) -> [u8; LEN] {
        let mut bytes = [0xAA, kind, 0, 0, 0, 0, 0, 0, 0, 0xAB];
        bytes[2..8].copy_from_slice(&data);
        bytes[8] = data.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        bytes
    }

    fn frames(bytes: impl IntoIterator<Item = u8>) -> Vec<Frame> {
        let mut parser = Parser::new();
        bytes.into_iter().filter_map(|byte| parser.push(byte)).collect()
    }

    /// The sums of the examples in the protocol description: 02, 01, 02, 05, 06.
    #[test]
    fn the_commands_are_those_of_the_protocol() {
        let sums = [BE_ASKED, BE_ACTIVE, QUERY, SLEEP, WORK].map(|command| command[17]);
        assert_eq!(sums, [0x02, 0x01, 0x02, 0x05, 0x06]);
        let [.., tail] = [BE_ASKED, BE_ACTIVE, QUERY, SLEEP, WORK].map(|command| command[18]);
        assert_eq!(tail, 0xAB);
        assert_eq!(SLEEP[..5], [0xAA, 0xB4, 0x06, 0x01, 0x00]);
    }

    #[test]
    fn the_examples_of_the_protocol_are_read() {
        let answer = [0xAA, 0xC5, 0x02, 0x01, 0x01, 0x00, 0xA1, 0x60, 0x05, 0xAB];
        let expected = Frame::Answer { command: 2, data: [1, 1, 0], identity: 0xA160 };
        assert_eq!(frames(answer), [expected]);
    }

    #[test]
    fn each_value_comes_through() {
        for value in 0..=u16::MAX {
            let ([low, high], [l, h]) = (value.to_le_bytes(), (!value).to_le_bytes());
            let expected = Frame::Values { pm2_5: value, pm10: !value, identity: 0x1234 };
            assert_eq!(frames(encode(0xC0, [low, high, l, h, 0x12, 0x34])), [expected]);
        }
        std::println!("cases: {}", 1_u32 << 16);
    }

    #[test]
    fn one_wrong_bit_is_no_frame_and_the_next_frame_is_found() {
        let right = encode(0xC0, [1, 2, 3, 4, 5, 6]);
        for bit in 0..LEN * 8 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(frames(wrong).len(), 0, "bit {bit}");
            assert_eq!(frames(wrong.into_iter().chain(right)).len(), 1, "bit {bit}");
        }
    }

    #[test]
    fn a_frame_behind_any_part_of_a_frame_is_found() {
        let right = encode(0xC0, [0xAA, 0xC0, 0xAA, 0xC0, 0xAA, 0xC0]);
        for cut in 0..LEN {
            let bytes = right[..cut].iter().copied().chain(right);
            assert_eq!(frames(bytes).len(), 1, "{cut}");
            let bytes = right[cut..].iter().copied().chain(right);
            assert_eq!(frames(bytes).len(), if cut == 0 { 2 } else { 1 }, "{cut}");
        }
    }
}
