//! Random operations, power cuts included, beside a simple queue in memory.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| sundew_queue_fuzz::operations(input));
