//! A bus over an open-drain pin, by delays.

#[cfg(feature = "async")]
use super::OneWireAsync;
use super::{Fault, OneWire};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};

// Times in microseconds, by the letters of application note 126 ("Standard" speed).
/// Begins a slot, and is all of a 1.
const A: u32 = 6;
/// Is the low time of a 0.
const C: u32 = 60;
/// Recovers behind a 0.
const D: u32 = 10;
/// Passes between the end of `A` and the sample.
const E: u32 = 9;
/// Passes between the sample and the next slot.
const F: u32 = 55;
/// Resets.
const H: u32 = 480;
/// Passes between the reset and the sample of the presence.
const I: u32 = 70;
/// Passes behind the sample of the presence.
const J: u32 = 410;

/// Drives a bus over a pin with an open drain (or one that switches between low and input) and a
/// resistor of 4.7 kOhm to the supply.
///
/// *Blocking time*: 1 ms for a reset, 70 us for a slot; the async trait blocks for as long, since
/// no executor's timer is that fine.
///
/// *Interrupts* may stretch the reset to 960 us, a 0 to 120 us, and all time between slots. They
/// must not fall into the 15 us from the beginning of a 1 to its sample: a bit that is read is
/// wrong then, which checksums find, and one that is written too, which nothing finds
/// in a command. Where interrupts take more than 5 us, mask them in slots, or use a UART.
#[derive(Clone, Copy, Debug)]
pub struct PinWire<P, D> {
    pin: P,
    delay: D,
}

impl<P: InputPin + OutputPin, D: DelayNs> PinWire<P, D> {
    /// Takes a pin that is released (high); nothing is sent yet.
    pub const fn new(pin: P, delay: D) -> Self {
        Self { pin, delay }
    }

    /// Returns pin and delay.
    pub fn release(self) -> (P, D) {
        (self.pin, self.delay)
    }

    fn low(&mut self) -> Result<(), Fault<P::Error>> {
        self.pin.set_low().map_err(Fault::Port)
    }

    fn high(&mut self) -> Result<(), Fault<P::Error>> {
        self.pin.set_high().map_err(Fault::Port)
    }

    fn sample(&mut self) -> Result<bool, Fault<P::Error>> {
        self.pin.is_high().map_err(Fault::Port)
    }

    fn reset_now(&mut self) -> Result<(), Fault<P::Error>> {
        self.high()?;
        if !self.sample()? {
            return Err(Fault::Shorted);
        }
        self.low()?;
        self.delay.delay_us(H);
        self.high()?;
        self.delay.delay_us(I);
        let is_absent = self.sample()?;
        self.delay.delay_us(J);
        match (is_absent, self.sample()?) {
            (_, false) => Err(Fault::Shorted),
            (true, _) => Err(Fault::Absent),
            _ => Ok(()),
        }
    }

    fn slot_now(&mut self, bit: bool) -> Result<bool, Fault<P::Error>> {
        self.low()?;
        if bit {
            self.delay.delay_us(A);
            self.high()?;
            self.delay.delay_us(E);
            let level = self.sample()?;
            self.delay.delay_us(F);
            return Ok(level);
        }
        self.delay.delay_us(C);
        self.high()?;
        self.delay.delay_us(D);
        Ok(false)
    }
}

#[maybe_async_cfg::maybe(
    idents(OneWire(sync)),
    sync(keep_self),
    async(feature = "async", keep_self)
)]
impl<P: InputPin + OutputPin, D: DelayNs> OneWire for PinWire<P, D> {
    type Error = P::Error;

    async fn reset(&mut self) -> Result<(), Fault<P::Error>> {
        self.reset_now()
    }

    async fn slot(&mut self, bit: bool) -> Result<bool, Fault<P::Error>> {
        self.slot_now(bit)
    }
}
