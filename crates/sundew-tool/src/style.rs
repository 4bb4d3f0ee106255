//! Colours, where somebody sees them.

use std::io::{self, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

/// Marks the titles of a table.
pub(crate) const TITLE: Style = Style::new().bold();
/// Marks what went wrong.
pub(crate) const FAULT: Style = AnsiColor::Red.on_default().bold();

/// Writes a message to standard error, after the name of the command. What the input brought into it
/// is escaped, but for the ends of lines.
pub(crate) fn complain(message: &str) {
    let message = message.split('\n').map(printable).collect::<Vec<_>>().join("\n");
    let mut out = AutoStream::auto(io::stderr().lock());
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(out, "{FAULT}sundew:{FAULT:#} {message}");
}

/// Returns whether a terminal or an editor obeys a character instead of showing it: controls, the ends
/// of lines, and what turns the order of the text behind it.
pub(crate) fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Escapes the characters that are obeyed.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}
