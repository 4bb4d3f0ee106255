//! Answers of Modbus devices.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::modbus::{Answer, Exception, Function, MAX_REGISTERS, parse};
use sundew_sensors_fuzz::{cut, filled, mutant};

/// Returns the checksum by table, as the specification's appendix does.
fn crc16(bytes: &[u8]) -> u16 {
    let step =
        |index: u16| (0..8).fold(index, |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xA001 } else { 0 });
    bytes.iter().fold(0xFFFF, |crc, byte| crc >> 8 ^ step((crc ^ u16::from(*byte)) & 0xFF))
}

fuzz_target!(|input: &[u8]| {
    let (rubbish, values) = cut(input);
    let [device, choice, size, data @ ..] = filled::<67>(values);
    let count = u16::from(size % 32) + 1;
    let function = if choice & 1 == 0 { Function::Holding } else { Function::Input };
    let (frame, expected) = if choice & 2 == 0 {
        let mut words = [0; MAX_REGISTERS];
        let mut frame = vec![device, function as u8, (2 * count) as u8];
        for (word, pair) in words.iter_mut().zip(data.chunks_exact(2)).take(usize::from(count)) {
            *word = u16::from_be_bytes([pair[0], pair[1]]);
            frame.extend(pair);
        }
        (frame, Answer::Words(words))
    } else {
        let frame = vec![device, function as u8 | 0x80, data[0]];
        (frame, Answer::Exception(Exception::from_number(data[0])))
    };
    let mut bytes = rubbish.to_vec();
    bytes.extend(&frame);
    bytes.extend(crc16(&frame).to_le_bytes());
    match parse(&bytes, device, function, count) {
        None => {
            // A longer answer may have begun in the rubbish: only more bytes can tell.
            bytes.extend([device ^ 0xFF; 69]);
            let found = parse(&bytes, device, function, count);
            assert!(found.is_some(), "an answer behind rubbish is lost");
        }
        Some((found, used)) => {
            assert!(used <= bytes.len(), "more bytes were used than there are");
            // What ends with the last byte is the true answer, unless that is short enough to be
            // part of a longer one that began in the rubbish.
            let is_last = used == bytes.len();
            assert!(!is_last || found == expected || choice & 2 != 0, "another answer");
            assert!(!mutant("panic-on-frame") || rubbish.len() < 5, "the mutant panics");
        }
    }
});
