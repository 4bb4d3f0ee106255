//! A tree of JSON as a pack in CBOR.

use std::vec::Vec;

use super::{
    LABELS, base64,
    parse::{Kind, Member, Node},
};
use crate::{
    Error,
    cbor::{Writer, major},
    senml::{Number, label},
};

/// Holds a pack and where its items stood in the JSON.
#[derive(Default)]
pub(super) struct Pack {
    pub(super) bytes: Vec<u8>,
    /// Holds the offsets of each item's first byte in the pack and in the JSON, in order.
    places: Vec<(usize, usize)>,
}

/// Translates an array of records. What is wrong with their fields is left to the decoder, but for
/// data that is not base64url.
pub(super) fn pack(node: &Node) -> Result<Pack, Error> {
    let mut pack = Pack::default();
    let Kind::Array(records) = &node.kind else {
        return Err(Error::Syntax { position: node.position });
    };
    pack.head(node.position, major::ARRAY, records.len());
    for record in records {
        match &record.kind {
            Kind::Object(fields) => {
                pack.head(record.position, major::MAP, fields.len());
                for field in fields {
                    pack.field(field)?;
                }
            }
            _ => pack.value(record),
        }
    }
    Ok(pack)
}

impl Pack {
    /// Returns an error with its position in the JSON.
    pub(super) fn moved(&self, error: Error) -> Error {
        let at = |position: usize| {
            let before = self.places.partition_point(|(place, _)| *place <= position);
            self.places.get(before.saturating_sub(1)).map_or(0, |(_, json)| *json)
        };
        match error {
            Error::Range { position } => Error::Range { position: at(position) },
            Error::Unsupported { position } => Error::Unsupported { position: at(position) },
            Error::Syntax { position } | Error::Truncated { position } => {
                Error::Syntax { position: at(position) }
            }
            Error::Full { .. } => error,
        }
    }

    fn field(&mut self, field: &Member) -> Result<(), Error> {
        let Member { position, name, value } = field;
        let known = LABELS.iter().position(|label| label == name);
        let Some(label) = known.map(|at| at as i32 + label::BASE_SUM) else {
            self.text(*position, name);
            match &value.kind {
                // All of our labels are for whole numbers, however JSON spells them.
                Kind::Number(number) => self.number(value.position, whole(*number)),
                _ => self.value(value),
            }
            return Ok(());
        };
        self.item(*position, |writer| writer.integer(label));
        match (&value.kind, label) {
            (Kind::Text(text), label::DATA_VALUE) => {
                let position = value.position;
                let data = base64::decode(text).ok_or(Error::Syntax { position })?;
                self.head(position, major::BYTES, data.len());
                self.bytes.extend(data);
            }
            (Kind::Number(number), label::BASE_VERSION) => {
                self.number(value.position, whole(*number));
            }
            _ => self.value(value),
        }
        Ok(())
    }

    fn value(&mut self, node: &Node) {
        let position = node.position;
        match &node.kind {
            Kind::Null => self.head(position, major::SIMPLE, 22),
            Kind::Boolean(value) => self.head(position, major::SIMPLE, 20 + usize::from(*value)),
            Kind::Number(number) => self.number(position, *number),
            Kind::Text(text) => self.text(position, text),
            Kind::Array(items) => {
                self.head(position, major::ARRAY, items.len());
                for item in items {
                    self.value(item);
                }
            }
            Kind::Object(members) => {
                self.head(position, major::MAP, members.len());
                for member in members {
                    self.text(member.position, &member.name);
                    self.value(&member.value);
                }
            }
        }
    }

    fn number(&mut self, position: usize, number: Number) {
        self.item(position, |writer| number.encode(writer));
    }

    fn text(&mut self, position: usize, text: &str) {
        self.head(position, major::TEXT, text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn head(&mut self, position: usize, major: u8, argument: usize) {
        // A text of 4 GiB would be needed to go past it, and what is read then is refused.
        let argument = u32::try_from(argument).unwrap_or(u32::MAX);
        self.item(position, |writer| writer.head(major, argument));
    }

    /// Writes a head, or a number: 9 bytes at most, and 12 for a decimal fraction.
    fn item(&mut self, position: usize, write: impl FnOnce(&mut Writer<'_>)) {
        self.places.push((self.bytes.len(), position));
        let mut buffer = [0; 16];
        let mut writer = Writer::new(&mut buffer, 0);
        write(&mut writer);
        let len = writer.position();
        self.bytes.extend(buffer.iter().take(len));
    }
}

/// Returns a number as an integer, where it is one: `1.0e1` is 10.
fn whole(number: Number) -> Number {
    match number {
        Number::Decimal(dec) => dec.at_exponent(0).map_or(number, Number::Decimal),
        _ => number,
    }
}
