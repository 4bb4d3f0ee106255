//! Bytes from the command line, a file or standard input.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, Read},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::ValueEnum;

use crate::{Failure, style};

/// Bounds what is read of a file, of standard input, or of a line. Records of 3 bytes each, the
/// shortest, take 1.5 GB where 16 MiB of them are decoded.
const LONGEST: usize = 16 << 20;

/// Says how bytes are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// Hex where all is hex digits, else base64 where all is base64, else the bytes as they are
    Auto,
    /// Hex digits; spaces, colons and a leading 0x are fine
    Hex,
    /// Base64 (RFC 4648 section 4), as LoRaWAN servers show payloads
    Base64,
    /// The bytes as they are
    Raw,
}

/// Returns the bytes that several arguments stand for: hex that was pasted with spaces comes so.
pub(crate) fn joined(parts: &[String], encoding: Encoding) -> Result<Vec<u8>, Failure> {
    if parts.is_empty() { bytes("-", encoding) } else { bytes(&parts.concat(), encoding) }
}

/// Returns the bytes that an argument stands for: `-` is standard input; else hex digits are
/// themselves, what names a file is its content, and base64 is itself.
pub(crate) fn bytes(source: &str, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    if source == "-" {
        return unwrapped(whole(io::stdin().lock())?, encoding);
    }
    if matches!(encoding, Encoding::Auto | Encoding::Hex)
        && let Ok(bytes) = hex(source)
    {
        return Ok(bytes);
    }
    match File::open(source).map_err(Failure::Io).and_then(whole) {
        Ok(content) => unwrapped(content, encoding),
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            no_file(source, encoding)
        }
        // A long base64 text is too long for a name.
        Err(Failure::Io(error)) => no_file(source, encoding)
            .map_err(|_| Failure::Input(format!("cannot read '{source}': {error}"))),
        Err(other) => Err(other),
    }
}

fn whole(source: impl Read) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    source.take(LONGEST as u64 + 1).read_to_end(&mut content)?;
    if content.len() > LONGEST { Err(too_long()) } else { Ok(content) }
}

fn too_long() -> Failure {
    Failure::Input(format!("more than {} MiB are no message", LONGEST >> 20))
}

/// Hands the lines of standard input on as they come, without empty ones. A bad one is reported and
/// does not end the stream.
pub(crate) fn each_line(mut take: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut input = io::stdin().lock();
    let (mut line, mut bad) = (Vec::new(), 0_usize);
    for number in 1_usize.. {
        line.clear();
        if input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let taken = if line.len() > LONGEST {
            input.skip_until(b'\n')?;
            Err(too_long())
        } else {
            match str::from_utf8(&line).map(str::trim) {
                Ok("") => Ok(()),
                Ok(text) => take(text),
                Err(_) => Err(Failure::input("the line is no text")),
            }
        };
        match taken {
            Err(Failure::Input(reason)) => {
                bad += 1;
                style::complain(&format!("line {number}: {reason}"));
            }
            taken => taken?,
        }
    }
    if bad == 0 { Ok(()) } else { Err(Failure::Input(format!("{bad} bad lines"))) }
}

fn no_file(source: &str, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    // A path of letters and slashes is base64 too, every fourth of them.
    let path = source.contains('/') && !source.contains(['=', '+']);
    if (encoding == Encoding::Base64 || encoding == Encoding::Auto && !path)
        && let Some(bytes) = base64(source)
    {
        return Ok(bytes);
    }
    // JSON comes on the command line too.
    if encoding == Encoding::Auto && is_json(source.as_bytes()) {
        return Ok(source.into());
    }
    Err(Failure::Input(match hex(source) {
        Err(HexError::Odd(digits)) => {
            format!("'{source}' is no file, and as hex it has an odd number of digits, {digits}")
        }
        _ => format!("'{source}' is neither a file nor hex"),
    }))
}

/// Returns the bytes of one line.
pub(crate) fn line(text: &str, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    match encoding {
        Encoding::Auto if is_json(text.as_bytes()) => Ok(text.into()),
        Encoding::Auto => match (hex(text), base64(text)) {
            (Ok(bytes), _) | (_, Some(bytes)) => Ok(bytes),
            (Err(error), None) => Err(Failure::input(error)),
        },
        Encoding::Hex => hex(text).map_err(Failure::input),
        Encoding::Base64 => base64(text).ok_or_else(|| Failure::input("no base64")),
        Encoding::Raw => Ok(text.into()),
    }
}

/// Returns the bytes of hex or base64 text, and other content as it is. CBOR never looks like such
/// text, since its first byte is not ASCII.
fn unwrapped(content: Vec<u8>, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    if encoding == Encoding::Raw {
        return Ok(content);
    }
    let Ok(text) = str::from_utf8(&content) else {
        return match encoding {
            Encoding::Auto => Ok(content),
            _ => Err(Failure::input("the input is no text")),
        };
    };
    match encoding {
        Encoding::Auto => Ok(hex(text).ok().or_else(|| base64(text)).unwrap_or(content)),
        _ => line(text, encoding),
    }
}

/// Returns whether content begins like a JSON array or object.
pub(crate) fn is_json(content: &[u8]) -> bool {
    matches!(content.trim_ascii_start(), [b'[' | b'{', ..])
}

/// Reads base64 with its padding; line ends and spaces are passed over.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
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

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        assert_eq!(hex(" "), Err(HexError::Empty));
    }

    #[test]
    fn base64_is_whole_and_padded() {
        assert_eq!(base64("gaA="), Some(vec![0x81, 0xA0]));
        assert_eq!(base64("ga\nA= "), Some(vec![0x81, 0xA0]));
        for bad in ["", "gaA", "81a", "zz", "ga_="] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
