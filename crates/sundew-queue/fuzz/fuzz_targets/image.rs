//! Any bytes as what the flash holds: opened, read, written to, and never in the way of a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| sundew_queue_fuzz::image(input));
