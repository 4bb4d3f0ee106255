//! Avia HX711, after its English datasheet ("Serial Interface", figures 2 and 3).

use crate::SimClock;
use core::cell::Cell;
use embedded_hal::digital::{Error, ErrorKind, ErrorType, InputPin, OutputPin};

/// Says why a simulated pin failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// Reports a pin that cannot be driven or read.
    Stuck,
}

impl core::fmt::Display for PinError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("pin cannot be driven or read")
    }
}

impl core::error::Error for PinError {}

impl Error for PinError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

const POWER_DOWN_MICROS: u64 = 60;
const BITS: u8 = 24;

/// Models an `HX711` at 10 samples a second by its two pins.
///
/// The data pin falls when a conversion is through: 400 ms after power-up or a change of input, and
/// else 100 ms after the one before was read. Each rising clock shifts out one bit; the 25th puts the data pin up
/// again, and with one or two more the next conversion is of another input. A clock that is up for
/// more than 60 us puts the part to sleep, and its fall resets it.
///
/// ```
/// use embedded_hal::digital::{InputPin, OutputPin};
/// use sundew_testkit::{SimClock, SimHx711};
///
/// let clock = SimClock::new();
/// let part = SimHx711::new(&clock);
/// part.set(25, -2); // what the input that 25 pulses choose gives
/// clock.advance_millis(400);
/// assert_eq!(part.data().is_low(), Ok(true));
/// let mut word = 0_u32;
/// for _ in 0..24 {
///     part.clock().set_high()?;
///     word = word << 1 | u32::from(part.data().is_high()?);
///     part.clock().set_low()?;
/// }
/// assert_eq!(word, 0xFF_FFFE);
/// # Ok::<(), sundew_testkit::PinError>(())
/// ```
pub struct SimHx711<'c> {
    time: &'c SimClock,
    values: [Cell<i32>; 3],
    is_high: Cell<bool>,
    raised_at: Cell<u64>,
    pulses: Cell<u8>,
    selected: Cell<u8>,
    converted: Cell<u8>,
    ready_at: Cell<u64>,
    latched: Cell<i32>,
    stall: Cell<Option<(u8, u32)>>,
    fault: Cell<Option<u32>>,
    plugged: Cell<bool>,
    grounded: Cell<bool>,
}

impl<'c> SimHx711<'c> {
    /// Models a part that was just powered and measures 0.
    pub fn new(time: &'c SimClock) -> Self {
        let part = Self {
            time,
            values: [const { Cell::new(0) }; 3],
            is_high: Cell::new(false),
            raised_at: Cell::new(0),
            pulses: Cell::new(0),
            selected: Cell::new(25),
            converted: Cell::new(25),
            ready_at: Cell::new(0),
            latched: Cell::new(0),
            stall: Cell::new(None),
            fault: Cell::new(None),
            plugged: Cell::new(true),
            grounded: Cell::new(false),
        };
        part.power_up();
        part
    }

    /// Sets what an input gives, limited to 24 bits; `pulses` (25, 26 or 27) names the input.
    pub fn set(&self, pulses: u8, value: i32) {
        if let Some(cell) = self.values.get(usize::from(pulses.wrapping_sub(25))) {
            cell.set(value.clamp(-(1 << 23), (1 << 23) - 1));
        }
    }

    /// Returns the clock pin.
    pub fn clock(&self) -> SimHx711Clock<'_> {
        SimHx711Clock { part: self }
    }

    /// Returns the data pin.
    pub fn data(&self) -> SimHx711Data<'_> {
        SimHx711Data { part: self }
    }

    /// Returns how many pulses the last reading had, or has had so far.
    pub fn pulses(&self) -> u8 {
        self.pulses.get()
    }

    /// Returns whether the part sleeps.
    pub fn is_asleep(&self) -> bool {
        self.is_high.get() && self.time.micros() > self.raised_at.get() + POWER_DOWN_MICROS
    }

    /// Lets an interrupt of `micros` microseconds come once, while the clock of pulse number
    /// `pulse` is up.
    pub fn interrupt(&self, pulse: u8, micros: u32) {
        self.stall.set(Some((pulse, micros)));
    }

    /// Lets `accesses` accesses to a pin pass and the one after them fail.
    pub fn fail(&self, accesses: u32) {
        self.fault.set(Some(accesses));
    }

    /// Removes the part; its data pin is pulled up then.
    pub fn unplug(&self) {
        self.plugged.set(false);
    }

    /// Shorts the data pin to ground.
    pub fn ground(&self) {
        self.grounded.set(true);
    }

    /// Puts the part back, freshly powered and without a short.
    pub fn plug(&self) {
        self.plugged.set(true);
        self.grounded.set(false);
        self.power_up();
    }

    fn power_up(&self) {
        self.pulses.set(0);
        self.selected.set(25);
        self.converted.set(25);
        self.ready_at.set(self.time.micros() + 400_000);
    }

    fn admit(&self) -> Result<(), PinError> {
        match self.fault.get() {
            Some(0) => {
                self.fault.set(None);
                Err(PinError::Stuck)
            }
            Some(left) => {
                self.fault.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes over the conversion that is through by now.
    fn settle(&self) {
        let between = self.pulses.get() == 0 || self.pulses.get() > BITS;
        if between && self.time.micros() >= self.ready_at.get() {
            self.pulses.set(0);
            self.converted.set(self.selected.get());
            let input = usize::from(self.selected.get().wrapping_sub(25));
            self.latched.set(self.values.get(input).map_or(0, Cell::get));
        }
    }

    fn raise(&self) {
        if self.is_high.replace(true) {
            return;
        }
        self.settle();
        self.raised_at.set(self.time.micros());
        if self.pulses.get() == 0 && self.time.micros() < self.ready_at.get() {
            // There is nothing to shift out yet.
            return;
        }
        let pulse = self.pulses.get().saturating_add(1);
        self.pulses.set(pulse);
        if (25..=27).contains(&pulse) {
            self.selected.set(pulse);
            let period = if self.converted.get() == pulse { 100_000 } else { 400_000 };
            self.ready_at.set(self.time.micros() + period);
        }
        if let Some((at, micros)) = self.stall.get()
            && at == pulse
        {
            self.stall.set(None);
            self.time.advance_micros(micros);
        }
    }

    fn lower(&self) {
        if self.is_asleep() {
            self.power_up();
        }
        self.is_high.set(false);
    }

    fn level(&self) -> bool {
        if self.grounded.get() {
            return false;
        }
        if !self.plugged.get() || self.is_asleep() {
            return true;
        }
        self.settle();
        match self.pulses.get() {
            0 => self.time.micros() < self.ready_at.get(),
            pulse @ 1..=BITS => self.latched.get() >> (BITS - pulse) & 1 != 0,
            _ => true,
        }
    }
}

/// Stands for the clock pin of a [`SimHx711`].
pub struct SimHx711Clock<'p> {
    part: &'p SimHx711<'p>,
}

impl ErrorType for SimHx711Clock<'_> {
    type Error = PinError;
}

impl OutputPin for SimHx711Clock<'_> {
    fn set_low(&mut self) -> Result<(), PinError> {
        self.part.admit()?;
        self.part.lower();
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), PinError> {
        self.part.admit()?;
        self.part.raise();
        Ok(())
    }
}

/// Stands for the data pin of a [`SimHx711`].
pub struct SimHx711Data<'p> {
    part: &'p SimHx711<'p>,
}

impl ErrorType for SimHx711Data<'_> {
    type Error = PinError;
}

impl InputPin for SimHx711Data<'_> {
    fn is_high(&mut self) -> Result<bool, PinError> {
        self.part.admit()?;
        Ok(self.part.level())
    }

    fn is_low(&mut self) -> Result<bool, PinError> {
        self.is_high().map(|level| !level)
    }
}
