//! What a model is about to say, and when.

use core::cell::Cell;

/// Holds up to 256 bytes that a [`SimTalker`](crate::SimTalker) is going to say, with their times.
///
/// ```
/// use sundew_testkit::Outbox;
/// let outbox = Outbox::new();
/// outbox.send(b"ok", 1_000);
/// assert_eq!(outbox.say(2_041), None); // 10 bits at 9,600 baud take 1.042 ms
/// assert_eq!(outbox.say(2_042), Some(b'o'));
/// ```
pub struct Outbox {
    ring: [Cell<(u64, u8)>; LEN],
    first: Cell<usize>,
    len: Cell<usize>,
    free_at: Cell<u64>,
    byte_micros: Cell<u64>,
}

const LEN: usize = 256;

impl Default for Outbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Outbox {
    /// Holds nothing, and speaks at 9,600 baud.
    pub const fn new() -> Self {
        Self {
            ring: [const { Cell::new((0, 0)) }; LEN],
            first: Cell::new(0),
            len: Cell::new(0),
            free_at: Cell::new(0),
            byte_micros: Cell::new(1_042),
        }
    }

    /// Changes how long a byte takes, from the next one on.
    pub fn set_byte_micros(&self, micros: u64) {
        self.byte_micros.set(micros);
    }

    /// Says `bytes` one after the other, from a microsecond on or once the line is free.
    pub fn send(&self, bytes: &[u8], from_micros: u64) {
        let mut at = self.free_at.get().max(from_micros);
        for byte in bytes {
            at += self.byte_micros.get();
            let len = self.len.get();
            if let Some(slot) = self.ring.get((self.first.get() + len) % LEN).filter(|_| len < LEN)
            {
                slot.set((at, *byte));
                self.len.set(len + 1);
            }
        }
        self.free_at.set(at);
    }

    /// Gives the next byte that is there whole at this microsecond.
    pub fn say(&self, micros: u64) -> Option<u8> {
        let (at, byte) = self.ring.get(self.first.get()).map(Cell::get)?;
        if self.len.get() == 0 || at > micros {
            return None;
        }
        self.first.set((self.first.get() + 1) % LEN);
        self.len.set(self.len.get() - 1);
        Some(byte)
    }

    /// Forgets what was not said yet.
    pub fn clear(&self) {
        self.len.set(0);
        self.free_at.set(0);
    }
}
