//! Plantower's particle counters with frames of 32 bytes.

use super::{Outbox, SimTalker};
use crate::SimClock;
use core::cell::Cell;

/// Models a `PMS5003`: speaks every 2.3 s, or when it is asked, and sleeps when it is told to.
///
/// A command that comes in passive mode is answered after 20 ms, for which there is no figure of
/// the vendor's.
pub struct SimPmsx003<'c> {
    clock: &'c SimClock,
    outbox: Outbox,
    words: Cell<[u16; 13]>,
    heard: Cell<[u8; 7]>,
    next_frame: Cell<u64>,
    is_active: Cell<bool>,
    is_awake: Cell<bool>,
}

const INTERVAL_MICROS: u64 = 2_300_000;

impl<'c> SimPmsx003<'c> {
    /// Models a part that was just switched on, in clean air.
    pub const fn new(clock: &'c SimClock) -> Self {
        Self {
            clock,
            outbox: Outbox::new(),
            words: Cell::new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x9700]),
            heard: Cell::new([0; 7]),
            next_frame: Cell::new(INTERVAL_MICROS),
            is_active: Cell::new(true),
            is_awake: Cell::new(true),
        }
    }

    /// Sets PM1, PM2.5 and PM10 in the atmosphere, in micrograms in a cubic metre.
    ///
    /// The words for factory air are set to one more each, so that nobody takes the wrong ones.
    pub fn set(&self, micrograms: [u16; 3]) {
        let mut words = self.words.get();
        let [a, b, c] = micrograms;
        let all = [a.wrapping_add(1), b.wrapping_add(1), c.wrapping_add(1), a, b, c];
        words.iter_mut().zip(all).for_each(|(word, new)| *word = new);
        self.words.set(words);
    }

    /// Sets how many particles of each of the six sizes there are in 0.1 L.
    pub fn set_counts(&self, counts: [u16; 6]) {
        let mut words = self.words.get();
        words.iter_mut().skip(6).zip(counts).for_each(|(word, new)| *word = new);
        self.words.set(words);
    }

    /// Interrupts the supply: the part is in active mode again.
    pub fn restart(&self) {
        self.outbox.clear();
        self.is_active.set(true);
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

    fn frame(&self, from_micros: u64) {
        let mut frame = [0; 32];
        let words = [0x424D, 28].into_iter().chain(self.words.get());
        for (pair, word) in frame.chunks_exact_mut(2).zip(words) {
            pair.copy_from_slice(&u16::to_be_bytes(word));
        }
        self.send_summed(&mut frame, from_micros);
    }

    /// Sends a frame with the sum of all its bytes in the last two.
    fn send_summed(&self, frame: &mut [u8], from_micros: u64) {
        if let Some((body, sum)) = frame.split_last_chunk_mut::<2>() {
            *sum = sum_of(body).to_be_bytes();
        }
        self.outbox.send(frame, from_micros);
    }

    fn command(&self, command: u8, data: u8, micros: u64) {
        let soon = micros + 20_000;
        match (command, data) {
            (0xE4, 1) => {
                self.is_awake.set(true);
                self.next_frame.set(micros + INTERVAL_MICROS);
            }
            _ if !self.is_awake.get() => return,
            (0xE1, _) => {
                self.is_active.set(data == 1);
                self.next_frame.set(micros + INTERVAL_MICROS);
            }
            (0xE2, _) => {
                if !self.is_active.get() {
                    self.frame(soon);
                }
                return;
            }
            (0xE4, 0) => self.is_awake.set(false),
            _ => return,
        }
        // Waking up is not acknowledged; the rest is, as seen in public drivers.
        if (command, data) != (0xE4, 1) {
            self.send_summed(&mut [0x42, 0x4D, 0, 4, command, data, 0, 0], soon);
        }
    }
}

impl SimTalker for SimPmsx003<'_> {
    fn hear(&self, byte: u8, micros: u64) {
        let heard = super::remember(&self.heard, byte);
        let [0x42, 0x4D, command, 0, data, high, low] = heard else { return };
        if sum_of(&[0x42, 0x4D, command, data]) == u16::from_be_bytes([high, low]) {
            self.command(command, data, micros);
        }
    }

    fn say(&self, micros: u64) -> Option<u8> {
        while self.is_active.get() && self.is_awake.get() && self.next_frame.get() <= micros {
            self.frame(self.next_frame.get());
            self.next_frame.set(self.next_frame.get() + INTERVAL_MICROS);
        }
        self.outbox.say(micros)
    }
}

fn sum_of(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum: u16, byte| sum.wrapping_add(u16::from(*byte)))
}
