//! Frames of 32 bytes from `PMSx003`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::pmsx003::Parser;
use sundew_sensors_fuzz::{check, cut, filled};

fuzz_target!(|input: &[u8]| {
    let (rubbish, values) = cut(input);
    let words: [u8; 26] = filled(values);
    let mut frame = vec![0x42, 0x4D, 0, 28];
    frame.extend(words);
    let sum: u16 = frame.iter().map(|byte| u16::from(*byte)).sum();
    frame.extend(sum.to_be_bytes());
    check(rubbish, &frame, &words, || {
        let mut parser = Parser::new();
        Box::new(move |byte| {
            let found = parser.push(byte)?;
            let words = found.factory.into_iter().chain(found.atmosphere).chain(found.counts);
            let mut bytes: Vec<u8> = words.flat_map(u16::to_be_bytes).collect();
            bytes.extend([found.version, found.error_code]);
            Some(filled(&bytes))
        })
    });
});
