//! The driver on two pins of its own.

use core::convert::Infallible;
#[cfg(feature = "driver-hx711")]
use core::hint::black_box;

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

use super::Nothing;
use crate::bench::Line;

impl ErrorType for Nothing {
    type Error = Infallible;
}

impl OutputPin for Nothing {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A pin whose levels come from a script.
struct Data<'l>(&'l mut Line);

impl ErrorType for Data<'_> {
    type Error = Infallible;
}

impl InputPin for Data<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.slot())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

/// Runs the driver that is linked in.
pub(super) fn run(line: &mut Line) -> bool {
    let done = line.is_idle();
    #[cfg(feature = "driver-hx711")]
    let done = {
        use sundew_sensors::hx711::{Hx711, Input, Rate};
        // Low, for it is ready, then 1,234,567 from the top.
        static SCRIPT: [u8; 4] = [0x90, 0xD6, 0xC2, 0x01];
        line.answer(black_box(&SCRIPT));
        let data = Data(&mut *line);
        super::measure(&mut Hx711::new(Nothing, data, Nothing, Input::A128, Rate::Hz10)) && done
    };
    done
}
