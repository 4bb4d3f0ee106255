//! Frames of 9 bytes from `MH-Z19`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::mhz19::Parser;
use sundew_sensors_fuzz::{check, cut, filled};

fuzz_target!(|input: &[u8]| {
    let (rubbish, values) = cut(input);
    let data: [u8; 6] = filled(values);
    let sum = data.iter().fold(0x86_u8, |sum, byte| sum.wrapping_add(*byte));
    let mut frame = vec![0xFF, 0x86];
    frame.extend(data);
    frame.push(sum.wrapping_neg());
    check(rubbish, &frame, &u16::from_be_bytes([data[0], data[1]]), || {
        let mut parser = Parser::new();
        Box::new(move |byte| parser.push(byte))
    });
});
