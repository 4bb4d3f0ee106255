//! Lines from SDI-12 sensors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::sdi12::{Address, Check, Started, parse_started, parse_values};
use sundew_sensors_fuzz::{filled, mutant};

/// Returns the three characters of the checksum.
fn checksum(text: &[u8]) -> [u8; 3] {
    let mut crc = 0_u16;
    for byte in text {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            crc ^= 0xA001 * carry;
        }
    }
    [crc >> 12, (crc >> 6) % 64, crc % 64].map(|six| 0x40 + six as u8)
}

fuzz_target!(|input: &[u8]| {
    let address = Address::new(b'5').expect("a digit is an address");
    // Whatever comes: each value has a sign and at least one digit, so there are not many.
    for check in [Check::Plain, Check::Crc] {
        if let Ok(values) = parse_values(input, address, check) {
            assert!(values.count() * 2 + 3 <= input.len(), "more values than characters");
        }
    }
    let _ = parse_started(input, address);

    // What was encoded comes back.
    let mut text = String::from("5");
    let mut expected = Vec::new();
    for part in input.chunks_exact(5).take(20) {
        let [a, b, c, d, places] = filled(part);
        let digits = u32::from_be_bytes([0, a, b, c]) % 10_000_000;
        let places = usize::from(places % 8);
        let sign = if d & 1 == 0 { '+' } else { '-' };
        let padded = format!("{digits:07}");
        let (whole, fraction) = padded.split_at(7 - places);
        text += &format!("{sign}{whole}.{fraction}");
        expected.push((if d & 1 == 0 { digits as i32 } else { -(digits as i32) }, -(places as i8)));
    }
    let mut line = text.clone().into_bytes();
    line.extend(checksum(text.as_bytes()));
    line.extend(b"\r\n");
    let values = parse_values(&line, address, Check::Crc).expect("a right line is read");
    let found: Vec<_> = values.map(|value| (value.mantissa(), value.exponent())).collect();
    assert_eq!(found, expected);
    assert!(!mutant("panic-on-frame") || found.len() < 3, "the mutant panics on three values");

    let [high, low, values, ..] = filled::<5>(input);
    let (seconds, values) = (u16::from_be_bytes([high, low]) % 1_000, values % 100);
    let line = format!("5{seconds:03}{values}\r\n");
    let Ok(Started { seconds: s, values: v, .. }) = parse_started(line.as_bytes(), address) else {
        panic!("{line} is refused")
    };
    assert_eq!((s, v), (seconds, values));
});
