//! Winsen's carbon dioxide sensors with frames of 9 bytes.

use super::{Outbox, SimTalker};
use core::cell::Cell;

/// Models an `MH-Z19B`, which speaks when it is asked.
///
/// It answers after 10 ms, for which there is no figure of the vendor's.
pub struct SimMhz19 {
    outbox: Outbox,
    ppm: Cell<u16>,
    range: Cell<u16>,
    calibrates_itself: Cell<bool>,
    heard: Cell<[u8; 9]>,
}

impl Default for SimMhz19 {
    fn default() -> Self {
        Self::new()
    }
}

impl SimMhz19 {
    /// Models a part with a range of 5,000 ppm in fresh air.
    pub const fn new() -> Self {
        Self {
            outbox: Outbox::new(),
            ppm: Cell::new(400),
            range: Cell::new(5_000),
            calibrates_itself: Cell::new(true),
            heard: Cell::new([0; 9]),
        }
    }

    /// Sets what is measured, in parts per million.
    pub fn set(&self, ppm: u16) {
        self.ppm.set(ppm);
    }

    /// Returns the range in parts per million.
    pub fn range(&self) -> u16 {
        self.range.get()
    }

    /// Returns whether it takes the least of each day for fresh air.
    pub fn calibrates_itself(&self) -> bool {
        self.calibrates_itself.get()
    }
}

impl SimTalker for SimMhz19 {
    fn hear(&self, byte: u8, micros: u64) {
        let heard = super::remember(&self.heard, byte);
        let [0xFF, body @ .., sum] = heard else { return };
        let [0x01, command, first, _, _, high, low] = body else { return };
        if checksum(&body) != sum {
            return;
        }
        match command {
            0x86 => {
                let [high, low] = self.ppm.get().to_be_bytes();
                let sum = checksum(&[0x86, high, low]);
                let answer = [0xFF, 0x86, high, low, 0, 0, 0, 0, sum];
                self.outbox.send(&answer, micros + 10_000);
            }
            0x79 => self.calibrates_itself.set(first == 0xA0),
            0x99 => self.range.set(u16::from_be_bytes([high, low])),
            _ => {}
        }
    }

    fn say(&self, micros: u64) -> Option<u8> {
        self.outbox.say(micros)
    }
}

/// Returns the negative of the sum of the bytes.
fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte))
}
