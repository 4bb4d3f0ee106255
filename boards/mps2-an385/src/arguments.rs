//! Run-time settings from the emulator's command line: words of the form `name=value`.

use crate::semihosting;

/// Holds the longest command line that is read, in bytes.
pub const CAPACITY: usize = 256;

/// Holds the emulator's command line.
pub struct Arguments {
    text: [u8; CAPACITY],
    len: usize,
}

impl Arguments {
    /// Reads the command line; empty where there is none, or one longer than [`CAPACITY`].
    pub fn read() -> Self {
        let mut text = [0; CAPACITY];
        let len = semihosting::command_line(&mut text).map_or(0, str::len);
        Self { text, len }
    }

    /// Returns the value of `name=value`, the first where there are several.
    pub fn value(&self, name: &str) -> Option<&str> {
        let text = core::str::from_utf8(self.text.get(..self.len)?).ok()?;
        text.split_ascii_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns the value of `name=number`, or `None` where it is no such number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.value(name)?.parse().ok()
    }
}
