//! Colours, where somebody sees them.

use std::io::{self, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

/// Marks the titles of a table.
pub(crate) const TITLE: Style = Style::new().bold();
/// Marks what went wrong.
pub(crate) const FAULT: Style = AnsiColor::Red.on_default().bold();

/// Writes a message to standard error, after the name of the command.
pub(crate) fn complain(message: &str) {
    let mut out = AutoStream::auto(io::stderr().lock());
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(out, "{FAULT}sundew:{FAULT:#} {message}");
}

/// Escapes control characters, since a terminal obeys them.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            printable.extend(character.escape_debug());
        } else {
            printable.push(character);
        }
    }
    printable
}
