//! One JSON object on a line.

use std::fmt::Display;

use crate::style::is_obeyed;

/// Collects the members of one object in order.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self("{".into())
    }

    /// Adds a member whose value is JSON as it displays: a number or a boolean.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.extend([&quoted(name), ":", &value.to_string()]);
    }

    /// Adds a member whose value is a string.
    pub(crate) fn string(&mut self, name: &str, value: impl Display) {
        self.plain(name, quoted(&value.to_string()));
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Returns a JSON string (RFC 8259 section 7).
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // JSON asks for the escape of C0 alone, but a terminal obeys DEL and C1 too, and ES5 ends
            // a line at U+2028.
            character if is_obeyed(character) => quoted.push_str(&escape(character)),
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns JSON with an escape for each character that is obeyed. But for the ends of lines such
/// characters stand in its strings alone.
pub(crate) fn shielded(json: &str) -> String {
    let mut shielded = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\n' => shielded.push('\n'),
            character if is_obeyed(character) => shielded.push_str(&escape(character)),
            character => shielded.push(character),
        }
    }
    shielded
}

// All that are obeyed are of the first plane.
fn escape(character: char) -> String {
    format!("\\u{:04x}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_an_escape_has_one() {
        let mut object = Object::new();
        object.string("a", "\"\\\n\u{1b}\u{9b}\u{e4}");
        object.plain("b", 1);
        assert_eq!(object.finish(), "{\"a\":\"\\\"\\\\\\u000a\\u001b\\u009b\u{e4}\",\"b\":1}");
        assert_eq!(
            shielded("{\n\"a\": \"\u{9b}\u{202e}\u{2028}\u{e4}\"}"),
            "{\n\"a\": \"\\u009b\\u202e\\u2028\u{e4}\"}"
        );
    }
}
