//! JSON (RFC 8259) into a tree that knows where each value stood.

use std::{string::String, vec::Vec};

use super::number;
use crate::{Error, senml::Number};

/// Nests no deeper than this: the array, its records, and eight levels in fields that are not ours.
const DEPTH: usize = 10;

/// Holds a value and the offset of its first byte.
pub(super) struct Node {
    pub(super) position: usize,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Null,
    Boolean(bool),
    Number(Number),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// Holds a member of an object; `position` is that of its name.
pub(super) struct Member {
    pub(super) position: usize,
    pub(super) name: String,
    pub(super) value: Node,
}

/// Parses a whole text.
pub(super) fn parse(text: &[u8]) -> Result<Node, Error> {
    let text = core::str::from_utf8(text)
        .map_err(|error| Error::Syntax { position: error.valid_up_to() })?;
    let mut parser = Parser { text, position: 0 };
    let node = parser.value(0)?;
    match parser.next() {
        None => Ok(node),
        Some(_) => Err(parser.syntax()),
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Parser<'a> {
    /// Reports the byte that is next, or that it is missing.
    fn syntax(&self) -> Error {
        let position = self.position;
        if position < self.text.len() {
            Error::Syntax { position }
        } else {
            Error::Truncated { position }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    /// Returns the byte after white space, and stays there.
    fn next(&mut self) -> Option<u8> {
        let rest = self.rest();
        let rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.position = self.text.len() - rest.len();
        self.peek()
    }

    /// Takes a byte where it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        self.next();
        if self.take(byte) { Ok(()) } else { Err(self.syntax()) }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Error> {
        let first = self.next();
        let position = self.position;
        if depth == DEPTH && matches!(first, Some(b'[' | b'{')) {
            return Err(Error::Unsupported { position });
        }
        let kind = match first {
            Some(b'[') => {
                let mut items = Vec::new();
                self.list(b']', |parser| {
                    items.push(parser.value(depth + 1)?);
                    Ok(())
                })?;
                Kind::Array(items)
            }
            Some(b'{') => {
                let mut members = Vec::new();
                self.list(b'}', |parser| {
                    parser.next();
                    let position = parser.position;
                    let name = parser.string()?;
                    parser.expect(b':')?;
                    members.push(Member { position, name, value: parser.value(depth + 1)? });
                    Ok(())
                })?;
                Kind::Object(members)
            }
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Boolean(true))?,
            Some(b'f') => self.word("false", Kind::Boolean(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.syntax()),
        };
        Ok(Node { position, kind })
    }

    /// Takes what stands between the opening byte, which is next, and `close`.
    fn list(
        &mut self,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.position += 1;
        if self.next() == Some(close) {
            self.position += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            if self.next() == Some(close) {
                self.position += 1;
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Error> {
        for byte in word.bytes() {
            if !self.take(byte) {
                return Err(self.syntax());
            }
        }
        Ok(kind)
    }

    fn number(&mut self) -> Result<Kind, Error> {
        let position = self.position;
        let rest = self.rest();
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        let text = rest.get(..self.position - position).unwrap_or_default();
        number::read(text).map(Kind::Number).ok_or(Error::Range { position })
    }

    fn digits(&mut self) -> Result<(), Error> {
        let rest = self.rest().trim_start_matches(|character: char| character.is_ascii_digit());
        let end = self.text.len() - rest.len();
        if end == self.position {
            return Err(self.syntax());
        }
        self.position = end;
        Ok(())
    }

    fn string(&mut self) -> Result<String, Error> {
        if !self.take(b'"') {
            return Err(self.syntax());
        }
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.trim_start_matches(|character| {
                character >= ' ' && character != '"' && character != '\\'
            });
            let len = rest.len() - plain.len();
            string.push_str(rest.get(..len).unwrap_or_default());
            self.position += len;
            if self.take(b'"') {
                return Ok(string);
            }
            if !self.take(b'\\') {
                return Err(self.syntax());
            }
            string.push(self.escape()?);
        }
    }

    /// Takes what follows a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.position - 1;
        let character = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.position += 1;
                let first = self.four()?;
                let code = match first {
                    // The upper half of a pair; the lower one must follow.
                    0xD800..0xDC00 => {
                        if !(self.take(b'\\') && self.take(b'u')) {
                            return Err(self.syntax());
                        }
                        let second = self.four()?;
                        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400);
                        low.map_or(first, |low| 0x1_0000 + ((first - 0xD800) << 10 | low))
                    }
                    _ => first,
                };
                return char::from_u32(code).ok_or(Error::Syntax { position: start });
            }
            _ => return Err(self.syntax()),
        };
        self.position += 1;
        Ok(character)
    }

    fn four(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code = code << 4 | digit.ok_or_else(|| self.syntax())?;
            self.position += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_unescaped() {
        let text = |json: &str| match parse(json.as_bytes()).map(|node| node.kind) {
            Ok(Kind::Text(text)) => Ok(text),
            Ok(_) => panic!("{json}"),
            Err(error) => Err(error),
        };
        assert_eq!(
            text(r#""a\"\\\/\b\f\n\r\t\u00e4\ud83c\udf31ü""#).unwrap(),
            "a\"\\/\u{8}\u{C}\n\r\tä🌱ü"
        );
        for (json, error) in [
            (r#""\ud83c""#, Error::Syntax { position: 7 }),
            (r#""\ud83c\u0041""#, Error::Syntax { position: 1 }),
            (r#""\udf31""#, Error::Syntax { position: 1 }),
            (r#""\x""#, Error::Syntax { position: 2 }),
            (r#""\u12"#, Error::Truncated { position: 5 }),
            ("\"a\nb\"", Error::Syntax { position: 2 }),
            ("\"a", Error::Truncated { position: 2 }),
        ] {
            assert_eq!(text(json), Err(error), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_stands() {
        for (json, error) in [
            ("", Error::Truncated { position: 0 }),
            ("[", Error::Truncated { position: 1 }),
            ("[1,]", Error::Syntax { position: 3 }),
            ("[1 2]", Error::Syntax { position: 3 }),
            ("[] x", Error::Syntax { position: 3 }),
            ("{1:2}", Error::Syntax { position: 1 }),
            ("{\"a\" 2}", Error::Syntax { position: 5 }),
            ("[01]", Error::Syntax { position: 2 }),
            ("[1.]", Error::Syntax { position: 3 }),
            ("[-]", Error::Syntax { position: 2 }),
            ("[+1]", Error::Syntax { position: 1 }),
            ("[1e]", Error::Syntax { position: 3 }),
            ("[NaN]", Error::Syntax { position: 1 }),
            ("[nul]", Error::Syntax { position: 4 }),
            ("[1e999]", Error::Range { position: 1 }),
            ("\u{FEFF}[]", Error::Syntax { position: 0 }),
            ("[[[[[[[[[[[]]]]]]]]]]]", Error::Unsupported { position: 10 }),
        ] {
            assert_eq!(parse(json.as_bytes()).err(), Some(error), "{json}");
        }
        assert_eq!(parse(b"[\"a\xFF\"]").err(), Some(Error::Syntax { position: 3 }));
        assert!(parse(b" [[[[[[[[[[]]]]]]]]]] ").is_ok());
    }
}
