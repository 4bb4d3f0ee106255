//! A 1-Wire bus with models of thermometers, behind an open-drain pin or a UART.

mod ds18b20;

use crate::{Outbox, SimClock, SimTalker};
use core::cell::Cell;
use core::convert::Infallible;
pub use ds18b20::SimDs18b20;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

/// Simulates a 1-Wire bus with `N` parts and a pull-up.
///
/// `&SimOneWire` is an open-drain pin, whose pulses are judged by the clock as the parts do
/// (`DS18B20` datasheet 19-7487, "AC Electrical Characteristics"); what lies between the limits is
/// counted. It is also what hangs at a [`SimSerial`](crate::SimSerial) with both lines joined.
///
/// ```
/// use embedded_hal::digital::{InputPin, OutputPin};
/// use sundew_testkit::{SimClock, SimDs18b20, SimOneWire};
///
/// let clock = SimClock::new();
/// let part = SimDs18b20::new(&clock, 0x28, 0x0000_0123_4567);
/// let bus = SimOneWire::new(&clock, [&part]);
/// let mut pin = &bus;
/// pin.set_low().unwrap();
/// clock.advance_micros(480);
/// pin.set_high().unwrap();
/// clock.advance_micros(70);
/// assert_eq!(pin.is_low(), Ok(true)); // present
/// ```
pub struct SimOneWire<'d, const N: usize> {
    clock: &'d SimClock,
    parts: [&'d SimDs18b20<'d>; N],
    fell_at: Cell<Option<u64>>,
    free_from: Cell<u64>,
    held_low: Cell<(u64, u64)>,
    is_shorted: Cell<bool>,
    violations: Cell<u32>,
    baud: Cell<u32>,
    outbox: Outbox,
}

impl<'d, const N: usize> SimOneWire<'d, N> {
    /// Simulates a bus with these parts.
    pub const fn new(clock: &'d SimClock, parts: [&'d SimDs18b20<'d>; N]) -> Self {
        Self {
            clock,
            parts,
            fell_at: Cell::new(None),
            free_from: Cell::new(0),
            held_low: Cell::new((0, 0)),
            is_shorted: Cell::new(false),
            violations: Cell::new(0),
            baud: Cell::new(9_600),
            outbox: Outbox::new(),
        }
    }

    /// Connects the line with ground.
    pub fn short(&self) {
        self.is_shorted.set(true);
    }

    /// Ends what [`short`](Self::short) began.
    pub fn mend(&self) {
        self.is_shorted.set(false);
    }

    /// Returns how many pulses were neither as short nor as long as the datasheet wants.
    pub fn violations(&self) -> u32 {
        self.violations.get()
    }

    /// Says at which speed the UART sends, which decides what its bytes are on the wire.
    pub fn set_baud_rate(&self, baud: u32) {
        self.baud.set(baud);
        self.outbox.set_byte_micros(10_000_000_u64.div_ceil(u64::from(baud.max(1))));
    }

    /// Resets all parts, and returns whether one of them is present.
    fn reset(&self) -> bool {
        self.parts.iter().filter(|part| part.reset()).count() > 0
    }

    /// Returns whether all parts leave the line high in the slot that begins.
    fn all_release(&self) -> bool {
        self.parts.iter().all(|part| part.releases())
    }

    fn end_slot(&self, bit: bool) {
        for part in &self.parts {
            part.end_slot(bit);
        }
    }

    fn violate(&self) {
        self.violations.set(self.violations.get() + 1);
    }

    fn is_held_low(&self) -> bool {
        let (from, to) = self.held_low.get();
        let now = self.clock.micros();
        self.is_shorted.get() || self.fell_at.get().is_some() || (from <= now && now < to)
    }
}

impl<const N: usize> ErrorType for &SimOneWire<'_, N> {
    type Error = Infallible;
}

impl<const N: usize> OutputPin for &SimOneWire<'_, N> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        let now = self.clock.micros();
        if self.fell_at.get().is_none() {
            if now < self.free_from.get() {
                self.violate();
            }
            self.fell_at.set(Some(now));
            self.free_from.set(now + 61);
            if !self.all_release() {
                // A part holds a 0 for 15 us at least; most do for about 30 us.
                self.held_low.set((now, now + 30));
            }
        }
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        let now = self.clock.micros();
        let Some(fell_at) = self.fell_at.take() else { return Ok(()) };
        match now - fell_at {
            1..=15 => self.end_slot(true),
            60..=120 => self.end_slot(false),
            480.. => {
                if self.reset() {
                    self.held_low.set((now + 30, now + 150));
                }
                // The next slot may begin when the presence pulse is over.
                self.free_from.set(now + 480);
            }
            _ => self.violate(),
        }
        Ok(())
    }
}

impl<const N: usize> InputPin for &SimOneWire<'_, N> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(!self.is_held_low())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.is_held_low())
    }
}

impl<const N: usize> SimTalker for SimOneWire<'_, N> {
    fn hear(&self, byte: u8, micros: u64) {
        let echo = match (self.baud.get(), byte) {
            _ if self.is_shorted.get() => 0,
            // 5 bit times low are 521 us; a presence pulse is seen in the upper bits.
            (9_600, 0xF0) if self.reset() => 0xE0,
            (9_600, 0xF0) => 0xF0,
            // A start bit of 8.7 us alone, or with 8 more bits of 0: 78 us.
            (115_200, 0xFF) => {
                let released = self.all_release();
                self.end_slot(true);
                // 30 us are the start bit and two and a half more.
                if released { 0xFF } else { 0xFC }
            }
            (115_200, 0x00) => {
                self.end_slot(false);
                0
            }
            _ => {
                self.violate();
                byte
            }
        };
        // The line is heard while it is driven.
        let byte_micros = 10_000_000_u64.div_ceil(u64::from(self.baud.get().max(1)));
        self.outbox.send(&[echo], micros.saturating_sub(byte_micros));
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}
