//! Why a command ended early.

use std::{fmt, io};

use sundew_codec::Error;

use crate::input::is_json;

/// Says why the command ended early.
pub(crate) enum Failure {
    /// Holds what is wrong with the arguments.
    Usage(String),
    /// Holds what is wrong with the input.
    Input(String),
    /// Holds what went wrong with a file or a pipe.
    Io(io::Error),
}

impl Failure {
    /// Reports bytes that are no message, with a mark under the byte at fault.
    pub(crate) fn of(error: Error, bytes: &[u8]) -> Self {
        Self::Input(located(error, bytes))
    }

    /// Reports something wrong with the input.
    pub(crate) fn input(reason: impl fmt::Display) -> Self {
        Self::Input(reason.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Returns an error with the bytes around it and a mark under the one at fault.
pub(crate) fn located(error: Error, bytes: &[u8]) -> String {
    let Some(position) = error.position() else { return error.to_string() };
    if is_json(bytes) {
        return located_in_text(error, position, bytes);
    }
    let first = position.saturating_sub(8);
    let around = bytes.get(first..).unwrap_or_default().iter().take(16);
    let shown = around.map(|byte| format!(" {byte:02x}")).collect::<Vec<_>>().concat();
    let before = if first > 0 { ".." } else { "  " };
    let indent = " ".repeat(before.len() + 1 + 3 * (position - first));
    format!("{error} of {}\n  {before}{shown}\n  {indent}^^", bytes.len())
}

fn located_in_text(error: Error, position: usize, text: &[u8]) -> String {
    let first = position.saturating_sub(24);
    let shown: String = text
        .get(first..)
        .unwrap_or_default()
        .iter()
        .take(48)
        .map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { ' ' })
        .collect();
    let before = if first > 0 { ".." } else { "  " };
    let indent = " ".repeat(before.len() + position - first);
    format!("{error} of {}\n  {before}{shown}\n  {indent}^", text.len())
}
