//! One bus for several drivers.

use super::{Fault, OneWire, Pull};
use core::cell::RefCell;

/// Lets several blocking drivers use one bus, each through a `&Shared`.
///
/// Async drivers need a mutex held for a whole `start` or `read` instead: on this bus a transfer
/// cannot be interleaved with another.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::ds18b20::{Ds18b20, Resolution};
/// use sundew_sensors::one_wire::{PinWire, Rom, Shared};
/// use sundew_testkit::{SimClock, SimDs18b20, SimOneWire};
///
/// let clock = SimClock::new();
/// let (in_air, in_soil) = (SimDs18b20::new(&clock, 0x28, 7), SimDs18b20::new(&clock, 0x28, 8));
/// let line = SimOneWire::new(&clock, [&in_air, &in_soil]);
/// in_soil.set_sixteenths(81);
///
/// let bus = Shared::new(PinWire::new(&line, &clock));
/// let rom = |part: &SimDs18b20<'_>| Rom::new(part.rom()).unwrap();
/// let mut air = Ds18b20::at(&bus, rom(&in_air), Resolution::Twelve).unwrap();
/// let mut soil = Ds18b20::at(&bus, rom(&in_soil), Resolution::Twelve).unwrap();
/// clock.advance_millis(air.start().unwrap().max(soil.start().unwrap()));
/// assert_eq!((air.read(), soil.read()), (Ok([2_000]), Ok([506])));
/// ```
#[derive(Debug)]
pub struct Shared<B>(RefCell<B>);

impl<B> Shared<B> {
    /// Takes the bus.
    pub const fn new(bus: B) -> Self {
        Self(RefCell::new(bus))
    }

    /// Returns the bus.
    pub fn release(self) -> B {
        self.0.into_inner()
    }
}

impl<B: OneWire> OneWire for &Shared<B> {
    type Error = B::Error;

    fn reset(&mut self) -> Result<(), Fault<B::Error>> {
        self.with(B::reset)
    }

    fn slot(&mut self, bit: bool) -> Result<bool, Fault<B::Error>> {
        self.with(|bus| bus.slot(bit))
    }

    fn pull(&mut self, pull: Pull) -> Result<(), Fault<B::Error>> {
        self.with(|bus| bus.pull(pull))
    }
}

impl<B: OneWire> Shared<B> {
    fn with<T>(
        &self,
        act: impl FnOnce(&mut B) -> Result<T, Fault<B::Error>>,
    ) -> Result<T, Fault<B::Error>> {
        // Nobody else can hold it in one thread of execution, but a panic path would be linked.
        self.0.try_borrow_mut().map_or(Err(Fault::Silent), |mut bus| act(&mut bus))
    }
}
