//! The driver on 1-Wire, without the wire: a pin and a UART cost differently.

use core::convert::Infallible;
#[cfg(feature = "driver-ds18b20")]
use core::hint::black_box;

use sundew_sensors::one_wire::{Fault, OneWire};

use crate::bench::Line;

impl OneWire for &mut Line {
    type Error = Infallible;

    fn reset(&mut self) -> Result<(), Fault<Infallible>> {
        Ok(())
    }

    fn slot(&mut self, _: bool) -> Result<bool, Fault<Infallible>> {
        Ok(Line::slot(self))
    }
}

/// Runs the driver that is linked in.
pub(super) fn run(line: &mut Line) -> bool {
    let done = line.is_idle();
    #[cfg(feature = "driver-ds18b20")]
    let done = {
        use sundew_sensors::ds18b20::{Ds18b20, Resolution};
        // Every slot, those that the driver writes included.
        static SCRIPT: [u8; 25] = [
            0xCC, 0xBE, 0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C, 0xCC, 0x44, 0x99,
            0x7D, 0xBD, 0xFE, 0x97, 0x8C, 0xFE, 0xFE, 0x05, 0x20, 0x6C, 0x01,
        ];
        line.answer(black_box(&SCRIPT));
        super::measure(&mut Ds18b20::only(&mut *line, Resolution::Twelve)) && done
    };
    done
}
