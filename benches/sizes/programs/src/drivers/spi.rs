//! The drivers on SPI. The answers were recorded from the models in the drivers' own examples.

use sundew_sensors::*;

use super::measure;
use crate::bench::Bus;

/// For each feature: what the part answers, byte by byte, and how its driver is made.
macro_rules! drivers {
    ($bus:ident; $($feature:literal: [$($answer:literal),*] => $driver:expr;)*) => {
        /// Runs the driver that is linked in.
        pub(super) fn run($bus: &mut Bus) -> bool {
            let done = $bus.is_idle();
            $(
                #[cfg(feature = $feature)]
                let done = {
                    static SCRIPT: [u8; [$($answer as u8),*].len()] = [$($answer),*];
                    $bus.answer(core::hint::black_box(&SCRIPT));
                    let $bus = &mut *$bus;
                    measure(&mut $driver) && done
                };
            )*
            done
        }
    };
}

drivers! {
    bus;
    "driver-max31855": [0x06, 0x4C, 0x19, 0x00] => max31855::Max31855::new(bus);
    "driver-max31865": [
        0x00, 0xC1, 0x00, 0xC1, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00
    ] => {
        use max31865::{Config, Mains, Max31865, Wires};
        let Ok(config) = Config::new(400_000, Wires::Four, Mains::Hz50) else { return false };
        Max31865::new(bus, config)
    };
}
