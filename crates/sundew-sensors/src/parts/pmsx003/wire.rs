//! Frames, commands and timings; all pure.

use crate::uart::{Layout, Scanner, Verdict};

/// Counts the bytes of a frame of values.
pub(super) const LEN: usize = 32;

/// Sends a frame by itself (manual, Appendix I: active mode).
pub(super) const BE_ACTIVE: [u8; 7] = command(0xE1, 1);
/// Sends a frame when it is asked (ibidem: passive mode).
pub(super) const BE_PASSIVE: [u8; 7] = command(0xE1, 0);
/// Asks for a frame in passive mode.
pub(super) const READ: [u8; 7] = command(0xE2, 0);
/// Stops fan and laser.
pub(super) const SLEEP: [u8; 7] = command(0xE4, 0);
/// Starts fan and laser.
pub(super) const WAKE: [u8; 7] = command(0xE4, 1);

/// Covers the longest interval between frames, 2.3 s ("Output result"), the 33 ms of a frame and
/// the 15 ms of two commands, rounded up.
pub(super) const ACTIVE_WAIT_MS: u32 = 2_400;
/// Covers an answer: the manual has no figure; public drivers wait for up to 1 s.
pub(super) const PASSIVE_WAIT_MS: u32 = 1_001;
/// Holds from when on values are stable ("Circuit Attentions": at least 30 s after wake-up).
pub(super) const WARM_UP_MS: u32 = 30_000;

/// Returns a command: two fixed bytes, the command, its data, and the sum of all of them.
const fn command(command: u8, data: u8) -> [u8; 7] {
    let [high, low] = (0x42 + 0x4D + command as u16 + data as u16).to_be_bytes();
    [0x42, 0x4D, command, 0, data, high, low]
}

/// Holds the values of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Frame {
    /// Holds PM1, PM2.5 and PM10 by the factory's calibration (CF=1), in ug/m3.
    pub factory: [u16; 3],
    /// Holds PM1, PM2.5 and PM10 in the atmosphere, in ug/m3.
    pub atmosphere: [u16; 3],
    /// Counts the particles in 0.1 L beyond 0.3, 0.5, 1, 2.5, 5 and 10 um.
    pub counts: [u16; 6],
    /// Holds the version of the part's firmware, where the part shows one (else reserved).
    pub version: u8,
    /// Holds the part's error code, where the part shows one (else reserved).
    pub error_code: u8,
}

impl Frame {
    fn new(bytes: &[u8; LEN]) -> Self {
        let mut words = [0_u16; 13];
        for (word, pair) in words.iter_mut().zip(bytes.chunks_exact(2).skip(2)) {
            *word = pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte));
        }
        let [f1, f2, f10, a1, a2, a10, counts @ .., last] = words;
        let [version, error_code] = last.to_be_bytes();
        Self { factory: [f1, f2, f10], atmosphere: [a1, a2, a10], counts, version, error_code }
    }
}

/// Finds frames of values in what the part sends, one byte at a time.
///
/// It resynchronises by itself: a frame that follows rubbish is found with its last byte. Answers
/// to commands are skipped.
///
/// ```
/// use sundew_sensors::pmsx003::Parser;
///
/// let mut frame = [0; 32];
/// frame[..4].copy_from_slice(&[0x42, 0x4D, 0, 28]);
/// frame[13] = 35; // PM2.5 in the atmosphere
/// frame[31] = 0x42 + 0x4D + 28 + 35;
/// let mut parser = Parser::new();
/// let noise = [0x42, 0x42, 0x4D, 0x00]; // three of them could be the start of a frame
/// let frames = noise.into_iter().chain(frame).filter_map(|byte| parser.push(byte));
/// assert_eq!(frames.map(|frame| frame.atmosphere[1]).collect::<Vec<_>>(), [35]);
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
        self.0.push(byte, &Values).map(Frame::new)
    }
}

/// Tells frames of values: 0x42 0x4D, the length 28, 13 words, the sum of all bytes before it.
pub(super) struct Values;

impl Layout<LEN> for Values {
    type Value = Frame;

    fn value(&self, frame: &[u8; LEN]) -> Option<Frame> {
        Some(Frame::new(frame))
    }

    fn judge(&self, bytes: &[u8]) -> Verdict {
        let head = [0x42, 0x4D, 0, 28];
        if !bytes.iter().zip(head).all(|(byte, wanted)| *byte == wanted) {
            return Verdict::No;
        }
        let Ok([body @ .., high, low]) = <&[u8; LEN]>::try_from(bytes) else {
            return Verdict::Begins;
        };
        // 30 bytes of 255 add up to 7,650.
        let sum: u16 = body.iter().map(|byte| u16::from(*byte)).sum();
        if sum == u16::from_be_bytes([*high, *low]) {
            Verdict::Whole
        } else {
            Verdict::WrongChecksum
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn encode(words: [u16; 13]) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        for (pair, word) in bytes.chunks_exact_mut(2).zip([0x424D, 28].into_iter().chain(words)) {
            pair.copy_from_slice(&word.to_be_bytes());
        }
        let sum: u16 = bytes[..30].iter().map(|byte| u16::from(*byte)).sum();
        bytes[30..].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    fn frames(bytes: impl IntoIterator<Item = u8>) -> Vec<Frame> {
        let mut parser = Parser::new();
        bytes.into_iter().filter_map(|byte| parser.push(byte)).collect()
    }

    #[test]
    fn the_commands_are_those_that_public_drivers_send() {
        assert_eq!(BE_PASSIVE, [0x42, 0x4D, 0xE1, 0x00, 0x00, 0x01, 0x70]);
        assert_eq!(BE_ACTIVE, [0x42, 0x4D, 0xE1, 0x00, 0x01, 0x01, 0x71]);
        assert_eq!(READ, [0x42, 0x4D, 0xE2, 0x00, 0x00, 0x01, 0x71]);
        assert_eq!(SLEEP, [0x42, 0x4D, 0xE4, 0x00, 0x00, 0x01, 0x73]);
        assert_eq!(WAKE, [0x42, 0x4D, 0xE4, 0x00, 0x01, 0x01, 0x74]);
    }

    #[test]
    fn each_value_of_each_word_comes_through() {
        let mut cases = 0;
        for value in 0..=u16::MAX {
            let position = usize::from(value % 13);
            for position in [position, 4] {
                let mut words = [0x0102; 13];
                words[position] = value;
                let [frame] = frames(encode(words))[..] else { panic!("{value}") };
                let [v, e] = [frame.version, frame.error_code];
                let got: Vec<u16> = [frame.factory, frame.atmosphere]
                    .concat()
                    .into_iter()
                    .chain(frame.counts)
                    .chain([u16::from_be_bytes([v, e])])
                    .collect();
                assert_eq!(got, words);
                cases += 1;
            }
        }
        std::println!("cases: {cases}");
    }

    #[test]
    fn one_wrong_bit_is_no_frame_and_the_next_frame_is_found() {
        let right = encode([7; 13]);
        for bit in 0..LEN * 8 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(frames(wrong).len(), 0, "bit {bit}");
            assert_eq!(frames(wrong.into_iter().chain(right)).len(), 1, "bit {bit}");
        }
    }

    #[test]
    fn a_frame_behind_any_part_of_a_frame_is_found() {
        let right = encode([0x424D; 13]);
        for cut in 0..LEN {
            let bytes = right[..cut].iter().copied().chain(right);
            assert_eq!(frames(bytes).len(), 1, "{cut}");
            let bytes = right[cut..].iter().copied().chain(right);
            assert_eq!(frames(bytes).len(), if cut == 0 { 2 } else { 1 }, "{cut}");
        }
    }
}
