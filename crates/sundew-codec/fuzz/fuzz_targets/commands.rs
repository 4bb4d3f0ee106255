//! Commands, answers and births, of compact and of tiny: read, and written again.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use sundew_codec::tiny::{self, Carrier};
use sundew_codec::{Error, compact};
use sundew_codec_fuzz::{check_error, flip, mutant};

/// Decodes `input`, and where that succeeds, encodes and decodes it again.
fn check<T: PartialEq + Debug>(
    input: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, Error>,
    encode: impl Fn(&T, &mut [u8]) -> Result<usize, Error>,
) {
    let found = match decode(input) {
        Ok(found) => found,
        Err(error) => return check_error(error, input),
    };
    assert!(!mutant("panic-on-frame") || input.len() < 4, "the mutant panics on four bytes");
    let mut buffer = [0; 64];
    let len = encode(&found, &mut buffer).expect("what was decoded can be encoded");
    let bytes = &mut buffer[..len];
    flip(bytes);
    assert_eq!(decode(bytes).as_ref(), Ok(&found), "what was encoded again is not the same");
    let mut short = vec![0; len - 1];
    assert_eq!(encode(&found, &mut short), Err(Error::Full { needed: len }));
}

fuzz_target!(|input: &[u8]| {
    check(input, compact::decode_command, compact::encode_command);
    check(input, compact::decode_answer, compact::encode_answer);
    for carrier in [Carrier::Frame, Carrier::Port] {
        check(
            input,
            |bytes| tiny::decode_command(carrier, bytes),
            |command, buffer| tiny::encode_command(command, carrier, buffer),
        );
        check(
            input,
            |bytes| tiny::decode_answer(carrier, bytes),
            |answer, buffer| tiny::encode_answer(answer, carrier, buffer),
        );
        check(
            input,
            |bytes| tiny::decode_birth(carrier, bytes),
            |(schema, hash), buffer| tiny::encode_birth(*schema, *hash, carrier, buffer),
        );
    }
});
