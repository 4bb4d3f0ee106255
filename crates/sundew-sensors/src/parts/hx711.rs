//! Avia `HX711`: a bridge of strain gauges, 24 bits, over two pins of its own.
//!
//! After the English datasheet of Avia Semiconductor, which has no revision number. Not driven: an
//! external clock.
//!
//! **A clock that stays high for 60 us puts the part to sleep**, and it starts anew when the clock falls.
//! The driver keeps it high for 1 us, but an interrupt may come in between; the rest of the word
//! is ones then, and nothing tells (the next measurement is late, [`Error::NotReady`]). Where an
//! interrupt can take more than 50 us, call `read` in a critical section: it takes 25 to 27
//! times the two delays of 1 us and four pin accesses.
//!
//! Which input is measured, the part is told at the end of a reading. So where another one than
//! channel A at gain 128 is chosen, the first measurement is [`Error::NotReady`] once, and the next
//! is of that input. A data pin that is low where it must be high is [`Error::Frame`]; a part that
//! is missing is [`Error::NotReady`] for ever where the pin is pulled up. A part whose supply breaks
//! down measures channel A at gain 128 again without a trace: where another input is chosen and the
//! supply is weak, call [`Hx711::sleep`] now and then, which lets the next start tell it anew.

mod scale;
mod wire;

#[cfg(feature = "async")]
use crate::SensorAsync;
use crate::{Bus, Error, Output, Part, Sensor};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};
#[cfg(feature = "async")]
pub use scale::ScaleAsync;
pub use scale::{Calibration, Scale};
use sundew_units::{Quality, Quantity};
pub use wire::{Input, Rate};

/// Describes the one value: steps of the converter.
pub const OUTPUTS: [Output; 1] = [Output::new(Quantity::RawSignal, 0)];

/// Describes the driver's part.
pub const PART: Part = Part {
    module: "hx711",
    parts: "HX711",
    bus: Bus::Pins,
    outputs: &OUTPUTS,
    accuracy: &["the bridge's"],
    blocking: "0.1 ms with pins of 0.5 us",
};

/// Drives one part, which gives -8,388,608 to 8,388,607 steps for half the supply / gain.
///
/// An end of the scale is marked [`Quality::OverRange`] or [`Quality::UnderRange`]. [`Scale`] makes a
/// mass of it.
///
/// *Blocking time*: 0.07 ms in the first `start`, which resets the part; in `read`, 25 to 27 times
/// two delays of 1 us and four pin accesses. `delay` is a blocking one in the async twin too: a word
/// must not be interrupted.
///
/// *Cancel safety* (async): neither phase ever waits for anything.
///
/// *RAM*: the pins, the delay and 5 bytes.
///
/// ```
/// use sundew_sensors::Sensor;
/// use sundew_sensors::hx711::{Hx711, Input, Rate};
/// use sundew_testkit::{SimClock, SimHx711};
///
/// let clock = SimClock::new();
/// let part = SimHx711::new(&clock);
/// part.set(25, 1_234_567);
/// let mut bridge = Hx711::new(part.clock(), part.data(), &clock, Input::A128, Rate::Hz10);
/// clock.advance_millis(bridge.start().unwrap());
/// assert_eq!(bridge.read(), Ok([1_234_567]));
/// ```
#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
#[derive(Clone, Copy, Debug)]
pub struct Hx711<CLOCK, DATA, DELAY> {
    clock: CLOCK,
    data: DATA,
    delay: DELAY,
    input: Input,
    rate: Rate,
    /// Holds the input of the conversion that runs; none where the part was not reset.
    selected: Option<Input>,
    is_settled: bool,
    quality: Quality,
}

#[maybe_async_cfg::maybe(sync(keep_self), async(feature = "async"))]
impl<CLOCK, DATA, DELAY> Hx711<CLOCK, DATA, DELAY>
where
    CLOCK: OutputPin,
    DATA: InputPin<Error = CLOCK::Error>,
    DELAY: DelayNs,
{
    /// Takes the pins and a delay; nothing is moved yet. `rate` is what the pin RATE chooses.
    pub const fn new(clock: CLOCK, data: DATA, delay: DELAY, input: Input, rate: Rate) -> Self {
        let quality = Quality::Good;
        Self { clock, data, delay, input, rate, selected: None, is_settled: false, quality }
    }

    /// Chooses the input to measure; the measurement that follows is [`Error::NotReady`] once.
    pub const fn set_input(&mut self, input: Input) {
        self.input = input;
    }

    /// Puts the part, and a bridge that it supplies, to sleep until the next start.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Bus`] where the clock pin cannot be driven.
    pub fn sleep(&mut self) -> Result<(), Error<CLOCK::Error>> {
        self.selected = None;
        self.clock.set_high().map_err(Error::Bus)?;
        self.delay.delay_us(wire::POWER_DOWN_US);
        Ok(())
    }

    /// Returns the pins and the delay.
    pub fn release(self) -> (CLOCK, DATA, DELAY) {
        (self.clock, self.data, self.delay)
    }

    /// Resets the part: its input is known then.
    fn reset(&mut self) -> Result<(), Error<CLOCK::Error>> {
        self.sleep()?;
        self.clock.set_low().map_err(Error::Bus)?;
        self.selected = Some(Input::A128);
        self.is_settled = false;
        Ok(())
    }

    /// Shifts out a word, and tells which input is next.
    fn word(&mut self) -> Result<u32, Error<CLOCK::Error>> {
        let mut word = 0;
        for _ in 0..wire::BITS {
            word = word << 1 | u32::from(self.pulse()?);
        }
        // The pulse after the last bit raises the pin; a part that is there does so.
        let mut is_high = true;
        for _ in 0..self.input as u8 {
            is_high &= self.pulse()?;
        }
        if is_high { Ok(word) } else { Err(Error::Frame) }
    }

    /// Gives one clock and returns what the data pin shows then.
    fn pulse(&mut self) -> Result<bool, Error<CLOCK::Error>> {
        self.clock.set_high().map_err(Error::Bus)?;
        self.delay.delay_us(1);
        self.clock.set_low().map_err(Error::Bus)?;
        // Sampled while the clock is low, where an interrupt does no harm.
        let is_high = self.data.is_high().map_err(Error::Bus)?;
        self.delay.delay_us(1);
        Ok(is_high)
    }
}

#[maybe_async_cfg::maybe(idents(Sensor(sync)), sync(keep_self), async(feature = "async"))]
impl<CLOCK, DATA, DELAY> Sensor<1> for Hx711<CLOCK, DATA, DELAY>
where
    CLOCK: OutputPin,
    DATA: InputPin<Error = CLOCK::Error>,
    DELAY: DelayNs,
{
    type Error = Error<CLOCK::Error>;

    const OUTPUTS: [Output; 1] = OUTPUTS;

    async fn start(&mut self) -> Result<u32, Self::Error> {
        if self.selected.is_none() {
            self.reset()?;
        }
        Ok(if self.is_settled { self.rate.period_ms() } else { self.rate.settling_ms() })
    }

    async fn read(&mut self) -> Result<[i32; 1], Self::Error> {
        let Some(selected) = self.selected else { return Err(Error::NotReady) };
        if self.data.is_high().map_err(Error::Bus)? {
            return Err(Error::NotReady);
        }
        // Should the word break off, the part is reset at the next start.
        self.selected = None;
        let word = self.word()?;
        self.selected = Some(self.input);
        self.is_settled = selected == self.input;
        if !self.is_settled {
            return Err(Error::NotReady);
        }
        let steps = wire::steps(word);
        self.quality = wire::quality(steps);
        Ok([steps])
    }

    fn quality(&self, _output: usize) -> Quality {
        self.quality
    }
}
