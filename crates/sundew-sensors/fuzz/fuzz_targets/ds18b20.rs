//! Scratchpads of `DS18B20` and `DS18S20`, and codes of parts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sundew_sensors::ds18b20::Scratchpad;
use sundew_sensors::one_wire::Rom;
use sundew_sensors_fuzz::{filled, mutant};

/// Returns the checksum by dividing polynomials, the way the hardware in the datasheet does.
fn checksum(bytes: &[u8]) -> u8 {
    let mut register = 0_u8;
    for byte in bytes {
        for bit in 0..8 {
            let feedback = (register ^ byte >> bit) & 1;
            register >>= 1;
            if feedback == 1 {
                register ^= 0x8C;
            }
        }
    }
    register
}

fn is_measured(scratchpad: Scratchpad) -> bool {
    matches!(scratchpad, Scratchpad::Measured { .. } | Scratchpad::PowerUp)
}

fuzz_target!(|input: &[u8]| {
    let raw: [u8; 9] = filled(input);
    let mut right = raw;
    right[8] = checksum(&raw[..8]);
    for judge in [Scratchpad::of_ds18b20, Scratchpad::of_ds18s20] {
        // What fails its checksum is never a measurement, whatever else it is.
        assert!(raw[8] == right[8] || !is_measured(judge(&raw)));
        if is_measured(judge(&right)) {
            for bit in 0..72 {
                let mut wrong = right;
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert!(!is_measured(judge(&wrong)), "bit {bit}");
            }
            assert!(!mutant("panic-on-frame"), "the mutant panics on a measurement");
        }
    }
    if let Scratchpad::Measured { sixteenths, configuration } = Scratchpad::of_ds18b20(&right) {
        let read = i16::from_le_bytes([right[0], right[1]]);
        assert!(sixteenths <= read && read - sixteenths < 8, "only unused bits are cut");
        assert_eq!(configuration, right[4]);
    }
    let code: [u8; 8] = filled(input);
    if let Ok(rom) = Rom::new(code) {
        assert_eq!(rom.to_bytes(), code);
        assert_eq!(checksum(&code[..7]), code[7]);
    }
});
