//! Records of the queue: read, and written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_codec::record;
use sundew_codec_fuzz::{check_error, flip, mutant};
use sundew_units::Quality;

fuzz_target!(|input: &[u8]| {
    let mut values = match record::decode(input) {
        Ok(values) => values,
        Err(error) => return check_error(error, input),
    };
    let schema = values.schema();
    let mut found = Vec::new();
    for value in &mut values {
        match value {
            Ok(value) => found.push(value),
            Err(error) => {
                check_error(error, input);
                assert!(values.next().is_none(), "it goes on after an error");
                return;
            }
        }
    }
    assert!(!mutant("panic-on-frame") || found.len() < 3, "the mutant panics on three values");
    let mut buffer = vec![0; record::capacity(found.len())];
    let len = record::encode(schema, found.iter().copied(), &mut buffer).expect("it has room");
    let bytes = &mut buffer[..len];
    // One form for each value: only qualities that are not known, or good but written, differ.
    let is_plain = found.iter().all(|(_, _, quality)| *quality == Quality::Good);
    assert!(len <= input.len(), "what is written is the shortest form");
    if is_plain && len == input.len() {
        assert_eq!(bytes, input, "the same values in other bytes");
    }
    flip(bytes);
    let again = record::decode(bytes).expect("it was encoded");
    assert_eq!(again.schema(), schema);
    let again: Result<Vec<_>, _> = again.collect();
    assert_eq!(again.as_ref(), Ok(&found), "what was encoded again is not the same");
});
