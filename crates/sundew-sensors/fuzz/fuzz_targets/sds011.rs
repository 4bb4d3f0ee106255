//! Frames of 10 bytes from `SDS011`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::sds011::{Frame, Parser};
use sundew_sensors_fuzz::{check, cut, filled};

fuzz_target!(|input: &[u8]| {
    let (rubbish, values) = cut(input);
    let [kind, data @ ..] = filled::<7>(values);
    let kind = if kind & 1 == 0 { 0xC0 } else { 0xC5 };
    let sum = data.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let mut frame = vec![0xAA, kind];
    frame.extend(data);
    frame.extend([sum, 0xAB]);
    check(rubbish, &frame, &data, || {
        let mut parser = Parser::new();
        Box::new(move |byte| {
            Some(match parser.push(byte)? {
                Frame::Values { pm2_5, pm10, identity, .. } => {
                    let ([a, b], [c, d]) = (pm2_5.to_le_bytes(), pm10.to_le_bytes());
                    let [e, f] = identity.to_be_bytes();
                    [a, b, c, d, e, f]
                }
                Frame::Answer { command, data: [b, c, d], identity, .. } => {
                    let [e, f] = identity.to_be_bytes();
                    [command, b, c, d, e, f]
                }
                _ => unreachable!("a frame has one of two kinds"),
            })
        })
    });
});
