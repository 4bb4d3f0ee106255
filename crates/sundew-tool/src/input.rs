//! Bytes from the command line, a file or standard input.

use std::{
    fs,
    io::{self, Read},
};

use crate::Failure;

/// Returns the bytes that an argument stands for: `-` is standard input, hex digits are themselves,
/// anything else is a file.
pub(crate) fn bytes(source: &str) -> Result<Vec<u8>, Failure> {
    if source == "-" {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content)?;
        return Ok(unwrapped(content));
    }
    if let Ok(bytes) = hex(source) {
        return Ok(bytes);
    }
    match fs::read(source) {
        Ok(content) => Ok(unwrapped(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = match hex(source) {
                Err(HexError::Odd(digits)) => {
                    format!(
                        "'{source}' is no file, and as hex it has an odd number of digits, {digits}"
                    )
                }
                _ => format!("'{source}' is neither a file nor hex"),
            };
            Err(Failure::Input(message))
        }
        Err(error) => Err(Failure::Input(format!("cannot read '{source}': {error}"))),
    }
}

/// Returns the bytes of hex text, and other content as it is. A pack never begins like hex text,
/// since its first byte is not ASCII.
fn unwrapped(content: Vec<u8>) -> Vec<u8> {
    match str::from_utf8(&content).map(hex) {
        Ok(Ok(bytes)) => bytes,
        _ => content,
    }
}

/// Says why a text is not hex.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HexError {
    /// Holds the number of digits, which is odd.
    Odd(usize),
    /// Holds a character that is no digit.
    Other(char),
    /// Reports a text without a digit.
    Empty,
}

impl std::fmt::Display for HexError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Odd(digits) => write!(f, "an odd number of hex digits, {digits}"),
            Self::Other(other) => write!(f, "'{}' is no hex digit", other.escape_debug()),
            Self::Empty => write!(f, "no hex digit"),
        }
    }
}

/// Reads hex digits of either case; spaces, line ends, colons and a leading `0x` are passed over.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>, HexError> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let mut digits = Vec::with_capacity(text.len());
    for character in text.chars() {
        match character.to_digit(16) {
            Some(digit) => digits.push(digit as u8),
            None if character == ':' || character.is_ascii_whitespace() => {}
            None => return Err(HexError::Other(character)),
        }
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(HexError::Odd(digits.len()));
    }
    if pairs.is_empty() {
        return Err(HexError::Empty);
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_as_tools_write_it() {
        assert_eq!(hex("81a0"), Ok(vec![0x81, 0xA0]));
        assert_eq!(hex("0x81A0"), Ok(vec![0x81, 0xA0]));
        assert_eq!(hex(" 81:a0\n 00 "), Ok(vec![0x81, 0xA0, 0]));
        assert_eq!(hex("81a"), Err(HexError::Odd(3)));
        assert_eq!(hex("81g0"), Err(HexError::Other('g')));
        assert_eq!(hex("0x"), Err(HexError::Empty));
    }
}
