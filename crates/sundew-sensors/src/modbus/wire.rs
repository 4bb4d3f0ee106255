//! Requests and answers; all pure.

use super::error::Exception;
use super::map::Function;
use crate::uart::{Layout, Verdict};

/// Holds the largest number of registers in a block.
pub const MAX_REGISTERS: usize = 32;

/// Counts the bytes of the longest answer.
pub(super) const LEN: usize = 5 + 2 * MAX_REGISTERS;

/// Holds what a device answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Answer {
    /// Holds why it refuses.
    Exception(Exception),
    /// Holds the registers asked for, and zeros behind them.
    Words([u16; MAX_REGISTERS]),
}

/// Returns the first whole answer to a request in `bytes`, and how many of them are used up by it
/// and what came before.
///
/// ```
/// use sundew_sensors::modbus::{Answer, Function, parse};
/// let bytes = [0x00, 0x01, 0x04, 0x02, 0xFF, 0xFF, 0xB8, 0x80];
/// let Some((Answer::Words(words), 8)) = parse(&bytes, 1, Function::Input, 1) else { panic!() };
/// assert_eq!(words[0], 0xFFFF);
/// ```
pub fn parse(bytes: &[u8], device: u8, function: Function, count: u16) -> Option<(Answer, usize)> {
    let wanted = Wanted { device, function, count };
    let mut scanner = crate::uart::Scanner::<LEN>::new();
    for (before, byte) in bytes.iter().enumerate() {
        if let Some(frame) = scanner.push(*byte, &wanted) {
            return wanted.value(frame).map(|answer| (answer, before + 1));
        }
    }
    None
}

/// Returns a request ("MODBUS application protocol" V1.1b3, sections 6.3 and 6.4).
pub fn question(device: u8, function: Function, first: u16, count: u16) -> [u8; 8] {
    let ([from_high, from_low], [high, low]) = (first.to_be_bytes(), count.to_be_bytes());
    let body = [device, function as u8, from_high, from_low, high, low];
    let mut question = [0; 8];
    let bytes = body.into_iter().chain(crc16(&body).to_le_bytes());
    question.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    question
}

/// Tells answers to one request.
pub(super) struct Wanted {
    pub(super) device: u8,
    pub(super) function: Function,
    pub(super) count: u16,
}

impl Layout<LEN> for Wanted {
    type Value = Answer;

    fn judge(&self, bytes: &[u8]) -> Verdict {
        let function = self.function as u8;
        let len = match *bytes {
            [device, ..] if device != self.device => return Verdict::No,
            [_, code, count, ..] if code == function && u16::from(count) == 2 * self.count => {
                5 + usize::from(count)
            }
            [_, code, _, ..] if code == function | 0x80 => 5,
            [_, code] if code == function || code == function | 0x80 => return Verdict::Begins,
            [_] => return Verdict::Begins,
            _ => return Verdict::No,
        };
        // Behind an exception more can be held, of a longer answer that it was not: nobody asked
        // for anything else, so that is dropped with it.
        match bytes.get(..len) {
            None => Verdict::Begins,
            Some([body @ .., low, high]) if crc16(body).to_le_bytes() == [*low, *high] => {
                Verdict::Whole
            }
            Some(_) => Verdict::WrongChecksum,
        }
    }

    fn value(&self, frame: &[u8; LEN]) -> Option<Answer> {
        let [_, code, first, rest @ ..] = frame;
        if code & 0x80 != 0 {
            return Some(Answer::Exception(Exception::from_number(*first)));
        }
        let mut words = [0; MAX_REGISTERS];
        let taken = words.iter_mut().take(usize::from(self.count));
        for (word, pair) in taken.zip(rest.chunks_exact(2)) {
            *word = pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte));
        }
        Some(Answer::Words(words))
    }
}

/// Returns the checksum ("MODBUS over serial line" V1.02, section 6.2.2): polynomial 0xA001, start
/// 0xFFFF, sent low byte first.
fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0xFFFF;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xA001 };
        }
    }
    crc
}
