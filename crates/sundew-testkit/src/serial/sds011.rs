//! Nova Fitness's particle counter with frames of 10 bytes.

use super::{Outbox, SimTalker};
use crate::SimClock;
use core::cell::Cell;

/// Models an `SDS011`: speaks every second or when it is asked, and sleeps when it is told to.
///
/// Each command is answered after 20 ms, for which there is no figure of the vendor's; asleep
/// it takes the command to work only.
pub struct SimSds011<'c> {
    clock: &'c SimClock,
    outbox: Outbox,
    tenths: Cell<[u16; 2]>,
    heard: Cell<[u8; 19]>,
    next_frame: Cell<u64>,
    is_active: Cell<bool>,
    is_awake: Cell<bool>,
}

const INTERVAL_MICROS: u64 = 1_000_000;
/// The identity in the examples of the vendor's protocol description.
const IDENTITY: [u8; 2] = [0xA1, 0x60];

impl<'c> SimSds011<'c> {
    /// Models a part as it leaves the factory: it speaks unasked.
    pub const fn new(clock: &'c SimClock) -> Self {
        Self {
            clock,
            outbox: Outbox::new(),
            tenths: Cell::new([0; 2]),
            heard: Cell::new([0; 19]),
            next_frame: Cell::new(INTERVAL_MICROS),
            is_active: Cell::new(true),
            is_awake: Cell::new(true),
        }
    }

    /// Sets PM2.5 and PM10, in tenths of a microgram in a cubic metre.
    pub fn set(&self, tenths: [u16; 2]) {
        self.tenths.set(tenths);
    }

    /// Interrupts the supply: the mode is kept, the sleep is not.
    pub fn restart(&self) {
        self.outbox.clear();
        self.is_awake.set(true);
        self.next_frame.set(self.clock.micros() + INTERVAL_MICROS);
    }

    /// Returns whether fan and laser run.
    pub fn is_awake(&self) -> bool {
        self.is_awake.get()
    }

    /// Returns whether it speaks unasked.
    pub fn is_active(&self) -> bool {
        self.is_active.get()
    }

    fn send(&self, kind: u8, data: [u8; 4], from_micros: u64) {
        let sum = sum_of(&data).wrapping_add(sum_of(&IDENTITY));
        self.outbox.send(&[0xAA, kind], from_micros);
        self.outbox.send(&data, from_micros);
        self.outbox.send(&IDENTITY, from_micros);
        self.outbox.send(&[sum, 0xAB], from_micros);
    }

    fn measured(&self, from_micros: u64) {
        let [[a, b], [c, d]] = self.tenths.get().map(u16::to_le_bytes);
        self.send(0xC0, [a, b, c, d], from_micros);
    }

    fn command(&self, command: [u8; 3], micros: u64) {
        let soon = micros + 20_000;
        let [kind, is_write, value] = command;
        if !self.is_awake.get() && command != [6, 1, 1] {
            return;
        }
        match (kind, is_write) {
            (2, 1) => self.is_active.set(value == 0),
            (6, 1) => self.is_awake.set(value == 1),
            (4, _) => return self.measured(soon),
            _ => {}
        }
        self.next_frame.set(micros + INTERVAL_MICROS);
        self.send(0xC5, [kind, is_write, value, 0], soon);
    }
}

impl SimTalker for SimSds011<'_> {
    fn hear(&self, byte: u8, micros: u64) {
        let heard = super::remember(&self.heard, byte);
        let [0xAA, 0xB4, data @ .., sum, 0xAB] = heard else { return };
        let [kind, is_write, value, .., 0xFF, 0xFF] = data else { return };
        if sum_of(&data) == sum {
            self.command([kind, is_write, value], micros);
        }
    }

    fn say(&self, micros: u64) -> Option<u8> {
        while self.is_active.get() && self.is_awake.get() && self.next_frame.get() <= micros {
            self.measured(self.next_frame.get());
            self.next_frame.set(self.next_frame.get() + INTERVAL_MICROS);
        }
        self.outbox.say(micros)
    }
}

fn sum_of(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}
