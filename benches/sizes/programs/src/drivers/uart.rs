//! The drivers on a UART. The answers were recorded from the models in the drivers' own examples.

use core::hint::black_box;

use sundew_sensors::*;

use crate::bench::Port;

/// For each feature: what the part sends between start and read, and how its driver is made.
macro_rules! drivers {
    ($port:ident; $($feature:literal: [$($answer:literal),*] => $driver:expr;)*) => {
        /// Runs the driver that is linked in.
        pub(super) fn run($port: &Port) -> bool {
            let done = $port.is_idle();
            $(
                #[cfg(feature = $feature)]
                let done = {
                    static SCRIPT: [u8; [$($answer as u8),*].len()] = [$($answer),*];
                    let mut sensor = $driver;
                    let is_started = black_box(sensor.start()).is_ok();
                    $port.send(black_box(&SCRIPT));
                    is_started && black_box(sensor.read()).is_ok() && done
                };
            )*
            done
        }
    };
}

drivers! {
    port;
    "driver-mhz19": [0xFF, 0x86, 0x02, 0x20, 0x00, 0x00, 0x00, 0x00, 0x58] => {
        mhz19::Mhz19::new(port, mhz19::Model::B)
    };
    "driver-pmsx003": [
        0x42, 0x4D, 0x00, 0x04, 0xE1, 0x00, 0x01, 0x74, 0x42, 0x4D, 0x00, 0x1C, 0x00, 0x04, 0x00,
        0x0D, 0x00, 0x15, 0x00, 0x03, 0x00, 0x0C, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x97, 0x00, 0x01, 0x8B
    ] => pmsx003::Pmsx003::new(port, pmsx003::Mode::Passive);
    "driver-sds011": [
        0xAA, 0xC5, 0x06, 0x01, 0x01, 0x00, 0xA1, 0x60, 0x09, 0xAB, 0xAA, 0xC5, 0x02, 0x01, 0x01,
        0x00, 0xA1, 0x60, 0x05, 0xAB, 0xAA, 0xC0, 0xD4, 0x04, 0x3A, 0x0A, 0xA1, 0x60, 0x1D, 0xAB
    ] => sds011::Sds011::new(port, sds011::Mode::Query);
}
