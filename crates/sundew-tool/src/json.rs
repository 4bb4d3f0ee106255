//! One JSON object on a line.

use std::fmt::Display;

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
            // DEL and the C1 controls need no escape in JSON, but a terminal obeys them.
            character if character.is_control() => {
                quoted.extend([format!("\\u{:04x}", u32::from(character))]);
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
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
    }
}
