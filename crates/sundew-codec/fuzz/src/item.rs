//! CBOR as a tree, read by minicbor.

use minicbor::Decoder;
use minicbor::data::Type;

/// Holds one item with all that is in it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of RFC 8949")]
pub enum Item {
    Integer(i128),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    Boolean(bool),
    Null,
    Float(f64),
    Other,
}

/// Reads one item that is all of `bytes`; `None` where minicbor refuses them.
pub fn read(bytes: &[u8]) -> Option<Item> {
    let mut decoder = Decoder::new(bytes);
    let item = item(&mut decoder, 0)?;
    (decoder.position() == bytes.len()).then_some(item)
}

fn item(decoder: &mut Decoder<'_>, depth: u8) -> Option<Item> {
    let depth = (depth < 32).then_some(depth + 1)?;
    Some(match decoder.datatype().ok()? {
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Int => Item::Integer(decoder.int().ok()?.into()),
        Type::Bytes => Item::Bytes(decoder.bytes().ok()?.to_vec()),
        Type::String => Item::Text(decoder.str().ok()?.to_owned()),
        Type::Bool => Item::Boolean(decoder.bool().ok()?),
        Type::Null => {
            decoder.null().ok()?;
            Item::Null
        }
        Type::F16 => Item::Float(decoder.f16().ok()?.into()),
        Type::F32 => Item::Float(decoder.f32().ok()?.into()),
        Type::F64 => Item::Float(decoder.f64().ok()?),
        Type::Array | Type::ArrayIndef => {
            let count = decoder.array().ok()?;
            let mut items = Vec::new();
            while goes_on(decoder, count, items.len())? {
                items.push(item(decoder, depth)?);
            }
            Item::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let count = decoder.map().ok()?;
            let mut items = Vec::new();
            while goes_on(decoder, count, items.len())? {
                let key = item(decoder, depth)?;
                items.push((key, item(decoder, depth)?));
            }
            Item::Map(items)
        }
        Type::Tag => {
            let tag = decoder.tag().ok()?;
            Item::Tag(tag.as_u64(), Box::new(item(decoder, depth)?))
        }
        Type::BytesIndef | Type::StringIndef | Type::Undefined | Type::Simple => {
            decoder.skip().ok()?;
            Item::Other
        }
        _ => return None,
    })
}

/// Returns whether another item follows, and takes the break where none does.
fn goes_on(decoder: &mut Decoder<'_>, count: Option<u64>, so_far: usize) -> Option<bool> {
    if let Some(count) = count {
        return Some((so_far as u64) < count);
    }
    if decoder.datatype().ok()? != Type::Break {
        return Some(true);
    }
    decoder.set_position(decoder.position() + 1);
    Some(false)
}

impl Item {
    /// Returns the integer, if it is one.
    pub fn integer(&self) -> Option<i128> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    /// Returns the items, if it is an array.
    pub fn array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// Returns the bytes, if it is a byte string.
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// Returns keys and values, if it is a map.
    pub fn map(&self) -> Option<&[(Self, Self)]> {
        if let Self::Map(pairs) = self { Some(pairs) } else { None }
    }
}
