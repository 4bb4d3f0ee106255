//! The console: whole lines on stdout.

use std::fmt;
use std::io::{self, Write as _};

/// Collects text and prints it line by line.
///
/// A line is one write, so that a killed process leaves no half of one that had begun before.
#[derive(Debug, Default)]
pub(crate) struct Console(String);

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        if let Some(end) = self.0.rfind('\n') {
            let rest = self.0.split_off(end + 1);
            let lines = std::mem::replace(&mut self.0, rest);
            let mut stdout = io::stdout().lock();
            let printed = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
            return printed.map_err(|_| fmt::Error);
        }
        Ok(())
    }
}
