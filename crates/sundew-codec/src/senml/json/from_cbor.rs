//! A pack in CBOR as JSON.

use core::fmt::Write as _;
use std::string::String;

use super::{LABELS, base64, number};
use crate::{
    Error,
    cbor::{Reader, major},
    senml::{Number, PackDecoder, RoundedSums, label},
};

/// Nests no deeper than this in fields that are not ours, as the decoder.
const DEPTH: usize = 8;

/// Translates a pack from CBOR to JSON, without white space, base fields as they stand.
///
/// Of fields that neither the RFC nor we know, those are left out that have no equal in JSON: under
/// integer labels, with keys that are no texts, tags but decimal fractions, infinities. Bytes
/// become base64url.
///
/// # Errors
///
/// Returns what [`PackDecoder`] says of the pack, and [`Error::Syntax`] at a text that is not UTF-8.
pub fn from_cbor(pack: &[u8]) -> Result<String, Error> {
    PackDecoder::<RoundedSums>::with_sums(pack).try_for_each(|record| record.map(drop))?;
    let mut reader = Reader::new(pack);
    let mut text = String::from("[");
    match records(&mut reader, &mut text) {
        Some(()) => {
            text.push(']');
            Ok(text)
        }
        None => Err(reader.fault),
    }
}

fn records(reader: &mut Reader<'_>, text: &mut String) -> Option<()> {
    reader.expect(major::ARRAY)?;
    items(reader, |reader, is_first| {
        text.push_str(if is_first { "{" } else { ",{" });
        let start = text.len();
        reader.expect(major::MAP)?;
        items(reader, |reader, _| field(reader, text, start))?;
        text.push('}');
        Some(())
    })
}

/// Calls `item` for each item, or pair of items, of the container whose head was read.
fn items<'a>(
    reader: &mut Reader<'a>,
    mut item: impl FnMut(&mut Reader<'a>, bool) -> Option<()>,
) -> Option<()> {
    let mut is_first = true;
    if reader.is_indefinite() {
        while !reader.take_break() {
            item(reader, is_first)?;
            is_first = false;
        }
    } else {
        for _ in 0..reader.count()? {
            item(reader, is_first)?;
            is_first = false;
        }
    }
    Some(())
}

/// Writes a field of a record that begins at `start`, where JSON has it.
fn field(reader: &mut Reader<'_>, text: &mut String, start: usize) -> Option<()> {
    let before = text.len();
    reader.head()?;
    let (name, is_ours) = if reader.major == major::TEXT {
        (string(reader)?, false)
    } else {
        let at = reader.integer().and_then(|label| usize::try_from(label - label::BASE_SUM).ok());
        (at.and_then(|at| LABELS.get(at)).copied().unwrap_or_default(), true)
    };
    // A text key that JSON would take for a label of the RFC is none in CBOR.
    if is_ours && name.is_empty() || !is_ours && LABELS.contains(&name) {
        return reader.skip();
    }
    if before > start {
        text.push(',');
    }
    quoted(name, text);
    text.push(':');
    let mut rest = reader.clone();
    if value(&mut rest, text, 0).is_some() {
        *reader = rest;
        return Some(());
    }
    if is_ours {
        reader.fault = rest.fault;
        return None;
    }
    text.truncate(before);
    reader.skip()
}

fn value(reader: &mut Reader<'_>, text: &mut String, depth: usize) -> Option<()> {
    let mut head = reader.clone();
    head.head()?;
    match (head.major, head.information) {
        (major::SIMPLE, 20) => text.push_str("false"),
        (major::SIMPLE, 21) => text.push_str("true"),
        (major::SIMPLE, 22) => text.push_str("null"),
        (major::TEXT, _) => {
            let content = string(&mut head);
            reader.fault = head.fault;
            quoted(content?, text);
        }
        (major::BYTES, _) => {
            text.push('"');
            base64::encode(head.content()?, text);
            text.push('"');
        }
        (major::ARRAY | major::MAP, _) if depth == DEPTH => return None,
        (major::ARRAY, _) => {
            text.push('[');
            items(&mut head, |reader, is_first| {
                text.push_str(if is_first { "" } else { "," });
                value(reader, text, depth + 1)
            })?;
            text.push(']');
        }
        (major::MAP, _) => {
            text.push('{');
            items(&mut head, |reader, is_first| {
                text.push_str(if is_first { "" } else { "," });
                reader.expect(major::TEXT)?;
                quoted(string(reader)?, text);
                text.push(':');
                value(reader, text, depth + 1)
            })?;
            text.push('}');
        }
        _ => {
            text.push_str(&number::text(Number::decode(reader)?));
            return Some(());
        }
    }
    *reader = head;
    Some(())
}

/// Takes the text whose head was read.
fn string<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let start = reader.start;
    let content = reader.content()?;
    let text = core::str::from_utf8(content).ok();
    if text.is_none() {
        reader.fault = Error::Syntax { position: start };
    }
    text
}

fn quoted(content: &str, text: &mut String) {
    text.push('"');
    for character in content.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..' ' => {
                // Writing to a text does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}
