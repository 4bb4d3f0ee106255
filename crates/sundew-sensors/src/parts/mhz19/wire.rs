//! Frames, commands and timings; all pure.

use super::{Range, SelfCalibration};
use crate::uart::{Layout, Scanner, Verdict};

/// Counts the bytes of a frame, both ways.
pub(super) const LEN: usize = 9;

/// Asks for the concentration (manual, "Commands": 0x86).
pub(super) const READ: [u8; LEN] = command(0x86, [0; 5]);

/// Covers the 19 ms of both frames and the part: the manual has no figure; public drivers wait for
/// up to 100 ms.
pub(super) const WAIT_MS: u32 = 121;

/// Turns the self-calibration on or off ("Commands": 0x79).
pub(super) const fn self_calibration(choice: SelfCalibration) -> [u8; LEN] {
    command(0x79, [choice as u8, 0, 0, 0, 0])
}

/// Sets the range ("Commands": 0x99, as of V1.4 of the manual).
pub(super) const fn range(range: Range) -> [u8; LEN] {
    let [high, low] = (range as u16).to_be_bytes();
    command(0x99, [0, 0, 0, high, low])
}

const fn command(command: u8, data: [u8; 5]) -> [u8; LEN] {
    let [first, second, third, fourth, fifth] = data;
    let body = [0x01, command, first, second, third, fourth, fifth];
    [0xFF, 0x01, command, first, second, third, fourth, fifth, checksum(&body)]
}

/// Returns the negative of the sum of the bytes between start and checksum ("Checksum
/// calculation method").
const fn checksum(mut bytes: &[u8]) -> u8 {
    let mut sum: u8 = 0;
    while let [byte, rest @ ..] = bytes {
        sum = sum.wrapping_sub(*byte);
        bytes = rest;
    }
    sum
}

/// Finds the answers to 0x86 in what the part sends, one byte at a time.
///
/// It resynchronises by itself: a frame that follows rubbish is found with its last byte. Answers
/// to other commands are skipped.
///
/// ```
/// use sundew_sensors::mhz19::Parser;
///
/// // The example of the manual, behind three bytes of noise: 544 ppm.
/// let bytes = [0xFF, 0xFF, 0x86, 0xFF, 0x86, 0x02, 0x20, 0x00, 0x00, 0x00, 0x00, 0x58];
/// let mut parser = Parser::new();
/// assert_eq!(bytes.into_iter().filter_map(|byte| parser.push(byte)).collect::<Vec<_>>(), [544]);
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

    /// Takes a byte and returns the parts per million of the frame that it completes.
    pub fn push(&mut self, byte: u8) -> Option<u16> {
        self.0.push(byte, &Answers).and_then(|frame| Answers.value(frame))
    }
}

/// Tells answers: 0xFF, 0x86, concentration, four bytes that are not described, checksum.
pub(super) struct Answers;

impl Layout<LEN> for Answers {
    type Value = u16;

    fn value(&self, frame: &[u8; LEN]) -> Option<u16> {
        let [_, _, high, low, ..] = *frame;
        Some(u16::from_be_bytes([high, low]))
    }

    fn judge(&self, bytes: &[u8]) -> Verdict {
        match bytes {
            [0xFF] => Verdict::Begins,
            [0xFF, 0x86, rest @ ..] => match <&[u8; LEN - 2]>::try_from(rest) {
                Err(_) => Verdict::Begins,
                Ok([body @ .., sum]) if checksum(body).wrapping_sub(0x86) == *sum => Verdict::Whole,
                Ok(_) => Verdict::WrongChecksum,
            },
            _ => Verdict::No,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn encode(ppm: u16) -> [u8; LEN] {
        let [high, low] = ppm.to_be_bytes();
        let mut bytes = [0xFF, 0x86, high, low, 0x47, 0, 1, 2, 0];
        bytes[8] = checksum(&bytes[1..8]);
        bytes
    }

    fn values(bytes: impl IntoIterator<Item = u8>) -> Vec<u16> {
        let mut parser = Parser::new();
        bytes.into_iter().filter_map(|byte| parser.push(byte)).collect()
    }

    #[test]
    fn the_commands_are_those_of_the_manual() {
        assert_eq!(READ, [0xFF, 0x01, 0x86, 0, 0, 0, 0, 0, 0x79]);
        let on = self_calibration(SelfCalibration::On);
        assert_eq!(on, [0xFF, 0x01, 0x79, 0xA0, 0, 0, 0, 0, 0xE6]);
        let off = self_calibration(SelfCalibration::Off);
        assert_eq!(off, [0xFF, 0x01, 0x79, 0, 0, 0, 0, 0, 0x86]);
        let low = range(Range::Ppm2000);
        assert_eq!(low, [0xFF, 0x01, 0x99, 0, 0, 0, 0x07, 0xD0, 0x8F]);
        let high = range(Range::Ppm10000);
        assert_eq!(high, [0xFF, 0x01, 0x99, 0, 0, 0, 0x27, 0x10, 0x2F]);
    }

    #[test]
    fn each_value_comes_through() {
        for ppm in 0..=u16::MAX {
            assert_eq!(values(encode(ppm)), [ppm]);
        }
        std::println!("cases: {}", 1_u32 << 16);
    }

    #[test]
    fn one_wrong_bit_is_no_frame_and_the_next_frame_is_found() {
        let right = encode(544);
        for bit in 0..LEN * 8 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(values(wrong), [], "bit {bit}");
            assert_eq!(values(wrong.into_iter().chain(right)), [544], "bit {bit}");
        }
    }

    #[test]
    fn a_frame_behind_any_part_of_a_frame_is_found() {
        // 0xFF86 itself would make a whole frame of the end of one and the beginning of the next.
        let right = encode(0x86FF);
        for cut in 1..LEN {
            assert_eq!(values(right[..cut].iter().copied().chain(right)), [0x86FF], "{cut}");
            assert_eq!(values(right[cut..].iter().copied().chain(right)), [0x86FF], "{cut}");
        }
    }
}
