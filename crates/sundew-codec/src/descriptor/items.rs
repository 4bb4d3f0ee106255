//! Reads the items of a descriptor, in the one spelling that they have.

use sundew_units::{Access, Channel, ChannelId, Kind, Quantity};

use super::Described;
use crate::cbor::{Reader, major};
use crate::senml::Text;

/// Reads items from bytes; a fault is left in the reader.
#[derive(Clone, Debug)]
pub(super) struct Items<'a>(pub(super) Reader<'a>);

impl<'a> Items<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(Reader::new(bytes))
    }

    /// Reads a head, which has to be in the shortest form and of definite length.
    fn head(&mut self) -> Option<()> {
        let reader = &mut self.0;
        reader.head()?;
        let is_shortest = match reader.information {
            0..=23 => true,
            24 => reader.low > 23,
            25 => reader.low > 0xFF,
            26 => reader.low > 0xFFFF,
            27 => reader.high != 0,
            _ => false,
        };
        if is_shortest { Some(()) } else { reader.syntax() }
    }

    fn expect(&mut self, major: u8) -> Option<()> {
        self.head()?;
        if self.0.major == major { Some(()) } else { self.0.syntax() }
    }

    /// Takes the head of a map or an array, and returns the number of entries.
    pub(super) fn container(&mut self, major: u8) -> Option<usize> {
        self.expect(major)?;
        self.0.count()
    }

    /// Takes the next key of a map; keys rise.
    pub(super) fn key(&mut self, last: &mut Option<u32>) -> Option<u32> {
        let key = self.unsigned(u32::MAX)?;
        if last.is_some_and(|last| key <= last) {
            return self.0.syntax();
        }
        *last = Some(key);
        Some(key)
    }

    pub(super) fn unsigned(&mut self, max: u32) -> Option<u32> {
        self.expect(major::UNSIGNED)?;
        if self.0.high == 0 && self.0.low <= max { Some(self.0.low) } else { self.0.range() }
    }

    fn integer(&mut self) -> Option<i32> {
        self.head()?;
        if self.0.major > major::NEGATIVE {
            return self.0.syntax();
        }
        match self.0.integer() {
            None => self.0.range(),
            integer => integer,
        }
    }

    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        self.expect(major::TEXT)?;
        self.0.content()
    }

    pub(super) fn id(&mut self) -> Option<ChannelId> {
        self.unsigned(0xFF).map(|id| ChannelId(id as u8))
    }

    /// Takes a channel.
    pub(super) fn channel(&mut self) -> Option<Described<'a>> {
        let entries = self.container(major::MAP)?;
        let start = self.0.start;
        let mut fields = Fields::default();
        let mut last = None;
        for _ in 0..entries {
            let key = self.key(&mut last)?;
            let at = self.0.start;
            self.field(key, &mut fields)?;
            // Where something is left out, it has one spelling; a second one would be a second
            // hash of the same table.
            if fields.is_default {
                self.0.start = at;
                return self.0.syntax();
            }
        }
        self.0.start = start;
        self.described(&fields)
    }

    fn field(&mut self, key: u32, fields: &mut Fields<'a>) -> Option<()> {
        match key {
            0 => fields.id = Some(self.id()?),
            1 => {
                let name = self.text()?;
                if !Channel::is_name(name) {
                    return self.0.syntax();
                }
                fields.name = Some(name);
            }
            2 => fields.quantity = Some(self.unsigned(0xFF)? as u8),
            3 => {
                let unit = self.text()?;
                if unit.is_empty() || !unit.iter().all(u8::is_ascii_graphic) {
                    return self.0.syntax();
                }
                fields.unit = Some(unit);
            }
            4 => {
                let Ok(exponent) = i8::try_from(self.integer()?) else { return self.0.range() };
                fields.exponent = exponent;
                fields.is_default = exponent == 0;
            }
            5 => fields.low = Some(self.integer()?),
            6 => fields.high = Some(self.integer()?),
            7 => fields.bits = Some(self.unsigned(32)? as u8),
            8 => {
                fields.kind = self.unsigned(0xFF)? as u8;
                fields.is_default = fields.kind == 0;
                if fields.kind > 4 {
                    return self.0.unsupported();
                }
            }
            9 => {
                let modulus = self.unsigned(1 << 31)?;
                if modulus < 2 {
                    return self.0.range();
                }
                fields.modulus = Some(modulus);
            }
            10 => {
                fields.access = Access::Writable;
                match self.unsigned(0xFF)? {
                    0 => fields.is_default = true,
                    1 => {}
                    _ => return self.0.unsupported(),
                }
            }
            _ => self.0.skip()?,
        }
        Some(())
    }

    /// Puts the fields of a channel together; faults are of the channel as a whole.
    fn described(&mut self, fields: &Fields<'a>) -> Option<Described<'a>> {
        let (Some(id), Some(name), Some(number), Some(unit)) =
            (fields.id, fields.name, fields.quantity, fields.unit)
        else {
            return self.0.syntax();
        };
        let Some(kind) = Kind::from_number(fields.kind, fields.modulus) else {
            return self.0.syntax();
        };
        let (low, high) = kind.range();
        if fields.low == Some(low) || fields.high == Some(high) {
            return self.0.syntax();
        }
        let mut channel = Described {
            id,
            name: Text(name),
            quantity: Quantity::from_number(number),
            quantity_number: number,
            unit: Text(unit),
            exponent: fields.exponent,
            kind,
            low: fields.low.unwrap_or(low),
            high: fields.high.unwrap_or(high),
            bits: 0,
            access: fields.access,
        };
        if channel.low > channel.high {
            return self.0.range();
        }
        let needed = channel.range_bits();
        channel.bits = fields.bits.unwrap_or(needed);
        match fields.bits {
            Some(bits) if bits < needed => self.0.range(),
            Some(bits) if bits == needed => self.0.syntax(),
            _ => Some(channel),
        }
    }
}

/// Holds what was read of a channel.
struct Fields<'a> {
    id: Option<ChannelId>,
    name: Option<&'a [u8]>,
    quantity: Option<u8>,
    unit: Option<&'a [u8]>,
    exponent: i8,
    low: Option<i32>,
    high: Option<i32>,
    bits: Option<u8>,
    kind: u8,
    modulus: Option<u32>,
    access: Access,
    /// Says that the last field has the value that is left out.
    is_default: bool,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            id: None,
            name: None,
            quantity: None,
            unit: None,
            exponent: 0,
            low: None,
            high: None,
            bits: None,
            kind: 0,
            modulus: None,
            access: Access::ReadOnly,
            is_default: false,
        }
    }
}
